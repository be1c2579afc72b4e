/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Words that change whenever an answer of fastbridge_flow() may be another: who keeps an
 * answer compares those that it depends on. Bridges have one each, for all that is not an
 * address; those of addresses are found by a hash. Where two have one together, that costs
 * answers and no more.
 */
#ifndef _FASTBRIDGE_GENERATION_H
#define _FASTBRIDGE_GENERATION_H

#include <linux/atomic.h>
#include <linux/types.h>

/**
 * fb_generation_bump - no answer that was given before counts any more
 * @word: what it depends on
 *
 * After the change, whatever it is.
 *
 * Context: any.
 */
static inline void fb_generation_bump(atomic_t *word)
{
	/* Pairs with fb_generation_read(): who reads the new word finds the change. */
	smp_mb__before_atomic();
	atomic_inc(word);
}

/**
 * fb_generation_read - read a word before a question is asked
 * @word: what the answer depends on
 *
 * Return: what it counts for.
 */
static inline u32 fb_generation_read(const atomic_t *word)
{
	return atomic_read_acquire(word);
}

int fb_generation_init(void);
void fb_generation_exit(void);
atomic_t *fb_generation_of_bridge(bool strange);
atomic_t *fb_generation_of_address(u64 hash);

#endif /* _FASTBRIDGE_GENERATION_H */
