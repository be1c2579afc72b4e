// SPDX-License-Identifier: GPL-2.0
/*
 * Sets of addresses: a change makes a new set, so that whoever looks one up meanwhile
 * finds it in the old one or in the new one.
 *
 * Locking: none here. Whoever replaces a set frees the old one a grace period later.
 */
#include <linux/err.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "addrset.h"

static void fb_addrset_put(struct fb_addrset *set, struct fb_addr addr)
{
	u64 i = ((addr.low ^ addr.high) * set->multiplier) >> set->shift;
	const struct fb_addr none = {};

	while (!fb_addr_equal(set->slots[i], none))
		i = (i + 1) & set->mask;
	set->slots[i] = addr;
	set->nr++;
}

/* All of @old but @left_out, in a set with room for @nr. */
static struct fb_addrset *fb_addrset_copy(const struct fb_addrset *old, unsigned int nr,
					  struct fb_addr left_out)
{
	unsigned int bits = ilog2(roundup_pow_of_two(2 * nr));
	const struct fb_addr none = {};
	struct fb_addrset *set;
	unsigned int i;

	set = kvzalloc(struct_size(set, slots, 1UL << bits), GFP_KERNEL);
	if (!set)
		return ERR_PTR(-ENOMEM);
	set->multiplier = get_random_u64() | 1;
	set->shift = 64 - bits;
	set->mask = (1U << bits) - 1;
	for (i = 0; old && i <= old->mask; i++)
		if (!fb_addr_equal(old->slots[i], none) &&
		    !fb_addr_equal(old->slots[i], left_out))
			fb_addrset_put(set, old->slots[i]);
	return set;
}

/**
 * fb_addrset_with - a set with one address more
 * @set: the old one, or NULL: it is empty
 * @addr: the address
 *
 * Return: the new set; -EEXIST if the address is in it already, -ENOSPC if there are as
 * many as may be, or -ENOMEM.
 */
struct fb_addrset *fb_addrset_with(const struct fb_addrset *set, struct fb_addr addr)
{
	unsigned int nr = set ? set->nr : 0;
	struct fb_addrset *new;

	if (set && fb_addrset_has(set, addr))
		return ERR_PTR(-EEXIST);
	if (nr >= FB_ADDRSET_MAX)
		return ERR_PTR(-ENOSPC);
	new = fb_addrset_copy(set, nr + 1, (struct fb_addr) {});
	if (!IS_ERR(new))
		fb_addrset_put(new, addr);
	return new;
}

/**
 * fb_addrset_without - a set with one address less
 * @set: the old one, or NULL: it is empty
 * @addr: the address
 *
 * Return: the new set, NULL if nothing is left; -ENOENT if the address is not in it, or
 * -ENOMEM.
 */
struct fb_addrset *fb_addrset_without(const struct fb_addrset *set, struct fb_addr addr)
{
	if (!set || !fb_addrset_has(set, addr))
		return ERR_PTR(-ENOENT);
	return set->nr == 1 ? NULL : fb_addrset_copy(set, set->nr - 1, addr);
}
