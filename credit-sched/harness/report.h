/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HARNESS_REPORT_H
#define HARNESS_REPORT_H

#include "scenario.h"

struct load {
    unsigned int pairs, dom0_vcpus, hogs, ratelimit_us, threshold;
    s_time_t gap, process, consume, far_cost, length;
};

/* A table: stock, and patched with each of the switches and both; means of some runs. */
void report_load(const struct load *load, unsigned int runs, uint64_t seed);

/*
 * With both switches the pairs share a cache for 95 % of their time, and the worst per cent
 * of the wake-ups takes half as long as in stock, at most.
 */
bool report_holds(const struct load *load, unsigned int runs, uint64_t seed);

/* One run in one mode, as the table names it: the number of the scheduler's decisions. */
bool report_decisions(const struct load *load, const char *mode, uint64_t seed);

#endif /* HARNESS_REPORT_H */
