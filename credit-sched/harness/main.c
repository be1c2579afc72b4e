// SPDX-License-Identifier: GPL-2.0
/*
 * harness digest VARIANT SEED          a scenario's number of decisions, and their digest
 * harness same COUNT SEED              stock, and patched with the switches off, decide alike
 */
#include "report.h"
#include "scenario.h"

static const struct switches off = { false, false, 150 };

static int digest(const char *name, uint64_t seed)
{
    const struct variant *variant = strcmp(name, stock.name) ? &patched : &stock;
    struct outcome o;

    set_switches(variant, &off);
    o = play(variant, seed, false);
    printf("%s seed %"PRIu64": %"PRIu64" decisions, digest %016"PRIx64"\n",
           variant->name, seed, o.decisions, o.digest);
    return 0;
}

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

    play(&stock, seed, false);
    n = world.nr_decisions;
    first = malloc(n * sizeof(*first));
    memcpy(first, world.log, n * sizeof(*first));
    play(&patched, seed, false);
    for ( i = 0; i < n && i < world.nr_decisions; i++ )
        if ( memcmp(&first[i], &world.log[i], sizeof(*first)) )
        {
            printf("seed %"PRIu64", decision %"PRIu64":\n", seed, i);
            print_decision(stock.name, &first[i]);
            print_decision(patched.name, &world.log[i]);
            break;
        }
    free(first);
}

static int same(unsigned int count, uint64_t seed)
{
    uint64_t decisions = 0, digest = 0, differ = 0;
    unsigned int i;

    set_switches(&stock, &off);
    set_switches(&patched, &off);
    for ( i = 0; i < count; i++ )
    {
        struct outcome a = play(&stock, seed + i, false);
        struct outcome b = play(&patched, seed + i, false);

        decisions += a.decisions;
        digest = digest * 31 + a.digest;
        if ( a.digest == b.digest && a.decisions == b.decisions )
            continue;
        if ( !differ++ )
            print_first_difference(seed + i);
    }
    printf("%s switches off: %u scenarios from seed %"PRIu64", %"PRIu64
           " decisions, digest %016"PRIx64", %"PRIu64" scenarios differ from stock\n",
           differ ? "not ok" : "ok", count, seed, decisions, digest, differ);
    return differ != 0;
}

static int report(uint64_t seed)
{
    static const unsigned int hogs[] = { 0, 4, 8, 16 };
    unsigned int i, strict;

    for ( strict = 0; strict < 2; strict++ )
        for ( i = 0; i < 4; i++ )
        {
            struct load load = {
                .dom0_vcpus = 8, .hogs = hogs[i], .gap = MICROSECS(100),
                .process = MICROSECS(40), .consume = MICROSECS(30),
                .ratelimit_us = strict ? 1000 : 0, .threshold = strict ? 10 : 150,
                .length = MILLISECS(3000),
            };

            report_load(&load, seed);
        }
    return 0;
}

static int usage(void)
{
    fprintf(stderr, "usage: harness digest VARIANT SEED | same COUNT SEED\n");
    return 2;
}

int main(int argc, char **argv)
{
    if ( argc != 4 )
        return usage();
    if ( !strcmp(argv[1], "digest") )
        return digest(argv[2], strtoull(argv[3], NULL, 0));
    if ( !strcmp(argv[1], "same") )
        return same(atoi(argv[2]), strtoull(argv[3], NULL, 0));
    if ( !strcmp(argv[1], "report") )
        return report(strtoull(argv[2], NULL, 0));
    return usage();
}
