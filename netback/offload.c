// SPDX-License-Identifier: GPL-2.0
/*
 * What of segmentation, scatter/gather and checksums a guest is offered, after "Optimizing
 * Network Virtualization in Xen" (Menon et al., USENIX 2006).
 *
 * "emulate" offers all of it, whatever the network card can do: the guest, netback and the
 * bridge handle frames of up to 64 KiB, and what the card lacks the kernel's core does for
 * it, after the bridge and the card's queue, as the frame is handed to the card. "native"
 * offers what the card can do itself. The cards are the ports of the vif's bridge that
 * do not lead to a guest.
 *
 * A guest looks at its offers when it connects; so they are written when the vif joins a
 * bridge, which the toolstack has it do before the guest starts, and when offload is set.
 *
 * That IPv4's checksums are offered always is part of the ring protocol.
 *
 * Locking: RTNL, under which xenstore is written to; its daemon does without RTNL. The
 * xenbus device of a vif is its network device's parent and outlives it; its node in
 * xenstore may not. The notifier is there before the first vif is and after the last.
 */
#include "common.h"

#include <linux/rtnetlink.h>
#include <net/rtnetlink.h>

#define OFFERS (NETIF_F_SG | NETIF_F_TSO | NETIF_F_TSO6 | NETIF_F_IPV6_CSUM)

/* A vif, or the tap of a device model. */
static bool leads_to_guest(const struct net_device *port)
{
	return xenvif_is_vif(port) ||
	       (port->rtnl_link_ops &&
		!strcmp(port->rtnl_link_ops->kind, "tun"));
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
	if (!bridge)
		return features;
	netdev_for_each_lower_dev(bridge, port, iter) {
		if (!leads_to_guest(port))
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

/**
 * xenvif_offload_publish - write what the vif's guest is offered to xenstore
 * @vif: the vif
 *
 * Context: RTNL.
 * Return: 0 or a negative error; then what was offered before still is.
 */
int xenvif_offload_publish(struct xenvif *vif)
{
	struct xenbus_device *dev = xenvif_to_xenbus_device(vif);
	netdev_features_t features;
	struct xenbus_transaction xbt;
	int err;

	ASSERT_RTNL();
	features = offers(vif);
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

static int on_event(struct notifier_block *block, unsigned long event,
		    void *data)
{
	struct net_device *dev = netdev_notifier_info_to_dev(data);
	struct netdev_notifier_changeupper_info *info = data;
	struct xenvif *vif;
	int err;

	if (event != NETDEV_CHANGEUPPER || !xenvif_is_vif(dev) ||
	    !info->master || !info->linking)
		return NOTIFY_DONE;
	vif = netdev_priv(dev);
	if (vif->tune.offload == XENVIF_OFFLOAD_EMULATE)
		return NOTIFY_DONE;
	err = xenvif_offload_publish(vif);
	if (err)
		netdev_warn(dev, "cannot tell the guest of offloads: %d\n", err);
	return NOTIFY_OK;
}

static struct notifier_block notifier = {
	.notifier_call = on_event,
};

/**
 * xenvif_offload_init - begin to watch vifs join bridges
 *
 * Return: 0 or a negative error.
 */
int xenvif_offload_init(void)
{
	return register_netdevice_notifier(&notifier);
}

/**
 * xenvif_offload_exit - undo xenvif_offload_init()
 */
void xenvif_offload_exit(void)
{
	unregister_netdevice_notifier(&notifier);
}
