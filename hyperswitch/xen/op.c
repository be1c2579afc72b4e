/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hyperswitch: the hypercall, and what happens when a domain ends.
 *
 * Locking: see hs.h. domain->hs is written once, with hs_lock held, by a
 * hypercall of the domain's, and freed with the domain.
 */
#include <xen/event.h>
#include <xen/guest_access.h>
#include <xen/hypercall.h>
#include <xen/hyperswitch.h>
#include <xen/init.h>
#include <xen/param.h>
#include <xen/softirq.h>
#include <xen/vmap.h>
#include <xen/xmalloc.h>

#include "hs.h"

DEFINE_SPINLOCK(hs_lock);
DEFINE_RCU_READ_LOCK(hs_rcu);

/* hyperswitch: may dom0 lend rings to Xen? */
static bool __ro_after_init opt_hyperswitch;
boolean_param("hyperswitch", opt_hyperswitch);

union hs_arg {
    struct hs_info info;
    struct hs_page page;
    struct hs_attach attach;
    struct hs_detach detach;
    struct hs_set set;
    struct hs_kick kick;
    struct hs_flow flow;
    struct hs_flush flush;
};

static const unsigned int arg_size[] = {
    [HSOP_info] = sizeof(struct hs_info),
    [HSOP_page] = sizeof(struct hs_page),
    [HSOP_attach] = sizeof(struct hs_attach),
    [HSOP_detach] = sizeof(struct hs_detach),
    [HSOP_set] = sizeof(struct hs_set),
    [HSOP_kick] = sizeof(struct hs_kick),
    [HSOP_flow_add] = sizeof(struct hs_flow),
    [HSOP_flow_del] = sizeof(struct hs_flow),
    [HSOP_flow_flush] = sizeof(struct hs_flush),
};

static void free_backend(struct hs_backend *backend)
{
    hs_flows_free(backend);
    vfree(backend->queue);
    vfree(backend);
}

static struct hs_backend *make_backend(struct domain *d)
{
    struct hs_backend *backend = vzalloc(sizeof(*backend));

    if ( !backend )
        return NULL;
    backend->domain = d;
    backend->queue = vzalloc(HS_QUEUES * sizeof(*backend->queue));
    if ( !backend->queue )
        goto free;
    if ( hs_flows_init(backend) )
        goto free_queue;

    return backend;

 free_queue:
    vfree(backend->queue);
 free:
    vfree(backend);

    return NULL;
}

/* The caller as a back end: it becomes one with its first call. */
static struct hs_backend *backend_of(struct domain *d)
{
    struct hs_backend *backend = rcu_dereference(d->hs);

    if ( backend )
        return backend;
    spin_lock(&hs_lock);
    backend = d->hs;
    if ( !backend )
    {
        backend = make_backend(d);
        rcu_assign_pointer(d->hs, backend);
    }
    spin_unlock(&hs_lock);

    return backend;
}

static void op_info(struct hs_info *arg)
{
    *arg = (struct hs_info) {
        .magic = HS_MAGIC,
        .abi = HS_ABI,
        .max_queues = HS_QUEUES,
        .max_flows = HS_FLOWS,
        .hold_frames = HS_HOLD_FRAMES,
        .hold_bytes = HS_HOLD_BYTES,
    };
}

static int op_page(struct hs_backend *backend, const struct hs_page *arg)
{
    int rc;

    spin_lock(&hs_lock);
    rc = arg->remove ? hs_page_remove(backend, arg)
                     : hs_page_add(backend, arg);
    spin_unlock(&hs_lock);

    return rc;
}

static int op_attach(struct hs_backend *backend, struct hs_attach *arg)
{
    int rc;

    spin_lock(&hs_lock);
    rc = hs_queue_attach(backend, arg);
    spin_unlock(&hs_lock);

    return rc;
}

static int op_detach(struct hs_backend *backend, const struct hs_detach *arg)
{
    struct hs_queue *queue;

    spin_lock(&hs_lock);
    queue = hs_queue_find(backend, arg->handle);
    if ( queue )
        hs_queue_detach(queue);
    spin_unlock(&hs_lock);

    return queue ? 0 : -ENOENT;
}

static int op_set(struct hs_backend *backend, const struct hs_set *arg)
{
    struct hs_queue *queue;
    int rc = -ENOENT;

    spin_lock(&hs_lock);
    queue = hs_queue_find(backend, arg->handle);
    if ( queue )
        rc = hs_queue_set(queue, arg);
    spin_unlock(&hs_lock);

    return rc;
}

/*
 * One batch: how much more there is is up to the guests, so that the back end
 * has to have its say about when it is enough.
 */
static int op_kick(struct hs_backend *backend, const struct hs_kick *arg)
{
    struct hs_queue *queue;
    int rc = -ENOENT;

    rcu_read_lock(&hs_rcu);
    queue = hs_queue_find(backend, arg->handle);
    if ( queue )
    {
        rc = HS_LEFT;
        if ( spin_trylock(&queue->tx_lock) )
        {
            rc = hs_serve(queue, HS_BY_BACKEND);
            spin_unlock(&queue->tx_lock);
        }
    }
    rcu_read_unlock(&hs_rcu);

    return rc;
}

static void do_one(struct hs_backend *backend, unsigned int cmd,
                   union hs_arg *arg)
{
    switch ( cmd )
    {
    case HSOP_page:
        arg->page.status = op_page(backend, &arg->page);
        break;

    case HSOP_attach:
        arg->attach.status = op_attach(backend, &arg->attach);
        break;

    case HSOP_detach:
        arg->detach.status = op_detach(backend, &arg->detach);
        break;

    case HSOP_set:
        arg->set.status = op_set(backend, &arg->set);
        break;

    case HSOP_kick:
        arg->kick.status = op_kick(backend, &arg->kick);
        break;

    case HSOP_flow_add:
        arg->flow.status = hs_flow_add(backend, &arg->flow);
        break;

    case HSOP_flow_del:
        arg->flow.status = hs_flow_del(backend, &arg->flow);
        break;

    case HSOP_flow_flush:
        arg->flush.status = hs_flow_flush(backend, &arg->flush);
        break;

    case HSOP_info:
        op_info(&arg->info);
        break;
    }
}

/* The caller does not get to know a handle: then there is no such queue. */
static void undo_one(struct hs_backend *backend, unsigned int cmd,
                     const union hs_arg *arg)
{
    const struct hs_detach detach = { .handle = arg->attach.handle };

    if ( cmd == HSOP_attach && !arg->attach.status )
        op_detach(backend, &detach);
}

/*
 * As many as there is time for. Returns how many are left of count, or an
 * error for the first that could not be read or written.
 */
static long do_array(struct hs_backend *backend, unsigned int cmd,
                     XEN_GUEST_HANDLE_PARAM(char) arg, unsigned int count)
{
    unsigned int size = arg_size[cmd];

    while ( count )
    {
        union hs_arg one;

        if ( copy_from_guest((char *)&one, arg, size) )
            return -EFAULT;
        do_one(backend, cmd, &one);
        if ( copy_to_guest(arg, (char *)&one, size) )
        {
            undo_one(backend, cmd, &one);
            return -EFAULT;
        }
        guest_handle_add_offset(arg, size);
        if ( --count && hypercall_preempt_check() )
            break;
    }

    return count;
}

long do_hyperswitch_op(unsigned int cmd, XEN_GUEST_HANDLE_PARAM(void) arg,
                       unsigned int count)
{
    XEN_GUEST_HANDLE_PARAM(char) bytes = guest_handle_cast(arg, char);
    struct domain *d = current->domain;
    struct hs_backend *backend = NULL;
    long left;

    if ( !opt_hyperswitch || cmd >= ARRAY_SIZE(arg_size) )
        return -ENOSYS;
    cmd = array_index_nospec(cmd, ARRAY_SIZE(arg_size));
    if ( cmd != HSOP_info )
    {
        if ( !is_hardware_domain(d) )
            return -EPERM;
        backend = backend_of(d);
        if ( !backend )
            return -ENOMEM;
    }

    left = do_array(backend, cmd, bytes, count);
    if ( left <= 0 )
        return left;
    guest_handle_add_offset(bytes,
                            (unsigned long)(count - left) * arg_size[cmd]);

    return hypercall_create_continuation(__HYPERVISOR_hyperswitch_op, "ihi",
                                         cmd, bytes, (unsigned int)left);
}

static bool detach_one(const struct domain *d)
{
    struct hs_queue *queue;

    spin_lock(&hs_lock);
    queue = hs_queue_of(d);
    if ( queue )
        hs_queue_detach(queue);
    spin_unlock(&hs_lock);

    return queue;
}

/*
 * A domain ends: nothing of it is used any more when this returns 0. It has
 * begun to die, so that nothing is lent by or of it meanwhile.
 */
int hs_domain_kill(struct domain *d)
{
    while ( detach_one(d) )
        if ( softirq_pending(smp_processor_id()) )
            return -ERESTART;
    if ( !d->hs )
        return 0;
    spin_lock(&hs_lock);
    hs_pages_free(d->hs);
    spin_unlock(&hs_lock);

    return 0;
}

/*
 * A guest begins anew. It is paused, and its channels are closed, so that
 * nothing of it is lent meanwhile. How many queues it has is up to dom0.
 */
void hs_domain_reset(struct domain *d)
{
    while ( detach_one(d) )
        continue;
}

/* Nobody has the domain any more. */
void hs_domain_free(struct domain *d)
{
    if ( d->hs )
        free_backend(d->hs);
}
