// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domains.h"
#include "run.h"
#include "say.h"

struct domain *domains_add(struct domains *domains, const char *name, double time)
{
	struct domain *domain;

	domains->list = memory(domains->list, (domains->count + 1) * sizeof(*domain));
	domain = &domains->list[domains->count++];
	*domain = (struct domain) { .name = copy(name), .id = -1, .time = time };
	return domain;
}

/* The domain of this name, or NULL. */
const struct domain *domains_find(const struct domains *domains, const char *name)
{
	size_t i;

	for (i = 0; i < domains->count; i++) {
		if (!strcmp(domains->list[i].name, name))
			return &domains->list[i];
	}
	return NULL;
}

/**
 * domains_row - read a row of a table whose first column is a domain's name
 * @line: the row
 * @name: the name, for the caller to free; it may have anything in it, so that it ends at the
 *	  last blank behind which the other columns fit
 * @count: how many of those are wanted
 * @others: those, as for sscanf()
 *
 * Return: whether it is one.
 */
bool domains_row(const char *line, char **name, int count, const char *others, ...)
{
	const char *end;
	va_list wanted;
	int read = 0;

	line += strspn(line, " ");
	for (end = line + strlen(line); end > line && read != count;) {
		if (*--end != ' ')
			continue;
		va_start(wanted, others);
		read = vsscanf(end, others, wanted);
		va_end(wanted);
	}
	if (read != count)
		return false;
	while (end > line && end[-1] == ' ')
		end--;
	*name = text("%.*s", (int)(end - line), line);
	return true;
}

static void parse(struct domains *domains, char *list)
{
	char *line, *name;
	double seconds;
	int id;

	while ((line = strsep(&list, "\n"))) {
		if (!domains_row(line, &name, 2, "%d %*d %*d %*6[-a-zA-Z?] %lf", &id, &seconds))
			continue;
		domains_add(domains, name, seconds)->id = id;
		free(name);
	}
}

/**
 * domains_read - ask xl for the seconds of processors that each domain has had until now
 * @domains: what is found, for domains_free()
 *
 * Return: NULL, or why there is not even dom0 among them, to be freed.
 */
char *domains_read(struct domains *domains)
{
	char *const argv[] = { "xl", "list", NULL };
	struct output output;
	char *why = NULL;

	run(&output, argv);
	parse(domains, output.out);
	if (output.status == 127)
		why = copy("xl is not in PATH; install xen-utils-common");
	else if (!domains_find(domains, DOM0))
		why = text("xl list: %s; be root in a dom0",
			   *output.err ? output.err : "it tells nothing of " DOM0);
	output_free(&output);
	return why;
}

/* What dom0 has had, or all others. */
double domains_time(const struct domains *domains, bool dom0)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < domains->count; i++) {
		if (!strcmp(domains->list[i].name, DOM0) == dom0)
			sum += domains->list[i].time;
	}
	return sum;
}

void domains_free(struct domains *domains)
{
	while (domains->count)
		free(domains->list[--domains->count].name);
	free(domains->list);
	domains->list = NULL;
}
