// SPDX-License-Identifier: GPL-2.0
/*
 * Locking: as in Xen's common/sched/core.c, whose functions those of the same name here
 * follow: wake, sleep and the decision are called with the schedule lock of the pCPU held,
 * a vCPU is moved with those of both pCPUs.
 */
#include "world.h"

struct world world;

s_time_t harness_now;
unsigned int nr_cpu_ids, harness_cpu;
bool harness_in_irq;
cpumask_t cpu_online_map;
nodemask_t node_online_map;
cpumask_t node_masks[MAX_NUMNODES];
unsigned int cpu_nodes[NR_CPUS];
bool sched_smt_power_savings;
int sched_ratelimit_us;
rcu_read_lock_t sched_res_rculock;

DEFINE_PER_CPU(cpumask_var_t, cpu_sibling_mask);
DEFINE_PER_CPU(cpumask_var_t, cpu_core_mask);
static DEFINE_PER_CPU(cpumask_t, llc_mask);
DEFINE_PER_CPU(struct sched_resource *, sched_res);
DEFINE_PER_CPU(cpumask_t, cpumask_scratch);
extern char __start_percpu[], __stop_percpu[];

/* ---- what emul.h promises ---- */

void harness_bug(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: %s: at %"PRId64" ns on pCPU %u of %s\n", file, line, what,
            harness_now, harness_cpu, world.variant ? world.variant->name : "none");
    abort();
}

uint64_t dice_throw(struct dice *dice)
{
    uint64_t z = (dice->state += 0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

uint64_t dice_between(struct dice *dice, uint64_t low, uint64_t high)
{
    return low + dice_throw(dice) % (high - low + 1);
}

#define MAX_PARAMS 32
static struct param {
    const char *variant, *name;
    void *var;
    size_t size;
} params[MAX_PARAMS];
static unsigned int nr_params;

void harness_register_param(const char *variant, const char *name, void *var, size_t size)
{
    ASSERT(nr_params < MAX_PARAMS);
    params[nr_params++] = (struct param){ variant, name, var, size };
}

static const struct param *find_param(const struct variant *variant, const char *name)
{
    unsigned int i;

    for ( i = 0; i < nr_params; i++ )
        if ( !strcmp(params[i].variant, variant->name) && !strcmp(params[i].name, name) )
            return &params[i];
    return NULL;
}

bool has_param(const struct variant *variant, const char *name)
{
    return find_param(variant, name);
}

int get_param(const struct variant *variant, const char *name)
{
    const struct param *param = find_param(variant, name);

    ASSERT(param);
    return param->size == sizeof(bool) ? *(bool *)param->var : *(int *)param->var;
}

void set_param(const struct variant *variant, const char *name, int value)
{
    const struct param *param = find_param(variant, name);

    ASSERT(param);
    if ( param->size == sizeof(bool) )
        *(bool *)param->var = value;
    else
        *(int *)param->var = value;
}

#define MAX_TIMERS (2 * MAX_PCPUS + 1)
static struct timer *timers[MAX_TIMERS];
static unsigned int nr_timers;

void init_timer(struct timer *t, void (*fn)(void *), void *data, unsigned int cpu)
{
    ASSERT(nr_timers < MAX_TIMERS);
    *t = (struct timer){ .function = fn, .data = data, .cpu = cpu };
    timers[nr_timers++] = t;
}

void set_timer(struct timer *t, s_time_t expires)
{
    t->expires = expires;
    t->active = true;
}

void stop_timer(struct timer *t)
{
    t->active = false;
}

void kill_timer(struct timer *t)
{
    unsigned int i;

    for ( i = 0; timers[i] != t; i++ )
        ASSERT(i + 1 < nr_timers);
    timers[i] = timers[--nr_timers];
}

void migrate_timer(struct timer *t, unsigned int cpu)
{
    t->cpu = cpu;
}

static struct dice contention;

bool spin_trylock(spinlock_t *l)
{
    if ( world.machine.contention &&
         dice_between(&contention, 1, 1000) <= world.machine.contention )
        return false;
    if ( l->held )
        return false;
    l->held = true;
    return true;
}

void cpu_raise_softirq(unsigned int cpu, unsigned int nr)
{
    world.softirqs |= 1U << cpu;
}

void cpumask_raise_softirq(const cpumask_t *mask, unsigned int nr)
{
    world.softirqs |= mask->bits;
}

struct vcpu *harness_current(void)
{
    return curr_on_cpu(harness_cpu)->vcpu_list;
}

static struct actor *actor_of(const struct sched_unit *unit)
{
    return container_of(unit, struct actor, unit);
}

const cpumask_t *cpu_llc_mask(unsigned int cpu)
{
    ASSERT(cpumask_test_cpu(cpu, &cpu_online_map));
    return &per_cpu(llc_mask, cpu);
}

/* ---- core.c: sleeping, waking, moving ---- */

static void vcpu_sleep_nosync_locked(struct vcpu *v)
{
    if ( vcpu_runnable(v) )
        return;
    actor_of(v->sched_unit)->waiting_since = -1;
    sched_sleep(&world.ops, v->sched_unit);
}

static void vcpu_sleep_nosync(struct vcpu *v)
{
    spinlock_t *lock = unit_schedule_lock_irq(v->sched_unit);

    vcpu_sleep_nosync_locked(v);
    spin_unlock(lock);
}

/* The unit may have moved when the scheduler returns: the lock is that of before. */
static void vcpu_wake(struct vcpu *v)
{
    spinlock_t *lock = unit_schedule_lock_irq(v->sched_unit);

    if ( vcpu_runnable(v) )
    {
        struct actor *a = actor_of(v->sched_unit);

        if ( !v->is_running && a->waiting_since < 0 )
            a->waiting_since = harness_now;
        sched_wake(&world.ops, v->sched_unit);
    }
    spin_unlock(lock);
}

void vcpu_pause_nosync(struct vcpu *v)
{
    atomic_add(1, &v->pause_count);
    vcpu_sleep_nosync(v);
}

void vcpu_unpause(struct vcpu *v)
{
    atomic_sub(1, &v->pause_count);
    ASSERT(atomic_read(&v->pause_count) >= 0);
    vcpu_wake(v);
}

static void sched_unit_migrate_start(struct sched_unit *unit)
{
    set_bit(_VPF_migrating, &unit->vcpu_list->pause_flags);
    vcpu_sleep_nosync_locked(unit->vcpu_list);
}

static void lock_double(spinlock_t *a, spinlock_t *b)
{
    spin_lock(a);
    if ( a != b )
        spin_lock(b);
}

static void unlock_double(spinlock_t *a, spinlock_t *b)
{
    spin_unlock(a);
    if ( a != b )
        spin_unlock(b);
}

static void sched_unit_migrate_finish(struct sched_unit *unit)
{
    unsigned int old_cpu = unit->res->master_cpu, new_cpu = old_cpu;
    spinlock_t *old_lock, *new_lock;
    bool picked = false;

    if ( unit->is_running || !test_bit(_VPF_migrating, &unit->vcpu_list->pause_flags) )
        return;

    for ( ; ; )
    {
        old_lock = get_sched_res(old_cpu)->schedule_lock;
        new_lock = get_sched_res(new_cpu)->schedule_lock;
        lock_double(old_lock, new_lock);
        if ( picked )
            break;
        new_cpu = sched_pick_resource(&world.ops, unit)->master_cpu;
        if ( new_lock == get_sched_res(new_cpu)->schedule_lock )
            break;
        picked = true;
        unlock_double(old_lock, new_lock);
    }

    clear_bit(_VPF_migrating, &unit->vcpu_list->pause_flags);
    sched_migrate(&world.ops, unit, new_cpu);
    unlock_double(old_lock, new_lock);
    vcpu_wake(unit->vcpu_list);
}

/* ---- work ---- */

static bool same_cache(unsigned int a, unsigned int b)
{
    return cpumask_test_cpu(b, &per_cpu(llc_mask, a));
}

/* The actor that an actor works with: from whom it gets packets, or to whom they go. */
static const struct actor *partner(const struct actor *a)
{
    int other = a->from >= 0 ? a->from : a->does.to;

    return other >= 0 ? &world.actors[other] : NULL;
}

/* A burst of the work that there is, if there is any. */
static bool start_burst(struct actor *a)
{
    const struct behaviour *does = &a->does;
    const struct actor *other = partner(a);

    a->burst_is_packet = a->packets > 0;
    a->busy = does->hog || a->packets || a->acked;
    if ( !a->busy )
        return false;

    if ( a->burst_is_packet )
        a->packets--;
    else
        a->acked = false;
    a->left = does->hog ? INT64_MAX / 2
                        : dice_between(&a->dice, does->run_min, does->run_max);
    if ( does->long_every && ++a->bursts % does->long_every == 0 )
        a->left += does->long_run;
    if ( does->far_cost && a->burst_is_packet && other &&
         !same_cache(a->vcpu.processor, other->vcpu.processor) )
        a->left += does->far_cost;
    return true;
}

static void account_run(struct actor *a)
{
    s_time_t ran = harness_now - a->running_since;
    const struct actor *other = partner(a);

    a->ran += ran;
    a->left -= ran;
    a->running_since = harness_now;
    if ( !other )
        return;
    if ( same_cache(a->vcpu.processor, other->vcpu.processor) )
        a->near += ran;
    else
        a->far += ran;
}

/* An event for a vCPU, which unblocks it. */
static void notify(struct actor *a)
{
    struct vcpu *v = &a->vcpu;

    if ( a->alive && test_and_clear_bit(_VPF_blocked, &v->pause_flags) )
    {
        a->woken_at = harness_now;
        vcpu_wake(v);
    }
}

static void deliver(struct actor *a, int from)
{
    if ( a->packets >= QUEUE_LIMIT )
    {
        a->lost++;
        return;
    }
    a->packets++;
    if ( from >= 0 )
        a->from = from;
    notify(a);
}

/* The running vCPU has done what it had to do. */
static void burst_ends(struct actor *a)
{
    const struct behaviour *does = &a->does;

    account_run(a);
    if ( a->burst_is_packet )
    {
        a->done++;
        if ( does->to >= 0 )
            deliver(&world.actors[does->to], a - world.actors);
        if ( does->acks >= 0 )
        {
            world.actors[does->acks].acked = true;
            notify(&world.actors[does->acks]);
        }
    }
    if ( start_burst(a) )
        return;
    set_bit(_VPF_blocked, &a->vcpu.pause_flags);
    cpu_raise_softirq(harness_cpu, SCHEDULE_SOFTIRQ);
}

static void packet_arrives(struct actor *a)
{
    a->arrival += dice_between(&a->dice, a->does.gap_min, a->does.gap_max);
    harness_in_irq = a->does.interrupts;
    deliver(a, -1);
    harness_in_irq = false;
}

/* ---- core.c: the decision ---- */

static void record(const struct decision *d)
{
    const unsigned char *byte = (const void *)d;
    size_t i;

    for ( i = 0; i < sizeof(*d); i++ )
        world.digest = (world.digest ^ byte[i]) * 0x100000001b3;
    if ( world.nr_decisions == world.log_size )
    {
        world.log_size = world.log_size * 2 + 4096;
        world.log = realloc(world.log, world.log_size * sizeof(*world.log));
        ASSERT(world.log);
    }
    world.log[world.nr_decisions++] = *d;
}

static void record_choice(unsigned int cpu, const struct sched_unit *next, s_time_t slice)
{
    struct decision d;

    memset(&d, 0, sizeof(d));
    d.when = harness_now;
    d.slice = slice;
    d.cpu = cpu;
    d.domain = next->domain->domain_id;
    d.vcpu = next->unit_id;
    d.priority = world.variant->priority(next);
    d.credit = is_idle_unit(next) ? 0 : world.variant->credit(next);
    record(&d);
    if ( !is_idle_unit(next) && !cpumask_test_cpu(cpu, next->cpu_hard_affinity) )
        world.affinity_broken++;
}

static void count_latency(struct actor *a, s_time_t latency)
{
    unsigned int bucket = 0;

    /* 16 buckets for each doubling: 6 % apart. */
    if ( latency >= 16 )
    {
        unsigned int log = 63 - __builtin_clzl(latency);

        bucket = (log - 3) * 16 + ((latency >> (log - 4)) & 15);
    }
    a->latency[min(bucket, LATENCIES - 1U)]++;
}

static void switch_out(struct sched_unit *prev)
{
    struct actor *a = actor_of(prev);

    if ( is_idle_unit(prev) )
        return;
    account_run(a);
    if ( vcpu_runnable(&a->vcpu) || test_bit(_VPF_migrating, &a->vcpu.pause_flags) )
        a->waiting_since = harness_now;
}

static void switch_in(struct sched_unit *next)
{
    struct actor *a = actor_of(next);

    if ( is_idle_unit(next) )
        return;
    a->switches++;
    a->moves += a->vcpu.processor != a->last_cpu;
    a->last_cpu = a->vcpu.processor;
    a->running_since = harness_now;
    if ( a->waiting_since >= 0 )
        a->longest_wait = max(a->longest_wait, harness_now - a->waiting_since);
    a->waiting_since = -1;
    if ( a->woken_at >= 0 )
        count_latency(a, harness_now - a->woken_at);
    a->woken_at = -1;
    if ( !a->busy && !start_burst(a) )
        harness_bug(__FILE__, __LINE__, "a vCPU runs that has no work");
}

static void schedule(unsigned int cpu)
{
    struct sched_resource *sr = get_sched_res(cpu);
    struct sched_unit *prev = sr->curr, *next;
    spinlock_t *lock = pcpu_schedule_lock_irq(cpu);

    harness_cpu = cpu;
    stop_timer(&sr->s_timer);
    world.ops.do_schedule(&world.ops, prev, harness_now, false);
    next = prev->next_task;
    if ( prev->next_time >= 0 )
        set_timer(&sr->s_timer, harness_now + prev->next_time);
    record_choice(cpu, next, prev->next_time);

    if ( prev != next )
    {
        sr->curr = next;
        ASSERT(!next->is_running);
        next->is_running = next->vcpu_list->is_running = true;
        next->state_entry_time = harness_now;
        switch_out(prev);
        switch_in(next);
    }
    spin_unlock(lock);

    if ( prev != next )
    {
        prev->is_running = prev->vcpu_list->is_running = false;
        prev->state_entry_time = harness_now;
        if ( !is_idle_unit(prev) )
            sched_unit_migrate_finish(prev);
    }
}

static void run_softirqs(void)
{
    while ( world.softirqs )
    {
        unsigned int cpu = __builtin_ctz(world.softirqs);

        world.softirqs &= ~(1U << cpu);
        schedule(cpu);
    }
}

static void s_timer_fn(void *cpu)
{
    cpu_raise_softirq((unsigned long)cpu, SCHEDULE_SOFTIRQ);
}

/* ---- time ---- */

/* Does anybody wait who might run on this pCPU? */
static bool awaited(unsigned int cpu)
{
    unsigned int i;

    for ( i = 0; i < world.nr_actors; i++ )
    {
        const struct actor *a = &world.actors[i];

        if ( a->alive && a->waiting_since >= 0 && vcpu_runnable(&a->vcpu) &&
             cpumask_test_cpu(cpu, a->unit.cpu_hard_affinity) )
            return true;
    }
    return false;
}

/* Up to now nothing has changed since the event before. */
static void account_idle(s_time_t passed)
{
    unsigned int cpu;

    for_each_cpu ( cpu, &cpu_online_map )
    {
        if ( !is_idle_unit(curr_on_cpu(cpu)) || !awaited(cpu) )
        {
            world.idle_since[cpu] = -1;
            continue;
        }
        if ( world.idle_since[cpu] < 0 )
            world.idle_since[cpu] = harness_now - passed;
        world.wasted += passed;
        world.longest_waste = max(world.longest_waste,
                                  harness_now - world.idle_since[cpu]);
    }
}

/* What happens next; both are NULL if it is nothing. */
struct next {
    s_time_t when;
    struct timer *timer;
    struct actor *ends, *gets;
};

static struct next find_next(void)
{
    struct next next = { .when = INT64_MAX };
    unsigned int i;

    for ( i = 0; i < nr_timers; i++ )
        if ( timers[i]->active && timers[i]->expires < next.when )
            next = (struct next){ timers[i]->expires, .timer = timers[i] };
    for ( i = 0; i < world.nr_actors; i++ )
    {
        struct actor *a = &world.actors[i];

        if ( !a->alive )
            continue;
        if ( a->unit.is_running && a->running_since + a->left < next.when )
            next = (struct next){ a->running_since + a->left, .ends = a };
        if ( a->does.gap_max && a->arrival < next.when )
            next = (struct next){ a->arrival, .gets = a };
    }
    return next;
}

static void happen(const struct next *next)
{
    if ( next->timer )
    {
        harness_cpu = next->timer->cpu;
        next->timer->active = false;
        next->timer->function(next->timer->data);
    }
    else if ( next->ends )
    {
        harness_cpu = next->ends->vcpu.processor;
        burst_ends(next->ends);
    }
    else
    {
        harness_cpu = next->gets->vcpu.processor;
        packet_arrives(next->gets);
    }
}

static void time_passes(s_time_t when)
{
    s_time_t passed = max(when - harness_now, (s_time_t)0);

    harness_now += passed;
    if ( passed )
        account_idle(passed);
}

void world_run(s_time_t until)
{
    for ( ; ; )
    {
        struct next next;

        run_softirqs();
        next = find_next();
        if ( next.when > until )
            break;
        time_passes(next.when);
        happen(&next);
    }
    time_passes(until);
}

/* ---- building and changing ---- */

static void add_topology(unsigned int cpu)
{
    const struct machine *m = &world.machine;
    unsigned int core = cpu / m->threads, socket = core / m->cores, other;

    for ( other = 0; other < nr_cpu_ids; other++ )
    {
        unsigned int other_core = other / m->threads;

        if ( other_core == core )
            __cpumask_set_cpu(other, per_cpu(cpu_sibling_mask, cpu));
        if ( other_core / m->cores != socket )
            continue;
        __cpumask_set_cpu(other, per_cpu(cpu_core_mask, cpu));
        if ( other_core % m->cores / m->cores_per_llc ==
             core % m->cores / m->cores_per_llc )
            __cpumask_set_cpu(other, &per_cpu(llc_mask, cpu));
    }
    cpu_nodes[cpu] = m->one_node ? 0 : socket;
    __cpumask_set_cpu(cpu, &node_masks[cpu_nodes[cpu]]);
    __cpumask_set_cpu(cpu, &cpu_online_map);
}

static void init_unit(struct sched_unit *unit, struct vcpu *v, struct domain *d,
                      unsigned int id, struct sched_resource *sr)
{
    *v = (struct vcpu){ .vcpu_id = id, .domain = d, .sched_unit = unit,
                        .processor = sr->master_cpu };
    *unit = (struct sched_unit){ .domain = d, .vcpu_list = v, .unit_id = id, .res = sr };
}

/* As schedule_cpu_add(). */
static void add_pcpu(unsigned int cpu)
{
    struct sched_resource *sr = &world.res[cpu];
    struct sched_unit *idle = &world.idle_units[cpu];
    void *pdata, *vdata;

    sr->master_cpu = cpu;
    sr->granularity = 1;
    __cpumask_set_cpu(cpu, sr->cpus);
    spin_lock_init(&sr->_lock);
    sr->schedule_lock = &sr->_lock;
    set_sched_res(cpu, sr);
    init_unit(idle, &world.idle_vcpus[cpu], &world.idle_domain, cpu, sr);
    __cpumask_set_cpu(cpu, idle->cpu_hard_affinity);
    idle->is_running = idle->vcpu_list->is_running = true;
    sr->curr = sr->sched_unit_idle = idle;
    init_timer(&sr->s_timer, s_timer_fn, (void *)(unsigned long)cpu, cpu);

    harness_cpu = cpu;
    pdata = sched_alloc_pdata(&world.ops, cpu);
    vdata = sched_alloc_udata(&world.ops, idle, NULL);
    sr->cpupool = &world.pool;
    sr->scheduler = &world.ops;
    sr->schedule_lock = sched_switch_sched(&world.ops, cpu, pdata, vdata);
    sr->sched_priv = pdata;
    __cpumask_set_cpu(cpu, world.pool.cpu_valid);
    __cpumask_set_cpu(cpu, world.pool.res_valid);
    world.idle_since[cpu] = -1;
}

static void forget(void)
{
    struct decision *log = world.log;
    uint64_t log_size = world.log_size;

    memset(&world, 0, sizeof(world));
    world.log = log;
    world.log_size = log_size;
    memset(__start_percpu, 0, __stop_percpu - __start_percpu);
    memset(node_masks, 0, sizeof(node_masks));
    memset(cpu_nodes, 0, sizeof(cpu_nodes));
    cpumask_clear(&cpu_online_map);
    nr_timers = 0;
    harness_now = 0;
}

void world_begin(const struct variant *variant, const struct machine *machine,
                 uint64_t seed)
{
    unsigned int cpu;

    forget();
    world.variant = variant;
    world.machine = *machine;
    world.digest = 0xcbf29ce484222325;
    world.ops = *variant->sched;
    world.ops.cpupool = &world.pool;
    world.pool.sched = &world.ops;
    world.idle_domain = (struct domain){ .domain_id = DOMID_IDLE, .is_idle = true };
    contention.state = seed;
    nr_cpu_ids = machine->sockets * machine->cores * machine->threads;
    ASSERT(nr_cpu_ids <= MAX_PCPUS);
    node_online_map.count = machine->one_node ? 1 : machine->sockets;
    sched_ratelimit_us = machine->ratelimit_us;
    set_param(variant, "vcpu_migration_delay", machine->migration_delay_us);

    variant->sched->global_init();
    if ( sched_init(&world.ops) )
        harness_bug(__FILE__, __LINE__, "no memory");
    for ( cpu = 0; cpu < nr_cpu_ids; cpu++ )
        add_topology(cpu);
    for ( cpu = 0; cpu < nr_cpu_ids; cpu++ )
        add_pcpu(cpu);
}

unsigned int world_add_domain(unsigned int weight, unsigned int cap)
{
    unsigned int id = world.nr_domains++;
    struct domain *d = &world.domains[id];

    ASSERT(id < MAX_DOMAINS);
    *d = (struct domain){ .domain_id = id, .cpupool = &world.pool };
    d->sched_priv = sched_alloc_domdata(&world.ops, d);
    world_set_weight_cap(id, weight, cap);
    return id;
}

void world_set_weight_cap(unsigned int domain, unsigned int weight, unsigned int cap)
{
    struct xen_domctl_scheduler_op op = { .cmd = XEN_DOMCTL_SCHEDOP_putinfo };

    op.u.credit.weight = weight;
    op.u.credit.cap = cap;
    if ( sched_adjust_dom(&world.ops, &world.domains[domain], &op) )
        harness_bug(__FILE__, __LINE__, "weight or cap refused");
    world.caps[domain] = cap;
}

static void set_masks(struct sched_unit *unit, cpumask_t hard, cpumask_t soft)
{
    sched_adjust_affinity(&world.ops, unit, &hard, &soft);
    *unit->cpu_hard_affinity = hard;
    *unit->cpu_soft_affinity = soft;
    unit->soft_aff_effective = !cpumask_subset(&hard, &soft) &&
                               cpumask_intersects(&soft, &hard);
}

unsigned int world_add_vcpu(unsigned int domain, const struct behaviour *does,
                            cpumask_t hard, cpumask_t soft, uint64_t seed)
{
    unsigned int id = world.nr_actors++, vcpu = 0, i;
    struct domain *d = &world.domains[domain];
    struct actor *a = &world.actors[id];

    ASSERT(id < MAX_ACTORS);
    for ( i = 0; i < id; i++ )
        vcpu += world.actors[i].unit.domain == d;
    *a = (struct actor){ .does = *does, .dice.state = seed, .alive = true, .from = -1,
                         .packets = does->first, .waiting_since = -1, .woken_at = -1 };
    init_unit(&a->unit, &a->vcpu, d, vcpu, get_sched_res(cpumask_first(&hard)));
    a->unit.priv = sched_alloc_udata(&world.ops, &a->unit, d->sched_priv);
    set_masks(&a->unit, hard, soft);
    set_bit(_VPF_blocked, &a->vcpu.pause_flags);
    sched_insert_unit(&world.ops, &a->unit);

    if ( does->gap_max )
        a->arrival = harness_now + dice_between(&a->dice, 0, does->gap_max);
    if ( does->hog || does->first )
        notify(a);
    run_softirqs();
    return id;
}

void world_set_affinity(unsigned int actor, cpumask_t hard, cpumask_t soft)
{
    struct sched_unit *unit = &world.actors[actor].unit;
    spinlock_t *lock;

    if ( !world.actors[actor].alive )
        return;
    lock = unit_schedule_lock_irq(unit);
    set_masks(unit, hard, soft);
    sched_unit_migrate_start(unit);
    spin_unlock(lock);
    sched_unit_migrate_finish(unit);
    run_softirqs();
}

static bool lives_in(const struct actor *a, unsigned int domain)
{
    return a->alive && a->unit.domain == &world.domains[domain];
}

void world_pause(unsigned int domain)
{
    unsigned int i;

    atomic_add(1, &world.domains[domain].pause_count);
    for ( i = 0; i < world.nr_actors; i++ )
        if ( lives_in(&world.actors[i], domain) )
            vcpu_sleep_nosync(&world.actors[i].vcpu);
    run_softirqs();
}

void world_unpause(unsigned int domain)
{
    unsigned int i;

    atomic_sub(1, &world.domains[domain].pause_count);
    for ( i = 0; i < world.nr_actors; i++ )
        if ( lives_in(&world.actors[i], domain) )
            vcpu_wake(&world.actors[i].vcpu);
    run_softirqs();
}

void world_destroy_domain(unsigned int domain)
{
    unsigned int i;

    if ( !world.domains[domain].sched_priv )
        return;
    world_pause(domain);
    for ( i = 0; i < world.nr_actors; i++ )
    {
        struct actor *a = &world.actors[i];

        if ( !lives_in(a, domain) )
            continue;
        a->alive = false;
        sched_remove_unit(&world.ops, &a->unit);
        sched_free_udata(&world.ops, a->unit.priv);
        a->unit.priv = NULL;
    }
    sched_free_domdata(&world.ops, world.domains[domain].sched_priv);
    world.domains[domain].sched_priv = NULL;
}

/* As cpu_disable_scheduler(): everybody leaves, though their affinity be broken. */
static void leave_pcpu(unsigned int cpu, struct actor *a)
{
    spinlock_t *lock = unit_schedule_lock_irq(&a->unit);

    if ( !cpumask_intersects(a->unit.cpu_hard_affinity, world.pool.res_valid) )
        set_masks(&a->unit, *world.pool.res_valid, *a->unit.cpu_soft_affinity);
    if ( sched_unit_master(&a->unit) == cpu )
        sched_unit_migrate_start(&a->unit);
    spin_unlock(lock);
    sched_unit_migrate_finish(&a->unit);
}

/* As schedule_cpu_rm(). */
static void free_pcpu(unsigned int cpu)
{
    struct sched_resource *sr = get_sched_res(cpu);

    ASSERT(is_idle_unit(sr->curr));
    harness_cpu = cpu;
    sched_deinit_pdata(&world.ops, sr->sched_priv, cpu);
    sched_free_pdata(&world.ops, sr->sched_priv, cpu);
    sched_free_udata(&world.ops, sr->sched_unit_idle->priv);
    kill_timer(&sr->s_timer);
    set_sched_res(cpu, NULL);
    world.softirqs &= ~(1U << cpu);
}

void world_remove_pcpu(unsigned int cpu)
{
    unsigned int i;

    if ( !cpumask_test_cpu(cpu, &cpu_online_map) || cpumask_weight(&cpu_online_map) == 1 )
        return;
    __cpumask_clear_cpu(cpu, world.pool.cpu_valid);
    __cpumask_clear_cpu(cpu, world.pool.res_valid);
    for ( i = 0; i < world.nr_actors; i++ )
        if ( world.actors[i].alive )
            leave_pcpu(cpu, &world.actors[i]);
    run_softirqs();

    __cpumask_clear_cpu(cpu, &cpu_online_map);
    __cpumask_clear_cpu(cpu, &node_masks[cpu_nodes[cpu]]);
    for ( i = 0; i < nr_cpu_ids; i++ )
    {
        __cpumask_clear_cpu(cpu, per_cpu(cpu_sibling_mask, i));
        __cpumask_clear_cpu(cpu, per_cpu(cpu_core_mask, i));
        __cpumask_clear_cpu(cpu, &per_cpu(llc_mask, i));
    }
    free_pcpu(cpu);
}

void world_end(void)
{
    unsigned int cpu, i;

    for ( i = 0; i < world.nr_domains; i++ )
        world_destroy_domain(i);
    for_each_cpu ( cpu, &cpu_online_map )
        free_pcpu(cpu);
    sched_deinit(&world.ops);
}

/* ---- results ---- */

s_time_t world_domain_ran(unsigned int domain)
{
    s_time_t ran = 0;
    unsigned int i;

    for ( i = 0; i < world.nr_actors; i++ )
        if ( world.actors[i].unit.domain == &world.domains[domain] )
        {
            if ( world.actors[i].unit.is_running )
                account_run(&world.actors[i]);
            ran += world.actors[i].ran;
        }
    return ran;
}

s_time_t actor_latency(const struct actor *actor, double share)
{
    uint64_t total = 0, seen = 0;
    unsigned int i;

    for ( i = 0; i < LATENCIES; i++ )
        total += actor->latency[i];
    for ( i = 0; i < LATENCIES; i++ )
        if ( (seen += actor->latency[i]) >= total * share )
            break;
    return i < 16 ? 0 : (s_time_t)(16 + i % 16) << (i / 16 - 1);
}
