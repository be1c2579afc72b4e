/* SPDX-License-Identifier: GPL-2.0 */
/* Xen's credit scheduler, through xl. */
#ifndef FASTNET_CREDIT_H
#define FASTNET_CREDIT_H

#include <stddef.h>

#include "say.h"

#define SCHED_POOL "Pool-0"

enum result sched_read(const char *pool, const char *key, char **value);
int sched_make(const char *pool, const char *assignment);
char **sched_pools(char **why);
char *sched_untold(const char *pool);
char *sched_line(const char *pool);
char *sched_value(const char *line, const char *key);

#endif /* FASTNET_CREDIT_H */
