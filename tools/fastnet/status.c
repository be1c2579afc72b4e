// SPDX-License-Identifier: GPL-2.0
/* status: what is on, what it does, and why the rest is left to the stock path. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "net.h"
#include "options.h"
#include "credit.h"
#include "setting.h"
#include "sysfs.h"

/* Where the hotplug hook notes which interfaces a guard is wanted for. */
#define GUARDS "/run/xen-fastnet/guards/"

/**
 * struct counter - a file in a stats folder
 * @name: its name
 * @value: its value
 */
struct counter {
	char *name;
	uint64_t value;
};

/* All of a folder, by their names; the last one without. */
static struct counter *counters_read(const char *folder)
{
	struct counter *counters = memory(NULL, sizeof(*counters));
	struct dirent **entries;
	int count = scandir(folder, &entries, NULL, alphasort), i, used = 0;

	for (i = 0; i < count; i++) {
		if (*entries[i]->d_name != '.') {
			counters = memory(counters, (used + 2) * sizeof(*counters));
			counters[used].name = copy(entries[i]->d_name);
			counters[used++].value = attribute_number(folder, entries[i]->d_name);
		}
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	counters[used].name = NULL;
	return counters;
}

static void counters_free(struct counter *counters)
{
	struct counter *counter;

	for (counter = counters; counter->name; counter++)
		free(counter->name);
	free(counters);
}

static char *folder_of(const char *device, const char *folder)
{
	return text(NET "%s/%s", device, folder);
}

static bool has(const char *device, const char *folder)
{
	char *path = folder_of(device, folder);
	bool is = is_there(path);

	free(path);
	return is;
}

static char *setting_value(const char *device, const struct setting *setting)
{
	char *path = folder_of(device, setting->file), *value = attribute_read(path);

	free(path);
	return value;
}

static uint64_t counter_of(const char *device, const char *folder, const char *name)
{
	char *path = folder_of(device, folder);
	uint64_t value = attribute_number(path, name);

	free(path);
	return value;
}

/* Else nobody knows what should have a guard. */
static bool guards_told(void)
{
	return !access(GUARDS, X_OK) || errno == ENOENT;
}

/* The hotplug hook was to guard it; whatever has become of the guard, or of the port, since. */
static bool lacks_guard(const struct device *port)
{
	char *path = text(GUARDS "%s", port->name), *guard = NULL;
	bool wanted = is_there(path), lacks;

	free(path);
	if (wanted) {
		path = folder_of(port->name, "fastbridge_port/guard");
		guard = attribute_read(path);
		free(path);
	}
	lacks = wanted && (!guard || strcmp(guard, "1"));
	free(guard);
	return lacks;
}

/* ---- JSON: all that there is, as it is called in sysfs */

static void json_settings(const char *device, enum object object)
{
	const struct setting *setting;
	char *value;

	json_map("settings");
	for (setting = settings(object); setting->name; setting++) {
		value = setting_value(device, setting);
		if (value)
			json_string(setting->name, value);
		free(value);
	}
	json_map_end();
}

static void json_counters(const char *device, const char *folder, const char *key)
{
	char *path = folder_of(device, folder);
	struct counter *counters = counters_read(path), *counter;

	json_map(key);
	for (counter = counters; counter->name; counter++)
		json_number(counter->name, counter->value);
	json_map_end();
	counters_free(counters);
	free(path);
}

static void json_port(const struct device *port)
{
	json_map(NULL);
	json_string("port", port->name);
	if (port->domain >= 0) {
		json_number("domain", port->domain);
		json_string("guest", port->guest);
		json_bool("netback", has(port->name, "netback"));
	}
	if (guards_told())
		json_bool("lacks_guard", lacks_guard(port));
	json_settings(port->name, OBJECT_VIF);
	json_counters(port->name, "fastbridge_port/stats", "fastbridge");
	if (port->domain >= 0)
		json_counters(port->name, "netback/stats", "counters");
	json_number("rx_packets", port->stats.rx_packets);
	json_number("tx_packets", port->stats.tx_packets);
	json_number("tx_dropped", port->stats.tx_dropped);
	json_map_end();
}

static bool is_shown(const struct device *port, const struct device *bridge, const char *only)
{
	return port->master == bridge->index &&
	       (!only || !strcmp(only, bridge->name) || !strcmp(only, port->name) ||
		!strcmp(only, port->guest));
}

static void json_bridge(const struct net *net, const struct device *bridge, const char *only)
{
	size_t i;

	json_map(NULL);
	json_string("bridge", bridge->name);
	json_bool("fastbridge", has(bridge->name, "fastbridge"));
	json_settings(bridge->name, OBJECT_BRIDGE);
	json_counters(bridge->name, "fastbridge/stats", "counters");
	json_list("ports");
	for (i = 0; i < net->count; i++) {
		if (is_shown(&net->devices[i], bridge, only))
			json_port(&net->devices[i]);
	}
	json_list_end();
	json_map_end();
}

static void json_sched(void)
{
	char *why, **pools = sched_pools(&why), **pool, *line, *value;
	const struct setting *setting;

	if (why)
		say(DONE, "%s", why);
	free(why);
	json_list("sched");
	for (pool = pools; *pool; pool++) {
		line = sched_line(*pool);
		json_map(NULL);
		json_string("pool", *pool);
		for (setting = settings(OBJECT_SCHED); setting->name; setting++) {
			value = line ? sched_value(line, setting->name) : NULL;
			if (value)
				json_string(setting->name, value);
			free(value);
		}
		json_map_end();
		free(line);
		free(*pool);
	}
	json_list_end();
	free(pools);
}

/* ---- text: a screen */

/* Why frames are left to the bridge, the most frequent reasons first. */
static void show_reasons(struct counter *counters)
{
	struct counter *counter, *most;
	uint64_t rest = 0;
	int shown;

	for (shown = 0; ; shown++) {
		most = NULL;
		for (counter = counters; counter->name; counter++) {
			if (strncmp(counter->name, "stock_", 6) || !counter->value)
				continue;
			if (!most || counter->value > most->value)
				most = counter;
			if (shown == 3)
				rest += counter->value;
		}
		if (!most || shown == 3)
			break;
		printf("%s%s %llu", shown ? ", " : ": ", most->name + 6,
		       (unsigned long long)most->value);
		most->value = 0;
	}
	if (rest)
		printf(", others %llu", (unsigned long long)rest);
}

static void show_shares(const char *bridge)
{
	char *path = folder_of(bridge, "fastbridge/stats");
	struct counter *counters = counters_read(path), *counter;
	uint64_t fast = 0, stock = 0, dropped = 0, entries = 0;

	for (counter = counters; counter->name; counter++) {
		if (!strcmp(counter->name, "fast_packets"))
			fast = counter->value;
		else if (!strcmp(counter->name, "guard_drops"))
			dropped = counter->value;
		else if (!strcmp(counter->name, "fdb_entries"))
			entries = counter->value;
		else if (!strncmp(counter->name, "stock_", 6))
			stock += counter->value;
	}
	printf("  fast path %llu frames", (unsigned long long)fast);
	if (fast + stock)
		printf(" (%.1f %%)", 100.0 * fast / (fast + stock));
	printf(", %llu addresses", (unsigned long long)entries);
	if (dropped)
		printf(", guards dropped %llu", (unsigned long long)dropped);
	printf("\n  left to the bridge %llu", (unsigned long long)stock);
	show_reasons(counters);
	putchar('\n');
	counters_free(counters);
	free(path);
}

/* What is not as in the stock system, as KEY=VALUE, behind what has been shown in the line. */
static void show_changed(const char *device, enum object object)
{
	const struct setting *setting;
	int column = 54, width;
	char *value;

	for (setting = settings(object); setting->name; setting++) {
		value = setting_value(device, setting);
		if (value && strcmp(value, setting->stock)) {
			width = strlen(setting->name) + strlen(value) + 2;
			if (column + width > 80)
				column = printf("\n%28s", "") - 1;
			column += printf(" %s=%s", setting->name, value);
		}
		free(value);
	}
}

static void show_counters(const char *device, const char *folder)
{
	char *path = folder_of(device, folder);
	struct counter *counters = counters_read(path), *counter;
	int column = 0, width;

	for (counter = counters; counter->name; counter++) {
		if (!counter->value)
			continue;
		width = snprintf(NULL, 0, "%s %llu, ", counter->name,
				 (unsigned long long)counter->value);
		if (column + width > 78) {
			putchar('\n');
			column = 0;
		}
		if (!column)
			column = printf("    ");
		column += printf("%s %llu  ", counter->name, (unsigned long long)counter->value);
	}
	if (column)
		putchar('\n');
	counters_free(counters);
	free(path);
}

/* What is fast of what a port has received: cut-through's and Xen's frames are among it. */
static void show_port(const struct device *port, bool all)
{
	uint64_t received = port->stats.rx_packets;
	uint64_t fast = counter_of(port->name, "fastbridge_port/stats", "fast_packets");

	print_harmless("  %-12.15s %-15.20s ", port->name, port->domain >= 0 ? port->guest : "-");
	if (received && has(port->name, "fastbridge_port"))
		printf("%5.1f%%", fast < received ? 100.0 * fast / received : 100.0);
	else
		printf("%6s", "-");
	printf(" %8llu", (unsigned long long)port->stats.tx_dropped);
	if (has(port->name, "netback"))
		printf(" %6llu", (unsigned long long)counter_of(port->name, "netback/stats",
							  "queue_high_packets"));
	else
		printf(" %6s", "-");
	if (port->domain >= 0 && !has(port->name, "netback"))
		fputs(" stock netback", stdout);
	show_changed(port->name, OBJECT_VIF);
	putchar('\n');
	if (lacks_guard(port))
		printf("    NOT GUARDED, although /etc/xen-fastnet/vifs wants it\n");
	if (all) {
		show_counters(port->name, "fastbridge_port/stats");
		show_counters(port->name, "netback/stats");
	}
}

static void show_bridge(const struct net *net, const struct device *bridge, const char *only,
			bool all)
{
	const struct setting *setting;
	bool headed = false;
	char *value;
	size_t i;

	print_harmless("%s:", bridge->name);
	for (setting = settings(OBJECT_BRIDGE); setting->name; setting++) {
		value = setting_value(bridge->name, setting);
		if (value)
			printf(" %s=%s", setting->name, value);
		free(value);
	}
	if (has(bridge->name, "fastbridge")) {
		putchar('\n');
		show_shares(bridge->name);
		if (all)
			show_counters(bridge->name, "fastbridge/stats");
	} else {
		puts(" stock bridge, fastbridge is not loaded");
	}
	for (i = 0; i < net->count; i++) {
		if (!is_shown(&net->devices[i], bridge, only))
			continue;
		if (!headed)
			puts("  PORT         GUEST             FAST  DROPPED QUEUED SETTINGS");
		headed = true;
		show_port(&net->devices[i], all);
	}
}

static void show_sched(void)
{
	char *why, **pools = sched_pools(&why), **pool, *line, *value;
	const struct setting *setting;
	bool known;

	for (pool = pools; *pool; pool++) {
		line = sched_line(*pool);
		known = false;
		print_harmless("sched %s:", *pool);
		for (setting = settings(OBJECT_SCHED); setting->name; setting++) {
			value = line ? sched_value(line, setting->name) : NULL;
			if (value)
				printf(" %s=%s", setting->name, value);
			known |= value != NULL;
			free(value);
		}
		puts(known ? "" : line ? " this xl tells of no switches" : " xl tells nothing of it");
		free(line);
		free(*pool);
	}
	if (why || pool == pools) {
		print_harmless("sched: %s",
			       why ?: "no cpupool with the credit scheduler that xl knows of");
		putchar('\n');
	}
	free(why);
	free(pools);
}

/* Of nothing, or of one bridge, port or guest, the latter with its bridge. */
static bool is_wanted(const struct net *net, const struct device *bridge, const char *only)
{
	size_t i;

	if (!bridge->is_bridge)
		return false;
	if (!only || !strcmp(only, bridge->name))
		return true;
	for (i = 0; i < net->count; i++) {
		if (is_shown(&net->devices[i], bridge, only))
			return true;
	}
	return false;
}

static void show(const struct net *net, const struct options *options)
{
	const char *only = options->words[0];
	size_t i;

	if (options->json) {
		json_start(options->pretty);
		json_map(NULL);
		json_list("bridges");
	}
	for (i = 0; i < net->count; i++) {
		if (!is_wanted(net, &net->devices[i], only))
			continue;
		if (options->json)
			json_bridge(net, &net->devices[i], only);
		else
			show_bridge(net, &net->devices[i], only, options->statistics);
	}
	if (options->json) {
		json_list_end();
		json_sched();
		json_map_end();
		json_end();
	} else if (!only) {
		show_sched();
	}
}

/**
 * status_command - fastnet status [BRIDGE|VIF|GUEST]
 * @options: the command line
 *
 * Return: DONE, or what to end with.
 */
enum result status_command(const struct options *options)
{
	const char *only = options->words[0];
	enum result result = DONE;
	bool found = !only;
	struct net net;
	size_t i;

	if (only)
		result = say_if_more(options->words[1]);
	if (!result)
		result = net_read(&net);
	if (result)
		return result;
	if (!guards_told())
		say(DONE, GUARDS ": %s, so that nobody knows which ports lack a guard", strerror(errno));
	for (i = 0; i < net.count && !found; i++)
		found = is_wanted(&net, &net.devices[i], only);
	if (found)
		show(&net, options);
	else
		result = say(WRONG, "%s: there is no such bridge, port or guest on a bridge", only);
	net_free(&net);
	return result;
}
