// SPDX-License-Identifier: GPL-2.0
/*
 * The gate before a guest's receive ring, while its vif has cutthrough set: either senders
 * fill the ring, each under the gate's lock, or the guest's own thread does, which marks
 * itself busy under the lock and then does without it.
 *
 * A thread that was in the ring when the gate came to be does not know of it; senders stay
 * away until it has passed the gate for the first time, with frames that took the ordinary
 * path. Without a gate, which is without cutthrough, it has nothing to do but to see that.
 *
 * Locking: a gate is part of the queue's struct xenvif_cut, which is found under RCU and stays
 * for a grace period after xenvif_gate_close().
 */
#include "common.h"

#include "cut.h"

/* For so long senders keep away from a guest whose receive buffers cannot be written to. */
#define GATE_DISTRUST HZ

/**
 * xenvif_gate_init - make a gate, open but not yet watched
 * @gate: the gate
 */
void xenvif_gate_init(struct xenvif_gate *gate)
{
	spin_lock_init(&gate->lock);
	gate->open = true;
}

/**
 * xenvif_gate_close - let no sender in any more
 * @gate: the gate
 *
 * When this returns none is at the ring.
 */
void xenvif_gate_close(struct xenvif_gate *gate)
{
	spin_lock_bh(&gate->lock);
	gate->open = false;
	spin_unlock_bh(&gate->lock);
}

/* A gate that has come to be since the thread entered does not become watched as it leaves. */
static void set_busy(struct xenvif_queue *queue, bool busy)
{
	struct xenvif_cut *cut;

	if (!rcu_access_pointer(queue->cut))
		return;
	rcu_read_lock();
	cut = rcu_dereference(queue->cut);
	if (cut) {
		spin_lock_bh(&cut->gate.lock);
		cut->gate.watched |= busy;
		cut->gate.busy = busy;
		spin_unlock_bh(&cut->gate.lock);
	}
	rcu_read_unlock();
}

/**
 * xenvif_gate_enter - the guest's own thread begins to fill the receive ring
 * @queue: the queue
 */
void xenvif_gate_enter(struct xenvif_queue *queue)
{
	set_busy(queue, true);
	xenvif_lease_enter_rx(queue);
}

/**
 * xenvif_gate_leave - the thread has filled the ring with what there was room for
 * @queue: the queue
 */
void xenvif_gate_leave(struct xenvif_queue *queue)
{
	xenvif_lease_leave_rx(queue);
	set_busy(queue, false);
}

/**
 * xenvif_gate_let_go - nobody else comes by: is the receive ring still dom0's without need?
 * @gate: the gate
 * @queue: its queue
 *
 * Context: BH off.
 */
void xenvif_gate_let_go(struct xenvif_gate *gate, struct xenvif_queue *queue)
{
	spin_lock(&gate->lock);
	if (gate->watched && !gate->busy)
		xenvif_lease_leave_rx(queue);
	spin_unlock(&gate->lock);
}

/**
 * xenvif_gate_distrust - the guest has given buffers that cannot be written to
 * @gate: the gate, its lock held
 *
 * What each such frame costs is not to be its senders' for a while.
 */
void xenvif_gate_distrust(struct xenvif_gate *gate)
{
	lockdep_assert_held(&gate->lock);
	gate->distrusted = true;
	gate->distrusted_until = jiffies + GATE_DISTRUST;
}

static bool is_distrusted(struct xenvif_gate *gate)
{
	if (likely(!gate->distrusted))
		return false;
	gate->distrusted = time_before(jiffies, gate->distrusted_until);
	return gate->distrusted;
}

/**
 * xenvif_gate_ask - may a frame go past all that is on its way to the guest?
 * @gate: the gate, its lock held
 * @queue: its queue
 *
 * Return: enum xenvif_passage.
 */
enum xenvif_passage xenvif_gate_ask(struct xenvif_gate *gate,
				    const struct xenvif_queue *queue)
{
	lockdep_assert_held(&gate->lock);
	if (!gate->open || !gate->watched || is_distrusted(gate))
		return XENVIF_PASSAGE_NONE;
	switch (xenvif_fastbridge.txq(queue->vif->dev, queue->id)) {
	case FASTBRIDGE_TXQ_NEVER:
		return XENVIF_PASSAGE_NONE;
	case FASTBRIDGE_TXQ_BUSY:
		return XENVIF_PASSAGE_LATER;
	default:
		break;
	}
	return gate->busy || !skb_queue_empty_lockless(&queue->rx_queue) ?
	       XENVIF_PASSAGE_LATER : XENVIF_PASSAGE_FREE;
}
