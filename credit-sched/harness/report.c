// SPDX-License-Identifier: GPL-2.0
/*
 * What the switches bring to pairs of vCPUs that do I/O, among hogs: a driver domain with a
 * vCPU for each of 8 pCPUs, of which one for each pair processes packets; for each a guest
 * whose vCPU consumes them; and hogs. Two cores share a cache, four are a socket.
 */
#include "prove.h"
#include "report.h"

struct setup {
    const char *name;
    const struct variant *variant;
    bool io_cosched, credit_steal;
};

static const struct setup setups[] = {
    { "stock", &stock, false, false },
    { "off", &patched, false, false },
    { "io-cosched", &patched, true, false },
    { "credit-steal", &patched, false, true },
    { "both", &patched, true, true },
};

/* Actors come in pairs; domain 0 has the processors, the next ones a consumer each. */
static unsigned int processor(unsigned int pair)
{
    return 2 * pair;
}

static unsigned int consumer(unsigned int pair)
{
    return 2 * pair + 1;
}

/* Sums of the runs' and pairs': times in milliseconds, latencies in microseconds. */
struct figures {
    double near, ran;           /* of the pair's running time, that in one cache */
    double p50, p99;            /* of the consumers, from being woken to running */
    double processor, consumer, hogs_least, hogs_most;
    double done, moves, seconds;
};

static cpumask_t anywhere(void)
{
    return cpu_online_map;
}

static void add(unsigned int domain, struct behaviour does, struct dice *dice)
{
    world_add_vcpu(domain, &does, anywhere(), anywhere(), dice_throw(dice));
}

static void add_pair(const struct load *load, unsigned int dom0, unsigned int guest,
                     unsigned int pair, struct dice *dice)
{
    add(dom0, (struct behaviour){ .run_min = load->process * 9 / 10,
                                  .run_max = load->process * 11 / 10,
                                  .gap_min = load->gap / 2, .gap_max = load->gap * 3 / 2,
                                  .interrupts = true, .to = consumer(pair), .acks = -1 },
        dice);
    add(guest, (struct behaviour){ .run_min = load->consume * 9 / 10,
                                   .run_max = load->consume * 11 / 10,
                                   .far_cost = load->far_cost, .to = -1, .acks = -1 },
        dice);
}

static void add_guests(const struct load *load, struct dice *dice)
{
    unsigned int dom0 = world_add_domain(256, 0);
    unsigned int i;

    for ( i = 0; i < load->pairs; i++ )
        add_pair(load, dom0, world_add_domain(256, 0), i, dice);
    for ( i = load->pairs; i < load->dom0_vcpus; i++ )
        add(dom0, (struct behaviour){ .run_min = MICROSECS(20), .run_max = MICROSECS(60),
                                      .gap_min = MILLISECS(4), .gap_max = MILLISECS(4),
                                      .to = -1, .acks = -1 }, dice);
    for ( i = 0; i < load->hogs; i++ )
        add(world_add_domain(256, 0),
            (struct behaviour){ .hog = true, .to = -1, .acks = -1 }, dice);
}

static void collect_pair(struct figures *f, const struct actor *p, const struct actor *c)
{
    f->near += (p->near + c->near) / 1e6;
    f->ran += (p->ran + c->ran) / 1e6;
    f->p50 += actor_latency(c, 0.5) / 1e3;
    f->p99 += actor_latency(c, 0.99) / 1e3;
    f->processor += p->ran / 1e6;
    f->consumer += c->ran / 1e6;
    f->done += c->done;
    f->moves += p->moves + c->moves;
}

static void collect(struct figures *f, const struct load *load)
{
    s_time_t least = INT64_MAX, most = 0;
    unsigned int i;

    for ( i = 0; i < load->pairs; i++ )
        collect_pair(f, &world.actors[processor(i)], &world.actors[consumer(i)]);
    for ( i = load->pairs + 1; i < world.nr_domains; i++ )
    {
        s_time_t ran = world_domain_ran(i);

        least = min(least, ran), most = max(most, ran);
    }
    f->hogs_least += least / 1e6;
    f->hogs_most += most / 1e6;
    f->seconds += harness_now / 1e9;
}

/* The world remains, to be looked at, until world_end(). */
static void run(const struct setup *setup, const struct load *load, uint64_t seed)
{
    struct switches switches = { setup->io_cosched, setup->credit_steal, load->threshold };
    struct machine machine = { .sockets = 2, .cores = 4, .threads = 1, .cores_per_llc = 2,
                               .ratelimit_us = load->ratelimit_us, .contention = 2 };
    struct dice dice = { .state = seed };

    set_switches(setup->variant, &switches);
    world_begin(setup->variant, &machine, seed);
    add_guests(load, &dice);
    world_run(load->length);
}

static struct figures measure(const struct setup *setup, const struct load *load,
                              unsigned int runs, uint64_t seed)
{
    struct figures f = { 0 };
    unsigned int i;

    for ( i = 0; i < runs; i++ )
    {
        run(setup, load, seed + i);
        collect(&f, load);
        world_end();
    }
    return f;
}

static const struct setup *setup_of(const char *name)
{
    unsigned int i;

    for ( i = 0; i < sizeof(setups) / sizeof(*setups); i++ )
        if ( !strcmp(setups[i].name, name) )
            return &setups[i];
    return NULL;
}

bool report_holds(const struct load *load, unsigned int runs, uint64_t seed)
{
    struct figures before = measure(setup_of("stock"), load, runs, seed);
    struct figures f = measure(setup_of("both"), load, runs, seed);
    char who[64];
    bool holds;

    snprintf(who, sizeof(who), "%u pairs, %u hogs, ratelimit %u us", load->pairs, load->hogs,
             load->ratelimit_us);
    holds = verdict(f.near >= 0.95 * f.ran && f.p99 <= before.p99 / 2, who, "both switches");
    printf(": in one cache %.1f %% (stock %.1f), p99 %.1f us (stock %.1f)\n",
           100 * f.near / f.ran, 100 * before.near / before.ran,
           f.p99 / runs / load->pairs, before.p99 / runs / load->pairs);
    return holds;
}

bool report_decisions(const struct load *load, const char *mode, uint64_t seed)
{
    const struct setup *setup = setup_of(mode);

    if ( !setup )
        return false;
    run(setup, load, seed);
    printf("%"PRIu64"\n", world.nr_decisions);
    world_end();
    return true;
}

void report_load(const struct load *load, unsigned int runs, uint64_t seed)
{
    unsigned int i;

    printf("# %u pairs, %u dom0 vCPUs, %u hogs, packets every %"PRId64" us, ratelimit %u us, "
           "threshold %u, %u runs from seed %"PRIu64"\n", load->pairs, load->dom0_vcpus, load->hogs,
           load->gap / 1000, load->ratelimit_us, load->threshold, runs, seed);
    printf("%-13s %10s %7s %7s %9s %9s %9s %8s %8s %8s\n", "", "same cache", "p50 us",
           "p99 us", "packets/s", "proc ms/s", "cons ms/s", "moves/s", "hog min", "hog max");
    for ( i = 0; i < sizeof(setups) / sizeof(*setups); i++ )
    {
        struct figures f = measure(&setups[i], load, runs, seed);

        printf("%-13s %9.1f%% %7.1f %7.1f %9.0f %9.1f %9.1f %8.0f %8.1f %8.1f\n",
               setups[i].name, 100 * f.near / f.ran, f.p50 / runs / load->pairs,
               f.p99 / runs / load->pairs,
               f.done / f.seconds, f.processor / f.seconds, f.consumer / f.seconds,
               f.moves / f.seconds, f.hogs_least / f.seconds, f.hogs_most / f.seconds);
    }
}
