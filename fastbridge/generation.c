// SPDX-License-Identifier: GPL-2.0
/*
 * The page of generations. It is a page of its own because others read it without a call:
 * who keeps answers may be Xen.
 *
 * Locking: bridges get their words under RTNL; words are atomic.
 */
#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/rtnetlink.h>
#include <net/fastbridge.h>

#include "generation.h"

/* The first word stays 0. */
enum fb_generation_place {
	/* Of all that is in users' namespaces, so that they change nobody else's. */
	FB_GENERATION_STRANGE = 1,
	FB_GENERATION_BRIDGES,
	FB_GENERATION_ADDRESSES = 128,
	FB_GENERATION_END = PAGE_SIZE / sizeof(atomic_t),
};

static atomic_t *fb_generations;
static unsigned int fb_generation_bridges;	/* so many were given out; under RTNL */

/**
 * fb_generation_init - before there are bridges
 *
 * Return: 0 or -ENOMEM.
 */
int fb_generation_init(void)
{
	fb_generations = (atomic_t *)get_zeroed_page(GFP_KERNEL);
	return fb_generations ? 0 : -ENOMEM;
}

/**
 * fb_generation_exit - when there are none any more, and nobody keeps an answer
 */
void fb_generation_exit(void)
{
	free_page((unsigned long)fb_generations);
}

/**
 * fb_generation_of_bridge - the word of a new bridge
 * @strange: it is in a user's namespace; then this is the word of its addresses, too
 *
 * Context: RTNL.
 * Return: the word.
 */
atomic_t *fb_generation_of_bridge(bool strange)
{
	const unsigned int words = FB_GENERATION_ADDRESSES - FB_GENERATION_BRIDGES;

	ASSERT_RTNL();
	if (strange)
		return &fb_generations[FB_GENERATION_STRANGE];
	return &fb_generations[FB_GENERATION_BRIDGES + fb_generation_bridges++ % words];
}

/**
 * fb_generation_of_address - the word of an address
 * @hash: of address and bridge, such that nobody can choose it
 *
 * Return: the word.
 */
atomic_t *fb_generation_of_address(u64 hash)
{
	const unsigned int words = FB_GENERATION_END - FB_GENERATION_ADDRESSES;

	return &fb_generations[FB_GENERATION_ADDRESSES + reciprocal_scale(hash >> 32, words)];
}

/**
 * fastbridge_generations - the page that the words of struct fastbridge_terms are in
 *
 * Return: the page; its first word stays 0.
 */
const void *fastbridge_generations(void)
{
	return fb_generations;
}
EXPORT_SYMBOL_GPL(fastbridge_generations);
