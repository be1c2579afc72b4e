/* SPDX-License-Identifier: GPL-2.0 */
/* The mirror of a bridge's forwarding table. */
#ifndef _FASTBRIDGE_FDB_H
#define _FASTBRIDGE_FDB_H

#include <linux/etherdevice.h>
#include <asm/unaligned.h>
#include <linux/rculist.h>
#include <linux/spinlock.h>

#include "generation.h"

struct fb_port;

/* A MAC address and a VLAN id (0: none) in one word that compares at once. */
typedef u64 fb_key_t;

static inline fb_key_t fb_key(const u8 *addr, u16 vid)
{
	return (u64)get_unaligned_le16(addr + 4) << 48 |
	       (u64)get_unaligned_le32(addr) << 16 | vid;
}

/* The same for an address in a frame, where two more bytes can be read. */
static inline fb_key_t fb_key_64bits(const u8 *addr, u16 vid)
{
	return get_unaligned_le64(addr) << 16 | vid;
}

static inline void fb_key_addr(fb_key_t key, u8 *addr)
{
	put_unaligned_le32(key >> 16, addr);
	put_unaligned_le16(key >> 48, addr + 4);
}

static inline u16 fb_key_vid(fb_key_t key)
{
	return (u16)key;
}

/**
 * struct fb_entry - one address
 * @node: in its bucket
 * @key: address and VLAN
 * @port: where it is; never NULL, valid as long as the entry can be found
 * @fresh_until: until then (jiffies) frames from it need not take the stock path
 * @rcu: frees the entry
 */
struct fb_entry {
	struct hlist_node node;
	fb_key_t key;
	struct fb_port *port;
	unsigned long fresh_until;
	struct rcu_head rcu;
};

/**
 * struct fb_fdb - the table of one bridge
 * @buckets: RCU-read chains
 * @lock: held by all who change the table
 * @generation: the word of all its addresses, if they have none of their own
 * @multiplier: secret odd factor of the hash
 * @shift: keeps the upper bits that index @buckets
 * @limit: most entries the table takes
 * @entries: how many it holds
 * @refused: how many it did not take for want of room, ever
 */
struct fb_fdb {
	struct hlist_head *buckets;
	spinlock_t *lock;
	atomic_t *generation;
	u64 multiplier;
	unsigned int shift;
	unsigned int limit;
	unsigned int entries;
	u64 refused;
};

/*
 * Multiply-shift hashing (Dietzfelbinger et al. 1997) is universal for a random
 * odd factor: two instructions, and no choice of addresses makes long chains
 * for someone who does not know the factor.
 */
static inline struct hlist_head *fb_fdb_bucket(const struct fb_fdb *fdb,
					       fb_key_t key)
{
	return &fdb->buckets[(key * fdb->multiplier) >> fdb->shift];
}

/**
 * fb_fdb_generation - the word that changes when an address goes, or moves
 * @fdb: the table
 * @key: address and VLAN; this one's word is that of the address in all VLANs
 *
 * Return: the word.
 */
static inline atomic_t *fb_fdb_generation(const struct fb_fdb *fdb, fb_key_t key)
{
	const u64 hash = (key & ~(fb_key_t)U16_MAX) * fdb->multiplier;

	return fdb->generation ? fdb->generation : fb_generation_of_address(hash);
}

/**
 * fb_fdb_find - look an address up
 * @fdb: the table
 * @key: address and VLAN
 *
 * Context: RCU read side, or the table's lock held.
 * Return: the entry or NULL.
 */
static inline struct fb_entry *fb_fdb_find(const struct fb_fdb *fdb,
					   fb_key_t key)
{
	struct fb_entry *e;

	hlist_for_each_entry_rcu(e, fb_fdb_bucket(fdb, key), node, true)
		if (e->key == key)
			return e;
	return NULL;
}

int fb_fdb_init(struct fb_fdb *fdb, unsigned int limit, spinlock_t *lock,
		atomic_t *generation);
void fb_fdb_destroy(struct fb_fdb *fdb);
bool fb_fdb_set(struct fb_fdb *fdb, fb_key_t key, struct fb_port *port);
struct fb_port *fb_fdb_remove(struct fb_fdb *fdb, fb_key_t key);
void fb_fdb_flush(struct fb_fdb *fdb, const struct fb_port *port);

#endif /* _FASTBRIDGE_FDB_H */
