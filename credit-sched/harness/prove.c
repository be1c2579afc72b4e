// SPDX-License-Identifier: GPL-2.0
#include "prove.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof(*(a)))

static const struct switches off = { false, false, 150 };

/* The threshold is low, so that more of the random guests do I/O. */
static const struct {
    const char *name;
    struct switches switches;
} on[] = {
    { "io-cosched", { true, false, 10 } },
    { "credit-steal", { false, true, 10 } },
    { "both", { true, true, 10 } },
};

bool verdict(bool holds, const char *who, const char *what)
{
    printf("%s %s: %s", holds ? "ok" : "not ok", who, what);
    return holds;
}

/* ---- off is stock ---- */

static void print_decision(const char *name, const struct decision *d)
{
    printf("  %-8s %12"PRId64" pCPU %u: d%uv%u pri %d slice %"PRId64" credit %d\n", name,
           d->when, d->cpu, d->domain, d->vcpu, d->priority, d->slice, d->credit);
}

/* Where two runs of a seed part. */
static void print_first_difference(uint64_t seed)
{
    struct decision *first;
    uint64_t n, i;

    play(&stock, seed, false, 0);
    n = world.nr_decisions;
    first = malloc(n * sizeof(*first));
    ASSERT(first);
    memcpy(first, world.log, n * sizeof(*first));
    play(&patched, seed, false, 0);
    for ( i = 0; i < n && i < world.nr_decisions; i++ )
        if ( memcmp(&first[i], &world.log[i], sizeof(*first)) )
        {
            printf("  seed %"PRIu64", decision %"PRIu64":\n", seed, i);
            print_decision(stock.name, &first[i]);
            print_decision(patched.name, &world.log[i]);
            break;
        }
    free(first);
}

bool prove_same(unsigned int count, uint64_t seed)
{
    uint64_t decisions = 0, digest = 0, differ = 0;
    unsigned int i;

    set_switches(&stock, &off);
    set_switches(&patched, &off);
    for ( i = 0; i < count; i++ )
    {
        struct outcome a = play(&stock, seed + i, false, 0);
        struct outcome b = play(&patched, seed + i, false, 0);

        decisions += a.decisions;
        digest = digest * 31 + a.digest;
        if ( a.digest == b.digest && a.decisions == b.decisions )
            continue;
        if ( !differ++ )
            print_first_difference(seed + i);
    }
    verdict(!differ, "off", "stock and patched decide alike");
    printf(": %u scenarios from seed %"PRIu64", %"PRIu64" decisions, digest %016"PRIx64
           ", %"PRIu64" scenarios differ\n", count, seed, decisions, digest, differ);
    return !differ;
}

/* ---- bad values ---- */

bool prove_range(void)
{
    static const int refused[] = { 0, -1, 1000001, INT_MIN, INT_MAX };
    static const int accepted[] = { 1, 150, 1000000 };
    const char *name = "sched_credit_io_threshold";
    unsigned int i, wrong = 0;

    for ( i = 0; i < ARRAY_SIZE(refused); i++ )
    {
        set_param(&patched, name, refused[i]);
        patched.sched->global_init();
        wrong += get_param(&patched, name) != 150;
    }
    for ( i = 0; i < ARRAY_SIZE(accepted); i++ )
    {
        set_param(&patched, name, accepted[i]);
        patched.sched->global_init();
        wrong += get_param(&patched, name) != accepted[i];
    }
    verdict(!wrong, "range", "thresholds");
    printf(": %u of %zu values treated wrongly\n", wrong,
           ARRAY_SIZE(refused) + ARRAY_SIZE(accepted));
    return !wrong;
}

/* ---- invariants ---- */

/* Times in milliseconds, shares in per cent of a pCPU; sums over the scenarios. */
struct tally {
    uint64_t scenarios, io, affinity_broken, credit_lost, lent;
    uint64_t long_waits;        /* scenarios in which somebody waited for 200 ms */
    double wasted[2], longest_waste[2], over_cap;     /* [1]: of sticky ones */
    double apart, domains;      /* from stock: shares of domains */
};

/* What holds however the guests change. */
static void count_safety(struct tally *t, const struct outcome *o)
{
    const struct lending *l = &o->lending;

    t->affinity_broken += o->affinity_broken;
    t->credit_lost += l->cut + l->returned != l->lent + l->dropped + l->pot;
    t->lent += l->lent;
}

static void count_justice(struct tally *t, const struct outcome *o,
                          const struct outcome *with)
{
    unsigned int d;

    t->scenarios++;
    t->io += o->io_seen;
    t->long_waits += o->longest_wait > MILLISECS(200);
    t->wasted[o->sticky] += o->wasted / 1e6;
    t->longest_waste[o->sticky] += o->longest_waste / 1e6;
    for ( d = 0; d < o->domains; d++ )
    {
        double share = 100. * o->ran[d] / o->length;

        if ( o->caps[d] )
            t->over_cap = max(t->over_cap, share - o->caps[d]);
        /* Where stock leaves work waiting beside an idle pCPU, its shares are none. */
        if ( with->longest_waste >= MILLISECS(10) )
            continue;
        t->apart += __builtin_fabs(share - 100. * with->ran[d] / with->length);
        t->domains++;
    }
}

/*
 * With a migration delay stock often leaves work beside a pCPU that might have taken it; what
 * happens without one would not be seen beside that. A few long times make most of either
 * sum, so that a quarter more is chance.
 */
static bool judge_waste(const char *name, const struct tally *t, const struct tally *chance,
                        bool sticky)
{
    double n = t->scenarios;
    bool holds = verdict(t->wasted[sticky] <= chance->wasted[sticky] * 1.25 &&
                         t->longest_waste[sticky] <= chance->longest_waste[sticky] * 1.25,
                         name, "idle pCPUs");

    printf(" beside work%s: %.4f ms, at most %.4f ms at a time (stock %.4f, %.4f)\n",
           sticky ? ", migration delay" : "", t->wasted[sticky] / n,
           t->longest_waste[sticky] / n, chance->wasted[sticky] / n,
           chance->longest_waste[sticky] / n);
    return holds;
}

static bool judge(const char *name, const struct tally *t, const struct tally *chance)
{
    double n = t->scenarios, apart = t->apart / t->domains;
    double usual = chance->apart / chance->domains;
    bool holds;

    holds = verdict(!t->affinity_broken, name, "affinity");
    printf(" obeyed; I/O was seen in %"PRIu64" of %.0f scenarios\n", t->io, n);
    holds &= verdict(!t->credit_lost, name, "credit");
    printf(" conserved, %"PRIu64" lent\n", t->lent);
    holds &= judge_waste(name, t, chance, false);
    holds &= judge_waste(name, t, chance, true);
    holds &= verdict(t->long_waits <= chance->long_waits * 1.25, name, "starvation");
    printf(": somebody waits for 200 ms in %"PRIu64" scenarios (stock %"PRIu64")\n",
           t->long_waits, chance->long_waits);
    holds &= verdict(t->over_cap <= chance->over_cap + 1, name, "caps");
    printf(" exceeded by %.1f %% of a pCPU at most (stock %.1f)\n", t->over_cap,
           chance->over_cap);
    holds &= verdict(apart <= 2 * usual, name, "shares");
    printf(" of domains change by %.2f %% of a pCPU (stock by chance %.2f)\n", apart, usual);
    return holds;
}

bool prove_invariants(unsigned int count, uint64_t seed)
{
    struct tally chance = { 0 }, tallies[ARRAY_SIZE(on)] = { 0 };
    unsigned int i, s;
    bool holds = true;

    for ( i = 0; i < count; i++ )
    {
        struct outcome usual = play(&stock, seed + i, true, 0);
        struct outcome other = play(&stock, seed + i, true, 1);

        count_justice(&chance, &other, &usual);
        for ( s = 0; s < ARRAY_SIZE(on); s++ )
        {
            struct outcome steady, changing;

            set_switches(&patched, &on[s].switches);
            steady = play(&patched, seed + i, true, 0);
            changing = play(&patched, seed + i, false, 0);
            count_safety(&tallies[s], &steady);
            count_safety(&tallies[s], &changing);
            count_justice(&tallies[s], &steady, &usual);
        }
    }
    for ( s = 0; s < ARRAY_SIZE(on); s++ )
        holds &= judge(on[s].name, &tallies[s], &chance);
    return holds;
}

/* ---- gaming ---- */

/* The domains alternate: two gamers, two honest ones. */
#define GAMERS 8

static bool is_gamer(unsigned int domain)
{
    return domain % 4 < 2;
}

/*
 * Each domain has one vCPU that works and three that tick, and all have the same weight. The
 * gamers' work is to boost each other, as often as they can: there are packets enough for
 * both of a pair to have work at all times, but they wake each other as often as not.
 */
static void add_gamers(uint64_t seed)
{
    struct dice dice = { .state = seed };
    unsigned int domain, i;

    for ( domain = 0; domain < 2 * GAMERS; domain++ )
    {
        struct behaviour works = { .hog = true, .to = -1, .acks = -1 };
        struct behaviour ticks = { .run_min = MICROSECS(20), .run_max = MICROSECS(60),
                                   .gap_min = MILLISECS(4), .gap_max = MILLISECS(4),
                                   .to = -1, .acks = -1 };

        world_add_domain(256, 0);
        if ( is_gamer(domain) )
            works = (struct behaviour){ .run_min = MICROSECS(5), .run_max = MICROSECS(60),
                                        .to = 4 * (domain ^ 1), .acks = -1,
                                        .first = 1 + domain % 2 };
        world_add_vcpu(domain, &works, cpu_online_map, cpu_online_map, dice_throw(&dice));
        for ( i = 0; i < 3; i++ )
            world_add_vcpu(domain, &ticks, cpu_online_map, cpu_online_map,
                           dice_throw(&dice));
    }
}

/* Sums of the runs', in per cent of a pCPU. */
struct game {
    double gamers, honest, greediest, packets;
};

static void play_game(struct game *game, const struct variant *variant,
                      unsigned int ratelimit_us, uint64_t seed)
{
    struct machine machine = { .sockets = 2, .cores = 2, .threads = 1, .cores_per_llc = 2,
                               .ratelimit_us = ratelimit_us };
    double greediest = 0;
    unsigned int d;

    world_begin(variant, &machine, seed);
    add_gamers(seed);
    world_run(MILLISECS(5000));
    for ( d = 0; d < world.nr_domains; d++ )
    {
        double share = 100. * world_domain_ran(d) / harness_now;

        if ( !is_gamer(d) )
        {
            game->honest += share / GAMERS;
            continue;
        }
        game->gamers += share / GAMERS;
        greediest = max(greediest, share);
        game->packets += world.actors[4 * d].done * 1e9 / harness_now / GAMERS;
    }
    game->greediest += greediest;
    world_end();
}

static struct game play_games(const struct variant *variant,
                              const struct switches *switches,
                              unsigned int ratelimit_us, unsigned int runs, uint64_t seed)
{
    struct game sum = { 0 };
    unsigned int i;

    set_switches(variant, switches);
    for ( i = 0; i < runs; i++ )
        play_game(&sum, variant, ratelimit_us, seed + i);
    return (struct game){ sum.gamers / runs, sum.honest / runs, sum.greediest / runs,
                          sum.packets / runs };
}

static void print_game(const struct game *game)
{
    printf(" get %.2f %% of a pCPU, the most %.2f, for %.0f packets/s; honest guests %.2f",
           game->gamers, game->greediest, game->packets, game->honest);
}

/*
 * All have the same weight. Stock, too, gives now these and now those some more, and that
 * is the bound: gamers get no more than stock gives to whoever is better off in it.
 */
bool prove_no_gain(unsigned int runs, uint64_t seed)
{
    static const unsigned int ratelimits[] = { 0, 1000 };
    bool holds = true;
    unsigned int r, s;

    for ( r = 0; r < ARRAY_SIZE(ratelimits); r++ )
    {
        struct game usual = play_games(&stock, &off, ratelimits[r], runs, seed);
        double bound = max(usual.gamers, usual.honest);

        printf("# ratelimit %u us, %u runs: in stock gamers", ratelimits[r], runs);
        print_game(&usual);
        printf("\n");
        for ( s = 0; s < ARRAY_SIZE(on); s++ )
        {
            struct game game = play_games(&patched, &on[s].switches, ratelimits[r], runs,
                                          seed);

            holds &= verdict(game.gamers <= bound, on[s].name, "gamers");
            print_game(&game);
            printf("; bound %.2f\n", bound);
        }
    }
    return holds;
}
