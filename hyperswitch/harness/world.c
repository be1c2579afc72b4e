// SPDX-License-Identifier: GPL-2.0
/* See world.h. */
#include "hs.h"
#include <xen/hyperswitch.h>
#include "world.h"

struct world world;

static struct vcpu vcpu;
struct vcpu *current = &vcpu;
static struct rcu_head *buried;
static long mappings;
static struct {
    unsigned int cmd;
    char *arg;
    unsigned int count;
} continued;

void world_bug(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: %s\n", file, line, what);
    abort();
}

void world_relax(void)
{
    static s_time_t began;
    static unsigned int times;

    times = began == world.now ? times + 1 : 0;
    if ( times > 1000 )
        world_bug(__FILE__, __LINE__, "somebody waits for ever");
    world.now += MICROSECS(1);
    began = world.now;
}

uint64_t world_random(void)
{
    /* SplitMix64 */
    uint64_t z = world.dice += 0x9e3779b97f4a7c15;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

unsigned int world_below(unsigned int n)
{
    return world_random() % n;
}

/* One fails when its countdown comes to its end. */
static bool fails(unsigned int *countdown)
{
    return *countdown && !--*countdown;
}

void *world_alloc(size_t size)
{
    return fails(&world.fail_alloc) ? NULL : calloc(1, size);
}

void call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head))
{
    head->func = func;
    head->next = buried;
    buried = head;
}

void world_contend(void)
{
    struct domain *caller = current->domain;

    if ( !fails(&world.contend_at) )
        return;
    current->domain = world.domain[BACKEND];
    world.contend();
    current->domain = caller;
}

long vcpu_yield(void)
{
    ASSERT(current->domain->domain_id != BACKEND && !world.makes_way);
    world.makes_way = true;
    world.turns++;
    return 0;
}

/* Others have the pCPU, and then it is back. */
static void take_turn(void)
{
    struct domain *caller = current->domain;

    if ( !world.makes_way )
        return;
    world.makes_way = false;
    if ( !world.turn )
        return;
    current->domain = world.domain[BACKEND];
    current->runstate.state = RUNSTATE_runnable;
    current->runstate.state_entry_time = world.now;
    current->runnable = true;
    current->is_running = false;
    world.turn();
    current->is_running = true;
    current->runnable = false;
    current->runstate.state = RUNSTATE_running;
    current->domain = caller;
    current->runstate.state_entry_time = ++world.now;
    world.now += world.busy;
}

/* Not if this is a hypercall in the middle of another. */
static void grace_period(void)
{
    if ( hs_rcu.readers )
        return;
    while ( buried )
    {
        struct rcu_head *head = buried;

        buried = head->next;
        head->func(head);
    }
}

s_time_t NOW(void)
{
    world.now += world.tick;
    return world.now;
}

/* All that there are. */
static struct timer *timers;

void init_timer(struct timer *timer, void (*function)(void *data), void *data, unsigned int cpu)
{
    timer->cpu = cpu;
    timer->function = function;
    timer->data = data;
    timer->active = false;
    timer->next = timers;
    timers = timer;
}

void set_timer(struct timer *timer, s_time_t expires)
{
    timer->expires = expires;
    timer->active = true;
}

void kill_timer(struct timer *timer)
{
    struct timer **at = &timers;

    while ( *at != timer )
    {
        ASSERT(*at);
        at = &(*at)->next;
    }
    *at = timer->next;
}

/* The one that is to fire next by then, or NULL. They may set themselves again. */
static struct timer *next_timer(s_time_t until)
{
    struct timer *timer, *next = NULL;

    for ( timer = timers; timer; timer = timer->next )
        if ( timer->active && timer->expires <= until )
        {
            next = timer;
            until = timer->expires;
        }

    return next;
}

void world_pass(s_time_t time)
{
    struct domain *caller = current->domain;
    s_time_t until = world.now + time;
    struct timer *timer;

    current->domain = world.domain[world.running];
    while ( (timer = next_timer(until)) )
    {
        if ( timer->expires > world.now )
            world.now = timer->expires;
        timer->active = false;
        timer->function(timer->data);
    }
    current->domain = caller;
    if ( until > world.now )
        world.now = until;
}

unsigned int get_random(void)
{
    return world_random();
}

unsigned int softirq_pending(unsigned int cpu)
{
    (void)cpu;
    return world.softirqs | (fails(&world.interrupt) ? 1u << SCHEDULE_SOFTIRQ : 0);
}

bool local_events_need_delivery(void)
{
    return world.pending;
}

long world_continue(unsigned int cmd, char *arg, unsigned int count)
{
    continued.cmd = cmd;
    continued.arg = arg;
    continued.count = count;
    return __HYPERVISOR_CONTINUED;
}

bool world_copy(void *to, const void *from, size_t len)
{
    if ( !to || !from || fails(&world.fail_copy) )
        return true;
    memcpy(to, from, len);
    return false;
}

long world_call(unsigned int cmd, void *arg, unsigned int count)
{
    XEN_GUEST_HANDLE_PARAM(void) handle = { arg };
    long rc = do_hyperswitch_op(cmd, handle, count);

    while ( rc == __HYPERVISOR_CONTINUED )
    {
        handle.p = continued.arg;
        rc = do_hyperswitch_op(continued.cmd, handle, continued.count);
    }
    ASSERT(!hs_lock.held);
    grace_period();
    return rc;
}

/* ---- pages ---- */

struct page_info *world_page(unsigned int domid)
{
    struct page_info *page = &world.page[world.pages++];

    ASSERT(world.pages <= WORLD_PAGES);
    page->owner = world.domain[domid];
    page->data = aligned_alloc(PAGE_SIZE, PAGE_SIZE);
    memset(page->data, 0, PAGE_SIZE);
    return page;
}

int check_get_page_from_gfn(struct domain *d, gfn_t gfn, bool readonly, p2m_type_t *type,
                            struct page_info **page)
{
    (void)readonly;
    *type = world.foreign;
    if ( gfn >= world.pages || world.page[gfn].owner != d )
        return -EINVAL;
    *page = &world.page[gfn];
    (*page)->refs++;
    return 0;
}

bool get_page_type(struct page_info *page, int type)
{
    (void)type;
    if ( fails(&world.fail_type) )
        return false;
    page->types++;
    return true;
}

void put_page_type(struct page_info *page)
{
    ASSERT(page->types > 0);
    page->types--;
}

void put_page(struct page_info *page)
{
    ASSERT(page->refs > 0);
    page->refs--;
}

void put_page_and_type(struct page_info *page)
{
    put_page_type(page);
    put_page(page);
}

void *__map_domain_page(struct page_info *page)
{
    ASSERT(page->refs > 0);
    mappings++;
    return page->data;
}

void unmap_domain_page(const void *va)
{
    ASSERT(va && mappings > 0);
    mappings--;
}

void *__map_domain_page_global(struct page_info *page)
{
    if ( fails(&world.fail_alloc) )
        return NULL;
    return __map_domain_page(page);
}

void unmap_domain_page_global(const void *va)
{
    unmap_domain_page(va);
}

/* ---- grants ---- */

grant_ref_t world_grant(unsigned int domid, struct page_info *page, bool readonly)
{
    struct domain *d = world.domain[domid];
    grant_ref_t ref = 8;

    while ( d->grant[ref].valid )
        ASSERT(++ref < WORLD_GRANTS);
    d->grant[ref] = (struct grant) {
        .page = page,
        .domid = BACKEND,
        .readonly = readonly,
        .valid = true,
        .len = PAGE_SIZE,
    };
    return ref;
}

int gnttab_hs_get(struct domain *rd, grant_ref_t ref, domid_t ldom, bool readonly,
                  struct gnttab_hs_buf *buf)
{
    struct grant *grant = &rd->grant[ref % WORLD_GRANTS];

    if ( world.meddle )
        world.meddle();
    world.now += world.grant_time[rd->domain_id];
    if ( fails(&world.fail_grant) || ref >= WORLD_GRANTS || !grant->valid ||
         grant->domid != ldom || (grant->readonly && !readonly) )
        return GNTST_general_error;
    *buf = (struct gnttab_hs_buf) {
        .page = grant->page,
        .ref = ref,
        .offset = grant->offset,
        .len = grant->len,
        .readonly = readonly,
    };
    grant->pins++;
    grant->writers += !readonly;
    grant->page->refs++;
    grant->page->types += !readonly;
    return GNTST_okay;
}

void gnttab_hs_put(struct domain *rd, const struct gnttab_hs_buf *buf)
{
    struct grant *grant = &rd->grant[buf->ref];

    ASSERT(grant->pins > 0 && grant->writers >= !buf->readonly);
    grant->pins--;
    grant->writers -= !buf->readonly;
    if ( !buf->readonly )
        put_page_type(buf->page);
    put_page(buf->page);
    if ( world.meddle )
        world.meddle();
}

/* ---- event channels ---- */

bool port_is_valid(struct domain *d, evtchn_port_t port)
{
    return port < WORLD_PORTS && d->port[port].state;
}

struct evtchn *evtchn_from_port(struct domain *d, evtchn_port_t port)
{
    return &d->port[port];
}

static evtchn_port_t free_port(struct domain *d)
{
    evtchn_port_t port = 1;

    while ( d->port[port].state )
        ASSERT(++port < WORLD_PORTS);
    return port;
}

static void bind(struct evtchn *chn, struct domain *d, evtchn_port_t port)
{
    chn->state = ECS_INTERDOMAIN;
    chn->u.interdomain.remote_dom = d;
    chn->u.interdomain.remote_port = port;
    chn->got = 0;
}

evtchn_port_t world_connect(unsigned int domid, unsigned int to)
{
    struct domain *d = world.domain[domid], *other = world.domain[to];
    evtchn_port_t port = free_port(d), other_port = free_port(other);

    bind(&d->port[port], other, other_port);
    bind(&other->port[other_port], d, port);
    return port;
}

void evtchn_port_set_pending(struct domain *d, unsigned int vcpu, struct evtchn *chn)
{
    ASSERT(chn >= d->port && chn < d->port + WORLD_PORTS && vcpu == chn->notify_vcpu_id);
    chn->got++;
}

/* As ever, without hyperswitch. */
static int send(struct domain *d, evtchn_port_t port)
{
    const struct evtchn *chn = evtchn_from_port(d, port);

    ASSERT(port_is_valid(d, port));
    chn->u.interdomain.remote_dom->port[chn->u.interdomain.remote_port].got++;
    return 0;
}

int world_send(unsigned int domid, evtchn_port_t port)
{
    struct domain *d = world.domain[domid], *caller = current->domain;
    struct evtchn *chn = evtchn_from_port(d, port);
    unsigned int parts = 0;
    int rc = HS_EVENT_PASS;

    current->domain = d;
    while ( chn->hs )
    {
        ASSERT(parts++ < 1000);
        rc = hs_event(d, chn);
        grace_period();
        if ( rc != -ERESTART )
            break;
        take_turn();
        world.continued++;
        rc = HS_EVENT_PASS;
    }
    ASSERT(!world.makes_way);
    current->domain = caller;
    return rc == HS_EVENT_PASS ? send(d, port) : rc;
}

unsigned int world_events(unsigned int domid, evtchn_port_t port)
{
    struct evtchn *chn = evtchn_from_port(world.domain[domid], port);
    unsigned int got = chn->got;

    chn->got = 0;
    return got;
}

/* ---- domains ---- */

struct domain *get_domain_by_id(domid_t domid)
{
    struct domain *d = domid < WORLD_DOMAINS ? world.domain[domid] : NULL;

    if ( !d )
        return NULL;
    d->refs++;
    return d;
}

void put_domain(struct domain *d)
{
    ASSERT(d->refs > 0);
    d->refs--;
}

int xsm_grant_copy(int hook, struct domain *from, struct domain *to)
{
    (void)hook;
    return world.xsm_forbids[from->domain_id][to->domain_id] ? -EPERM : 0;
}

int xsm_grant_mapref(int hook, struct domain *by, struct domain *of, uint32_t flags)
{
    (void)hook;
    (void)by;
    (void)of;
    (void)flags;
    return world.xsm_forbids_maps ? -EPERM : 0;
}

int xsm_evtchn_send(int hook, struct domain *d, struct evtchn *chn)
{
    (void)hook;
    (void)d;
    (void)chn;
    return world.xsm_forbids_events ? -EPERM : 0;
}

static void end_domain(struct domain *d)
{
    unsigned int i;

    for ( i = 0; i < WORLD_GRANTS; i++ )
        ASSERT(!d->grant[i].pins && !d->grant[i].writers);
    for ( i = 0; i < world.pages; i++ )
        ASSERT(world.page[i].owner != d || (!world.page[i].refs && !world.page[i].types));
    ASSERT(!d->refs);
    hs_domain_free(d);
    world.domain[d->domain_id] = NULL;
    free(d);
}

void world_kill(unsigned int domid)
{
    struct domain *d = world.domain[domid];
    int rc;

    d->is_dying = true;
    do
        rc = hs_domain_kill(d);
    while ( rc == -ERESTART );
    ASSERT(!rc && !hs_lock.held);
    grace_period();
    end_domain(d);
}

void world_begin(uint64_t seed)
{
    s_time_t now = world.now;
    unsigned int i;

    world_end();
    memset(&world, 0, sizeof(world));
    world.dice = seed;
    world.now = now + MILLISECS(1);
    *param_opt_hyperswitch = true;
    current->mc_state.flags = 0;
    current->runnable = false;
    current->is_running = true;
    current->runstate.state = RUNSTATE_running;
    current->runstate.state_entry_time = 0;
    for ( i = 0; i < WORLD_DOMAINS; i++ )
    {
        world.domain[i] = calloc(1, sizeof(struct domain));
        world.domain[i]->domain_id = i;
    }
    current->domain = world.domain[BACKEND];
}

void world_end(void)
{
    unsigned int i;

    world.meddle = NULL;
    world.fail_alloc = 0;
    world.fail_grant = 0;
    world.fail_copy = 0;
    world.interrupt = 0;
    world.softirqs = 0;
    for ( i = WORLD_DOMAINS; i-- > 0; )
        if ( world.domain[i] )
            world_kill(i);
    ASSERT(!mappings && !timers);
    for ( i = 0; i < world.pages; i++ )
        free(world.page[i].data);
    world.pages = 0;
}
