// SPDX-License-Identifier: GPL-2.0
/*
 * Prints the processor time that each domain has had, idle excluded, in nanoseconds: one
 * line "NAME NANOSECONDS" a domain. Under --count a nanosecond is an instruction, and xl
 * shows no more than tenths of a second.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xenctrl.h>
#include <xenstore.h>

enum { MAX_DOMAINS = 256 };

static void print_domain(struct xs_handle *xs, const xc_dominfo_t *domain)
{
	char path[64];
	unsigned int length;
	char *name;

	snprintf(path, sizeof(path), "/local/domain/%" PRIu32 "/name", domain->domid);
	name = xs_read(xs, XBT_NULL, path, &length);
	printf("%s %" PRIu64 "\n", name ? name : "?", domain->cpu_time);
	free(name);
}

int main(void)
{
	static xc_dominfo_t domains[MAX_DOMAINS];
	xc_interface *xc = xc_interface_open(NULL, NULL, 0);
	struct xs_handle *xs = xs_open(0);
	int count;

	if (!xc || !xs) {
		fprintf(stderr, "domtime: cannot reach Xen: %s\n", strerror(errno));
		return 1;
	}
	count = xc_domain_getinfo(xc, 0, MAX_DOMAINS, domains);
	if (count < 0) {
		fprintf(stderr, "domtime: %s\n", strerror(errno));
		return 1;
	}
	for (int i = 0; i < count; i++)
		print_domain(xs, &domains[i]);
	return 0;
}
