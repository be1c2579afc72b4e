// SPDX-License-Identifier: GPL-2.0
/*
 * harness digest VARIANT SEED      a scenario's number of decisions, and their digest
 * harness same COUNT SEED          stock, and patched with the switches off, decide alike;
 *                                  bad boot parameters
 * harness invariants COUNT SEED    what holds with the switches on
 * harness gaming COUNT SEED        guests that fake I/O gain nothing
 * harness report COUNT SEED        what the switches bring to a pair; means of COUNT runs
 * harness model-holds COUNT SEED   what must hold of the model
 * harness model COUNT SEED FILE    a MODEL of the paper's figures, as tables and, in FILE, as
 *                                  JSON; means of COUNT runs
 */
#include "model.h"
#include "prove.h"
#include "report.h"

static bool digest(const char *name, uint64_t seed)
{
    static const struct switches off = { false, false, 150 };
    const struct variant *variant = strcmp(name, stock.name) ? &patched : &stock;
    struct outcome o;

    set_switches(variant, &off);
    o = play(variant, seed, false, 0);
    printf("%s seed %"PRIu64": %"PRIu64" decisions, digest %016"PRIx64"\n",
           variant->name, seed, o.decisions, o.digest);
    return true;
}

static bool report(unsigned int runs, uint64_t seed)
{
    static const unsigned int hogs[] = { 4, 8, 16 };
    struct load load = { .dom0_vcpus = 8, .gap = MICROSECS(100), .process = MICROSECS(40),
                         .consume = MICROSECS(30), .length = MILLISECS(2000) };
    unsigned int i;

    for ( i = 0; i < 6; i++ )
    {
        load.hogs = hogs[i % 3];
        /* With Xen's ratelimit an I/O vCPU cannot be boosted 150 times in 30 ms. */
        load.ratelimit_us = i < 3 ? 0 : 1000;
        load.threshold = i < 3 ? 150 : 10;
        report_load(&load, runs, seed);
    }
    return true;
}

static int usage(void)
{
    fprintf(stderr, "usage: harness digest VARIANT SEED\n"
                    "       harness same|invariants|gaming|report|model-holds COUNT SEED\n"
                    "       harness model COUNT SEED FILE\n");
    return 2;
}

int main(int argc, char **argv)
{
    uint64_t seed;
    unsigned int count;
    bool holds;

    if ( argc < 4 || argc != 4 + !strcmp(argv[1], "model") )
        return usage();
    count = atoi(argv[2]);
    seed = strtoull(argv[3], NULL, 0);
    if ( !strcmp(argv[1], "digest") )
        holds = digest(argv[2], seed);
    else if ( !strcmp(argv[1], "same") )
        holds = prove_same(count, seed) & prove_range();
    else if ( !strcmp(argv[1], "invariants") )
        holds = prove_invariants(count, seed);
    else if ( !strcmp(argv[1], "gaming") )
        holds = prove_no_gain(count, seed);
    else if ( !strcmp(argv[1], "report") )
        holds = report(count, seed);
    else if ( !strcmp(argv[1], "model-holds") )
        holds = prove_model(count, seed);
    else if ( !strcmp(argv[1], "model") )
        holds = model(count, seed, argv[4]);
    else
        return usage();
    return holds ? 0 : 1;
}
