/* SPDX-License-Identifier: GPL-2.0 */
/* What dom0 and the guests have called Xen for, by xentrace. */
#ifndef FASTNET_HYPERCALLS_H
#define FASTNET_HYPERCALLS_H

#include <stdbool.h>

enum { HYPERCALLS_MAX = 64 };

/**
 * struct hypercalls - how often each was called
 * @dom0: by dom0, by their numbers
 * @guests: by all other domains
 * @lost: records that xentrace could not keep up with
 */
struct hypercalls {
	unsigned long dom0[HYPERCALLS_MAX];
	unsigned long guests[HYPERCALLS_MAX];
	unsigned long lost;
};

bool hypercalls_count(struct hypercalls *hypercalls, int seconds);
const char *hypercall_name(int number);

#endif /* FASTNET_HYPERCALLS_H */
