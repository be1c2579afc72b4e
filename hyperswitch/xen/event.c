/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hyperswitch: events. A guest that has put frames on its ring sends the back
 * end an event, and that is a hypercall: the ring is served there and then, in
 * the guest's time. Only if something is left does the event go on.
 *
 * Locking: a channel's hs is written with hs_lock held. Who finds a queue there
 * has hs_rcu. The guest may have closed the channel since the queue was lent,
 * and have it lead elsewhere, so that is looked at each time; the channel's
 * lock is not held while the ring is served.
 */
#include <xen/event.h>
#include <xen/hyperswitch.h>
#include <xsm/xsm.h>

#include "hs.h"

/* Events by the guest's channel are about the queue from now on. */
void hs_channel_bind(struct hs_queue *queue, evtchn_port_t port)
{
    /* What is looked at for each event is in the cache line that is read. */
    BUILD_BUG_ON(offsetof(struct evtchn, hs) + sizeof(queue) > 64);

    queue->channel = evtchn_from_port(queue->guest, port);
    rcu_assign_pointer(queue->channel->hs, queue);
}

/* No more, unless the channel has become another queue's. */
void hs_channel_unbind(struct hs_queue *queue)
{
    if ( queue->channel->hs == queue )
        rcu_assign_pointer(queue->channel->hs, NULL);
}

/*
 * Tell the front end, by the back end's channel and by its right. If that leads
 * elsewhere now nobody is told.
 */
void hs_raise(const struct hs_queue *queue, evtchn_port_t port)
{
    struct domain *backend = queue->backend->domain;
    struct evtchn *chn = evtchn_from_port(backend, port), *end;

    evtchn_read_lock(chn);
    if ( chn->state == ECS_INTERDOMAIN &&
         chn->u.interdomain.remote_dom == queue->guest &&
         !xsm_evtchn_send(XSM_HOOK, backend, chn) )
    {
        end = evtchn_from_port(queue->guest, chn->u.interdomain.remote_port);
        if ( !end->xen_consumer )
            evtchn_port_set_pending(queue->guest, end->notify_vcpu_id, end);
    }
    evtchn_read_unlock(chn);
}

/*
 * Tell the back end, as the front end could, and by its right, by whichever
 * channel of its leads there now. That end cannot go meanwhile: a channel is
 * closed with both ends locked.
 */
void hs_tell_backend(const struct hs_queue *queue)
{
    struct domain *backend = queue->backend->domain, *guest = queue->guest;
    struct evtchn *chn = evtchn_from_port(backend, queue->tx_port), *end;

    evtchn_read_lock(chn);
    if ( chn->state == ECS_INTERDOMAIN &&
         chn->u.interdomain.remote_dom == guest )
    {
        end = evtchn_from_port(guest, chn->u.interdomain.remote_port);
        if ( !xsm_evtchn_send(XSM_HOOK, guest, end) )
            evtchn_port_set_pending(backend, chn->notify_vcpu_id, chn);
    }
    evtchn_read_unlock(chn);
}

/*
 * Since when the vCPU that hears of frames waits for its turn on this pCPU; 0,
 * it does not. Without the scheduler's lock that may just have been so. Called
 * with rx_lock held.
 */
s_time_t hs_waits_here_since(struct hs_queue *queue)
{
    struct domain *backend = queue->backend->domain;
    struct evtchn *chn = evtchn_from_port(backend, queue->rx_port), *end;
    const struct vcpu *v = NULL;

    ASSERT(spin_is_locked(&queue->rx_lock));
    evtchn_read_lock(chn);
    if ( chn->state == ECS_INTERDOMAIN &&
         chn->u.interdomain.remote_dom == queue->guest )
    {
        end = evtchn_from_port(queue->guest, chn->u.interdomain.remote_port);
        v = domain_vcpu(queue->guest, end->notify_vcpu_id);
    }
    evtchn_read_unlock(chn);

    return v && vcpu_runnable(v) &&
           ACCESS_ONCE(v->processor) == smp_processor_id() &&
           ACCESS_ONCE(v->runstate.state) == RUNSTATE_runnable ?
           ACCESS_ONCE(v->runstate.state_entry_time) : 0;
}

/* Would the event reach the back end, where the queue was lent? */
static bool leads_to(const struct hs_queue *queue, struct evtchn *chn)
{
    bool leads;

    evtchn_read_lock(chn);
    leads = chn->state == ECS_INTERDOMAIN &&
            chn->u.interdomain.remote_dom == queue->backend->domain &&
            chn->u.interdomain.remote_port == queue->tx_port &&
            !xsm_evtchn_send(XSM_HOOK, queue->guest, chn);
    evtchn_read_unlock(chn);

    return leads;
}

/*
 * May the back end wait for buffers of the receive ring, whose event this is,
 * too? It is there, or is about to be, and takes back that it wants the ring
 * when it has it; if it begins to wait only now, it looks at the ring itself.
 */
static bool is_expected(const struct hs_queue *queue)
{
    const struct hs_side *rx = &queue->state->rx;

    return queue->rx_port == queue->tx_port && !queue->dead &&
           (hs_token_wanted(rx) || hs_read(rx->owner) == HS_BACKEND);
}

/*
 * May the hypercall go on later? A multicall's caller may have used a number
 * that cannot be gone on with; and who is told is not to be kept waiting.
 */
bool hs_may_restart(const struct hs_queue *queue)
{
    return !test_bit(_MCSF_in_multicall, &current->mc_state.flags) &&
           !is_expected(queue);
}

/* Nobody waits for who is at it already: all of a guest's vCPUs could. */
static int serve_channel(struct evtchn *chn)
{
    struct hs_queue *queue = rcu_dereference(chn->hs);
    int rc;

    if ( !queue )
        return HS_EVENT_PASS;
    if ( unlikely(ACCESS_ONCE(queue->aside) == current) )
        hs_turn_end(queue);
    if ( !leads_to(queue, chn) || !spin_trylock(&queue->tx_lock) )
        return HS_EVENT_PASS;
    hs_kicked(queue);
    rc = hs_serve(queue, HS_BY_GUEST);
    if ( rc == HS_NO_ROOM || (rc == HS_MORE && hs_may_restart(queue)) )
    {
        hs_go_on_later(queue, rc);
        rc = -ERESTART;
    }
    else
        rc = rc == HS_SERVED && !is_expected(queue) ? 0 : HS_EVENT_PASS;
    spin_unlock(&queue->tx_lock);

    return rc;
}

/*
 * A domain sends an event by a channel with a queue. Returns 0 if that is all;
 * -ERESTART, if others are to have their turn before the hypercall goes on; or
 * HS_EVENT_PASS, the event is to be sent as ever.
 *
 * A guest may have named the channel for what is raised when it is suspended:
 * then locks are held.
 */
int hs_event(struct domain *d, struct evtchn *chn)
{
    int rc;

    if ( d != current->domain || d->is_shutting_down )
        return HS_EVENT_PASS;
    rcu_read_lock(&hs_rcu);
    rc = serve_channel(chn);
    rcu_read_unlock(&hs_rcu);

    return rc;
}
