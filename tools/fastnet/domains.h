/* SPDX-License-Identifier: GPL-2.0 */
/* Xen's domains and their processor time. */
#ifndef FASTNET_DOMAINS_H
#define FASTNET_DOMAINS_H

#include <stdbool.h>
#include <stddef.h>

#define DOM0 "Domain-0"

/**
 * struct domain - one of them
 * @name: its name
 * @id: its number, -1 if the tool does not say it
 * @time: what it has had of processors, in what the tool says it in
 * @earlier: that is of the tool's first look
 */
struct domain {
	char *name;
	int id;
	double time;
	bool earlier;
};

struct domains {
	struct domain *list;
	size_t count;
};

struct domain *domains_add(struct domains *domains, const char *name, double time);
const struct domain *domains_find(const struct domains *domains, const char *name);
bool domains_row(const char *line, char **name, int count, const char *others, ...)
	__attribute__((format(scanf, 4, 5)));
char *domains_read(struct domains *domains);
double domains_time(const struct domains *domains, bool dom0);
void domains_free(struct domains *domains);

#endif /* FASTNET_DOMAINS_H */
