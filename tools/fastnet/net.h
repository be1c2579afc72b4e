/* SPDX-License-Identifier: GPL-2.0 */
/* The network devices, as netlink and xl tell of them. */
#ifndef FASTNET_NET_H
#define FASTNET_NET_H

#include <linux/if_link.h>
#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

#include "say.h"

/**
 * struct device - a network device
 * @name: its name
 * @index: its number
 * @master: that of the bridge that it is a port of, or 0
 * @is_bridge: what it says
 * @domain: of a vif, the guest's number, else -1
 * @guest: its name, or what stands for it; of others, ""
 * @stats: the device's own counters
 */
struct device {
	char name[IFNAMSIZ];
	int index;
	int master;
	bool is_bridge;
	int domain;
	char *guest;
	struct rtnl_link_stats64 stats;
};

/* Those of this host, in the order of their numbers. */
struct net {
	struct device *devices;
	size_t count;
};

enum result net_read(struct net *net);
void net_free(struct net *net);
const struct device *net_find(const struct net *net, const char *name);
const struct device *net_bridge_of(const struct net *net, const struct device *port);

#endif /* FASTNET_NET_H */
