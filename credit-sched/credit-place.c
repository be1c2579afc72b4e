// SPDX-License-Identifier: GPL-2.0
/* Where a vCPU that does I/O wakes. Locking: see credit-place.h. */

#include <xen/kernel.h>

#include "credit-place.h"

/* A pCPU out of a and b, best the one where the vCPU ran last. */
static unsigned int any_of(const cpumask_t *a, const cpumask_t *b,
                           unsigned int last)
{
    cpumask_t both;

    cpumask_and(&both, a, b);

    return cpumask_test_or_cycle(last, &both);
}

unsigned int credit_place(const struct credit_place *place)
{
    cpumask_t idle;
    unsigned int cpu;

    cpumask_and(&idle, &place->allowed, place->idle);

    cpu = any_of(&idle, place->preferred, place->last);
    if ( cpu >= nr_cpu_ids )
        cpu = cpumask_test_or_cycle(place->last, &idle);
    if ( cpu >= nr_cpu_ids )
        cpu = any_of(&place->allowed, place->preferred, place->last);
    if ( cpu >= nr_cpu_ids )
        cpu = cpumask_test_or_cycle(place->last, &place->allowed);

    return cpu;
}

bool credit_may_take(unsigned int cpu, const cpumask_t *cache, bool idle)
{
    return idle || cpumask_test_cpu(cpu, cache);
}
