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
 * So the time is counted from the last frame that came when none waited in the qdisc, and each that
 * comes out of it moves this by the part that it may have had of a sender's ring, as long as it is
 * in the past. A guest that takes nothing thus spends drain_timeout on each ring full of frames,
 * whosever they are, besides that on the first: what one sender has is back after twice that, if
 * nothing of others waits before it. A guest that takes a ring's worth within that time, and what
 * its queue holds besides, is always given all of it, however much waits. After a pause that is
 * longer, frames that have just come are not waited for longer than those before them.
 *
 * A frame has at least what the queue is of a ring, and 30 ms: it may have to wait for a queue full
 * of others. Where the latter is more, twice is not enough. A qdisc that holds frames back for
 * reasons of its own counts like a guest that is behind, and one that all queues share like one
 * that is behind in all of them.
 */
#include "common.h"

#include <linux/math64.h>
#include <net/sch_generic.h>

/* A frame is waited for so long at least, in milliseconds: the driver's least, too. */
#define DRAIN_LEAST_MSECS	30

/* What has @slots of a sender's ring, and of the time for all of it. */
static unsigned long part_of_ring(unsigned long whole, unsigned int slots)
{
	return mul_u64_u32_div(whole, slots, XEN_NETIF_TX_RING_SIZE);
}

/* How much of a sender's ring a queue holds. */
static unsigned int slots_held(const struct xenvif *vif)
{
	unsigned int packets = READ_ONCE(vif->tune.rx_queue_packets);
	unsigned int bytes = READ_ONCE(vif->tune.rx_queue_bytes);
	unsigned int slots = XEN_NETIF_TX_RING_SIZE;

	if (bytes < XENVIF_RX_QUEUE_BYTES)
		slots = bytes / XEN_PAGE_SIZE;
	return packets ? min(slots, packets) : slots;
}

static bool is_short(const struct xenvif *vif)
{
	return slots_held(vif) < XEN_NETIF_TX_RING_SIZE;
}

static struct netdev_queue *txq_of(const struct xenvif_queue *queue)
{
	return netdev_get_tx_queue(queue->vif->dev, queue->id);
}

static bool qdisc_waits(const struct xenvif_queue *queue)
{
	return qdisc_qlen_sum(rcu_dereference_bh(txq_of(queue)->qdisc));
}

/* What has come out of it with the frame at hand is on its way here. */
static bool more_waits(const struct xenvif_queue *queue)
{
	return netdev_xmit_more() || qdisc_waits(queue);
}

/*
 * Since when what comes out of the qdisc now counts as waiting, after a frame of so many slots. It
 * is not in the future, and not longer ago than is of use. Was the last frame that came out longer
 * ago than one can wait, then that which was seen behind it has not come: the qdisc has dropped it.
 */
static unsigned long waits_since(struct xenvif_queue *queue, unsigned int slots,
				 unsigned long whole, unsigned long now)
{
	unsigned long since;

	queue->rx_waits_slots += slots;
	if (queue->rx_waits_slots >= XEN_NETIF_TX_RING_SIZE) {
		queue->rx_waits_slots -= XEN_NETIF_TX_RING_SIZE;
		queue->rx_waits_since += whole;
	}
	since = queue->rx_waits_since + part_of_ring(whole, queue->rx_waits_slots);
	if (time_after(since, now) || now - since > 2 * whole)
		since = now;
	else if (now - since > whole)
		since = now - whole;
	else
		return since;
	queue->rx_waits_since = since;
	queue->rx_waits_slots = 0;
	return since;
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
	unsigned long least = msecs_to_jiffies(DRAIN_LEAST_MSECS);
	unsigned long whole = queue->vif->drain_timeout;
	unsigned long now = jiffies, left;

	lockdep_assert_held(&queue->rx_queue.lock);
	if (!is_short(queue->vif) || whole <= least) {
		queue->rx_more_waits = false;
		return;
	}
	if (!queue->rx_more_waits) {
		queue->rx_waits_since = now;
		queue->rx_waits_slots = 0;
		return;
	}
	left = waits_since(queue, DIV_ROUND_UP(skb->len, XEN_PAGE_SIZE), whole, now) + whole - now;
	least = max(least, part_of_ring(whole, slots_held(queue->vif)));
	XENVIF_RX_CB(skb)->expires = now + max(left, least);
	queue->rx_more_waits = more_waits(queue);
}

/**
 * xenvif_drain_resume - look whether frames have waited while a queue had no room
 * @queue: towards the guest; the qdisc is about to be told that it has
 *
 * Context: the lock of the queue's rx_queue held, interrupts off.
 */
void xenvif_drain_resume(struct xenvif_queue *queue)
{
	lockdep_assert_held(&queue->rx_queue.lock);
	if (is_short(queue->vif) && netif_tx_queue_stopped(txq_of(queue)))
		queue->rx_more_waits = qdisc_waits(queue);
}
