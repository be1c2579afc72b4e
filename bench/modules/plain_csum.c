// SPDX-License-Identifier: GPL-2.0
/*
 * Has a veth say what vifs and many network cards do: that it makes checksums of TCP and UDP
 * over plain IPv4 and IPv6, and no others. Its driver makes none anyhow. The device keeps
 * this for good.
 */
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/net_namespace.h>

static char *dev;
module_param(dev, charp, 0444);
MODULE_PARM_DESC(dev, "Name of the device, in the initial network namespace");

static netdev_features_t plain_csum(netdev_features_t features)
{
	return (features & ~NETIF_F_HW_CSUM) | NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM;
}

static int __init plain_csum_init(void)
{
	struct net_device *netdev;

	if (!dev)
		return -EINVAL;
	rtnl_lock();
	netdev = __dev_get_by_name(&init_net, dev);
	if (netdev) {
		netdev->hw_features = plain_csum(netdev->hw_features);
		netdev->wanted_features = plain_csum(netdev->wanted_features);
		netdev->features &= ~NETIF_F_HW_CSUM;
		netdev_update_features(netdev);
	}
	rtnl_unlock();
	return netdev ? 0 : -ENODEV;
}

static void __exit plain_csum_exit(void)
{
}

module_init(plain_csum_init);
module_exit(plain_csum_exit);

MODULE_DESCRIPTION("Has a device make checksums of plain IP only");
MODULE_LICENSE("GPL");
