// SPDX-License-Identifier: GPL-2.0
/* enable, disable, set, sched, reset and apply: the commands that change settings. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"
#include "json.h"
#include "lines.h"
#include "options.h"
#include "plan.h"
#include "credit.h"
#include "state.h"
#include "sysfs.h"

static void report(const struct changes *changes, const char *file, const char *line)
{
	size_t shown = changes_show(changes);

	if (line)
		printf("%s: %s\n", file, line);
	else if (!shown)
		puts("nothing to change");
}

/* What is not in the configuration has not been applied of it; perhaps nothing ever has. */
static enum result had_back(enum result kept, const struct lines *applied, bool was)
{
	if (kept && was)
		lines_write(applied, STATE);
	else if (kept)
		unlink(STATE);
	return kept;
}

/*
 * The changes are made first, for it is the kernel that knows what may be; what cannot be
 * kept is not left made, nor is it said to be.
 */
static enum result make_and_keep(struct plan *plan, const struct options *options,
				 enum object object, const char *name,
				 char *const assignments[])
{
	const bool keep = !options->runtime && !options->dry_run, was = is_there(STATE);
	enum result result = options->runtime ? DONE : conf_may_keep(name, assignments);
	struct lines applied = { };
	char *line = NULL;

	if (!result && keep)
		result = lines_read(&applied, STATE, false);
	if (!result)
		result = changes_make(&plan->changes, options->dry_run);
	if (!result && keep) {
		result = conf_keep(STATE, object, name, assignments, NULL) ?:
			 had_back(conf_keep(options->config, object, name, assignments, &line),
				  &applied, was);
		if (result)
			changes_undo(&plan->changes);
	}
	if (!result)
		report(&plan->changes, options->config, line);
	lines_free(&applied);
	free(line);
	return result;
}

static enum result make(struct plan *plan, const struct options *options)
{
	enum result result = changes_make(&plan->changes, options->dry_run);

	if (!result)
		report(&plan->changes, NULL, NULL);
	return result;
}

/* What a vif or guest has is its own, and gone with it; defaults and the rest are kept. */
static enum result set_all(const struct options *options, enum object object,
			   const char *name, char *const assignments[])
{
	struct plan plan = { .load = !options->dry_run };
	enum result result = plan_start(&plan);

	if (!result)
		result = plan_settings(&plan, object, name, assignments);
	if (!result && object == OBJECT_VIF && strcmp(name, "default"))
		result = make(&plan, options);
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

/* Of a bridge that is gone, or has not come, what the configuration says is all there is. */
static enum result only_kept(const struct plan *plan, const struct options *options, bool *is)
{
	const struct device *device = net_find(&plan->net, options->words[0]);

	*is = false;
	if (options->runtime || (device && device->is_bridge))
		return DONE;
	return conf_names(options->config, false, options->words[0], is);
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
	struct plan plan = { .load = !options->dry_run };
	enum result result = one_word(options, "bridge");
	bool kept;

	if (result)
		return result;
	result = plan_start(&plan) ?: only_kept(&plan, options, &kept);
	if (!result && !kept)
		result = plan_settings(&plan, OBJECT_BRIDGE, options->words[0], assignments);
	if (!result)
		result = make_and_keep(&plan, options, OBJECT_BRIDGE, options->words[0],
				       assignments);
	plan_end(&plan);
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

static void reset_object(struct plan *plan, enum object object, const char *name)
{
	const struct setting *setting;

	for (setting = settings(object); setting->name; setting++)
		plan_stock(plan, object, name, setting);
}

static void reset_pools(struct plan *plan)
{
	char *why, **pools = sched_pools(&why), **pool;

	for (pool = pools; *pool; pool++) {
		reset_object(plan, OBJECT_SCHED, *pool);
		free(*pool);
	}
	free(pools);
	free(why);
}

static void say_whether(const char *pool, const char *why)
{
	say(DONE, "%s: nobody knows whether --runtime or a boot option of Xen's has put switches on: %s",
	    pool, why);
}

/* What is in no file is no reason to leave the rest as it is. */
static void say_untold(void)
{
	char *why, **pools = sched_pools(&why), **pool;

	if (why)
		say_whether("sched", why);
	free(why);
	for (pool = pools; *pool; pool++) {
		why = sched_untold(*pool);
		if (why)
			say_whether(*pool, why);
		free(why);
		free(*pool);
	}
	free(pools);
}

/* Vifs come first: a cut-through asks fastbridge. */
static void reset_all(struct plan *plan)
{
	size_t i;

	for (i = 0; i < plan->net.count; i++)
		reset_object(plan, OBJECT_VIF, plan->net.devices[i].name);
	reset_object(plan, OBJECT_VIF, "default");
	for (i = 0; i < plan->net.count; i++)
		reset_object(plan, OBJECT_BRIDGE, plan->net.devices[i].name);
	reset_pools(plan);
}

/**
 * reset_command - fastnet reset: all as in the stock system, now and after a reboot
 * @options: the command line
 *
 * Return: DONE, or what to end with.
 */
enum result reset_command(const struct options *options)
{
	struct plan plan = { .load = !options->dry_run };
	enum result result = say_if_more(options->words[0]);
	const bool keep = !options->runtime && !options->dry_run;
	bool cleared = false, forgotten, was;
	struct lines applied = { };

	if (!result)
		result = plan_start(&plan);
	was = is_there(STATE);
	if (!result)
		result = conf_told(STATE) ?: conf_told(options->config);
	if (!result && keep)
		result = lines_read(&applied, STATE, false);
	if (!result) {
		reset_all(&plan);
		result = changes_make(&plan.changes, options->dry_run);
	}
	if (!result && keep) {
		result = conf_clear(STATE, &forgotten) ?:
			 had_back(conf_clear(options->config, &cleared), &applied, was);
		if (result)
			changes_undo(&plan.changes);
	}
	if (!result)
		report(&plan.changes, options->config, cleared ? "no settings" : NULL);
	if (!result && conf_says(VIFS))
		puts(VIFS ": stays as it is, in effect for guests that start");
	if (!result)
		say_untold();
	lines_free(&applied);
	plan_end(&plan);
	return result;
}

/* Does the configuration say anything of it, or did it? */
static enum result concerns(const struct options *options, const char *bridge, bool *does)
{
	enum result result = conf_names(options->config, true, bridge, does);

	if (!result && !*does)
		result = conf_names(STATE, false, bridge, does);
	return result;
}

/* Read once: what is noted as applied is what has been, whoever edits the file meanwhile. */
static enum result apply(struct plan *plan, const struct options *options, const char *bridge)
{
	struct lines lines = { };
	enum result result = conf_read(&lines, options->config);

	if (!result)
		result = conf_plan_removed(plan, &lines, STATE, bridge);
	if (!result)
		result = conf_plan(plan, &lines, options->config, bridge);
	if (!result)
		result = changes_make(&plan->changes, options->dry_run);
	if (!result && !options->dry_run) {
		result = conf_copy(&lines, STATE, bridge);
		if (result)
			changes_undo(&plan->changes);
	}
	if (!result)
		report(&plan->changes, NULL, NULL);
	lines_free(&lines);
	return result;
}

/**
 * apply_command - fastnet apply [BRIDGE]: what the configuration says
 * @options: the command line
 *
 * Return: DONE, or what to end with.
 */
enum result apply_command(const struct options *options)
{
	struct plan plan = { .load = !options->dry_run, .lenient = true };
	const char *bridge = options->words[0];
	enum result result = bridge ? say_if_more(options->words[1]) : DONE;
	bool does = true;

	if (!result && bridge)
		result = concerns(options, bridge, &does);
	if (result || !does)
		return result;
	result = plan_start(&plan);
	if (!result)
		result = apply(&plan, options, bridge);
	plan_end(&plan);
	return result ?: plan.passed ? WRONG : DONE;
}
