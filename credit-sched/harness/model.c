// SPDX-License-Identifier: GPL-2.0
/*
 * A MODEL of the paper's experiment (ANCS 2008, figures 7, 8 and 9). Two sockets of four
 * cores, two cores to a cache. dom0 has up to eight vCPUs, of which one gets all packets and
 * hands them to the guest's one vCPU; the others tick. For each packet that the guest has
 * consumed its acknowledgement lets another come: there are always as many in flight.
 *
 * Xen's scheduler decides, and takes no time itself: neither events nor switches cost
 * anything, no packet is lost. Packets cost what costs.c says; what a message costs, over
 * its packets, the paper does not say, so that all which fill packets are alike. As in the
 * paper's Xen there is no ratelimit.
 */
#include "costs.h"
#include "model.h"
#include "prove.h"

#define THRESHOLD   150
#define LENGTH      MILLISECS(500)

enum { STOCK, COSCHED, BOTH, PATHS };

static const struct path {
    const char *name;
    const struct variant *variant;
    struct switches switches;
} paths[PATHS] = {
    { "stock", &stock, { false, false, THRESHOLD } },
    { "io-cosched", &patched, { true, false, THRESHOLD } },
    { "both", &patched, { true, true, THRESHOLD } },
};

enum { PROCESSOR, CONSUMER };

struct point {
    const char *figure;
    unsigned int message_size, dom0_vcpus, hogs;
    const struct cost_set *costs;
};

/* Means of the runs. */
struct result {
    double packets, gbits;      /* of a second */
    double dom0, guest;         /* busy, in cores */
    double near;                /* of the pair's running time, that in one cache */
};

/* At first a vCPU is on any pCPU, as if all had run before. */
static void add(unsigned int domain, const struct behaviour *does, struct dice *dice)
{
    cpumask_t start = { 1U << dice_between(dice, 0, nr_cpu_ids - 1) };

    world_add_vcpu(domain, does, start, cpu_online_map, dice_throw(dice));
}

/* From there on the scheduler may move it. */
static void let_go(void)
{
    unsigned int i;

    for ( i = 0; i < world.nr_actors; i++ )
        world_set_affinity(i, cpu_online_map, cpu_online_map);
}

/* A packet's work varies by a tenth, or else all would happen in step. */
static struct behaviour works(s_time_t cost, s_time_t far_cost, int to)
{
    return (struct behaviour){ .run_min = cost * 9 / 10, .run_max = cost * 11 / 10,
                               .far_cost = far_cost, .to = to, .acks = -1 };
}

static void add_guests(const struct point *point, struct dice *dice)
{
    static const struct behaviour hog = { .hog = true, .to = -1, .acks = -1 };
    const struct behaviour ticks = { .run_min = tick_cost() / 2,
                                     .run_max = tick_cost() * 3 / 2,
                                     .gap_min = tick_period(), .gap_max = tick_period(),
                                     .to = -1, .acks = -1 };
    struct costs costs = costs_of(point->costs, point->message_size);
    struct behaviour processor = works(costs.dom0, costs.dom0_far, CONSUMER);
    struct behaviour consumer = works(costs.guest, costs.guest_far, PROCESSOR);
    unsigned int dom0 = world_add_domain(256, 0), guest = world_add_domain(256, 0), i;

    processor.first = costs_window();
    add(dom0, &processor, dice);
    add(guest, &consumer, dice);
    for ( i = 1; i < point->dom0_vcpus; i++ )
        add(dom0, &ticks, dice);
    for ( i = 0; i < point->hogs; i++ )
        add(world_add_domain(256, 0), &hog, dice);
    let_go();
}

static void collect(struct result *r, const struct point *point, unsigned int runs)
{
    const struct actor *p = &world.actors[PROCESSOR], *c = &world.actors[CONSUMER];
    double length = harness_now, bits = 8. * payload(point->message_size);

    r->dom0 += world_domain_ran(PROCESSOR) / length / runs;
    r->guest += world_domain_ran(CONSUMER) / length / runs;
    r->near += (double)(p->near + c->near) / (p->ran + c->ran) / runs;
    r->packets += c->done * 1e9 / length / runs;
    r->gbits += c->done * bits / length / runs;
}

static struct result measure(const struct path *path, const struct point *point,
                             unsigned int runs, uint64_t seed)
{
    struct machine machine = { .sockets = 2, .cores = 4, .threads = 1, .cores_per_llc = 2 };
    struct result r = { 0 };
    unsigned int i;

    set_switches(path->variant, &path->switches);
    for ( i = 0; i < runs; i++ )
    {
        struct dice dice = { .state = seed + i };

        world_begin(path->variant, &machine, seed + i);
        add_guests(point, &dice);
        world_run(LENGTH);
        collect(&r, point, runs);
        world_end();
    }
    return r;
}

static double per_gbit(const struct result *r)
{
    return (r->dom0 + r->guest) / r->gbits;
}

/* ---- tables ---- */

/* The paper's bandwidth in parts of stock's where its text, not a plot, gives it, or 0. */
static double paper(const struct point *point, const struct path *path)
{
    if ( point->hogs )
        return 0;
    if ( path == &paths[BOTH] )
        return point->dom0_vcpus == 8 ? 1.31 : 0;
    if ( path == &paths[COSCHED] && *point->figure == '7' )
        return point->message_size > 1024 ? 1.13 : 0;
    if ( path == &paths[COSCHED] )
        return point->dom0_vcpus == 1 ? 1.35 : 0;
    return 0;
}

static void print_row(const struct point *point, const struct path *path,
                      const struct result *r, const struct result *usual)
{
    char said[8] = "";

    if ( paper(point, path) )
        snprintf(said, sizeof(said), "%.2f", paper(point, path));
    printf("%-6s %-10s %7u %5u %4u %7.3f %5s %6.2f %6.1f %6.1f %8.3f %8.1f\n", point->figure,
           path->name, point->message_size, point->dom0_vcpus, point->hogs,
           r->packets / usual->packets, said, r->gbits, 100 * r->dom0, 100 * r->guest,
           per_gbit(r) / per_gbit(usual), 100 * r->near);
}

static void write_row(FILE *json, const struct point *point, const struct path *path,
                      const struct result *r, const struct result *usual)
{
    fprintf(json, "    { \"figure\": \"%s\", \"path\": \"%s\", \"message_size\": %u, "
            "\"dom0_vcpus\": %u, \"hogs\": %u, \"costs\": \"%s\", \"throughput\": %.4f, "
            "\"gbits\": %.4f, \"dom0_utilisation\": %.4f, \"guest_utilisation\": %.4f, "
            "\"cores_per_gbit\": %.4f, \"same_cache\": %.4f }", point->figure, path->name,
            point->message_size, point->dom0_vcpus, point->hogs, point->costs->name,
            r->packets / usual->packets, r->gbits, r->dom0, r->guest,
            per_gbit(r) / per_gbit(usual), r->near);
}

struct sheet {
    FILE *json;
    unsigned int runs, rows;
    uint64_t seed;
};

static void add_point(struct sheet *sheet, const struct point *point, unsigned int last_path)
{
    struct result usual = measure(&paths[STOCK], point, sheet->runs, sheet->seed);
    unsigned int i;

    for ( i = STOCK; i <= last_path; i++ )
    {
        struct result r = i == STOCK ? usual : measure(&paths[i], point, sheet->runs,
                                                       sheet->seed);

        print_row(point, &paths[i], &r, &usual);
        fputs(sheet->rows++ ? ",\n" : "\n", sheet->json);
        write_row(sheet->json, point, &paths[i], &r, &usual);
    }
}

/* Throughput over message sizes. */
static void add_sizes(struct sheet *sheet, struct point point)
{
    static const unsigned int sizes[] = { 64, 128, 256, 512, 1024, 4096, 16384, 65536 };
    unsigned int i;

    for ( i = 0; i < sizeof(sizes) / sizeof(*sizes); i++ )
    {
        point.message_size = sizes[i];
        add_point(sheet, &point, COSCHED);
    }
}

static void add_vcpus(struct sheet *sheet, struct point point, unsigned int last_path)
{
    for ( point.dom0_vcpus = 1; point.dom0_vcpus <= 8; point.dom0_vcpus++ )
        add_point(sheet, &point, last_path);
}

static void add_figures(struct sheet *sheet, const struct cost_set *costs)
{
    static const char *const head = "%-6s %-10s %7s %5s %4s %7s %5s %6s %6s %6s %8s %8s\n";

    printf("\n# MODEL, costs: %s\n", costs->name);
    printf(head, "figure", "path", "message", "dom0", "", "through", "the", "", "dom0",
           "guest", "cores/Gb", "in one");
    printf(head, "", "", "bytes", "vCPUs", "hogs", "put", "paper", "Gb/s", "% core", "% core",
           "to stock", "cache %");
    add_sizes(sheet, (struct point){ "7", .dom0_vcpus = 8, .costs = costs });
    add_vcpus(sheet, (struct point){ "8", 65536, .costs = costs }, COSCHED);
    add_vcpus(sheet, (struct point){ "9", 65536, .costs = costs }, BOTH);
    /* The paper's machine does nothing else, but credit counts only where others want it. */
    add_vcpus(sheet, (struct point){ "9-hogs", 65536, .hogs = 8, .costs = costs }, BOTH);
    add_vcpus(sheet, (struct point){ "9-hogs", 65536, .hogs = 16, .costs = costs }, BOTH);
}

bool model(unsigned int runs, uint64_t seed, const char *file)
{
    struct sheet sheet = { .json = fopen(file, "w"), .runs = runs, .seed = seed };

    if ( !sheet.json )
    {
        perror(file);
        return false;
    }
    printf("# A MODEL: Xen's credit.c in virtual time, with the costs below. Nothing here was "
           "measured.\n# Means of %u runs of %"PRId64" ms from seed %"PRIu64"\n", runs,
           LENGTH / 1000000, seed);
    print_costs();
    fprintf(sheet.json, "{ \"name\": \"sched-model\", \"model\": true, \"unit\": "
            "\"of stock\", \"runs\": %u, \"seed\": %"PRIu64",\n  \"rows\": [", runs, seed);
    add_figures(&sheet, &cost_sets[COSTS_BOTH]);
    add_figures(&sheet, &cost_sets[COSTS_GUEST]);
    fprintf(sheet.json, "\n  ] }\n");
    if ( !fclose(sheet.json) )
        return true;
    perror(file);
    return false;
}

/* ---- what must hold ---- */

/* The paper's machine at its largest, and with others beside. */
static const struct point idle = { "9", 65536, 8, 0, &cost_sets[COSTS_BOTH] };
static const struct point busy = { "9-hogs", 65536, 8, 16, &cost_sets[COSTS_BOTH] };

static bool prove_repeats(unsigned int runs, uint64_t seed)
{
    struct result first[PATHS];
    unsigned int i, differ = 0;
    bool holds;

    for ( i = 0; i < PATHS; i++ )
        first[i] = measure(&paths[i], &busy, runs, seed);
    for ( i = 0; i < PATHS; i++ )
    {
        struct result again = measure(&paths[i], &busy, runs, seed);

        differ += memcmp(&first[i], &again, sizeof(again)) != 0;
    }
    holds = verdict(!differ, "model", "figures");
    printf(" are a seed's: those of %u paths differ\n", differ);
    return holds;
}

/* Without a cost of other caches the switches can bring nothing on an idle machine. */
static bool prove_equal(unsigned int runs, uint64_t seed)
{
    struct point point = idle;
    struct result usual;
    double most = 0;
    bool holds;
    unsigned int i;

    point.costs = &cost_sets[COSTS_EQUAL];
    usual = measure(&paths[STOCK], &point, runs, seed);
    for ( i = COSCHED; i < PATHS; i++ )
    {
        struct result r = measure(&paths[i], &point, runs, seed);

        most = max(most, __builtin_fabs(r.packets / usual.packets - 1));
        most = max(most, __builtin_fabs(per_gbit(&r) / per_gbit(&usual) - 1));
    }
    holds = verdict(most < 0.01, "model", "equal costs");
    printf(": throughput and cores/Gb differ by %.3f %% at most\n", 100 * most);
    return holds;
}

/* In different caches a packet costs the same in all sets, but for rounding. */
static bool prove_costs(void)
{
    static const unsigned int sizes[] = { 64, 1024, 65536 };
    unsigned int set, i, wrong = 0;
    bool holds;

    for ( i = 0; i < sizeof(sizes) / sizeof(*sizes); i++ )
        for ( set = 0; set < COST_SETS; set++ )
        {
            struct costs c = costs_of(&cost_sets[set], sizes[i]);
            struct costs e = costs_of(&cost_sets[COSTS_EQUAL], sizes[i]);

            wrong += llabs(c.dom0 + c.dom0_far - e.dom0) > 1 ||
                     llabs(c.guest + c.guest_far - e.guest) > 1;
        }
    holds = verdict(!wrong, "model", "costs");
    printf(": %u of %zu sums are wrong\n", wrong,
           COST_SETS * sizeof(sizes) / sizeof(*sizes));
    return holds;
}

/* What the switches gain is at least half, and not more than all, of what costs allow. */
static bool prove_gain(const struct cost_set *set, unsigned int runs, uint64_t seed)
{
    struct point point = idle;
    struct costs c;
    struct result usual;
    double most, most_saved;
    bool all = true;
    unsigned int i;

    point.costs = set;
    c = costs_of(set, point.message_size);
    most = (double)c.dom0_far / c.dom0;
    most_saved = (double)(c.dom0_far + c.guest_far) /
                 (c.dom0 + c.dom0_far + c.guest + c.guest_far);
    usual = measure(&paths[STOCK], &point, runs, seed);
    for ( i = COSCHED; i < PATHS; i++ )
    {
        struct result r = measure(&paths[i], &point, runs, seed);
        double gain = r.packets / usual.packets - 1;
        double saved = 1 - per_gbit(&r) / per_gbit(&usual);

        all &= verdict(gain >= most / 2 - 0.01 && gain <= most + 0.01 &&
                       saved >= most_saved / 2 && saved <= most_saved + 0.01,
                       "model", paths[i].name);
        printf(", costs %s: throughput +%.1f %% of at most %.1f, cores/Gb -%.1f %% of %.1f\n",
               set->name, 100 * gain, 100 * most, 100 * saved, 100 * most_saved);
    }
    return all;
}

bool prove_model(unsigned int runs, uint64_t seed)
{
    return prove_costs() & prove_repeats(runs, seed) & prove_equal(runs, seed) &
           prove_gain(&cost_sets[COSTS_BOTH], runs, seed) &
           prove_gain(&cost_sets[COSTS_GUEST], runs, seed);
}
