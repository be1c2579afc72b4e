// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "run.h"
#include "credit.h"

static enum result complain(const struct output *output, const char *pool)
{
	if (output->status == 127)
		return say(WRONG, "xl is not in PATH; install xen-utils-common");
	return say(REFUSED, "xl sched-credit -s -p %s: %s", pool,
		   *output->err ? output->err : "failed");
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
	const char *found = strstr(line, wanted);
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

/**
 * sched_pools - the cpupools that have the credit scheduler
 *
 * Return: their names, the last one NULL; for the caller to free, each and all.
 */
char **sched_pools(void)
{
	char *const argv[] = { "xl", "cpupool-list", NULL };
	char **pools = memory(NULL, sizeof(*pools)), *rest, *line, *word;
	struct output output;
	size_t count = 0;

	run(&output, argv);
	rest = output.status ? NULL : output.out;
	while ((line = strsep(&rest, "\n"))) {
		word = strtok(line, " \t");
		if (!word)
			continue;
		pools = memory(pools, (count + 2) * sizeof(*pools));
		pools[count] = copy(word);
		word = strtok(NULL, " \t");
		word = word ? strtok(NULL, " \t") : NULL;
		if (word && !strcmp(word, "credit"))
			count++;
		else
			free(pools[count]);
	}
	output_free(&output);
	pools[count] = NULL;
	return pools;
}
