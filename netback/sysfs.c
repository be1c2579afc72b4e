// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/class/net/<vif>/netback: the tunables of tune.h, and the counters of counters.h in
 * stats/ with the high-water marks of the queues towards the guest.
 *
 * Locking: a write takes RTNL with a try and restarts the system call when it is held, as
 * all files of network devices do, since their removal under RTNL waits for their users; the
 * files here are gone before that, so that one may wait for work that takes RTNL.
 * Queues come and go with the guest; they are looked at under RCU, like in
 * xenvif_get_stats().
 */
#include "common.h"

#include <linux/rtnetlink.h>
#include <linux/sysfs.h>

/**
 * struct xenvif_sysfs - the folder
 * @kobj: frees this
 * @vif: whose it is; outlives the folder's files
 */
struct xenvif_sysfs {
	struct kobject kobj;
	struct xenvif *vif;
};

struct xenvif_attribute {
	struct attribute attr;
	unsigned int id;
	ssize_t (*show)(struct xenvif *vif, unsigned int id, char *buf);
	int (*store)(struct xenvif *vif, unsigned int id, const char *buf);
};

static struct xenvif *to_vif(struct kobject *kobj)
{
	return container_of(kobj, struct xenvif_sysfs, kobj)->vif;
}

static ssize_t tunable_show(struct xenvif *vif, unsigned int id, char *buf)
{
	return xenvif_tune_print(vif, id, buf);
}

static int tunable_store(struct xenvif *vif, unsigned int id, const char *buf)
{
	return xenvif_tune_parse(vif, id, buf);
}

static ssize_t counter_show(struct xenvif *vif, unsigned int id, char *buf)
{
	return sysfs_emit(buf, "%lu\n", xenvif_counter(vif, id));
}

/* The highest of all queues; writing is not needed, reconnecting resets it. */
static ssize_t high_show(struct xenvif *vif, unsigned int bytes, char *buf)
{
	unsigned int num_queues, high = 0, i;

	rcu_read_lock();
	num_queues = READ_ONCE(vif->num_queues);
	for (i = 0; i < num_queues; i++) {
		const struct xenvif_queue *queue = &vif->queues[i];

		high = max(high, bytes ? READ_ONCE(queue->rx_high_bytes) :
					 READ_ONCE(queue->rx_high_packets));
	}
	rcu_read_unlock();
	return sysfs_emit(buf, "%u\n", high);
}

static ssize_t xenvif_attr_show(struct kobject *kobj, struct attribute *attr,
				char *buf)
{
	const struct xenvif_attribute *a;

	a = container_of(attr, struct xenvif_attribute, attr);
	return a->show ? a->show(to_vif(kobj), a->id, buf) : -EIO;
}

/* Who owns a file may change its mode: what can be written is not up to that. */
static ssize_t xenvif_attr_store(struct kobject *kobj, struct attribute *attr,
				 const char *buf, size_t count)
{
	const struct xenvif_attribute *a;
	struct xenvif *vif = to_vif(kobj);
	int err;

	a = container_of(attr, struct xenvif_attribute, attr);
	if (!a->store)
		return -EIO;
	if (!ns_capable(dev_net(vif->dev)->user_ns, CAP_NET_ADMIN))
		return -EPERM;
	if (!rtnl_trylock())
		return restart_syscall();
	err = a->store(vif, a->id, buf);
	rtnl_unlock();
	if (!err && a->id == XENVIF_TUNE_offload)
		xenvif_offload_wait(vif);
	return err ? err : count;
}

static struct xenvif_attribute tunable_attributes[] = {
#define XENVIF_TUNABLE_ATTRIBUTE(_name, _least, _most, _usual)		\
	[XENVIF_TUNE_##_name] = {					\
		.attr = { .name = #_name, .mode = 0644 },		\
		.id = XENVIF_TUNE_##_name,				\
		.show = tunable_show,					\
		.store = tunable_store,					\
	},
	XENVIF_TUNABLES(XENVIF_TUNABLE_ATTRIBUTE)
#undef XENVIF_TUNABLE_ATTRIBUTE
};

static struct xenvif_attribute counter_attributes[] = {
#define XENVIF_COUNTER_ATTRIBUTE(_id, _name)				\
	[XENVIF_##_id] = {						\
		.attr = { .name = #_name, .mode = 0444 },		\
		.id = XENVIF_##_id,					\
		.show = counter_show,					\
	},
	XENVIF_COUNTERS(XENVIF_COUNTER_ATTRIBUTE)
#undef XENVIF_COUNTER_ATTRIBUTE
};

static struct xenvif_attribute high_attributes[] = {
	{
		.attr = { .name = "queue_high_packets", .mode = 0444 },
		.id = false,
		.show = high_show,
	},
	{
		.attr = { .name = "queue_high_bytes", .mode = 0444 },
		.id = true,
		.show = high_show,
	},
};

static struct attribute *xenvif_attrs[] = {
#define XENVIF_TUNABLE_ATTR(name, least, most, usual) \
	&tunable_attributes[XENVIF_TUNE_##name].attr,
	XENVIF_TUNABLES(XENVIF_TUNABLE_ATTR)
#undef XENVIF_TUNABLE_ATTR
	NULL
};

static struct attribute *xenvif_stats_attrs[] = {
	&high_attributes[0].attr,
	&high_attributes[1].attr,
#define XENVIF_COUNTER_ATTR(id, name) &counter_attributes[XENVIF_##id].attr,
	XENVIF_COUNTERS(XENVIF_COUNTER_ATTR)
#undef XENVIF_COUNTER_ATTR
	NULL
};

static const struct attribute_group xenvif_group = {
	.attrs = xenvif_attrs,
};

static const struct attribute_group xenvif_stats_group = {
	.name = "stats",
	.attrs = xenvif_stats_attrs,
};

static const struct attribute_group *xenvif_groups[] = {
	&xenvif_group,
	&xenvif_stats_group,
	NULL
};

static const struct sysfs_ops xenvif_sysfs_ops = {
	.show = xenvif_attr_show,
	.store = xenvif_attr_store,
};

static void xenvif_sysfs_release(struct kobject *kobj)
{
	kfree(container_of(kobj, struct xenvif_sysfs, kobj));
}

static struct kobj_type xenvif_ktype = {
	.release = xenvif_sysfs_release,
	.sysfs_ops = &xenvif_sysfs_ops,
	.default_groups = xenvif_groups,
};

/**
 * xenvif_sysfs_add - show a vif's tunables and counters
 * @vif: the vif, registered as a network device
 *
 * Return: 0 or a negative error.
 */
int xenvif_sysfs_add(struct xenvif *vif)
{
	struct xenvif_sysfs *sysfs = kzalloc(sizeof(*sysfs), GFP_KERNEL);
	int err;

	if (!sysfs)
		return -ENOMEM;
	sysfs->vif = vif;
	err = kobject_init_and_add(&sysfs->kobj, &xenvif_ktype,
				   &vif->dev->dev.kobj, "netback");
	if (err) {
		kobject_put(&sysfs->kobj);
		return err;
	}
	vif->sysfs = sysfs;
	return 0;
}

/**
 * xenvif_sysfs_remove - undo xenvif_sysfs_add(), and wait for who is in a file
 * @vif: the vif
 */
void xenvif_sysfs_remove(struct xenvif *vif)
{
	kobject_del(&vif->sysfs->kobj);
	kobject_put(&vif->sysfs->kobj);
	vif->sysfs = NULL;
}
