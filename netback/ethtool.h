/* SPDX-License-Identifier: GPL-2.0 */
/* The tunables and counters for which ethtool has a place of its own. */
#ifndef __XEN_NETBACK_ETHTOOL_H__
#define __XEN_NETBACK_ETHTOOL_H__

#include <linux/types.h>

struct ethtool_coalesce;
struct ethtool_ringparam;
struct kernel_ethtool_coalesce;
struct kernel_ethtool_ringparam;
struct net_device;
struct netlink_ext_ack;

void xenvif_get_ringparam(struct net_device *dev,
			  struct ethtool_ringparam *ring,
			  struct kernel_ethtool_ringparam *kernel_ring,
			  struct netlink_ext_ack *extack);
int xenvif_set_ringparam(struct net_device *dev,
			 struct ethtool_ringparam *ring,
			 struct kernel_ethtool_ringparam *kernel_ring,
			 struct netlink_ext_ack *extack);
int xenvif_get_coalesce(struct net_device *dev, struct ethtool_coalesce *ec,
			struct kernel_ethtool_coalesce *kernel_ec,
			struct netlink_ext_ack *extack);
int xenvif_set_coalesce(struct net_device *dev, struct ethtool_coalesce *ec,
			struct kernel_ethtool_coalesce *kernel_ec,
			struct netlink_ext_ack *extack);
void xenvif_get_counter_strings(u8 *data);
void xenvif_get_counters(struct net_device *dev, u64 *data);

#endif /* __XEN_NETBACK_ETHTOOL_H__ */
