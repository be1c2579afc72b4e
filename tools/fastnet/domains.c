// SPDX-License-Identifier: GPL-2.0
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
	snprintf(domain->name, sizeof(domain->name), "%s", name);
	domain->id = -1;
	domain->time = time;
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

static void parse(struct domains *domains, char *list)
{
	char *line, name[64];
	double seconds;
	int id;

	while ((line = strsep(&list, "\n"))) {
		if (sscanf(line, "%63s %d %*d %*d %*s %lf", name, &id, &seconds) == 3)
			domains_add(domains, name, seconds)->id = id;
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
	free(domains->list);
	domains->list = NULL;
	domains->count = 0;
}
