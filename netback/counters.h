/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a vif's traffic has cost so far: counters that outlive reconnections of the guest.
 * For "ethtool -S" and /sys/class/net/<vif>/netback/stats/.
 *
 * In this driver "tx" is what the guest transmits and "rx" what it receives.
 */
#ifndef __XEN_NETBACK_COUNTERS_H__
#define __XEN_NETBACK_COUNTERS_H__

#include <linux/percpu.h>

#define XENVIF_COUNTERS(X)						\
	/* grant operations, and the hypercalls that carried them */	\
	X(GRANT_COPIES, grant_copies)					\
	X(GRANT_MAPS, grant_maps)					\
	X(GRANT_UNMAPS, grant_unmaps)					\
	X(HYPERCALLS, hypercalls)					\
	/* events sent to the guest: something received, transmitted */	\
	X(RX_NOTIFICATIONS, rx_notifications)				\
	X(TX_NOTIFICATIONS, tx_notifications)				\
	/* those of the former that went out before the copy */		\
	X(EARLY_NOTIFICATIONS, early_notifications)			\
	/* how often one that was wanted waited for the end of its batch */ \
	X(HELD_NOTIFICATIONS, held_notifications)			\
	/* how often the thread that fills the guest's ring was woken */ \
	X(WAKEUPS, wakeups)						\
	/* frames from this guest that took the cut-through, their bytes */ \
	X(CUTTHROUGH_PACKETS, cutthrough_packets)			\
	X(CUTTHROUGH_BYTES, cutthrough_bytes)				\
	/* how often such a frame waited for its receiver */ \
	X(CUTTHROUGH_WAITS, cutthrough_waits)				\
	/* batches of them of which some had to be done in the ordinary way */ \
	X(CUTTHROUGH_RETRIES, cutthrough_retries)			\
	/* frames from this guest, and to it, that Xen has carried, their bytes */ \
	X(HYPERSWITCH_PACKETS, hyperswitch_packets)			\
	X(HYPERSWITCH_BYTES, hyperswitch_bytes)				\
	X(HYPERSWITCH_RX_PACKETS, hyperswitch_rx_packets)		\
	X(HYPERSWITCH_RX_BYTES, hyperswitch_rx_bytes)			\
	/* how often Xen has left the next to dom0, in the order of HS_PASSED_* */ \
	X(HYPERSWITCH_PASSED_ODD, hyperswitch_passed_odd)		\
	X(HYPERSWITCH_PASSED_MISS, hyperswitch_passed_miss)		\
	X(HYPERSWITCH_PASSED_STALE, hyperswitch_passed_stale)		\
	X(HYPERSWITCH_PASSED_CAPS, hyperswitch_passed_caps)		\
	X(HYPERSWITCH_PASSED_GRANT, hyperswitch_passed_grant)		\
	X(HYPERSWITCH_PASSED_OWNER, hyperswitch_passed_owner)		\
	X(HYPERSWITCH_PASSED_WAIT, hyperswitch_passed_wait)		\
	X(HYPERSWITCH_PASSED_RING, hyperswitch_passed_ring)		\
	/* frames for the guest that were dropped: no room in the queue */ \
	X(DROPS_QUEUE_FULL, drops_queue_full)				\
	/* the guest has not connected, or was disabled */		\
	X(DROPS_NOT_READY, drops_not_ready)				\
	/* a multicast group that the guest has not asked for */	\
	X(DROPS_MULTICAST, drops_multicast)				\
	/* waited for longer than a guest is waited for */		\
	X(DROPS_EXPIRED, drops_expired)

enum xenvif_counter {
#define XENVIF_COUNTER_ID(id, name) XENVIF_##id,
	XENVIF_COUNTERS(XENVIF_COUNTER_ID)
#undef XENVIF_COUNTER_ID
	XENVIF_NR_COUNTERS
};

struct xenvif;

struct xenvif_counters {
	unsigned long value[XENVIF_NR_COUNTERS];
};

/* Any context; one instruction on this CPU's copy. */
#define xenvif_count(vif, id, n) \
	this_cpu_add((vif)->counters->value[XENVIF_##id], (unsigned long)(n))

int xenvif_counters_init(struct xenvif *vif);
void xenvif_counters_free(struct xenvif *vif);
unsigned long xenvif_counter(const struct xenvif *vif, enum xenvif_counter id);
unsigned long xenvif_counter_here(const struct xenvif *vif, enum xenvif_counter id);
extern const char * const xenvif_counter_names[XENVIF_NR_COUNTERS];

#endif /* __XEN_NETBACK_COUNTERS_H__ */
