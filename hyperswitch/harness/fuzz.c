// SPDX-License-Identifier: GPL-2.0
/*
 * The hypercall under chance. Usage: fuzz RUNS SEED.
 *
 * Half of the runs have front ends and a back end that behave: a model, frame by frame, says of
 * each kick how many frames are carried, each receiver gets just these, in the order of each
 * sender, and events are raised when they were asked for. In the other half rings, states, grants,
 * generations and what is sent are written over while Xen works, and queues taken back in between;
 * then nothing is asked but that Xen goes on, carries something now and then, and has nothing of
 * anybody's in the end.
 */
#include "hs.h"
#include "world.h"
#include "front.h"

#define FRONTS          4
#define STEPS           1000
#define CHANCE(n)       (!world_below(n))

/* A frame, and what the model has to know of it. */
struct sent {
    struct frame frame;
    unsigned int to;
    uint32_t caps;              /* that the receiver needs */
    unsigned int requests;      /* of the receiver's */
    uint16_t flags;             /* that it gets */
    bool odd;                   /* it is not to be carried, whatever there is */
    struct sent *next;
};

struct queue {
    struct sent *first, **last;
};

static struct front front[FRONTS];
static struct queue waiting[FRONTS];            /* by sender, on its ring */
static struct queue carried[FRONTS];            /* by receiver, on its ring */
static uint32_t caps[FRONTS];
static unsigned int max_len[FRONTS];
static s_time_t until[FRONTS][FRONTS];          /* of the flow from one to the other */
static bool served[FRONTS];                     /* the next request raises an event */
static bool armed[FRONTS];                      /* the next frame raises one */
static bool asked[FRONTS];                      /* the next response raises one */
static s_time_t owed[FRONTS];                   /* that, by then; or 0 */
static s_time_t hidden[FRONTS];                 /* somebody is to look at the ring by then; or 0 */
static unsigned int expected;                   /* frames of who sends now, see kick() */
static struct front *sender;
static uint64_t sent_before;
static uint64_t total, kicks, turns;
static uint64_t gone, survived;                 /* queues, of the runs that are hostile */

static void fail(uint64_t seed, unsigned int step, const char *what)
{
    printf("not ok fuzz: seed %llu, step %u: %s\n", (unsigned long long)seed, step, what);
    exit(1);
}

static void queue_begin(struct queue *queue)
{
    queue->first = NULL;
    queue->last = &queue->first;
}

static void queue_add(struct queue *queue, struct sent *sent)
{
    sent->next = NULL;
    *queue->last = sent;
    queue->last = &sent->next;
}

static struct sent *queue_take(struct queue *queue)
{
    struct sent *sent = queue->first;

    queue->first = sent->next;
    if ( !queue->first )
        queue->last = &queue->first;
    return sent;
}

static void queue_end(struct queue *queue)
{
    while ( queue->first )
        free(queue_take(queue));
}

/* The word of a flow's: each has its own. */
static unsigned int slot_of(unsigned int from, unsigned int to)
{
    return 1 + from * FRONTS + to;
}

static void renew(unsigned int from, unsigned int to)
{
    struct hs_flow flow;
    struct frame frame;

    frame_make(&frame, from + 1, to + 1, 17, 64);
    flow = front_flow(&front[from], &front[to], &frame);
    flow.slot[2] = slot_of(from, to);
    flow.gen[2] = front_gens()[flow.slot[2]];
    flow.ttl_us = 1 + world_below(20000);
    if ( !front_flow_add(&flow) )
        until[from][to] = world.now + MICROSECS(flow.ttl_us);
}

static void revoke(unsigned int from, unsigned int to)
{
    front_gens()[slot_of(from, to)]++;
    until[from][to] = 0;
}

static unsigned int room_to_send(const struct front *f)
{
    return RING - (f->tx.req_prod_pvt - f->tx.rsp_cons);
}

static void make_segments(struct sent *sent)
{
    sent->frame.flags = NETTXF_csum_blank | (CHANCE(2) ? NETTXF_data_validated : 0);
    sent->frame.gso_type = XEN_NETIF_GSO_TYPE_TCPV4;
    sent->frame.gso_size = 500 + world_below(9000);
    sent->caps = HS_CAP_TSO4 | HS_CAP_CSUM4 | HS_CAP_SG;
    sent->flags = NETRXF_csum_blank | NETRXF_data_validated;
    sent->requests++;
}

static void make_plain(struct sent *sent)
{
    if ( CHANCE(3) )
    {
        sent->frame.flags = NETTXF_csum_blank;
        sent->caps = HS_CAP_CSUM4;
        sent->flags = NETRXF_csum_blank | NETRXF_data_validated;
    }
    else if ( CHANCE(2) )
    {
        sent->frame.flags = NETTXF_data_validated;
        sent->flags = NETRXF_data_validated;
    }
    if ( sent->frame.len > PAGE_SIZE )
        sent->caps |= HS_CAP_SG;
}

static struct sent *make_frame(unsigned int from)
{
    static const unsigned int most[] = { 100, 1600, 9000, FRAME_MAX };
    unsigned int to = (from + 1 + world_below(FRONTS - 1)) % FRONTS;
    struct sent *sent = calloc(1, sizeof(*sent));
    unsigned int len = 54 + world_below(most[world_below(4)] - 53);
    unsigned int pages = DIV_ROUND_UP(len, PAGE_SIZE);

    sent->to = to;
    sent->requests = pages;
    frame_make(&sent->frame, from + 1, to + 1, 6, len);
    if ( CHANCE(4) )
        make_segments(sent);
    else
        make_plain(sent);
    /* Where the header is whole it is looked at, and not only a part. */
    sent->frame.slots = pages + world_below(HS_TX_SLOTS - pages + 1);
    if ( len / sent->frame.slots < 54 )
        sent->frame.slots = pages;
    if ( CHANCE(40) )
    {
        sent->odd = true;
        sent->frame.byte[5] = 99;
    }
    return sent;
}

static const char *send_one(unsigned int from)
{
    struct sent *sent = make_frame(from);
    bool event;

    if ( room_to_send(&front[from]) < sent->frame.slots + 1 )
    {
        free(sent);
        return NULL;
    }
    event = front_send(&front[from], &sent->frame);
    queue_add(&waiting[from], sent);
    if ( event )
        hidden[from] = 0;
    else if ( served[from] && front[from].window == 1 )
        return "nobody hears of what is sent after all was carried";
    else if ( served[from] )
        hidden[from] = world.now + 3 * HS_PUT_OFF;
    served[from] = false;
    return NULL;
}

/* Would it be carried now, with so many requests of the receiver's used up already? */
static bool would_pass(unsigned int from, const struct sent *sent, unsigned int used)
{
    const struct front *to = &front[sent->to];
    unsigned int room = to->rx.sring->req_prod - to->state->rx.cons - used;

    return !sent->odd && world.now < until[from][sent->to] &&
           (sent->caps & ~caps[sent->to]) == 0 &&
           (sent->frame.gso_type || sent->frame.len <= max_len[sent->to]) &&
           to->state->rx.owner == HS_FREE && room >= sent->requests;
}

/* How many of those that wait are carried, if nothing comes in between; the first so many were. */
static unsigned int foresee(unsigned int from, unsigned int were)
{
    unsigned int used[FRONTS] = {}, count = 0;
    const struct sent *sent;

    if ( front[from].state->tx.owner != HS_FREE )
        return 0;
    for ( sent = waiting[from].first; sent; sent = sent->next )
    {
        if ( were )
        {
            were--;
            continue;
        }
        if ( !would_pass(from, sent, used[sent->to]) )
            break;
        used[sent->to] += sent->requests;
        count++;
    }
    return count;
}

/* If it was a receiver's grant that failed, that rests. */
static void after_rest(void)
{
    unsigned int from, to;

    world.now += HS_REST_MAX;
    for ( from = 0; from < FRONTS; from++ )
    {
        /* No timer has fired meanwhile. */
        owed[from] += owed[from] ? HS_REST_MAX : 0;
        hidden[from] += hidden[from] ? HS_REST_MAX : 0;
        for ( to = 0; to < FRONTS; to++ )
            if ( until[from][to] )
                renew(from, to);
    }
}

/* So many of those that wait have gone; whom they are for is told if it has asked. */
static void note_carried(unsigned int from, unsigned int count, bool *told)
{
    const struct hs_queue *queue = hs_queue_find(world.domain[BACKEND]->hs,
                                                 front[from].attach.handle);

    total += count;
    if ( count && asked[from] )
    {
        asked[from] = false;
        owed[from] = world.now + queue->put_off + 2 * HS_PUT_OFF;
    }
    while ( count-- )
    {
        struct sent *sent = queue_take(&waiting[from]);

        queue_add(&carried[sent->to], sent);
        told[sent->to] = armed[sent->to];
    }
}

static bool events_are_right(const bool *told)
{
    unsigned int i;

    for ( i = 0; i < FRONTS; i++ )
    {
        if ( !!world_events(front[i].domid, front[i].attach.rx_port) != told[i] )
            return false;
        armed[i] = armed[i] && !told[i];
    }
    return true;
}

/* Some receivers wait for the pCPU that who sends has. */
static void some_wait(void)
{
    unsigned int i;

    for ( i = 0; i < FRONTS; i++ )
    {
        struct vcpu *v = &world.domain[front[i].domid]->listener;

        v->runnable = CHANCE(2);
        v->runstate.state = v->runnable ? RUNSTATE_runnable : RUNSTATE_blocked;
        v->runstate.state_entry_time = CHANCE(2) ? world.now : 1;
    }
}

static void post_some(struct front *f)
{
    front_post(f, world_below(RING - (f->rx.req_prod_pvt - f->rx.rsp_cons) + 1));
}

/* One has made way, and is back a moment later. */
static void turn(void)
{
    unsigned int count = sender->state->tx.frames - sent_before;

    turns++;
    post_some(&front[world_below(FRONTS)]);
    some_wait();
    world.now++;
    expected = count + foresee(sender - front, count);
    world.now--;
}

/* Now and then so often that this opens a window. */
static bool notify(struct front *f)
{
    unsigned int often = CHANCE(3) ? 9 : 1;
    bool told;

    do
        told = front_notify(f);
    while ( --often );
    return told;
}

/* Returns what is wrong with what a kick did. */
static const char *kick(unsigned int from)
{
    unsigned int count;
    bool told[FRONTS] = {};
    bool all, faulty = CHANCE(8), by_guest = CHANCE(2);
    int rc;

    /* Who has made way does not again before the clock has gone on. */
    world.now += 2;
    sender = &front[from];
    sent_before = sender->state->tx.frames;
    expected = foresee(from, 0);
    some_wait();
    world.turn = turn;
    world.fail_grant = faulty ? 1 + world_below(60) : 0;
    world.interrupt = CHANCE(4) ? 1 + world_below(100) : 0;
    do
        rc = by_guest ? notify(&front[from]) : front_kick(&front[from]);
    while ( rc == 2 );
    faulty = faulty && !world.fail_grant;
    world.fail_grant = 0;
    world.interrupt = 0;
    kicks++;
    if ( faulty )
        after_rest();

    served[from] = rc == 0;
    hidden[from] = 0;
    count = sender->state->tx.frames - sent_before;
    if ( count > expected || (count < expected && !faulty) )
        return "other frames were carried than should have been";
    note_carried(from, count, told);
    if ( !events_are_right(told) )
        return "a receiver's event that is missing, or that it did not ask for";
    all = !waiting[from].first && front[from].state->tx.owner == HS_FREE;
    return rc == !all ? NULL : "the answer is not whether something is left";
}

static const char *receive(unsigned int to)
{
    static struct frame got;
    const char *why = NULL;

    while ( !CHANCE(6) && front_receive(&front[to], &got, &why) )
    {
        struct sent *sent;

        if ( !carried[to].first )
            return "a frame that nobody sent";
        sent = queue_take(&carried[to]);
        if ( got.len != sent->frame.len || memcmp(got.byte, sent->frame.byte, got.len) )
            return "another frame";
        if ( got.flags != sent->flags || got.gso_type != sent->frame.gso_type ||
             got.gso_size != sent->frame.gso_size )
            return "another kind of frame";
        free(sent);
        why = NULL;
    }
    return why;
}

/* The front end goes to sleep, if there is nothing to receive. */
static void arm(unsigned int n)
{
    int more;

    RING_FINAL_CHECK_FOR_RESPONSES(&front[n].rx, more);
    if ( !more )
        armed[n] = true;
}

/* It takes responses, and may ask for the event of the next. */
static const char *reap(unsigned int n)
{
    struct front *f = &front[n];
    int more = 1;

    if ( front_reap(f) < 0 )
        return "a response that cannot be";
    if ( CHANCE(2) )
        RING_FINAL_CHECK_FOR_RESPONSES(&f->tx, more);
    if ( !more )
    {
        world_events(f->domid, f->attach.tx_port);
        asked[n] = true;
        owed[n] = 0;
    }
    return NULL;
}

static bool backend_is_told(unsigned int n)
{
    const struct evtchn *chn = evtchn_from_port(world.domain[front[n].domid],
                                                front[n].attach.tx_port);

    return world_events(BACKEND, chn->u.interdomain.remote_port);
}

/*
 * What is put off comes to its end, or is told to the back end, which then asks for events itself:
 * until it has, none is expected.
 */
static const char *see_to_put_off(void)
{
    unsigned int n;

    for ( n = 0; n < FRONTS; n++ )
    {
        /* Who was told looks at what comes later, too. */
        if ( backend_is_told(n) )
            hidden[n] = served[n] = 0;
        if ( !waiting[n].first )
            hidden[n] = 0;
        if ( hidden[n] && world.now >= hidden[n] )
            return "nobody looks at what is in a window";
        if ( !owed[n] || world.now < owed[n] )
            continue;
        owed[n] = 0;
        if ( !world_events(front[n].domid, front[n].attach.tx_port) )
            return "nobody hears of responses";
    }
    return NULL;
}

/* Something is done that may have what is put off carried. */
static const char *with_put_off(void (*something)(void))
{
    uint64_t before[FRONTS];
    bool told[FRONTS] = {};
    unsigned int n;

    for ( n = 0; n < FRONTS; n++ )
        before[n] = front[n].state->tx.frames;
    something();
    for ( n = 0; n < FRONTS; n++ )
    {
        unsigned int count = front[n].state->tx.frames - before[n];

        note_carried(n, count, told);
        /* What is too much at once is gone on with after a while. */
        if ( count && hidden[n] )
            hidden[n] = world.now + 3 * HS_PUT_OFF;
    }
    if ( !events_are_right(told) )
        return "a receiver's event that is missing, or that it did not ask for, of what was put off";
    return see_to_put_off();
}

static void pass_time(void)
{
    world.running = world_below(FRONTS + 1);
    world_pass(MICROSECS(world_below(CHANCE(3) ? 500 : 100)));
}

/* One of the guest's vCPUs. */
static void block(void)
{
    current->domain = world.domain[1 + world_below(FRONTS)];
    hs_flush(current);
    current->domain = world.domain[BACKEND];
}

/* The back end takes the queue back, and lends it anew; nothing of its rings is lost. */
static void lend_anew(unsigned int n)
{
    struct front *f = &front[n];
    unsigned int i;

    hs_token_take(&f->state->tx);
    hs_token_take(&f->state->rx);
    ASSERT(!front_detach(f));
    hidden[n] = 0;
    served[n] = false;
    ASSERT(front_lend(f));
    front_set(f, caps[n], FRAME_MAX + 1, max_len[n]);
    for ( i = 0; i < FRONTS; i++ )
        until[n][i] = until[i][n] = 0;
}

/* The back end has a ring for some steps; Xen has it most of the time. */
static void take_or_give(unsigned int n)
{
    struct hs_state *state = front[n].state;
    struct hs_side *side = CHANCE(2) ? &state->tx : &state->rx;

    if ( side->owner == HS_BACKEND )
        hs_token_release(side);
    else if ( CHANCE(4) )
        hs_token_take(side);
}

static void set(unsigned int n)
{
    caps[n] = CHANCE(4) ? world_below(HS_CAPS + 1) : HS_CAPS;
    max_len[n] = CHANCE(4) ? 1518 : FRAME_MAX;
    front_set(&front[n], caps[n], FRAME_MAX + 1, max_len[n]);
}

/* The back end deals with the first that waits. */
static void serve(unsigned int from)
{
    struct sent *sent;

    if ( !waiting[from].first || front[from].state->tx.owner != HS_FREE )
        return;
    sent = queue_take(&waiting[from]);
    front_drop(&front[from], sent->frame.slots + !!sent->frame.gso_type);
    asked[from] = false;
    free(sent);
}

static const char *step(void)
{
    unsigned int n = world_below(FRONTS), other = world_below(FRONTS);
    struct front *f = &front[n];

    switch ( world_below(16) )
    {
    case 0 ... 4:
        return send_one(n);

    case 5 ... 6:
        post_some(f);
        return NULL;

    case 7 ... 9:
        return kick(n);

    case 10:
        if ( CHANCE(2) )
            arm(n);
        return receive(n);

    case 11:
        return reap(n);

    case 12:
        renew(n, other);
        return NULL;

    case 13:
        if ( CHANCE(4) )
            revoke(n, other);
        else
            serve(n);
        return NULL;

    case 14:
        if ( CHANCE(4) )
            set(n);
        return with_put_off(CHANCE(4) ? block : pass_time);

    default:
        if ( CHANCE(10) && f->state->tx.owner == HS_FREE &&
             f->state->rx.owner == HS_FREE )
            lend_anew(n);
        else
            take_or_give(n);
        return NULL;
    }
}

static void begin(uint64_t seed)
{
    unsigned int i, j;

    world_begin(seed);
    front_begin();
    for ( i = 0; i < FRONTS; i++ )
    {
        ASSERT(front_attach(&front[i], i + 1, i + 1));
        caps[i] = HS_CAPS;
        max_len[i] = FRAME_MAX;
        /* As rings begin, the first of either kind is told of. */
        served[i] = false;
        armed[i] = true;
        asked[i] = false;
        owed[i] = 0;
        hidden[i] = 0;
        front[i].window = 1 + (CHANCE(2) ? world_below(HS_WINDOW_MAX) : 0);
        front_set(&front[i], HS_CAPS, FRAME_MAX + 1, FRAME_MAX);
        queue_begin(&waiting[i]);
        queue_begin(&carried[i]);
    }
    for ( i = 0; i < FRONTS; i++ )
        for ( j = 0; j < FRONTS; j++ )
            renew(i, j);
}

static void end(void)
{
    unsigned int i;

    for ( i = 0; i < FRONTS; i++ )
    {
        queue_end(&waiting[i]);
        queue_end(&carried[i]);
    }
    world_end();
}

static void run_model(uint64_t seed)
{
    unsigned int i;

    begin(seed);
    for ( i = 0; i < STEPS; i++ )
    {
        const char *wrong = step();

        if ( wrong )
            fail(seed, i, wrong);
    }
    end();
}

/* Some of what others than Xen can write. */
static void *victim(size_t *size)
{
    struct front *f = &front[world_below(FRONTS)];
    unsigned int at = world_below(RING);

    switch ( world_below(6) )
    {
    case 0:
        *size = PAGE_SIZE;
        return f->tx.sring;

    case 1:
        *size = PAGE_SIZE;
        return f->rx.sring;

    case 2:
        *size = 64;
        return CHANCE(2) ? (void *)f->tx.sring : (void *)f->rx.sring;

    case 3:
        *size = sizeof(struct hs_state);
        return f->state;

    case 4:
        *size = PAGE_SIZE;
        return front_gens();

    default:
        *size = 128;
        return f->tx_page[at]->data;
    }
}

static void spoil(struct grant *grant)
{
    switch ( world_below(3) )
    {
    case 0:
        grant->valid = !grant->valid;
        break;

    case 1:
        grant->readonly = !grant->readonly;
        break;

    default:
        grant->offset = CHANCE(2) ? world_below(PAGE_SIZE) : 0;
        grant->len = CHANCE(2) ? world_below(PAGE_SIZE + 1) : PAGE_SIZE;
    }
}

static void meddle(void)
{
    struct front *f = &front[world_below(FRONTS)];
    size_t size;
    uint8_t *p;

    if ( !CHANCE(6) )
        return;
    p = victim(&size);
    p[world_below(size)] = CHANCE(2) ? world_random() : world_below(4);
    if ( CHANCE(8) )
        spoil(&world.domain[f->domid]->grant[CHANCE(2) ? f->tx_ref[world_below(RING)]
                                                        : f->rx_ref[world_below(RING)]]);
}

/* Would another vCPU's detach have to wait? */
static bool is_busy(const struct front *f)
{
    const struct hs_backend *backend = world.domain[BACKEND]->hs;
    const struct hs_queue *queue = hs_queue_find(backend, f->attach.handle);

    return hs_lock.held || backend->flow_lock.held || !queue || queue->tx_lock.held ||
           queue->rx_lock.held;
}

/* Another vCPU of the back end's is quicker. */
static void overtake(void)
{
    struct front *f = &front[world_below(FRONTS)];

    if ( !is_busy(f) && !front_detach(f) )
        gone++;
}

/* Nor is what a guest that has made way finds then what it has left. */
static void turn_of_all(void)
{
    meddle();
    overtake();
    some_wait();
    front_post(&front[world_below(FRONTS)], world_below(RING));
    turns++;
}

/* The back end puts its states right now and then, and lends what is not lent. */
static void repair(struct front *f)
{
    unsigned int i;

    f->state->tx.cons = f->state->tx.prod = f->tx.sring->req_prod;
    f->state->rx.cons = f->state->rx.prod = f->rx.sring->req_prod - world_below(RING);
    f->state->tx.owner = f->state->rx.owner = HS_BACKEND;
    f->state->tx.want = f->state->rx.want = 0;
    if ( front_lend(f) )
        front_set(f, HS_CAPS, FRAME_MAX + 1, FRAME_MAX);
    else
        f->state->tx.owner = f->state->rx.owner = HS_FREE;
    for ( i = 0; i < FRONTS; i++ )
    {
        renew(f - front, i);
        renew(i, f - front);
    }
    for ( i = 0; i < RING; i++ )
    {
        world.domain[f->domid]->grant[f->tx_ref[i]].valid = true;
        world.domain[f->domid]->grant[f->rx_ref[i]].valid = true;
    }
}

static void run_hostile(uint64_t seed)
{
    unsigned int i;

    begin(seed);
    world.meddle = meddle;
    world.turn = turn_of_all;
    for ( i = 0; i < STEPS; i++ )
    {
        struct front *f = &front[world_below(FRONTS)];

        meddle();
        if ( CHANCE(10) )
        {
            world.running = world_below(FRONTS + 1);
            world_pass(HS_PUT_OFF);
        }
        if ( CHANCE(10) )
            block();
        some_wait();
        world.contend = overtake;
        world.contend_at = CHANCE(20) ? 1 + world_below(6) : 0;
        if ( CHANCE(3) )
            CHANCE(2) ? front_kick(f) : front_notify(f);
        else if ( CHANCE(3) )
            front_post(f, world_below(RING));
        else if ( room_to_send(f) > HS_TX_SLOTS + 1 )
            send_one(f - front);
        else
            f->tx.rsp_cons = f->tx.req_prod_pvt;
        world.contend_at = 0;
        if ( CHANCE(20) )
            repair(f);
    }
    for ( i = 0; i < FRONTS; i++ )
        survived += front[i].state->tx.frames > 0;
    end();
}

int main(int argc, char **argv)
{
    unsigned int runs = argc > 1 ? atoi(argv[1]) : 100, i;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;

    for ( i = 0; i < runs; i++ )
        run_model(seed + i);
    printf("%s fuzz: %u runs with a model, seed %llu: %llu frames in %llu kicks, %llu turns of "
           "others\n", turns > runs / 8 ? "ok" : "not ok", runs, (unsigned long long)seed,
           (unsigned long long)total, (unsigned long long)kicks, (unsigned long long)turns);
    turns = 0;
    for ( i = 0; i < runs; i++ )
        run_hostile(seed + i);
    printf("%s fuzz: %u runs with all that can be written over, seed %llu: %llu queues gone, "
           "%llu that have carried, %llu turns of others\n",
           gone > runs && survived > runs && turns > runs / 8 ? "ok" : "not ok", runs,
           (unsigned long long)seed, (unsigned long long)gone, (unsigned long long)survived,
           (unsigned long long)turns);
    return 0;
}
