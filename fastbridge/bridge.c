// SPDX-License-Identifier: GPL-2.0
/*
 * Bridges and their switches.
 *
 * Locking: everything here runs under RTNL. The table exists from before the
 * first hook is registered until a grace period after the last is gone, or, on
 * guarded ports, while packets see a mode other than off: so they need no
 * reference to it.
 */
#include <linux/if_bridge.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/netlink.h>
#include <net/rtnetlink.h>

#include "aggregate.h"
#include "bridge.h"
#include "generation.h"
#include "monitor.h"
#include "port.h"
#include "sync.h"
#include "sysfs.h"

static unsigned int fdb_max = 16384;
module_param(fdb_max, uint, 0444);
MODULE_PARM_DESC(fdb_max, "Most addresses mirrored per bridge, 16 to 1048576 (default 16384)");

static unsigned int fb_fdb_limit(void)
{
	return clamp(fdb_max, 16U, 1048576U);
}

/**
 * fb_bridge_of - what is kept of a bridge device
 * @dev: any device
 *
 * Context: RTNL.
 * Return: the bridge or NULL.
 */
struct fb_bridge *fb_bridge_of(const struct net_device *dev)
{
	ASSERT_RTNL();
	return xa_load(&fb_monitor_of(dev_net(dev))->bridges, dev->ifindex);
}

/* Does the bridge count what passes in each VLAN? Only its netlink attributes tell. */
static bool fb_bridge_counts_vlans(const struct net_device *dev)
{
	const struct nlattr *counts;
	struct sk_buff *answer;
	bool yes = true;

	answer = nlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (!answer)
		return yes;
	if (!dev->rtnl_link_ops->fill_info(answer, dev)) {
		counts = nla_find((struct nlattr *)answer->data, answer->len,
				  IFLA_BR_VLAN_STATS_ENABLED);
		yes = counts && nla_get_u8(counts);
	}
	nlmsg_free(answer);
	return yes;
}

/* While a bridge is down nobody is told of its options; and its ports can be made to forward. */
static enum fb_filter fb_bridge_filter(const struct net_device *dev)
{
	if (!(dev->flags & IFF_UP))
		return FB_FILTER_LEFT;
	if (!br_vlan_enabled(dev))
		return FB_FILTER_NONE;
	return br_mst_enabled(dev) || fb_bridge_counts_vlans(dev) ?
	       FB_FILTER_LEFT : FB_FILTER_VLAN;
}

/**
 * fb_bridge_refresh - read the bridge's own options
 * @bridge: the bridge
 *
 * Context: RTNL.
 */
void fb_bridge_refresh(struct fb_bridge *bridge)
{
	struct fb_monitor *monitor = bridge->monitor;
	enum fb_filter filter, before;
	u16 proto = ETH_P_8021Q;

	ASSERT_RTNL();
	/* A kernel without VLAN filtering leaves it as it is. */
	br_vlan_get_proto(bridge->dev, &proto);
	filter = fb_bridge_filter(bridge->dev);

	spin_lock_bh(&monitor->lock);
	before = READ_ONCE(bridge->filter);
	if (filter != FB_FILTER_VLAN)
		fb_vlan_forgo_all(bridge);
	WRITE_ONCE(bridge->vlan_proto, htons(proto));
	if (!READ_ONCE(bridge->in_doubt)) {
		/* While they mean nothing, nobody asks whether they are right. */
		if (filter == FB_FILTER_VLAN && READ_ONCE(bridge->filter) != filter)
			fb_vlan_doubt(bridge);
		/* From here on what is known of ports is believed; pairs with fb_filter_of(). */
		smp_store_release(&bridge->filter, filter);
		/*
		 * A loss since it was asked, or a doubt, which finds this filter or is found
		 * here.
		 */
		smp_mb();
		if (atomic_read(&monitor->losses) != bridge->losses ||
		    READ_ONCE(bridge->in_doubt))
			WRITE_ONCE(bridge->filter, FB_FILTER_LEFT);
	} else {
		WRITE_ONCE(bridge->filter, FB_FILTER_LEFT);
	}
	/* Even if it was believed only until the doubt was found. */
	if (filter != before || READ_ONCE(bridge->filter) != before)
		fb_generation_bump(bridge->generation);
	spin_unlock_bh(&monitor->lock);
}

/**
 * fb_bridge_doubt - what is known of a bridge may be wrong: leave all frames to it
 * @bridge: the bridge; on
 *
 * Until sync.c has asked it. Takes as long however many ports there are.
 *
 * Context: RCU read side, perhaps with interrupts off.
 */
void fb_bridge_doubt(struct fb_bridge *bridge)
{
	WRITE_ONCE(bridge->in_doubt, true);
	/*
	 * Last, and pairs with fb_bridge_refresh(): an audit that comes between the two has all
	 * frames left to it until the next one; the other way round they would be believed.
	 */
	smp_mb();
	WRITE_ONCE(bridge->filter, FB_FILTER_LEFT);
	fb_generation_bump(bridge->generation);
	fb_sync_soon(bridge);
}

/* Nothing that packets or announcements do after this refers to the table. */
static void fb_bridge_stop(struct fb_bridge *bridge)
{
	struct fb_monitor *monitor = bridge->monitor;
	struct fb_port *port;
	unsigned long i;

	/* What the bridge forwards from now on must not overtake what is held. */
	fb_aggregate_pause(bridge);
	xa_for_each(&bridge->ports, i, port)
		fb_port_unhook(port);

	/* A guard keeps its hook, and looks at the mode. */
	spin_lock_bh(&monitor->lock);
	WRITE_ONCE(bridge->mode, FB_MODE_OFF);
	/* Nor is it believed at the next start. */
	WRITE_ONCE(bridge->in_doubt, true);
	WRITE_ONCE(bridge->filter, FB_FILTER_LEFT);
	fb_fdb_flush(&bridge->fdb, NULL);
	fb_generation_bump(bridge->generation);
	spin_unlock_bh(&monitor->lock);
	fb_monitor_remove(bridge);

	/* Frames in the hook, and who reports a loss, may still start the sync work. */
	synchronize_net();
	fb_sync_stop(bridge);
	fb_fdb_destroy(&bridge->fdb);
}

static int fb_bridge_start(struct fb_bridge *bridge, enum fb_mode mode)
{
	struct fb_monitor *monitor = bridge->monitor;
	struct fb_port *port;
	unsigned long i;
	int err;

	err = fb_fdb_init(&bridge->fdb, fb_fdb_limit(), &monitor->lock,
			  fb_monitor_is_strange(monitor) ? bridge->generation : NULL);
	if (err)
		return err;
	err = fb_monitor_add(bridge);
	if (err)
		goto err_fdb;

	spin_lock_bh(&monitor->lock);
	/* Guards are hooked already: who sees the mode must see the table. */
	smp_store_release(&bridge->mode, mode);
	spin_unlock_bh(&monitor->lock);
	fb_sync_start(bridge);

	fb_aggregate_resume(bridge);
	xa_for_each(&bridge->ports, i, port) {
		fb_port_refresh(port);
		err = fb_port_hook(port);
		if (err) {
			fb_bridge_stop(bridge);
			return err;
		}
	}
	return 0;

err_fdb:
	fb_fdb_destroy(&bridge->fdb);
	return err;
}

/**
 * fb_bridge_set_mode - switch the fast path of a bridge
 * @bridge: the bridge
 * @mode: what to switch to
 *
 * Context: RTNL.
 * Return: 0, or a negative error upon which nothing has changed.
 */
int fb_bridge_set_mode(struct fb_bridge *bridge, enum fb_mode mode)
{
	ASSERT_RTNL();

	if (mode == bridge->mode)
		return 0;
	if (mode == FB_MODE_OFF) {
		fb_bridge_stop(bridge);
		return 0;
	}
	if (bridge->mode == FB_MODE_OFF)
		return fb_bridge_start(bridge, mode);
	WRITE_ONCE(bridge->mode, mode);
	fb_generation_bump(bridge->generation);
	return 0;
}

/**
 * fb_bridge_counter - one counter over all ports, gone ones included
 * @bridge: the bridge
 * @id: which counter
 *
 * Return: its value.
 */
u64 fb_bridge_counter(struct fb_bridge *bridge, enum fb_counter id)
{
	u64 sum = READ_ONCE(bridge->retired[id]);
	struct fb_port *port;
	unsigned long i;

	rcu_read_lock();
	xa_for_each(&bridge->ports, i, port)
		sum += fb_stats_read(port->stats, id);
	rcu_read_unlock();
	return sum;
}

static int fb_bridge_add_ports(struct fb_bridge *bridge)
{
	struct net_device *dev;
	struct list_head *iter;
	int err;

	netdev_for_each_lower_dev(bridge->dev, dev, iter) {
		err = fb_port_create(bridge, dev);
		if (err)
			return err;
	}
	return 0;
}

/**
 * fb_bridge_create - a bridge is there
 * @dev: the bridge device
 *
 * Context: RTNL.
 * Return: 0 or a negative error, upon which the bridge stays a stock bridge.
 */
int fb_bridge_create(struct net_device *dev)
{
	struct fb_bridge *bridge;
	int err;

	ASSERT_RTNL();
	bridge = kzalloc(sizeof(*bridge), GFP_KERNEL);
	if (!bridge)
		return -ENOMEM;
	bridge->dev = dev;
	bridge->monitor = fb_monitor_of(dev_net(dev));
	bridge->generation = fb_generation_of_bridge(fb_monitor_is_strange(bridge->monitor));
	bridge->in_doubt = true;
	bridge->filter = FB_FILTER_LEFT;
	xa_init(&bridge->ports);
	fb_sync_init(bridge);

	err = xa_insert_bh(&bridge->monitor->bridges, dev->ifindex, bridge,
			   GFP_KERNEL);
	if (err) {
		kfree(bridge);
		return err;
	}

	/* From here on the kobject owns the bridge. */
	err = fb_sysfs_add_bridge(bridge);
	if (!err)
		err = fb_bridge_add_ports(bridge);
	if (err)
		fb_bridge_destroy(bridge);
	return err;
}

/**
 * fb_bridge_lost_port - a device is no port of any bridge
 * @dev: the device
 *
 * So it is when it ends, and before it joins one. If somebody else has forbidden that it
 * joins after it was told here, nobody is told.
 *
 * Context: RTNL.
 */
void fb_bridge_lost_port(const struct net_device *dev)
{
	struct fb_bridge *bridge;
	struct fb_port *port;
	unsigned long i;

	ASSERT_RTNL();
	xa_for_each(&fb_monitor_of(dev_net(dev))->bridges, i, bridge) {
		port = xa_load(&bridge->ports, dev->ifindex);
		if (port && port->dev == dev)
			fb_port_destroy(port);
	}
}

/**
 * fb_bridge_destroy - a bridge ends, or fastbridge does
 * @bridge: the bridge
 *
 * Context: RTNL.
 */
void fb_bridge_destroy(struct fb_bridge *bridge)
{
	struct fb_monitor *monitor = bridge->monitor;
	struct fb_port *port;
	unsigned long i;

	ASSERT_RTNL();
	fb_bridge_set_mode(bridge, FB_MODE_OFF);
	fb_aggregate_set(bridge, false);
	xa_for_each(&bridge->ports, i, port)
		fb_port_destroy(port);

	spin_lock_bh(&monitor->lock);
	xa_erase(&monitor->bridges, bridge->dev->ifindex);
	spin_unlock_bh(&monitor->lock);

	fb_sysfs_remove(&bridge->kobj);
}
