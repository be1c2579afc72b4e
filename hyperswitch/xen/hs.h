/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hyperswitch: netif rings that back ends lend, and Xen serves. What its parts
 * have in common; public/hyperswitch.h has what a back end sees of it.
 *
 * op.c     the hypercall, and what happens when a domain ends
 * page.c   pages that a back end shares with Xen
 * queue.c  a queue of a netif port, from when it is lent until it is not
 * flow.c   which frames go to which queue
 * ring.c   frames on the front ends' rings
 * pin.c    pages that guests grant
 * parse.c  what a frame's header says
 * carry.c  a batch: frames go from the sender's pages to the receivers'
 * event.c  when the front end sends an event
 * window.c events that are put off
 *
 * Locking, the outermost first:
 *
 *   hs_lock       what is lent: domain->hs, pages and queues come and go.
 *   tx_lock       Xen's side of a queue's transmit ring. Its turn there, see
 *                 token.h, is taken and given back with this held. Who serves
 *                 a ring only tries, and is the only one to have it for long.
 *                 With one held another queue's may be tried, not waited for.
 *   rx_lock       the same of its receive ring. No two of these at a time. A
 *                 sender waits for it no longer than HS_PATIENCE.
 *   flow_lock     a back end's: who writes its flows or its table of queues.
 *
 * Grant tables, event channels, timers and the scheduler have locks of their
 * own, which are taken last; nothing here is called with one of them held.
 *
 * Queues and flows are found under hs_rcu. A queue that was found may be on
 * its way out: who has one of its locks looks at dead before anything else,
 * and then has the queue's memory and its guest for as long as the lock is
 * held. A back end's domain is there for as long as it has queues, which
 * hs_domain_kill() takes from it; who has found one has hs_rcu besides.
 *
 * All of it but what frees memory runs in hypercalls, or when a vCPU blocks, or
 * a timer fires, with interrupts on.
 * Neither guests nor back ends are trusted: what they can write is read once.
 *
 * Xen does not wait for a ring yet, nor for room, but that a guest may make way
 * for a receiver that would make some: of token.h it needs no more than to try.
 */
#ifndef __HYPERSWITCH_HS_H__
#define __HYPERSWITCH_HS_H__

#include <xen/grant_table.h>
#include <xen/list.h>
#include <xen/rcupdate.h>
#include <xen/sched.h>
#include <xen/softirq.h>
#include <xen/spinlock.h>
#include <xen/timer.h>

#include <public/hyperswitch.h>
#include <public/io/netif.h>

#define xen_mb()        smp_mb()
#define xen_rmb()       smp_rmb()
#define xen_wmb()       smp_wmb()

#include "token.h"

#define HS_QUEUES       1024
#define HS_BUCKETS      2048u
#define HS_WAYS         4
#define HS_FLOWS        (HS_BUCKETS * HS_WAYS)

/* What is carried at most before the sender's ring is let go of. */
#define HS_HOLD_FRAMES  64
#define HS_HOLD_BYTES   KB(128)

/*
 * Nor is it kept for longer. A frame may take longer yet, since one of the two
 * guests keeps its grant table busy: that is timed from then on, and the next
 * time what is from that queue, or to it, is left to the back end for many
 * times as long as it took. A receiver that has posted what cannot be written
 * to rests as long as any.
 */
#define HS_HOLD_TIME    MICROSECS(500)
#define HS_SLOW         MICROSECS(500)
#define HS_REST_TIMES   20
#define HS_REST_MAX     MILLISECS(1000)
/* How long that is timed for a sender after such a frame. */
#define HS_TIMED        MILLISECS(1000)

/*
 * So long events are put off for a sender that is served in its own hypercalls;
 * and those of responses for one that has always seen them by itself.
 */
#define HS_PUT_OFF      MICROSECS(100)
#define HS_PUT_OFF_LONG MILLISECS(10)

/*
 * So long a sender that has made way for a receiver is waited for. It does not
 * do so again for as long as it was kept from running, whoever did run; and if
 * that was longer than this, not for many times as long, see HS_REST_TIMES.
 */
#define HS_TURN         MILLISECS(2)

/* And so long another sender is waited for, who is at the receiver's ring. */
#define HS_PATIENCE     MICROSECS(50)

/* By these another vCPU is to run on this pCPU. */
#define HS_SCHEDULE     ((1u << SCHEDULE_SOFTIRQ) | (1u << SCHED_SLAVE_SOFTIRQ))

/* What is read of a frame before it is known where it goes. */
#define HS_HEADER       128
#define HS_ETHER        14
/* Most requests with data that a frame has, and pages that it fills. */
#define HS_TX_SLOTS     XEN_NETIF_NR_SLOTS_MIN
#define HS_RX_PAGES     DIV_ROUND_UP(XEN_NETIF_MAX_TX_SIZE, PAGE_SIZE)

#define HS_CAPS         (HS_CAP_CSUM4 | HS_CAP_CSUM6 | HS_CAP_TSO4 | \
                         HS_CAP_TSO6 | HS_CAP_SG)

extern spinlock_t hs_lock;
extern rcu_read_lock_t hs_rcu;

/* A page of a back end's; used has a bit for each state that is a queue's. */
struct hs_shared {
    struct page_info *page;
    void *va;
    uint32_t used;
};

/* A netif port: what its queues have in common. It is there as long as one. */
struct hs_port {
    uint16_t id;
    unsigned int queues;
    unsigned int flows;
    uint32_t epoch;                 /* flows of another do not count */
};

struct hs_queue {
    struct hs_backend *backend;
    struct domain *guest;
    struct hs_port *port;
    uint32_t handle;
    unsigned int place;             /* of its state, see struct hs_attach */
    struct hs_state *state;
    struct gnttab_hs_buf tx_pin, rx_pin;
    netif_tx_sring_t *tx;
    netif_rx_sring_t *rx;
    evtchn_port_t tx_port, rx_port; /* the back end's */
    struct evtchn *channel;         /* the guest's, which leads to tx_port */

    spinlock_t tx_lock;
    spinlock_t rx_lock;
    bool dead;                      /* written with both locks held */

    /* As a sender, with tx_lock held. */
    s_time_t tx_rests_until;
    s_time_t timed_until;
    bool held;                      /* an event, that of responses */
    RING_IDX held_from;             /* from this one on */
    unsigned int hold_waits;        /* looks at it that were in vain */
    unsigned int looks;             /* that it was not needed, in a row */
    bool left;                      /* held, to an event of frames: it blocks */
    bool framed;                    /* had one; set without the lock */
    unsigned int window;            /* requests to an event */
    unsigned int window_max;
    unsigned int quick;             /* events that followed one another soon */
    s_time_t kicked_at;             /* the last one */
    const struct vcpu *kicker;      /* and who has sent it */
    bool more;                      /* what it has left until it goes on */
    RING_IDX window_from;           /* req_prod at the last look */
    unsigned int room;              /* of its last receiver */
    const struct vcpu *aside;       /* this has made way; or NULL. It ends that */
    s_time_t aside_from;
    s_time_t stays_until;           /* without the lock, and does not again */
    unsigned int waits;             /* looks in vain, in a row */
    s_time_t put_off;               /* so long, by the timer; or 0 */
    struct timer timer;

    /* As a receiver, with rx_lock held; see struct hs_set, too. */
    s_time_t rx_rests_until;
    s_time_t way_given;             /* when a sender made way for it */
    RING_IDX way_from;              /* and the buffers that it had used */
    uint32_t caps;
    uint32_t gso_max;
    uint32_t max_len;

    struct list_head list;          /* hs_queues */
    struct hs_queue *next;          /* of the guest's */
    struct rcu_head rcu;
};

/* What a flow is found by; the frame's fields are as on the wire. */
union hs_key {
    struct {
        uint8_t dmac[6], smac[6];
        uint16_t tpid, tci, ethertype;
        uint16_t port;
        uint32_t none;
    };
    uint64_t word[3];
};

struct hs_flow_entry {
    union hs_key key;
    s_time_t until;
    struct hs_queue *out;
    struct hs_port *port;
    uint32_t epoch;                 /* of the port's */
    uint32_t gen[3];
    uint16_t slot[3];
    struct rcu_head rcu;
};

/* What a domain lends; domain->hs. */
struct hs_backend {
    struct domain *domain;
    struct hs_shared state[HS_PAGES];
    struct hs_shared gens;
    struct hs_queue **queue;        /* HS_QUEUES */
    uint32_t next_handle;
    unsigned int queues;
    unsigned int ports;

    spinlock_t flow_lock;
    struct hs_flow_entry **bucket;  /* HS_BUCKETS * HS_WAYS */
    unsigned int flows;
    unsigned int next_sweep;        /* bucket */
    uint64_t odd[3];                /* factors of the hash */
};

/* A frame on a sender's ring. What its slots say is within a page. */
struct hs_frame {
    netif_tx_request_t slot[HS_TX_SLOTS];
    unsigned int slots;
    bool extra;                     /* its second request is without data */
    uint8_t gso_type;
    uint16_t gso_size;
    uint16_t flags;                 /* NETTXF_* */
    unsigned int len;
    RING_IDX end;                   /* the request after it */
};

/*
 * Its first bytes. It is these that are looked at, and that the receiver gets,
 * whatever the sender writes meanwhile.
 */
struct hs_header {
    uint8_t byte[HS_HEADER];
    unsigned int len;
};

/* What became of a frame, or else one of HS_PASSED_*. */
#define HS_CARRIED      (-1)
/* Nothing: it is somebody else's turn. */
#define HS_LATER        (-2)
/* Nor is there room; and of hs_serve(): it is the receiver's turn here. */
#define HS_NO_ROOM      (-3)

/* Why a ring is served. */
enum hs_caller {
    HS_BY_BACKEND,                  /* it has asked */
    HS_BY_GUEST,                    /* it has sent an event */
    HS_BLOCKS,                      /* its vCPU has nothing else to do */
    HS_BY_TIMER,                    /* what was put off is due, in its time */
    HS_OTHERS_TIME,                 /* likewise, but nothing is to be carried */
};

/* page.c */
int hs_page_add(struct hs_backend *backend, const struct hs_page *arg);
int hs_page_remove(struct hs_backend *backend, const struct hs_page *arg);
void hs_pages_free(struct hs_backend *backend);

/* queue.c */
struct hs_queue *hs_queue_find(const struct hs_backend *backend,
                               uint32_t handle);
struct hs_queue *hs_queue_of(const struct domain *d);
int hs_queue_attach(struct hs_backend *backend, struct hs_attach *arg);
void hs_queue_detach(struct hs_queue *queue);
int hs_queue_set(struct hs_queue *queue, const struct hs_set *arg);

/* flow.c */
int hs_flows_init(struct hs_backend *backend);
void hs_flows_free(struct hs_backend *backend);
int hs_flow_add(struct hs_backend *backend, const struct hs_flow *arg);
int hs_flow_del(struct hs_backend *backend, const struct hs_flow *arg);
int hs_flow_flush(struct hs_backend *backend, const struct hs_flush *arg);
void hs_flows_forget(struct hs_backend *backend, const struct hs_queue *queue);
int hs_flow_find(const struct hs_queue *from, const union hs_key *key,
                 s_time_t now, struct hs_queue **out);

/* ring.c */
bool hs_tx_open(const struct hs_queue *queue, netif_tx_back_ring_t *ring);
bool hs_rx_open(const struct hs_queue *queue, netif_rx_back_ring_t *ring);
bool hs_read_frame(const netif_tx_back_ring_t *ring, unsigned int left,
                   struct hs_frame *frame);
unsigned int hs_slots_needed(const struct hs_frame *frame);

/* parse.c */
bool hs_key_of(const struct hs_header *header, uint16_t port,
               union hs_key *key);
bool hs_takes(const struct hs_queue *to, const struct hs_frame *frame,
              const struct hs_header *header);

/* carry.c */
int hs_serve(struct hs_queue *queue, enum hs_caller caller);

/* event.c */
void hs_channel_bind(struct hs_queue *queue, evtchn_port_t port);
void hs_channel_unbind(struct hs_queue *queue);
void hs_raise(const struct hs_queue *queue, evtchn_port_t port);
void hs_tell_backend(const struct hs_queue *queue);
s_time_t hs_waits_here_since(struct hs_queue *queue);
bool hs_may_restart(const struct hs_queue *queue);

/* window.c */
void hs_put_off_init(struct hs_queue *queue);
void hs_put_off_end(struct hs_queue *queue);
void hs_told_of_frames(struct hs_queue *queue);
void hs_hold(struct hs_queue *queue, RING_IDX from);
void hs_kicked(struct hs_queue *queue);
void hs_turn_end(struct hs_queue *queue);
bool hs_must_stay(const struct hs_queue *from, s_time_t now);
void hs_go_on_later(struct hs_queue *queue, int why);
unsigned int hs_window_ask(struct hs_queue *queue, RING_IDX cons,
                           enum hs_caller caller);

#endif /* __HYPERSWITCH_HS_H__ */
