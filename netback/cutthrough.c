// SPDX-License-Identifier: GPL-2.0
/*
 * Cut-through: a frame that fastbridge would forward from one guest to another is copied
 * from the sender's pages straight to the receiver's, without a mapping, an skb, or the
 * receiver's thread. After Menon, Cox, Zwaenepoel, "Optimizing Network Virtualization in
 * Xen" (2006): copy the header, map a body only if someone needs it. Here nobody does.
 *
 * A poll of the sender's ring goes like this: read the requests of up to a budget of
 * frames, and copy their headers to dom0, all in one hypercall (cutread.c); ask fastbridge
 * about each, in their order (cutroute.c); collect the copies to the receivers, and do many
 * in one hypercall; only when they have succeeded write the responses, to either side
 * (cutcopy.c).
 *
 * Whatever is not plain is left on the ring for the ordinary path, which reads it anew:
 * nothing that was found out here is relied upon there. A frame is not carried past one
 * that left before it by the ordinary path: collected copies are done before such a one is
 * handed in, and a receiver for whom frames are on their way, in its queue, in a qdisc, in
 * its thread, takes none (gate.c); see below for the one exception.
 *
 * Waiting. If a receiver has no room, or frames are on their way to it, the sender's ring may
 * be left alone for CUT_WAIT_NS and then be looked at again. The ordinary path would queue the
 * frame, and would then have to carry all that follow for that receiver until its queue is
 * empty. But meanwhile nothing moves that the sender has for others, so that the time for it
 * is short (budget.c): of any second, one per cent at most
 *
 *  - of the sender's, in its struct xenvif_cut, so that a hundred receivers who take nothing
 *    cost it no more than one. It is charged for what a wait has really taken, at its end,
 *    when its ring is looked at again; one is begun only if its whole length can be paid for.
 *    So it may be over by as much as the last timer was late, which is the machine's doing,
 *    and which it has to earn before it waits again.
 *  - of the receiver's, in its gate, all senders' waits together, so that who is behind costs
 *    none of them more than that. It is charged CUT_WAIT_NS in advance, under the gate's lock,
 *    when the wait is certain. What a late timer adds to it is the sender's to pay alone.
 *
 * Both are of ktime_get_ns(). Nothing gives time back but time: no frame that a receiver
 * takes, however slowly, and no end of a connection but the queue's own. What a frame meets at
 * its receiver's gate is one of three:
 *
 *  - passage: it is carried;
 *  - later, no room yet: a wait, if both can pay for it, else the ordinary path at once;
 *  - none: never a wait, since none would help: the gate is closed or not yet watched, the
 *    guest's receive ring has gone wild, its buffers could not be written to a moment ago, or
 *    its qdisc is one that no frame passes by, as fq.
 *
 * The order within a flow holds when the sender stops waiting, since the frame that it waited
 * for is the first that goes the ordinary way, alone, before any other is looked at, and has
 * reached the receiver's qdisc or queue when xenvif_tx_action() returns: from then on the
 * gate lets none of that flow pass until it has arrived. With the bridge's aggregate this CPU
 * may hold it instead, and as long as it does fastbridge_route() lets none take this path here.
 * The exception: that does not ask other CPUs. If the queue's next poll is on another, since its
 * interrupt has been moved, before this one has let go of the frame, then one may overtake it.
 *
 * What was read before a wait is kept, and after it the frame that has waited is asked about
 * first, which costs no copy. While a sender waits it hears no event for its transmit ring;
 * if that shares its event channel with the receive ring, that hears its own all the same.
 *
 * Locking: a queue's struct xenvif_cut is there while its vif is connected and has cutthrough
 * set, is made and taken away under RTNL, and found under RCU or with bottom halves off. As a
 * sender's it belongs to the queue's NAPI poll, the gate in it to others. The timer schedules
 * the NAPI of its own queue only, and is cancelled when no poll can start it any more. The
 * functions of fastbridge are held on to by every vif with cutthrough set.
 */
#include "common.h"

#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/rtnetlink.h>
#include <xen/events.h>

#include "budget.h"
#include "cut.h"
#include "cutcopy.h"
#include "cutread.h"
#include "gate.h"

/* Most polls in a row that are left to the ordinary path, when it has all to do. */
#define CUT_SKIP_MAX	15

struct xenvif_fastbridge xenvif_fastbridge;
static DEFINE_MUTEX(fastbridge_lock);
static unsigned int fastbridge_users;

static void fastbridge_release(void)
{
	if (xenvif_fastbridge.generations)
		symbol_put(fastbridge_generations);
	if (xenvif_fastbridge.flow)
		symbol_put(fastbridge_flow);
	if (xenvif_fastbridge.carried)
		symbol_put(fastbridge_carried);
	if (xenvif_fastbridge.txq)
		symbol_put(fastbridge_txq);
	if (xenvif_fastbridge.route)
		symbol_put(fastbridge_route);
	if (xenvif_fastbridge.port)
		symbol_put(fastbridge_port);
	memset(&xenvif_fastbridge, 0, sizeof(xenvif_fastbridge));
}

static int fastbridge_find(void)
{
	xenvif_fastbridge.port = symbol_get(fastbridge_port);
	xenvif_fastbridge.route = symbol_get(fastbridge_route);
	xenvif_fastbridge.txq = symbol_get(fastbridge_txq);
	xenvif_fastbridge.carried = symbol_get(fastbridge_carried);
	xenvif_fastbridge.flow = symbol_get(fastbridge_flow);
	xenvif_fastbridge.generations = symbol_get(fastbridge_generations);
	if (xenvif_fastbridge.port && xenvif_fastbridge.route &&
	    xenvif_fastbridge.txq && xenvif_fastbridge.carried)
		return 0;
	fastbridge_release();
	return -EOPNOTSUPP;
}

/**
 * xenvif_cut_get - hold on to fastbridge; before xenvif_cut_on()
 *
 * Return: 0, or -EOPNOTSUPP if it is not loaded.
 */
int xenvif_cut_get(void)
{
	int err = 0;

	mutex_lock(&fastbridge_lock);
	if (!fastbridge_users)
		err = fastbridge_find();
	if (!err)
		fastbridge_users++;
	mutex_unlock(&fastbridge_lock);
	return err;
}

/**
 * xenvif_cut_put - let go of fastbridge; after xenvif_cut_off()
 */
void xenvif_cut_put(void)
{
	mutex_lock(&fastbridge_lock);
	if (!--fastbridge_users)
		fastbridge_release();
	mutex_unlock(&fastbridge_lock);
}

static enum hrtimer_restart wait_is_over(struct hrtimer *timer)
{
	struct xenvif_cut *cut = container_of(timer, struct xenvif_cut, timer);

	WRITE_ONCE(cut->waiting, false);
	napi_schedule(&cut->queue->napi);
	return HRTIMER_NORESTART;
}

static void cut_free(struct xenvif_cut *cut)
{
	free_pages_exact(cut->headers, CUT_FRAMES * CUT_HEADER);
	kvfree(cut);
}

static struct xenvif_cut *cut_alloc(struct xenvif_queue *queue)
{
	struct xenvif_cut *cut = kvzalloc(sizeof(*cut), GFP_KERNEL);

	if (!cut)
		return NULL;
	/* Of the linear map, whose frame numbers are at hand. */
	cut->headers = alloc_pages_exact(CUT_FRAMES * CUT_HEADER, GFP_KERNEL);
	if (!cut->headers) {
		kvfree(cut);
		return NULL;
	}
	cut->queue = queue;
	xenvif_gate_init(&cut->gate);
	hrtimer_init(&cut->timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	cut->timer.function = wait_is_over;
	return cut;
}

/**
 * xenvif_cut_on - the queues of a vif with cutthrough set are, or will be, connected
 * @vif: the vif
 *
 * Context: RTNL.
 * Return: 0 or -ENOMEM; then none of them has cut-through.
 */
int xenvif_cut_on(struct xenvif *vif)
{
	unsigned int i;

	ASSERT_RTNL();
	for (i = 0; i < vif->num_queues; i++) {
		struct xenvif_cut *cut = cut_alloc(&vif->queues[i]);

		if (!cut) {
			xenvif_cut_off(vif);
			return -ENOMEM;
		}
		rcu_assign_pointer(vif->queues[i].cut, cut);
	}
	return 0;
}

/* Nobody finds it any more: what waited goes on by the ordinary path. */
static void cut_end(struct xenvif_cut *cut)
{
	hrtimer_cancel(&cut->timer);
	if (cut->waiting) {
		local_bh_disable();
		napi_schedule(&cut->queue->napi);
		local_bh_enable();
	}
	cut_free(cut);
}

/**
 * xenvif_cut_off - undo xenvif_cut_on(), if it was done
 * @vif: the vif, whose queues are still there
 *
 * Context: RTNL. Waits until no sender is at one of the queues, nor one of their polls in here.
 */
void xenvif_cut_off(struct xenvif *vif)
{
	struct xenvif_cut *gone = NULL, *cut;
	unsigned int i;

	ASSERT_RTNL();
	for (i = 0; i < vif->num_queues; i++) {
		cut = rtnl_dereference(vif->queues[i].cut);
		if (!cut)
			continue;
		xenvif_gate_close(&cut->gate);
		RCU_INIT_POINTER(vif->queues[i].cut, NULL);
		cut->gone = gone;
		gone = cut;
	}
	if (!gone)
		return;
	synchronize_net();
	while (gone) {
		cut = gone;
		gone = cut->gone;
		cut_end(cut);
	}
}

/**
 * xenvif_cut_stop - the queue will not be polled until its interface is up again
 * @queue: the queue, its NAPI disabled
 *
 * Context: RTNL.
 */
void xenvif_cut_stop(struct xenvif_queue *queue)
{
	struct xenvif_cut *cut = rtnl_dereference(queue->cut);

	if (!cut)
		return;
	hrtimer_cancel(&cut->timer);
	cut->waited_since = 0;
	WRITE_ONCE(cut->waiting, false);
}

/**
 * xenvif_cut_waits - is the ring to be left alone after this poll, until the timer fires?
 * @cut: the sender's state
 *
 * If the timer fires after this was asked, it has the queue polled again.
 *
 * Context: the queue's NAPI poll, not yet complete.
 */
bool xenvif_cut_waits(const struct xenvif_cut *cut)
{
	return READ_ONCE(cut->waiting);
}

/**
 * xenvif_cut_end_poll - a poll is complete, after which the ring is left alone
 * @queue: the queue
 *
 * The common event channel of both rings, which the poll has not ended, is the receive ring's.
 */
void xenvif_cut_end_poll(struct xenvif_queue *queue)
{
	if (queue->tx_irq == queue->rx_irq &&
	    atomic_fetch_andnot(NETBK_COMMON_EOI, &queue->eoi_pending) &
	    NETBK_COMMON_EOI)
		xen_irq_lateeoi(queue->tx_irq, 0);
}

static void wait_begin(struct xenvif_cut *cut)
{
	xenvif_count(cut->queue->vif, CUTTHROUGH_WAITS, 1);
	cut->waited_since = ktime_get_ns();
	WRITE_ONCE(cut->waiting, true);
	hrtimer_start(&cut->timer, ns_to_ktime(CUT_WAIT_NS), HRTIMER_MODE_REL);
}

/* The sender pays for it. True if there was one. */
static bool wait_end(struct xenvif_cut *cut)
{
	u64 now;

	if (!cut->waited_since)
		return false;
	now = ktime_get_ns();
	xenvif_budget_charge(&cut->budget, now, now - cut->waited_since);
	cut->waited_since = 0;
	return true;
}

static bool skips(struct xenvif_cut *cut)
{
	if (!cut->skip)
		return false;
	cut->skip--;
	return true;
}

/**
 * xenvif_cut_has_waited - are there frames that were read before a wait, over or not?
 * @cut: the sender's state
 *
 * Context: the queue's NAPI poll.
 */
bool xenvif_cut_has_waited(const struct xenvif_cut *cut)
{
	return cut->waited_since;
}

/**
 * xenvif_cut_may_carry - is this a poll in which frames may be carried?
 * @queue: the sender's queue
 * @cut: its state
 *
 * Not while the guest's rate is limited, or its frames are spread over CPUs behind this one's
 * back.
 *
 * Context: the queue's NAPI poll.
 */
bool xenvif_cut_may_carry(const struct xenvif_queue *queue, struct xenvif_cut *cut)
{
	const struct net_device *dev = queue->vif->dev;

	if (queue->credit_bytes != ~0UL)
		return false;
#ifdef CONFIG_RPS
	if (rcu_access_pointer(dev->_rx->rps_map) ||
	    rcu_access_pointer(dev->_rx->rps_flow_table))
		return false;
#endif
	cut->port = xenvif_fastbridge.port(dev);
	return cut->port;
}

/* Those that were read before a wait are the first on the ring still. */
static void keep_frames(struct xenvif_cut *cut, unsigned int most)
{
	cut->start = cut->next;
	cut->nr_frames = min(cut->nr_frames, cut->next + most);
}

static unsigned int taken(const struct xenvif_cut *cut)
{
	return cut->first - cut->start;
}

/* Little was carried; the less there is to carry, the less often it is tried. */
static void carry_less(struct xenvif_cut *cut)
{
	cut->skip = cut->skip_next;
	cut->skip_next = min(2 * cut->skip_next + 1, CUT_SKIP_MAX);
}

/* Frames of whatever flow; if there are none, no flow that Xen has been told of need be ended. */
static int take_ordinary(struct xenvif_queue *queue, int budget)
{
	if (!RING_HAS_UNCONSUMED_REQUESTS(&queue->tx))
		return 0;
	xenvif_hs_forget(queue);
	return xenvif_tx_action(queue, budget);
}

/* The next frame the ordinary way; false if the guest has put another in its place. */
static bool pass_ordinary(struct xenvif_queue *queue, struct xenvif_cut *cut)
{
	const struct cut_frame *frame = &cut->frames[cut->next++];

	cut->first = cut->next;
	xenvif_hs_forget_flow(queue, cut_header(cut, frame));
	xenvif_tx_action(queue, 1);
	return queue->tx.req_cons == frame->end;
}

/*
 * Takes the frames that were read, those that are not for this path one by one; until it
 * turns out that the ordinary path does better with what is left. False if what is left is
 * not to be touched now: a receiver is waited for, or a guest plays tricks.
 */
static bool take_frames(struct xenvif_queue *queue, struct xenvif_cut *cut)
{
	unsigned int ordinary = 0;

	for (;;) {
		enum cut_verdict verdict = xenvif_cut_carry(queue, cut);

		if (cut->next == cut->nr_frames) {
			cut->skip_next = 0;
			return true;
		}
		if (verdict == CUT_WAIT) {
			wait_begin(cut);
			return false;
		}
		if (unlikely(verdict == CUT_FAULT)) {
			cut->skip = CUT_SKIP_MAX;
			return true;
		}
		if (unlikely(verdict == CUT_RESTORED) ||
		    ordinary++ > (cut->next - cut->start) / 4) {
			carry_less(cut);
			return true;
		}
		if (!pass_ordinary(queue, cut))
			return false;
	}
}

/**
 * xenvif_cut_poll - take frames from a guest's ring, by cut-through where that can be
 * @cut: what the guest's queue has for that
 * @budget: most frames to be taken
 *
 * Context: the queue's NAPI poll.
 * Return: how many were taken.
 */
int xenvif_cut_poll(struct xenvif_cut *cut, int budget)
{
	struct xenvif_queue *queue = cut->queue;
	bool waited;

	/* Something else than the timer has brought it here. */
	if (READ_ONCE(cut->waiting))
		return 0;
	waited = wait_end(cut);
	if (skips(cut) || !xenvif_cut_may_carry(queue, cut))
		return take_ordinary(queue, budget);

	if (waited)
		keep_frames(cut, budget);
	else
		xenvif_cut_read(queue, cut, budget);
	if (cut->next < cut->nr_frames &&
	    (!take_frames(queue, cut) || taken(cut) == budget))
		return taken(cut);
	/* What came during the wait is for a poll of its own. */
	if (waited && cut->next == cut->nr_frames)
		return taken(cut);
	return taken(cut) + take_ordinary(queue, budget - taken(cut));
}

/**
 * xenvif_cut_take - take the frames that xenvif_cut_read() has read, and at least one
 * @cut: what the guest's queue has for that
 * @budget: most frames to be taken; no fewer than were to be read
 *
 * Context: the queue's NAPI poll.
 * Return: how many were taken; none if there is one that is to wait.
 */
int xenvif_cut_take(struct xenvif_cut *cut, int budget)
{
	struct xenvif_queue *queue = cut->queue;

	if (skips(cut))
		return take_ordinary(queue, budget);
	if (cut->next < cut->nr_frames && !take_frames(queue, cut))
		return taken(cut);
	if (taken(cut) && (cut->next == cut->nr_frames || taken(cut) == budget))
		return taken(cut);
	return taken(cut) + take_ordinary(queue, budget - taken(cut));
}
