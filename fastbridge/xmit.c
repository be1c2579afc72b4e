// SPDX-License-Identifier: GPL-2.0
/*
 * Hands a forwarded frame to the egress port: through dev_queue_xmit(), or past
 * it straight to the driver wherever that comes to the same.
 *
 * Locking: runs under RCU with bottom halves off. The driver is called under its
 * transmit queue's own lock, as ever.
 */
#include <linux/netdevice.h>
#include <net/sch_generic.h>
#include <net/xfrm.h>

#include "xmit.h"

/* Someone has asked to see, change or account what leaves this device. */
static bool fb_egress_watched(const struct net_device *dev)
{
#ifdef CONFIG_NET_EGRESS
	if (rcu_access_pointer(dev->miniq_egress))
		return true;
#endif
#ifdef CONFIG_NETFILTER_EGRESS
	if (rcu_access_pointer(dev->nf_hooks_egress))
		return true;
#endif
	return dev_nit_active((struct net_device *)dev);
}

static struct netdev_queue *fb_pick_txq(struct sk_buff *skb,
					struct net_device *dev)
{
	u16 index = 0;

	if (dev->real_num_tx_queues > 1) {
		if (dev->netdev_ops->ndo_select_queue)
			index = dev->netdev_ops->ndo_select_queue(dev, skb, NULL);
		else
			index = netdev_pick_tx(dev, skb, NULL);
		index = netdev_cap_txqueue(dev, index);
	}
	skb_set_queue_mapping(skb, index);
	return netdev_get_tx_queue(dev, index);
}

/*
 * May a frame pass the qdisc by? Where there is none, and where the qdisc itself
 * lets frames pass as long as it is empty. While it is running, what it has just
 * given out may not have reached the driver yet.
 */
static bool fb_qdisc_passable(struct Qdisc *q)
{
	if (!q->enqueue)
		return true;
	return (q->flags & TCQ_F_CAN_BYPASS) && qdisc_is_empty(q) &&
	       !qdisc_is_running(q);
}

static bool fb_socket_validates(const struct sk_buff *skb)
{
#ifdef CONFIG_SOCK_VALIDATE_XMIT
	return unlikely(skb->sk) && sk_fullsock(skb->sk) &&
	       skb->sk->sk_validate_xmit_skb;
#else
	return false;
#endif
}

/* Could validate_xmit_skb_list() have anything to do? */
static bool fb_needs_validation(const struct sk_buff *skb)
{
	return skb_is_nonlinear(skb) || skb_is_gso(skb) ||
	       skb->ip_summed == CHECKSUM_PARTIAL || fb_socket_validates(skb);
}

/*
 * Give a list of frames to the driver. Return what it did not take: the queue
 * has stopped.
 */
static struct sk_buff *fb_start_xmit(struct sk_buff *skb,
				     struct net_device *dev,
				     struct netdev_queue *txq)
{
	dev_xmit_recursion_inc();
	HARD_TX_LOCK(dev, txq, smp_processor_id());
	while (skb && !netif_xmit_frozen_or_stopped(txq)) {
		struct sk_buff *next = skb->next;

		skb_mark_not_on_list(skb);
		if (!dev_xmit_complete(netdev_start_xmit(skb, dev, txq, next))) {
			skb->next = next;
			break;
		}
		skb = next;
	}
	HARD_TX_UNLOCK(dev, txq);
	dev_xmit_recursion_dec();
	return skb;
}

/**
 * fb_xmit_queue - transmit as the bridge does
 * @skb: the frame, Ethernet header pushed; consumed
 * @dev: where to, same as @skb->dev
 */
void fb_xmit_queue(struct sk_buff *skb, struct net_device *dev)
{
	dev_queue_xmit(skb);
}

/**
 * fb_xmit_direct - transmit straight to the driver where nobody can tell
 * @skb: the frame, Ethernet header pushed
 * @dev: where to, same as @skb->dev
 *
 * Return: true if the frame was consumed; false if it must be queued.
 */
bool fb_xmit_direct(struct sk_buff *skb, struct net_device *dev)
{
	struct netdev_queue *txq;
	bool again = false;

	if (unlikely(fb_egress_watched(dev) || skb_dst(skb) ||
		     skb_sec_path(skb) || dev_xmit_recursion()))
		return false;

	txq = fb_pick_txq(skb, dev);
	if (unlikely(!fb_qdisc_passable(rcu_dereference_bh(txq->qdisc)) ||
		     netif_xmit_frozen_or_stopped(txq) ||
		     READ_ONCE(txq->xmit_lock_owner) == smp_processor_id()))
		return false;

	skb_reset_mac_header(skb);
#ifdef CONFIG_NET_CLS_ACT
	skb->tc_at_ingress = 0;
#endif
	if (fb_needs_validation(skb))
		skb = validate_xmit_skb_list(skb, dev, &again);

	skb = fb_start_xmit(skb, dev, txq);
	while (unlikely(skb)) {
		struct sk_buff *next = skb->next;

		skb_mark_not_on_list(skb);
		dev_queue_xmit(skb);
		skb = next;
	}
	return true;
}
