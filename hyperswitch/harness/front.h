/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A front end as Linux has it, and the little of a back end that lends its rings. The pages of a
 * front end stay what they are for: there is one for each place in either ring.
 */
#ifndef HARNESS_FRONT_H
#define HARNESS_FRONT_H

#define RING            256
#define FRAME_MAX       XEN_NETIF_MAX_TX_SIZE

struct front {
    unsigned int domid;
    struct hs_attach attach;
    uint32_t window;            /* that is set with front_set() */
    struct hs_state *state;
    netif_tx_front_ring_t tx;
    netif_rx_front_ring_t rx;
    struct page_info *tx_page[RING], *rx_page[RING];
    grant_ref_t tx_ref[RING], rx_ref[RING];
    bool extra[RING];           /* a request of the transmit ring without data */
};

/* A frame as it is on a ring. */
struct frame {
    uint8_t byte[FRAME_MAX];
    unsigned int len;
    unsigned int slots;         /* that it is sent in; as many as pages if 0 */
    unsigned int offset;        /* in the pages that it is sent from */
    uint16_t flags;             /* NETTXF_* or NETRXF_*, without those that say how it is cut */
    uint8_t gso_type;
    uint16_t gso_size;
};

/* The back end's pages, before anything else. */
void front_begin(void);
/* A page of words for generations, as the back end sees it. */
uint32_t *front_gens(void);
/* Lends a queue of domid's, with a port of that number. False if Xen says no; see attach.status. */
bool front_attach(struct front *front, unsigned int domid, uint16_t port);
/* The same in steps: rings and channels; then the call. */
void front_connect(struct front *front, unsigned int domid, uint16_t port);
bool front_lend(struct front *front);
void front_set(struct front *front, uint32_t caps, uint32_t gso_max, uint32_t max_len);
int front_kick(struct front *front);
/* The front end sends the event of its transmit ring; returns whether the back end gets it. */
bool front_notify(struct front *front);
int front_detach(struct front *front);
/* The back end takes a frame of so many requests off the transmit ring, and lets it fall. */
void front_drop(struct front *front, unsigned int requests);
/* All from a MAC address to another, untagged, goes from one to the other for a second. */
struct hs_flow front_flow(const struct front *from, const struct front *to,
                          const struct frame *frame);
int front_flow_add(const struct hs_flow *flow);

/* An Ethernet frame of some length, with an IPv4 packet of a protocol, and chance behind. */
void frame_make(struct frame *frame, unsigned int from, unsigned int to, uint8_t proto,
                unsigned int len);

/* Puts a frame on the transmit ring and returns whether the event is wanted. */
bool front_send(struct front *front, const struct frame *frame);
/* Posts buffers. */
void front_post(struct front *front, unsigned int count);
/* The next frame off the receive ring. False: there is none, or it is wrong, as *why says. */
bool front_receive(struct front *front, struct frame *frame, const char **why);
/* Takes responses off the transmit ring; how many, or -1 if one is not as it is to be. */
int front_reap(struct front *front);

#endif /* HARNESS_FRONT_H */
