// SPDX-License-Identifier: GPL-2.0
/* guard: from which addresses a port may send. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "options.h"
#include "plan.h"
#include "sysfs.h"

enum kind { KIND_MAC, KIND_IPV4, KIND_IPV6, KINDS };

static const char *const kinds[] = { "mac", "ipv4", "ipv6" };

static const char *const switches[] = {
	"guard", "guard_no_dhcp_server", "guard_no_router", "guard_ip_only", NULL
};

static char *file_of(const char *port, const char *name)
{
	return text(NET "%s/fastbridge_port/%s", port, name);
}

static bool is_mac(const char *word)
{
	unsigned int byte;
	int at, i;

	for (i = 0; i < 6; i++) {
		at = 0;
		if (sscanf(word, "%2x%n", &byte, &at) != 1 || at != 2 ||
		    word[2] != (i < 5 ? ':' : '\0'))
			return false;
		word += 3;
	}
	return true;
}

/* The length of a network, up to so many bits; the kernel minds what is behind it. */
static bool is_length(const char *word, unsigned long bits)
{
	char *end;

	return *word >= '0' && *word <= '9' && strtoul(word, &end, 10) <= bits && !*end;
}

/* KINDS if it is no address at all, nor a network. */
static enum kind kind_of(const char *word)
{
	char *address = copy(word), *length = strchr(address, '/');
	enum kind kind = KINDS;
	struct in6_addr binary;

	if (length)
		*length++ = '\0';
	if (is_mac(word))
		kind = KIND_MAC;
	else if (inet_pton(AF_INET, address, &binary) == 1 &&
		 (!length || is_length(length, 32)))
		kind = KIND_IPV4;
	else if (inet_pton(AF_INET6, address, &binary) == 1 &&
		 (!length || is_length(length, 128)))
		kind = KIND_IPV6;
	free(address);
	return kind;
}

/* LIST, or nothing, with one word more, signed. */
static char *appended(char *list, char sign, const char *word)
{
	char *longer = text("%s%s%c%s", list ?: "", list ? " " : "", sign, word);

	free(list);
	return longer;
}

/* A write takes less than a page. */
#define WRITE_LENGTH 4000

static void plan_write(struct plan *plan, const char *path, char *value, char *undo)
{
	changes_add(&plan->changes, path, value)->undo = undo;
	free(value);
}

/* By few writes, each with what takes it back. */
static void plan_kind(struct plan *plan, const char *port, enum kind kind, char sign,
		      char *const words[])
{
	char *name = text("guard_%s", kinds[kind]), *path = file_of(port, name);
	const char back = sign == '+' ? '-' : '+';
	char *value = NULL, *undo = NULL;

	for (; *words; words++) {
		if (kind_of(*words) != kind)
			continue;
		if (value && strlen(value) + strlen(*words) > WRITE_LENGTH) {
			plan_write(plan, path, value, undo);
			value = NULL;
			undo = NULL;
		}
		value = appended(value, sign, *words);
		undo = appended(undo, back, *words);
	}
	if (value)
		plan_write(plan, path, value, undo);
	free(path);
	free(name);
}

static enum result plan_addresses(struct plan *plan, const char *port, char sign,
				  char *const words[])
{
	char *const *word;
	enum kind kind;

	if (!*words)
		return say(WRONG, "which addresses? See --help");
	for (word = words; *word; word++) {
		if (kind_of(*word) == KINDS)
			return say(WRONG, "'%s' is neither a MAC, an IPv4 nor an IPv6 address, "
				   "nor a network", *word);
	}
	for (kind = KIND_MAC; kind < KINDS; kind++)
		plan_kind(plan, port, kind, sign, words);
	return DONE;
}

static void plan_switch(struct plan *plan, const char *port, const char *value)
{
	char *path = file_of(port, "guard");

	changes_add(&plan->changes, path, value);
	free(path);
}

static enum result plan_words(struct plan *plan, const char *port, char *const words[])
{
	if (!strcmp(*words, "add") || !strcmp(*words, "del"))
		return plan_addresses(plan, port, **words == 'a' ? '+' : '-', words + 1);
	if (words[1])
		return say_if_more(words[1]);
	if (strcmp(*words, "on") && strcmp(*words, "off"))
		return say(WRONG, "expected show, on, off, add or del, not '%s'", *words);
	plan_switch(plan, port, strcmp(*words, "on") ? "0" : "1");
	return DONE;
}

static void show_list(const struct options *options, const char *port, const char *name)
{
	char *path = file_of(port, name), *value = attribute_read(path), *rest = value, *word;

	if (options->json)
		json_list(name);
	/* The kernel makes them all as long. */
	while ((word = strsep(&rest, " \n"))) {
		if (!*word)
			continue;
		if (options->json)
			json_string(NULL, word);
		else
			printf("  %s %s\n", name + strlen("guard_"), word);
	}
	if (options->json)
		json_list_end();
	free(value);
	free(path);
}

static void show_switch(const struct options *options, const char *port, const char *name)
{
	char *path = file_of(port, name), *value = attribute_read(path);

	if (options->json)
		json_string(name, value ?: "");
	else
		printf("%s%s %s", name == switches[0] ? "" : ", ", name,
		       value && !strcmp(value, "1") ? "on" : "off");
	free(value);
	free(path);
}

static void show(const struct options *options, const char *port)
{
	char *stats = file_of(port, "stats");
	uint64_t drops = attribute_number(stats, "guard_drops");
	const char *const *name;
	enum kind kind;
	char *list;

	if (options->json) {
		json_start(options->pretty);
		json_map(NULL);
		json_string("port", port);
	} else {
		printf("%s: ", port);
	}
	for (name = switches; *name; name++)
		show_switch(options, port, *name);
	if (options->json)
		json_number("guard_drops", drops);
	else
		printf(", %llu dropped\n", (unsigned long long)drops);
	for (kind = KIND_MAC; kind < KINDS; kind++) {
		list = text("guard_%s", kinds[kind]);
		show_list(options, port, list);
		free(list);
	}
	if (options->json) {
		json_map_end();
		json_end();
	}
	free(stats);
}

static enum result need_port(struct plan *plan, const char *port)
{
	const struct device *device = net_find(&plan->net, port);
	enum result result;
	char *path;

	if (!device || !net_bridge_of(&plan->net, device))
		return say(WRONG, "%s: there is no such bridge port; 'bridge link' lists them", port);
	result = plan_need_fastbridge(plan);
	if (result)
		return result;
	path = file_of(port, "guard");
	if (!is_there(path))
		result = say(WRONG, "%s: fastbridge does not know this port", path);
	free(path);
	return result;
}

static bool shows(char *const *words)
{
	return !words[1] || (!strcmp(words[1], "show") && !words[2]);
}

/**
 * guard_command - fastnet guard PORT show|on|off|add|del
 * @options: the command line
 *
 * Return: DONE, or what to end with.
 */
enum result guard_command(const struct options *options)
{
	char *const *words = options->words;
	const char *port = words[0];
	struct plan plan = { };
	enum result result;

	if (!port)
		return say(WRONG, "which port? See --help");
	plan.load = !options->dry_run && !shows(words);
	result = plan_start(&plan);
	if (!result)
		result = need_port(&plan, port);
	if (!result && shows(words))
		show(options, port);
	else if (!result)
		result = plan_words(&plan, port, words + 1);
	if (!result)
		result = changes_make(&plan.changes, options->dry_run);
	if (!result)
		changes_show(&plan.changes);
	plan_end(&plan);
	return result;
}
