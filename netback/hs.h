/* SPDX-License-Identifier: GPL-2.0 */
/* What the parts of hyperswitch share, see hyperswitch.c; nobody else's. */
#ifndef __XEN_NETBACK_HS_H__
#define __XEN_NETBACK_HS_H__

#include <linux/workqueue.h>
#include <xen/interface/hyperswitch.h>

#include "cut.h"
#include "lease.h"

/**
 * struct xenvif_hs - what a queue has while it is lent to Xen
 * @queue: whose this is
 * @lost: Xen has not let go of it
 * @handle: Xen's name for it
 * @place: of its state, see hspage.c
 * @tx: the transmit ring
 * @rx: the receive ring
 * @tx_kept: between polls that is dom0's; written by the poll
 * @rx_kept: and that, on behalf of the guest's thread; under @rx's lock
 * @caps: what Xen knows that the guest takes; under @caps_lock
 * @caps_lock: held while Xen is told
 * @told: a bit for each flow that Xen was told of lately; the poll's, as what follows
 * @told_before: and for those of before, which may still count
 * @told_until: then these are of before
 * @skip: polls in which Xen is not asked
 * @idle: turns in which it has carried nothing since it has
 * @asked_again: when it was last asked sooner, for a flow that it was told of
 * @carried: frames that it had carried then
 * @passed: frames that it had left when the ring was last looked at
 * @missed: of these, for want of a flow
 * @event_cons: requests that had gone by the last event; its handler's
 * @counted: what of the counters in the state has been counted; under hs_count_lock
 * @count: does so now and then
 */
struct xenvif_hs {
	struct xenvif_queue *queue;
	bool lost;
	u32 handle;
	unsigned int place;
	struct xenvif_lease tx;
	struct xenvif_lease rx;
	bool tx_kept;
	bool rx_kept;
	struct hs_set caps;
	spinlock_t caps_lock;
	u64 told;
	u64 told_before;
	unsigned long told_until;
	unsigned int skip;
	unsigned int idle;
	unsigned long asked_again;
	u64 carried;
	u32 passed;
	u32 missed;
	RING_IDX event_cons;
	struct hs_state counted;
	struct delayed_work count;
};

/* hspage.c */
int xenvif_hs_call(unsigned int cmd, void *arg, unsigned int count);
struct hs_state *xenvif_hs_place(unsigned int *place);
void xenvif_hs_displace(unsigned int place);

#endif /* __XEN_NETBACK_HS_H__ */
