// SPDX-License-Identifier: GPL-2.0
/*
 * The fast path: decides in the ingress hook of a port whether a frame is one
 * that the bridge would simply forward to one other port, and forwards it.
 * Whatever is not certain is left to the bridge. After Liao et al., "Software
 * Techniques to Improve Virtualized I/O Performance on Multi-Core Systems", ANCS
 * 2008: switching alone, behind the same user interface.
 *
 * Locking: runs with bottom halves off, which RCU waits for: a driver may ask without
 * rcu_read_lock(). Writes per packet only this CPU's counters; an entry's fresh_until a
 * few times a second.
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

#include "aggregate.h"
#include "bridge.h"
#include "forward.h"
#include "guard.h"
#include "guard_bridge.h"
#include "port.h"
#include "refresh.h"
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
#define fb_hooks_of(net, hook) rcu_dereference_bh((net)->nf.hooks_bridge[hook])
#else
#define fb_hooks_of(net, hook) NULL
#endif

/**
 * struct fb_way - a frame's way through the bridge
 * @in: the port it arrived on
 * @out: that to which it goes
 * @state: FB_PORT_* of @in
 * @filter: enum fb_filter of the bridge
 * @tagged: it has a tag
 * @refreshed: the bridge has just been told of the source
 * @vid: its VLAN; 0 if the bridge knows none
 * @key: the address that was looked up last
 */
struct fb_way {
	struct fb_port *in;
	struct fb_port *out;
	u8 state;
	u8 filter;
	bool tagged;
	bool refreshed;
	u16 vid;
	fb_key_t key;
};

/*
 * The decision is made in some places, for frames and for questions, with VLANs and
 * without; each has a copy of it that lacks what only the others need.
 */

/* Somebody but the guard, which has seen the frame. */
static __always_inline bool fb_others_hooked(const struct nf_hook_entries *hooks)
{
	return hooks && (hooks->num_hook_entries != 1 ||
			 hooks->hooks[0].hook != fb_guard_bridge);
}

/* Would the bridge show a forwarded frame to somebody? */
static __always_inline bool fb_netfilter_listens(const struct net *net)
{
	return (fb_hooks_needed(NF_BR_PRE_ROUTING) &&
		fb_others_hooked(fb_hooks_of(net, NF_BR_PRE_ROUTING))) ||
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
static __always_inline bool fb_special(const struct sk_buff *skb)
{
	const struct skb_shared_info *shinfo = skb_shinfo(skb);

	return skb->pkt_type == PACKET_LOOPBACK ||
#ifdef CONFIG_NET_SWITCHDEV
	       skb->offload_fwd_mark ||
#endif
	       skb_pfmemalloc(skb) || (shinfo->gso_size && !shinfo->gso_type);
}

static __always_inline u8 fb_filter_of(const struct fb_bridge *bridge)
{
	/* What is known of ports and VLANs is read behind it; pairs with fb_bridge_refresh(). */
	return smp_load_acquire(&bridge->filter);
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

/* Who merely @asks has no @skb: nothing has happened to the frame before. */
static __always_inline enum fb_counter
fb_check_ingress(struct fb_way *way, const struct fastbridge_frame *frame,
		 __be16 protocol, const struct sk_buff *skb, const bool asks)
{
	const struct fb_port *in = way->in;
	const struct fb_bridge *bridge = in->bridge;

	if (is_multicast_ether_addr(frame->eth->h_dest))
		return FB_STOCK_GROUP;
	if ((way->tagged || way->filter != FB_FILTER_NONE) && !fb_find_vlan(way, skb))
		return FB_STOCK_VLAN;
	if (fb_protocol_left(way, protocol, skb))
		return FB_STOCK_PROTOCOL;
	if (!asks && unlikely(fb_special(skb)))
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
 * A port that does not learn minds the source only if it is locked, or if it cannot be
 * one; and it keeps no entry young.
 */
static __always_inline enum fb_counter
fb_check_source(struct fb_way *way, const u8 *source)
{
	const struct fb_port *in = way->in;
	const struct fb_entry *e;

	if (unlikely(!(way->state & (FB_PORT_LEARNS | FB_PORT_LOCKED))))
		return is_valid_ether_addr(source) ? FB_FORWARD : FB_STOCK_SOURCE;
	way->key = fb_key_64bits(source, way->vid);
	e = fb_fdb_find(&in->bridge->fdb, way->key);
	if (unlikely(!e || READ_ONCE(e->port) != in))
		return FB_STOCK_SOURCE;
	if (unlikely(time_after_eq(jiffies, READ_ONCE(e->fresh_until))) &&
	    way->state & FB_PORT_LEARNS && !way->refreshed)
		return FB_STOCK_REFRESH;
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
	/* Before fb_find_tag() asks for its tag there; pairs with fb_vlan_set(). */
	if (unlikely(way->filter != FB_FILTER_NONE) &&
	    !test_bit_acquire(way->vid, out->vlans.forwards))
		return FB_STOCK_VLAN;
	if (unlikely(!fb_fits(out->dev, frame)))
		return FB_STOCK_MTU;
	return FB_FORWARD;
}

static __always_inline enum fb_counter
fb_decide(struct fb_way *way, const struct fastbridge_frame *frame,
	  __be16 protocol, const struct sk_buff *skb, const bool asks)
{
	const struct ethhdr *eth = frame->eth;
	enum fb_counter verdict;
	const struct fb_entry *e;

	verdict = fb_check_ingress(way, frame, protocol, skb, asks);
	if (verdict != FB_FORWARD)
		return verdict;
	verdict = fb_check_source(way, eth->h_source);
	if (verdict != FB_FORWARD)
		return verdict;

	way->key = fb_key_64bits(eth->h_dest, way->vid);
	e = fb_fdb_find(&way->in->bridge->fdb, way->key);
	if (!e)
		return FB_STOCK_DESTINATION;
	way->out = READ_ONCE(e->port);
	return fb_check_egress(way, frame);
}

/* The tag with which a frame leaves, as br_handle_vlan(): FB_TAG_*. */
static __always_inline u32 fb_find_tag(const struct fb_way *way)
{
	if (likely(way->filter == FB_FILTER_NONE))
		return FB_TAG_KEEP;
	if (test_bit(way->vid, way->out->vlans.untagged))
		return way->tagged ? FB_TAG_CLEAR : FB_TAG_KEEP;
	return way->tagged ? FB_TAG_KEEP : FB_TAG_PUT | way->vid;
}

/* The stock entry is refreshed: the next frame that has to do so is due after a while. */
static void fb_refreshed(struct fb_bridge *bridge, fb_key_t key)
{
	struct fb_entry *e = fb_fdb_find(&bridge->fdb, key);

	if (e)
		WRITE_ONCE(e->fresh_until, jiffies + fb_refresh_interval(bridge));
}

static unsigned int fb_receive_vlan(struct fb_port *in, struct sk_buff *skb,
				    bool refreshed);

/* Would a frame that is left to the bridge meet rules that this one is to go past? */
static bool fb_passes_rules_by(const struct fb_port *in)
{
	return READ_ONCE(in->bridge->mode) == FB_MODE_BYPASS &&
	       fb_netfilter_listens(dev_net(in->dev));
}

/*
 * The frame is the bridge's; @key is the address that was looked up last. One that is there
 * to refresh an entry is so only if no rule can drop it before it has.
 */
static noinline unsigned int fb_leave(struct fb_port *in, struct sk_buff *skb,
				      enum fb_counter reason, fb_key_t key)
{
	const u8 *own = in->bridge->dev->dev_addr;

	if (reason == FB_STOCK_REFRESH) {
		const bool past_rules = fb_passes_rules_by(in);
		const bool refreshed = past_rules && fb_refresh(in, skb);

		if (!past_rules || refreshed)
			fb_refreshed(in->bridge, key);
		if (refreshed)
			return fb_receive_vlan(in, skb, true);
	}
	/* None of its flow may be behind it. */
	if (READ_ONCE(in->bridge->aggregate))
		fb_aggregate_flush();
	fb_stats_inc(in->stats, reason);
	trace_fastbridge_stock(in->dev, skb, reason);
	/* Of what is no address, or for the host itself, there is nothing to ask. */
	if ((reason == FB_STOCK_SOURCE && key) ||
	    (reason == FB_STOCK_DESTINATION &&
	     !ether_addr_equal(eth_hdr(skb)->h_dest, own)))
		fb_port_suspect(in, key);
	return NF_ACCEPT;
}

static __always_inline unsigned int fb_receive(struct fb_way *way, struct sk_buff *skb)
{
	const struct fastbridge_frame frame = {
		.eth = eth_hdr(skb),
		.len = skb->len,
		.gso = skb_is_gso(skb),
	};
	enum fb_counter verdict;

	verdict = fb_decide(way, &frame, skb->protocol, skb, false);
	if (verdict != FB_FORWARD)
		return fb_leave(way->in, skb, verdict, way->key);
	return fb_xmit(skb, way->in, way->out, fb_find_tag(way));
}

static noinline unsigned int fb_receive_vlan(struct fb_port *in, struct sk_buff *skb,
					     bool refreshed)
{
	struct fb_way way = {
		.in = in,
		.filter = fb_filter_of(in->bridge),
		.tagged = skb_vlan_tag_present(skb),
		.refreshed = refreshed,
	};

	return fb_receive(&way, skb);
}

static __always_inline unsigned int fb_receive_any(struct fb_port *in, struct sk_buff *skb)
{
	struct fb_way way = { .in = in };

	if (unlikely(skb_vlan_tag_present(skb) ||
		     fb_filter_of(in->bridge) != FB_FILTER_NONE))
		return fb_receive_vlan(in, skb, false);
	return fb_receive(&way, skb);
}

static noinline unsigned int fb_receive_guarded(struct fb_port *in, struct sk_buff *skb)
{
	if (!(fb_guard_passes_plain(&in->guard, eth_hdr(skb), skb->protocol, skb->data,
				    skb_headlen(skb)) && fb_guard_sum_is_plain(skb)) &&
	    !fb_guard_passes(&in->guard, skb)) {
		fb_stats_inc(in->stats, FB_GUARD_DROPS);
		return NF_DROP;
	}
	/* Pairs with fb_bridge_start(). */
	if (smp_load_acquire(&in->bridge->mode) == FB_MODE_OFF)
		return NF_ACCEPT;
	return fb_receive_any(in, skb);
}

/**
 * fb_ingress - the ingress hook of a port
 * @priv: the port
 * @skb: a frame that arrived there
 * @state: unused
 *
 * Nothing that is called from here for a plain frame comes back, so that few registers
 * have to be saved. A port without a guard is hooked only while its bridge has a table: see
 * fb_port_set_guard() and fb_bridge_stop(), which wait for frames in here.
 *
 * Return: NF_STOLEN for a frame that was forwarded, NF_ACCEPT for one that is
 * left, untouched, to the bridge, NF_DROP for one that the guard does not let pass.
 */
unsigned int fb_ingress(void *priv, struct sk_buff *skb,
			const struct nf_hook_state *state)
{
	struct fb_port *in = priv;

	if (unlikely(READ_ONCE(in->guard.on)))
		return fb_receive_guarded(in, skb);
	return fb_receive_any(in, skb);
}

/* Someone else looks at what arrives on the device, or changes it, before the hook. */
static bool fb_ingress_watched(const struct net_device *dev)
{
#ifdef CONFIG_NET_CLS_ACT
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
	/* A guard's hook is there with the mode off, too; pairs with fb_bridge_start(). */
	return smp_load_acquire(&in->bridge->mode) != FB_MODE_OFF &&
	       READ_ONCE(in->bridge->xmit) == FB_XMIT_DIRECT ? in : NULL;
#else
	return NULL;
#endif
}
EXPORT_SYMBOL_GPL(fastbridge_port);

/* Before anything else is read: what changes after this is found by who keeps the answer. */
static void fb_terms_begin(const struct fb_bridge *bridge, const struct ethhdr *eth,
			   struct fastbridge_terms *terms)
{
	const struct fb_fdb *fdb = &bridge->fdb;
	const atomic_t *words[] = {
		bridge->generation,
		fb_fdb_generation(fdb, fb_key_64bits(eth->h_source, 0)),
		fb_fdb_generation(fdb, fb_key_64bits(eth->h_dest, 0)),
	};
	unsigned int i;

	terms->until = jiffies;
	for (i = 0; i < ARRAY_SIZE(words); i++) {
		terms->word[i] = words[i];
		terms->seen[i] = fb_generation_read(words[i]);
	}
}

/*
 * Until the bridge has to see the source again. What a guard says depends on more than the
 * addresses, and what is held to be aggregated, on the moment.
 */
static void fb_terms_end(const struct fb_way *way, const struct ethhdr *eth,
			 struct fastbridge_terms *terms)
{
	const struct fb_bridge *bridge = way->in->bridge;
	const struct fb_entry *e;

	if (READ_ONCE(way->in->guard.on) || READ_ONCE(bridge->aggregate))
		return;
	if (!(way->state & FB_PORT_LEARNS)) {
		terms->until = jiffies + fb_refresh_interval(bridge);
		return;
	}
	e = fb_fdb_find(&bridge->fdb, fb_key_64bits(eth->h_source, way->vid));
	if (e)
		terms->until = READ_ONCE(e->fresh_until);
}

static __always_inline struct net_device *fb_route(struct fb_way *way,
						   const struct fastbridge_frame *frame)
{
	const struct ethhdr *eth = frame->eth;
	struct fb_port *in = way->in;
	struct net_device *dev;

	way->filter = fb_filter_of(in->bridge);
	if (READ_ONCE(in->bridge->aggregate) && fb_aggregate_holds())
		return NULL;
	if (READ_ONCE(in->guard.on) &&
	    !fb_guard_passes_plain(&in->guard, eth, eth->h_proto, eth + 1,
				   frame->head - ETH_HLEN))
		return NULL;
	if (fb_decide(way, frame, eth->h_proto, NULL, true) != FB_FORWARD ||
	    (way->filter != FB_FILTER_NONE &&
	     !test_bit(way->vid, way->out->vlans.untagged)))
		return NULL;
	dev = way->out->dev;
	return fb_xmit_watched(dev) || fb_xmit_scheduled(dev) ? NULL : dev;
}

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
	struct fb_way way = { .in = in };

	return fb_route(&way, frame);
}
EXPORT_SYMBOL_GPL(fastbridge_route);

/**
 * fastbridge_flow - the same, for who keeps the answer
 * @in: the port, of fastbridge_port()
 * @frame: the frame
 * @terms: what the answer depends on
 *
 * If it is a device, that counts on these terms for all frames of the port with the same
 * addresses and the same Ethernet type that are large segments or fit the device. Taps,
 * queueing disciplines and bridges that are made promiscuous end it only with the time.
 *
 * Return: as fastbridge_route().
 */
struct net_device *fastbridge_flow(struct fb_port *in, const struct fastbridge_frame *frame,
				   struct fastbridge_terms *terms)
{
	struct fb_way way = { .in = in };
	struct net_device *dev;

	fb_terms_begin(in->bridge, frame->eth, terms);
	dev = fb_route(&way, frame);
	if (dev)
		fb_terms_end(&way, frame->eth, terms);
	return dev;
}
EXPORT_SYMBOL_GPL(fastbridge_flow);

/**
 * fastbridge_txq - may frames pass a transmit queue and its qdisc by?
 * @dev: device that fastbridge_route() named
 * @index: the queue
 *
 * Return: enum fastbridge_txq.
 */
enum fastbridge_txq fastbridge_txq(const struct net_device *dev, u16 index)
{
	const struct netdev_queue *txq = netdev_get_tx_queue(dev, index);

	if (fb_xmit_txq_passable(dev, txq))
		return FASTBRIDGE_TXQ_PASSABLE;
	return fb_xmit_txq_never_passable(dev, txq) ? FASTBRIDGE_TXQ_NEVER :
						      FASTBRIDGE_TXQ_BUSY;
}
EXPORT_SYMBOL_GPL(fastbridge_txq);

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
