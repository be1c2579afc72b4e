/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which vCPUs do I/O: those that boost one of another domain, or are boosted
 * by one, more than threshold times in a time slice. Within a domain vCPUs
 * wake each other for reasons of their own.
 *
 * A vCPU is one as soon as it is over the threshold, and remains one while the
 * slices' numbers of boosts, halved with each slice that is past, are. What a
 * slice leaves behind is limited, so that a vCPU which stops stops being one
 * CREDIT_IO_MEMORY slices later.
 *
 * Locking: none here. A vCPU's record is written by the pCPU that runs it,
 * when it boosts, and under the lock of its run queue when it is boosted,
 * which is never while it runs. Elsewhere it is read without a lock: a wrong
 * answer costs a placement, nothing else.
 */
#ifndef XEN_SCHED_CREDIT_IO_H
#define XEN_SCHED_CREDIT_IO_H

#include <xen/types.h>

#define CREDIT_IO_THRESHOLD_DEFAULT     150
#define CREDIT_IO_THRESHOLD_MIN         1
#define CREDIT_IO_THRESHOLD_MAX         1000000
#define CREDIT_IO_MEMORY                3

struct credit_io {
    uint32_t slice;     /* the number of the one that boosts are of */
    uint32_t boosts;
    uint32_t before;    /* what the slices before left behind */
    unsigned int cpu;   /* where the other vCPU of the last boost ran */
};

/* Another boost; the other vCPU runs, or will run, on pCPU cpu. */
void credit_io_boost(struct credit_io *io, uint32_t slice, uint32_t threshold,
                     unsigned int cpu);

bool credit_io_is(const struct credit_io *io, uint32_t slice,
                  uint32_t threshold);

#endif /* XEN_SCHED_CREDIT_IO_H */

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
