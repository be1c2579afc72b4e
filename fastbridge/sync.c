// SPDX-License-Identifier: GPL-2.0
/*
 * Asks the bridge for the truth about what the mirror is in doubt of.
 *
 * A frame from or to an address that the mirror does not have, or has on another
 * port, takes the stock path and leaves the address here; this is also how the
 * mirror fills when it is switched on. So is an address asked for that has come, moved or
 * gone: two CPUs may announce what they do with it in the wrong order. Only so many
 * addresses of a port can wait: when one that was announced finds no room, and else half a
 * minute after the last time, the whole table is gone through, some addresses a turn.
 *
 * Not all is announced: a request that fails half way has the bridge act on its first half
 * without a word. So what ports and the bridge itself are told is read anew twice a
 * second; and if that was not possible for a second, since RTNL was never free or others had
 * their turns (turn.c), it is not believed any more: frames are left to the bridge. What becomes
 * of addresses is announced even then.
 *
 * Locking: the work holds RTNL, which it only tries for, since who stops it does
 * so with RTNL held. What it reads is applied under the event lock, unless an
 * announcement has come in since: that is newer.
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/netlink.h>

#include "bridge.h"
#include "monitor.h"
#include "port.h"
#include "sync.h"
#include "turn.h"

/* Long enough to gather doubts, short against anything a person notices. */
#define FB_SYNC_DELAY	msecs_to_jiffies(20)
/* Options are read so often, and believed for so long. */
#define FB_AUDIT_PERIOD	(HZ / 2)
#define FB_AUDIT_VALID	HZ
#define FB_WALK_PERIOD	(30 * HZ)
/* Addresses of the walk per turn of the work. */
#define FB_WALK_BATCH	64
/* How often to ask anew when an address is announced meanwhile, before giving up. */
#define FB_SYNC_TRIES	8

static int fb_sync_ask(struct fb_bridge *bridge, fb_key_t key,
		       struct sk_buff *answer)
{
	struct nlattr *tb[NDA_MAX + 1] = {};
	struct net_device *dev = bridge->dev;
	u8 addr[ETH_ALEN];

	fb_key_addr(key, addr);
	skb_trim(answer, 0);
	return dev->netdev_ops->ndo_fdb_get(answer, tb, dev, addr,
					    fb_key_vid(key), 0, 0, NULL);
}

/* What the answer says of an address, or that it is not known: then frames are left. */
static void fb_sync_apply(struct fb_bridge *bridge, fb_key_t key,
			  const struct sk_buff *answer)
{
	struct fb_port *port = NULL;

	if (answer)
		port = fb_monitor_neigh_port(bridge, nlmsg_hdr(answer));
	if (port)
		fb_fdb_set(&bridge->fdb, key, port);
	else
		fb_fdb_remove(&bridge->fdb, key);
}

static void fb_sync_address(struct fb_bridge *bridge, fb_key_t key,
			    struct sk_buff *answer)
{
	struct fb_monitor *monitor = bridge->monitor;
	int tries, losses, err;
	bool old = true;

	for (tries = 0; tries < FB_SYNC_TRIES && old; tries++) {
		spin_lock_bh(&monitor->lock);
		monitor->asked = key;
		monitor->answered = false;
		losses = atomic_read(&monitor->losses);
		spin_unlock_bh(&monitor->lock);

		err = fb_sync_ask(bridge, key, answer);

		spin_lock_bh(&monitor->lock);
		old = monitor->answered || losses != atomic_read(&monitor->losses);
		if (!old)
			fb_sync_apply(bridge, key, err ? NULL : answer);
		else if (tries == FB_SYNC_TRIES - 1)
			fb_sync_apply(bridge, key, NULL);
		spin_unlock_bh(&monitor->lock);
	}
}

static void fb_sync_suspects(struct fb_bridge *bridge, struct sk_buff *answer)
{
	fb_key_t keys[FB_PORT_SUSPECTS];
	struct fb_port *port;
	unsigned int i, nr;
	unsigned long id;

	xa_for_each(&bridge->ports, id, port) {
		spin_lock_bh(&port->suspects_lock);
		nr = port->nr_suspects;
		memcpy(keys, port->suspects, nr * sizeof(*keys));
		port->nr_suspects = 0;
		spin_unlock_bh(&port->suspects_lock);

		for (i = 0; i < nr; i++)
			fb_sync_address(bridge, keys[i], answer);
		cond_resched();
	}
}

static bool fb_sync_audit_due(const struct fb_bridge *bridge)
{
	return READ_ONCE(bridge->in_doubt) ||
	       time_after_eq(jiffies, bridge->audited + FB_AUDIT_PERIOD);
}

/* Nothing that was announced until now can be believed if some was lost. */
static void fb_sync_begin_audit(struct fb_bridge *bridge)
{
	struct fb_monitor *monitor = bridge->monitor;
	int losses;

	lockdep_assert_held(&monitor->lock);
	if (!monitor->hears)
		return;
	WRITE_ONCE(bridge->in_doubt, false);
	/* A loss that is not seen here puts it in doubt again. */
	smp_mb();
	losses = atomic_read(&monitor->losses);
	if (bridge->losses != losses) {
		WRITE_ONCE(bridge->filter, FB_FILTER_LEFT);
		fb_fdb_flush(&bridge->fdb, NULL);
		bridge->losses = losses;
	}
	if (READ_ONCE(bridge->filter) == FB_FILTER_VLAN)
		fb_vlan_audit(bridge);
}

/* What is announced from here on is newer. */
static void fb_sync_begin(struct fb_bridge *bridge, bool audit)
{
	struct fb_monitor *monitor = bridge->monitor;

	spin_lock_bh(&monitor->lock);
	bridge->states_due = false;
	if (audit)
		fb_sync_begin_audit(bridge);
	spin_unlock_bh(&monitor->lock);
}

/* Either all that is not announced, or whether ports forward that are said to. */
static void fb_sync_options(struct fb_bridge *bridge)
{
	const bool audit = fb_sync_audit_due(bridge);
	struct fb_port *port;
	unsigned long id;

	if (!audit && !READ_ONCE(bridge->states_due))
		return;
	fb_sync_begin(bridge, audit);
	xa_for_each(&bridge->ports, id, port)
		fb_port_refresh(port);
	if (!audit)
		return;
	/* Last: if there was a doubt, frames are left to the bridge until here. */
	fb_bridge_refresh(bridge);
	bridge->audited = jiffies;
}

/* Whether or not it can be read anew, which takes a turn, and RTNL: what is old is not believed. */
static void fb_sync_put_off(struct fb_bridge *bridge)
{
	struct fb_monitor *monitor = bridge->monitor;

	spin_lock_bh(&monitor->lock);
	if (READ_ONCE(bridge->filter) == FB_FILTER_VLAN)
		fb_vlan_put_off(bridge);
	if (READ_ONCE(bridge->filter) != FB_FILTER_LEFT &&
	    time_after_eq(jiffies, bridge->audited + FB_AUDIT_VALID))
		fb_bridge_doubt(bridge);
	spin_unlock_bh(&monitor->lock);
}

/* The keys of a chain, as many as there is room for. Return: how many it has. */
static unsigned int fb_sync_chain_keys(const struct hlist_head *chain, fb_key_t *keys,
				       unsigned int room)
{
	unsigned int nr = 0;
	struct fb_entry *e;

	hlist_for_each_entry_rcu(e, chain, node) {
		if (nr < room)
			keys[nr] = e->key;
		nr++;
	}
	return nr;
}

/*
 * The next keys of the walk over the table, of whole chains; hardly any is ever longer than
 * a batch, and then its end is left out. Sets walk_bucket to 0 at its end.
 */
static unsigned int fb_sync_next_keys(struct fb_bridge *bridge, fb_key_t *keys)
{
	unsigned long buckets = 1UL << (64 - bridge->fdb.shift);
	unsigned int nr = 0, more;

	rcu_read_lock();
	for (; bridge->walk_bucket < buckets; bridge->walk_bucket++) {
		more = fb_sync_chain_keys(&bridge->fdb.buckets[bridge->walk_bucket],
					  keys + nr, FB_WALK_BATCH - nr);
		if (nr && nr + more > FB_WALK_BATCH)
			break;
		nr = min(nr + more, FB_WALK_BATCH);
	}
	rcu_read_unlock();
	if (bridge->walk_bucket == buckets)
		bridge->walk_bucket = 0;
	return nr;
}

/* Is it time for a walk, or under way? From its begin on, it finds what is announced. */
static bool fb_sync_walk_begins(struct fb_bridge *bridge)
{
	struct fb_monitor *monitor = bridge->monitor;
	bool begins;

	if (bridge->walk_bucket)
		return true;
	spin_lock_bh(&monitor->lock);
	begins = bridge->walk_again || !time_before(jiffies, bridge->walk_due);
	bridge->walk_again = false;
	spin_unlock_bh(&monitor->lock);
	return begins;
}

static void fb_sync_walk(struct fb_bridge *bridge, struct sk_buff *answer)
{
	fb_key_t keys[FB_WALK_BATCH];
	unsigned int i, nr;

	if (!fb_sync_walk_begins(bridge))
		return;
	nr = fb_sync_next_keys(bridge, keys);
	for (i = 0; i < nr; i++)
		fb_sync_address(bridge, keys[i], answer);
	bridge->walk_due = jiffies + (bridge->walk_bucket ? 0 : FB_WALK_PERIOD);
}

static void fb_sync_addresses(struct fb_bridge *bridge)
{
	struct sk_buff *answer = nlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);

	if (!answer)
		return;
	fb_sync_suspects(bridge, answer);
	fb_sync_walk(bridge, answer);
	nlmsg_free(answer);
}

/* Until the next turn: soon during a walk, or if the last audit is too long ago. */
static unsigned long fb_sync_delay(const struct fb_bridge *bridge)
{
	unsigned long due = bridge->audited + FB_AUDIT_PERIOD, now = jiffies;

	return !READ_ONCE(bridge->walk_again) && time_before(now, bridge->walk_due) &&
	       time_before(now, due) ? due - now : FB_SYNC_DELAY;
}

/* Without a turn, but for no longer than the bridge is believed. */
static unsigned long fb_sync_patience(const struct fb_bridge *bridge, unsigned long delay)
{
	unsigned long end = bridge->audited + FB_AUDIT_VALID, now = jiffies;

	return READ_ONCE(bridge->filter) != FB_FILTER_LEFT && time_before(now, end) ?
	       min(delay, end - now) : delay;
}

/* Return: the time until the next turn. */
static unsigned long fb_sync_turn(struct fb_bridge *bridge)
{
	clear_bit(0, &bridge->sync_soon);
	smp_mb__after_atomic();	/* What was asked for before is seen from here on. */
	if (!rtnl_trylock())
		return FB_SYNC_DELAY;
	fb_sync_options(bridge);
	fb_sync_addresses(bridge);
	rtnl_unlock();
	return fb_sync_delay(bridge);
}

static void fb_sync_work(struct work_struct *work)
{
	struct fb_bridge *bridge = container_of(to_delayed_work(work),
						struct fb_bridge, sync);
	unsigned long delay = fb_turn_begin(bridge->monitor);

	fb_sync_put_off(bridge);
	if (delay) {
		delay = fb_sync_patience(bridge, delay);
	} else {
		delay = fb_sync_turn(bridge);
		fb_turn_end(bridge->monitor);
	}
	/* A no-op where a new doubt has already asked for an earlier turn. */
	queue_delayed_work(system_long_wq, &bridge->sync, delay);
}

/**
 * fb_sync_soon - have the bridge asked within a moment
 * @bridge: the bridge; on
 *
 * Who asks for it again before that does not put it off.
 *
 * Context: any.
 */
void fb_sync_soon(struct fb_bridge *bridge)
{
	if (!test_and_set_bit(0, &bridge->sync_soon))
		mod_delayed_work(system_long_wq, &bridge->sync, FB_SYNC_DELAY);
}

/**
 * fb_sync_init - prepare
 * @bridge: the bridge
 */
void fb_sync_init(struct fb_bridge *bridge)
{
	INIT_DELAYED_WORK(&bridge->sync, fb_sync_work);
}

/**
 * fb_sync_start - the bridge is switched on
 * @bridge: the bridge
 *
 * Context: RTNL.
 */
void fb_sync_start(struct fb_bridge *bridge)
{
	bridge->audited = jiffies;
	bridge->walk_bucket = 0;
	bridge->walk_due = jiffies + FB_WALK_PERIOD;
	queue_delayed_work(system_long_wq, &bridge->sync, FB_AUDIT_PERIOD);
}

/**
 * fb_sync_stop - the bridge is switched off
 * @bridge: the bridge; nothing calls fb_sync_soon() on it any more
 *
 * Context: RTNL.
 */
void fb_sync_stop(struct fb_bridge *bridge)
{
	struct fb_port *port;
	unsigned long id;

	cancel_delayed_work_sync(&bridge->sync);
	bridge->sync_soon = 0;
	xa_for_each(&bridge->ports, id, port)
		port->nr_suspects = 0;
}
