// SPDX-License-Identifier: GPL-2.0
/*
 * Sets of addresses: a change makes a new set, so that whoever looks one up meanwhile
 * finds it in the old one or in the new one. Networks are few, and tried one by one for
 * what is not listed itself.
 *
 * Locking: none here. Whoever replaces a set frees the old one a grace period later.
 */
#include <linux/err.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "addrset.h"

static bool fb_network_equal(const struct fb_network *a, const struct fb_network *b)
{
	return fb_addr_equal(a->addr, b->addr) && fb_addr_equal(a->mask, b->mask);
}

/**
 * fb_addrset_covers - is an address in one of the networks of a set?
 * @set: the set
 * @addr: the address
 *
 * Context: RCU read side.
 */
bool fb_addrset_covers(const struct fb_addrset *set, struct fb_addr addr)
{
	unsigned int i;

	for (i = 0; i < set->nr_networks; i++) {
		const struct fb_network *network = &set->networks[i];

		if (!(((addr.high ^ network->addr.high) & network->mask.high) |
		      ((addr.low ^ network->addr.low) & network->mask.low)))
			return true;
	}
	return false;
}

/**
 * fb_addrset_at - what is at a place of a set
 * @set: the set
 * @i: from 0 to the number of slots and networks less 1
 * @network: is set to what is there
 *
 * Return: false if nothing is.
 */
bool fb_addrset_at(const struct fb_addrset *set, unsigned int i, struct fb_network *network)
{
	const struct fb_addr none = {};

	if (i > set->mask) {
		*network = set->networks[i - set->mask - 1];
		return true;
	}
	*network = (struct fb_network) { set->slots[i], { U64_MAX, U64_MAX } };
	return !fb_addr_equal(network->addr, none);
}

static void fb_addrset_put(struct fb_addrset *set, const struct fb_network *network)
{
	const struct fb_addr addr = network->addr, none = {};
	u64 i = ((addr.low ^ addr.high) * set->multiplier) >> set->shift;

	if (!fb_network_is_addr(network)) {
		set->networks[set->nr_networks++] = *network;
		return;
	}
	while (!fb_addr_equal(set->slots[i], none))
		i = (i + 1) & set->mask;
	set->slots[i] = addr;
	set->nr++;
}

static struct fb_addrset *fb_addrset_alloc(unsigned int nr, unsigned int nr_networks)
{
	unsigned int bits = ilog2(roundup_pow_of_two(2 * max(nr, 1U)));
	struct fb_addrset *set;

	set = kvzalloc(struct_size(set, slots, 1UL << bits) +
		       nr_networks * sizeof(*set->networks), GFP_KERNEL_ACCOUNT);
	if (!set)
		return NULL;
	set->multiplier = get_random_u64() | 1;
	set->shift = 64 - bits;
	set->mask = (1U << bits) - 1;
	set->networks = (struct fb_network *)&set->slots[1UL << bits];
	return set;
}

/* All of @old but @left_out, in a set with room for so many. */
static struct fb_addrset *fb_addrset_copy(const struct fb_addrset *old, unsigned int nr,
					  unsigned int nr_networks,
					  const struct fb_network *left_out)
{
	struct fb_addrset *set = fb_addrset_alloc(nr, nr_networks);
	struct fb_network network;
	unsigned int i;

	if (!set)
		return ERR_PTR(-ENOMEM);
	for (i = 0; old && i <= old->mask + old->nr_networks; i++)
		if (fb_addrset_at(old, i, &network) &&
		    !fb_network_equal(&network, left_out))
			fb_addrset_put(set, &network);
	return set;
}

static bool fb_addrset_holds(const struct fb_addrset *set, const struct fb_network *network)
{
	unsigned int i;

	if (fb_network_is_addr(network))
		return fb_addrset_lists(set, network->addr);
	for (i = 0; i < set->nr_networks; i++)
		if (fb_network_equal(&set->networks[i], network))
			return true;
	return false;
}

/**
 * fb_addrset_with - a set with one address or network more
 * @set: the old one, or NULL: it is empty
 * @network: what to add
 *
 * Return: the new set; -EEXIST if just that is in it already, -ENOSPC if there are as
 * many as may be, or -ENOMEM.
 */
struct fb_addrset *fb_addrset_with(const struct fb_addrset *set,
				   const struct fb_network *network)
{
	unsigned int nr_networks = set ? set->nr_networks : 0;
	unsigned int nr = set ? set->nr : 0;
	struct fb_addrset *new;

	if (set && fb_addrset_holds(set, network))
		return ERR_PTR(-EEXIST);
	if (fb_network_is_addr(network))
		nr++;
	else
		nr_networks++;
	if (nr > FB_ADDRSET_MAX || nr_networks > FB_ADDRSET_NETWORKS)
		return ERR_PTR(-ENOSPC);
	new = fb_addrset_copy(set, nr, nr_networks, network);
	if (!IS_ERR(new))
		fb_addrset_put(new, network);
	return new;
}

/**
 * fb_addrset_without - a set with one address or network less
 * @set: the old one, or NULL: it is empty
 * @network: what to leave out
 *
 * Return: the new set, NULL if nothing is left; -ENOENT if just that is not in it, or
 * -ENOMEM.
 */
struct fb_addrset *fb_addrset_without(const struct fb_addrset *set,
				      const struct fb_network *network)
{
	if (!set || !fb_addrset_holds(set, network))
		return ERR_PTR(-ENOENT);
	if (set->nr + set->nr_networks == 1)
		return NULL;
	return fb_addrset_copy(set, set->nr, set->nr_networks, network);
}
