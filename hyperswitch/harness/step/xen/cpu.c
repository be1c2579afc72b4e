/* SPDX-License-Identifier: GPL-2.0 */
/* The only pCPU. What it runs is in the middle of a hypercall at all times. */
#include <xen/softirq.h>
#include <xen/timer.h>

#include "bed.h"

static s_time_t now = SECONDS(1);

/* Timers have to be there. */
void step_cpu_init(void)
{
    nr_cpu_ids = 1;
    cpumask_set_cpu(0, &cpu_online_map);
    step_clock_set(now);
    timer_init();
}

void step_pass(s_time_t time)
{
    now += time;
    step_clock_set(now);
    raise_softirq(TIMER_SOFTIRQ);
}
