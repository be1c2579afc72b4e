// SPDX-License-Identifier: GPL-2.0
/* enable, disable, set, sched, reset and apply: the commands that change settings. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "json.h"
#include "options.h"
#include "plan.h"
#include "credit.h"
#include "sysfs.h"

/*
 * The changes are made first, for it is the kernel that knows what may be; what cannot be
 * kept is not left made.
 */
static enum result make_and_keep(struct plan *plan, const struct options *options,
				 enum object object, const char *name,
				 char *const assignments[])
{
	enum result result = changes_make(&plan->changes, options->dry_run);

	if (result || options->dry_run || options->runtime)
		return result;
	result = conf_keep(options->config, object, name, assignments);
	if (result)
		changes_undo(&plan->changes);
	return result;
}

/* What a vif or guest has is its own, and gone with it; defaults and the rest are kept. */
static enum result set_all(const struct options *options, enum object object,
			   const char *name, char *const assignments[])
{
	struct plan plan = { .load = !options->dry_run };
	enum result result = plan_start(&plan);
	char *const *each;

	for (each = assignments; *each && !result; each++)
		result = plan_setting(&plan, object, name, *each);
	if (!result && object == OBJECT_VIF && strcmp(name, "default"))
		result = changes_make(&plan.changes, options->dry_run);
	else if (!result)
		result = make_and_keep(&plan, options, object, name, assignments);
	plan_end(&plan);
	return result;
}

static enum result one_word(const struct options *options, const char *what)
{
	if (!options->words[0])
		return say(WRONG, "which %s? See --help", what);
	return say_if_more(options->words[1]);
}

/**
 * enable_command - fastnet enable BRIDGE
 * @options: the command line
 *
 * Return: DONE, or what to end with.
 */
enum result enable_command(const struct options *options)
{
	const char *mode = options->mode ?: "auto";
	char *assignments[3] = { };
	enum result result = one_word(options, "bridge");

	if (!result && !strcmp(mode, "off"))
		result = say(WRONG, "--mode wants auto or bypass; 'fastnet disable' is off");
	if (result)
		return result;
	assignments[0] = text("mode=%s", mode);
	if (options->xmit)
		assignments[1] = text("xmit=%s", options->xmit);
	result = set_all(options, OBJECT_BRIDGE, options->words[0], assignments);
	free(assignments[0]);
	free(assignments[1]);
	return result;
}

/**
 * disable_command - fastnet disable BRIDGE
 * @options: the command line
 *
 * Return: DONE, or what to end with.
 */
enum result disable_command(const struct options *options)
{
	char off[] = "mode=off", *assignments[] = { off, NULL };
	enum result result = one_word(options, "bridge");

	if (!result)
		result = set_all(options, OBJECT_BRIDGE, options->words[0], assignments);
	return result;
}

static bool is_bridge(const char *name)
{
	char *path = text(NET "%s/bridge", name);
	bool is = is_there(path);

	free(path);
	return is;
}

/**
 * set_command - fastnet set VIF|GUEST|BRIDGE|default KEY=VALUE...
 * @options: the command line
 *
 * Return: DONE, or what to end with.
 */
enum result set_command(const struct options *options)
{
	const char *name = options->words[0];

	if (!name || !options->words[1])
		return say(WRONG, "whose settings, and which KEY=VALUE? See --help");
	return set_all(options, is_bridge(name) ? OBJECT_BRIDGE : OBJECT_VIF, name,
		       options->words + 1);
}

static enum result sched_show(const struct options *options)
{
	const struct setting *setting;
	const char *before = "";
	enum result result;
	char *value;

	for (setting = settings(OBJECT_SCHED); setting->name; setting++) {
		result = sched_read(options->pool, setting->name, &value);
		if (result)
			return result;
		if (options->json && !*before) {
			json_start(options->pretty);
			json_map(NULL);
			json_string("pool", options->pool);
		}
		if (options->json)
			json_string(setting->name, value);
		else
			printf("%s%s=%s", before, setting->name, value);
		before = " ";
		free(value);
	}
	if (options->json) {
		json_map_end();
		json_end();
	} else {
		putchar('\n');
	}
	return DONE;
}

/**
 * sched_command - fastnet sched [KEY=VALUE...]
 * @options: the command line
 *
 * Return: DONE, or what to end with.
 */
enum result sched_command(const struct options *options)
{
	if (!options->words[0])
		return sched_show(options);
	return set_all(options, OBJECT_SCHED, options->pool, options->words);
}

/* Plans the stock value where a file is there and says something else. */
static void reset_file(struct plan *plan, const char *folder, const char *file,
		       const char *stock)
{
	char *path = text("%s/%s", folder, file);
	char *value = attribute_read(path);

	if (value && strcmp(value, stock))
		changes_add(&plan->changes, path, stock);
	free(value);
	free(path);
}

static void reset_device(struct plan *plan, const struct device *device, enum object object)
{
	const struct setting *setting;
	char *folder = text(NET "%s", device->name);

	for (setting = settings(object); setting->name; setting++)
		reset_file(plan, folder, setting->file, setting->stock);
	free(folder);
}

static void reset_defaults(struct plan *plan)
{
	const struct setting *setting;

	for (setting = settings(OBJECT_VIF); setting->name; setting++)
		reset_file(plan, "/sys/module/xen_netback/parameters", setting->name,
			   setting->stock);
}

static enum result reset_pool(struct plan *plan, const char *pool)
{
	const struct setting *setting;
	enum result result = DONE;
	char *line = sched_line(pool), *value, *assignment;

	for (setting = settings(OBJECT_SCHED); setting->name && line && !result; setting++) {
		value = sched_value(line, setting->name);
		if (value && strcmp(value, setting->stock)) {
			assignment = text("%s=%s", setting->name, setting->stock);
			result = plan_setting(plan, OBJECT_SCHED, pool, assignment);
			free(assignment);
		}
		free(value);
	}
	free(line);
	return result;
}

static enum result reset_pools(struct plan *plan)
{
	char **pools = sched_pools(), **pool;
	enum result result = DONE;

	for (pool = pools; *pool; pool++) {
		if (!result)
			result = reset_pool(plan, *pool);
		free(*pool);
	}
	free(pools);
	return result;
}

/**
 * reset_command - fastnet reset: all as in the stock system, now and after a reboot
 * @options: the command line
 *
 * Vifs come first: a cut-through asks fastbridge.
 *
 * Return: DONE, or what to end with.
 */
enum result reset_command(const struct options *options)
{
	struct plan plan = { };
	enum result result = say_if_more(options->words[0]);
	size_t i;

	if (!result)
		result = plan_start(&plan);
	for (i = 0; i < plan.net.count; i++)
		reset_device(&plan, &plan.net.devices[i], OBJECT_VIF);
	reset_defaults(&plan);
	for (i = 0; i < plan.net.count; i++)
		reset_device(&plan, &plan.net.devices[i], OBJECT_BRIDGE);
	if (!result)
		result = reset_pools(&plan);
	if (!result)
		result = changes_make(&plan.changes, options->dry_run);
	if (!result && !options->dry_run && !options->runtime) {
		result = conf_clear(options->config);
		if (result)
			changes_undo(&plan.changes);
	}
	plan_end(&plan);
	return result;
}

/**
 * apply_command - fastnet apply: what the configuration says
 * @options: the command line
 *
 * Return: DONE, or what to end with.
 */
enum result apply_command(const struct options *options)
{
	struct plan plan = { .load = !options->dry_run };
	enum result result = say_if_more(options->words[0]);

	if (!result)
		result = plan_start(&plan);
	if (!result)
		result = conf_plan(&plan, options->config);
	if (!result)
		result = changes_make(&plan.changes, options->dry_run);
	plan_end(&plan);
	return result;
}
