/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hyperswitch: events that are put off, so that who sends many frames need not
 * pay for each of them by a hypercall and an interrupt. After Ram, Cox, Chadha,
 * Rixner, "Hyper-Switch: A Scalable Software Virtual Switching Architecture"
 * (2013), which looks at what state a guest is in before it is told.
 *
 * Responses: who was served in its own hypercall may look for them when that
 * returns, as Linux did up to 2025, and the event that it has asked for would
 * be in vain. It is held, and raised after a while if the guest has not looked.
 * Who has always looked is given longer for it: a timer costs half of a frame.
 *
 * Requests: of who has sent one event after the other the next is wanted after
 * a window of requests only. Those that are in it are served after a while,
 * too, in the guest's time if that is what is running then. If its vCPU only
 * waits for its turn so do they, a few times as long; otherwise the back end is
 * told. So it is whenever they cannot be served, or the next event cannot be
 * asked for: a back end that is told has to look at the ring, and asks for it
 * then.
 *
 * Requests that are left for others' turn, until the hypercall goes on, wait
 * likewise: nobody hears of them, and the vCPU may have been put aside. So do
 * those for a receiver that has no room and waits for the pCPU that the sender
 * has: the sender makes way for it, as the back end could but wait for the
 * same, and what it has for others waits as well; it is woken if that takes
 * longer.
 *
 * All of it ends before that when the vCPU that has sent the last event blocks,
 * or another of the guest's while that one is not running, unless it has made
 * way.
 * But who has had frames from Xen since that was so, and a few responses now,
 * most likely waits for frames again: it hears of the responses with the next,
 * and need not be woken twice, or when a while is over since it has sent the
 * event or blocked.
 *
 * Locking: tx_lock. The timer is set whenever something is put off. Whether
 * anything is, and for which vCPU, is looked at without the lock when one
 * blocks, or is told of frames: what that misses is the timer's. Who has made
 * way is looked at without it for all queues of a guest, and their turn ends
 * without it, as the vCPU may be back while another is at the ring: what that
 * misses costs a turn. The vCPU is the guest's, and there as long as the queue.
 */
#include <xen/event.h>
#include <xen/hyperswitch.h>
#include <xen/softirq.h>

#include "hs.h"

/* Events that follow each other like this open the window. */
#define HS_QUICK        MICROSECS(30)
#define HS_QUICK_EVENTS 8
/* With fewer requests than these from look to look it is shut again. */
#define HS_WINDOW_LEAST 4
/* So often what is put off waits for a vCPU that does not run just now. */
#define HS_WAITS        9
/* So often in a row a guest has seen responses before it was told of them. */
#define HS_LOOKS        16
/* Few are no more than these, with the one of which it wants to hear first. */
#define HS_FEW          4

/* Timers that follow one another like this are one to others. */
#define HS_APART        MICROSECS(5)

/*
 * What a timer would do here is put off once more until then; and since when
 * timers have followed one another, the last of them until when. They need no
 * lock: a pCPU's timers, of which one runs at a time, alone look at its own.
 */
static DEFINE_PER_CPU(s_time_t, busy_until);
static DEFINE_PER_CPU(s_time_t, busy_from);
static DEFINE_PER_CPU(s_time_t, busy_last);

/*
 * The timer goes where the vCPU is that has sent the last event: before there
 * was one nothing is put off. The vCPU is there as long as its domain, and that
 * as long as the queue; its pCPU does not go while we run here.
 */
static void put_off(struct hs_queue *queue, s_time_t time)
{
    if ( queue->put_off && queue->put_off <= time )
        return;
    queue->put_off = time;
    migrate_timer(&queue->timer, queue->kicker->processor);
    set_timer(&queue->timer, NOW() + time);
}

/* The event of responses from that one on waits. */
void hs_hold(struct hs_queue *queue, RING_IDX from)
{
    ASSERT(spin_is_locked(&queue->tx_lock));
    if ( !queue->held )
    {
        queue->held_from = from;
        queue->hold_waits = 0;
    }
    queue->held = true;
    put_off(queue, queue->looks < HS_LOOKS ? HS_PUT_OFF : HS_PUT_OFF_LONG);
}

/* Does the front end wait for one of the responses since then? */
static bool is_due(const struct hs_queue *queue)
{
    RING_IDX prod = ACCESS_ONCE(queue->tx->rsp_prod);
    RING_IDX event = ACCESS_ONCE(queue->tx->rsp_event);

    return prod - event < prod - queue->held_from;
}

static void hold_end(struct hs_queue *queue)
{
    if ( !queue->held )
        return;
    queue->held = false;
    queue->left = false;
    if ( is_due(queue) )
    {
        queue->looks = 0;
        hs_raise(queue, queue->tx_port);
    }
    else if ( queue->looks < HS_LOOKS )
        queue->looks++;
}

/*
 * The guest has been told of frames that Xen has carried. What a queue on its
 * way out had left to that has ended before it is dead.
 */
void hs_told_of_frames(struct hs_queue *queue)
{
    if ( !ACCESS_ONCE(queue->framed) )
        ACCESS_ONCE(queue->framed) = true;
    if ( !ACCESS_ONCE(queue->left) || !spin_trylock(&queue->tx_lock) )
        return;
    if ( queue->left )
        hold_end(queue);
    spin_unlock(&queue->tx_lock);
}

/*
 * A vCPU that has made way has not run since. If it has, without a word here,
 * and waits again, then that was most likely later.
 */
static bool is_aside(const struct hs_queue *queue)
{
    const struct vcpu *v = ACCESS_ONCE(queue->aside);

    return v && ACCESS_ONCE(v->runstate.state) == RUNSTATE_runnable &&
           ACCESS_ONCE(v->runstate.state_entry_time) -
           ACCESS_ONCE(queue->aside_from) < HS_PUT_OFF;
}

/* Nor has another of the guest's sent an event since: it is all that one's. */
static bool is_all_aside(const struct hs_queue *queue)
{
    return is_aside(queue) &&
           ACCESS_ONCE(queue->kicker) == ACCESS_ONCE(queue->aside);
}

/*
 * Must who sends keep the pCPU for now? Of several queues of a guest each may
 * have made way.
 */
bool hs_must_stay(const struct hs_queue *from, s_time_t now)
{
    const struct hs_queue *queue;

    for ( queue = rcu_dereference(from->guest->hs_front); queue;
          queue = rcu_dereference(queue->next) )
        if ( is_aside(queue) || now < ACCESS_ONCE(queue->stays_until) )
            return true;

    return false;
}

/*
 * The vCPU that has made way here has the pCPU again, since a moment ago, and
 * goes on with its event.
 */
void hs_turn_end(struct hs_queue *queue)
{
    s_time_t took = current->runstate.state_entry_time -
                    ACCESS_ONCE(queue->aside_from);

    if ( cmpxchg(&queue->aside, current, NULL) != current )
        return;
    if ( took > HS_TURN )
        took = min_t(s_time_t, HS_REST_TIMES * took, HS_REST_MAX);
    ACCESS_ONCE(queue->stays_until) = NOW() + took;
}

/* The guest has sent an event. */
void hs_kicked(struct hs_queue *queue)
{
    s_time_t now = NOW();

    ASSERT(spin_is_locked(&queue->tx_lock));
    queue->left = false;
    queue->quick = now - queue->kicked_at < HS_QUICK ? queue->quick + 1 : 0;
    queue->kicked_at = now;
    queue->kicker = current;
    queue->more = false;
    queue->waits = 0;
}

/*
 * There are requests left, which are looked at unless the guest comes first: it
 * is others' turn, or the receiver's for which it makes way.
 */
void hs_go_on_later(struct hs_queue *queue, int why)
{
    ASSERT(spin_is_locked(&queue->tx_lock));
    queue->more = true;
    put_off(queue, HS_PUT_OFF);
    if ( why != HS_NO_ROOM )
        return;
    ACCESS_ONCE(queue->aside_from) = NOW();
    ACCESS_ONCE(queue->aside) = current;
    vcpu_yield();
}

/*
 * All requests up to that one are served: ask for the event of the next, or of
 * the last of a window, which is no larger than the receiver's room. Returns
 * how many there are already of which nobody will hear; with no window open,
 * those that are there.
 */
unsigned int hs_window_ask(struct hs_queue *queue, RING_IDX cons,
                           enum hs_caller caller)
{
    unsigned int window, left;

    if ( caller == HS_BY_GUEST && queue->quick >= HS_QUICK_EVENTS )
        queue->window = queue->window_max;
    window = caller == HS_BY_BACKEND ? 1 : min(queue->window, queue->room);
    if ( !window )
        window = 1;
    ACCESS_ONCE(queue->tx->req_event) = cons + window;
    smp_mb();
    left = ACCESS_ONCE(queue->tx->req_prod) - cons;
    if ( left >= window )
        return left;
    if ( window > 1 )
        put_off(queue, HS_PUT_OFF);

    return 0;
}

/* Requests since the last look at them; the back end may have served some. */
static unsigned int how_many(struct hs_queue *queue)
{
    RING_IDX prod = ACCESS_ONCE(queue->tx->req_prod);
    unsigned int count = prod - queue->window_from;

    queue->window_from = prod;

    return count;
}

/* Are there requests, or may there be, of which nobody hears? */
static bool are_waiting(const struct hs_queue *queue)
{
    return ACCESS_ONCE(queue->window) > 1 || ACCESS_ONCE(queue->more);
}

/*
 * They are served if it is the guest that is interrupted; else they are the
 * back end's. If there is nothing the next event is asked for.
 */
static int window_serve(struct hs_queue *queue, enum hs_caller caller)
{
    queue->more = false;

    return hs_serve(queue, caller);
}

static int window_end(struct hs_queue *queue, enum hs_caller caller)
{
    if ( !are_waiting(queue) )
        return HS_SERVED;
    queue->window = 1;
    queue->quick = 0;

    return window_serve(queue, caller);
}

/* Who is told has to look at the ring, and asks for the next event. */
static void leave_to_backend(struct hs_queue *queue)
{
    queue->window = 1;
    queue->more = false;
    hs_tell_backend(queue);
}

/*
 * Is it the guest that is interrupted, and nobody else to run here? Nor were
 * timers held up already: they come first, and all that are due at once.
 */
static bool is_guests_time(const struct hs_queue *queue)
{
    return current->domain == queue->guest &&
           !(softirq_pending(smp_processor_id()) & HS_SCHEDULE) &&
           NOW() >= this_cpu(busy_until);
}

/* A vCPU that was only interrupted, or has to wait, is soon back by itself. */
static bool is_soon_back(struct hs_queue *queue)
{
    return vcpu_runnable(queue->kicker) && queue->waits++ < HS_WAITS;
}

/* One that has made way has put off all of it, for a turn at most. */
static bool is_put_off_still(struct hs_queue *queue)
{
    s_time_t time = queue->aside_from + HS_TURN - NOW();

    if ( time <= 0 )
        return false;
    put_off(queue, time);

    return true;
}

/*
 * The event of responses is due for a guest that has not looked since; if it
 * has, it has had no time yet for what came later.
 */
static void look_at_hold(struct hs_queue *queue)
{
    RING_IDX event = ACCESS_ONCE(queue->tx->rsp_event);
    s_time_t time = queue->left ? queue->kicked_at + HS_PUT_OFF - NOW() : 0;

    if ( queue->held && is_due(queue) && event != queue->held_from + 1 )
    {
        queue->held_from = event - 1;
        put_off(queue, HS_PUT_OFF);
    }
    else if ( time > 0 )
        put_off(queue, time);
    else
        hold_end(queue);
}

/* A window with enough in it remains open, and is looked at again. */
static void look_at_window(struct hs_queue *queue, bool guests_time)
{
    enum hs_caller caller = guests_time ? HS_BY_TIMER : HS_OTHERS_TIME;
    int rc = HS_SERVED;

    if ( how_many(queue) < HS_WINDOW_LEAST )
        rc = window_end(queue, caller);
    else if ( are_waiting(queue) )
        rc = window_serve(queue, caller);
    if ( rc == HS_MORE )
        hs_go_on_later(queue, rc);
    else if ( rc != HS_SERVED )
        leave_to_backend(queue);
}

/* A while is over. */
static void look(struct hs_queue *queue)
{
    bool guests_time = is_guests_time(queue);
    bool aside = is_all_aside(queue);

    queue->put_off = 0;
    if ( aside && is_put_off_still(queue) )
        return;
    if ( guests_time )
        queue->waits = 0;
    else if ( !aside && (are_waiting(queue) || (queue->held && !queue->left)) &&
              is_soon_back(queue) )
    {
        /* It may send on and on without a look at its responses. */
        if ( queue->held && queue->hold_waits++ >= HS_WAITS )
            look_at_hold(queue);
        put_off(queue, HS_PUT_OFF);
        return;
    }
    look_at_window(queue, guests_time);
    look_at_hold(queue);
}

/* One of ours has been at it here since then, and perhaps others before it. */
static void note_busy(s_time_t began)
{
    s_time_t now = NOW();

    if ( began - this_cpu(busy_last) > HS_APART )
        this_cpu(busy_from) = began;
    this_cpu(busy_last) = now;
    if ( now - this_cpu(busy_from) <= HS_PUT_OFF )
        return;
    this_cpu(busy_until) = now + HS_PUT_OFF / 2;
    this_cpu(busy_from) = now;
}

static void cf_check while_is_over(void *data)
{
    struct hs_queue *queue = data;
    s_time_t began = NOW();

    if ( !spin_trylock(&queue->tx_lock) )
    {
        set_timer(&queue->timer, NOW() + HS_PUT_OFF);
        return;
    }
    rcu_read_lock(&hs_rcu);
    if ( !queue->dead )
        look(queue);
    rcu_read_unlock(&hs_rcu);
    spin_unlock(&queue->tx_lock);
    note_busy(began);
}

void hs_put_off_init(struct hs_queue *queue)
{
    queue->window = 1;
    queue->window_max = 1;
    init_timer(&queue->timer, while_is_over, queue, smp_processor_id());
}

/* The queue ends; its timer is to be killed when nobody can set it any more. */
void hs_put_off_end(struct hs_queue *queue)
{
    ASSERT(spin_is_locked(&queue->tx_lock));
    if ( are_waiting(queue) )
        hs_tell_backend(queue);
    hold_end(queue);
}

/*
 * Responses that are held are left to the next frames, or the timer, if they
 * are few. At those before, if there were any, the guest has looked. False: it
 * is to be told now.
 */
static bool leave_few(struct hs_queue *queue)
{
    RING_IDX prod = ACCESS_ONCE(queue->tx->rsp_prod);
    RING_IDX event = ACCESS_ONCE(queue->tx->rsp_event);

    /* It has been woken for something else, and blocks again. */
    if ( queue->left )
        return true;
    if ( !queue->held || prod - event >= HS_FEW ||
         !ACCESS_ONCE(queue->framed) )
        return false;
    ACCESS_ONCE(queue->framed) = false;
    queue->left = true;
    queue->held_from = event - 1;
    put_off(queue, HS_PUT_OFF);

    return true;
}

static void flush(struct hs_queue *queue)
{
    if ( !spin_trylock(&queue->tx_lock) )
        return;
    if ( !queue->dead )
    {
        if ( window_end(queue, HS_BLOCKS) != HS_SERVED )
            leave_to_backend(queue);
        if ( !leave_few(queue) )
            hold_end(queue);
    }
    spin_unlock(&queue->tx_lock);
}

static bool is_put_off_for(const struct hs_queue *queue, const struct vcpu *v)
{
    const struct vcpu *kicker;

    if ( (!are_waiting(queue) && !ACCESS_ONCE(queue->held)) ||
         is_all_aside(queue) )
        return false;
    /* Nothing is before there was a kicker, a vCPU of the same domain as v. */
    smp_rmb();
    kicker = ACCESS_ONCE(queue->kicker);

    return kicker == v || !ACCESS_ONCE(kicker->is_running);
}

/*
 * The current vCPU is about to block, unless there are events for it: what is
 * put off for what it has sent is due. Of several queues some may be left to
 * their timers.
 */
void hs_flush(const struct vcpu *v)
{
    struct hs_queue *queue;

    if ( local_events_need_delivery() )
        return;
    rcu_read_lock(&hs_rcu);
    for ( queue = rcu_dereference(v->domain->hs_front); queue;
          queue = rcu_dereference(queue->next) )
    {
        if ( !is_put_off_for(queue, v) )
            continue;
        flush(queue);
        if ( softirq_pending(smp_processor_id()) )
            break;
    }
    rcu_read_unlock(&hs_rcu);
}
