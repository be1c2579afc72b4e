// SPDX-License-Identifier: GPL-2.0
/*
 * Announces what is written to /proc/rumour as the kernel's own word: the number of a group
 * of rtnetlink, in 32 bits, and a message for it. So announcements can come late.
 */
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/rtnetlink.h>
#include <linux/uaccess.h>
#include <net/net_namespace.h>
#include <net/netlink.h>

static ssize_t rumour_write(struct file *file, const char __user *data, size_t count,
			    loff_t *pos)
{
	size_t length = count - sizeof(u32);
	struct sk_buff *skb;
	u32 group;

	if (count < sizeof(group) + NLMSG_HDRLEN || count > PAGE_SIZE)
		return -EINVAL;
	if (copy_from_user(&group, data, sizeof(group)))
		return -EFAULT;
	skb = nlmsg_new(length, GFP_KERNEL);
	if (!skb)
		return -ENOMEM;
	if (copy_from_user(skb_put(skb, length), data + sizeof(group), length)) {
		nlmsg_free(skb);
		return -EFAULT;
	}
	rtnl_notify(skb, &init_net, 0, group, NULL, GFP_KERNEL);
	return count;
}

static const struct proc_ops rumour_ops = {
	.proc_write = rumour_write,
};

static int __init rumour_init(void)
{
	return proc_create("rumour", 0200, NULL, &rumour_ops) ? 0 : -ENOMEM;
}

static void __exit rumour_exit(void)
{
	remove_proc_entry("rumour", NULL);
}

module_init(rumour_init);
module_exit(rumour_exit);

MODULE_DESCRIPTION("Has the kernel announce what somebody says");
MODULE_LICENSE("GPL");
