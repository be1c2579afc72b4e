/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hyperswitch: pages of a back end's memory that it shares with Xen.
 *
 * Locking: hs_lock. Queues use their states without it, and flows the words of
 * the page that they are about: neither page can be removed before the queues,
 * and without queues there are no flows, and nobody who looks for one.
 */
#include <xen/domain_page.h>
#include <xen/mm.h>
#include <xen/nospec.h>
#include <asm/p2m.h>

#include "hs.h"

static struct hs_shared *shared_of(struct hs_backend *backend,
                                   const struct hs_page *arg)
{
    if ( arg->remove > 1 || arg->pad || arg->pad1 )
        return NULL;
    switch ( arg->kind )
    {
    case HS_PAGE_STATE:
        if ( arg->index >= HS_PAGES )
            return NULL;
        return &backend->state[array_index_nospec(arg->index, HS_PAGES)];

    case HS_PAGE_GENS:
        return arg->index ? NULL : &backend->gens;
    }

    return NULL;
}

/* HSOP_page: have a page in common with the back end. */
int hs_page_add(struct hs_backend *backend, const struct hs_page *arg)
{
    struct hs_shared *shared = shared_of(backend, arg);
    struct page_info *page;
    p2m_type_t type;
    int rc;

    ASSERT(spin_is_locked(&hs_lock));
    if ( !shared )
        return -EINVAL;
    if ( shared->page )
        return -EEXIST;

    rc = check_get_page_from_gfn(backend->domain, _gfn(arg->gfn), false, &type,
                                 &page);
    if ( rc )
        return rc;
    rc = -EINVAL;
    if ( p2m_is_foreign(type) || !get_page_type(page, PGT_writable_page) )
        goto put;
    rc = -ENOMEM;
    shared->va = __map_domain_page_global(page);
    if ( !shared->va )
        goto put_type;
    shared->page = page;

    return 0;

 put_type:
    put_page_type(page);
 put:
    put_page(page);

    return rc;
}

static void shared_put(struct hs_shared *shared)
{
    unmap_domain_page_global(shared->va);
    put_page_and_type(shared->page);
    shared->va = NULL;
    shared->page = NULL;
}

/* HSOP_page: have it no more. */
int hs_page_remove(struct hs_backend *backend, const struct hs_page *arg)
{
    struct hs_shared *shared = shared_of(backend, arg);

    ASSERT(spin_is_locked(&hs_lock));
    if ( !shared || !shared->page )
        return -EINVAL;
    if ( shared->used || (shared == &backend->gens && backend->queues) )
        return -EBUSY;
    shared_put(shared);

    return 0;
}

/* Have none any more. Called when no queue is left. */
void hs_pages_free(struct hs_backend *backend)
{
    unsigned int i;

    ASSERT(spin_is_locked(&hs_lock));
    for ( i = 0; i < HS_PAGES; i++ )
    {
        ASSERT(!backend->state[i].used);
        if ( backend->state[i].page )
            shared_put(&backend->state[i]);
    }
    if ( backend->gens.page )
        shared_put(&backend->gens);
}
