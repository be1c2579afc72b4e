// SPDX-License-Identifier: GPL-2.0
/*
 * What can be tuned of a vif while its traffic runs.
 *
 * Locking: a vif's values are written under RTNL, and by its probe before anybody else
 * knows of it; packets read them with READ_ONCE() at any time, each by itself. The
 * defaults are written by the module loader under the lock of the module's parameters.
 */
#include "common.h"

#include <linux/moduleparam.h>
#include <linux/rtnetlink.h>

struct xenvif_tunable {
	size_t offset;
	unsigned int least;
	unsigned int most;
};

static const struct xenvif_tunable tunables[XENVIF_NR_TUNABLES] = {
#define XENVIF_TUNABLE(_name, _least, _most, _usual)			\
	[XENVIF_TUNE_##_name] = {					\
		.offset = offsetof(struct xenvif_tuning, _name),	\
		.least = _least,					\
		.most = _most,						\
	},
	XENVIF_TUNABLES(XENVIF_TUNABLE)
#undef XENVIF_TUNABLE
};

const char * const xenvif_tunable_names[XENVIF_NR_TUNABLES] = {
#define XENVIF_TUNABLE_NAME(name, least, most, usual)			\
	[XENVIF_TUNE_##name] = #name,
	XENVIF_TUNABLES(XENVIF_TUNABLE_NAME)
#undef XENVIF_TUNABLE_NAME
};

static const char * const notify_names[XENVIF_NR_NOTIFY_MODES] = {
	[XENVIF_NOTIFY_STOCK] = "stock",
	[XENVIF_NOTIFY_EOC] = "eoc",
	[XENVIF_NOTIFY_EARLY_EOC] = "early+eoc",
	[XENVIF_NOTIFY_ADAPTIVE] = "adaptive",
};

static const char * const offload_names[XENVIF_NR_OFFLOAD_MODES] = {
	[XENVIF_OFFLOAD_NATIVE] = "native",
	[XENVIF_OFFLOAD_EMULATE] = "emulate",
};

static struct xenvif_tuning defaults = {
#define XENVIF_TUNABLE_DEFAULT(name, least, most, usual) .name = usual,
	XENVIF_TUNABLES(XENVIF_TUNABLE_DEFAULT)
#undef XENVIF_TUNABLE_DEFAULT
};

static unsigned int *field(struct xenvif_tuning *tuning,
			   enum xenvif_tunable_id id)
{
	return (void *)tuning + tunables[id].offset;
}

/* NULL for those whose values are numbers. */
static const char * const *names_of(enum xenvif_tunable_id id)
{
	switch (id) {
	case XENVIF_TUNE_notify:
		return notify_names;
	case XENVIF_TUNE_offload:
		return offload_names;
	default:
		return NULL;
	}
}

/* The value, or a negative error. */
static int parse(enum xenvif_tunable_id id, const char *text)
{
	const char * const *names = names_of(id);
	unsigned int value;

	if (names)
		return __sysfs_match_string(names, tunables[id].most + 1, text);
	if (kstrtouint(text, 0, &value) || value > INT_MAX)
		return -EINVAL;
	return value;
}

static int print(enum xenvif_tunable_id id, unsigned int value, char *text)
{
	const char * const *names = names_of(id);

	if (names)
		return sysfs_emit(text, "%s\n", names[value]);
	return sysfs_emit(text, "%u\n", value);
}

static bool in_bounds(enum xenvif_tunable_id id, unsigned int value)
{
	return value >= tunables[id].least && value <= tunables[id].most;
}

/* Is @value within its bounds, and in order with what else is in @tuning? */
static bool fits(const struct xenvif_tuning *tuning, enum xenvif_tunable_id id,
		 unsigned int value)
{
	if (!in_bounds(id, value))
		return false;
	if (id == XENVIF_TUNE_notify_low_rate)
		return value <= tuning->notify_high_rate;
	if (id == XENVIF_TUNE_notify_high_rate)
		return value >= tuning->notify_low_rate;
	return true;
}

static enum xenvif_tunable_id param_id(const struct kernel_param *kp)
{
	return (long)kp->arg;
}

/* They are set one by one, in any order: whether they fit together shows in the end. */
static int param_set(const char *text, const struct kernel_param *kp)
{
	int value = parse(param_id(kp), text);

	if (value < 0 || !in_bounds(param_id(kp), value))
		return -EINVAL;
	*field(&defaults, param_id(kp)) = value;
	return 0;
}

static int param_get(char *text, const struct kernel_param *kp)
{
	return print(param_id(kp), *field(&defaults, param_id(kp)), text);
}

static const struct kernel_param_ops param_ops = {
	.set = param_set,
	.get = param_get,
};

#define XENVIF_TUNABLE_PARAM(name, least, most, usual)			\
	module_param_cb(name, &param_ops, (void *)XENVIF_TUNE_##name, 0644); \
	MODULE_PARM_DESC(name, "Default of new vifs' netback/" #name	\
			 " in sysfs");
XENVIF_TUNABLES(XENVIF_TUNABLE_PARAM)
#undef XENVIF_TUNABLE_PARAM

/**
 * xenvif_tune_init - give a new vif the defaults
 * @vif: the vif
 */
void xenvif_tune_init(struct xenvif *vif)
{
	xenvif_offload_add(vif);
	kernel_param_lock(THIS_MODULE);
	vif->tune = defaults;
	kernel_param_unlock(THIS_MODULE);

	if (vif->tune.notify_low_rate > vif->tune.notify_high_rate) {
		netdev_warn(vif->dev, "notify_low_rate is above notify_high_rate, which it becomes\n");
		vif->tune.notify_low_rate = vif->tune.notify_high_rate;
	}
	if (vif->tune.cutthrough && xenvif_cut_get()) {
		netdev_info(vif->dev, "no cut-through without fastbridge\n");
		vif->tune.cutthrough = 0;
	}
	if (vif->tune.hyperswitch && (!vif->tune.cutthrough || xenvif_hs_get())) {
		netdev_info(vif->dev, "no hyperswitch without cut-through and a Xen that has it\n");
		vif->tune.hyperswitch = 0;
	}
}

/**
 * xenvif_tune_free - undo xenvif_tune_init()
 * @vif: the vif; no traffic is left
 */
void xenvif_tune_free(struct xenvif *vif)
{
	xenvif_offload_remove(vif);
	if (vif->tune.hyperswitch)
		xenvif_hs_put();
	if (vif->tune.cutthrough)
		xenvif_cut_put();
}

/* Whoever has it switched on holds on to fastbridge, and what is connected has memory for it. */
static int cutthrough_on(struct xenvif *vif)
{
	int err = xenvif_cut_get();

	if (err)
		return err;
	WRITE_ONCE(vif->tune.cutthrough, 1);
	if (test_bit(VIF_STATUS_CONNECTED, &vif->status))
		err = xenvif_cut_on(vif);
	if (err) {
		WRITE_ONCE(vif->tune.cutthrough, 0);
		xenvif_cut_put();
	}
	return err;
}

static bool is_up(const struct xenvif *vif)
{
	return test_bit(VIF_STATUS_CONNECTED, &vif->status) && netif_running(vif->dev);
}

static int hyperswitch_on(struct xenvif *vif)
{
	int err;

	if (!vif->tune.cutthrough)
		return -EINVAL;
	err = xenvif_hs_get();
	if (err)
		return err;
	WRITE_ONCE(vif->tune.hyperswitch, 1);
	if (is_up(vif))
		err = xenvif_hs_on(vif);
	if (err) {
		WRITE_ONCE(vif->tune.hyperswitch, 0);
		xenvif_hs_put();
	}
	return err;
}

static void hyperswitch_off(struct xenvif *vif)
{
	WRITE_ONCE(vif->tune.hyperswitch, 0);
	xenvif_hs_off(vif);
	xenvif_hs_put();
}

/* What could not be lent when the vif came up is tried anew. */
static int set_hyperswitch(struct xenvif *vif, unsigned int value)
{
	if (value && vif->tune.hyperswitch)
		return is_up(vif) ? xenvif_hs_on(vif) : 0;
	if (value == vif->tune.hyperswitch)
		return 0;
	if (value)
		return hyperswitch_on(vif);
	hyperswitch_off(vif);
	return 0;
}

static void cutthrough_off(struct xenvif *vif)
{
	set_hyperswitch(vif, 0);
	WRITE_ONCE(vif->tune.cutthrough, 0);
	if (test_bit(VIF_STATUS_CONNECTED, &vif->status))
		xenvif_cut_off(vif);
	xenvif_cut_put();
}

static int set_cutthrough(struct xenvif *vif, unsigned int value)
{
	if (value == vif->tune.cutthrough)
		return 0;
	if (value)
		return cutthrough_on(vif);
	cutthrough_off(vif);
	return 0;
}

/**
 * xenvif_tune_set - change a value
 * @vif: the vif
 * @id: which value
 * @value: new value
 *
 * Context: RTNL, or the vif's probe.
 * Return: 0; -EINVAL if @value is out of range, or for hyperswitch without cutthrough;
 * -EOPNOTSUPP for cutthrough without fastbridge, and for hyperswitch if Xen cannot; -ENOMEM, and
 * what Xen says of lending. Nothing has changed on an error.
 */
int xenvif_tune_set(struct xenvif *vif, enum xenvif_tunable_id id,
		    unsigned int value)
{
	if (!fits(&vif->tune, id, value))
		return -EINVAL;
	if (id == XENVIF_TUNE_cutthrough)
		return set_cutthrough(vif, value);
	if (id == XENVIF_TUNE_hyperswitch)
		return set_hyperswitch(vif, value);
	WRITE_ONCE(*field(&vif->tune, id), value);
	if (id == XENVIF_TUNE_offload)
		xenvif_offload_publish(vif);
	return 0;
}

/**
 * xenvif_tune_parse - the same with a value as a person writes it
 * @vif: the vif
 * @id: which value
 * @text: a number, or a name where the value has names
 *
 * Return: as xenvif_tune_set().
 */
int xenvif_tune_parse(struct xenvif *vif, enum xenvif_tunable_id id,
		      const char *text)
{
	int value = parse(id, text);

	return value < 0 ? -EINVAL : xenvif_tune_set(vif, id, value);
}

/**
 * xenvif_tune_print - write a value as a person reads it
 * @vif: the vif
 * @id: which value
 * @text: a page for it
 *
 * Return: how many characters it takes.
 */
int xenvif_tune_print(const struct xenvif *vif, enum xenvif_tunable_id id,
		      char *text)
{
	struct xenvif_tuning *tuning = (struct xenvif_tuning *)&vif->tune;

	return print(id, READ_ONCE(*field(tuning, id)), text);
}
