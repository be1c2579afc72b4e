/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a domain's idle vCPUs lend to those of its vCPUs that do I/O.
 *
 * The rule is Steal = Credit(idle vCPUs) / (2 * I/O vCPUs): an idle vCPU loses
 * half of its credit, and the I/O vCPUs get equal parts of it, for an
 * accounting period. Here the vCPUs that idle are those that have gathered
 * more credit than they can use in a period. The scheduler takes such a vCPU
 * off its active list, where it earns nothing from then on and counts no more
 * in its domain's weight, and halves what it has: the other half is thrown
 * away. That half is what is lent, instead. So
 *
 *  - an idle vCPU has what it has without lending, and loses nothing when it
 *    wakes;
 *  - a domain earns what it earns without lending, by its weight and under its
 *    cap, and no other domain has less credit for it: only what a domain
 *    earned and did not use moves;
 *  - a vCPU that stays idle for good lends once. Those that wake now and then,
 *    to a tick or two, earn again, and lend again. It is they who take credit
 *    from dom0's busy vCPU.
 *
 * An I/O vCPU is lent what it lacks: it is not to come after all others for
 * having used its share, but neither to gather credit, or else feigning I/O
 * would be worth while. What is not lent in the next accounting is thrown
 * away, as without lending. A vCPU that does no I/O any more gives back what
 * it has left of what was lent.
 *
 * Always: cut + returned == lent + dropped + credit.
 *
 * Locking: a domain's pot, and what a vCPU has borrowed, are written in the
 * accounting alone, under the scheduler's private lock.
 */
#ifndef XEN_SCHED_CREDIT_LEND_H
#define XEN_SCHED_CREDIT_LEND_H

#include <xen/types.h>

struct credit_pot {
    uint32_t credit;    /* to be lent in the next accounting */
    uint32_t left;      /* of it in this one */
    /* All that ever */
    uint64_t cut;       /* was taken from vCPUs that went idle */
    uint64_t lent;      /* was lent, */
    uint64_t returned;  /* was given back of it, */
    uint64_t dropped;   /* and found no borrower. */
};

/* A vCPU has gone idle and lost this much. */
void credit_lend_cut(struct credit_pot *pot, uint32_t credit);

/*
 * An accounting begins for a domain with so many vCPUs that do I/O: the part
 * of each.
 */
uint32_t credit_lend_begin(struct credit_pot *pot, unsigned int borrowers);

/*
 * What of its part a vCPU gets that has this much credit: what it lacks, no
 * more.
 */
uint32_t credit_lend(struct credit_pot *pot, uint32_t part, int credit);

/*
 * What a vCPU that has this much credit still has of what it borrowed: it
 * spends it last.
 */
uint32_t credit_lend_unspent(uint32_t borrowed, int credit);

/*
 * A vCPU gives back what it has not spent, for others to borrow in the next
 * accounting.
 */
void credit_lend_return(struct credit_pot *pot, uint32_t unspent);

/* The accounting ends: what is left is thrown away. */
void credit_lend_end(struct credit_pot *pot);

#endif /* XEN_SCHED_CREDIT_LEND_H */

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
