// SPDX-License-Identifier: GPL-2.0
/* Forbids a device to join others after all who are told first have been. */
#include <linux/module.h>
#include <linux/netdevice.h>

static char *dev;
module_param(dev, charp, 0444);
MODULE_PARM_DESC(dev, "Name of the device");

static int veto_event(struct notifier_block *block, unsigned long event, void *data)
{
	const struct netdev_notifier_changeupper_info *info = data;
	const struct net_device *netdev = netdev_notifier_info_to_dev(data);

	return event == NETDEV_CHANGEUPPER && info->linking && !strcmp(netdev->name, dev) ?
	       NOTIFY_BAD : NOTIFY_DONE;
}

static struct notifier_block veto_block = {
	.notifier_call = veto_event,
	.priority = INT_MIN,
};

static int __init veto_init(void)
{
	return dev ? register_netdevice_notifier(&veto_block) : -EINVAL;
}

static void __exit veto_exit(void)
{
	unregister_netdevice_notifier(&veto_block);
}

module_init(veto_init);
module_exit(veto_exit);

MODULE_DESCRIPTION("Forbids a device to join others");
MODULE_LICENSE("GPL");
