/* SPDX-License-Identifier: GPL-2.0 */
/*
 * PV domains of one vCPU, with grants of version 1 and events by FIFO, as
 * Linux has them.
 */
#include <xen/event.h>
#include <xen/grant_table.h>
#include <xen/mm.h>
#include <xen/shared.h>
#include <public/memory.h>

#include "../common/event_channel.h"
#include "bed.h"

#define DOMAINS         4
#define GRANT_FRAMES    2
#define GRANTS_PER_FRAME (PAGE_SIZE / sizeof(grant_entry_v1_t))

static struct {
    struct domain *domain;
    grant_entry_v1_t *grant[GRANT_FRAMES];
    struct evtchn_fifo_control_block *control;
    event_word_t *word;
} bed[DOMAINS];

/* A page that the guest has mapped, so that it is of the type already. */
void *step_page(struct domain *d)
{
    void *va = step_alloc(PAGE_SIZE, PAGE_SIZE);
    struct page_info *page = virt_to_page(va);

    page->count_info = PGC_allocated | 1;
    page->u.inuse.type_info = PGT_writable_page | PGT_validated | 1;
    page_set_owner(page, d);

    return va;
}

void step_run(struct domain *d)
{
    set_current(d->vcpu[0]);
}

static void make_grants(struct domain *d)
{
    xen_pfn_t frame[GRANT_FRAMES];
    unsigned int i;

    MUST(!grant_table_init(d, GRANT_FRAMES, 0, 2));
    MUST(gnttab_acquire_resource(d, XENMEM_resource_grant_table_id_shared, 0,
                                 GRANT_FRAMES, frame) == GRANT_FRAMES);
    for ( i = 0; i < GRANT_FRAMES; i++ )
        bed[d->domain_id].grant[i] = mfn_to_virt(frame[i]);
}

static void make_events(struct domain *d)
{
    struct evtchn_init_control control = {};
    struct evtchn_expand_array array = {};
    void *page = step_page(d);

    MUST(!evtchn_init(d, EVTCHN_FIFO_NR_CHANNELS - 1));
    bed[d->domain_id].control = page;
    control.control_gfn = virt_to_mfn(page);
    MUST(!evtchn_fifo_init_control(&control));
    page = step_page(d);
    bed[d->domain_id].word = page;
    array.array_gfn = virt_to_mfn(page);
    MUST(!evtchn_fifo_expand_array(&array));
}

static struct domain *make_domain(domid_t domid)
{
    struct domain *d = step_alloc(sizeof(*d), PAGE_SIZE);
    struct vcpu *v = step_alloc(sizeof(*v), PAGE_SIZE);

    bed[domid].domain = d;
    d->domain_id = domid;
    d->max_vcpus = 1;
    d->vcpu = step_alloc(sizeof(*d->vcpu), sizeof(v));
    d->vcpu[0] = v;
    d->shared_info = step_alloc(PAGE_SIZE, PAGE_SIZE);
    atomic_set(&d->refcnt, 1);
    spin_lock_init(&d->page_alloc_lock);
    INIT_PAGE_LIST_HEAD(&d->xenpage_list);
    v->domain = d;
    v->vcpu_info = step_alloc(sizeof(*v->vcpu_info), sizeof(*v->vcpu_info));
    step_run(d);
    make_grants(d);
    make_events(d);

    return d;
}

struct domain *step_domain(domid_t domid)
{
    MUST(domid < DOMAINS);

    return bed[domid].domain ?: make_domain(domid);
}

/* To dom0. */
grant_ref_t step_grant(struct domain *d, grant_ref_t ref, const void *va,
                       bool readonly)
{
    grant_entry_v1_t *entry = bed[d->domain_id].grant[ref / GRANTS_PER_FRAME] +
                              ref % GRANTS_PER_FRAME;

    MUST(ref < GRANT_FRAMES * GRANTS_PER_FRAME && !entry->flags);
    entry->frame = virt_to_mfn(va);
    entry->flags = GTF_permit_access | (readonly ? GTF_readonly : 0);

    return ref;
}

static void bind(struct domain *d, struct domain *other, evtchn_port_t port)
{
    struct evtchn *chn;

    MUST(!evtchn_allocate_port(d, port));
    chn = evtchn_from_port(d, port);
    chn->u.interdomain.remote_dom = other;
    chn->u.interdomain.remote_port = port;
    chn->state = ECS_INTERDOMAIN;
    evtchn_port_init(d, chn);
}

void step_connect(struct domain *d, struct domain *other, evtchn_port_t port)
{
    bind(d, other, port);
    bind(other, d, port);
}

/* As Linux does: all that is linked is taken off its queue. */
bool step_seen(struct domain *d, evtchn_port_t port)
{
    event_word_t *word = &bed[d->domain_id].word[port];
    bool pending = *word & (1u << EVTCHN_FIFO_PENDING);

    vcpu_info(d->vcpu[0], evtchn_upcall_pending) = 0;
    bed[d->domain_id].control->ready = 0;
    bed[d->domain_id].control->head[EVTCHN_FIFO_PRIORITY_DEFAULT] = 0;
    *word = 0;

    return pending;
}
