// SPDX-License-Identifier: GPL-2.0
/*
 * Makes a frame one that is forwarded, and hands it on: to the core, or straight to the
 * driver of the egress port, wherever that comes to the same.
 *
 * Locking: runs under RCU with bottom halves off. The driver is called under its
 * transmit queue's own lock, as ever.
 */
#include <linux/if_vlan.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/sch_generic.h>
#include <net/xfrm.h>

#include "aggregate.h"
#include "bridge.h"
#include "port.h"
#include "trace.h"
#include "xmit.h"

static __always_inline bool fb_egress_hooked(const struct net_device *dev)
{
	unsigned long hooks = 0;

	/* One look for both. */
#ifdef CONFIG_NET_EGRESS
	hooks |= (unsigned long)rcu_access_pointer(dev->miniq_egress);
#endif
#ifdef CONFIG_NETFILTER_EGRESS
	hooks |= (unsigned long)rcu_access_pointer(dev->nf_hooks_egress);
#endif
	return hooks;
}

static __always_inline bool fb_egress_watched(const struct net_device *dev)
{
	return fb_egress_hooked(dev) || dev_nit_active((struct net_device *)dev);
}

/**
 * fb_xmit_watched - has someone asked to see, change or account what leaves a device?
 * @dev: the device
 */
bool fb_xmit_watched(const struct net_device *dev)
{
	return fb_egress_watched(dev);
}

/**
 * fb_xmit_scheduled - is there a qdisc that somebody has asked for?
 * @dev: the device
 */
bool fb_xmit_scheduled(const struct net_device *dev)
{
	return rcu_dereference_bh(dev->qdisc)->handle;
}

/*
 * The queue that the core would choose, in the way that it does: netdev_core_pick_tx() is
 * not exported. Neither XPS nor who receives the frame next may take a NAPI's number for
 * its own.
 */
static __always_inline struct netdev_queue *
fb_pick_txq(struct sk_buff *skb, struct net_device *dev, int cpu)
{
	u16 index;

#ifdef CONFIG_XPS
	if (!fb_names_sender(skb))
		skb->sender_cpu = cpu + 1;
#endif
	if (unlikely(dev->real_num_tx_queues > 1)) {
		if (dev->netdev_ops->ndo_select_queue)
			index = dev->netdev_ops->ndo_select_queue(dev, skb, NULL);
		else
			index = netdev_pick_tx(dev, skb, NULL);
		index = netdev_cap_txqueue(dev, index);
		skb_set_queue_mapping(skb, index);
		return netdev_get_tx_queue(dev, index);
	}
	skb_set_queue_mapping(skb, 0);
	return netdev_get_tx_queue(dev, 0);
}

/*
 * Could the driver be entered again by what it sends itself? A tunnel's could, if its own
 * packets leave by the bridge that it is a port of. What keeps the core from it is that
 * the qdisc runs meanwhile, which for one that is passed by it does not; where there is
 * none, the core counts. A device that belongs to another one, as a card's or a guest's
 * vif does, sends its frames there and nowhere else.
 */
static __always_inline bool fb_may_nest(const struct net_device *dev)
{
	return !dev->dev.parent;
}

/*
 * May a frame pass the qdisc by? Where there is none, and where there is but the one
 * that the core attached by itself (it has no handle) and that lets frames pass as
 * long as it is empty. While it is running, what it has just given out may not have
 * reached the driver yet. That it is about to run is asked to be sure: one that has frames
 * does not pass for empty then, for one with a lock counts them, and one without notes in
 * its state that a run has left some, be it because the driver has stopped it.
 */
static __always_inline bool fb_qdisc_passable(const struct net_device *dev, struct Qdisc *q)
{
	if (!q->enqueue)
		return true;
	return !fb_may_nest(dev) && !rcu_dereference_bh(dev->qdisc)->handle &&
	       (q->flags & TCQ_F_CAN_BYPASS) && qdisc_is_empty(q) &&
	       !qdisc_is_running(q) &&
	       !test_bit(__QDISC_STATE_SCHED, &q->state);
}

/**
 * fb_xmit_txq_passable - may a frame go past the qdisc to the driver?
 * @dev: the device
 * @txq: queue of it
 */
bool fb_xmit_txq_passable(const struct net_device *dev,
			  const struct netdev_queue *txq)
{
	return fb_qdisc_passable(dev, rcu_dereference_bh(txq->qdisc)) &&
	       !netif_xmit_frozen_or_stopped(txq);
}

/**
 * fb_xmit_txq_never_passable - is there a qdisc that no frame ever goes past?
 * @dev: the device
 * @txq: queue of it
 *
 * Of those that the core attaches by itself, fq and cake do not let frames pass, nor does any
 * of a tunnel.
 */
bool fb_xmit_txq_never_passable(const struct net_device *dev,
				const struct netdev_queue *txq)
{
	const struct Qdisc *q = rcu_dereference_bh(txq->qdisc);

	return q->enqueue && (fb_xmit_scheduled(dev) || fb_may_nest(dev) ||
			      !(q->flags & TCQ_F_CAN_BYPASS));
}

/*
 * Does the core do something about the socket that the frame comes from? It may have the
 * socket change the frame, tell it that the frame is about to be queued, or look its
 * priority up.
 */
static __always_inline bool fb_socket_matters(const struct sk_buff *skb,
					      const struct net_device *dev)
{
	if (likely(!skb->sk))
		return false;
#if IS_ENABLED(CONFIG_CGROUP_NET_PRIO)
	if (rcu_access_pointer(dev->priomap))
		return true;
#endif
#ifdef CONFIG_SOCK_VALIDATE_XMIT
	if (sk_fullsock(skb->sk) && skb->sk->sk_validate_xmit_skb)
		return true;
#endif
	return skb_shinfo(skb)->tx_flags & SKBTX_SCHED_TSTAMP;
}

/* As skb_csum_hwoffload_help(), which makes the checksum where this says no. */
static bool fb_checksum_offloaded(struct sk_buff *skb,
				  netdev_features_t features)
{
	if (skb->encapsulation || skb_csum_is_sctp(skb))
		return false;
	if (features & NETIF_F_HW_CSUM)
		return true;
	if (!(features & (NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM)))
		return false;
	/* Such devices do not look behind extension headers. */
	if (vlan_get_protocol(skb) == htons(ETH_P_IPV6) &&
	    skb_checksum_start_offset(skb) - skb_network_offset(skb) !=
	    sizeof(struct ipv6hdr))
		return false;
	return skb->csum_offset == offsetof(struct tcphdr, check) ||
	       skb->csum_offset == offsetof(struct udphdr, check);
}

/* What a card with TLS offload has decrypted is for a socket here; the core drops it. */
static __always_inline bool fb_is_decrypted(const struct sk_buff *skb)
{
#ifdef CONFIG_TLS_DEVICE
	return skb->decrypted;
#else
	return false;
#endif
}

/*
 * Does the device take this large, scattered, tagged or not yet checksummed frame as it
 * is? If not, it is for dev_queue_xmit() to segment, linearise, tag or checksum it.
 */
static noinline bool fb_device_takes(struct sk_buff *skb)
{
	netdev_features_t features = netif_skb_features(skb);

	if (fb_is_decrypted(skb))
		return false;
	if (skb_vlan_tag_present(skb) &&
	    !vlan_hw_offload_capable(features, skb->vlan_proto))
		return false;
	if (netif_needs_gso(skb, features))
		return false;
	if (skb_is_nonlinear(skb) && !(features & NETIF_F_SG))
		return false;
	if (skb_has_frag_list(skb) && !(features & NETIF_F_FRAGLIST))
		return false;
	if (skb->ip_summed != CHECKSUM_PARTIAL)
		return true;
	if (!fb_checksum_offloaded(skb, features))
		return false;
	skb_set_transport_header(skb, skb_checksum_start_offset(skb));
	return true;
}

static __always_inline bool fb_is_plain(const struct sk_buff *skb)
{
	return likely(skb->ip_summed != CHECKSUM_PARTIAL &&
		      !skb_is_nonlinear(skb) && !skb_is_gso(skb) &&
		      !skb_vlan_tag_present(skb) && !fb_is_decrypted(skb));
}

static __always_inline bool fb_start_xmit(struct sk_buff *skb, struct net_device *dev,
					  struct netdev_queue *txq, int cpu)
{
	int ret = NETDEV_TX_BUSY;

#ifdef CONFIG_NET_CLS_ACT
	skb->tc_at_ingress = 0;
#endif
	dev_xmit_recursion_inc();
	HARD_TX_LOCK(dev, txq, cpu);
	if (!netif_xmit_frozen_or_stopped(txq))
		ret = netdev_start_xmit(skb, dev, txq, false);
	HARD_TX_UNLOCK(dev, txq);
	dev_xmit_recursion_dec();
	return dev_xmit_complete(ret);
}

/*
 * Straight to the driver where nobody can tell; false if the frame must be queued. The
 * MAC header is where the forwarding decision has found it. All that it calls for a
 * plain frame is inline: it has two callers, and calls would cost each frame a seventh.
 */
static __always_inline bool fb_xmit_direct(struct sk_buff *skb, struct net_device *dev)
{
	const int cpu = smp_processor_id();
	struct netdev_queue *txq;
	u16 arrived_on;

	if (!fb_is_plain(skb) && !fb_device_takes(skb))
		return false;
	if (unlikely(fb_egress_watched(dev) || skb_dst(skb) ||
		     skb_sec_path(skb) || fb_socket_matters(skb, dev)))
		return false;

	arrived_on = skb_get_queue_mapping(skb);
	txq = fb_pick_txq(skb, dev, cpu);
	if (likely(fb_qdisc_passable(dev, rcu_dereference_bh(txq->qdisc)) &&
		   READ_ONCE(txq->xmit_lock_owner) != cpu &&
		   fb_start_xmit(skb, dev, txq, cpu)))
		return true;
	/* The core chooses by the queue on which the frame arrived, in place of this one. */
	skb_set_queue_mapping(skb, arrived_on);
	return false;
}

/* @port is that whose counters tell of the frame. */
static noinline unsigned int fb_xmit_queued(struct sk_buff *skb, struct fb_port *port)
{
	fb_stats_inc(port->stats, FB_QUEUED_PACKETS);
	dev_queue_xmit(skb);
	return NF_STOLEN;
}

static void fb_set_tag(struct sk_buff *skb, const struct fb_port *in, u32 tag)
{
	if (tag & FB_TAG_PUT)
		__vlan_hwaccel_put_tag(skb, READ_ONCE(in->bridge->vlan_proto), (u16)tag);
	else
		__vlan_hwaccel_clear_tag(skb);
}

/* A frame that nobody else has, with the tag that it is to have. */
static noinline struct sk_buff *fb_own_tagged(struct sk_buff *skb, const struct fb_port *in,
					      u32 tag)
{
	skb = skb_share_check(skb, GFP_ATOMIC);
	if (skb && tag)
		fb_set_tag(skb, in, tag);
	return skb;
}

/* What the bridge uses of a frame's control buffer, and clears: struct br_input_skb_cb. */
#define FB_BRIDGE_CB	24

/*
 * What the bridge does to every frame that it forwards. Of what a program before it has left
 * in the control buffer, one behind it finds what it finds behind the bridge: the last of
 * five words.
 */
static __always_inline void fb_make_forwarded(struct sk_buff *skb, struct net_device *dev)
{
	memset(skb->cb, 0, FB_BRIDGE_CB);
	skb_reset_redirect(skb);
	skb_forward_csum(skb);
	skb_clear_tstamp(skb);
	__skb_push(skb, ETH_HLEN);
	skb->dev = dev;
}

/**
 * fb_xmit - forward a frame
 * @skb: the frame, as the ingress hook got it
 * @in: the port that it arrived on
 * @out: that to which it goes
 * @tag: FB_TAG_*
 *
 * Return: NF_STOLEN.
 */
unsigned int fb_xmit(struct sk_buff *skb, struct fb_port *in, struct fb_port *out,
		     u32 tag)
{
	const struct fb_bridge *bridge = in->bridge;
	struct net_device *dev = out->dev;

	if (unlikely(skb_shared(skb) || tag)) {
		skb = fb_own_tagged(skb, in, tag);
		if (!skb)
			return NF_STOLEN;
	}

	fb_stats_forward(in->stats, 1, skb->len + ETH_HLEN);
	trace_fastbridge_forward(in, out, skb);
	/* The same as xmit == FB_XMIT_DIRECT && aggregate == FB_AGGREGATE_OFF. */
	if (unlikely(READ_ONCE(bridge->sends) != cpu_to_le16(FB_XMIT_DIRECT))) {
		if (READ_ONCE(bridge->aggregate) && fb_aggregate(skb, in, out))
			return NF_STOLEN;
		if (READ_ONCE(bridge->xmit) != FB_XMIT_DIRECT) {
			fb_make_forwarded(skb, dev);
			return fb_xmit_queued(skb, in);
		}
	}
	fb_make_forwarded(skb, dev);
	if (!fb_xmit_direct(skb, dev))
		return fb_xmit_queued(skb, in);
	return NF_STOLEN;
}

/**
 * fb_xmit_held - forward what was held to be aggregated
 * @skb: the frame, as from a device
 * @out: the port to which it goes
 */
void fb_xmit_held(struct sk_buff *skb, struct fb_port *out)
{
	skb = skb_share_check(skb, GFP_ATOMIC);
	if (!skb)
		return;
	if (skb_is_gso(skb))
		fb_stats_add(out->stats, FB_AGGREGATED_PACKETS,
			     skb_shinfo(skb)->gso_segs);
	fb_make_forwarded(skb, out->dev);
	if (!fb_xmit_direct(skb, out->dev))
		fb_xmit_queued(skb, out);
}
