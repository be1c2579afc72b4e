// SPDX-License-Identifier: GPL-2.0
/*
 * Prints the processor time that each domain has had, idle excluded, in nanoseconds: one
 * line "NAME NANOSECONDS" a domain. Under --count a nanosecond is an instruction, and xl
 * shows no more than tenths of a second.
 *
 * domtime FILE... prints a line "FILE NUMBER" for each, too: what the file, a counter, holds
 * at the same time.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xenctrl.h>
#include <xenstore.h>

enum { MAX_DOMAINS = 256, MAX_FILES = 256 };

struct counter {
	int fd;
	char text[32];
};

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

/* Of a counter's file, the line in it. */
static int read_counter(struct counter *counter)
{
	ssize_t length = read(counter->fd, counter->text, sizeof(counter->text) - 1);

	if (length <= 0)
		return -1;
	counter->text[strcspn(counter->text, "\n")] = '\0';
	return 0;
}

int main(int argc, char **argv)
{
	static xc_dominfo_t domains[MAX_DOMAINS];
	static struct counter counters[MAX_FILES];
	xc_interface *xc = xc_interface_open(NULL, NULL, 0);
	struct xs_handle *xs = xs_open(0);
	char **files = argv + 1;
	int failed = -1;
	int count;

	if (!xc || !xs) {
		fprintf(stderr, "domtime: cannot reach Xen: %s\n", strerror(errno));
		return 1;
	}
	if (argc - 1 > MAX_FILES) {
		fprintf(stderr, "domtime: more than %d files\n", MAX_FILES);
		return 1;
	}
	for (int i = 0; files[i]; i++)
		counters[i].fd = open(files[i], O_RDONLY);

	/* Nothing else stands between the times and the counters. */
	count = xc_domain_getinfo(xc, 0, MAX_DOMAINS, domains);
	for (int i = 0; files[i]; i++)
		if (read_counter(&counters[i]))
			failed = i;

	if (count < 0) {
		fprintf(stderr, "domtime: %s\n", strerror(errno));
		return 1;
	}
	if (failed >= 0) {
		fprintf(stderr, "domtime: cannot read %s\n", files[failed]);
		return 1;
	}
	for (int i = 0; i < count; i++)
		print_domain(xs, &domains[i]);
	for (int i = 0; files[i]; i++)
		printf("%s %s\n", files[i], counters[i].text);
	return 0;
}
