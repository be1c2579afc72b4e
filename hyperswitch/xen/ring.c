/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hyperswitch: the rings of front ends. Frames are read off a transmit ring,
 * and nothing is taken: what is not plain is left as it is for the back end,
 * whatever is wrong with it. What is plain is so by the rules of Linux'
 * netback, and of the kit's cutread.c there.
 *
 * Locking: the queue's tx_lock or rx_lock, with the ring being Xen's.
 */
#include "hs.h"

/*
 * Get at a queue's transmit ring, where the back end has left off. False if
 * that cannot be.
 */
bool hs_tx_open(const struct hs_queue *queue, netif_tx_back_ring_t *ring)
{
    const struct hs_side *side = &queue->state->tx;
    RING_IDX prod = hs_read(side->prod);

    BACK_RING_ATTACH(ring, queue->tx, prod, PAGE_SIZE);
    ring->req_cons = hs_read(side->cons);

    return ring->req_cons - ring->rsp_prod_pvt <= RING_SIZE(ring);
}

/* The same of its receive ring, where nothing is ever on its way. */
bool hs_rx_open(const struct hs_queue *queue, netif_rx_back_ring_t *ring)
{
    const struct hs_side *side = &queue->state->rx;
    RING_IDX prod = hs_read(side->prod);

    BACK_RING_ATTACH(ring, queue->rx, prod, PAGE_SIZE);

    return prod == hs_read(side->cons);
}

/* Nothing but one extra that is about a large segment, as it must look. */
static bool read_extra(const netif_tx_back_ring_t *ring,
                       struct hs_frame *frame)
{
    union {
        netif_tx_request_t request;
        netif_extra_info_t info;
    } extra;

    BUILD_BUG_ON(sizeof(extra.info) > sizeof(extra.request));

    RING_COPY_REQUEST(ring, frame->end, &extra.request);
    frame->end++;
    if ( extra.info.type != XEN_NETIF_EXTRA_TYPE_GSO ||
         (extra.info.flags & XEN_NETIF_EXTRA_FLAG_MORE) ||
         (extra.info.u.gso.type != XEN_NETIF_GSO_TYPE_TCPV4 &&
          extra.info.u.gso.type != XEN_NETIF_GSO_TYPE_TCPV6) ||
         !extra.info.u.gso.size )
        return false;

    frame->extra = true;
    frame->gso_type = extra.info.u.gso.type;
    frame->gso_size = extra.info.u.gso.size;

    return true;
}

/* The requests after the first, whose size is the whole frame's until then. */
static bool read_body(const netif_tx_back_ring_t *ring, unsigned int left,
                      struct hs_frame *frame)
{
    netif_tx_request_t *first = frame->slot, *slot = first;

    while ( slot->flags & NETTXF_more_data )
    {
        if ( !left-- || frame->slots == HS_TX_SLOTS )
            return false;
        slot = &frame->slot[frame->slots++];
        RING_COPY_REQUEST(ring, frame->end, slot);
        frame->end++;
        if ( !slot->size || slot->size >= first->size ||
             slot->offset + slot->size > PAGE_SIZE )
            return false;
        first->size -= slot->size;
    }

    return first->offset + first->size <= PAGE_SIZE;
}

/*
 * Read the next frame, of which no more than left requests are there. False
 * if it is not a plain one.
 */
bool hs_read_frame(const netif_tx_back_ring_t *ring, unsigned int left,
                   struct hs_frame *frame)
{
    netif_tx_request_t *first = frame->slot;

    ASSERT(left);
    frame->end = ring->req_cons;
    RING_COPY_REQUEST(ring, frame->end, first);
    frame->end++;
    frame->slots = 1;
    frame->extra = false;
    frame->gso_type = XEN_NETIF_GSO_TYPE_NONE;
    frame->flags = first->flags;
    frame->len = first->size;

    if ( first->flags & NETTXF_extra_info )
    {
        if ( !--left || !read_extra(ring, frame) )
            return false;
    }

    return read_body(ring, left - 1, frame) && first->size >= HS_ETHER;
}

/* Requests of a receive ring that a frame takes, which fills the pages. */
unsigned int hs_slots_needed(const struct hs_frame *frame)
{
    return DIV_ROUND_UP(frame->len, PAGE_SIZE) + frame->extra;
}
