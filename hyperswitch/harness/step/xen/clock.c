/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Xen's clock, which stands still until it is set: what is counted takes its
 * time, and is not to be given up for that. It is read as ever, with the scale
 * of a counter of 2 to 4 GHz but for the factor, which is 0.
 */
#include "../arch/x86/time.c"

#include "bed.h"

void step_clock_set(s_time_t now)
{
    struct cpu_time *t = &this_cpu(cpu_time);

    t->stamp.local_stime = now;
    t->tsc_scale.shift = -1;
    t->tsc_scale.mul_frac = 0;
}
