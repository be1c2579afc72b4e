/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stand-ins for what of the rest of Xen is called. What is in none of the
 * objects, and not here, ends the bed if it is called; as data it is zeroes.
 *
 * While instructions are counted vcpu_unblock() is called, which wakes who gets
 * an event, and is the scheduler's affair; and by softirqs rcu_pending() and
 * reprogram_timer(). What these take is not counted, but for some five each.
 */
#include <xen/cpu.h>
#include <xen/keyhandler.h>
#include <xen/random.h>
#include <xen/rcupdate.h>
#include <xen/timer.h>
#include <xen/vmap.h>
#include <xen/xmalloc.h>

#include "bed.h"

void vcpu_unblock(struct vcpu *v)
{
}

void *_xmalloc(unsigned long size, unsigned long align)
{
    return step_alloc(size, align);
}

void *_xzalloc(unsigned long size, unsigned long align)
{
    return step_alloc(size, align);
}

void *vzalloc(size_t size)
{
    return step_alloc(size, PAGE_SIZE);
}

void *alloc_xenheap_pages(unsigned int order, unsigned int memflags)
{
    return step_alloc(PAGE_SIZE << order, PAGE_SIZE << order);
}

void clear_page_sse2(void *page)
{
    memset(page, 0, PAGE_SIZE);
}

void set_gpfn_from_mfn(unsigned long mfn, unsigned long gpfn)
{
}

/* Chance is the same each time, so that the hash is. */
unsigned int get_random(void)
{
    static unsigned int state = 1;

    return state = state * 1664525 + 1013904223;
}

int rcu_pending(int cpu)
{
    return 0;
}

/* The pCPU's timer never fires by itself. */
int reprogram_timer(s_time_t timeout)
{
    return 1;
}

void register_cpu_notifier(struct notifier_block *nb)
{
}

void register_keyhandler(unsigned char key, keyhandler_fn_t *fn,
                         const char *desc, bool diagnostic)
{
}

void printk(const char *format, ...)
{
}

struct domain *get_domain_by_id(domid_t domid)
{
    struct domain *d = step_domain(domid);

    get_knownalive_domain(d);

    return d;
}
