// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan.h"
#include "run.h"
#include "credit.h"
#include "sysfs.h"

#define PARAMETERS "/sys/module/xen_netback/parameters"

/**
 * plan_start - look at the devices that the plan is for
 * @plan: zeroed, for plan_end()
 *
 * Return: DONE, or what to end with.
 */
enum result plan_start(struct plan *plan)
{
	return net_read(&plan->net);
}

void plan_end(struct plan *plan)
{
	changes_free(&plan->changes);
	net_free(&plan->net);
}

/* As say(WRONG, ...), with the line that is wrong. */
enum result plan_wrong(const struct plan *plan, const char *format, ...)
{
	va_list arguments;
	char *what;
	int length;

	va_start(arguments, format);
	length = vasprintf(&what, format, arguments);
	va_end(arguments);
	if (length < 0)
		return say(WRONG, "%s", format);
	say(WRONG, "%s%s%s", plan->where ?: "", plan->where ? ": " : "", what);
	free(what);
	return WRONG;
}

static bool load(const char *module)
{
	char *const argv[] = { "modprobe", "-q", (char *)module, NULL };
	struct output output;
	bool loaded;

	run(&output, argv);
	loaded = !output.status;
	output_free(&output);
	return loaded;
}

/**
 * plan_need_fastbridge - have fastbridge loaded
 * @plan: it may load it if it says so
 *
 * Return: DONE, or what to end with.
 */
enum result plan_need_fastbridge(struct plan *plan)
{
	if (is_there("/sys/module/fastbridge") || (plan->load && load("fastbridge")))
		return DONE;
	return plan_wrong(plan, "fastbridge is not loaded; modprobe fastbridge, of xen-fastnet-dkms");
}

/**
 * plan_bridge - is there such a bridge?
 * @plan: knows the devices
 * @name: of the bridge
 *
 * Return: DONE, or what to end with.
 */
enum result plan_bridge(struct plan *plan, const char *name)
{
	const struct device *device = net_find(&plan->net, name);

	if (device && device->is_bridge)
		return DONE;
	return plan_wrong(plan, "%s: there is no such bridge; 'ip link show type bridge' lists them",
			  name);
}

static void add(struct plan *plan, const char *folder, const char *file, const char *value)
{
	char *path = text("%s/%s", folder, file);
	struct change *change = changes_add(&plan->changes, path, value);

	if (plan->where)
		change->where = copy(plan->where);
	free(path);
}

static enum result set_bridge(struct plan *plan, const char *name,
			      const struct setting *setting, const char *value)
{
	enum result result = plan_bridge(plan, name);
	char *folder;

	if (!result)
		result = plan_need_fastbridge(plan);
	if (result)
		return result;
	folder = text(NET "%s", name);
	add(plan, folder, setting->file, value);
	free(folder);
	return DONE;
}

/* What vifs that come later begin with. */
static enum result set_default(struct plan *plan, const struct setting *setting,
			       const char *value)
{
	char *path = text(PARAMETERS "/%s", setting->name);
	bool known = is_there(path);

	free(path);
	if (strncmp(setting->file, "netback/", 8))
		return plan_wrong(plan, "%s has no default; set it for a vif, or in /etc/xen-fastnet/vifs",
				  setting->name);
	if (!known && !is_there("/sys/module/xen_netback") && plan->load && load("xen-netback"))
		return set_default(plan, setting, value);
	if (!known)
		return plan_wrong(plan, "%s: the kit's xen-netback is not loaded; install xen-fastnet-dkms and reboot",
				  setting->name);
	add(plan, PARAMETERS, setting->name, value);
	return DONE;
}

static enum result set_one_vif(struct plan *plan, const struct device *vif,
			       const struct setting *setting, const char *value)
{
	char *folder = text(NET "%s", vif->name);
	char *path = text("%s/%s", folder, setting->file);
	enum result result = DONE;

	if (is_there(path))
		add(plan, folder, setting->file, value);
	else if (!strncmp(setting->file, "netback/", 8))
		result = plan_wrong(plan, "%s: its xen-netback is the stock one; install xen-fastnet-dkms and reboot",
				    vif->name);
	else if (!net_bridge_of(&plan->net, vif))
		result = plan_wrong(plan, "%s: not in a bridge, and a guard is a bridge port's",
				    vif->name);
	else
		result = plan_wrong(plan, "%s: no guard without fastbridge; modprobe fastbridge",
				    vif->name);
	free(path);
	free(folder);
	return result;
}

/* A vif, or all of a guest's. */
static enum result set_vif(struct plan *plan, const char *name,
			   const struct setting *setting, const char *value)
{
	const struct device *device;
	bool found = false;
	enum result result;
	size_t i;

	if (!strcmp(name, "default"))
		return set_default(plan, setting, value);
	for (i = 0; i < plan->net.count; i++) {
		device = &plan->net.devices[i];
		if (device->domain < 0 ||
		    (strcmp(device->name, name) && strcmp(device->guest, name)))
			continue;
		found = true;
		result = set_one_vif(plan, device, setting, value);
		if (result)
			return result;
	}
	if (found)
		return DONE;
	return plan_wrong(plan, "%s: there is no such vif or guest; 'xl network-list GUEST' lists them",
			  name);
}

static enum result set_sched(struct plan *plan, const char *pool,
			     const struct setting *setting, const char *value)
{
	char *assignment, *old;
	struct change *change;
	enum result result;

	result = sched_read(pool, setting->name, &old);
	if (result)
		return result;
	assignment = text("%s=%s", setting->name, value);
	change = changes_add(&plan->changes, pool, assignment);
	free(assignment);
	change->make = sched_make;
	change->undo = text("%s=%s", setting->name, old);
	if (plan->where)
		change->where = copy(plan->where);
	free(old);
	return DONE;
}

/**
 * plan_setting - plan to change one setting
 * @plan: what is planned
 * @object: what it belongs to
 * @name: the bridge, the vif, the guest, "default", or the cpupool
 * @assignment: KEY=VALUE
 *
 * Return: DONE, or what to end with.
 */
enum result plan_setting(struct plan *plan, enum object object, const char *name,
			 const char *assignment)
{
	const char *value = strchr(assignment, '=');
	const struct setting *setting;
	char *key, *known;

	if (!value || value == assignment || !value[1])
		return plan_wrong(plan, "expected KEY=VALUE, not '%s'", assignment);
	key = text("%.*s", (int)(value - assignment), assignment);
	value++;
	setting = setting_find(object, key);
	if (!setting) {
		known = setting_names(object);
		plan_wrong(plan, "there is no setting '%s' of a %s; there are %s", key,
			   object_names[object], known);
		free(known);
	}
	free(key);
	if (!setting)
		return WRONG;
	switch (object) {
	case OBJECT_BRIDGE:
		return set_bridge(plan, name, setting, value);
	case OBJECT_VIF:
		return set_vif(plan, name, setting, value);
	case OBJECT_SCHED:
		return set_sched(plan, name, setting, value);
	}
	return WRONG;
}
