// SPDX-License-Identifier: GPL-2.0
/*
 * What of segmentation, scatter/gather and checksums a guest is offered, after "Optimizing
 * Network Virtualization in Xen" (Menon et al., USENIX 2006).
 *
 * "emulate" offers all of it, whatever the network card can do: the guest, netback and the
 * bridge handle frames of up to 64 KiB, and what the card lacks the kernel's core does for
 * it, after the bridge and the card's queue, as the frame is handed to the card. "native"
 * offers what the card can do itself. The cards are the ports of the vif's bridge that
 * do not lead to a guest, that is, neither vifs nor the taps of device models, which libxl
 * names after the vif that they stand in for. Open vSwitch's bridges cannot be told apart in
 * the kernel, where all their ports have one master; there "native" offers all, too.
 *
 * They are written when the vif joins a bridge, when a card does, leaves it or changes what it
 * can do, and when offload is set, if they are others than before. What a card can do may
 * be for somebody to change as often as he likes, a tap's owner for one, while each write
 * makes work for xenstored and for whoever watches, and each look takes RTNL: so a vif looks once
 * a second for its cards. But a guest looks at them before it says that it is to be
 * connected; Linux does as soon as the back end is in InitWait, which comes before there is a
 * vif. The toolstack has the vif join its bridge before a guest starts: such a one finds what
 * is meant for it. An interface that is plugged into a guest that runs is not waited for: what
 * it finds is most likely what the driver offers first, which is all.
 *
 * That IPv4's checksums are offered always is part of the ring protocol.
 *
 * Locking: what is offered is found under RTNL; xenstore, whose daemon may take its time, is
 * written to without, by the vif's own work. That is queued under RTNL, by who may have
 * changed something, and looks anew; when it may look again is set and asked there, too. What
 * it has written it alone knows. The works of all vifs run one after another, for they wait for
 * the same, and in a queue of their own, for others do not. The xenbus device of a
 * vif is its network device's parent and outlives it; its node in xenstore may not. The
 * notifier is there before the first vif is and after the last.
 */
#include "common.h"

#include <linux/rtnetlink.h>
#include <linux/workqueue.h>
#include <net/rtnetlink.h>

#define OFFERS (NETIF_F_SG | NETIF_F_TSO | NETIF_F_TSO6 | NETIF_F_IPV6_CSUM)

/* Between two looks of a vif for what cards do, in jiffies. */
#define OFFERS_PERIOD	HZ
/* No features that are offered: nobody has written yet, or whoever did has failed. */
#define OFFERS_UNKNOWN	(~(netdev_features_t)0)

static const char tap_suffix[] = "-emu";

static struct workqueue_struct *offers_queue;

/* Is it the tap of a device model, and not, say, a VPN's? */
static bool is_guests_tap(struct net_device *port)
{
	int len = strlen(port->name) - strlen(tap_suffix);
	struct net_device *vif;
	char name[IFNAMSIZ];

	if (!port->rtnl_link_ops || strcmp(port->rtnl_link_ops->kind, "tun") ||
	    len <= 0 || strcmp(port->name + len, tap_suffix))
		return false;
	snprintf(name, sizeof(name), "%.*s", len, port->name);
	vif = __dev_get_by_name(dev_net(port), name);
	return vif && xenvif_is_vif(vif);
}

static bool is_card(struct net_device *port)
{
	return !xenvif_is_vif(port) && !is_guests_tap(port);
}

static netdev_features_t can_do(const struct net_device *port)
{
	netdev_features_t features = port->features;

	if (features & NETIF_F_HW_CSUM)
		features |= NETIF_F_IPV6_CSUM;
	return features;
}

static netdev_features_t offers(struct xenvif *vif)
{
	netdev_features_t features = OFFERS;
	struct net_device *bridge, *port;
	struct list_head *iter;

	if (vif->tune.offload == XENVIF_OFFLOAD_EMULATE)
		return features;
	bridge = netdev_master_upper_dev_get(vif->dev);
	if (!bridge || !netif_is_bridge_master(bridge))
		return features;
	netdev_for_each_lower_dev(bridge, port, iter) {
		if (is_card(port))
			features &= can_do(port);
	}
	return features;
}

static int write_offers(struct xenbus_transaction xbt,
			struct xenbus_device *dev, netdev_features_t features)
{
	static const struct {
		const char *node;
		netdev_features_t wants;
	} nodes[] = {
		{ "feature-sg", NETIF_F_SG },
		{ "feature-gso-tcpv4", NETIF_F_SG | NETIF_F_TSO },
		{ "feature-gso-tcpv6", NETIF_F_SG | NETIF_F_TSO6 },
		{ "feature-ipv6-csum-offload", NETIF_F_IPV6_CSUM },
	};
	unsigned int i;
	int err = 0;

	/* The toolstack may have taken the device away; it must stay away. */
	if (!xenbus_exists(xbt, dev->nodename, "state"))
		return -ENODEV;
	for (i = 0; !err && i < ARRAY_SIZE(nodes); i++)
		err = xenbus_printf(xbt, dev->nodename, nodes[i].node, "%d",
				    !(nodes[i].wants & ~features));
	return err;
}

static int write_all_offers(struct xenbus_device *dev,
			    netdev_features_t features)
{
	struct xenbus_transaction xbt;
	int err;

	do {
		err = xenbus_transaction_start(&xbt);
		if (err)
			return err;
		err = write_offers(xbt, dev, features);
		if (err) {
			xenbus_transaction_end(xbt, 1);
			return err;
		}
		err = xenbus_transaction_end(xbt, 0);
	} while (err == -EAGAIN);
	return err;
}

static void publish(struct work_struct *work)
{
	struct xenvif *vif = container_of(to_delayed_work(work), struct xenvif,
					  offload.work);
	netdev_features_t features;
	int err;

	rtnl_lock();
	features = offers(vif);
	vif->offload.due = jiffies + OFFERS_PERIOD;
	rtnl_unlock();
	if (features == vif->offload.written)
		return;
	err = write_all_offers(xenvif_to_xenbus_device(vif), features);
	vif->offload.written = err ? OFFERS_UNKNOWN : features;
	if (err)
		netdev_warn(vif->dev, "cannot tell the guest of offloads: %d\n",
			    err);
}

/**
 * xenvif_offload_add - make a vif ready for what follows
 * @vif: the vif, of which nobody knows yet
 */
void xenvif_offload_add(struct xenvif *vif)
{
	INIT_DELAYED_WORK(&vif->offload.work, publish);
	vif->offload.written = OFFERS_UNKNOWN;
	vif->offload.due = jiffies;
}

/**
 * xenvif_offload_remove - undo xenvif_offload_add()
 * @vif: the vif, not registered any more
 *
 * Context: without RTNL.
 */
void xenvif_offload_remove(struct xenvif *vif)
{
	cancel_delayed_work_sync(&vif->offload.work);
}

/**
 * xenvif_offload_publish - have what the vif's guest is offered written to xenstore
 * @vif: the vif
 *
 * Context: RTNL.
 */
void xenvif_offload_publish(struct xenvif *vif)
{
	ASSERT_RTNL();
	mod_delayed_work(offers_queue, &vif->offload.work, 0);
}

/**
 * xenvif_offload_wait - wait until what was to be written is
 * @vif: the vif
 *
 * Context: without RTNL.
 */
void xenvif_offload_wait(struct xenvif *vif)
{
	flush_delayed_work(&vif->offload.work);
}

static bool is_native(const struct xenvif *vif)
{
	return vif->tune.offload == XENVIF_OFFLOAD_NATIVE;
}

/*
 * What is under way already looks at what there is when its time comes. A vif's last look may
 * be so long ago that jiffies have gone around.
 */
static void publish_later(struct xenvif *vif)
{
	unsigned long wait = vif->offload.due - jiffies;

	queue_delayed_work(offers_queue, &vif->offload.work,
			   wait <= OFFERS_PERIOD ? wait : 0);
}

/* A card of the bridge has come, gone or changed. */
static void publish_to_bridge(struct net_device *bridge)
{
	struct net_device *port;
	struct list_head *iter;

	if (!bridge || !netif_is_bridge_master(bridge))
		return;
	netdev_for_each_lower_dev(bridge, port, iter) {
		if (xenvif_is_vif(port) && is_native(netdev_priv(port)))
			publish_later(netdev_priv(port));
	}
}

static void on_change_upper(struct net_device *dev,
			    const struct netdev_notifier_changeupper_info *info)
{
	if (!info->master)
		return;
	if (is_card(dev))
		publish_to_bridge(info->upper_dev);
	else if (xenvif_is_vif(dev) && info->linking && is_native(netdev_priv(dev)))
		xenvif_offload_publish(netdev_priv(dev));
}

/*
 * Whether a tap is a guest's depends on its name and that of a vif, which may come later or be
 * renamed, as by vifname: until then it was a card to the others.
 */
static void on_name(struct net_device *dev)
{
	char tap[IFNAMSIZ];

	if (xenvif_is_vif(dev)) {
		if (snprintf(tap, sizeof(tap), "%s%s", dev->name, tap_suffix) >=
		    sizeof(tap))
			return;
		dev = __dev_get_by_name(dev_net(dev), tap);
	}
	if (dev)
		publish_to_bridge(netdev_master_upper_dev_get(dev));
}

static int on_event(struct notifier_block *block, unsigned long event,
		    void *data)
{
	struct net_device *dev = netdev_notifier_info_to_dev(data);

	switch (event) {
	case NETDEV_CHANGEUPPER:
		on_change_upper(dev, data);
		break;
	case NETDEV_REGISTER:
	case NETDEV_CHANGENAME:
		on_name(dev);
		break;
	case NETDEV_FEAT_CHANGE:
		if (is_card(dev))
			publish_to_bridge(netdev_master_upper_dev_get(dev));
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block notifier = {
	.notifier_call = on_event,
};

/**
 * xenvif_offload_init - begin to watch vifs and cards join bridges
 *
 * Return: 0 or a negative error.
 */
int xenvif_offload_init(void)
{
	int err;

	offers_queue = alloc_ordered_workqueue("xen-netback-offload", 0);
	if (!offers_queue)
		return -ENOMEM;
	err = register_netdevice_notifier(&notifier);
	if (err)
		destroy_workqueue(offers_queue);
	return err;
}

/**
 * xenvif_offload_exit - undo xenvif_offload_init()
 */
void xenvif_offload_exit(void)
{
	unregister_netdevice_notifier(&notifier);
	destroy_workqueue(offers_queue);
}
