/* SPDX-License-Identifier: GPL-2.0 */
/* One compilation of credit.c, and what may be asked of it. */
#ifndef HARNESS_VARIANT_H
#define HARNESS_VARIANT_H

struct scheduler;
struct sched_unit;
struct domain;

/* What is in a domain's accounts; all zero in a variant that does not lend. */
struct lending {
    uint64_t cut, lent, dropped, returned;
    uint32_t pot;
};

struct variant {
    const char *name;
    const struct scheduler *sched;
    int (*credit)(const struct sched_unit *unit);
    int (*priority)(const struct sched_unit *unit);
    bool (*does_io)(const struct scheduler *ops, const struct sched_unit *unit);
    struct lending (*lending)(const struct domain *d);
};

extern const struct variant stock, patched;

/* The value of a boot parameter, which must exist, for the scenarios from now on. */
void set_param(const struct variant *variant, const char *name, int value);
int get_param(const struct variant *variant, const char *name);
bool has_param(const struct variant *variant, const char *name);

#endif /* HARNESS_VARIANT_H */
