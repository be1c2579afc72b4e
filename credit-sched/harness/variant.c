// SPDX-License-Identifier: GPL-2.0
/* Compiled with VARIANT, its name in quotes, and the folder of its source in the path. */
#include "credit.c"
#include "variant.h"

static int credit(const struct sched_unit *unit)
{
    return atomic_read(&CSCHED_UNIT(unit)->credit);
}

static int priority(const struct sched_unit *unit)
{
    return CSCHED_UNIT(unit)->pri;
}

#ifdef WITH_POLICY
static bool does_io(const struct scheduler *ops, const struct sched_unit *unit)
{
    return csched_does_io(CSCHED_PRIV(ops), CSCHED_UNIT(unit));
}

static struct lending lending(const struct domain *d)
{
    const struct credit_pot *pot = &CSCHED_DOM(d)->pot;

    return (struct lending){ pot->cut, pot->lent, pot->dropped, pot->returned,
                             pot->credit };
}
#else
static bool does_io(const struct scheduler *ops, const struct sched_unit *unit)
{
    return false;
}

static struct lending lending(const struct domain *d)
{
    return (struct lending){ 0 };
}
#endif

const struct variant VARIANT = {
    .name = VARIANT_NAME,
    .sched = &sched_credit_def,
    .credit = credit,
    .priority = priority,
    .does_io = does_io,
    .lending = lending,
};
