// SPDX-License-Identifier: GPL-2.0
/*
 * When a guest is sent an event for what is on its rings. After Cui, "VNET/P" (2013):
 * dispatch modes with hysteresis, early and end-of-coalescing notification.
 *
 * The ring protocol says whether a guest wants an event at all; what is decided here is
 * when that is asked. Responses themselves are never held back from the receive ring; those
 * on the transmit ring are, by batches, until the end of the poll that makes them; but not those
 * for frames that txcopy.c has copied, which nobody need follow.
 *
 * Locking: the functions for the receive ring are called by who owns it for the moment,
 * see gate.c; those for the transmit ring under the queue's response_lock.
 */
#include "common.h"

#include <xen/events.h>

static unsigned int mode_of(const struct xenvif_queue *queue)
{
	return READ_ONCE(queue->vif->tune.notify);
}

/* "adaptive": one look a window at the rate; between the two rates nothing changes. */
static void adapt(struct xenvif_queue *queue)
{
	const struct xenvif_tuning *tune = &queue->vif->tune;
	struct xenvif_notify *notify = &queue->notify;
	u64 packets = queue->stats.tx_packets - notify->window_packets;
	unsigned long elapsed = jiffies - notify->window_start, rate;

	if (elapsed < msecs_to_jiffies(READ_ONCE(tune->notify_window_ms)))
		return;
	rate = packets * HZ / elapsed;
	if (rate > READ_ONCE(tune->notify_high_rate))
		notify->by_batch = true;
	else if (rate < READ_ONCE(tune->notify_low_rate))
		notify->by_batch = false;
	notify->window_packets = queue->stats.tx_packets;
	notify->window_start = jiffies;
}

static bool rx_by_batch(struct xenvif_queue *queue)
{
	switch (mode_of(queue)) {
	case XENVIF_NOTIFY_EOC:
	case XENVIF_NOTIFY_EARLY_EOC:
		return true;
	case XENVIF_NOTIFY_ADAPTIVE:
		return queue->notify.by_batch;
	default:
		return false;
	}
}

/**
 * xenvif_notify_rx_now - send the guest an event for its receive ring
 * @queue: the guest's queue
 */
void xenvif_notify_rx_now(struct xenvif_queue *queue)
{
	xenvif_count(queue->vif, RX_NOTIFICATIONS, 1);
	notify_remote_via_irq(queue->rx_irq);
}

/**
 * xenvif_notify_early - may the guest have to be told before it has received anything?
 * @queue: the guest's queue
 */
bool xenvif_notify_early(const struct xenvif_queue *queue)
{
	return mode_of(queue) == XENVIF_NOTIFY_EARLY_EOC &&
	       queue->vif->early_notify;
}

/* The guest has seen all there was and waits for an event. */
static bool rx_guest_waits(const struct xenvif_queue *queue)
{
	return READ_ONCE(queue->rx.sring->rsp_event) ==
	       queue->rx.rsp_prod_pvt + 1;
}

/**
 * xenvif_notify_rx_begin - a batch of frames for the guest is about to be copied
 * @queue: the guest's queue
 *
 * A guest that waits is woken already now, so that its waking up and the copying overlap.
 * Only one that has said so bears it: stock front ends count an event without news
 * as a fault and slow down.
 */
void xenvif_notify_rx_begin(struct xenvif_queue *queue)
{
	if (!xenvif_notify_early(queue) || !rx_guest_waits(queue))
		return;
	xenvif_count(queue->vif, EARLY_NOTIFICATIONS, 1);
	xenvif_notify_rx_now(queue);
}

/**
 * xenvif_notify_rx - responses were pushed, and the guest wants to know
 * @queue: the guest's queue
 */
void xenvif_notify_rx(struct xenvif_queue *queue)
{
	if (!rx_by_batch(queue)) {
		xenvif_notify_rx_now(queue);
		return;
	}
	xenvif_count(queue->vif, HELD_NOTIFICATIONS, 1);
	queue->notify.rx_due = true;
}

/**
 * xenvif_notify_rx_end - the batch is on the guest's ring
 * @queue: the guest's queue
 */
void xenvif_notify_rx_end(struct xenvif_queue *queue)
{
	if (queue->notify.rx_due) {
		queue->notify.rx_due = false;
		xenvif_notify_rx_now(queue);
	}
	if (mode_of(queue) == XENVIF_NOTIFY_ADAPTIVE)
		adapt(queue);
}

/**
 * xenvif_notify_tx_later - may responses wait for the end of the batch?
 * @queue: the guest's queue
 *
 * Whoever is told so sees to it that xenvif_notify_tx_due() is asked at that end.
 */
bool xenvif_notify_tx_later(struct xenvif_queue *queue)
{
	lockdep_assert_held(&queue->response_lock);
	switch (mode_of(queue)) {
	case XENVIF_NOTIFY_EOC:
	case XENVIF_NOTIFY_EARLY_EOC:
		WRITE_ONCE(queue->notify.tx_due, true);
		return true;
	default:
		return false;
	}
}

/**
 * xenvif_notify_tx_due - have responses waited for the end of the batch?
 * @queue: the guest's queue
 *
 * Context: without the lock: whoever made some sees at least those.
 */
bool xenvif_notify_tx_due(const struct xenvif_queue *queue)
{
	return READ_ONCE(queue->notify.tx_due);
}

/**
 * xenvif_notify_tx - the guest wants to know of responses on its transmit ring
 * @queue: the guest's queue
 */
void xenvif_notify_tx(struct xenvif_queue *queue)
{
	xenvif_count(queue->vif, TX_NOTIFICATIONS, 1);
	notify_remote_via_irq(queue->tx_irq);
}
