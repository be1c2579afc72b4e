// SPDX-License-Identifier: GPL-2.0
/*
 * hyperswitch: Xen carries frames from one guest to another by itself, from ring to ring. After
 * Ram, Cox, Chadha, Rixner, "Hyper-Switch: A Scalable Software Virtual Switching Architecture"
 * (2013): the data plane of the switch is in the hypervisor, its control plane where it was. Xen
 * does so when a guest sends the event of its ring, which comes here only if Xen has left some, and
 * when the sender's poll here asks it to. So there may be none for long; what only a poll sees, as
 * that the guest's rate is limited now, is heeded when a flow ends.
 *
 * A queue is lent when its vif is up, and from then on each of its rings is Xen's or dom0's in
 * turn (lease.c). Xen knows no rules. It has flows: frames of this vif with these addresses and
 * this Ethernet type go to that queue. What it has none for it leaves on the ring, and a poll
 * here asks fastbridge, as cut-through does; if the frame's way is one that all of its flow may
 * go, Xen is told, and the frame is Xen's. So whatever has a say in how the frame goes has it
 * still: what fastbridge would answer otherwise it revokes by generations, which Xen compares at
 * each frame, and a flow ends by itself when the bridge has to see its source again, within a
 * quarter of a second.
 *
 * What is not for Xen goes by cut-through or in the ordinary way, as if nothing were lent. That
 * none of a flow goes past another: the sender's ring is dom0's as long as one of its frames is
 * dealt with here, and when it is given back that one has arrived, or waits in the queue of the
 * receiver's thread, so that the receiver's ring is shut, or in its qdisc. Of the last Xen knows
 * nothing. So no flow leads to a queue whose qdisc has frames when the flow is offered; and before
 * a frame takes the ordinary path its flow is ended, or all of its sender's if it was not looked
 * at, to be offered anew.
 *
 * Locking: a queue's struct xenvif_hs is made and taken away under RTNL, and found under RCU or
 * with bottom halves off; while it is there so is its struct xenvif_cut, which is found by who
 * finds this first. It belongs to the queue's NAPI poll but for the leases, and what has a lock of
 * its own. What was read off the ring for a wait (xenvif_cut_has_waited()) is used after it: until
 * then the ring may not be given back, even if the wait is over.
 */
#include "common.h"

#include <linux/etherdevice.h>
#include <linux/hash.h>
#include <linux/if_vlan.h>
#include <linux/rtnetlink.h>

#include "cutread.h"
#include "cutroute.h"
#include "hs.h"

/* Most frames that are looked at before Xen is asked again, and flows that it is told of. */
#define HS_LOOKS	8
/* Turns in which Xen carries nothing, as while a flow is renewed, before it is asked less. */
#define HS_PATIENCE	8
/* Most polls in a row in which Xen is not asked, when it never has anything to carry. */
#define HS_SKIP_MAX	15
/* No flow counts for longer. */
#define HS_FLOW_LIFE	(usecs_to_jiffies(HS_TTL_MAX_US) + 2)
/* Requests of who sends many, to an event. */
#define HS_WINDOW	32
/* Xen may have carried, and dom0 not heard of it: fastbridge is told so often. */
#define HS_COUNT_EVERY	(HZ / 4)

/* What Xen has counted goes into the vifs' counters, all of it at once. */
static DEFINE_SPINLOCK(hs_count_lock);

static void count_side(const struct xenvif *vif, struct hs_side *counted,
		       const struct hs_side *side, enum xenvif_counter packets,
		       enum xenvif_counter bytes)
{
	u64 frames_now = READ_ONCE(side->frames), bytes_now = READ_ONCE(side->bytes);
	u64 frames = frames_now - counted->frames;

	this_cpu_add(vif->counters->value[packets], frames);
	this_cpu_add(vif->counters->value[bytes], bytes_now - counted->bytes + frames * ETH_HLEN);
	counted->frames = frames_now;
	counted->bytes = bytes_now;
}

static void count_passed(const struct xenvif *vif, struct hs_side *counted,
			 const struct hs_side *side)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(side->passed); i++) {
		u32 now = READ_ONCE(side->passed[i]);

		this_cpu_add(vif->counters->value[XENVIF_HYPERSWITCH_PASSED_ODD + i],
			     now - counted->passed[i]);
		counted->passed[i] = now;
	}
}

/* Of what was carried just before the vif has left the bridge nobody is told. */
static void tell_fastbridge(const struct xenvif_hs *hs, u64 frames, u64 bytes)
{
	struct fb_port *port = xenvif_fastbridge.port(hs->queue->vif->dev);

	/* It takes less than may have come together. */
	while (port && (frames || bytes)) {
		unsigned int some = min_t(u64, frames, UINT_MAX);
		unsigned int part = min_t(u64, bytes, UINT_MAX);

		xenvif_fastbridge.carried(port, some, part);
		frames -= some;
		bytes -= part;
	}
}

/* Xen adds to the state at any time. */
static void count(struct xenvif_hs *hs)
{
	const struct hs_side was = hs->counted.tx;
	const struct xenvif *vif = hs->queue->vif;
	u64 frames;

	lockdep_assert_held(&hs_count_lock);
	count_side(vif, &hs->counted.tx, hs->tx.side, XENVIF_HYPERSWITCH_PACKETS,
		   XENVIF_HYPERSWITCH_BYTES);
	count_side(vif, &hs->counted.rx, hs->rx.side, XENVIF_HYPERSWITCH_RX_PACKETS,
		   XENVIF_HYPERSWITCH_RX_BYTES);
	count_passed(vif, &hs->counted.tx, hs->tx.side);
	frames = hs->counted.tx.frames - was.frames;
	tell_fastbridge(hs, frames, hs->counted.tx.bytes - was.bytes + frames * ETH_HLEN);
}

static void count_now_and_then(struct work_struct *work)
{
	struct xenvif_hs *hs = container_of(to_delayed_work(work), struct xenvif_hs, count);

	spin_lock_bh(&hs_count_lock);
	count(hs);
	spin_unlock_bh(&hs_count_lock);
	schedule_delayed_work(&hs->count, HS_COUNT_EVERY);
}

/*
 * That of a vif, or NULL. Only of one queue is it lent: a flow is the port's, and what is said of
 * order is true of one ring. Called under RCU or RTNL.
 */
static struct xenvif_hs *hs_of(const struct xenvif *vif)
{
	return READ_ONCE(vif->num_queues) == 1 ? rcu_dereference_rtnl(vif->queues->hs) : NULL;
}

static void count_vif(const struct xenvif *vif)
{
	struct xenvif_hs *hs = hs_of(vif);

	if (hs)
		count(hs);
}

/**
 * xenvif_hs_count - bring a vif's counters up to date
 * @vif: the vif
 */
void xenvif_hs_count(const struct xenvif *vif)
{
	rcu_read_lock();
	spin_lock_bh(&hs_count_lock);
	count_vif(vif);
	spin_unlock_bh(&hs_count_lock);
	rcu_read_unlock();
}

/**
 * xenvif_hs_stats - what Xen has carried of a vif's traffic, as the device counts it
 * @vif: the vif
 * @rx_packets: those from the guest are added here
 * @rx_bytes: likewise, without Ethernet headers
 * @tx_packets: those to the guest
 * @tx_bytes: likewise
 */
void xenvif_hs_stats(const struct xenvif *vif, u64 *rx_packets, u64 *rx_bytes,
		     u64 *tx_packets, u64 *tx_bytes)
{
	u64 packets;

	/* Both of a pair at once, or there would be less by the next look. */
	rcu_read_lock();
	spin_lock_bh(&hs_count_lock);
	count_vif(vif);
	packets = xenvif_counter_here(vif, XENVIF_HYPERSWITCH_PACKETS);
	*rx_packets += packets;
	*rx_bytes += xenvif_counter_here(vif, XENVIF_HYPERSWITCH_BYTES) - packets * ETH_HLEN;
	*tx_packets += xenvif_counter_here(vif, XENVIF_HYPERSWITCH_RX_PACKETS);
	*tx_bytes += xenvif_counter_here(vif, XENVIF_HYPERSWITCH_RX_BYTES);
	spin_unlock_bh(&hs_count_lock);
	rcu_read_unlock();
}

/* What a guest takes as it is; nothing, if something is to be added to it. */
static struct hs_set caps_of(const struct xenvif_hs *hs)
{
	static const struct {
		netdev_features_t feature;
		u32 cap;
	} caps[] = {
		{ NETIF_F_SG, HS_CAP_SG },
		{ NETIF_F_IP_CSUM, HS_CAP_CSUM4 },
		{ NETIF_F_IPV6_CSUM, HS_CAP_CSUM6 },
		{ NETIF_F_TSO, HS_CAP_TSO4 },
		{ NETIF_F_TSO6, HS_CAP_TSO6 },
	};
	const struct xenvif *vif = hs->queue->vif;
	const struct net_device *dev = vif->dev;
	struct hs_set set = { .handle = hs->handle, .window = HS_WINDOW };
	unsigned int i;

	if (vif->xdp_headroom || vif->hash.alg)
		return set;
	for (i = 0; i < ARRAY_SIZE(caps); i++)
		if (dev->features & caps[i].feature)
			set.caps |= caps[i].cap;
	if (READ_ONCE(dev->gso_max_segs) >= GSO_MAX_SEGS)
		set.gso_max = READ_ONCE(dev->gso_max_size);
	set.max_len = READ_ONCE(dev->mtu) + VLAN_ETH_HLEN;
	return set;
}

/* Xen is told if it is not as it was. */
static void tell_caps(struct xenvif_hs *hs)
{
	struct hs_set set;

	spin_lock_bh(&hs->caps_lock);
	set = caps_of(hs);
	if (memcmp(&set, &hs->caps, sizeof(set))) {
		hs->caps = set;
		xenvif_hs_call(HSOP_set, &set, 1);
	}
	spin_unlock_bh(&hs->caps_lock);
}

/**
 * xenvif_hs_changed - what the guest takes may be something else than before
 * @vif: the vif
 *
 * Context: process.
 */
void xenvif_hs_changed(struct xenvif *vif)
{
	struct xenvif_hs *hs;

	rcu_read_lock();
	hs = hs_of(vif);
	if (hs)
		tell_caps(hs);
	rcu_read_unlock();
}

static int attach(struct xenvif_hs *hs)
{
	const struct xenvif_queue *queue = hs->queue;
	struct hs_attach arg = {
		.domid = queue->vif->domid,
		.port = hs->place + 1,
		.state = hs->place,
		.tx_gref = queue->rings.tx_gref,
		.rx_gref = queue->rings.rx_gref,
		.tx_port = queue->rings.tx_port,
		.rx_port = queue->rings.rx_port,
	};
	int err = xenvif_hs_call(HSOP_attach, &arg, 1);

	hs->handle = arg.handle;
	return err ? err : arg.status;
}

static struct xenvif_hs *lend(struct xenvif_queue *queue)
{
	struct xenvif_hs *hs = kzalloc(sizeof(*hs), GFP_KERNEL);
	struct hs_state *state;
	int err = -ENOMEM;

	if (!hs)
		return ERR_PTR(err);
	state = xenvif_hs_place(&hs->place);
	if (!state)
		goto err_hs;
	hs->queue = queue;
	spin_lock_init(&hs->caps_lock);
	INIT_DEFERRABLE_WORK(&hs->count, count_now_and_then);
	xenvif_lease_init(&hs->tx, &state->tx);
	xenvif_lease_init(&hs->rx, &state->rx);
	hs->tx.users++;
	hs->tx_kept = true;
	hs->rx.users++;
	hs->rx_kept = true;
	err = attach(hs);
	if (err)
		goto err_place;
	tell_caps(hs);
	rcu_assign_pointer(queue->hs, hs);
	schedule_delayed_work(&hs->count, HS_COUNT_EVERY);
	return hs;

err_place:
	xenvif_hs_displace(hs->place);
err_hs:
	kfree(hs);
	return ERR_PTR(err);
}

/**
 * xenvif_hs_on - lend the queue of a vif to Xen, if that is wanted and it has one
 * @vif: the vif, which is connected and has cut-through
 *
 * Not before responses that were being written when it was lent have been, and senders of
 * cut-through who were there have left; the receive ring not before the thread has been there,
 * and the transmit ring not before its next poll: what was read off it may be waiting.
 *
 * Context: RTNL.
 * Return: 0, also for a vif that is lent already or has several queues, or a negative error.
 */
int xenvif_hs_on(struct xenvif *vif)
{
	struct xenvif_queue *queue = vif->queues;
	struct xenvif_hs *hs;

	ASSERT_RTNL();
	if (!vif->tune.hyperswitch || vif->num_queues != 1 || hs_of(vif))
		return 0;
	/* There was no memory for it. */
	if (!rtnl_dereference(queue->cut))
		return -ENOMEM;
	hs = lend(queue);
	if (IS_ERR(hs))
		return PTR_ERR(hs);
	synchronize_net();
	xenvif_lease_put_tx(hs);
	xenvif_lease_put_rx(hs);
	return 0;
}

/* Both rings are dom0's, for good. Of a guest that has ended Xen knows nothing any more. */
static void take_back(struct xenvif_hs *hs)
{
	struct hs_detach arg = { .handle = hs->handle };
	int err;

	xenvif_lease_get_tx(hs);
	xenvif_lease_get_rx(hs);
	err = xenvif_hs_call(HSOP_detach, &arg, 1);
	if (!err)
		err = arg.status;
	hs->lost = WARN_ON_ONCE(err && err != -ENOENT);
	RCU_INIT_POINTER(hs->queue->hs, NULL);
}

/* What Xen does not let go of is not used again. */
static void hs_free(struct xenvif_hs *hs)
{
	/* Whatever the guest was asked for last by Xen. */
	local_bh_disable();
	napi_schedule(&hs->queue->napi);
	local_bh_enable();
	cancel_delayed_work_sync(&hs->count);
	spin_lock_bh(&hs_count_lock);
	count(hs);
	spin_unlock_bh(&hs_count_lock);
	if (!hs->lost)
		xenvif_hs_displace(hs->place);
	kfree(hs);
}

/**
 * xenvif_hs_off - undo xenvif_hs_on(), if it was done
 * @vif: the vif, which still has cut-through
 *
 * Context: RTNL.
 */
void xenvif_hs_off(struct xenvif *vif)
{
	struct xenvif_hs *hs;

	ASSERT_RTNL();
	hs = hs_of(vif);
	if (!hs)
		return;
	take_back(hs);
	synchronize_net();
	hs_free(hs);
}

/* What most frames of the ordinary path can be told by from those of the flows that Xen knows. */
static u64 mark_of(const u8 *dmac)
{
	return BIT_ULL(hash_64(ether_addr_to_u64(dmac), 6));
}

static void forget_old_marks(struct xenvif_hs *hs)
{
	if (time_before(jiffies, hs->told_until))
		return;
	hs->told_before = time_before(jiffies, hs->told_until + HS_FLOW_LIFE) ? hs->told : 0;
	hs->told = 0;
	hs->told_until = jiffies + HS_FLOW_LIFE;
}

/**
 * xenvif_hs_forget_flow - a frame is about to take the ordinary path
 * @queue: the sender's queue, whose transmit ring is dom0's, lent or not
 * @eth: the frame's
 *
 * None that Xen may carry then is to be of the same flow.
 *
 * Context: the queue's NAPI poll.
 */
void xenvif_hs_forget_flow(struct xenvif_queue *queue, const struct ethhdr *eth)
{
	struct xenvif_hs *hs = rcu_dereference_bh(queue->hs);
	struct hs_flow flow = {};

	if (likely(!hs))
		return;
	forget_old_marks(hs);
	if (!((hs->told | hs->told_before) & mark_of(eth->h_dest)))
		return;
	flow.in = hs->handle;
	flow.ethertype = (__force u16)eth->h_proto;
	ether_addr_copy(flow.dmac, eth->h_dest);
	ether_addr_copy(flow.smac, eth->h_source);
	xenvif_hs_call(HSOP_flow_del, &flow, 1);
	xenvif_count(queue->vif, HYPERCALLS, 1);
}

/**
 * xenvif_hs_forget - the same of frames that were not looked at
 * @queue: the sender's queue, whose transmit ring is dom0's, lent or not
 *
 * Context: the queue's NAPI poll.
 */
void xenvif_hs_forget(struct xenvif_queue *queue)
{
	struct xenvif_hs *hs = rcu_dereference_bh(queue->hs);
	struct hs_flush flush;

	if (likely(!hs) || !(hs->told | hs->told_before))
		return;
	flush.handle = hs->handle;
	xenvif_hs_call(HSOP_flow_flush, &flush, 1);
	xenvif_count(queue->vif, HYPERCALLS, 1);
	hs->told = 0;
	hs->told_before = 0;
}

static bool same_flow(const struct hs_flow *a, const struct hs_flow *b)
{
	return a->out == b->out && a->ethertype == b->ethertype &&
	       ether_addr_equal(a->dmac, b->dmac) && ether_addr_equal(a->smac, b->smac);
}

static void fill_terms(struct hs_flow *flow, const struct fastbridge_terms *terms)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(flow->slot); i++) {
		flow->slot[i] = offset_in_page(terms->word[i]) / sizeof(u32);
		flow->gen[i] = terms->seen[i];
	}
}

/* The flow that a frame is of, if it has a way that all of it may go, and for a while. */
static bool make_flow(const struct xenvif_hs *hs, const struct xenvif_cut *cut,
		      const struct cut_frame *frame, struct hs_flow *flow)
{
	const struct ethhdr *eth = cut_header(cut, frame);
	struct fastbridge_terms terms;
	struct xenvif_queue *to;
	struct xenvif_hs *out;
	long left;

	to = xenvif_cut_flow(cut, frame, &terms);
	out = to ? rcu_dereference_bh(to->hs) : NULL;
	if (!out || xenvif_fastbridge.txq(to->vif->dev, to->id) != FASTBRIDGE_TXQ_PASSABLE)
		return false;
	/* Of the tick that has begun nobody knows how much is left. */
	left = terms.until - jiffies - 1;
	if (left <= 0)
		return false;
	tell_caps(out);
	*flow = (struct hs_flow) {
		.in = hs->handle,
		.out = out->handle,
		.ethertype = (__force u16)eth->h_proto,
		.ttl_us = min_t(unsigned int, jiffies_to_usecs(left), HS_TTL_MAX_US),
	};
	ether_addr_copy(flow->dmac, eth->h_dest);
	ether_addr_copy(flow->smac, eth->h_source);
	fill_terms(flow, &terms);
	return true;
}

/* Tell Xen of the flows of the frames that were read. True if the first's is one. */
static bool offer(struct xenvif_hs *hs, const struct xenvif_cut *cut)
{
	struct hs_flow flows[HS_LOOKS];
	u64 began = ktime_get_ns();
	unsigned int nr = 0, i, j;
	int err;

	for (i = 0; i < cut->nr_frames; i++) {
		if (!make_flow(hs, cut, &cut->frames[i], &flows[nr]))
			break;
		for (j = 0; j < nr; j++)
			if (same_flow(&flows[j], &flows[nr]))
				break;
		nr += j == nr;
	}
	if (!nr)
		return false;
	forget_old_marks(hs);
	for (i = 0; i < nr; i++)
		hs->told |= mark_of(flows[i].dmac);
	xenvif_count(hs->queue->vif, HYPERCALLS, 1);
	err = xenvif_hs_call(HSOP_flow_add, flows, nr);
	/* This CPU was not running: how long they count was worked out before. */
	if (ktime_get_ns() - began > TICK_NSEC) {
		xenvif_hs_forget(hs->queue);
		return false;
	}
	return !err && !flows[0].status;
}

/* Has Xen left the next frame since the ring was last looked at, and was it for want of a flow? */
static bool has_left(struct xenvif_hs *hs, bool *missed)
{
	const struct hs_side *side = hs->tx.side;
	u32 passed = 0, misses, was = hs->passed;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(side->passed); i++)
		passed += READ_ONCE(side->passed[i]);
	misses = READ_ONCE(side->passed[HS_PASSED_MISS]) + READ_ONCE(side->passed[HS_PASSED_STALE]);
	*missed = misses != hs->missed;
	hs->passed = passed;
	hs->missed = misses;
	return passed != was;
}

/*
 * Xen's turn at the transmit ring. Returns HS_*, HS_LEFT also if it has had none; the ring is
 * dom0's again.
 */
static int hand_over(struct xenvif_hs *hs)
{
	struct hs_kick kick = { .handle = hs->handle };
	int err = -EBUSY;

	if (xenvif_lease_put_tx(hs)) {
		err = xenvif_hs_call(HSOP_kick, &kick, 1);
		xenvif_count(hs->queue->vif, HYPERCALLS, 1);
	}
	xenvif_lease_get_tx(hs);
	return err || kick.status < 0 ? HS_LEFT : kick.status;
}

/* The longer Xen carries nothing of what there is, the less often it is asked. */
static void note_carried(struct xenvif_hs *hs, bool left)
{
	u64 carried = hs->tx.side->frames;

	if (carried != hs->carried) {
		hs->carried = carried;
		hs->idle = 0;
		hs->skip = 0;
	} else if (left) {
		hs->idle = min_t(unsigned int, hs->idle + 1, HS_PATIENCE + HS_SKIP_MAX);
		hs->skip = max_t(int, hs->idle - HS_PATIENCE, 0);
	}
}

/* A flow ends too soon to wait for that; but a guest may have a new one for each frame. */
static void ask_again(struct xenvif_hs *hs)
{
	if (time_before(jiffies, hs->asked_again + HS_FLOW_LIFE))
		return;
	hs->asked_again = jiffies;
	hs->skip = 0;
}

/*
 * Frames that Xen has left are looked at, and are Xen's with a flow, if that was what they wanted,
 * or taken here. Returns how many were taken; -EAGAIN: Xen may go on.
 */
static int take_left(struct xenvif_hs *hs, struct xenvif_cut *cut, bool missed, int most)
{
	int taken;

	xenvif_cut_read(hs->queue, cut, min(most, HS_LOOKS));
	if (missed && offer(hs, cut))
		return -EAGAIN;
	taken = xenvif_cut_take(cut, most);
	/* The bridge has seen the source now, which it may have had to. */
	if (missed && !xenvif_cut_has_waited(cut) && offer(hs, cut))
		ask_again(hs);
	return taken;
}

/* Is the ring to be let alone for now? */
static bool is_over(const struct xenvif_hs *hs, const struct xenvif_cut *cut)
{
	return hs->skip || xenvif_cut_has_waited(cut) || hs->queue->vif->disabled;
}

/*
 * Xen carries what it can, and what it leaves is dealt with, in turn; at first that which it has
 * left when it was asked by the guest. Not for longer than other polls, however it goes: with a
 * flow that it was told of in vain a frame is taken here.
 */
static int take_turns(struct xenvif_hs *hs, struct xenvif_cut *cut, int budget)
{
	bool missed, offered = false;
	int done = 0, left = HS_LEFT, taken;

	if (!has_left(hs, &missed))
		left = HS_MORE;
	while (done < budget) {
		u64 was = hs->tx.side->frames;

		if (left != HS_LEFT) {
			left = hand_over(hs);
			has_left(hs, &missed);
			done += hs->tx.side->frames - was;
			offered = offered && hs->tx.side->frames == was;
		}
		note_carried(hs, left == HS_LEFT);
		if (left == HS_SERVED)
			return min(done, budget - 1);
		if (left == HS_MORE || done >= budget)
			return budget;
		taken = take_left(hs, cut, missed && !offered, budget - done);
		offered = taken == -EAGAIN;
		done += max(taken, 0);
		/* What it was just told of Xen is asked for in any case. */
		if (!offered && (!taken || is_over(hs, cut)))
			return min(done, budget);
		left = HS_MORE;
	}
	return budget;
}

static int poll(struct xenvif_hs *hs, struct xenvif_cut *cut, int budget)
{
	if (!xenvif_cut_may_carry(hs->queue, cut) || xenvif_cut_has_waited(cut))
		return xenvif_cut_poll(cut, budget);
	if (hs->skip) {
		hs->skip--;
		return xenvif_cut_poll(cut, budget);
	}
	return take_turns(hs, cut, budget);
}

/**
 * xenvif_hs_poll - take frames from a guest's ring that is lent
 * @hs: what the guest's queue has for that
 * @cut: likewise, for those that Xen does not carry
 * @budget: most frames to be taken
 *
 * While frames may not be carried at all, the vif is disabled, Xen has nothing to carry, or one
 * that was read off the ring waits, that remains dom0's.
 *
 * Context: the queue's NAPI poll.
 * Return: how many were taken; less than @budget if there are no more, or the next has to wait.
 */
int xenvif_hs_poll(struct xenvif_hs *hs, struct xenvif_cut *cut, int budget)
{
	int done;

	if (!hs->tx_kept)
		xenvif_lease_get_tx(hs);
	done = poll(hs, cut, budget);
	/* With one channel for both rings Xen leaves events to dom0 while dom0 has that one. */
	if (!done && READ_ONCE(hs->rx_kept))
		xenvif_gate_let_go(&cut->gate, hs->queue);
	/* Even if the wait is over: what was read is looked at in the next poll. */
	WRITE_ONCE(hs->tx_kept, is_over(hs, cut) || !xenvif_cut_may_carry(hs->queue, cut));
	if (!hs->tx_kept)
		xenvif_lease_put_tx(hs);
	return done;
}
