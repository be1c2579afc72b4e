// SPDX-License-Identifier: GPL-2.0
/*
 * Sends a message of netlink to many, as anybody can, and takes its time: whoever writes to
 * /proc/busy, until a signal ends that. So long nobody opens or closes a socket of netlink.
 */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/net.h>
#include <linux/proc_fs.h>
#include <linux/rtnetlink.h>
#include <net/net_namespace.h>
#include <net/netlink.h>
#include <net/sock.h>

/* Of these groups it is one in which nobody ever says anything. */
#define BUSY_GROUP RTNLGRP_NOP4

static struct socket *listener;

/* In the middle of the sending. */
static void busy_hear(struct sock *sk)
{
	skb_queue_purge(&sk->sk_receive_queue);
	msleep_interruptible(INT_MAX);
}

static ssize_t busy_write(struct file *file, const char __user *data, size_t count, loff_t *pos)
{
	struct sk_buff *skb = nlmsg_new(0, GFP_KERNEL);

	if (!skb)
		return -ENOMEM;
	netlink_broadcast(init_net.rtnl, skb, 0, BUSY_GROUP, GFP_KERNEL);
	return count;
}

static const struct proc_ops busy_ops = {
	.proc_write = busy_write,
};

static int __init busy_init(void)
{
	struct sockaddr_nl addr = {
		.nl_family = AF_NETLINK, .nl_groups = BIT(BUSY_GROUP - 1),
	};
	int err;

	err = sock_create_kern(&init_net, PF_NETLINK, SOCK_RAW, NETLINK_ROUTE, &listener);
	if (err)
		return err;
	listener->sk->sk_data_ready = busy_hear;
	err = kernel_bind(listener, (struct sockaddr *)&addr, sizeof(addr));
	if (!err && !proc_create("busy", 0200, NULL, &busy_ops))
		err = -ENOMEM;
	if (err)
		sock_release(listener);
	return err;
}

static void __exit busy_exit(void)
{
	remove_proc_entry("busy", NULL);
	sock_release(listener);
}

module_init(busy_init);
module_exit(busy_exit);

MODULE_DESCRIPTION("Keeps the sockets of netlink busy");
MODULE_LICENSE("GPL");
