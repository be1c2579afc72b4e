// SPDX-License-Identifier: GPL-2.0
/*
 * Ports: from the moment a device joins a bridge until it leaves.
 *
 * Locking: ports come, go, are hooked and unhooked under RTNL. What packets
 * read of a port (state) is written under the event lock and read with
 * READ_ONCE. A port is freed a grace period after its hook is gone and no table
 * entry names it.
 */
#include <linux/if_bridge.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "aggregate.h"
#include "bridge.h"
#include "forward.h"
#include "guard_bridge.h"
#include "monitor.h"
#include "port.h"
#include "sync.h"
#include "sysfs.h"

/* With one of these the stock bridge alone knows what to do with a frame. */
#define FB_LEFT_TO_BRIDGE	(BR_VLAN_TUNNEL | BR_MRP_AWARE |	\
				 BR_TX_FWD_OFFLOAD)

static void fb_port_set_suppresses_nd(struct fb_port *port, bool on)
{
	struct fb_bridge *bridge = port->bridge;
	unsigned int others = bridge->suppresses_nd - port->suppresses_nd;

	port->suppresses_nd = on;
	WRITE_ONCE(bridge->suppresses_nd, others + on);
}

static u8 fb_port_flags(const struct net_device *dev)
{
	static const struct {
		unsigned long of_bridge;
		u8 of_port;
	} flags[] = {
		{ BR_LEARNING, FB_PORT_LEARNS },
		{ BR_PORT_LOCKED, FB_PORT_LOCKED },
		{ BR_ISOLATED, FB_PORT_ISOLATED },
		{ BR_HAIRPIN_MODE, FB_PORT_HAIRPIN },
	};
	unsigned int i;
	u8 state = 0;

	for (i = 0; i < ARRAY_SIZE(flags); i++)
		if (br_port_flag_is_set(dev, flags[i].of_bridge))
			state |= flags[i].of_port;
	return state;
}

/* What becomes of frames at it is worked out anew; its flags are read from the bridge. */
static void fb_port_set_state(struct fb_port *port, u8 stp_state)
{
	bool suppresses_nd, same;
	u8 state;

	lockdep_assert_held(&port->bridge->monitor->lock);

	rcu_read_lock();
	state = fb_port_flags(port->dev);
	if (stp_state == BR_STATE_FORWARDING &&
	    !br_port_flag_is_set(port->dev, FB_LEFT_TO_BRIDGE))
		state |= FB_PORT_PASSES;
	suppresses_nd = br_port_flag_is_set(port->dev, BR_NEIGH_SUPPRESS);
	rcu_read_unlock();

	same = state == port->state && suppresses_nd == port->suppresses_nd;
	fb_port_set_suppresses_nd(port, suppresses_nd);
	WRITE_ONCE(port->state, state);
	if (!same)
		fb_generation_bump(port->bridge->generation);
}

/**
 * fb_port_announced - the bridge has told of the state or the flags of a port
 * @port: the port
 * @stp_state: BR_STATE_*
 *
 * The state that two CPUs tell of may be told in the wrong order. So a port stops forwarding
 * when this says so, and starts when the bridge, asked, does.
 *
 * Context: event lock held.
 */
void fb_port_announced(struct fb_port *port, u8 stp_state)
{
	struct fb_bridge *bridge = port->bridge;

	if (stp_state == BR_STATE_FORWARDING && !(port->state & FB_PORT_PASSES)) {
		stp_state = BR_STATE_BLOCKING;
		WRITE_ONCE(bridge->states_due, true);
		fb_sync_soon(bridge);
	}
	fb_port_set_state(port, stp_state);
}

/**
 * fb_port_refresh - ask the bridge about the state and flags of a port
 * @port: the port
 *
 * Context: RTNL.
 */
void fb_port_refresh(struct fb_port *port)
{
	struct fb_monitor *monitor = port->bridge->monitor;

	ASSERT_RTNL();
	/* Whoever changes the state after this look announces it after this lock. */
	spin_lock_bh(&monitor->lock);
	fb_port_set_state(port, br_port_get_stp_state(port->dev));
	spin_unlock_bh(&monitor->lock);
}

/**
 * fb_port_refresh_vlan_devs - see whether there are VLAN devices on a port
 * @port: the port
 *
 * Context: RTNL.
 */
void fb_port_refresh_vlan_devs(struct fb_port *port)
{
	struct net_device *upper;
	struct list_head *iter;
	bool found = false;

	rcu_read_lock();
	netdev_for_each_upper_dev_rcu(port->dev, upper, iter)
		found |= is_vlan_dev(upper);
	rcu_read_unlock();
	WRITE_ONCE(port->has_vlan_devs, found);
}

/* Return: false if there is no room. */
static bool fb_port_add_suspect(struct fb_port *port, fb_key_t key)
{
	unsigned int i;

	lockdep_assert_held(&port->suspects_lock);

	for (i = 0; i < port->nr_suspects; i++)
		if (port->suspects[i] == key)
			return true;
	if (i == FB_PORT_SUSPECTS)
		return false;
	port->suspects[port->nr_suspects++] = key;
	if (!i)
		fb_sync_soon(port->bridge);
	return true;
}

/**
 * fb_port_suspect - have the bridge asked about an address
 * @port: where a frame raised the doubt
 * @key: address and VLAN
 *
 * Every port has its own few slots, so that one guest cannot crowd out the
 * doubts of others.
 *
 * Context: BH off.
 */
void fb_port_suspect(struct fb_port *port, fb_key_t key)
{
	if (!spin_trylock(&port->suspects_lock))
		return;
	fb_port_add_suspect(port, key);
	spin_unlock(&port->suspects_lock);
}

/**
 * fb_port_suspect_announced - the same, for what frames may not bring up again
 * @port: where an announcement has put the address, or taken it away
 * @key: address and VLAN
 *
 * Nor may frames crowd it out: if there is no room, the whole table is gone through.
 *
 * Context: event lock held.
 */
void fb_port_suspect_announced(struct fb_port *port, fb_key_t key)
{
	struct fb_bridge *bridge = port->bridge;

	lockdep_assert_held(&bridge->monitor->lock);
	spin_lock(&port->suspects_lock);
	if (!fb_port_add_suspect(port, key))
		bridge->walk_again = true;
	spin_unlock(&port->suspects_lock);
}

/**
 * fb_port_hook - let the fast path see the frames that arrive on a port
 * @port: the port; if it is guarded, it is hooked already
 *
 * Context: RTNL.
 * Return: 0 or a negative error.
 */
int fb_port_hook(struct fb_port *port)
{
	int err;

	ASSERT_RTNL();
	if (port->hooked)
		return 0;
	port->hook = (struct nf_hook_ops) {
		.hook = fb_ingress,
		.dev = port->dev,
		.priv = port,
		.pf = NFPROTO_NETDEV,
		.hooknum = NF_NETDEV_INGRESS,
		/*
		 * The administrator's own ingress rules come first, but for those of the
		 * same priority that are there already.
		 */
		.priority = INT_MAX,
	};
	err = nf_register_net_hook(dev_net(port->dev), &port->hook);
	port->hooked = !err;
	return err;
}

static void fb_port_remove_hook(struct fb_port *port)
{
	if (port->hooked)
		nf_unregister_net_hook(dev_net(port->dev), &port->hook);
	port->hooked = false;
}

/**
 * fb_port_unhook - undo fb_port_hook(), if it was done and nothing is guarded
 * @port: the port
 *
 * Frames may still be in the hook until a grace period has passed.
 *
 * Context: RTNL.
 */
void fb_port_unhook(struct fb_port *port)
{
	ASSERT_RTNL();
	if (!port->guard.on)
		fb_port_remove_hook(port);
}

static int fb_port_start_guard(struct fb_port *port)
{
	int err;

	err = fb_guard_bridge_get(port->bridge->monitor);
	if (err)
		return err;
	/*
	 * The hook must not see a port without a guard while there is no table: only
	 * guarded frames are looked at for the mode.
	 */
	WRITE_ONCE(port->guard.on, true);
	fb_generation_bump(port->bridge->generation);
	err = fb_port_hook(port);
	if (err)
		goto err_guard;
	return 0;

err_guard:
	WRITE_ONCE(port->guard.on, false);
	fb_guard_bridge_put(port->bridge->monitor);
	return err;
}

static void fb_port_stop_guard(struct fb_port *port)
{
	if (port->bridge->mode == FB_MODE_OFF) {
		fb_port_remove_hook(port);
		synchronize_net();
	}
	WRITE_ONCE(port->guard.on, false);
	fb_guard_bridge_put(port->bridge->monitor);
}

/**
 * fb_port_set_guard - have the source addresses of a port's frames looked at, or not
 * @port: the port
 * @on: do it
 *
 * Context: RTNL.
 * Return: 0, or a negative error upon which nothing has changed.
 */
int fb_port_set_guard(struct fb_port *port, bool on)
{
	ASSERT_RTNL();
	if (on == port->guard.on)
		return 0;
	if (on)
		return fb_port_start_guard(port);
	fb_port_stop_guard(port);
	return 0;
}

/**
 * fb_port_of - the port that a device is
 * @dev: any device
 *
 * Context: RTNL.
 * Return: the port or NULL.
 */
struct fb_port *fb_port_of(const struct net_device *dev)
{
	struct net_device *master;
	struct fb_bridge *bridge;

	master = netdev_master_upper_dev_get((struct net_device *)dev);
	bridge = master ? fb_bridge_of(master) : NULL;
	return bridge ? xa_load(&bridge->ports, dev->ifindex) : NULL;
}

/**
 * fb_port_create - a device joins a bridge
 * @bridge: the bridge
 * @dev: the device
 *
 * Context: RTNL.
 * Return: 0 or a negative error, upon which the device is a stock port.
 */
int fb_port_create(struct fb_bridge *bridge, struct net_device *dev)
{
	struct fb_port *port;
	int err = -ENOMEM;

	port = kzalloc(sizeof(*port), GFP_KERNEL);
	if (!port)
		return err;
	port->dev = dev;
	port->bridge = bridge;
	spin_lock_init(&port->suspects_lock);
	fb_vlan_unasked(port);
	fb_port_refresh_vlan_devs(port);
	port->stats = fb_stats_alloc();
	if (!port->stats)
		goto err_port;

	if (bridge->aggregate != FB_AGGREGATE_OFF) {
		err = fb_aggregate_add_port(port);
		if (err)
			goto err_stats;
	}

	/* Bottom halves off, for the event lock is taken there and before this one. */
	err = xa_insert_bh(&bridge->ports, dev->ifindex, port, GFP_KERNEL);
	if (err)
		goto err_inlet;

	if (bridge->mode != FB_MODE_OFF) {
		fb_port_refresh(port);
		err = fb_port_hook(port);
		if (err)
			goto err_insert;
	}

	err = fb_sysfs_add_port(port);
	if (err) {
		/* From here on the kobject owns the port. */
		fb_port_destroy(port);
		return err;
	}
	return 0;

err_insert:
	spin_lock_bh(&bridge->monitor->lock);
	xa_erase(&bridge->ports, dev->ifindex);
	fb_fdb_flush(&bridge->fdb, port);
	fb_port_set_suppresses_nd(port, false);
	fb_vlan_forgo(port);
	spin_unlock_bh(&bridge->monitor->lock);
	synchronize_net();
err_inlet:
	fb_aggregate_remove_port(port);
err_stats:
	free_percpu(port->stats);
err_port:
	kfree(port);
	return err;
}

/**
 * fb_port_destroy - a device leaves its bridge
 * @port: the port
 *
 * Context: RTNL.
 */
void fb_port_destroy(struct fb_port *port)
{
	struct fb_bridge *bridge = port->bridge;
	enum fb_counter id;

	ASSERT_RTNL();
	fb_port_remove_hook(port);
	if (port->guard.on)
		fb_guard_bridge_put(bridge->monitor);

	spin_lock_bh(&bridge->monitor->lock);
	xa_erase(&bridge->ports, port->dev->ifindex);
	if (bridge->mode != FB_MODE_OFF)
		fb_fdb_flush(&bridge->fdb, port);
	fb_port_set_suppresses_nd(port, false);
	fb_vlan_forgo(port);
	fb_generation_bump(bridge->generation);
	spin_unlock_bh(&bridge->monitor->lock);
	fb_aggregate_remove_port(port);

	for (id = 0; id < FB_NR_COUNTERS; id++)
		bridge->retired[id] += fb_stats_read(port->stats, id);

	fb_sysfs_remove(&port->kobj);
}
