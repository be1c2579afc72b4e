/* SPDX-License-Identifier: MIT */
/*
 * hyperswitch.h: a back end lends the rings of its netif ports to Xen.
 *
 * Copyright 2026 xen-fastnet maintainers. Xen has this file as public/hyperswitch.h, the back end
 * as it is here; they are the same to the byte.
 *
 * A back end that has connected a netif port may have Xen serve its rings: Xen reads the
 * front end's transmit requests, looks each frame up among the flows that the back end has
 * installed, and copies it into the receiver's posted buffers, as the back end could itself by
 * GNTTABOP_copy. A frame without a flow, or that is not plain, remains on the ring, and the event
 * for it goes to the back end. Front ends see nothing of it.
 *
 * Numbers are the host's, but for the fields of frames, which are as on the wire. All structures
 * are the same for 32-bit and 64-bit callers. Who includes it has the types of stdint.h.
 */

#ifndef __XEN_PUBLIC_HYPERSWITCH_H__
#define __XEN_PUBLIC_HYPERSWITCH_H__

/*
 * long hyperswitch_op(unsigned int cmd, void *arg, unsigned int count);
 *
 * arg points to count structures of cmd. The answer is negative for the whole (ENOSYS: no such
 * hypercall or command; EPERM: the caller is no back end that may; EINVAL: count is not for this
 * command; EFAULT) or the number of structures that were seen to. What became of each stands in
 * its status, 0 or a negative errno.
 *
 * The hypercall's number is not the Xen project's. Use none of the others before HSOP_info has
 * answered with HS_MAGIC and an ABI that is known.
 */
#define __HYPERVISOR_hyperswitch_op 43

/* What Xen can do, and how much of it. count is 1. Any domain may ask. */
#define HSOP_info       0
#define HS_MAGIC        0x31575348      /* "HSW1" */
#define HS_ABI          1
struct hs_info {
    uint32_t magic;
    uint32_t abi;
    uint32_t max_queues;                /* that one back end may lend */
    uint32_t max_flows;                 /* that one back end may have at a time */
    uint32_t hold_frames;               /* most that Xen carries before it lets go of a ring */
    uint32_t hold_bytes;
    int32_t status;
    uint32_t pad;
};

/*
 * A page of the caller's memory that both see from now on, until it is named with remove or the
 * caller ends. HS_PAGE_STATE holds 32 states of queues, zeroed by the caller, which Xen reads and
 * writes (EBUSY for remove: a queue's state is in it); HS_PAGE_GENS Xen only reads (EBUSY: there
 * are flows). EEXIST: there is one of this kind and index.
 */
#define HSOP_page       1
#define HS_PAGES        128
struct hs_page {
    uint64_t gfn;
    uint16_t kind;
#define HS_PAGE_STATE   0               /* index: 0 to HS_PAGES - 1 */
#define HS_PAGE_GENS    1               /* index: 0; HS_GENS words */
    uint16_t index;
    uint16_t remove;
    uint16_t pad;
    int32_t status;
    uint32_t pad1;
};

/*
 * Who serves one of a queue's two rings, and up to where it has been served. token.h has the rules
 * for owner, want and waiter. cons and prod are those of the ring's owner: it reads them when it
 * takes the ring, and writes them before it gives it back. Xen alone writes the counters, and only
 * while the ring is its own.
 */
struct hs_side {
    uint32_t owner;
#define HS_FREE         0
#define HS_XEN          1
#define HS_BACKEND      2
    uint16_t want;                      /* the back end waits for the ring */
    uint16_t waiter;                    /* Xen has something to do with it later */
    uint32_t cons;                      /* requests consumed */
    uint32_t prod;                      /* responses produced, which may not be published yet */
    uint64_t frames;                    /* from this ring (tx) or to it (rx) */
    uint64_t bytes;                     /* of these frames, from the MAC addresses on */
    uint32_t passed[8];                 /* events that went to the back end, by HS_PASSED_* */
#define HS_PASSED_ODD     0             /* not a plain frame, or a header that Xen does not read */
#define HS_PASSED_MISS    1             /* no flow */
#define HS_PASSED_STALE   2             /* a flow that has ended, or that does not hold any more */
#define HS_PASSED_CAPS    3             /* the receiver cannot take such a frame */
#define HS_PASSED_GRANT   4             /* one of the pages could not be had */
#define HS_PASSED_OWNER   5             /* the ring was the back end's */
#define HS_PASSED_WAIT    6             /* the receiver had no room for too long */
#define HS_PASSED_RING    7             /* indexes that cannot be */
};

struct hs_state {
    struct hs_side tx, rx;              /* as the front end calls them */
};
#define HS_STATES_PER_PAGE 32

/*
 * One queue of a netif port. The grants are those of the rings, the ports are the caller's ends of
 * the front end's event channels and may be one. Both sides' owner is to be HS_BACKEND until the
 * call has returned. ESRCH: no such domain; EBADF: the channels do not lead to it; ENOENT: the
 * page of the state is not there; EEXIST: the channel has a queue; EACCES, ENOMEM, ENOSPC.
 */
#define HSOP_attach     2
struct hs_attach {
    uint16_t domid;                     /* the front end's */
    uint16_t port;                      /* the caller's number of the netif port; not 0 */
    uint32_t state;                     /* page * HS_STATES_PER_PAGE + place */
    uint32_t tx_gref, rx_gref;
    uint32_t tx_port, rx_port;
    uint32_t handle;                    /* out */
    int32_t status;
};

/*
 * When it returns Xen touches neither the rings nor the state of the queue any more, and no flow
 * leads to or from it.
 */
#define HSOP_detach     3
struct hs_detach {
    uint32_t handle;
    int32_t status;
};

/* What the receiver takes, and how the sender's ring is served. A queue begins with all 0. */
#define HSOP_set        4
struct hs_set {
    uint32_t handle;
    uint16_t caps;
#define HS_CAP_CSUM4    (1u << 0)       /* frames whose checksum is still to be made */
#define HS_CAP_CSUM6    (1u << 1)
#define HS_CAP_TSO4     (1u << 2)       /* segments to be, of gso_max bytes at most */
#define HS_CAP_TSO6     (1u << 3)
#define HS_CAP_SG       (1u << 4)       /* frames of more than one page */
    uint16_t tx_window;                 /* requests that one event may stand for, 0 to 32 */
    uint32_t gso_max;
    uint32_t mtu;                       /* of other frames, without their header */
    int32_t status;
    uint32_t pad;
};

/* Serve a ring now. status is 1 if something is left for the back end, and 0 if not. */
#define HSOP_kick       5
struct hs_kick {
    uint32_t handle;
    uint32_t rings;
#define HS_KICK_TX      (1u << 0)
#define HS_KICK_RX      (1u << 1)       /* those that wait to send to this queue */
    int32_t status;
    uint32_t pad;
};

/*
 * Frames from the port in with these addresses and this tag go to the queue out, as long as the
 * words gen of HS_PAGE_GENS at slot are what they were, and for ttl_us microseconds at most.
 * A flow takes the place of one with the same key. ENOENT: no such queue; ENOSPC; EACCES: the two
 * may not exchange frames by the rules of XSM.
 */
#define HSOP_flow_add   6
#define HSOP_flow_del   7               /* status ENOENT: there is none */
struct hs_flow {
    uint32_t out;                       /* handle of a queue; not looked at by flow_del */
    uint16_t in;                        /* the port in its hs_attach */
    uint16_t pad;
    uint8_t dmac[6], smac[6];
    uint16_t tpid, tci;                 /* outermost tag as on the wire; 0, 0: none */
    uint16_t slot[3];                   /* below HS_GENS */
    uint16_t pad1;
    uint32_t gen[3];
    uint32_t ttl_us;                    /* 1 to 1,000,000 */
    int32_t status;
};
#define HS_GENS         1024

#endif /* __XEN_PUBLIC_HYPERSWITCH_H__ */
