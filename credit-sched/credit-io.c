// SPDX-License-Identifier: GPL-2.0
/* Which vCPUs do I/O. Locking: see credit-io.h. */

#include <xen/kernel.h>

#include "credit-io.h"

/*
 * What is left of boosts when slices slices are past; 4 thresholds are gone
 * after three.
 */
static uint32_t left_behind(uint32_t boosts, uint32_t slices,
                            uint32_t threshold)
{
    boosts = min(boosts, threshold << (CREDIT_IO_MEMORY - 1));

    return slices > CREDIT_IO_MEMORY ? 0 : boosts >> (slices - 1);
}

uint32_t credit_io_before(const struct credit_io *io, uint32_t slice,
                          uint32_t threshold)
{
    uint32_t passed = slice - io->slice;

    if ( !passed )
        return io->before;

    return left_behind(max(io->boosts, io->before / 2), passed, threshold);
}

void credit_io_turn(struct credit_io *io, uint32_t slice, uint32_t threshold)
{
    io->before = credit_io_before(io, slice, threshold);
    io->boosts = 0;
    io->crowded = 0;
    io->slice = slice;
}
