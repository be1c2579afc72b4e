/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a packet costs in the model: the inputs, each with its source, and what follows from
 * them. Nothing here was chosen by looking at what the model says.
 */
#ifndef HARNESS_COSTS_H
#define HARNESS_COSTS_H

#include "world.h"

/*
 * What lies in another cache is missed. Both copy a packet's lines: dom0 writes them into
 * the guest's memory, the guest reads them. In the second set only the guest's cost depends
 * on the caches.
 */
struct cost_set {
    const char *name;
    bool dom0_misses, guest_misses;
};

enum { COSTS_BOTH, COSTS_GUEST, COSTS_EQUAL, COST_SETS };
extern const struct cost_set cost_sets[COST_SETS];

/* Of a packet, in nanoseconds: in one cache, and what another cache adds. */
struct costs {
    s_time_t dom0, dom0_far, guest, guest_far;
};

/* A packet's payload, of messages of this size; small ones are not put together. */
unsigned int payload(unsigned int message_size);
struct costs costs_of(const struct cost_set *set, unsigned int message_size);
/* Of a vCPU that idles. */
s_time_t tick_cost(void);
s_time_t tick_period(void);
/* Packets in flight. */
unsigned int costs_window(void);
void print_costs(void);

#endif /* HARNESS_COSTS_H */
