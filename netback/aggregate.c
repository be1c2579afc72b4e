// SPDX-License-Identifier: GPL-2.0
/*
 * Frames that a guest sends one by one, made large ones by the kernel's GRO before they
 * reach the bridge: what is paid per frame from there on, in fastbridge, the queue to the
 * receiver and the receiver itself, is paid once for some forty. GRO keeps where the
 * segments began, so that who does not take large frames gets those that were sent. And the
 * copying instead of mapping that this wants, which serves small frames by itself. Both
 * after "Optimizing Network Virtualization in Xen" (Menon et al., USENIX 2006), which still
 * saw no remedy for the frames that come one by one.
 *
 * Locking: all of it runs in the queue's NAPI poll, and no frame is held from one poll to
 * the next: xenvif_aggregate_end() has GRO let go of all, and the core delivers them when
 * the poll returns. So none is left when the NAPI is deleted, and none that cutthrough,
 * set between two polls, could overtake.
 */
#include "common.h"

#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <net/gro.h>

/**
 * xenvif_copy_len - how much of a frame is copied to one place in dom0
 * @queue: the queue of the guest that sends the frame
 * @size: its length
 * @gso: it is to be segmented
 *
 * What is aggregated must not be the guest's pages: GRO frees the shells of the frames that
 * it merges, and those are what knows of the grants.
 *
 * Return: at most a page.
 */
unsigned int xenvif_copy_len(const struct xenvif_queue *queue,
			     unsigned int size, bool gso)
{
	unsigned int whole = READ_ONCE(queue->vif->tune.tx_copy);

	if (whole > XEN_PAGE_SIZE)
		whole = XENVIF_TX_COPY_LEAST; /* The rest is txcopy.c's. */
	if (queue->aggregate)
		whole = XEN_PAGE_SIZE;
	if (!gso && size <= whole)
		return size;
	return min_t(unsigned int, size, XENVIF_TX_COPY_LEAST);
}

/**
 * xenvif_aggregate_begin - a poll of the guest's ring begins
 * @queue: the guest's queue
 * @cutthrough: it carries frames past those that are held here
 */
void xenvif_aggregate_begin(struct xenvif_queue *queue, bool cutthrough)
{
	queue->aggregate = !cutthrough && READ_ONCE(queue->vif->tune.aggregate);
}

/* The core's list of frames that GRO has let go of, gro_normal_list() for modules. */
static void deliver(struct napi_struct *napi)
{
	if (!napi->rx_count)
		return;
	netif_receive_skb_list(&napi->rx_list);
	INIT_LIST_HEAD(&napi->rx_list);
	napi->rx_count = 0;
}

/*
 * May GRO have the frame? Not one that is to be segmented, even if it was copied: GRO believes
 * that its parts are as long as it says, which here is a guest's word, and skb_segment() that
 * what GRO has linked is no longer than that. All others are dom0's alone, or become so.
 */
static bool is_for_gro(struct sk_buff *skb)
{
	return !skb_is_gso(skb) && !skb_orphan_frags(skb, GFP_ATOMIC);
}

/**
 * xenvif_aggregate - hand a frame of the guest to the kernel
 * @queue: the guest's queue
 * @skb: the frame
 *
 * Once a frame is held all others have to come this way: GRO lets go of it before another of
 * its flow passes, as long as that looks like one. What GRO passes on at first sight does
 * overtake those that are held of its flow: an IPv4 header with options or a wrong checksum, a
 * wrong one of TCP's, another hash by the guest. So do frames of other flows. All of it is as
 * with any device's GRO. A frame that is to be segmented, or for whose guest's pages there was
 * no memory, is none for GRO, which before Linux 6.1.176 did not leave such pages alone: it
 * follows all that is held.
 */
void xenvif_aggregate(struct xenvif_queue *queue, struct sk_buff *skb)
{
	if (!queue->aggregate) {
		netif_receive_skb(skb);
	} else if (is_for_gro(skb)) {
		napi_gro_receive(&queue->napi, skb);
	} else {
		napi_gro_flush(&queue->napi, false);
		deliver(&queue->napi);
		netif_receive_skb(skb);
	}
}

/**
 * xenvif_aggregate_end - what is held must not wait for another poll
 * @queue: the guest's queue
 */
void xenvif_aggregate_end(struct xenvif_queue *queue)
{
	if (queue->aggregate)
		napi_gro_flush(&queue->napi, false);
}
