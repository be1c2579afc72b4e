// SPDX-License-Identifier: GPL-2.0
/*
 * Drops the IPv4 frames that a device receives at its netfilter ingress hook, counts
 * them, and tells on demand what that costs: with "hold" it keeps that many frames and
 * then frees them together between two looks at the clock, which need not be taken for
 * each frame then. With "verify" it looks at every frame's lengths and checksums, too.
 */
#include <linux/ip.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/ip.h>
#include <net/net_namespace.h>

static char *dev;
module_param(dev, charp, 0444);
MODULE_PARM_DESC(dev, "Name of the device, in the initial network namespace");

static unsigned int hold;
module_param(hold, uint, 0644);
MODULE_PARM_DESC(hold, "Free so many frames at a time and count the cost; 0: at once");

static bool verify;
module_param(verify, bool, 0644);
MODULE_PARM_DESC(verify, "Look at each frame's lengths and checksums");

static unsigned long frames;
module_param(frames, ulong, 0644);
MODULE_PARM_DESC(frames, "How many frames have come");

static unsigned long bad;
module_param(bad, ulong, 0644);
MODULE_PARM_DESC(bad, "How many of those that were looked at were wrong");

static unsigned long nanoseconds;
module_param(nanoseconds, ulong, 0644);
MODULE_PARM_DESC(nanoseconds, "The least time in which \"hold\" frames were freed");

static struct sk_buff_head held;

static bool udp_is_right(struct sk_buff *skb, const struct iphdr *ip)
{
	const unsigned int length = ntohs(ip->tot_len) - sizeof(*ip);
	const struct udphdr *udp = (void *)(ip + 1);

	if (ntohs(udp->len) != length)
		return false;
	if (!udp->check || skb->ip_summed == CHECKSUM_PARTIAL)
		return true;
	return !csum_tcpudp_magic(ip->saddr, ip->daddr, length, IPPROTO_UDP,
				  skb_checksum(skb, sizeof(*ip), length, 0));
}

/* At this hook the data begin with the IPv4 header. */
static bool frame_is_right(struct sk_buff *skb)
{
	const struct iphdr *ip;

	if (!pskb_may_pull(skb, sizeof(struct iphdr) + sizeof(struct udphdr)))
		return false;
	ip = (void *)skb->data;
	if (ip->ihl != sizeof(*ip) / 4 || ip_fast_csum(ip, ip->ihl) ||
	    ntohs(ip->tot_len) != skb->len)
		return false;
	return ip->protocol != IPPROTO_UDP || udp_is_right(skb, ip);
}

static void keep(struct sk_buff *skb)
{
	ktime_t start;

	__skb_queue_tail(&held, skb);
	if (skb_queue_len(&held) < hold)
		return;
	start = ktime_get();
	while ((skb = __skb_dequeue(&held)))
		kfree_skb(skb);
	nanoseconds = min_t(unsigned long, nanoseconds ?: ULONG_MAX,
			    ktime_to_ns(ktime_sub(ktime_get(), start)));
}

/* Guests here have one queue, so no two frames come at once. */
static unsigned int drop(void *priv, struct sk_buff *skb,
			 const struct nf_hook_state *state)
{
	if (skb->protocol != htons(ETH_P_IP))
		return NF_ACCEPT;
	frames++;
	if (verify && !frame_is_right(skb))
		bad++;
	if (!hold)
		return NF_DROP;
	keep(skb);
	return NF_STOLEN;
}

static struct nf_hook_ops drop_ops = {
	.hook = drop,
	.pf = NFPROTO_NETDEV,
	.hooknum = NF_NETDEV_INGRESS,
	.priority = INT_MAX,
};

static int __init sink_init(void)
{
	int err;

	__skb_queue_head_init(&held);
	drop_ops.dev = dev_get_by_name(&init_net, dev ?: "");
	if (!drop_ops.dev)
		return -ENODEV;
	err = nf_register_net_hook(&init_net, &drop_ops);
	if (err)
		dev_put(drop_ops.dev);
	return err;
}

static void __exit sink_exit(void)
{
	nf_unregister_net_hook(&init_net, &drop_ops);
	__skb_queue_purge(&held);
	dev_put(drop_ops.dev);
}

module_init(sink_init);
module_exit(sink_exit);
MODULE_DESCRIPTION("Drop, count and check what a device receives");
MODULE_LICENSE("GPL");
