/* SPDX-License-Identifier: GPL-2.0 */
/* Hears what the bridges of a network namespace announce. */
#ifndef _FASTBRIDGE_MONITOR_H
#define _FASTBRIDGE_MONITOR_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include "fdb.h"

struct fb_bridge;
struct fb_port;
struct net;
struct nlmsghdr;
struct socket;

/**
 * struct fb_monitor - the event listener of one network namespace
 * @lock: the event lock: held while an announcement, or what was read from the
 *	bridge, is applied to the mirror
 * @net: the namespace
 * @asked: the address that a bridge is being asked about; under @lock
 * @answered: some bridge has announced it meanwhile; under @lock
 * @vlan_seq: the last number that a port's VLANs got; under @lock
 * @vlan_work: asks for the VLANs of ports
 * @socket_work: opens the socket when the first bridge is on, and closes it when none is
 * @sock: the socket; @socket_work's
 * @hears: it is there, and stays while bridges are on; under @lock
 * @losses: how often the kernel has said that an announcement was lost, or the socket was opened
 * @guards: ports that are guarded; under RTNL
 * @bridges: struct fb_bridge by ifindex, all of the namespace's; changed under
 *	RTNL
 * @on: those that are on; changed under RTNL and @lock
 */
struct fb_monitor {
	spinlock_t lock;
	struct net *net;
	fb_key_t asked;
	bool answered;
	unsigned int vlan_seq;
	struct delayed_work vlan_work;
	struct delayed_work socket_work;
	struct socket *sock;
	bool hears;
	atomic_t losses;
	unsigned int guards;
	struct xarray bridges;
	struct list_head on;
};

/* Where works wait for what others hold up: RTNL, or the table of netlink's sockets. */
extern struct workqueue_struct *fb_queue;

int fb_monitor_init(void);
void fb_monitor_exit(void);
struct fb_monitor *fb_monitor_of(const struct net *net);
bool fb_monitor_is_strange(const struct fb_monitor *monitor);
int fb_monitor_add(struct fb_bridge *bridge);
void fb_monitor_remove(struct fb_bridge *bridge);
int fb_monitor_connect(struct socket *sock);
struct fb_port *fb_monitor_neigh_port(struct fb_bridge *bridge,
				      const struct nlmsghdr *nlh);

#endif /* _FASTBRIDGE_MONITOR_H */
