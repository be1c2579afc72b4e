// SPDX-License-Identifier: GPL-2.0
/*
 * The switches and counters in sysfs; README describes each file.
 *
 * Locking: a write takes RTNL with a try and restarts the system call when it is
 * held, since the files are removed under RTNL, which waits for their users. So does a read
 * of in_doubt; other reads take no lock.
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <net/net_namespace.h>

#include "aggregate.h"
#include "bridge.h"
#include "guard_list.h"
#include "port.h"
#include "sysfs.h"

struct fb_attribute {
	struct attribute attr;
	ssize_t (*show)(struct kobject *kobj, struct fb_attribute *attr,
			char *buf);
	int (*store)(struct kobject *kobj, const char *buf);
	enum fb_counter counter;
};

static const char * const fb_mode_names[] = {
	[FB_MODE_OFF] = "off",
	[FB_MODE_AUTO] = "auto",
	[FB_MODE_BYPASS] = "bypass",
};

static const char * const fb_xmit_names[] = {
	[FB_XMIT_QUEUE] = "queue",
	[FB_XMIT_DIRECT] = "direct",
};

static struct fb_bridge *to_bridge(struct kobject *kobj)
{
	return container_of(kobj, struct fb_bridge, kobj);
}

static struct fb_port *to_port(struct kobject *kobj)
{
	return container_of(kobj, struct fb_port, kobj);
}

static ssize_t fb_mode_show(struct kobject *kobj, struct fb_attribute *attr,
			    char *buf)
{
	u8 mode = READ_ONCE(to_bridge(kobj)->mode);

	return sysfs_emit(buf, "%s\n", fb_mode_names[mode]);
}

static int fb_mode_store(struct kobject *kobj, const char *buf)
{
	int mode = sysfs_match_string(fb_mode_names, buf);

	return mode < 0 ? -EINVAL : fb_bridge_set_mode(to_bridge(kobj), mode);
}

static ssize_t fb_xmit_show(struct kobject *kobj, struct fb_attribute *attr,
			    char *buf)
{
	u8 xmit = READ_ONCE(to_bridge(kobj)->xmit);

	return sysfs_emit(buf, "%s\n", fb_xmit_names[xmit]);
}

static int fb_xmit_store(struct kobject *kobj, const char *buf)
{
	int xmit = sysfs_match_string(fb_xmit_names, buf);

	if (xmit < 0)
		return -EINVAL;
	WRITE_ONCE(to_bridge(kobj)->xmit, xmit);
	fb_generation_bump(to_bridge(kobj)->generation);
	return 0;
}

static ssize_t fb_aggregate_show(struct kobject *kobj, struct fb_attribute *attr,
				 char *buf)
{
	u8 aggregate = READ_ONCE(to_bridge(kobj)->aggregate);

	return sysfs_emit(buf, "%d\n", aggregate != FB_AGGREGATE_OFF);
}

static int fb_aggregate_store(struct kobject *kobj, const char *buf)
{
	bool on;

	return kstrtobool(buf, &on) ? -EINVAL : fb_aggregate_set(to_bridge(kobj), on);
}

static ssize_t fb_fdb_entries_show(struct kobject *kobj,
				   struct fb_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", READ_ONCE(to_bridge(kobj)->fdb.entries));
}

static ssize_t fb_fdb_refused_show(struct kobject *kobj,
				   struct fb_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%llu\n", READ_ONCE(to_bridge(kobj)->fdb.refused));
}

static ssize_t fb_bridge_counter_show(struct kobject *kobj,
				      struct fb_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%llu\n",
			  fb_bridge_counter(to_bridge(kobj), attr->counter));
}

static ssize_t fb_port_counter_show(struct kobject *kobj,
				    struct fb_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%llu\n",
			  fb_stats_read(to_port(kobj)->stats, attr->counter));
}

static ssize_t fb_attr_show(struct kobject *kobj, struct attribute *attr,
			    char *buf)
{
	struct fb_attribute *fb_attr;

	fb_attr = container_of(attr, struct fb_attribute, attr);
	return fb_attr->show ? fb_attr->show(kobj, fb_attr, buf) : -EIO;
}

/* May the caller change what is below a device? */
static bool fb_capable(const struct kobject *kobj)
{
	return ns_capable(dev_net(to_net_dev(kobj_to_dev(kobj->parent)))->user_ns,
			  CAP_NET_ADMIN);
}

/* Who owns a file may change its mode: what can be written is not up to that. */
static ssize_t fb_attr_store(struct kobject *kobj, struct attribute *attr,
			     const char *buf, size_t count)
{
	struct fb_attribute *fb_attr;
	int err;

	fb_attr = container_of(attr, struct fb_attribute, attr);
	if (!fb_attr->store)
		return -EIO;
	if (!fb_capable(kobj))
		return -EPERM;
	if (!rtnl_trylock())
		return restart_syscall();
	err = fb_attr->store(kobj, buf);
	rtnl_unlock();
	return err ? err : count;
}

static int fb_guard_on_store(struct kobject *kobj, const char *buf)
{
	bool on;

	return kstrtobool(buf, &on) ? -EINVAL : fb_port_set_guard(to_port(kobj), on);
}

static int fb_guard_set_option(bool *option, const char *buf)
{
	bool on;

	if (kstrtobool(buf, &on))
		return -EINVAL;
	WRITE_ONCE(*option, on);
	return 0;
}

static int fb_guard_dhcp_store(struct kobject *kobj, const char *buf)
{
	return fb_guard_set_option(&to_port(kobj)->guard.no_dhcp_server, buf);
}

static int fb_guard_router_store(struct kobject *kobj, const char *buf)
{
	return fb_guard_set_option(&to_port(kobj)->guard.no_router, buf);
}

static int fb_guard_ip_only_store(struct kobject *kobj, const char *buf)
{
	return fb_guard_set_option(&to_port(kobj)->guard.ip_only, buf);
}

#define FB_GUARD_ATTR(_name, _file, _field)				\
static ssize_t _name##_show(struct kobject *kobj,			\
			    struct fb_attribute *attr, char *buf)	\
{									\
	return sysfs_emit(buf, "%d\n",					\
			  READ_ONCE(to_port(kobj)->guard._field));	\
}									\
static struct fb_attribute _name##_attr = {				\
	.attr = { .name = _file, .mode = 0644 },			\
	.show = _name##_show,						\
	.store = _name##_store,						\
}

FB_GUARD_ATTR(fb_guard_on, "guard", on);
FB_GUARD_ATTR(fb_guard_dhcp, "guard_no_dhcp_server", no_dhcp_server);
FB_GUARD_ATTR(fb_guard_router, "guard_no_router", no_router);
FB_GUARD_ATTR(fb_guard_ip_only, "guard_ip_only", ip_only);

/* Lists may be longer than a page, which is all that other attributes can show. */
static ssize_t fb_guard_list_read(struct file *file, struct kobject *kobj,
				  struct bin_attribute *attr, char *buf,
				  loff_t off, size_t count)
{
	return fb_guard_show(&to_port(kobj)->guard, (uintptr_t)attr->private, buf,
			     off, count);
}

static ssize_t fb_guard_list_write(struct file *file, struct kobject *kobj,
				   struct bin_attribute *attr, char *buf,
				   loff_t off, size_t count)
{
	struct fb_port *port = to_port(kobj);
	char *words;
	int err;

	if (!fb_capable(kobj))
		return -EPERM;
	/* What is longer comes in parts that are cut anywhere. */
	if (count >= PAGE_SIZE)
		return -EFBIG;
	if (!rtnl_trylock())
		return restart_syscall();
	words = kstrndup(buf, count, GFP_KERNEL);
	err = words ? fb_guard_change(&port->guard, (uintptr_t)attr->private, words) :
		      -ENOMEM;
	rtnl_unlock();
	kfree(words);
	return err ? err : count;
}

#define FB_GUARD_LIST(_name, _kind)					\
static struct bin_attribute fb_##_name##_attr = {			\
	.attr = { .name = #_name, .mode = 0644 },			\
	.private = (void *)_kind,					\
	.read = fb_guard_list_read,					\
	.write = fb_guard_list_write,					\
}

FB_GUARD_LIST(guard_mac, FB_GUARD_MAC);
FB_GUARD_LIST(guard_ipv4, FB_GUARD_IPV4);
FB_GUARD_LIST(guard_ipv6, FB_GUARD_IPV6);

static struct attribute *fb_port_attrs[] = {
	&fb_guard_on_attr.attr,
	&fb_guard_dhcp_attr.attr,
	&fb_guard_router_attr.attr,
	&fb_guard_ip_only_attr.attr,
	NULL
};

static struct bin_attribute *fb_port_bin_attrs[] = {
	&fb_guard_mac_attr,
	&fb_guard_ipv4_attr,
	&fb_guard_ipv6_attr,
	NULL
};

static const struct attribute_group fb_port_group = {
	.attrs = fb_port_attrs,
	.bin_attrs = fb_port_bin_attrs,
};

#define FB_ATTR_RW(_name)						\
static struct fb_attribute fb_attr_##_name = {				\
	.attr = { .name = #_name, .mode = 0644 },			\
	.show = fb_##_name##_show,					\
	.store = fb_##_name##_store,					\
}

#define FB_ATTR_RO(_name)						\
static struct fb_attribute fb_attr_##_name = {				\
	.attr = { .name = #_name, .mode = 0444 },			\
	.show = fb_##_name##_show,					\
}

/* RTNL: while the bridge is being asked, this is not yet over. */
static ssize_t fb_in_doubt_show(struct kobject *kobj, struct fb_attribute *attr,
				char *buf)
{
	bool in_doubt;

	if (!rtnl_trylock())
		return restart_syscall();
	in_doubt = READ_ONCE(to_bridge(kobj)->in_doubt);
	rtnl_unlock();
	return sysfs_emit(buf, "%d\n", in_doubt);
}

FB_ATTR_RW(mode);
FB_ATTR_RO(in_doubt);
FB_ATTR_RW(xmit);
FB_ATTR_RW(aggregate);
FB_ATTR_RO(fdb_entries);
FB_ATTR_RO(fdb_refused);

#define FB_BRIDGE_COUNTER(_id, _name)					\
	[FB_##_id] = {							\
		.attr = { .name = #_name, .mode = 0444 },		\
		.show = fb_bridge_counter_show,				\
		.counter = FB_##_id,					\
	},
static struct fb_attribute fb_bridge_counters[] = {
	FB_COUNTERS(FB_BRIDGE_COUNTER)
};

#define FB_PORT_COUNTER(_id, _name)					\
	[FB_##_id] = {							\
		.attr = { .name = #_name, .mode = 0444 },		\
		.show = fb_port_counter_show,				\
		.counter = FB_##_id,					\
	},
static struct fb_attribute fb_port_counters[] = {
	FB_COUNTERS(FB_PORT_COUNTER)
};

#define FB_BRIDGE_COUNTER_ATTR(_id, _name) &fb_bridge_counters[FB_##_id].attr,
static struct attribute *fb_bridge_stats_attrs[] = {
	&fb_attr_fdb_entries.attr,
	&fb_attr_fdb_refused.attr,
	FB_COUNTERS(FB_BRIDGE_COUNTER_ATTR)
	NULL
};

#define FB_PORT_COUNTER_ATTR(_id, _name) &fb_port_counters[FB_##_id].attr,
static struct attribute *fb_port_stats_attrs[] = {
	FB_COUNTERS(FB_PORT_COUNTER_ATTR)
	NULL
};

static struct attribute *fb_bridge_attrs[] = {
	&fb_attr_mode.attr,
	&fb_attr_in_doubt.attr,
	&fb_attr_xmit.attr,
	&fb_attr_aggregate.attr,
	NULL
};

static const struct attribute_group fb_bridge_group = {
	.attrs = fb_bridge_attrs,
};

static const struct attribute_group fb_bridge_stats_group = {
	.name = "stats",
	.attrs = fb_bridge_stats_attrs,
};

static const struct attribute_group fb_port_stats_group = {
	.name = "stats",
	.attrs = fb_port_stats_attrs,
};

static const struct attribute_group *fb_bridge_groups[] = {
	&fb_bridge_group,
	&fb_bridge_stats_group,
	NULL
};

static const struct attribute_group *fb_port_groups[] = {
	&fb_port_group,
	&fb_port_stats_group,
	NULL
};

static const struct sysfs_ops fb_sysfs_ops = {
	.show = fb_attr_show,
	.store = fb_attr_store,
};

/* Frames may still be in the hook of a guarded port, and look at the mode. */
static void fb_bridge_release(struct kobject *kobj)
{
	kfree_rcu(to_bridge(kobj), rcu);
}

static void fb_port_free_rcu(struct rcu_head *rcu)
{
	struct fb_port *port = container_of(rcu, struct fb_port, rcu);

	fb_guard_destroy(&port->guard);
	free_percpu(port->stats);
	kfree(port);
}

/* Frames may still be in the hook of a port that has just left. */
static void fb_port_release(struct kobject *kobj)
{
	call_rcu(&to_port(kobj)->rcu, fb_port_free_rcu);
}

static void fb_bridge_ownership(struct kobject *kobj, kuid_t *uid,
				kgid_t *gid)
{
	net_ns_get_ownership(dev_net(to_bridge(kobj)->dev), uid, gid);
}

static void fb_port_ownership(struct kobject *kobj, kuid_t *uid,
			      kgid_t *gid)
{
	net_ns_get_ownership(dev_net(to_port(kobj)->dev), uid, gid);
}

static struct kobj_type fb_bridge_ktype = {
	.release = fb_bridge_release,
	.sysfs_ops = &fb_sysfs_ops,
	.default_groups = fb_bridge_groups,
	.get_ownership = fb_bridge_ownership,
};

static struct kobj_type fb_port_ktype = {
	.release = fb_port_release,
	.sysfs_ops = &fb_sysfs_ops,
	.default_groups = fb_port_groups,
	.get_ownership = fb_port_ownership,
};

/**
 * fb_sysfs_add_bridge - show a bridge
 * @bridge: the bridge; its kobject owns it from here on, whatever is returned
 *
 * Return: 0 or a negative error.
 */
int fb_sysfs_add_bridge(struct fb_bridge *bridge)
{
	return kobject_init_and_add(&bridge->kobj, &fb_bridge_ktype,
				    &bridge->dev->dev.kobj, "fastbridge");
}

/**
 * fb_sysfs_add_port - show a port
 * @port: the port; its kobject owns it from here on, whatever is returned
 *
 * Return: 0 or a negative error.
 */
int fb_sysfs_add_port(struct fb_port *port)
{
	return kobject_init_and_add(&port->kobj, &fb_port_ktype,
				    &port->dev->dev.kobj, "fastbridge_port");
}

/**
 * fb_sysfs_remove - hide a bridge or port and drop its kobject's first reference
 * @kobj: its kobject
 */
void fb_sysfs_remove(struct kobject *kobj)
{
	if (kobj->state_in_sysfs)
		kobject_del(kobj);
	kobject_put(kobj);
}
