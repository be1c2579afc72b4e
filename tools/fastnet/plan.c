// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "plan.h"
#include "run.h"
#include "credit.h"
#include "state.h"
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
	enum result result = plan->load ? state_lock() : DONE;

	return result ?: net_read(&plan->net);
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

/*
 * Have a module loaded, if the plan says so; what modprobe says of it, for the caller to free.
 * It may well succeed without the module, if a line in modprobe.d makes it.
 */
static char *load(const struct plan *plan, const char *module)
{
	char *const argv[] = { "modprobe", "-q", (char *)module, NULL };
	struct output output;
	char *said;

	if (!plan->load)
		return copy("");
	run(&output, argv);
	said = output.status && *output.err ? text(": %s", output.err) : copy("");
	output_free(&output);
	return said;
}

/**
 * plan_need_fastbridge - have fastbridge loaded
 * @plan: it may load it if it says so
 *
 * Return: DONE, or what to end with.
 */
enum result plan_need_fastbridge(struct plan *plan)
{
	char *said;

	if (is_there("/sys/module/fastbridge"))
		return DONE;
	said = load(plan, "fastbridge");
	if (!is_there("/sys/module/fastbridge"))
		plan_wrong(plan, "fastbridge is not loaded; modprobe fastbridge, of xen-fastnet-dkms%s",
			   said);
	free(said);
	return is_there("/sys/module/fastbridge") ? DONE : WRONG;
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

static struct change *add(struct plan *plan, const char *folder, const char *file,
			  const char *value)
{
	char *path = text("%s/%s", folder, file);
	struct change *change = changes_set(&plan->changes, path, "", value);

	if (plan->where)
		change->where = copy(plan->where);
	free(path);
	return change;
}

/* What is not there to be set is as in the stock system. */
static bool is_stock(const struct setting *setting, const char *value)
{
	return !strcmp(value, setting->stock);
}

/* Debian's has none of them; one that is yet to be loaded may come with others in modprobe.d. */
static enum result need_netback(struct plan *plan, bool stock)
{
	static const char *const mark = PARAMETERS "/tx_budget";
	enum result result = DONE;
	char *said;

	if (is_there(mark))
		return DONE;
	said = is_there("/sys/module/xen_netback") ? copy("") : load(plan, "xen-netback");
	if (!is_there(mark) && !stock)
		result = plan_wrong(plan, "the kit's xen-netback is not loaded; install xen-fastnet-dkms and reboot%s",
				    said);
	free(said);
	return result;
}

/* What vifs that come later begin with. */
static enum result set_default(struct plan *plan, const struct setting *setting,
			       const char *value)
{
	char *path = text(PARAMETERS "/%s", setting->name);
	enum result result = DONE;

	if (is_there(path))
		add(plan, PARAMETERS, setting->name, value);
	else if (!is_stock(setting, value))
		result = plan_wrong(plan, "%s: this xen-netback does not have it", path);
	free(path);
	return result;
}

static void stock_file(struct plan *plan, const char *folder, const char *file, const char *stock)
{
	char *path = text("%s/%s", folder, file);
	char *value = attribute_read(path);

	if (value && strcmp(value, stock))
		changes_set(&plan->changes, path, "", stock)->may_go = true;
	free(value);
	free(path);
}

/* Without cut-through there is no hyperswitch: it ends first, is spoken of, and can be had back. */
static void stock_hyperswitch(struct plan *plan, const char *folder)
{
	const struct setting *hyperswitch = setting_find(OBJECT_VIF, "hyperswitch");

	stock_file(plan, folder, hyperswitch->file, hyperswitch->stock);
}

static enum result set_one_vif(struct plan *plan, const struct device *vif,
			       const struct setting *setting, const char *value)
{
	char *folder = text(NET "%s", vif->name);
	char *path = text("%s/%s", folder, setting->file);
	enum result result = DONE;

	if (!strcmp(setting->name, "cutthrough") && is_stock(setting, value))
		stock_hyperswitch(plan, folder);
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

/* A name is a vif's before it is a guest's, who may be called like another one's vif. */
static bool is_meant(const struct plan *plan, const struct device *device, const char *name)
{
	const struct device *named = net_find(&plan->net, name);

	if (device->domain < 0)
		return false;
	return named && named->domain >= 0 ? device == named : !strcmp(device->guest, name);
}

/* A vif, or all of a guest's. */
static enum result set_vif(struct plan *plan, const char *name,
			   const struct setting *setting, const char *value)
{
	const struct device *device;
	bool found = false;
	enum result result;
	size_t i;

	for (i = 0; i < plan->net.count; i++) {
		device = &plan->net.devices[i];
		if (!is_meant(plan, device, name))
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

static void add_sched(struct plan *plan, const char *pool, const struct setting *setting,
		      const char *value, const char *old)
{
	char *key = text("%s=", setting->name), *assignment = text("%s%s", key, value);
	struct change *change = changes_set(&plan->changes, pool, key, assignment);

	free(assignment);
	free(key);
	change->make = sched_make;
	change->undo = text("%s=%s", setting->name, old);
	if (plan->where)
		change->where = copy(plan->where);
}

/* Does xl say something of this pool, and nothing of the setting? */
static bool lacks_sched(const char *pool, const struct setting *setting)
{
	char *line = sched_line(pool), *value = line ? sched_value(line, setting->name) : NULL;
	bool lacks = line && !value;

	free(value);
	free(line);
	return lacks;
}

static enum result set_sched(struct plan *plan, const char *pool,
			     const struct setting *setting, const char *value)
{
	enum result result;
	char *old;

	if (plan->lenient && is_stock(setting, value) && lacks_sched(pool, setting))
		return conf_told(STATE);
	result = sched_read(pool, setting->name, &old);
	if (result)
		return result;
	add_sched(plan, pool, setting, value, old);
	free(old);
	return DONE;
}

static void set_bridge(struct plan *plan, const char *name, const struct setting *setting,
		       const char *value)
{
	char *folder = text(NET "%s", name), *path = text("%s/%s", folder, setting->file);
	struct change *change;

	if (is_there(path) || !is_stock(setting, value)) {
		change = add(plan, folder, setting->file, value);
		change->device = plan->lenient ? copy(name) : NULL;
	}
	free(path);
	free(folder);
}

static enum result set_one(struct plan *plan, enum object object, const char *name,
			   const char *assignment)
{
	const struct setting *setting = setting_of(object, assignment);
	const char *value = strchr(assignment, '=') + 1;

	switch (object) {
	case OBJECT_BRIDGE:
		set_bridge(plan, name, setting, value);
		return DONE;
	case OBJECT_VIF:
		if (!strcmp(name, "default"))
			return set_default(plan, setting, value);
		return set_vif(plan, name, setting, value);
	case OBJECT_SCHED:
		return set_sched(plan, name, setting, value);
	}
	return WRONG;
}

static enum result check_one(struct plan *plan, enum object object, const char *name,
			     const char *assignment)
{
	const struct setting *setting = setting_of(object, assignment);
	const char *value = strchr(assignment, '=');
	char *known;

	if (!value || value == assignment || !value[1])
		return plan_wrong(plan, "expected KEY=VALUE, not '%s'", assignment);
	if (setting && object == OBJECT_VIF && !strcmp(name, "default") &&
	    strncmp(setting->file, "netback/", 8))
		return plan_wrong(plan, "%s has no default; set it for a vif, or in " VIFS,
				  setting->name);
	if (setting)
		return DONE;
	known = setting_names(object);
	plan_wrong(plan, "there is no setting '%.*s' of a %s; there are %s",
		   (int)(value - assignment), assignment, object_names[object], known);
	free(known);
	return WRONG;
}

/* The value of a setting among these, or NULL. */
static const char *value_among(enum object object, char *const assignments[], const char *name)
{
	const struct setting *setting = setting_find(object, name);

	for (; *assignments; assignments++) {
		if (setting_of(object, *assignments) == setting)
			return strchr(*assignments, '=') + 1;
	}
	return NULL;
}

/* One of them is on only with the other. */
static enum result check_hyperswitch(struct plan *plan, char *const assignments[])
{
	const char *hyperswitch = value_among(OBJECT_VIF, assignments, "hyperswitch");
	const char *cutthrough = value_among(OBJECT_VIF, assignments, "cutthrough");

	if (hyperswitch && strcmp(hyperswitch, "0") && cutthrough && !strcmp(cutthrough, "0"))
		return plan_wrong(plan, "there is no hyperswitch without cutthrough=1");
	return DONE;
}

/* What can be seen without looking at this machine. */
static enum result check(struct plan *plan, enum object object, const char *name,
			 char *const assignments[])
{
	enum result result = DONE;
	size_t i, j;

	for (i = 0; assignments[i] && !result; i++) {
		result = check_one(plan, object, name, assignments[i]);
		for (j = 0; j < i && !result; j++) {
			if (setting_of(object, assignments[i]) == setting_of(object, assignments[j]))
				result = plan_wrong(plan, "'%s' and '%s' are the same setting; say it once",
						    assignments[j], assignments[i]);
		}
	}
	return result ?: object == OBJECT_VIF ? check_hyperswitch(plan, assignments) : DONE;
}

/* What is on only with another comes after it, in whichever order they were said. */
static bool is_late(enum object object, const char *assignment)
{
	return !strcmp(setting_of(object, assignment)->name, "hyperswitch");
}

static enum result set_all(struct plan *plan, enum object object, const char *name,
			   char *const assignments[])
{
	enum result result = DONE;
	char *const *assignment;
	int late;

	for (late = 0; late < 2; late++) {
		for (assignment = assignments; *assignment && !result; assignment++) {
			if (is_late(object, *assignment) == late)
				result = set_one(plan, object, name, *assignment);
		}
	}
	return result;
}

static bool all_stock(enum object object, char *const assignments[])
{
	for (; *assignments; assignments++) {
		if (!is_stock(setting_of(object, *assignments), strchr(*assignments, '=') + 1))
			return false;
	}
	return true;
}

/* Is there what the settings are for? */
static enum result need(struct plan *plan, enum object object, const char *name,
			char *const assignments[])
{
	const bool stock = all_stock(object, assignments);
	enum result result;

	switch (object) {
	case OBJECT_BRIDGE:
		result = plan_bridge(plan, name);
		return result || stock ? result : plan_need_fastbridge(plan);
	case OBJECT_VIF:
		return strcmp(name, "default") ? DONE : need_netback(plan, stock);
	case OBJECT_SCHED:
		return DONE;
	}
	return WRONG;
}

static bool may_come(const struct plan *plan, enum object object, const char *name)
{
	const struct device *device = net_find(&plan->net, name);

	return object == OBJECT_BRIDGE && !(device && device->is_bridge);
}

/**
 * plan_settings - plan to change an object's settings
 * @plan: what is planned
 * @object: what they belong to
 * @name: the bridge, the vif, the guest, "default", or the cpupool
 * @assignments: KEY=VALUE each, the last one NULL
 *
 * Return: DONE, or what to end with.
 */
enum result plan_settings(struct plan *plan, enum object object, const char *name,
			  char *const assignments[])
{
	enum result result = check(plan, object, name, assignments);

	if (result)
		return result;
	result = need(plan, object, name, assignments);
	if (!result)
		result = set_all(plan, object, name, assignments);
	if (!result || !plan->lenient)
		return result;
	if (!may_come(plan, object, name))
		plan->passed = true;
	return DONE;
}

/* A vif's lower rate is never above its upper one, so that one may have to go up before it. */
static void stock_upper_rate(struct plan *plan, const char *folder, const char *lower)
{
	const struct setting *upper = setting_find(OBJECT_VIF, "notify_high_rate");

	if (attribute_number(folder, upper->file) < strtoull(lower, NULL, 10))
		stock_file(plan, folder, upper->file, upper->stock);
}

static void stock_device(struct plan *plan, const char *name, const struct setting *setting)
{
	char *folder = text(NET "%s", name);

	if (!strcmp(setting->name, "notify_low_rate"))
		stock_upper_rate(plan, folder, setting->stock);
	stock_file(plan, folder, setting->file, setting->stock);
	free(folder);
}

static void stock_sched(struct plan *plan, const char *pool, const struct setting *setting)
{
	char *line = sched_line(pool), *value = line ? sched_value(line, setting->name) : NULL;

	if (value && strcmp(value, setting->stock))
		add_sched(plan, pool, setting, setting->stock, value);
	free(value);
	free(line);
}

/**
 * plan_stock - plan to have a setting as in the stock system, where it is there and is not
 * @plan: what is planned
 * @object: what it belongs to
 * @name: the bridge, the vif, "default", or the cpupool
 * @setting: the setting
 */
void plan_stock(struct plan *plan, enum object object, const char *name,
		const struct setting *setting)
{
	if (object == OBJECT_SCHED)
		stock_sched(plan, name, setting);
	else if (object == OBJECT_VIF && !strcmp(name, "default"))
		stock_file(plan, PARAMETERS, setting->name, setting->stock);
	else
		stock_device(plan, name, setting);
}
