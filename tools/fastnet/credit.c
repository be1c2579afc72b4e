// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "domains.h"
#include "run.h"
#include "credit.h"
#include "setting.h"
#include "sysfs.h"

/* Why xl has failed, to be freed. */
static char *trouble(const struct output *output, const char *command, const char *pool)
{
	if (output->status == 127)
		return copy("xl is not in PATH; install xen-utils-common");
	return text("xl %s%s: %s", command, pool, *output->err ? output->err : "failed");
}

#define ASK "sched-credit -s -p "

static enum result complain(const struct output *output, const char *pool)
{
	char *why = trouble(output, ASK, pool);
	enum result result = say(output->status == 127 ? WRONG : REFUSED, "%s", why);

	free(why);
	return result;
}

static void ask(struct output *output, const char *pool)
{
	char *const argv[] = { "xl", "sched-credit", "-s", "-p", (char *)pool, NULL };

	run(output, argv);
}

/**
 * sched_line - what xl says of a pool's credit scheduler
 * @pool: the cpupool
 *
 * Return: it, for the caller to free, or NULL: no xl, another scheduler.
 */
char *sched_line(const char *pool)
{
	struct output output;
	char *line = NULL;

	ask(&output, pool);
	if (!output.status)
		line = copy(output.out);
	output_free(&output);
	return line;
}

/**
 * sched_value - what is behind KEY=
 * @line: what xl has said
 * @key: the name
 *
 * Return: it, for the caller to free, or NULL.
 */
char *sched_value(const char *line, const char *key)
{
	char *wanted = text(" %s=", key);
	const char *values = strrchr(line, ':');	/* before it is the pool's name */
	const char *found = values ? strstr(values, wanted) : NULL;
	char *value = NULL;

	if (found) {
		found += strlen(wanted);
		value = text("%.*s", (int)strcspn(found, " \n"), found);
	}
	free(wanted);
	return value;
}

/**
 * sched_read - what a setting is now
 * @pool: the cpupool
 * @key: the setting
 * @value: what it is, for the caller to free
 *
 * Return: DONE, or what to end with.
 */
enum result sched_read(const char *pool, const char *key, char **value)
{
	enum result result = DONE;
	struct output output;

	ask(&output, pool);
	if (output.status) {
		result = complain(&output, pool);
	} else {
		*value = sched_value(output.out, key);
		if (!*value)
			result = say(WRONG, "xl knows no %s in %s; it takes a hypervisor and an xl with the kit's patches",
				     key, pool);
	}
	output_free(&output);
	return result;
}

/**
 * sched_make - set one setting
 * @pool: the cpupool
 * @assignment: KEY=VALUE
 *
 * Return: 0, or -1 having said what is wrong.
 */
int sched_make(const char *pool, const char *assignment)
{
	char *option = text("--%s", assignment);
	char *const argv[] = { "xl", "sched-credit", "-s", "-p", (char *)pool, option, NULL };
	struct output output;
	int status;

	run(&output, argv);
	status = output.status;
	if (status)
		say(REFUSED, "%s: %s is refused: %s", pool, assignment,
		    *output.err ? output.err : "xl has failed");
	output_free(&output);
	free(option);
	return status ? -1 : 0;
}

/* Elsewhere it is no fault that xl knows nothing. */
static bool is_dom0(void)
{
	char *features = attribute_read("/sys/hypervisor/properties/features");
	bool is = features && strtoull(features, NULL, 16) & 1 << 11;	/* XENFEAT_dom0 */

	free(features);
	return is;
}

/*
 * The name may have anything in it; domains_row() takes away the blanks that it begins with, and those
 * that it ends with look like what fills it up. The number of its processors takes three characters
 * behind that: a longer number may be the end of a long name.
 */
static bool pool_row(const char *row, char **name, char scheduler[10])
{
	unsigned int domains, digits = 0;
	char *end;

	if (*row == ' ' || !domains_row(row, name, 2, " %9s y %u", scheduler, &domains))
		return false;
	for (end = *name + strlen(*name); end > *name && end[-1] >= '0' && end[-1] <= '9'; end--)
		digits++;
	if (!digits || digits > 3 || end == *name || (digits < 3 && end[-1] != ' ')) {
		free(*name);
		return false;
	}
	while (end[-1] == ' ')
		end--;
	*end = '\0';
	return true;
}

static bool is_among(char **names, size_t count, const char *name)
{
	while (count) {
		if (!strcmp(names[--count], name))
			return true;
	}
	return false;
}

static void not_clear(char **why, const char *row)
{
	free(*why);
	*why = text("xl cpupool-list: this makes no sense: %s", row);
}

/**
 * sched_pools - the cpupools that have the credit scheduler
 * @why: why xl cannot tell of all, although this is a dom0, to be freed; or NULL
 *
 * Return: their names, the last one NULL; for the caller to free, each and all.
 */
char **sched_pools(char **why)
{
	char *const argv[] = { "xl", "cpupool-list", NULL };
	char **pools = memory(NULL, sizeof(*pools)), *rest, *line, *name, scheduler[10];
	struct output output;
	size_t count = 0;

	run(&output, argv);
	*why = output.status && is_dom0() ? trouble(&output, argv[1], "") : NULL;
	rest = output.status ? NULL : output.out;
	strsep(&rest, "\n");	/* the heading */
	while ((line = strsep(&rest, "\n"))) {
		if (!*line)
			continue;
		if (!pool_row(line, &name, scheduler)) {
			not_clear(why, line);
			continue;
		}
		if (strcmp(scheduler, "credit")) {
			free(name);
		} else if (is_among(pools, count, name)) {
			not_clear(why, line);
			free(name);
		} else {
			pools = memory(pools, (count + 2) * sizeof(*pools));
			pools[count++] = name;
		}
	}
	output_free(&output);
	pools[count] = NULL;
	return pools;
}

/* As sched_untold(), of a pool that is there. */
static char *silence(const char *pool)
{
	char *value = NULL, *why = NULL;
	struct output output;

	ask(&output, pool);
	if (output.status)
		why = trouble(&output, ASK, pool);
	else
		value = sched_value(output.out, settings(OBJECT_SCHED)->name);
	if (!why && !value)
		why = copy("this xl tells nothing of it");
	output_free(&output);
	free(value);
	return why;
}

/**
 * sched_untold - may a pool have settings of which xl says nothing?
 * @pool: the cpupool
 *
 * A hypervisor that has them does not say so to an xl that does not know them.
 *
 * Return: why, to be freed, or NULL: xl tells of them, or there is no such scheduler.
 */
char *sched_untold(const char *pool)
{
	char *why, **pools = sched_pools(&why), **each;
	bool is = false;

	for (each = pools; *each; each++) {
		is |= !strcmp(*each, pool);
		free(*each);
	}
	free(pools);
	if (!is)
		return why;
	free(why);
	return silence(pool);
}
