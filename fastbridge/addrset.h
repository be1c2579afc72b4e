/* SPDX-License-Identifier: GPL-2.0 */
/* Sets of addresses that are looked up for every packet and changed by hand. */
#ifndef _FASTBRIDGE_ADDRSET_H
#define _FASTBRIDGE_ADDRSET_H

#include <linux/rcupdate.h>
#include <linux/types.h>

/* Most addresses and most networks of a set. */
#define FB_ADDRSET_MAX 4096
#define FB_ADDRSET_NETWORKS 64

/* An address of any kind, the unused bits 0. All of them 0 is none. */
struct fb_addr {
	u64 high;
	u64 low;
};

static inline bool fb_addr_equal(struct fb_addr a, struct fb_addr b)
{
	return !((a.high ^ b.high) | (a.low ^ b.low));
}

/**
 * struct fb_network - the addresses that begin alike
 * @addr: the first of them
 * @mask: which bits count; all: it is one address
 */
struct fb_network {
	struct fb_addr addr;
	struct fb_addr mask;
};

static inline bool fb_network_is_addr(const struct fb_network *network)
{
	return !~(network->mask.high & network->mask.low);
}

/**
 * struct fb_addrset - addresses, never changed once packets see them
 * @rcu: frees it
 * @nr: how many addresses
 * @shift: keeps the upper bits that index @slots
 * @mask: number of slots less 1
 * @nr_networks: how many there are beside the addresses
 * @factors: random and odd, of an address's halves in the hash; one for each, for who lists
 *	addresses may choose them so that the halves are alike
 * @networks: behind @slots
 * @slots: open addressing; at least every other one is free
 */
struct fb_addrset {
	struct rcu_head rcu;
	unsigned int nr;
	unsigned int shift;
	unsigned int mask;
	unsigned int nr_networks;
	struct fb_addr factors;
	struct fb_network *networks;
	struct fb_addr slots[];
};

/* The slot at which to begin to look for an address. */
static inline u64 fb_addrset_slot(const struct fb_addrset *set, struct fb_addr addr)
{
	return (addr.low * set->factors.low + addr.high * set->factors.high) >> set->shift;
}

bool fb_addrset_covers(const struct fb_addrset *set, struct fb_addr addr);

static inline bool fb_addrset_lists(const struct fb_addrset *set, struct fb_addr addr)
{
	u64 i = fb_addrset_slot(set, addr);
	const struct fb_addr none = {};

	while (!fb_addr_equal(set->slots[i], none)) {
		if (fb_addr_equal(set->slots[i], addr))
			return true;
		i = (i + 1) & set->mask;
	}
	return false;
}

/**
 * fb_addrset_has - is an address in a set, or in one of its networks?
 * @set: the set
 * @addr: the address
 *
 * Context: RCU read side.
 */
static inline bool fb_addrset_has(const struct fb_addrset *set, struct fb_addr addr)
{
	return fb_addrset_lists(set, addr) ||
	       (set->nr_networks && fb_addrset_covers(set, addr));
}

bool fb_addrset_at(const struct fb_addrset *set, unsigned int i, struct fb_network *network);
struct fb_addrset *fb_addrset_copy(const struct fb_addrset *old, unsigned int more);
int fb_addrset_add(struct fb_addrset *set, const struct fb_network *network);
int fb_addrset_remove(struct fb_addrset *set, const struct fb_network *network);

/* Is nothing in a set? */
static inline bool fb_addrset_is_empty(const struct fb_addrset *set)
{
	return !(set->nr + set->nr_networks);
}

#endif /* _FASTBRIDGE_ADDRSET_H */
