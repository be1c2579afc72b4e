// SPDX-License-Identifier: GPL-2.0
/* Each function of the policy on its own. */
#include "credit-io.h"
#include "credit-lend.h"
#include "credit-place.h"

unsigned int nr_cpu_ids = 8;

static unsigned int passed, failed;

#define CHECK(c) check(c, __LINE__, #c)

static void check(bool holds, int line, const char *what)
{
    if ( holds )
    {
        passed++;
        return;
    }
    failed++;
    printf("not ok unit.c:%d: %s\n", line, what);
}

void harness_bug(const char *file, int line, const char *what)
{
    printf("not ok %s:%d: %s\n", file, line, what);
    exit(1);
}

static void boost(struct credit_io *io, uint32_t slice, uint32_t threshold,
                  unsigned int times)
{
    while ( times-- )
        credit_io_boost(io, slice, threshold, 3);
}

static void one_more_than_the_threshold_is_io(void)
{
    struct credit_io io = { 0 };

    CHECK(!credit_io_is(&io, 0, 150));
    boost(&io, 0, 150, 150);
    CHECK(!credit_io_is(&io, 0, 150));
    boost(&io, 0, 150, 1);
    CHECK(credit_io_is(&io, 0, 150));
    CHECK(io.cpu == 3);
}

static void boosts_of_two_slices_are_not_added(void)
{
    struct credit_io io = { 0 };

    boost(&io, 7, 150, 100);
    boost(&io, 8, 150, 100);
    CHECK(!credit_io_is(&io, 8, 150));
    CHECK(!credit_io_is(&io, 9, 150));
}

static void crowded_vcpus_leave_once_a_slice(void)
{
    struct credit_io io = { 0 };
    unsigned int slice, i, left;

    for ( slice = 1; slice < 4; slice++ )
    {
        boost(&io, slice, 150, 1);
        for ( i = 1, left = 0; i < 1000; i++ )
            if ( credit_io_leaves(&io) )
            {
                left++;
                CHECK(i == CREDIT_IO_CROWDED);
            }
        CHECK(left == 1);
    }
}

static void steady_io_remains_io(void)
{
    struct credit_io io = { 0 };
    uint32_t slice;
    unsigned int is = 0;

    for ( slice = 1; slice <= 100; slice++ )
    {
        boost(&io, slice, 150, 160);
        is += credit_io_is(&io, slice, 150) && credit_io_is(&io, slice + 1, 150);
    }
    CHECK(is == 100);
    /* Half a slice of silence does not matter, a slice of half of the boosts does. */
    boost(&io, 101, 150, 80);
    CHECK(credit_io_is(&io, 101, 150));
    CHECK(!credit_io_is(&io, 102, 150));
}

static void who_stops_is_forgotten(void)
{
    static const uint32_t thresholds[] = { 1, 2, 150, 1000000 };
    unsigned int i, many;

    for ( i = 0; i < 4; i++ )
        for ( many = 2; many < 10; many += 3 )
        {
            struct credit_io io = { 0 };

            boost(&io, 5, thresholds[i], min(thresholds[i] * many, 5000000u) + 1);
            CHECK(credit_io_is(&io, 6, thresholds[i]));
            CHECK(!credit_io_is(&io, 5 + CREDIT_IO_MEMORY, thresholds[i]));
            /* However long it was one before. */
            boost(&io, 6, thresholds[i], 1);
            CHECK(!credit_io_is(&io, 6 + CREDIT_IO_MEMORY, thresholds[i]));
            CHECK(!credit_io_is(&io, 6 + 1000000, thresholds[i]));
        }
}

static void numbers_of_slices_wrap(void)
{
    struct credit_io io = { .slice = UINT32_MAX };

    boost(&io, UINT32_MAX, 150, 1000);
    CHECK(credit_io_is(&io, 0, 150));
    CHECK(!credit_io_is(&io, CREDIT_IO_MEMORY, 150));
}

static unsigned int placed(unsigned long allowed, unsigned long preferred,
                           unsigned long idle, unsigned int last)
{
    cpumask_t soft = { preferred }, idlers = { idle };
    struct credit_place place = { { allowed }, &soft, &idlers, last };

    return credit_place(&place);
}

static void places(void)
{
    /* Idle ones first, and of these the one where it ran last. */
    CHECK(placed(0x0f, 0xff, 0x0c, 0) == 2);
    CHECK(placed(0x0f, 0xff, 0x0c, 3) == 3);
    /* No idle one is allowed: where it ran last, or another. */
    CHECK(placed(0x0f, 0xff, 0xf0, 1) == 1);
    CHECK(placed(0x0d, 0xff, 0xf0, 1) == 2);
    CHECK(placed(0x0d, 0xff, 0xf0, 7) == 0);
    /* An idle one that it prefers, an idle one, one that it prefers. */
    CHECK(placed(0x0f, 0x08, 0x0e, 1) == 3);
    CHECK(placed(0x0f, 0x01, 0x0e, 2) == 2);
    CHECK(placed(0x0f, 0x04, 0xf0, 1) == 2);
    CHECK(placed(0x0f, 0xf0, 0x00, 1) == 1);
    CHECK(placed(0x00, 0xff, 0xff, 1) == nr_cpu_ids);
}

/* Whatever the masks: allowed, idle if an allowed one is, and found if there is one. */
static void places_are_allowed(void)
{
    unsigned long allowed, preferred, idle;
    unsigned int last, wrong = 0;

    for ( allowed = 0; allowed < 256; allowed += 5 )
        for ( preferred = 0; preferred < 256; preferred += 3 )
            for ( idle = 0; idle < 256; idle++ )
                for ( last = 0; last < 8; last++ )
                {
                    unsigned int cpu = placed(allowed, preferred, idle, last);

                    if ( !allowed )
                        wrong += cpu < nr_cpu_ids;
                    else
                        wrong += cpu >= nr_cpu_ids || !(allowed >> cpu & 1) ||
                                 ((allowed & idle) && !(idle >> cpu & 1));
                }
    CHECK(!wrong);
}

/*
 * Of all masks of four pCPUs: if it says that the vCPU stays, that is where it
 * is placed; and if it does not, where it ran last is not as good.
 */
static void stays_as_placed(void)
{
    unsigned long cache, preferred, idle, allowed;
    unsigned int last, avoid, cpu, stayed = 0, wrong = 0;

    for ( cache = 0; cache < 16; cache++ )
        for ( preferred = 0; preferred < 16; preferred++ )
            for ( idle = 0; idle < 16; idle++ )
                for ( last = 0; last < 4; last++ )
                    for ( avoid = 0; avoid <= 4; avoid++ )
                    {
                        cpumask_t m[] = { { cache }, { preferred }, { idle } };
                        bool stays = credit_stays(last, avoid, &m[0], &m[1], &m[2]);

                        allowed = cache & ~(1UL << avoid);
                        cpu = placed(allowed, preferred, idle, last);
                        stayed += stays;
                        wrong += stays != (cpu == last && (idle & preferred) >> last & 1);
                    }
    CHECK(!wrong);
    CHECK(stayed);
}

static void takes(void)
{
    cpumask_t cache = { 0x03 };

    CHECK(credit_may_take(1, &cache, false));
    CHECK(!credit_may_take(2, &cache, false));
    CHECK(credit_may_take(2, &cache, true));
}

static void lending(void)
{
    struct credit_pot pot = { 0 };

    CHECK(credit_lend_begin(&pot, 2) == 0);
    credit_lend_cut(&pot, 151);
    credit_lend_cut(&pot, 160);
    credit_lend_end(&pot);
    CHECK(pot.credit == 311 && pot.dropped == 0);

    /* Equal parts, but no more than is lacking. */
    CHECK(credit_lend_begin(&pot, 3) == 103);
    CHECK(credit_lend(&pot, 103, -300) == 103);
    CHECK(credit_lend(&pot, 103, -50) == 50);
    CHECK(credit_lend(&pot, 103, 0) == 0);
    CHECK(credit_lend(&pot, 103, 299) == 0);
    credit_lend_end(&pot);
    CHECK(pot.lent == 153 && pot.dropped == 158 && pot.credit == 0 && pot.left == 0);
}

static void giving_back(void)
{
    struct credit_pot pot = { 0 };

    CHECK(credit_lend_unspent(100, 40) == 40);
    CHECK(credit_lend_unspent(100, 400) == 100);
    CHECK(credit_lend_unspent(100, 0) == 0);
    CHECK(credit_lend_unspent(100, -7) == 0);
    credit_lend_return(&pot, 40);
    CHECK(pot.returned == 40 && credit_lend_begin(&pot, 1) == 40);
    credit_lend_end(&pot);
    CHECK(pot.dropped == 40);
}

/* A million random accountings of a domain: not a unit comes or goes. */
static void credit_is_conserved(void)
{
    struct credit_pot pot = { 0 };
    uint32_t random = 12345, lost = 0, i, n;

    for ( i = 0; i < 1000000; i++ )
    {
        uint32_t borrowers, part;

        random = random * 1664525 + 1013904223;
        borrowers = (random >> 24) % 5;
        part = credit_lend_begin(&pot, borrowers);
        for ( n = 0; n < borrowers; n++ )
            credit_lend(&pot, part, (int)(random >> n & 0xfff) % 700 - 350);
        if ( random & 0x100 )
            credit_lend_cut(&pot, random >> 20 & 0xff);
        if ( random & 0x200 )
            credit_lend_return(&pot, random >> 16 & 0x3f);
        lost += pot.cut + pot.returned !=
                pot.lent + pot.dropped + pot.credit + pot.left;
        credit_lend_end(&pot);
    }
    CHECK(!lost);
    CHECK(pot.lent > 0 && pot.dropped > 0);
}

int main(void)
{
    one_more_than_the_threshold_is_io();
    boosts_of_two_slices_are_not_added();
    crowded_vcpus_leave_once_a_slice();
    steady_io_remains_io();
    who_stops_is_forgotten();
    numbers_of_slices_wrap();
    places();
    places_are_allowed();
    stays_as_placed();
    takes();
    lending();
    giving_back();
    credit_is_conserved();
    printf("%s policy: %u checks passed, %u failed\n", failed ? "not ok" : "ok", passed,
           failed);
    return failed != 0;
}
