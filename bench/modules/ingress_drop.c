// SPDX-License-Identifier: GPL-2.0
/*
 * Drops whatever a device receives, in the very hook where fastbridge sits: what is
 * left of a packet's cost then is not the bridge's.
 */
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <net/net_namespace.h>

static char *dev;
module_param(dev, charp, 0444);
MODULE_PARM_DESC(dev, "Name of the device, in the initial network namespace");

static unsigned int drop(void *priv, struct sk_buff *skb,
			 const struct nf_hook_state *state)
{
	return NF_DROP;
}

static struct nf_hook_ops drop_ops = {
	.hook = drop,
	.pf = NFPROTO_NETDEV,
	.hooknum = NF_NETDEV_INGRESS,
	.priority = INT_MAX,
};

static int __init drop_init(void)
{
	int err;

	drop_ops.dev = dev_get_by_name(&init_net, dev ?: "");
	if (!drop_ops.dev)
		return -ENODEV;
	err = nf_register_net_hook(&init_net, &drop_ops);
	if (err)
		dev_put(drop_ops.dev);
	return err;
}

static void __exit drop_exit(void)
{
	nf_unregister_net_hook(&init_net, &drop_ops);
	dev_put(drop_ops.dev);
}

module_init(drop_init);
module_exit(drop_exit);
MODULE_DESCRIPTION("Drop everything at a device's netfilter ingress hook");
MODULE_LICENSE("GPL");
