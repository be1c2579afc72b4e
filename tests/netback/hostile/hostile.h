/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A front end of xen-netback that behaves as well as it is told to, see file.c for how
 * to tell it. It polls and has no interrupts, so that all is done in order.
 */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <linux/if_ether.h>
#include <linux/mm.h>
#include <linux/prandom.h>
#include <xen/grant_table.h>
#include <xen/interface/io/netif.h>
#include <xen/page.h>
#include <xen/xenbus.h>

#define TX_SLOTS __CONST_RING_SIZE(xen_netif_tx, XEN_PAGE_SIZE)
#define RX_SLOTS __CONST_RING_SIZE(xen_netif_rx, XEN_PAGE_SIZE)

/* More than this of a frame is whatever its pages hold. */
#define FRAME_HEAD 2048

/* A reference that no front end has granted, and none that Xen has no entry for. */
#define GREF_FREE 900
#define GREF_WILD 0x7fffff00

/* A page with its grant. */
struct buffer {
	struct page *page;
	grant_ref_t gref;
};

/* What became of the requests of a case. */
struct tally {
	unsigned int okay;
	unsigned int error;
	unsigned int null;
	/* A status that has no meaning. */
	unsigned int odd;
	/* Responses to what was not asked, or was answered before. */
	unsigned int unknown;
	/* Other than the fuzzer foresaw. */
	unsigned int unforeseen;
	/* Requests without a response. */
	unsigned int lost;
	/* Receive slots filled, and those that came back as failed. */
	unsigned int received;
	unsigned int receive_failed;
	/* Receive buffers that have lost their mark. */
	unsigned int unmarked;
	/* Echoes that came back whole. */
	unsigned int answered;
	/* The last control response's status, or -1. */
	int ctrl;
};

enum foreseen { ANY, OKAY, ERROR };

enum rx_kind { RX_GOOD, RX_NEVER_GRANTED, RX_READONLY };

struct frame {
	u8 head[FRAME_HEAD];
	/* Of the whole frame, and of its first request. */
	unsigned int len;
	u16 flags;
	/* With an extra. */
	bool gso;
	u16 gso_size;
	u8 gso_type;
	/* Where in their pages the slots begin. */
	u16 offset;
};

/* The rings of a queue, as they are shared. */
struct data_rings {
	void *tx;
	void *rx;
	grant_ref_t tx_ref;
	grant_ref_t rx_ref;
	evtchn_port_t tx_port;
	evtchn_port_t rx_port;
};

struct front {
	struct xenbus_device *dev;
	u8 mac[ETH_ALEN];
	bool open;

	struct xen_netif_tx_front_ring tx;
	struct xen_netif_rx_front_ring rx;
	struct xen_netif_ctrl_front_ring ctrl;
	struct data_rings data;
	/* Of the second queue, if there are two. */
	struct data_rings second;
	struct xen_netif_tx_front_ring second_tx;
	grant_ref_t ctrl_ref;
	evtchn_port_t ctrl_port;
	struct task_struct *ctrl_refill;
	unsigned int ctrl_each;

	/* By request id. */
	struct buffer tx_buffer[TX_SLOTS];
	bool tx_pending[TX_SLOTS];
	enum foreseen tx_foreseen[TX_SLOTS];
	u16 tx_free[TX_SLOTS];
	unsigned int tx_free_count;

	/* By slot. */
	struct buffer rx_buffer[RX_SLOTS];
	enum rx_kind rx_kind;
	bool rx_extra;
	u16 rx_headroom;

	struct frame frame;
	/* The requests of the frame that was sent last. */
	struct xen_netif_tx_request *slot[TX_SLOTS];
	struct tally tally;
	u16 echo;

	/* The fuzzer's. */
	struct rnd_state random;
	unsigned int fuzz_sent;
	unsigned int fuzz_fatal;
	unsigned int fuzz_frames;
};

extern unsigned int patience;

/* front.c */
extern struct front *front;
int front_open(struct front *f, const char *how);
int front_close(struct front *f);
int front_headroom(struct front *f, const char *bytes);
int front_register(void);
void front_unregister(void);

/* ring.c */
void ring_forget(struct front *f);
void tally_clear(struct front *f);
struct xen_netif_tx_request *slot_add(struct front *f);
struct xen_netif_extra_info *extra_add(struct front *f, u8 type);
void kick(struct front *f);
void push(struct front *f);
void poll_all(struct front *f);
void rx_take_one(struct front *f);
void settle(struct front *f);
void settle_for(struct front *f, unsigned int wait);
unsigned int unanswered(struct front *f);
void rx_post(struct front *f);
void rx_post_some(struct front *f, unsigned int most);
void rx_post_anew(struct front *f, enum rx_kind kind);
void ctrl_ask(struct front *f, u16 type, u32 a, u32 b, u32 c);
int ctrl_refill_start(struct front *f, unsigned int each);
void ctrl_refill_stop(struct front *f);

/* frame.c */
void frame_udp(struct front *f, unsigned int len);
void frame_tcp(struct front *f, unsigned int len, u16 gso_size);
void frame_echo(struct front *f, unsigned int len);
bool frame_is_answer(struct front *f, const u8 *data, unsigned int len);
void frame_send(struct front *f, const u16 *sizes, unsigned int slots);
void frame_send_whole(struct front *f);
void frame_send_evenly(struct front *f, u16 first, unsigned int slots, u16 each);

/* cases.c */
int case_run(struct front *f, const char *name, const char *arguments);

/* fuzz.c */
int fuzz_start(struct front *f, const char *arguments);
int fuzz_go_on(struct front *f, const char *arguments);

#endif
