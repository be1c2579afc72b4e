/* SPDX-License-Identifier: GPL-2.0 */
/* A bridge that fastbridge knows, and its switches. */
#ifndef _FASTBRIDGE_BRIDGE_H
#define _FASTBRIDGE_BRIDGE_H

#include <linux/kobject.h>
#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include "fdb.h"
#include "stats.h"

struct fb_monitor;
struct fb_port;
struct net_device;

enum fb_mode {
	FB_MODE_OFF,	/* no hook is registered: the stock bridge */
	FB_MODE_AUTO,	/* fast path, but never past a netfilter bridge hook */
	FB_MODE_BYPASS,	/* fast path, past netfilter bridge hooks */
};

enum fb_xmit {
	FB_XMIT_QUEUE,	/* dev_queue_xmit() */
	FB_XMIT_DIRECT,	/* straight to the driver wherever that is the same */
};

enum fb_filter {
	FB_FILTER_NONE,		/* VLANs mean nothing */
	FB_FILTER_VLAN,		/* what passes depends on its VLAN */
	FB_FILTER_LEFT,		/* all is left to the bridge */
};

/**
 * struct fb_bridge - a bridge, from its registration to its end
 * @dev: the bridge device; outlives this
 * @monitor: the event listener of its network namespace
 * @mode: enum fb_mode; written under RTNL
 * @xmit: enum fb_xmit; written under RTNL
 * @aggregate: enum fb_aggregate; written under RTNL
 * @sends: both of these, for one look at them
 * @suppresses_nd: how many ports have neigh_suppress set; written under the event lock
 * @on: among those of @monitor that are on
 * @in_doubt: what is known of it may be wrong, and @filter is FB_FILTER_LEFT; so it is
 *	while it is off; cleared under the event lock
 * @filter: enum fb_filter; other than FB_FILTER_LEFT under the event lock
 * @vlan_proto: the tags that name a VLAN; written under RTNL
 * @generation: the word of all that its frames' ways depend on but for addresses
 * @fdb: the mirrored table; exists while @mode is not off
 * @ports: struct fb_port by ifindex; changed under RTNL and the event lock
 * @sync: asks the bridge about what is in doubt
 * @sync_soon: bit 0: that it does so within a moment is arranged
 * @losses: those of @monitor before the last audit; under the event lock
 * @walk_again: an announced address had no room to wait; under the event lock
 * @states_due: those of its ports are to be read the next time; under the event lock
 * @audited: when its options, and those of its ports, were read last, in jiffies
 * @walk_bucket: where the walk over the whole table goes on
 * @walk_due: when the next walk starts, in jiffies
 * @retired: counters of ports that have left; under RTNL
 * @kobj: /sys/class/net/<bridge>/fastbridge
 * @rcu: frees the bridge
 */
struct fb_bridge {
	struct net_device *dev;
	struct fb_monitor *monitor;
	struct list_head on;
	u8 mode;
	union {
		struct {
			u8 xmit;
			u8 aggregate;
		};
		__le16 sends;
	};
	u8 filter;
	bool in_doubt;
	unsigned int suppresses_nd;
	__be16 vlan_proto;
	atomic_t *generation;
	struct fb_fdb fdb;
	struct xarray ports;

	struct delayed_work sync;
	unsigned long sync_soon;
	int losses;
	bool walk_again;
	bool states_due;
	unsigned long audited;
	unsigned long walk_bucket;
	unsigned long walk_due;

	u64 retired[FB_NR_COUNTERS];
	struct kobject kobj;
	struct rcu_head rcu;
};

int fb_bridge_create(struct net_device *dev);
void fb_bridge_destroy(struct fb_bridge *bridge);
void fb_bridge_lost_port(const struct net_device *dev);
struct fb_bridge *fb_bridge_of(const struct net_device *dev);
int fb_bridge_set_mode(struct fb_bridge *bridge, enum fb_mode mode);
void fb_bridge_refresh(struct fb_bridge *bridge);
void fb_bridge_doubt(struct fb_bridge *bridge);
u64 fb_bridge_counter(struct fb_bridge *bridge, enum fb_counter id);

#endif /* _FASTBRIDGE_BRIDGE_H */
