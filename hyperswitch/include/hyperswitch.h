/* SPDX-License-Identifier: MIT */
/*
 * hyperswitch.h: a back end lends the rings of its netif ports to Xen.
 *
 * Copyright 2026 xen-fastnet maintainers. Xen has this file as
 * public/hyperswitch.h, the back end as it is here; they are the same to the
 * byte.
 *
 * A back end that has connected a netif port may have Xen serve its rings: Xen
 * reads the front end's transmit requests, looks each frame up among the flows
 * that the back end has installed, and copies it into the receiver's posted
 * buffers, as the back end could itself by GNTTABOP_copy. It does so when the
 * front end sends the event for the ring, which the back end then does not get
 * unless something is left, and when the back end asks. A frame without a
 * flow, or that is not plain, remains on the ring, for the back end to deal
 * with. Front ends see nothing of it, but that the event that they have asked
 * for of responses may come a millisecond or two late, if they have not seen
 * those before, and ten if they always have; and that they are asked for fewer
 * events, see HSOP_set: of who sends many the last frames may lie on the ring
 * for a millisecond or two before it is the back end's turn, unless the vCPU
 * blocks. A vCPU that sends more than a receiver has room for, who waits for
 * the same pCPU, makes way for it: the event's hypercall may take as long as
 * the scheduler lets others run then.
 *
 * Numbers are the host's, but for the fields of frames, which are as on the
 * wire. Only 64-bit domains can be back ends. Who includes this has the types
 * of stdint.h.
 */

#ifndef __XEN_PUBLIC_HYPERSWITCH_H__
#define __XEN_PUBLIC_HYPERSWITCH_H__

/*
 * long hyperswitch_op(unsigned int cmd, void *arg, unsigned int count);
 *
 * arg points to count structures of cmd. The answer is 0 if each of them was
 * seen to, and then what became of it stands in its status, mostly 0 or a
 * negative errno; or it is negative: ENOSYS, there is no such hypercall or
 * command; EPERM, the caller is no back end that may; ENOMEM; EFAULT, for the
 * first structure that could not be read, or be written after what it asks for
 * was done (but that an HSOP_attach was not).
 *
 * The hypercall's number is not the Xen project's. Use none of the others
 * before HSOP_info has answered with HS_MAGIC and an ABI that is known.
 */
#define __HYPERVISOR_hyperswitch_op 43

/* What Xen can do, and how much of it. Any domain may ask. */
#define HSOP_info       0
#define HS_MAGIC        0x31575348      /* "HSW1" */
#define HS_ABI          2
struct hs_info {
    uint32_t magic;
    uint32_t abi;
    uint32_t max_queues;        /* that one back end may lend */
    uint32_t max_flows;         /* that it may have; each port has its part */
    uint32_t hold_frames;       /* after so many, or */
    uint32_t hold_bytes;        /* so much, Xen lets go of a sender's ring */
    int32_t status;
    uint32_t pad;
};

/*
 * A page of the caller's memory that both see from now on, until it is named
 * with remove, or the caller ends. HS_PAGE_STATE holds 32 states of queues,
 * zeroed by the caller, which Xen reads and writes (EBUSY for remove: a
 * queue's state is in it). HS_PAGE_GENS Xen only reads (EBUSY: there is a
 * queue). EEXIST: there is one of this kind and index; EINVAL: there is not,
 * or a field has a value that it cannot have, or the page is not the caller's
 * ordinary memory, of which EAGAIN and EPERM speak, too; ENOMEM.
 */
#define HSOP_page       1
#define HS_PAGES        128
struct hs_page {
    uint64_t gfn;
    uint16_t kind;
#define HS_PAGE_STATE   0               /* index: 0 to HS_PAGES - 1 */
#define HS_PAGE_GENS    1               /* index: 0; HS_GENS words */
    uint16_t index;
    uint16_t remove;                    /* 0 or 1 */
    uint16_t pad;                       /* 0 */
    int32_t status;
    uint32_t pad1;                      /* 0 */
};

/*
 * Who serves one of a queue's two rings, and up to where it has been served.
 * token.h has the rules for owner, want, shut and waiter. cons and prod are
 * those of the ring's owner: it reads them when it takes the ring, and writes
 * them before it gives it back. Xen alone writes the counters, and only while
 * the ring is its own.
 */
struct hs_side {
    uint32_t owner;
#define HS_FREE         0
#define HS_XEN          1
#define HS_BACKEND      2
    uint8_t want;               /* the back end waits for the ring */
    uint8_t shut;               /* it has something that is to come first */
    uint16_t waiter;            /* Xen has something to do with it later */
    uint32_t cons;              /* requests consumed */
    uint32_t prod;              /* responses produced, published or not */
    uint64_t frames;            /* from this ring (tx) or to it (rx) */
    uint64_t bytes;             /* of these, without Ethernet headers */
    uint32_t passed[8];         /* tx: left to the back end, by reason */
#define HS_PASSED_ODD     0     /* not plain, or a header that is not read */
#define HS_PASSED_MISS    1     /* no flow */
#define HS_PASSED_STALE   2     /* a flow that has ended or been revoked */
#define HS_PASSED_CAPS    3     /* the receiver cannot take such a frame */
#define HS_PASSED_GRANT   4     /* one of the pages could not be had */
#define HS_PASSED_OWNER   5     /* the back end serves the receiver's ring */
#define HS_PASSED_WAIT    6     /* the receiver has no room, or was slow */
#define HS_PASSED_RING    7     /* indexes that cannot be */
};

struct hs_state {
    struct hs_side tx, rx;      /* as the front end calls them */
};
#define HS_STATES_PER_PAGE 32

/*
 * One queue of a netif port. The grants are those of the rings, the ports are
 * the front end's of the event channels, and may be one. Both sides' owner is
 * to be HS_BACKEND until the call has returned. ESRCH: no such domain; EBADF:
 * these do not lead from it to the caller; ENOENT: the page of the state
 * is not there; EEXIST: the state or a channel has a queue; EINVAL: port is 0
 * or another domain's; EACCES: by the rules of XSM, the two may not copy from
 * each other, or the caller may not map the rings; EIO: a ring cannot be had
 * by its grant, or is not a page; ENOMEM; ENOSPC.
 */
#define HSOP_attach     2
struct hs_attach {
    uint16_t domid;             /* the front end's */
    uint16_t port;              /* the caller's number of the port; not 0 */
    uint32_t state;             /* page * HS_STATES_PER_PAGE + place */
    uint32_t tx_gref, rx_gref;
    uint32_t tx_port, rx_port;
    uint32_t handle;            /* out */
    int32_t status;
};

/*
 * When it returns Xen touches neither the rings nor the state of the queue any
 * more, raises no event for it, and no flow leads to it, or from its port if
 * that has no other. ENOENT: there is no such queue, in this and all below. A
 * queue ends with its front end, too; its handle is not used again for long.
 */
#define HSOP_detach     3
struct hs_detach {
    uint32_t handle;
    int32_t status;
};

/*
 * What the queue's front end takes, and how many requests it may put on its
 * transmit ring to an event, if it sends many. A queue begins with nothing that
 * is taken, and a window of 1.
 */
#define HSOP_set        4
struct hs_set {
    uint32_t handle;
    uint32_t caps;              /* EINVAL: one that is not known */
#define HS_CAP_CSUM4    (1u << 0)       /* checksums still to be made */
#define HS_CAP_CSUM6    (1u << 1)
#define HS_CAP_TSO4     (1u << 2)       /* segments to be */
#define HS_CAP_TSO6     (1u << 3)
#define HS_CAP_SG       (1u << 4)       /* frames of more than one page */
    uint32_t gso_max;           /* segments to be are shorter than this */
    uint32_t max_len;           /* of others, from the MAC addresses on */
    uint32_t window;            /* 1 to HS_WINDOW_MAX; EINVAL */
#define HS_WINDOW_MAX   64
    int32_t status;
};

/*
 * Serve the queue's transmit ring now.
 */
#define HSOP_kick       5
struct hs_kick {
    uint32_t handle;
    int32_t status;
#define HS_SERVED       0   /* none is left; the next raises the event */
#define HS_LEFT         1   /* the next is the back end's; or no turn */
#define HS_MORE         2   /* there is more, but it may be another's turn */
};

/*
 * Frames from a port with these addresses, this tag and this type go to the
 * queue out, as long as the words of HS_PAGE_GENS at slot are what gen says,
 * and for ttl_us microseconds at most. One frame of each sender may have been
 * decided on just before; who must know that it is through takes the sender's
 * ring. A flow takes the place of one with the
 * same key. A port may have its part of max_flows, and more while others leave
 * it unused; those it turns out are its own, then. ENOENT: no such queue, or
 * no page of words; EINVAL: a field has a value that it cannot have; EACCES:
 * by the rules of XSM, one may not copy to the other; ENOMEM; ENOSPC.
 */
#define HSOP_flow_add   6
#define HSOP_flow_del   7       /* by in to ethertype. ENOENT: there is none */
struct hs_flow {
    uint32_t in;                /* a queue, which stands for its port */
    uint32_t out;               /* a queue */
    uint8_t dmac[6], smac[6];
    uint16_t tpid, tci;         /* outermost 802.1Q or 802.1ad tag; 0: none */
    uint16_t ethertype;         /* behind it. These three are as on the wire */
    uint16_t slot[3];           /* below HS_GENS */
    uint32_t gen[3];
    uint32_t ttl_us;            /* 1 to HS_TTL_MAX_US */
#define HS_TTL_MAX_US   1000000
    int32_t status;
};
#define HS_GENS         1024

/*
 * No flow that the queue's port has now counts any more. The same holds for
 * one frame of each sender.
 */
#define HSOP_flow_flush 8
struct hs_flush {
    uint32_t handle;
    int32_t status;
};

#endif /* __XEN_PUBLIC_HYPERSWITCH_H__ */
