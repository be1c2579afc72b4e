// SPDX-License-Identifier: GPL-2.0
/*
 * harness same COUNT SEED          stock, and patched with the switches off, decide alike;
 *                                  bad boot parameters
 * harness invariants COUNT SEED    what holds with the switches on
 * harness gaming COUNT SEED        guests that fake I/O gain nothing
 * harness report COUNT SEED        what the switches bring to pairs; means of COUNT runs
 * harness pairs COUNT SEED         what must hold of the loads of report
 * harness decisions HOGS SEED MODE  one such run, for ../cost to count its instructions
 * harness model-holds COUNT SEED   what must hold of the model
 * harness model COUNT SEED FILE    a MODEL of the paper's figures, as tables and, in FILE, as
 *                                  JSON; means of COUNT runs
 */
#include "model.h"
#include "prove.h"
#include "report.h"

/* Pairs that do I/O. With Xen's ratelimit none is boosted 150 times in 30 ms. */
static struct load load_of(unsigned int pairs, unsigned int hogs, unsigned int ratelimit_us)
{
    return (struct load){ .pairs = pairs, .dom0_vcpus = 8, .gap = MICROSECS(100),
                          .process = MICROSECS(40), .consume = MICROSECS(30),
                          .length = MILLISECS(2000), .hogs = hogs,
                          .ratelimit_us = ratelimit_us,
                          .threshold = ratelimit_us ? 10 : 150 };
}

static const struct {
    unsigned int pairs, hogs, ratelimit_us;
} loads[] = {
    { 1, 4, 0 }, { 1, 8, 0 }, { 1, 16, 0 },
    { 1, 4, 1000 }, { 1, 8, 1000 }, { 1, 16, 1000 },
    { 2, 8, 1000 }, { 4, 8, 1000 }, { 6, 8, 1000 },
};

static bool report(unsigned int runs, uint64_t seed)
{
    unsigned int i;

    for ( i = 0; i < sizeof(loads) / sizeof(*loads); i++ )
    {
        struct load load = load_of(loads[i].pairs, loads[i].hogs, loads[i].ratelimit_us);

        report_load(&load, runs, seed);
    }
    return true;
}

static bool pairs(unsigned int runs, uint64_t seed)
{
    bool holds = true;
    unsigned int i;

    for ( i = 0; i < sizeof(loads) / sizeof(*loads); i++ )
    {
        struct load load = load_of(loads[i].pairs, loads[i].hogs, loads[i].ratelimit_us);

        holds &= report_holds(&load, runs, seed);
    }
    return holds;
}

static bool decisions(unsigned int hogs, uint64_t seed, const char *mode)
{
    struct load load = load_of(1, hogs, 1000);

    return report_decisions(&load, mode, seed);
}

static int usage(void)
{
    fprintf(stderr, "usage: harness same|invariants|gaming|report|pairs|model-holds COUNT SEED\n"
                    "       harness decisions HOGS SEED MODE\n"
                    "       harness model COUNT SEED FILE\n");
    return 2;
}

int main(int argc, char **argv)
{
    uint64_t seed;
    unsigned int count;
    bool holds;

    if ( argc < 4 || argc != 4 + (!strcmp(argv[1], "model") ||
                                  !strcmp(argv[1], "decisions")) )
        return usage();
    count = atoi(argv[2]);
    seed = strtoull(argv[3], NULL, 0);
    if ( !strcmp(argv[1], "same") )
        holds = prove_same(count, seed) & prove_range();
    else if ( !strcmp(argv[1], "invariants") )
        holds = prove_invariants(count, seed);
    else if ( !strcmp(argv[1], "gaming") )
        holds = prove_no_gain(count, seed);
    else if ( !strcmp(argv[1], "report") )
        holds = report(count, seed);
    else if ( !strcmp(argv[1], "pairs") )
        holds = pairs(count, seed);
    else if ( !strcmp(argv[1], "decisions") )
        holds = decisions(count, seed, argv[4]);
    else if ( !strcmp(argv[1], "model-holds") )
        holds = prove_model(count, seed);
    else if ( !strcmp(argv[1], "model") )
        holds = model(count, seed, argv[4]);
    else
        return usage();
    return holds ? 0 : 1;
}
