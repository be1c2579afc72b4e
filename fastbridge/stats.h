/* SPDX-License-Identifier: GPL-2.0 */
/* Per-CPU counters of a port: what took the fast path, and why the rest did not. */
#ifndef _FASTBRIDGE_STATS_H
#define _FASTBRIDGE_STATS_H

#include <linux/percpu.h>
#include <linux/u64_stats_sync.h>

/*
 * The counters, with their sysfs names. A stock_ counter says why a frame was left
 * to the stock bridge; its name is also what the fastbridge_stock event prints.
 */
#define FB_COUNTERS(X)							\
	/* frames forwarded by the fast path, and their bytes with header */ \
	X(FAST_PACKETS, fast_packets)					\
	X(FAST_BYTES, fast_bytes)					\
	/* those of them that went through dev_queue_xmit() */		\
	X(QUEUED_PACKETS, queued_packets)				\
	/* those that left the port within a larger one */		\
	X(AGGREGATED_PACKETS, aggregated_packets)			\
	/* multicast or broadcast destination */			\
	X(STOCK_GROUP, stock_group)					\
	/* ARP and what bridges terminate themselves */			\
	X(STOCK_PROTOCOL, stock_protocol)				\
	/* not in a VLAN of both ports, or left to the bridge for its tag */ \
	X(STOCK_VLAN, stock_vlan)					\
	/* looped back, LRO, offloaded, from memory reserves */		\
	X(STOCK_SPECIAL, stock_special)					\
	/* ingress port: STP state or a port flag */			\
	X(STOCK_INGRESS, stock_ingress)					\
	/* the bridge device is promiscuous */				\
	X(STOCK_PROMISC, stock_promisc)					\
	/* mode auto: there are bridge netfilter hooks */		\
	X(STOCK_NETFILTER, stock_netfilter)				\
	/* source not known, or not on this port */			\
	X(STOCK_SOURCE, stock_source)					\
	/* keeps the stock entry of the source young */			\
	X(STOCK_REFRESH, stock_refresh)					\
	/* destination not known, or the host itself */			\
	X(STOCK_DESTINATION, stock_destination)				\
	/* destination is on the ingress port */			\
	X(STOCK_SAME_PORT, stock_same_port)				\
	/* egress port: STP state, isolated or another flag, link down */ \
	X(STOCK_EGRESS, stock_egress)					\
	/* does not fit through the egress port */			\
	X(STOCK_MTU, stock_mtu)						\
	/* dropped: from an address that the port may not send from */	\
	X(GUARD_DROPS, guard_drops)

enum fb_counter {
#define FB_COUNTER_ID(id, name) FB_##id,
	FB_COUNTERS(FB_COUNTER_ID)
#undef FB_COUNTER_ID
	FB_NR_COUNTERS
};

/* The decision that is not a STOCK_ one. */
#define FB_FORWARD FB_FAST_PACKETS

struct fb_stats {
	u64_stats_t counter[FB_NR_COUNTERS];
	struct u64_stats_sync syncp;
};

static inline void fb_stats_add(struct fb_stats __percpu *stats, enum fb_counter id,
				unsigned int n)
{
	struct fb_stats *s = this_cpu_ptr(stats);

	u64_stats_update_begin(&s->syncp);
	u64_stats_add(&s->counter[id], n);
	u64_stats_update_end(&s->syncp);
}

static inline void fb_stats_inc(struct fb_stats __percpu *stats,
				enum fb_counter id)
{
	fb_stats_add(stats, id, 1);
}

static inline void fb_stats_forward(struct fb_stats __percpu *stats,
				    unsigned int frames, unsigned int bytes)
{
	struct fb_stats *s = this_cpu_ptr(stats);

	u64_stats_update_begin(&s->syncp);
	u64_stats_add(&s->counter[FB_FAST_PACKETS], frames);
	u64_stats_add(&s->counter[FB_FAST_BYTES], bytes);
	u64_stats_update_end(&s->syncp);
}

struct fb_stats __percpu *fb_stats_alloc(void);
u64 fb_stats_read(const struct fb_stats __percpu *stats, enum fb_counter id);

#endif /* _FASTBRIDGE_STATS_H */
