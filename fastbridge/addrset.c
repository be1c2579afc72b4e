// SPDX-License-Identifier: GPL-2.0
/*
 * Sets of addresses: changes are made to a copy, so that whoever looks one up meanwhile
 * finds it in the old one or in the new one. Networks are few, and tried one by one for
 * what is not listed itself.
 *
 * Locking: none here. Whoever replaces a set frees the old one a grace period later.
 */
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
	u64 i = fb_addrset_slot(set, network->addr);
	const struct fb_addr none = {};

	if (!fb_network_is_addr(network)) {
		set->networks[set->nr_networks++] = *network;
		return;
	}
	while (!fb_addr_equal(set->slots[i], none))
		i = (i + 1) & set->mask;
	set->slots[i] = network->addr;
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
	set->factors.low = get_random_u64() | 1;
	set->factors.high = get_random_u64() | 1;
	set->shift = 64 - bits;
	set->mask = (1U << bits) - 1;
	set->networks = (struct fb_network *)&set->slots[1UL << bits];
	return set;
}

/**
 * fb_addrset_copy - a set with the same in it
 * @old: the old one, or NULL: it is empty
 * @more: how many additions there is to be room for at least, of addresses and networks each,
 *	unless there are as many as may be before
 *
 * Return: the new set, to be freed with kvfree(); NULL if there is no memory.
 */
struct fb_addrset *fb_addrset_copy(const struct fb_addrset *old, unsigned int more)
{
	unsigned int nr_networks = min_t(unsigned int, FB_ADDRSET_NETWORKS,
					 (old ? old->nr_networks : 0) + more);
	unsigned int nr = min_t(unsigned int, FB_ADDRSET_MAX, (old ? old->nr : 0) + more);
	struct fb_addrset *set = fb_addrset_alloc(nr, nr_networks);
	struct fb_network network;
	unsigned int i;

	for (i = 0; set && old && i <= old->mask + old->nr_networks; i++)
		if (fb_addrset_at(old, i, &network))
			fb_addrset_put(set, &network);
	return set;
}

static unsigned int fb_addrset_network(const struct fb_addrset *set,
				       const struct fb_network *network)
{
	unsigned int i;

	for (i = 0; i < set->nr_networks; i++)
		if (fb_network_equal(&set->networks[i], network))
			break;
	return i;
}

static bool fb_addrset_holds(const struct fb_addrset *set, const struct fb_network *network)
{
	if (fb_network_is_addr(network))
		return fb_addrset_lists(set, network->addr);
	return fb_addrset_network(set, network) < set->nr_networks;
}

/**
 * fb_addrset_add - put one address or network more into a set that packets do not see yet
 * @set: from fb_addrset_copy(), which knew of it
 * @network: what to add
 *
 * Return: 0; -EEXIST if just that is in it already, -ENOSPC if there are as many as may be.
 */
int fb_addrset_add(struct fb_addrset *set, const struct fb_network *network)
{
	if (fb_addrset_holds(set, network))
		return -EEXIST;
	if (fb_network_is_addr(network) ? set->nr == FB_ADDRSET_MAX :
					  set->nr_networks == FB_ADDRSET_NETWORKS)
		return -ENOSPC;
	fb_addrset_put(set, network);
	return 0;
}

/* Those behind it that are found by way of the slot move up, so that they still are. */
static void fb_addrset_free_slot(struct fb_addrset *set, u64 gap)
{
	const struct fb_addr none = {};
	u64 i = gap, first;

	for (;;) {
		i = (i + 1) & set->mask;
		if (fb_addr_equal(set->slots[i], none))
			break;
		first = fb_addrset_slot(set, set->slots[i]);
		if (((i - first) & set->mask) < ((i - gap) & set->mask))
			continue;
		set->slots[gap] = set->slots[i];
		gap = i;
	}
	set->slots[gap] = none;
}

/**
 * fb_addrset_remove - take one address or network out of a set that packets do not see yet
 * @set: from fb_addrset_copy()
 * @network: what to leave out
 *
 * Return: 0; -ENOENT if just that is not in it.
 */
int fb_addrset_remove(struct fb_addrset *set, const struct fb_network *network)
{
	u64 i;

	if (!fb_addrset_holds(set, network))
		return -ENOENT;
	if (!fb_network_is_addr(network)) {
		i = fb_addrset_network(set, network);
		set->networks[i] = set->networks[--set->nr_networks];
		return 0;
	}
	i = fb_addrset_slot(set, network->addr);
	while (!fb_addr_equal(set->slots[i], network->addr))
		i = (i + 1) & set->mask;
	fb_addrset_free_slot(set, i);
	set->nr--;
	return 0;
}
