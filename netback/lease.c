// SPDX-License-Identifier: GPL-2.0
/*
 * The rings of a queue that is lent to Xen. As long as dom0 has one, the queue's own cons and
 * prod are right, and everything is as with a ring that is not lent; while nobody in dom0 has it
 * they are old, and what has been read of them means nothing.
 *
 * The transmit ring is dom0's during a poll, and while responses are written; also between polls,
 * if what was read off it waits for something.
 *
 * The receive ring is dom0's from when the guest's thread begins to fill it until no frame is left
 * on its way there, in the thread's queue or the qdisc, so that Xen carries none past another; and
 * while a sender of cut-through is there. So it is when it is lent, for the thread may have begun
 * before. A frame that comes when the thread has not begun shuts it: from then on Xen carries
 * nothing there but the frame that it is at, which is another sender's. That is all that order
 * takes.
 *
 * Locking: a lease's lock is held while the ring changes hands, with interrupts off: responses are
 * written by all kinds of contexts. To have it one may have to wait until Xen has copied the frame
 * that it is at, and the receive ring also until it has looked at the sender's next one.
 */
#include "common.h"

#include "hs.h"
#include "token.h"

/**
 * xenvif_lease_init - a ring is about to be lent
 * @lease: the ring, which is dom0's, on behalf of who is there already
 * @side: likewise
 */
void xenvif_lease_init(struct xenvif_lease *lease, struct hs_side *side)
{
	spin_lock_init(&lease->lock);
	lease->users = 1;
	lease->side = side;
	*side = (struct hs_side) { .owner = HS_BACKEND };
}

/**
 * xenvif_lease_get_tx - have the transmit ring for dom0
 * @hs: of the queue
 *
 * Context: any but that of a hardware interrupt.
 */
void xenvif_lease_get_tx(struct xenvif_hs *hs)
{
	struct xenvif_queue *queue = hs->queue;
	struct xenvif_lease *tx = &hs->tx;
	unsigned long flags;

	spin_lock_irqsave(&tx->lock, flags);
	if (!tx->users++) {
		hs_token_take(tx->side);
		queue->tx.req_cons = tx->side->cons;
		queue->tx.rsp_prod_pvt = tx->side->prod;
	}
	spin_unlock_irqrestore(&tx->lock, flags);
}

/**
 * xenvif_lease_put_tx - undo xenvif_lease_get_tx()
 * @hs: of the queue
 *
 * Return: true if it is nobody's now.
 */
bool xenvif_lease_put_tx(struct xenvif_hs *hs)
{
	const struct xenvif_queue *queue = hs->queue;
	struct xenvif_lease *tx = &hs->tx;
	unsigned long flags;
	bool free;

	spin_lock_irqsave(&tx->lock, flags);
	free = !--tx->users;
	if (free) {
		tx->side->cons = queue->tx.req_cons;
		tx->side->prod = queue->tx.rsp_prod_pvt;
		hs_token_free(tx->side);
	}
	spin_unlock_irqrestore(&tx->lock, flags);
	return free;
}

/* What Xen has carried there shows that the guest takes it. */
static void rx_is_ours(struct xenvif_hs *hs)
{
	struct xenvif_queue *queue = hs->queue;
	const struct hs_side *side = hs->rx.side;

	if (queue->rx.req_cons != side->cons)
		queue->last_rx_time = jiffies;
	queue->rx.req_cons = side->cons;
	queue->rx.rsp_prod_pvt = side->prod;
}

static void rx_get(struct xenvif_hs *hs)
{
	lockdep_assert_held(&hs->rx.lock);
	if (hs->rx.users++)
		return;
	hs_token_take(hs->rx.side);
	rx_is_ours(hs);
}

static void rx_put(struct xenvif_hs *hs)
{
	const struct xenvif_queue *queue = hs->queue;
	struct hs_side *side = hs->rx.side;

	lockdep_assert_held(&hs->rx.lock);
	if (--hs->rx.users)
		return;
	side->cons = queue->rx.req_cons;
	side->prod = queue->rx.rsp_prod_pvt;
	hs_token_free(side);
}

/**
 * xenvif_lease_get_rx - have the receive ring for dom0
 * @hs: of the queue
 *
 * Context: any but that of a hardware interrupt.
 */
void xenvif_lease_get_rx(struct xenvif_hs *hs)
{
	unsigned long flags;

	spin_lock_irqsave(&hs->rx.lock, flags);
	rx_get(hs);
	spin_unlock_irqrestore(&hs->rx.lock, flags);
}

/**
 * xenvif_lease_put_rx - undo xenvif_lease_get_rx()
 * @hs: of the queue
 */
void xenvif_lease_put_rx(struct xenvif_hs *hs)
{
	unsigned long flags;

	spin_lock_irqsave(&hs->rx.lock, flags);
	rx_put(hs);
	spin_unlock_irqrestore(&hs->rx.lock, flags);
}

/**
 * xenvif_lease_begin_tx - who is not the poll has to do with the transmit ring
 * @queue: the queue, lent or not
 *
 * Return: what is to be told to xenvif_lease_end_tx().
 */
struct xenvif_hs *xenvif_lease_begin_tx(const struct xenvif_queue *queue)
{
	struct xenvif_hs *hs;

	rcu_read_lock();
	hs = rcu_dereference(queue->hs);
	if (unlikely(hs))
		xenvif_lease_get_tx(hs);
	return hs;
}

/**
 * xenvif_lease_end_tx - undo xenvif_lease_begin_tx()
 * @hs: what that has returned
 */
void xenvif_lease_end_tx(struct xenvif_hs *hs)
{
	if (unlikely(hs))
		xenvif_lease_put_tx(hs);
	rcu_read_unlock();
}

/* Requests are there, or some have gone since the event before: Xen may be at it just now. */
static bool lent_has_requests(struct xenvif_hs *hs)
{
	const struct xen_netif_tx_back_ring *ring = &hs->queue->tx;
	RING_IDX cons = ring->req_cons, prod = ring->rsp_prod_pvt;
	bool has;

	if (!READ_ONCE(hs->tx_kept)) {
		cons = READ_ONCE(hs->tx.side->cons);
		prod = READ_ONCE(hs->tx.side->prod);
	}
	/* As many as are not answered yet are all that there can be. */
	has = READ_ONCE(ring->sring->req_prod) != cons && cons - prod < RING_SIZE(ring);
	has = has || cons != hs->event_cons;
	hs->event_cons = cons;
	return has;
}

/**
 * xenvif_lease_has_requests - has an event brought requests on the transmit ring?
 * @queue: the queue, lent or not
 *
 * One that has not is held against the guest, which may send them without end. The poll of a ring
 * that is Xen's looks there all the same: Xen tells dom0 also of one without any requests, if it
 * could not ask for the next event.
 *
 * Context: the event's handler.
 */
bool xenvif_lease_has_requests(struct xenvif_queue *queue)
{
	struct xenvif_hs *hs;
	bool has;

	rcu_read_lock();
	hs = rcu_dereference(queue->hs);
	has = hs ? lent_has_requests(hs) : RING_HAS_UNCONSUMED_REQUESTS(&queue->tx);
	if (hs && !has && !READ_ONCE(hs->tx_kept))
		napi_schedule(&queue->napi);
	rcu_read_unlock();
	return has;
}

/**
 * xenvif_lease_shut_rx - a frame has come into the guest's queue, which was empty
 * @queue: the queue, lent or not
 *
 * Context: BH off; the lock of the queue's rx_queue held.
 */
void xenvif_lease_shut_rx(const struct xenvif_queue *queue)
{
	struct xenvif_hs *hs = rcu_dereference_bh(queue->hs);

	lockdep_assert_held(&queue->rx_queue.lock);
	if (unlikely(hs))
		WRITE_ONCE(hs->rx.side->shut, 1);
}

/**
 * xenvif_lease_enter_rx - the guest's thread begins to fill the receive ring
 * @queue: the queue, lent or not
 */
void xenvif_lease_enter_rx(struct xenvif_queue *queue)
{
	struct xenvif_hs *hs;
	unsigned long flags;

	if (!rcu_access_pointer(queue->hs))
		return;
	rcu_read_lock();
	hs = rcu_dereference(queue->hs);
	if (hs) {
		spin_lock_irqsave(&hs->rx.lock, flags);
		if (!hs->rx_kept)
			rx_get(hs);
		hs->rx_kept = true;
		spin_unlock_irqrestore(&hs->rx.lock, flags);
	}
	rcu_read_unlock();
}

/* None is on its way to the guest; if one comes now that says so. */
static bool none_waits(struct xenvif_queue *queue, struct xenvif_hs *hs)
{
	unsigned long flags;
	bool none;

	spin_lock_irqsave(&queue->rx_queue.lock, flags);
	none = skb_queue_empty(&queue->rx_queue) &&
	       xenvif_fastbridge.txq(queue->vif->dev, queue->id) == FASTBRIDGE_TXQ_PASSABLE;
	if (none)
		WRITE_ONCE(hs->rx.side->shut, 0);
	spin_unlock_irqrestore(&queue->rx_queue.lock, flags);
	return none;
}

/**
 * xenvif_lease_leave_rx - the guest's thread is not at the receive ring
 * @queue: the queue, lent or not
 *
 * It has filled it with what there was room for, or a sender has found its gate open: not always
 * is anything left for the thread to see to when the qdisc turns out to have no more.
 *
 * Context: the thread; or the gate's lock held, which the thread needs before it enters.
 */
void xenvif_lease_leave_rx(struct xenvif_queue *queue)
{
	struct xenvif_hs *hs;
	unsigned long flags;

	if (!rcu_access_pointer(queue->hs))
		return;
	rcu_read_lock();
	hs = rcu_dereference(queue->hs);
	if (hs && (READ_ONCE(hs->rx_kept) || READ_ONCE(hs->rx.side->shut)) &&
	    none_waits(queue, hs)) {
		spin_lock_irqsave(&hs->rx.lock, flags);
		if (hs->rx_kept)
			rx_put(hs);
		hs->rx_kept = false;
		spin_unlock_irqrestore(&hs->rx.lock, flags);
	}
	rcu_read_unlock();
}
