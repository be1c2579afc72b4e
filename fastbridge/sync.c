// SPDX-License-Identifier: GPL-2.0
/*
 * Asks the bridge for the truth about what the mirror is in doubt of.
 *
 * A frame from or to an address that the mirror does not have, or has on another
 * port, takes the stock path and leaves the address here; this is also how the
 * mirror fills when it is switched on. And every half minute the whole table is
 * gone through: two CPUs that learn one address on two ports at once may announce
 * it in the wrong order.
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

/* Long enough to gather doubts, short against anything a person notices. */
#define FB_SYNC_DELAY	msecs_to_jiffies(20)
#define FB_AUDIT_PERIOD	(30 * HZ)
/* Addresses of the audit per turn of the work. */
#define FB_AUDIT_BATCH	64
/* How often to read anew when announcements come in between. */
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

static void fb_sync_address(struct fb_bridge *bridge, fb_key_t key,
			    struct sk_buff *answer)
{
	struct fb_monitor *monitor = bridge->monitor;
	int tries;

	for (tries = 0; tries < FB_SYNC_TRIES; tries++) {
		unsigned int seq = fb_monitor_seq(monitor);
		int err = fb_sync_ask(bridge, key, answer);
		struct fb_port *port = NULL;
		bool current_answer;

		if (err && err != -ENOENT)
			return;

		spin_lock_bh(&monitor->lock);
		current_answer = monitor->seq == seq;
		if (current_answer) {
			if (!err)
				port = fb_monitor_neigh_port(bridge,
							     nlmsg_hdr(answer));
			if (port)
				fb_fdb_set(&bridge->fdb, key, port);
			else
				fb_fdb_remove(&bridge->fdb, key);
		}
		spin_unlock_bh(&monitor->lock);
		if (current_answer)
			return;
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
	}
}

static void fb_sync_ports(struct fb_bridge *bridge)
{
	struct fb_port *port;
	unsigned long id;
	bool resync;

	spin_lock_bh(&bridge->monitor->lock);
	resync = bridge->resync;
	bridge->resync = false;
	spin_unlock_bh(&bridge->monitor->lock);

	if (resync)
		xa_for_each(&bridge->ports, id, port)
			fb_port_refresh(port);
}

/* The next keys of the walk over the table. Sets audit_bucket to 0 at its end. */
static unsigned int fb_sync_next_keys(struct fb_bridge *bridge, fb_key_t *keys)
{
	unsigned long buckets = 1UL << (64 - bridge->fdb.shift);
	unsigned int nr = 0;
	struct fb_entry *e;

	rcu_read_lock();
	while (nr < FB_AUDIT_BATCH && bridge->audit_bucket < buckets) {
		hlist_for_each_entry_rcu(e, &bridge->fdb.buckets[bridge->audit_bucket],
					 node)
			if (nr < FB_AUDIT_BATCH)
				keys[nr++] = e->key;
		bridge->audit_bucket++;
	}
	rcu_read_unlock();
	if (bridge->audit_bucket == buckets)
		bridge->audit_bucket = 0;
	return nr;
}

static void fb_sync_audit(struct fb_bridge *bridge, struct sk_buff *answer)
{
	fb_key_t keys[FB_AUDIT_BATCH];
	unsigned int i, nr;

	if (time_before(jiffies, bridge->audit_due))
		return;
	nr = fb_sync_next_keys(bridge, keys);
	for (i = 0; i < nr; i++)
		fb_sync_address(bridge, keys[i], answer);
	if (!bridge->audit_bucket)
		bridge->audit_due = jiffies + FB_AUDIT_PERIOD;
}

static void fb_sync_work(struct work_struct *work)
{
	struct fb_bridge *bridge = container_of(to_delayed_work(work),
						struct fb_bridge, sync);
	unsigned long delay = FB_SYNC_DELAY;
	struct sk_buff *answer;

	answer = nlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (answer && rtnl_trylock()) {
		fb_sync_ports(bridge);
		fb_sync_suspects(bridge, answer);
		fb_sync_audit(bridge, answer);
		rtnl_unlock();
		if (time_before(jiffies, bridge->audit_due))
			delay = bridge->audit_due - jiffies;
	}
	nlmsg_free(answer);
	/* A no-op where a new doubt has already asked for an earlier turn. */
	queue_delayed_work(system_long_wq, &bridge->sync, delay);
}

/**
 * fb_sync_soon - have the bridge asked within a moment
 * @bridge: the bridge; on
 *
 * Context: any.
 */
void fb_sync_soon(struct fb_bridge *bridge)
{
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
	bridge->audit_bucket = 0;
	bridge->audit_due = jiffies + FB_AUDIT_PERIOD;
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
	xa_for_each(&bridge->ports, id, port)
		port->nr_suspects = 0;
}
