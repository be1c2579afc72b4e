// SPDX-License-Identifier: GPL-2.0
/*
 * The mirror of a bridge's forwarding table.
 *
 * Locking: packets read it under RCU and write nothing but fresh_until. All
 * changes hold fdb->lock. An entry is unlinked before the port it names goes
 * away, and freed a grace period later.
 */
#include <linux/log2.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "fdb.h"
#include "port.h"

/**
 * fb_fdb_init - set up an empty table
 * @fdb: the table
 * @limit: most entries it takes
 * @lock: what its changes hold
 * @generation: the word of all its addresses, or NULL: they have words of their own
 *
 * Return: 0 or -ENOMEM.
 */
int fb_fdb_init(struct fb_fdb *fdb, unsigned int limit, spinlock_t *lock,
		atomic_t *generation)
{
	unsigned int bits = max(ilog2(roundup_pow_of_two(limit)), 1);

	fdb->buckets = kvcalloc(1UL << bits, sizeof(*fdb->buckets),
				GFP_KERNEL_ACCOUNT);
	if (!fdb->buckets)
		return -ENOMEM;
	fdb->lock = lock;
	fdb->generation = generation;
	fdb->multiplier = get_random_u64() | 1;
	fdb->shift = 64 - bits;
	fdb->limit = limit;
	fdb->entries = 0;
	return 0;
}

/**
 * fb_fdb_destroy - free an empty table that nobody reads any more
 * @fdb: the table
 */
void fb_fdb_destroy(struct fb_fdb *fdb)
{
	WARN_ON_ONCE(fdb->entries);
	kvfree(fdb->buckets);
	fdb->buckets = NULL;
}

/*
 * May @port have one more entry? It may fill half of the table and no more, so that one
 * guest's flood of addresses does not shut the others out, even if it takes theirs.
 */
static bool fb_fdb_has_share(const struct fb_fdb *fdb, const struct fb_port *port)
{
	return port->fdb_entries < max(fdb->limit / 2, 1U);
}

static struct fb_entry *fb_fdb_new_entry(const struct fb_fdb *fdb, const struct fb_port *port)
{
	return fdb->entries < fdb->limit && fb_fdb_has_share(fdb, port) ?
	       kmalloc(sizeof(struct fb_entry), GFP_ATOMIC) : NULL;
}

static void fb_fdb_unlink(struct fb_fdb *fdb, struct fb_entry *e)
{
	hlist_del_rcu(&e->node);
	e->port->fdb_entries--;
	fdb->entries--;
	fb_generation_bump(fb_fdb_generation(fdb, e->key));
	kfree_rcu(e, rcu);
}

/* One that would be more than the share of its new port is forgotten. */
static void fb_fdb_move(struct fb_fdb *fdb, struct fb_entry *e, struct fb_port *port)
{
	if (!fb_fdb_has_share(fdb, port)) {
		fdb->refused++;
		fb_fdb_unlink(fdb, e);
		return;
	}
	e->port->fdb_entries--;
	port->fdb_entries++;
	WRITE_ONCE(e->port, port);
	fb_generation_bump(fb_fdb_generation(fdb, e->key));
}

/**
 * fb_fdb_set - add an address, or move it to another port
 * @fdb: the table
 * @key: address and VLAN
 * @port: where it is
 *
 * An address that finds no room, or no memory, is not entered: its frames take
 * the stock path.
 *
 * Return: true if it was not there, or on another port.
 */
bool fb_fdb_set(struct fb_fdb *fdb, fb_key_t key, struct fb_port *port)
{
	struct fb_entry *e;

	lockdep_assert_held(fdb->lock);

	e = fb_fdb_find(fdb, key);
	if (e) {
		if (e->port == port)
			return false;
		fb_fdb_move(fdb, e, port);
		return true;
	}

	e = fb_fdb_new_entry(fdb, port);
	if (!e) {
		fdb->refused++;
		return true;
	}
	e->key = key;
	e->port = port;
	e->fresh_until = jiffies;
	fdb->entries++;
	port->fdb_entries++;
	hlist_add_head_rcu(&e->node, fb_fdb_bucket(fdb, key));
	return true;
}

/**
 * fb_fdb_remove - forget an address
 * @fdb: the table
 * @key: address and VLAN
 *
 * Return: the port that it was on, or NULL.
 */
struct fb_port *fb_fdb_remove(struct fb_fdb *fdb, fb_key_t key)
{
	struct fb_port *port;
	struct fb_entry *e;

	lockdep_assert_held(fdb->lock);

	e = fb_fdb_find(fdb, key);
	if (!e)
		return NULL;
	port = e->port;
	fb_fdb_unlink(fdb, e);
	return port;
}

/**
 * fb_fdb_flush - forget the addresses of a port, or all
 * @fdb: the table
 * @port: the port, or NULL for all
 */
void fb_fdb_flush(struct fb_fdb *fdb, const struct fb_port *port)
{
	unsigned long i, buckets = 1UL << (64 - fdb->shift);
	struct hlist_node *next;
	struct fb_entry *e;

	lockdep_assert_held(fdb->lock);

	for (i = 0; i < buckets; i++)
		hlist_for_each_entry_safe(e, next, &fdb->buckets[i], node)
			if (!port || e->port == port)
				fb_fdb_unlink(fdb, e);
}
