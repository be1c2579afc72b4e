// SPDX-License-Identifier: GPL-2.0
#include "scenario.h"

void set_switches(const struct variant *variant, const struct switches *switches)
{
    if ( !has_param(variant, "sched_credit_io_cosched") )
    {
        ASSERT(!switches->io_cosched && !switches->credit_steal);
        return;
    }
    set_param(variant, "sched_credit_io_cosched", switches->io_cosched);
    set_param(variant, "sched_credit_steal", switches->credit_steal);
    set_param(variant, "sched_credit_io_threshold", switches->threshold);
}

static bool one_in(struct dice *dice, unsigned int n)
{
    return dice_between(dice, 1, n) == 1;
}

static struct machine random_machine(struct dice *dice)
{
    static const unsigned int ratelimits[] = { 0, 100, 1000, 1000 };
    struct machine m = {
        .sockets = dice_between(dice, 1, 2),
        .cores = dice_between(dice, 1, 4),
        .threads = 1 + one_in(dice, 4),
        .ratelimit_us = ratelimits[dice_between(dice, 0, 3)],
        .migration_delay_us = one_in(dice, 4) ? 1000 : 0,
        .one_node = one_in(dice, 2),
        .contention = one_in(dice, 3) ? 20 : 0,
    };

    m.cores_per_llc = one_in(dice, 2) ? m.cores : 1 + (m.cores % 2 == 0);
    return m;
}

static cpumask_t all_pcpus(void)
{
    return cpu_online_map;
}

/* Seldom narrow, and then mostly more than one pCPU. */
static cpumask_t random_mask(struct dice *dice, unsigned int narrow_one_in)
{
    cpumask_t mask;

    if ( !one_in(dice, narrow_one_in) )
        return all_pcpus();
    do
        mask.bits = dice_throw(dice) & cpu_online_map.bits;
    while ( cpumask_empty(&mask) );
    return mask;
}

static struct behaviour hog(void)
{
    return (struct behaviour){ .hog = true, .to = -1, .acks = -1 };
}

/* A vCPU that idles but for a tick. */
static struct behaviour ticking(struct dice *dice)
{
    s_time_t period = MILLISECS(dice_between(dice, 2, 10));

    return (struct behaviour){ .run_min = MICROSECS(5), .run_max = MICROSECS(60),
                               .gap_min = period, .gap_max = period,
                               .to = -1, .acks = -1 };
}

/* Packets come from outside, and are handed on to the next vCPU that is added. */
static struct behaviour source(struct dice *dice, int to)
{
    s_time_t gap = MICROSECS(dice_between(dice, 60, 2000));

    return (struct behaviour){ .run_min = gap / 20, .run_max = gap / 3,
                               .gap_min = gap / 2, .gap_max = gap + gap / 2,
                               .interrupts = one_in(dice, 2), .to = to, .acks = -1 };
}

static struct behaviour sink(struct dice *dice, int from)
{
    struct behaviour does = { .run_min = MICROSECS(5),
                              .run_max = MICROSECS(dice_between(dice, 10, 300)),
                              .to = -1, .acks = one_in(dice, 2) ? from : -1 };

    if ( one_in(dice, 3) )
    {
        does.long_every = dice_between(dice, 10, 200);
        does.long_run = MILLISECS(dice_between(dice, 1, 40));
    }
    return does;
}

/* Two that boost each other as fast as they can. */
static struct behaviour ping(struct dice *dice, int to, unsigned int first)
{
    return (struct behaviour){ .run_min = MICROSECS(5),
                               .run_max = MICROSECS(dice_between(dice, 5, 200)),
                               .to = to, .acks = -1, .first = first };
}

static unsigned int add_vcpu(struct dice *dice, unsigned int domain,
                             const struct behaviour *does)
{
    cpumask_t hard = random_mask(dice, 6), soft = random_mask(dice, 5);

    return world_add_vcpu(domain, does, hard, soft, dice_throw(dice));
}

static unsigned int random_domain(struct dice *dice)
{
    static const unsigned int weights[] = { 256, 256, 256, 64, 512, 1000 };
    unsigned int cap = one_in(dice, 5) ? dice_between(dice, 10, 200) : 0;

    return world_add_domain(weights[dice_between(dice, 0, 5)], cap);
}

/* A pair of vCPUs of two domains. */
static void add_pair(struct dice *dice, unsigned int d1, unsigned int d2)
{
    int first = world.nr_actors;
    struct behaviour a, b;

    if ( one_in(dice, 3) )
    {
        a = ping(dice, first + 1, 0);
        b = ping(dice, first, 1);
    }
    else
    {
        a = source(dice, first + 1);
        b = sink(dice, first);
    }
    add_vcpu(dice, d1, &a);
    add_vcpu(dice, d2, &b);
}

static void add_guests(struct dice *dice)
{
    unsigned int domains = dice_between(dice, 1, 5), pairs, others, i;

    for ( i = 0; i < domains; i++ )
        random_domain(dice);
    pairs = dice_between(dice, 0, 3);
    for ( i = 0; i < pairs; i++ )
        add_pair(dice, dice_between(dice, 0, domains - 1),
                 dice_between(dice, 0, domains - 1));
    others = dice_between(dice, 1, 2 * nr_cpu_ids);
    for ( i = 0; i < others; i++ )
    {
        struct behaviour does = one_in(dice, 2) ? hog() : ticking(dice);

        add_vcpu(dice, dice_between(dice, 0, domains - 1), &does);
    }
}

static void change_something(struct dice *dice)
{
    unsigned int domain = dice_between(dice, 0, world.nr_domains - 1);
    cpumask_t hard = random_mask(dice, 2), soft = random_mask(dice, 2);

    if ( !world.domains[domain].sched_priv )
        return;
    switch ( dice_between(dice, 0, 11) )
    {
    case 0: case 1: case 2:
        world_set_weight_cap(domain, dice_between(dice, 1, 1000),
                             one_in(dice, 2) ? dice_between(dice, 5, 200) : 0);
        break;
    case 3: case 4: case 5: case 6:
        world_set_affinity(dice_between(dice, 0, world.nr_actors - 1), hard, soft);
        break;
    case 7: case 8:
        world_pause(domain);
        world_run(harness_now + MICROSECS(dice_between(dice, 1, 40000)));
        world_unpause(domain);
        break;
    case 9: case 10:
        world_remove_pcpu(dice_between(dice, 0, nr_cpu_ids - 1));
        break;
    default:
        world_destroy_domain(domain);
        break;
    }
}

static struct outcome look(s_time_t length)
{
    struct outcome o = { .pcpus = nr_cpu_ids, .domains = world.nr_domains,
                         .length = length };
    unsigned int i;

    for ( i = 0; i < world.nr_domains; i++ )
    {
        o.ran[i] = world_domain_ran(i);
        o.caps[i] = world.caps[i];
        if ( world.domains[i].sched_priv )
        {
            struct lending l = world.variant->lending(&world.domains[i]);

            o.lending.cut += l.cut;
            o.lending.lent += l.lent;
            o.lending.dropped += l.dropped;
            o.lending.returned += l.returned;
            o.lending.pot += l.pot;
        }
    }
    for ( i = 0; i < world.nr_actors; i++ )
    {
        const struct actor *a = &world.actors[i];
        s_time_t waits = a->waiting_since >= 0 && a->alive && vcpu_runnable(&a->vcpu)
                         ? harness_now - a->waiting_since : 0;

        o.longest_wait = max(o.longest_wait, max(waits, a->longest_wait));
        o.io_seen |= a->alive && world.variant->does_io(&world.ops, &a->unit);
    }
    return o;
}

struct outcome play(const struct variant *variant, uint64_t seed, bool steady,
                    uint64_t luck)
{
    struct dice dice = { .state = seed };
    struct machine machine = random_machine(&dice);
    s_time_t length = MILLISECS(steady ? 1000 : dice_between(&dice, 50, 300));
    struct outcome o;
    unsigned int i;

    world_begin(variant, &machine, seed);
    add_guests(&dice);
    for ( i = 0; i < world.nr_actors; i++ )
        world.actors[i].dice.state += luck;
    while ( !steady && one_in(&dice, 2) )
    {
        world_run(dice_between(&dice, harness_now, max(harness_now, length)));
        change_something(&dice);
    }
    length = max(length, harness_now);
    world_run(length);
    o = look(length);
    world_end();
    o.sticky = machine.migration_delay_us;
    o.digest = world.digest;
    o.decisions = world.nr_decisions;
    o.affinity_broken = world.affinity_broken;
    o.wasted = world.wasted;
    o.longest_waste = world.longest_waste;
    return o;
}
