/* SPDX-License-Identifier: GPL-2.0 */
/* Sets of addresses that are looked up for every packet and changed by hand. */
#ifndef _FASTBRIDGE_ADDRSET_H
#define _FASTBRIDGE_ADDRSET_H

#include <linux/rcupdate.h>
#include <linux/types.h>

/* Most addresses of a set. */
#define FB_ADDRSET_MAX 4096

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
 * struct fb_addrset - addresses, never changed once packets see them
 * @rcu: frees it
 * @nr: how many
 * @multiplier: random odd factor of the hash
 * @shift: keeps the upper bits that index @slots
 * @mask: number of slots less 1
 * @slots: open addressing; at least every other one is free
 */
struct fb_addrset {
	struct rcu_head rcu;
	unsigned int nr;
	unsigned int shift;
	unsigned int mask;
	u64 multiplier;
	struct fb_addr slots[];
};

/**
 * fb_addrset_has - is an address in a set?
 * @set: the set
 * @addr: the address
 *
 * Context: RCU read side.
 */
static inline bool fb_addrset_has(const struct fb_addrset *set, struct fb_addr addr)
{
	u64 i = ((addr.low ^ addr.high) * set->multiplier) >> set->shift;
	const struct fb_addr none = {};

	while (!fb_addr_equal(set->slots[i], none)) {
		if (fb_addr_equal(set->slots[i], addr))
			return true;
		i = (i + 1) & set->mask;
	}
	return false;
}

struct fb_addrset *fb_addrset_with(const struct fb_addrset *set, struct fb_addr addr);
struct fb_addrset *fb_addrset_without(const struct fb_addrset *set, struct fb_addr addr);

#endif /* _FASTBRIDGE_ADDRSET_H */
