/* SPDX-License-Identifier: GPL-2.0 */
/* Machines, guests and what befalls them, all from a seed. */
#ifndef HARNESS_SCENARIO_H
#define HARNESS_SCENARIO_H

#include "world.h"

struct outcome {
    uint64_t digest, decisions, affinity_broken;
    unsigned int pcpus, domains;
    bool sticky;            /* a vCPU that has just run is not taken elsewhere */
    s_time_t length, longest_wait, wasted, longest_waste;
    s_time_t ran[MAX_DOMAINS];
    unsigned int caps[MAX_DOMAINS];     /* per cent of a pCPU, or 0 */
    /* Sums of all domains' */
    struct lending lending;
    bool io_seen;
};

/* What the administrator sets. */
struct switches {
    bool io_cosched, credit_steal;
    unsigned int threshold;
};

/* For the scenarios from now on. A variant without the switches must have them off. */
void set_switches(const struct variant *variant, const struct switches *switches);

/*
 * Of steady guests nothing changes while they run, so that their shares can be compared.
 * With other luck the same guests do the same, but their bursts and pauses differ.
 */
struct outcome play(const struct variant *variant, uint64_t seed, bool steady,
                    uint64_t luck);

#endif /* HARNESS_SCENARIO_H */
