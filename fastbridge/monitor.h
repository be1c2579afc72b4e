/* SPDX-License-Identifier: GPL-2.0 */
/* Hears what the bridges of a network namespace announce. */
#ifndef _FASTBRIDGE_MONITOR_H
#define _FASTBRIDGE_MONITOR_H

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
 * @users: bridges that are on; under RTNL
 * @guards: ports that are guarded; under RTNL
 * @sock: the socket, while there are users; under RTNL
 * @bridges: struct fb_bridge by ifindex, all of the namespace's; changed under
 *	RTNL
 */
struct fb_monitor {
	spinlock_t lock;
	struct net *net;
	fb_key_t asked;
	bool answered;
	unsigned int vlan_seq;
	struct delayed_work vlan_work;
	unsigned int users;
	unsigned int guards;
	struct socket *sock;
	struct xarray bridges;
};

int fb_monitor_init(void);
void fb_monitor_exit(void);
struct fb_monitor *fb_monitor_of(const struct net *net);
int fb_monitor_get(struct fb_monitor *monitor, struct net *net);
void fb_monitor_put(struct fb_monitor *monitor);
int fb_monitor_connect(struct socket *sock);
struct fb_port *fb_monitor_neigh_port(struct fb_bridge *bridge,
				      const struct nlmsghdr *nlh);

#endif /* _FASTBRIDGE_MONITOR_H */
