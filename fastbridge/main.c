// SPDX-License-Identifier: GPL-2.0
/*
 * fastbridge: a fast path in front of the Ethernet bridge.
 *
 * Follows the bridges of all network namespaces and their ports by the netdev
 * notifier. Registering it replays the devices that are there already, and
 * unregistering it replays their end.
 */
#include <linux/if_bridge.h>
#include <linux/if_vlan.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "aggregate.h"
#include "bridge.h"
#include "generation.h"
#include "monitor.h"
#include "port.h"

static void fb_upper_changed(struct net_device *dev,
			     const struct netdev_notifier_changeupper_info *info)
{
	struct fb_bridge *bridge;
	struct fb_port *port;
	int err;

	if (is_vlan_dev(info->upper_dev)) {
		port = fb_port_of(dev);
		if (port)
			fb_port_refresh_vlan_devs(port);
		return;
	}
	if (!netif_is_bridge_master(info->upper_dev))
		return;
	if (info->linking)
		fb_bridge_lost_port(dev);
	bridge = fb_bridge_of(info->upper_dev);
	if (!bridge)
		return;

	if (info->linking) {
		err = fb_port_create(bridge, dev);
		if (err)
			netdev_warn(dev, "fastbridge: stays a stock port (error %d)\n",
				    err);
		return;
	}
	port = xa_load(&bridge->ports, dev->ifindex);
	if (port)
		fb_port_destroy(port);
}

static void fb_registered(struct net_device *dev)
{
	int err;

	if (!netif_is_bridge_master(dev))
		return;
	err = fb_bridge_create(dev);
	if (err)
		netdev_warn(dev, "fastbridge: stays a stock bridge (error %d)\n",
			    err);
}

static void fb_unregistered(struct net_device *dev)
{
	struct fb_bridge *bridge = fb_bridge_of(dev);

	/* The core may say so again, when the number is already another's. */
	if (bridge && bridge->dev == dev)
		fb_bridge_destroy(bridge);
	fb_bridge_lost_port(dev);
}

/*
 * How options of a bridge, and flags of a port that are set with "ip link ... type
 * bridge_slave", are told; or, while the device is down, not told: so those of a port are
 * read before it is up, and all frames are left to a bridge from when it is down to when it is up.
 */
static void fb_changed(struct net_device *dev)
{
	struct fb_bridge *bridge = fb_bridge_of(dev);
	struct fb_port *port = fb_port_of(dev);

	if (bridge)
		fb_bridge_refresh(bridge);
	if (port)
		fb_port_refresh(port);
}

/* Whatever it was: MTU, features, carrier, a new upper device. */
static void fb_told_of(const struct net_device *dev)
{
	struct fb_bridge *bridge = fb_bridge_of(dev);
	struct fb_port *port = fb_port_of(dev);

	if (port)
		bridge = port->bridge;
	if (bridge)
		fb_generation_bump(bridge->generation);
}

static int fb_netdev_event(struct notifier_block *nb, unsigned long event,
			   void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);

	switch (event) {
	case NETDEV_REGISTER:
		fb_registered(dev);
		break;
	case NETDEV_UNREGISTER:
		fb_unregistered(dev);
		break;
	case NETDEV_CHANGEUPPER:
		fb_upper_changed(dev, ptr);
		break;
	case NETDEV_PRE_UP:
	case NETDEV_UP:
	case NETDEV_DOWN:
	case NETDEV_CHANGE:
		fb_changed(dev);
		break;
	}
	fb_told_of(dev);
	return NOTIFY_DONE;
}

static struct notifier_block fb_netdev_notifier = {
	.notifier_call = fb_netdev_event,
};

static int __init fb_init(void)
{
	int err;

	if (!IS_ENABLED(CONFIG_NETFILTER_INGRESS)) {
		pr_err("fastbridge: this kernel lacks CONFIG_NETFILTER_INGRESS\n");
		return -EOPNOTSUPP;
	}
	if (!IS_ENABLED(CONFIG_BRIDGE)) {
		pr_err("fastbridge: this kernel lacks CONFIG_BRIDGE\n");
		return -EOPNOTSUPP;
	}

	err = fb_generation_init();
	if (err)
		return err;
	err = fb_monitor_init();
	if (err)
		goto err_generation;
	fb_aggregate_init();
	err = register_netdevice_notifier(&fb_netdev_notifier);
	if (err)
		goto err_aggregate;
	return 0;

err_aggregate:
	fb_aggregate_exit();
	fb_monitor_exit();
err_generation:
	fb_generation_exit();
	return err;
}

static void __exit fb_exit(void)
{
	unregister_netdevice_notifier(&fb_netdev_notifier);
	fb_aggregate_exit();
	fb_monitor_exit();
	rcu_barrier();
	fb_generation_exit();
}

module_init(fb_init);
module_exit(fb_exit);

MODULE_DESCRIPTION("Fast path in front of the Ethernet bridge");
MODULE_AUTHOR("xen-fastnet");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1");
