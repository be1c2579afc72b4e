// SPDX-License-Identifier: GPL-2.0
/*
 * The tunables and counters for which ethtool has a place of its own:
 *
 *   -g, -G tx		rx_queue_packets; ethtool looks from dom0, where frames for the
 *			guest are transmitted
 *   -c, -C rx-frames	tx_budget
 *   -S			the counters
 *
 * Locking: ethtool calls under RTNL.
 */
#include "common.h"

#include <linux/ethtool.h>

/**
 * xenvif_get_ringparam - ethtool -g
 * @dev: the vif's device
 * @ring: for the answer
 * @kernel_ring: unused
 * @extack: unused
 */
void xenvif_get_ringparam(struct net_device *dev,
			  struct ethtool_ringparam *ring,
			  struct kernel_ethtool_ringparam *kernel_ring,
			  struct netlink_ext_ack *extack)
{
	const struct xenvif *vif = netdev_priv(dev);

	ring->tx_max_pending = XENVIF_RX_QUEUE_PACKETS_MAX;
	ring->tx_pending = vif->tune.rx_queue_packets;
}

/**
 * xenvif_set_ringparam - ethtool -G
 * @dev: the vif's device
 * @ring: what is wanted; ethtool has checked it against the most there can be
 * @kernel_ring: unused
 * @extack: unused
 *
 * Return: 0 or -EINVAL.
 */
int xenvif_set_ringparam(struct net_device *dev,
			 struct ethtool_ringparam *ring,
			 struct kernel_ethtool_ringparam *kernel_ring,
			 struct netlink_ext_ack *extack)
{
	return xenvif_tune_set(netdev_priv(dev), XENVIF_TUNE_rx_queue_packets,
			       ring->tx_pending);
}

/**
 * xenvif_get_coalesce - ethtool -c
 * @dev: the vif's device
 * @ec: for the answer
 * @kernel_ec: unused
 * @extack: unused
 *
 * Return: 0.
 */
int xenvif_get_coalesce(struct net_device *dev, struct ethtool_coalesce *ec,
			struct kernel_ethtool_coalesce *kernel_ec,
			struct netlink_ext_ack *extack)
{
	const struct xenvif *vif = netdev_priv(dev);

	ec->rx_max_coalesced_frames = vif->tune.tx_budget;
	return 0;
}

/**
 * xenvif_set_coalesce - ethtool -C
 * @dev: the vif's device
 * @ec: what is wanted; nothing but rx-frames gets here
 * @kernel_ec: unused
 * @extack: unused
 *
 * Return: 0 or -EINVAL.
 */
int xenvif_set_coalesce(struct net_device *dev, struct ethtool_coalesce *ec,
			struct kernel_ethtool_coalesce *kernel_ec,
			struct netlink_ext_ack *extack)
{
	return xenvif_tune_set(netdev_priv(dev), XENVIF_TUNE_tx_budget,
			       ec->rx_max_coalesced_frames);
}

/**
 * xenvif_get_counter_strings - names for ethtool -S
 * @data: room for XENVIF_NR_COUNTERS names
 */
void xenvif_get_counter_strings(u8 *data)
{
	enum xenvif_counter id;

	for (id = 0; id < XENVIF_NR_COUNTERS; id++)
		ethtool_sprintf(&data, "%s", xenvif_counter_names[id]);
}

/**
 * xenvif_get_counters - values for ethtool -S
 * @dev: the vif's device
 * @data: room for XENVIF_NR_COUNTERS values
 */
void xenvif_get_counters(struct net_device *dev, u64 *data)
{
	const struct xenvif *vif = netdev_priv(dev);
	enum xenvif_counter id;

	for (id = 0; id < XENVIF_NR_COUNTERS; id++)
		data[id] = xenvif_counter(vif, id);
}
