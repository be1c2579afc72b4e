// SPDX-License-Identifier: GPL-2.0
/*
 * Receive aggregation: TCP segments that reach the bridge one by one, from a NIC without
 * GRO or from a guest that does not segment late, leave it as one frame if the port takes
 * such. What the port, the queue behind it and the receiver cost per frame is then paid
 * once for up to forty. After Menon et al., "Optimizing Network Virtualization in Xen",
 * USENIX 2006, which saw no remedy for frames that come one by one.
 *
 * The kernel's GRO does it, after the decision where a frame goes. It merges only what
 * segmentation makes the same again: the next bytes of a flow, in segments of one size,
 * with headers that differ in nothing else. So nobody gets other frames than those that
 * were sent: who takes no large ones is not given any, and if one has to go where they are
 * not taken after all, the core cuts it where the segments began. Of what GRO does not
 * compare, though a rule behind the bridge may, what struct fb_alike has is the same for all
 * that a CPU holds.
 *
 * A frame waits until its CPU has handled what else has arrived by now: the NAPI that
 * holds it is polled in the same softirq. TCP waits for nobody else, and within a flow
 * nothing overtakes but what has a wrong checksum: what cannot be merged lets go of what is
 * held, see fb_merges().
 *
 * GRO hands its frames to a device's receive path. That of each port here is its inlet, a
 * device that is never registered and whose rx_handler transmits.
 *
 * Locking: an aggregator is its CPU's, used with bottom halves off; when that CPU goes, the
 * core polls its NAPI on another one. Inlets come and go under RTNL. A frame that is held
 * names its port's inlet, which names the port, so both must outlive it: an inlet goes when
 * frames have stopped coming for a grace period and each CPU has let go of what it held by
 * then.
 */
#include <linux/delay.h>
#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/skbuff.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "aggregate.h"
#include "bridge.h"
#include "port.h"
#include "xmit.h"

/**
 * struct fb_alike - what frames have in common that are held at the same time
 * @arrived_on: the index of a device
 * @mark: what a rule has made of it, as of the three that follow
 * @priority: it
 * @secmark: it
 * @tc_index: it
 * @tpid: the kind of tag of those that have one
 */
struct fb_alike {
	int arrived_on;
	u32 mark;
	u32 priority;
	u32 secmark;
	u16 tc_index;
	__be16 tpid;
};

/* It is compared at once. */
static_assert(sizeof(struct fb_alike) == 5 * sizeof(u32));

/**
 * struct fb_aggregator - what a CPU holds
 * @napi: holds the frames; it is scheduled while there are any
 * @alike: what they have in common
 * @busy: in GRO, which is not to be entered again from where it hands frames to
 * @rounds: how often all was let go of
 */
struct fb_aggregator {
	struct napi_struct napi;
	struct fb_alike alike;
	bool busy;
	unsigned int rounds;
};

static DEFINE_PER_CPU(struct fb_aggregator, fb_aggregators);

/* Where that arrived which GRO is handing on here. */
static DEFINE_PER_CPU(int, fb_arrived_on);

/* Whose NAPIs they are. */
static struct net_device fb_aggregate_dev;

static bool fb_aggregator_holds(const struct fb_aggregator *aggregator)
{
	return test_bit(NAPI_STATE_SCHED, &aggregator->napi.state);
}

/*
 * Has GRO take a frame, or let go of all if there is none. One may be at work within another:
 * what that of a CPU that is gone, polled here, hands on may come back for this CPU's own.
 */
static void fb_aggregator_run(struct fb_aggregator *aggregator, struct sk_buff *skb)
{
	const int outer = __this_cpu_read(fb_arrived_on);

	__this_cpu_write(fb_arrived_on, aggregator->alike.arrived_on);
	aggregator->busy = true;
	if (skb)
		napi_gro_receive(&aggregator->napi, skb);
	else
		napi_complete_done(&aggregator->napi, 0);
	aggregator->busy = false;
	__this_cpu_write(fb_arrived_on, outer);
}

/* The NAPI is done even if nobody has polled it yet. */
static void fb_aggregator_flush(struct fb_aggregator *aggregator)
{
	fb_aggregator_run(aggregator, NULL);
	WRITE_ONCE(aggregator->rounds, aggregator->rounds + 1);
}

static int fb_aggregate_poll(struct napi_struct *napi, int budget)
{
	fb_aggregator_flush(container_of(napi, struct fb_aggregator, napi));
	return 0;
}

/**
 * fb_aggregate_holds - are there frames on this CPU that must not be overtaken?
 *
 * Context: BH off.
 */
bool fb_aggregate_holds(void)
{
	return fb_aggregator_holds(this_cpu_ptr(&fb_aggregators));
}

/**
 * fb_aggregate_flush - send on what this CPU holds
 *
 * Context: BH off.
 */
void fb_aggregate_flush(void)
{
	struct fb_aggregator *aggregator = this_cpu_ptr(&fb_aggregators);

	if (fb_aggregator_holds(aggregator) && !aggregator->busy)
		fb_aggregator_flush(aggregator);
}

enum fb_merge {
	FB_MERGE_APART,	/* of no flow that is ever held */
	FB_MERGE_LAST,	/* of one, but not for GRO: what is held goes first */
	FB_MERGE_YES,
};

/* What GRO would pass on without a look at the flow, which it then overtakes, is LAST. */
static enum fb_merge fb_merges_ipv4(const struct sk_buff *skb)
{
	const struct iphdr *ip;
	struct iphdr buffer;

	ip = skb_header_pointer(skb, 0, sizeof(buffer), &buffer);
	if (!ip || ip->protocol != IPPROTO_TCP)
		return FB_MERGE_APART;
	return ip->ihl == sizeof(*ip) / 4 && !ip_is_fragment(ip) ?
	       FB_MERGE_YES : FB_MERGE_LAST;
}

static enum fb_merge fb_merges_ipv6(const struct sk_buff *skb)
{
	const struct ipv6hdr *ip6;
	struct ipv6hdr buffer;

	ip6 = skb_header_pointer(skb, 0, sizeof(buffer), &buffer);
	if (!ip6 || ip6->nexthdr == IPPROTO_UDP || ip6->nexthdr == IPPROTO_ICMPV6)
		return FB_MERGE_APART;
	return ip6->nexthdr == IPPROTO_TCP ? FB_MERGE_YES : FB_MERGE_LAST;
}

static enum fb_merge fb_merges(const struct sk_buff *skb)
{
	switch (skb->protocol) {
	case htons(ETH_P_IP):
		return fb_merges_ipv4(skb);
	case htons(ETH_P_IPV6):
		return fb_merges_ipv6(skb);
	default:
		return FB_MERGE_APART;
	}
}

/* @tpid: of the tags before; that a frame has none GRO does compare. */
static struct fb_alike fb_alike_of(const struct sk_buff *skb, __be16 tpid)
{
	return (struct fb_alike) {
		.arrived_on = skb->skb_iif,
		.mark = skb->mark,
		.priority = skb->priority,
#ifdef CONFIG_NETWORK_SECMARK
		.secmark = skb->secmark,
#endif
#ifdef CONFIG_NET_SCHED
		.tc_index = skb->tc_index,
#endif
		.tpid = skb_vlan_tag_present(skb) ? skb->vlan_proto : tpid,
	};
}

/* What a frame differs from goes before it is held. */
static void fb_aggregate_alike(struct fb_aggregator *aggregator, const struct sk_buff *skb)
{
	const struct fb_alike alike = fb_alike_of(skb, aggregator->alike.tpid);

	if (likely(!memcmp(&alike, &aggregator->alike, sizeof(alike))))
		return;
	fb_aggregate_flush();
	aggregator->alike = alike;
}

/* Large frames may go there, and nobody but the receiver sees them. */
static bool fb_port_takes_large(const struct fb_port *port, const struct sk_buff *skb)
{
	const netdev_features_t large = skb->protocol == htons(ETH_P_IP) ?
					NETIF_F_TSO : NETIF_F_TSO6;

	return port->dev->features & large && !fb_xmit_watched(port->dev) &&
	       !fb_xmit_scheduled(port->dev) &&
	       !fb_xmit_txq_never_passable(port->dev, netdev_get_tx_queue(port->dev, 0));
}

/*
 * GRO forgets which CPU has sent a frame, by which the port's queue may be chosen: it must be
 * the one that will send it on.
 */
static bool fb_sent_from_here(const struct sk_buff *skb)
{
#ifdef CONFIG_XPS
	return !fb_names_sender(skb) || skb->sender_cpu - 1 == smp_processor_id();
#else
	return true;
#endif
}

/*
 * GRO takes frames apart: they must be nobody else's, nor have pages of a guest, of which
 * only the frame that is lost in another knows.
 */
static bool fb_make_own(struct sk_buff *skb)
{
	return !skb_is_gso(skb) && !skb_cloned(skb) && !skb->slow_gro && !skb->sk &&
	       !skb_orphan_frags_rx(skb, GFP_ATOMIC);
}

/**
 * fb_aggregate - hold a frame, for others to be added to it
 * @skb: a frame that is to be forwarded, as the ingress hook got it but for its tag, and
 *	not shared
 * @in: the port that it arrived on
 * @out: that to which it goes
 *
 * Context: BH off.
 * Return: false if it has to be sent now. Nothing of its flow is held then, unless it has
 * come while GRO was handing frames on.
 */
bool fb_aggregate(struct sk_buff *skb, const struct fb_port *in,
		  const struct fb_port *out)
{
	struct fb_aggregator *aggregator = this_cpu_ptr(&fb_aggregators);
	struct net_device *inlet = READ_ONCE(out->inlet);
	enum fb_merge merges = fb_merges(skb);

	if (merges == FB_MERGE_APART)
		return false;
	if (merges == FB_MERGE_LAST || !inlet || aggregator->busy ||
	    READ_ONCE(in->bridge->aggregate) != FB_AGGREGATE_ON ||
	    READ_ONCE(in->bridge->xmit) != FB_XMIT_DIRECT ||
	    !fb_port_takes_large(out, skb) || !fb_sent_from_here(skb) ||
	    !fb_make_own(skb)) {
		fb_aggregate_flush();
		return false;
	}

	fb_aggregate_alike(aggregator, skb);
	/* Once: a NAPI that is scheduled again while it waits is polled twice. */
	if (!fb_aggregator_holds(aggregator))
		napi_schedule(&aggregator->napi);
	skb->dev = inlet;
	fb_aggregator_run(aggregator, skb);
	return true;
}

/* What GRO hands on, and has the core take for a frame that arrived on the inlet. */
static rx_handler_result_t fb_aggregate_handle(struct sk_buff **pskb)
{
	struct fb_port *out = rcu_dereference((*pskb)->dev->rx_handler_data);

	(*pskb)->skb_iif = __this_cpu_read(fb_arrived_on);
	fb_xmit_held(*pskb, out);
	return RX_HANDLER_CONSUMED;
}

/* Until each CPU has let go of what it holds by now. */
static void fb_aggregate_drain(void)
{
	struct fb_aggregator *aggregator;
	unsigned int rounds;
	int cpu;

	for_each_possible_cpu(cpu) {
		aggregator = per_cpu_ptr(&fb_aggregators, cpu);
		rounds = READ_ONCE(aggregator->rounds);
		while (fb_aggregator_holds(aggregator) &&
		       READ_ONCE(aggregator->rounds) == rounds)
			usleep_range(100, 1000);
	}
}

static void fb_aggregate_free_inlet(struct fb_port *port)
{
	if (port->inlet)
		free_netdev(port->inlet);
	WRITE_ONCE(port->inlet, NULL);
}

/**
 * fb_aggregate_add_port - give a port its inlet
 * @port: the port
 *
 * Context: RTNL.
 * Return: 0 or a negative error.
 */
int fb_aggregate_add_port(struct fb_port *port)
{
	struct net_device *inlet;
	int err;

	ASSERT_RTNL();
	inlet = alloc_netdev(0, port->dev->name, NET_NAME_UNKNOWN, ether_setup);
	if (!inlet)
		return -ENOMEM;
	inlet->features |= NETIF_F_GRO;
	err = netdev_rx_handler_register(inlet, fb_aggregate_handle, port);
	if (err) {
		free_netdev(inlet);
		return err;
	}
	WRITE_ONCE(port->inlet, inlet);
	return 0;
}

/**
 * fb_aggregate_remove_port - undo fb_aggregate_add_port(), if it was done
 * @port: the port, to which no frame is sent that comes from now on
 *
 * Context: RTNL.
 */
void fb_aggregate_remove_port(struct fb_port *port)
{
	ASSERT_RTNL();
	if (!port->inlet)
		return;
	synchronize_net();
	fb_aggregate_drain();
	fb_aggregate_free_inlet(port);
}

static void fb_aggregate_free_inlets(struct fb_bridge *bridge)
{
	struct fb_port *port;
	unsigned long i;

	xa_for_each(&bridge->ports, i, port)
		fb_aggregate_free_inlet(port);
}

static int fb_aggregate_start(struct fb_bridge *bridge)
{
	struct fb_port *port;
	unsigned long i;
	int err;

	xa_for_each(&bridge->ports, i, port) {
		err = fb_aggregate_add_port(port);
		if (err) {
			fb_aggregate_free_inlets(bridge);
			return err;
		}
	}
	WRITE_ONCE(bridge->aggregate, FB_AGGREGATE_ON);
	fb_generation_bump(bridge->generation);
	return 0;
}

/**
 * fb_aggregate_pause - have frames of a bridge sent as they come, and none held any more
 * @bridge: the bridge
 *
 * Context: RTNL.
 */
void fb_aggregate_pause(struct fb_bridge *bridge)
{
	ASSERT_RTNL();
	if (bridge->aggregate != FB_AGGREGATE_ON)
		return;
	WRITE_ONCE(bridge->aggregate, FB_AGGREGATE_PAUSED);
	synchronize_net();
	fb_aggregate_drain();
}

/**
 * fb_aggregate_resume - undo fb_aggregate_pause(), if it was done
 * @bridge: the bridge
 *
 * Context: RTNL.
 */
void fb_aggregate_resume(struct fb_bridge *bridge)
{
	ASSERT_RTNL();
	if (bridge->aggregate == FB_AGGREGATE_PAUSED)
		WRITE_ONCE(bridge->aggregate, FB_AGGREGATE_ON);
}

/**
 * fb_aggregate_set - switch aggregation for a bridge
 * @bridge: the bridge
 * @on: what to switch it to
 *
 * Context: RTNL.
 * Return: 0, or a negative error upon which nothing has changed.
 */
int fb_aggregate_set(struct fb_bridge *bridge, bool on)
{
	const bool is_on = bridge->aggregate != FB_AGGREGATE_OFF;

	ASSERT_RTNL();
	if (on == is_on)
		return 0;
	if (on)
		return fb_aggregate_start(bridge);
	fb_aggregate_pause(bridge);
	WRITE_ONCE(bridge->aggregate, FB_AGGREGATE_OFF);
	fb_aggregate_free_inlets(bridge);
	return 0;
}

/**
 * fb_aggregate_init - before there are bridges
 */
void fb_aggregate_init(void)
{
	struct fb_aggregator *aggregator;
	int cpu;

	init_dummy_netdev(&fb_aggregate_dev);
	for_each_possible_cpu(cpu) {
		aggregator = per_cpu_ptr(&fb_aggregators, cpu);
		/* A socket that got a frame from here would poll on its own CPU. */
		set_bit(NAPI_STATE_NO_BUSY_POLL, &aggregator->napi.state);
		netif_napi_add(&fb_aggregate_dev, &aggregator->napi, fb_aggregate_poll);
		napi_enable(&aggregator->napi);
	}
}

/**
 * fb_aggregate_exit - when there are none any more
 */
void fb_aggregate_exit(void)
{
	struct fb_aggregator *aggregator;
	int cpu;

	for_each_possible_cpu(cpu) {
		aggregator = per_cpu_ptr(&fb_aggregators, cpu);
		napi_disable(&aggregator->napi);
		netif_napi_del(&aggregator->napi);
	}
}
