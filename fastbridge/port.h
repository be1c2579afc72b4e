/* SPDX-License-Identifier: GPL-2.0 */
/* A port of a bridge that fastbridge knows. */
#ifndef _FASTBRIDGE_PORT_H
#define _FASTBRIDGE_PORT_H

#include <linux/kobject.h>
#include <linux/netfilter.h>
#include <linux/rcupdate.h>

#include "fdb.h"
#include "guard.h"
#include "stats.h"
#include "vlan.h"

struct fb_bridge;

/* What becomes of frames at a port. */
#define FB_PORT_PASSES		BIT(0)	/* they may be forwarded from and to it */
#define FB_PORT_LEARNS		BIT(1)	/* the bridge learns from them */
#define FB_PORT_LOCKED		BIT(2)	/* only from sources that are known there */
#define FB_PORT_ISOLATED	BIT(3)	/* not to others that are isolated, too */
#define FB_PORT_HAIRPIN		BIT(4)	/* even back to where they came from */

/* Doubtful addresses that a port remembers until the bridge is asked. */
#define FB_PORT_SUSPECTS 16

/**
 * struct fb_port - a port, from joining the bridge to leaving it
 * @dev: the device; outlives the port's last RCU reader
 * @bridge: the bridge it belongs to
 * @stats: per-CPU counters
 * @state: FB_PORT_*; it passes frames if STP says forwarding and no flag is set
 *	that fastbridge leaves to the bridge; written under the event lock
 * @has_vlan_devs: there are VLAN devices on it, which take tagged frames before
 *	the bridge does; written under RTNL
 * @guard: what may arrive
 * @suppresses_nd: the neigh_suppress flag; written under the event lock
 * @fdb_entries: its share of the table; under the event lock
 * @hooked: the ingress hook is registered; under RTNL
 * @hook: what is registered there
 * @inlet: where aggregated frames for it come from; there while the bridge aggregates;
 *	under RTNL
 * @suspects_lock: taken with trylock by packets, so that none ever waits; nests in the
 *	event lock
 * @suspects: addresses to ask the bridge about
 * @nr_suspects: how many
 * @kobj: /sys/class/net/<port>/fastbridge_port
 * @rcu: frees the port
 * @vlans: its VLANs; written under the event lock
 */
struct fb_port {
	struct net_device *dev;
	struct fb_bridge *bridge;
	struct fb_stats __percpu *stats;
	u8 state;
	bool has_vlan_devs;
	struct fb_guard guard;
	bool suppresses_nd;
	unsigned int fdb_entries;

	bool hooked;
	struct nf_hook_ops hook;
	struct net_device *inlet;

	spinlock_t suspects_lock;
	unsigned int nr_suspects;
	fb_key_t suspects[FB_PORT_SUSPECTS];

	struct kobject kobj;
	struct rcu_head rcu;
	struct fb_vlans vlans;
};

int fb_port_create(struct fb_bridge *bridge, struct net_device *dev);
void fb_port_destroy(struct fb_port *port);
struct fb_port *fb_port_of(const struct net_device *dev);
int fb_port_hook(struct fb_port *port);
void fb_port_unhook(struct fb_port *port);
int fb_port_set_guard(struct fb_port *port, bool on);
void fb_port_announced(struct fb_port *port, u8 stp_state);
void fb_port_refresh(struct fb_port *port);
void fb_port_refresh_vlan_devs(struct fb_port *port);
void fb_port_suspect(struct fb_port *port, fb_key_t key);
void fb_port_suspect_announced(struct fb_port *port, fb_key_t key);

#endif /* _FASTBRIDGE_PORT_H */
