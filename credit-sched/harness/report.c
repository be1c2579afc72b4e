// SPDX-License-Identifier: GPL-2.0
/*
 * What the switches bring to one pair of vCPUs that do I/O, among hogs: a driver domain with
 * a vCPU for each of 8 pCPUs, of which one processes packets; a guest whose vCPU consumes
 * them; and hogs. Two cores share a cache, four are a socket.
 */
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

enum { PROCESSOR, CONSUMER };

/* Sums of the runs': times in milliseconds, latencies in microseconds. */
struct figures {
    double near, ran;           /* of the pair's running time, that in one cache */
    double p50, p99;            /* of the consumer, from being woken to running */
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

static void add_guests(const struct load *load, struct dice *dice)
{
    unsigned int dom0 = world_add_domain(256, 0), guest = world_add_domain(256, 0);
    unsigned int i;

    add(dom0, (struct behaviour){ .run_min = load->process * 9 / 10,
                                  .run_max = load->process * 11 / 10,
                                  .gap_min = load->gap / 2, .gap_max = load->gap * 3 / 2,
                                  .interrupts = true, .to = CONSUMER, .acks = -1 }, dice);
    add(guest, (struct behaviour){ .run_min = load->consume * 9 / 10,
                                   .run_max = load->consume * 11 / 10,
                                   .far_cost = load->far_cost, .to = -1, .acks = -1 },
        dice);
    for ( i = 1; i < load->dom0_vcpus; i++ )
        add(dom0, (struct behaviour){ .run_min = MICROSECS(20), .run_max = MICROSECS(60),
                                      .gap_min = MILLISECS(4), .gap_max = MILLISECS(4),
                                      .to = -1, .acks = -1 }, dice);
    for ( i = 0; i < load->hogs; i++ )
        add(world_add_domain(256, 0),
            (struct behaviour){ .hog = true, .to = -1, .acks = -1 }, dice);
}

static void collect(struct figures *f)
{
    const struct actor *p = &world.actors[PROCESSOR], *c = &world.actors[CONSUMER];
    s_time_t least = INT64_MAX, most = 0;
    unsigned int i;

    for ( i = 0; i < world.nr_domains; i++ )
    {
        s_time_t ran = world_domain_ran(i);

        if ( i > CONSUMER )
            least = min(least, ran), most = max(most, ran);
    }
    f->hogs_least += least / 1e6;
    f->hogs_most += most / 1e6;
    f->near += (p->near + c->near) / 1e6;
    f->ran += (p->ran + c->ran) / 1e6;
    f->p50 += actor_latency(c, 0.5) / 1e3;
    f->p99 += actor_latency(c, 0.99) / 1e3;
    f->processor += p->ran / 1e6;
    f->consumer += c->ran / 1e6;
    f->done += c->done;
    f->moves += p->moves + c->moves;
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
        collect(&f);
        world_end();
    }
    return f;
}

bool report_decisions(const struct load *load, const char *mode, uint64_t seed)
{
    unsigned int i;

    for ( i = 0; i < sizeof(setups) / sizeof(*setups); i++ )
        if ( !strcmp(setups[i].name, mode) )
        {
            run(&setups[i], load, seed);
            printf("%"PRIu64"\n", world.nr_decisions);
            world_end();
            return true;
        }
    return false;
}

void report_load(const struct load *load, unsigned int runs, uint64_t seed)
{
    unsigned int i;

    printf("# %u dom0 vCPUs, %u hogs, packets every %"PRId64" us, ratelimit %u us, "
           "threshold %u, %u runs from seed %"PRIu64"\n", load->dom0_vcpus, load->hogs,
           load->gap / 1000, load->ratelimit_us, load->threshold, runs, seed);
    printf("%-13s %10s %7s %7s %9s %9s %9s %8s %8s %8s\n", "", "same cache", "p50 us",
           "p99 us", "packets/s", "proc ms/s", "cons ms/s", "moves/s", "hog min", "hog max");
    for ( i = 0; i < sizeof(setups) / sizeof(*setups); i++ )
    {
        struct figures f = measure(&setups[i], load, runs, seed);

        printf("%-13s %9.1f%% %7.1f %7.1f %9.0f %9.1f %9.1f %8.0f %8.1f %8.1f\n",
               setups[i].name, 100 * f.near / f.ran, f.p50 / runs, f.p99 / runs,
               f.done / f.seconds, f.processor / f.seconds, f.consumer / f.seconds,
               f.moves / f.seconds, f.hogs_least / f.seconds, f.hogs_most / f.seconds);
    }
}
