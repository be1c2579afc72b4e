/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where a vCPU that does I/O wakes: on a pCPU that shares the last-level cache
 * with the one that the vCPU which boosted it runs on.
 *
 * An idle pCPU comes before a busy one, even one that the vCPU only may, but
 * does not prefer to run on; the pCPU where it ran last comes before others.
 * The booster's own pCPU is no place: there they would take turns.
 *
 * Locking: none here. The masks are the caller's; idle pCPUs may cease to be
 * that.
 */
#ifndef XEN_SCHED_CREDIT_PLACE_H
#define XEN_SCHED_CREDIT_PLACE_H

#include <xen/cpumask.h>

struct credit_place {
    cpumask_t allowed;          /* pCPUs to choose from */
    const cpumask_t *preferred; /* its soft affinity */
    const cpumask_t *idle;
    unsigned int last;          /* where it ran last */
};

/* One of the allowed pCPUs, or nr_cpu_ids if there is none. */
unsigned int credit_place(const struct credit_place *place);

/*
 * Whether credit_place() would choose the pCPU where the vCPU ran last, which
 * it is allowed to run on, out of those of the cache but avoid; answered
 * without masks being made, because it is so most often, and inline, because
 * it is asked at every wake-up.
 */
static inline bool credit_stays(unsigned int last, unsigned int avoid,
                                const cpumask_t *cache,
                                const cpumask_t *preferred,
                                const cpumask_t *idle)
{
    return last != avoid && cpumask_test_cpu(last, idle) &&
           cpumask_test_cpu(last, cache) && cpumask_test_cpu(last, preferred);
}

/*
 * May a pCPU that looks for work take a vCPU that does I/O? From another cache
 * it takes it only if it has nothing to do otherwise: no pCPU idles while
 * there is work.
 */
bool credit_may_take(unsigned int cpu, const cpumask_t *cache, bool idle);

#endif /* XEN_SCHED_CREDIT_PLACE_H */

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
