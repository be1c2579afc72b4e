// SPDX-License-Identifier: GPL-2.0
/*
 * The fast path: decides in the ingress hook of a port whether a frame is one
 * that the bridge would simply forward to one other port, and forwards it.
 * Whatever is not certain is left to the bridge. After Liao et al., "Software
 * Techniques to Improve Virtualized I/O Performance on Multi-Core Systems", ANCS
 * 2008: switching alone, behind the same user interface.
 *
 * Locking: runs under RCU with bottom halves off. Writes per packet only this
 * CPU's counters; an entry's fresh_until a few times a second.
 *
 * The order of the checks follows the stock bridge's: br_handle_frame(),
 * br_handle_frame_finish(), br_forward().
 */
#include <linux/if_bridge.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/netfilter_bridge.h>
#include <net/fastbridge.h>

#include "bridge.h"
#include "forward.h"
#include "guard.h"
#include "port.h"
#include "trace.h"
#include "xmit.h"

/*
 * How long a source may stay away from the stock path, which alone keeps its
 * entry from ageing out: a quarter of the ageing time, and short enough that the
 * shortest times in use need no notice of a change.
 */
static unsigned long fb_refresh_interval(const struct fb_bridge *bridge)
{
	clock_t ageing = br_get_ageing_time(bridge->dev);

	return min_t(unsigned long, clock_t_to_jiffies(ageing) / 4, HZ / 4);
}

#if defined(CONFIG_NETFILTER_FAMILY_BRIDGE) && defined(CONFIG_JUMP_LABEL)
#define fb_hooks_needed(hook) \
	static_key_false(&nf_hooks_needed[NFPROTO_BRIDGE][hook])
#else
#define fb_hooks_needed(hook) IS_ENABLED(CONFIG_NETFILTER_FAMILY_BRIDGE)
#endif

#ifdef CONFIG_NETFILTER_FAMILY_BRIDGE
#define fb_hooks_of(net, hook) rcu_access_pointer((net)->nf.hooks_bridge[hook])
#else
#define fb_hooks_of(net, hook) false
#endif

/**
 * struct fb_way - a frame's way through the bridge
 * @in: the port it arrived on
 * @out: that to which it goes
 * @state: FB_PORT_* of @in
 * @filter: enum fb_filter of the bridge
 * @tagged: it has a tag
 * @vid: its VLAN; 0 if the bridge knows none
 */
struct fb_way {
	struct fb_port *in;
	struct fb_port *out;
	u8 state;
	u8 filter;
	bool tagged;
	u16 vid;
};

/*
 * The decision is made in two places, for frames and for questions; each has a copy of it,
 * without what the other one needs.
 */

/* Would the bridge show a forwarded frame to somebody? */
static __always_inline bool fb_netfilter_listens(const struct net *net)
{
	return (fb_hooks_needed(NF_BR_PRE_ROUTING) &&
		fb_hooks_of(net, NF_BR_PRE_ROUTING)) ||
	       (fb_hooks_needed(NF_BR_FORWARD) &&
		fb_hooks_of(net, NF_BR_FORWARD)) ||
	       (fb_hooks_needed(NF_BR_POST_ROUTING) &&
		fb_hooks_of(net, NF_BR_POST_ROUTING));
}

/*
 * Ethertypes that a bridge may answer or terminate instead of forwarding, and tags that
 * are not where a receiving kernel puts them.
 */
static __always_inline bool fb_protocol_left(const struct fb_way *way, __be16 protocol,
					     const struct sk_buff *skb)
{
	if (likely(protocol == htons(ETH_P_IP)))
		return false;

	switch (protocol) {
	case htons(ETH_P_IPV6):
		return READ_ONCE(way->in->bridge->suppresses_nd);
	case htons(ETH_P_ARP):
	case htons(ETH_P_RARP):
	case htons(ETH_P_CFM):
	case htons(ETH_P_MRP):
		return true;
	default:
		/* A second tag matters to who makes the checksum. */
		return eth_type_vlan(protocol) &&
		       (!way->tagged || skb->ip_summed == CHECKSUM_PARTIAL);
	}
}

/*
 * Frames with a history that the core or the bridge still has to act on. A
 * large receive that cannot be segmented again has a size and no type.
 */
static bool fb_special(const struct sk_buff *skb)
{
	const struct skb_shared_info *shinfo = skb_shinfo(skb);

	return skb->pkt_type == PACKET_LOOPBACK ||
#ifdef CONFIG_NET_SWITCHDEV
	       skb->offload_fwd_mark ||
#endif
	       skb_pfmemalloc(skb) || (shinfo->gso_size && !shinfo->gso_type);
}

/*
 * The VLAN that the bridge takes a frame to be in, as __allowed_ingress(): false if it may
 * not pass, or has a tag that the bridge changes.
 */
static __always_inline bool fb_find_vlan(struct fb_way *way,
					 const struct sk_buff *skb)
{
	const struct fb_port *in = way->in;

	if (way->tagged && READ_ONCE(in->has_vlan_devs))
		return false;
	if (way->filter == FB_FILTER_NONE)
		return true;
	if (way->filter == FB_FILTER_LEFT)
		return false;
	if (!way->tagged)
		way->vid = READ_ONCE(in->vlans.pvid);
	else if (skb->vlan_proto == READ_ONCE(in->bridge->vlan_proto))
		way->vid = skb_vlan_tag_get_id(skb);
	/* No PVID, another tag, or one for priority alone: no port has VLAN 0. */
	return test_bit(way->vid, in->vlans.forwards);
}

/* @skb is NULL where there is none: then nothing has happened to the frame before. */
static __always_inline enum fb_counter
fb_check_ingress(struct fb_way *way, const struct fastbridge_frame *frame,
		 __be16 protocol, const struct sk_buff *skb)
{
	const struct fb_port *in = way->in;
	const struct fb_bridge *bridge = in->bridge;

	if (is_multicast_ether_addr(frame->eth->h_dest))
		return FB_STOCK_GROUP;
	way->vid = 0;
	way->tagged = skb && skb_vlan_tag_present(skb);
	way->filter = READ_ONCE(bridge->filter);
	if (unlikely(way->tagged || way->filter != FB_FILTER_NONE) &&
	    !fb_find_vlan(way, skb))
		return FB_STOCK_VLAN;
	if (fb_protocol_left(way, protocol, skb))
		return FB_STOCK_PROTOCOL;
	if (skb && unlikely(fb_special(skb)))
		return FB_STOCK_SPECIAL;
	way->state = READ_ONCE(in->state);
	if (unlikely(!(way->state & FB_PORT_PASSES)))
		return FB_STOCK_INGRESS;
	if (unlikely(bridge->dev->flags & IFF_PROMISC))
		return FB_STOCK_PROMISC;
	if (fb_netfilter_listens(dev_net(in->dev)) &&
	    READ_ONCE(bridge->mode) != FB_MODE_BYPASS)
		return FB_STOCK_NETFILTER;
	return FB_FORWARD;
}

/*
 * Who merely @asks changes nothing; the frame itself comes by if the answer is no. A port
 * that does not learn minds the source only if it is locked, and keeps no entry young.
 */
static __always_inline enum fb_counter
fb_check_source(const struct fb_way *way, fb_key_t key, bool asks)
{
	struct fb_port *in = way->in;
	struct fb_entry *e;

	if (unlikely(!(way->state & (FB_PORT_LEARNS | FB_PORT_LOCKED))))
		return FB_FORWARD;
	e = fb_fdb_find(&in->bridge->fdb, key);
	if (unlikely(!e || READ_ONCE(e->port) != in)) {
		if (!asks)
			fb_port_suspect(in, key);
		return FB_STOCK_SOURCE;
	}
	if (unlikely(time_after_eq(jiffies, READ_ONCE(e->fresh_until))) &&
	    way->state & FB_PORT_LEARNS) {
		if (!asks)
			WRITE_ONCE(e->fresh_until,
				   jiffies + fb_refresh_interval(in->bridge));
		return FB_STOCK_REFRESH;
	}
	return FB_FORWARD;
}

/* The link is up: what br_forward() asks before it turns to a backup port. */
static __always_inline bool fb_link_up(const struct net_device *dev)
{
	const unsigned long up = BIT(__LINK_STATE_START);
	const unsigned long down = BIT(__LINK_STATE_NOCARRIER);

	return (READ_ONCE(dev->state) & (up | down)) == up;
}

/* is_skb_forwardable(), which the bridge asks with the Ethernet header pushed. */
static __always_inline bool fb_fits(const struct net_device *dev,
				    const struct fastbridge_frame *frame)
{
	return frame->len + ETH_HLEN <=
	       dev->mtu + dev->hard_header_len + VLAN_HLEN || frame->gso;
}

static __always_inline enum fb_counter
fb_check_egress(const struct fb_way *way, const struct fastbridge_frame *frame)
{
	const struct fb_port *out = way->out;
	u8 state = READ_ONCE(out->state);

	if (unlikely(out == way->in && !(state & FB_PORT_HAIRPIN)))
		return FB_STOCK_SAME_PORT;
	if (unlikely(!(state & FB_PORT_PASSES) || !fb_link_up(out->dev) ||
		     state & way->state & FB_PORT_ISOLATED))
		return FB_STOCK_EGRESS;
	if (unlikely(way->filter != FB_FILTER_NONE) &&
	    !test_bit(way->vid, out->vlans.forwards))
		return FB_STOCK_VLAN;
	if (unlikely(!fb_fits(out->dev, frame)))
		return FB_STOCK_MTU;
	return FB_FORWARD;
}

static __always_inline enum fb_counter
fb_decide(struct fb_way *way, const struct fastbridge_frame *frame,
	  __be16 protocol, const struct sk_buff *skb)
{
	const struct ethhdr *eth = frame->eth;
	struct fb_port *in = way->in;
	const bool asks = !skb;
	enum fb_counter verdict;
	struct fb_entry *e;
	fb_key_t key;

	verdict = fb_check_ingress(way, frame, protocol, skb);
	if (verdict != FB_FORWARD)
		return verdict;
	verdict = fb_check_source(way, fb_key_64bits(eth->h_source, way->vid), asks);
	if (verdict != FB_FORWARD)
		return verdict;

	key = fb_key_64bits(eth->h_dest, way->vid);
	e = fb_fdb_find(&in->bridge->fdb, key);
	if (!e) {
		/* For the host itself: nothing to ask about. */
		if (!asks && !ether_addr_equal(eth->h_dest,
					       in->bridge->dev->dev_addr))
			fb_port_suspect(in, key);
		return FB_STOCK_DESTINATION;
	}
	way->out = READ_ONCE(e->port);
	return fb_check_egress(way, frame);
}

/* The tag with which a frame leaves, as br_handle_vlan(). */
static __always_inline void fb_set_tag(const struct fb_way *way, struct sk_buff *skb)
{
	if (test_bit(way->vid, way->out->vlans.untagged))
		__vlan_hwaccel_clear_tag(skb);
	else if (!way->tagged)
		__vlan_hwaccel_put_tag(skb, READ_ONCE(way->in->bridge->vlan_proto),
				       way->vid);
}

static __always_inline bool fb_guard_drops(const struct fb_guard *guard,
					   const struct ethhdr *eth,
					   const struct sk_buff *skb)
{
	return unlikely(READ_ONCE(guard->on)) &&
	       !fb_guard_passes_plain(guard, eth, skb->protocol, skb->data,
				      skb_headlen(skb)) &&
	       !fb_guard_passes(guard, skb);
}

/* What the bridge does to every frame that it forwards. */
static void fb_make_forwarded(struct sk_buff *skb, struct net_device *dev)
{
	skb_reset_redirect(skb);
	skb_forward_csum(skb);
	skb_clear_tstamp(skb);
	__skb_push(skb, ETH_HLEN);
	skb->dev = dev;
}

/**
 * fb_ingress - the ingress hook of a port
 * @priv: the port
 * @skb: a frame that arrived there
 * @state: unused
 *
 * Return: NF_STOLEN for a frame that was forwarded, NF_ACCEPT for one that is
 * left, untouched, to the bridge, NF_DROP for one that the guard does not let pass.
 */
unsigned int fb_ingress(void *priv, struct sk_buff *skb,
			const struct nf_hook_state *state)
{
	const struct fastbridge_frame frame = {
		.eth = eth_hdr(skb),
		.len = skb->len,
		.gso = skb_is_gso(skb),
	};
	struct fb_way way = { .in = priv };
	struct fb_port *in = priv, *out;
	enum fb_counter verdict;
	bool direct;

	if (fb_guard_drops(&in->guard, frame.eth, skb)) {
		fb_stats_inc(in->stats, FB_GUARD_DROPS);
		return NF_DROP;
	}
	verdict = fb_decide(&way, &frame, skb->protocol, skb);
	if (verdict != FB_FORWARD) {
		fb_stats_inc(in->stats, verdict);
		trace_fastbridge_stock(in->dev, skb, verdict);
		return NF_ACCEPT;
	}

	skb = skb_share_check(skb, GFP_ATOMIC);
	if (unlikely(!skb))
		return NF_STOLEN;

	out = way.out;
	if (unlikely(way.filter != FB_FILTER_NONE))
		fb_set_tag(&way, skb);
	direct = READ_ONCE(in->bridge->xmit) == FB_XMIT_DIRECT;
	fb_stats_forward(in->stats, 1, skb->len + ETH_HLEN);
	trace_fastbridge_forward(in->dev, out->dev, skb, direct);
	fb_make_forwarded(skb, out->dev);
	if (!direct || !fb_xmit_direct(skb, out->dev)) {
		fb_stats_inc(in->stats, FB_QUEUED_PACKETS);
		dev_queue_xmit(skb);
	}
	return NF_STOLEN;
}

/* Someone else looks at what arrives on the device, or changes it, before the hook. */
static bool fb_ingress_watched(const struct net_device *dev)
{
#ifdef CONFIG_NET_INGRESS
	if (rcu_access_pointer(dev->miniq_ingress))
		return true;
#endif
	return rcu_access_pointer(dev->xdp_prog) ||
	       dev_nit_active((struct net_device *)dev);
}

/**
 * fastbridge_port - the port of a driver's device, if frames may be asked about
 * @dev: the device
 *
 * Return: the port, valid until bottom halves are on again; NULL if the fast path is off
 * there, or does not transmit directly, or is not the only one that looks at what
 * arrives.
 */
struct fb_port *fastbridge_port(const struct net_device *dev)
{
#ifdef CONFIG_NETFILTER_INGRESS
	const struct nf_hook_entries *hooks;
	struct fb_port *in;

	hooks = rcu_dereference_bh(dev->nf_hooks_ingress);
	if (!hooks || hooks->num_hook_entries != 1 ||
	    hooks->hooks[0].hook != fb_ingress || fb_ingress_watched(dev))
		return NULL;
	in = hooks->hooks[0].priv;
	return READ_ONCE(in->bridge->xmit) == FB_XMIT_DIRECT ? in : NULL;
#else
	return NULL;
#endif
}
EXPORT_SYMBOL_GPL(fastbridge_port);

/**
 * fastbridge_route - where a frame that has arrived on a port would go
 * @in: the port, of fastbridge_port()
 * @frame: the frame
 *
 * Asks only; what is then carried there must be told to fastbridge_carried().
 *
 * Return: the device of the one port that would get it, and may get it without anybody
 * having to see it on the way; NULL if it has to be handed in as ever.
 */
struct net_device *fastbridge_route(struct fb_port *in,
				    const struct fastbridge_frame *frame)
{
	const struct ethhdr *eth = frame->eth;
	struct fb_way way = { .in = in };
	struct net_device *dev;

	if (READ_ONCE(in->guard.on) &&
	    !fb_guard_passes_plain(&in->guard, eth, eth->h_proto, eth + 1,
				   frame->head - ETH_HLEN))
		return NULL;
	if (fb_decide(&way, frame, eth->h_proto, NULL) != FB_FORWARD ||
	    (way.filter != FB_FILTER_NONE &&
	     !test_bit(way.vid, way.out->vlans.untagged)))
		return NULL;
	dev = way.out->dev;
	return fb_xmit_watched(dev) || fb_xmit_scheduled(dev) ? NULL : dev;
}
EXPORT_SYMBOL_GPL(fastbridge_route);

/**
 * fastbridge_txq_passable - may frames pass a transmit queue and its qdisc by?
 * @dev: device that fastbridge_route() named
 * @index: the queue
 *
 * Return: true if no frame waits there that had to go first.
 */
bool fastbridge_txq_passable(const struct net_device *dev, u16 index)
{
	return fb_xmit_txq_passable(dev, netdev_get_tx_queue(dev, index));
}
EXPORT_SYMBOL_GPL(fastbridge_txq_passable);

/**
 * fastbridge_carried - count frames that went where fastbridge_route() said
 * @in: the port they arrived on
 * @frames: how many
 * @bytes: of theirs, with Ethernet header
 */
void fastbridge_carried(struct fb_port *in, unsigned int frames,
			unsigned int bytes)
{
	fb_stats_forward(in->stats, frames, bytes);
}
EXPORT_SYMBOL_GPL(fastbridge_carried);
