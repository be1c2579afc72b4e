/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hyperswitch: a queue of a netif port, from when the back end lends it until
 * it takes it back, or one of the two domains ends.
 *
 * Locking: hs_lock; the back end's table of queues also its flow_lock. A queue
 * that has been taken out of the table may still be found by who has looked
 * there, under hs_rcu, or at a flow: it is dead, and freed when they are done.
 */
#include <xen/domain_page.h>
#include <xen/event.h>
#include <xen/mm.h>
#include <xen/nospec.h>
#include <xen/xmalloc.h>
#include <xsm/xsm.h>

#include "hs.h"

/* All queues of all back ends. */
static LIST_HEAD(hs_queues);

/* Where a handle has its queue. The rest tells it from those before it. */
static unsigned int place_of(uint32_t handle)
{
    return handle % HS_QUEUES;
}

/* Called under hs_rcu, or with hs_lock or the back end's flow_lock held. */
struct hs_queue *hs_queue_find(const struct hs_backend *backend,
                               uint32_t handle)
{
    struct hs_queue *queue = ACCESS_ONCE(backend->queue[place_of(handle)]);

    return queue && queue->handle == handle ? queue : NULL;
}

/* One that a domain lends, or whose front end it is; NULL if there is none. */
struct hs_queue *hs_queue_of(const struct domain *d)
{
    struct hs_queue *queue;

    ASSERT(spin_is_locked(&hs_lock));
    list_for_each_entry ( queue, &hs_queues, list )
        if ( queue->guest == d || queue->backend->domain == d )
            return queue;

    return NULL;
}

/*
 * The back end's port of a channel that the guest has another of, or 0. The
 * guest may close it and have it lead elsewhere: what is raised there is
 * nobody's but the guest's, whoever that is then, and by the back end's right.
 */
static evtchn_port_t other_end(struct domain *guest, evtchn_port_t port,
                               const struct domain *backend)
{
    evtchn_port_t end = 0;
    struct evtchn *chn;

    if ( !port_is_valid(guest, port) )
        return 0;
    chn = evtchn_from_port(guest, port);
    evtchn_read_lock(chn);
    if ( chn->state == ECS_INTERDOMAIN &&
         chn->u.interdomain.remote_dom == backend )
        end = chn->u.interdomain.remote_port;
    evtchn_read_unlock(chn);

    return end;
}

static bool has_channel(const struct hs_queue *queue, evtchn_port_t port)
{
    return queue->tx_port == port || queue->rx_port == port;
}

static bool channels_are_free(const struct hs_backend *backend,
                              const struct hs_queue *for_queue)
{
    const struct hs_queue *queue;

    list_for_each_entry ( queue, &hs_queues, list )
        if ( queue->backend == backend &&
             (has_channel(queue, for_queue->tx_port) ||
              has_channel(queue, for_queue->rx_port)) )
            return false;

    return true;
}

/* A handle that is not used, and was not for long. */
static bool new_handle(struct hs_backend *backend, uint32_t *handle)
{
    unsigned int i;

    for ( i = 0; i < HS_QUEUES; i++ )
    {
        *handle = backend->next_handle++;
        if ( !backend->queue[place_of(*handle)] )
            return true;
    }

    return false;
}

/* Have a queue of the port in common with those that are there already. */
static int join_port(struct hs_queue *queue, uint16_t id)
{
    const struct hs_queue *other;

    list_for_each_entry ( other, &hs_queues, list )
    {
        if ( other->backend != queue->backend || other->port->id != id )
            continue;
        if ( other->guest != queue->guest )
            return -EINVAL;
        queue->port = other->port;
        queue->port->queues++;
        return 0;
    }

    queue->port = xzalloc(struct hs_port);
    if ( !queue->port )
        return -ENOMEM;
    queue->port->id = id;
    queue->port->queues = 1;
    queue->backend->ports++;

    return 0;
}

static void leave_port(struct hs_queue *queue)
{
    if ( --queue->port->queues )
        return;
    ASSERT(!queue->port->flows);
    xfree(queue->port);
    queue->backend->ports--;
}

/* The state's place in a page, which is then this queue's. */
static int take_state(struct hs_queue *queue, uint32_t place)
{
    unsigned int index = place / HS_STATES_PER_PAGE;
    unsigned int bit = place % HS_STATES_PER_PAGE;
    struct hs_shared *shared;

    BUILD_BUG_ON(HS_STATES_PER_PAGE * sizeof(struct hs_state) != PAGE_SIZE);
    BUILD_BUG_ON(HS_STATES_PER_PAGE > 8 * sizeof(shared->used));

    if ( index >= HS_PAGES )
        return -ENOENT;
    shared = &queue->backend->state[array_index_nospec(index, HS_PAGES)];
    if ( !shared->page )
        return -ENOENT;
    if ( shared->used & (1u << bit) )
        return -EEXIST;
    shared->used |= 1u << bit;
    queue->place = place;
    queue->state = shared->va + bit * sizeof(struct hs_state);

    return 0;
}

static void put_state(struct hs_queue *queue)
{
    queue->backend->state[queue->place / HS_STATES_PER_PAGE].used &=
        ~(1u << queue->place % HS_STATES_PER_PAGE);
}

/* Have one of the guest's rings, by a grant that is for all of its page. */
static void *get_ring(struct hs_queue *queue, grant_ref_t gref,
                      struct gnttab_hs_buf *pin)
{
    void *sring;

    if ( gnttab_hs_get(queue->guest, gref,
                       queue->backend->domain->domain_id, false, pin) )
        return NULL;
    if ( pin->offset || pin->len != PAGE_SIZE )
        goto put;
    sring = __map_domain_page_global(pin->page);
    if ( sring )
        return sring;

 put:
    gnttab_hs_put(queue->guest, pin);

    return NULL;
}

static void put_ring(struct hs_queue *queue, void *sring,
                     const struct gnttab_hs_buf *pin)
{
    unmap_domain_page_global(sring);
    gnttab_hs_put(queue->guest, pin);
}

static int get_rings(struct hs_queue *queue, const struct hs_attach *arg)
{
    queue->tx = get_ring(queue, arg->tx_gref, &queue->tx_pin);
    if ( !queue->tx )
        return -EIO;
    queue->rx = get_ring(queue, arg->rx_gref, &queue->rx_pin);
    if ( queue->rx )
        return 0;
    put_ring(queue, queue->tx, &queue->tx_pin);

    return -EIO;
}

/*
 * What the two may. GNTTABOP_copy asks each time: a policy that is loaded later
 * is heeded by the next flow, and what concerns the back end not before the
 * queue is lent anew.
 */
static int may_attach(const struct hs_backend *backend, struct domain *guest)
{
    if ( guest->is_dying )
        return -ESRCH;
    if ( xsm_grant_copy(XSM_HOOK, guest, backend->domain) ||
         xsm_grant_copy(XSM_HOOK, backend->domain, guest) ||
         xsm_grant_mapref(XSM_HOOK, backend->domain, guest, GNTMAP_host_map) )
        return -EACCES;

    return 0;
}

static int find_channels(struct hs_queue *queue, const struct hs_attach *arg)
{
    const struct hs_backend *backend = queue->backend;

    queue->tx_port = other_end(queue->guest, arg->tx_port, backend->domain);
    queue->rx_port = other_end(queue->guest, arg->rx_port, backend->domain);
    if ( !queue->tx_port || !queue->rx_port )
        return -EBADF;

    return channels_are_free(backend, queue) ? 0 : -EEXIST;
}

/* A queue that nobody can find yet, with all that is its own. */
static int make_queue(struct hs_queue *queue, const struct hs_attach *arg)
{
    int rc = find_channels(queue, arg);

    if ( rc )
        return rc;
    rc = take_state(queue, arg->state);
    if ( rc )
        return rc;
    rc = join_port(queue, arg->port);
    if ( rc )
        goto put_state;
    rc = get_rings(queue, arg);
    if ( rc )
        goto leave_port;
    spin_lock_init(&queue->tx_lock);
    spin_lock_init(&queue->rx_lock);
    hs_put_off_init(queue);

    return 0;

 leave_port:
    leave_port(queue);
 put_state:
    put_state(queue);

    return rc;
}

static int attach(struct hs_backend *backend, struct domain *guest,
                  struct hs_attach *arg)
{
    struct hs_queue *queue;
    uint32_t handle;
    int rc;

    rc = may_attach(backend, guest);
    if ( rc )
        return rc;
    if ( !new_handle(backend, &handle) )
        return -ENOSPC;
    queue = xzalloc(struct hs_queue);
    if ( !queue )
        return -ENOMEM;
    queue->backend = backend;
    queue->guest = guest;
    queue->handle = handle;
    rc = make_queue(queue, arg);
    if ( rc )
    {
        xfree(queue);
        return rc;
    }

    list_add_tail(&queue->list, &hs_queues);
    spin_lock(&backend->flow_lock);
    rcu_assign_pointer(backend->queue[place_of(handle)], queue);
    spin_unlock(&backend->flow_lock);
    backend->queues++;
    queue->next = guest->hs_front;
    rcu_assign_pointer(guest->hs_front, queue);
    hs_channel_bind(queue, arg->tx_port);
    arg->handle = handle;

    return 0;
}

/* HSOP_attach */
int hs_queue_attach(struct hs_backend *backend, struct hs_attach *arg)
{
    struct domain *guest;
    int rc;

    ASSERT(spin_is_locked(&hs_lock));
    if ( !arg->port )
        return -EINVAL;
    guest = get_domain_by_id(arg->domid);
    if ( !guest )
        return -ESRCH;
    rc = guest == backend->domain ? -EINVAL : attach(backend, guest, arg);
    if ( rc )
        put_domain(guest);

    return rc;
}

static void cf_check free_queue(struct rcu_head *head)
{
    xfree(container_of(head, struct hs_queue, rcu));
}

/* Who is at it goes on to the next. */
static void leave_guest(struct hs_queue *queue)
{
    struct hs_queue **at = &queue->guest->hs_front;

    while ( *at != queue )
        at = &(*at)->next;
    rcu_assign_pointer(*at, queue->next);
}

/* Nobody finds it any more, and who has found it lets it alone. */
static void bury(struct hs_queue *queue)
{
    struct hs_backend *backend = queue->backend;

    hs_channel_unbind(queue);
    leave_guest(queue);
    spin_lock(&backend->flow_lock);
    rcu_assign_pointer(backend->queue[place_of(queue->handle)], NULL);
    hs_flows_forget(backend, queue);
    spin_unlock(&backend->flow_lock);

    spin_lock(&queue->tx_lock);
    hs_put_off_end(queue);
    spin_lock(&queue->rx_lock);
    queue->dead = true;
    spin_unlock(&queue->rx_lock);
    spin_unlock(&queue->tx_lock);
}

/* HSOP_detach, and the end of a domain. */
void hs_queue_detach(struct hs_queue *queue)
{
    ASSERT(spin_is_locked(&hs_lock));
    list_del(&queue->list);
    bury(queue);
    kill_timer(&queue->timer);
    put_ring(queue, queue->rx, &queue->rx_pin);
    put_ring(queue, queue->tx, &queue->tx_pin);
    leave_port(queue);
    put_state(queue);
    queue->backend->queues--;
    put_domain(queue->guest);
    call_rcu(&queue->rcu, free_queue);
}

/* HSOP_set */
int hs_queue_set(struct hs_queue *queue, const struct hs_set *arg)
{
    ASSERT(spin_is_locked(&hs_lock));
    if ( (arg->caps & ~HS_CAPS) || !arg->window ||
         arg->window > HS_WINDOW_MAX )
        return -EINVAL;
    spin_lock(&queue->tx_lock);
    queue->window_max = arg->window;
    spin_unlock(&queue->tx_lock);
    spin_lock(&queue->rx_lock);
    queue->caps = arg->caps;
    queue->gso_max = arg->gso_max;
    queue->max_len = arg->max_len;
    spin_unlock(&queue->rx_lock);

    return 0;
}
