// SPDX-License-Identifier: GPL-2.0
/*
 * A budget of time: of any second, one per cent at most. It holds half of that and gets half
 * of it again in a second, so that who has spent nothing for long, and then spends all there
 * is and what comes in, is still within it.
 *
 * All that is kept of it is when it will be full again, which each nanosecond spent puts off
 * by what it takes to earn one. Who has spent more than there was earns that first.
 *
 * Locking: its owner's.
 */
#include "budget.h"

#include <linux/minmax.h>
#include <linux/time64.h>

/* Nanoseconds in which one is earned; and how long it takes to earn all. */
#define BUDGET_EARNED_IN	200
#define BUDGET_FULL_IN		NSEC_PER_SEC

/**
 * xenvif_budget_affords - is there so much left?
 * @budget: the budget
 * @now: the time, of ktime_get_ns()
 * @ns: nanoseconds to be spent
 */
bool xenvif_budget_affords(const struct xenvif_budget *budget, u64 now, u64 ns)
{
	return max(budget->full_at, now) + ns * BUDGET_EARNED_IN <=
	       now + BUDGET_FULL_IN;
}

/**
 * xenvif_budget_charge - so much has been spent, or will be
 * @budget: the budget
 * @now: the time, of ktime_get_ns()
 * @ns: nanoseconds
 */
void xenvif_budget_charge(struct xenvif_budget *budget, u64 now, u64 ns)
{
	budget->full_at = max(budget->full_at, now) + ns * BUDGET_EARNED_IN;
}
