// SPDX-License-Identifier: GPL-2.0
/*
 * How long a frame waits for a guest that takes nothing.
 *
 * The driver gives a frame drain_timeout from when it leaves the qdisc for the guest's queue. Of
 * what waits in the qdisc that is the end of the wait, not its begin; with the driver's own queue,
 * which holds about as much as a sender's ring, it hardly matters. In a shorter queue frames would
 * have that time a few at a time, and a sender with all of its ring on the way to such a guest, or
 * who waits for it to be shut down, would have it back after as many times as long.
 *
 * So what has waited in the qdisc is counted: once something has waited there without a pause for
 * drain_timeout, a frame has only such a part of it as the queue is of a ring, or of the bytes
 * that it has by default, and 30 ms at least. What one sender has in its ring is then back in some
 * twice drain_timeout, as with the driver's queue. A qdisc that holds frames back for reasons of
 * its own counts like a guest that is behind.
 */
#include "common.h"

#include <linux/math64.h>
#include <net/sch_generic.h>

/* A frame is waited for so long at least, in milliseconds: the driver's least, too. */
#define DRAIN_LEAST_MSECS	30

/* What a frame has if those before it had the whole time. */
static unsigned long drain_share(const struct xenvif *vif)
{
	unsigned int packets = READ_ONCE(vif->tune.rx_queue_packets);
	unsigned int bytes = READ_ONCE(vif->tune.rx_queue_bytes);
	unsigned long whole = vif->drain_timeout, share = whole, part;
	unsigned long least = min(whole, msecs_to_jiffies(DRAIN_LEAST_MSECS));

	if (bytes < XENVIF_RX_QUEUE_BYTES)
		share = mul_u64_u32_div(whole, bytes, XENVIF_RX_QUEUE_BYTES);
	if (packets && packets < XEN_NETIF_TX_RING_SIZE) {
		part = mul_u64_u32_div(whole, packets, XEN_NETIF_TX_RING_SIZE);
		share = min(share, part);
	}
	return max(share, least);
}

static bool more_waits(const struct xenvif_queue *queue)
{
	const struct netdev_queue *txq = netdev_get_tx_queue(queue->vif->dev, queue->id);

	return qdisc_qlen_sum(rcu_dereference_bh(txq->qdisc));
}

/**
 * xenvif_drain_bound - have a frame wait no longer than those that wait behind it can bear
 * @queue: towards the guest
 * @skb: the frame, which has the whole time
 *
 * Context: BH off; the lock of the queue's rx_queue held.
 */
void xenvif_drain_bound(struct xenvif_queue *queue, struct sk_buff *skb)
{
	unsigned long whole = queue->vif->drain_timeout;
	unsigned long share = drain_share(queue->vif);
	unsigned long now = jiffies, end;

	lockdep_assert_held(&queue->rx_queue.lock);
	if (share == whole) {
		queue->rx_more_waits = false;
		return;
	}
	/* Has this one waited behind another? */
	if (!queue->rx_more_waits)
		queue->rx_waits_since = now;
	queue->rx_more_waits = more_waits(queue);
	end = queue->rx_waits_since + whole;
	XENVIF_RX_CB(skb)->expires = time_after(end, now + share) ? end : now + share;
}
