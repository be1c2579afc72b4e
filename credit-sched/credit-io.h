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
/* How often in a slice a vCPU finds no place in its cache until it leaves that. */
#define CREDIT_IO_CROWDED               4

struct credit_io {
    uint32_t slice;     /* the number of the one that boosts are of */
    uint32_t boosts;
    uint32_t before;    /* what the slices before left behind */
    unsigned int cpu;   /* where the other vCPU of the last boost ran */
    uint32_t crowded;   /* how often there was no place in this slice */
};

/* What the slices before slice leave behind. */
uint32_t credit_io_before(const struct credit_io *io, uint32_t slice,
                          uint32_t threshold);

/* A new slice begins. */
void credit_io_turn(struct credit_io *io, uint32_t slice, uint32_t threshold);

/*
 * Another boost; the other vCPU runs, or will run, on pCPU cpu. This and the
 * next are of every wake-up, so they are inline, and nothing minds that 2^32
 * boosts do not fit: a slice has no time for them.
 */
static inline void credit_io_boost(struct credit_io *io, uint32_t slice,
                                   uint32_t threshold, unsigned int cpu)
{
    if ( slice != io->slice )
        credit_io_turn(io, slice, threshold);
    io->boosts++;
    io->cpu = cpu;
}

/*
 * There is no place in the cache. Leave it? Once in a slice at most: more pairs
 * than there is room for are not to chase each other from cache to cache.
 */
static inline bool credit_io_leaves(struct credit_io *io)
{
    return ++io->crowded == CREDIT_IO_CROWDED;
}

static inline bool credit_io_is(const struct credit_io *io, uint32_t slice,
                                uint32_t threshold)
{
    if ( slice == io->slice )
        return io->boosts > threshold || io->before > threshold;

    return slice - io->slice <= CREDIT_IO_MEMORY &&
           credit_io_before(io, slice, threshold) > threshold;
}

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
