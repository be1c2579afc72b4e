/* SPDX-License-Identifier: GPL-2.0 */
/* What the parts of cut-through share, see cutthrough.c; nobody else's. */
#ifndef __XEN_NETBACK_CUT_H__
#define __XEN_NETBACK_CUT_H__

#include <linux/hrtimer.h>
#include <linux/netdevice.h>
#include <linux/time64.h>
#include <net/fastbridge.h>
#include <xen/interface/grant_table.h>
#include <xen/interface/io/netif.h>

#include "budget.h"
#include "gate.h"

/* What is copied to dom0 of a frame; like XENVIF_TX_COPY_LEAST enough for TCP/IP. */
#define CUT_HEADER	128
#define CUT_FRAMES	NAPI_POLL_WEIGHT
#define CUT_OPS		256
/* Most copies of a frame: its pieces, cut again at the ends of the receiver's pages. */
#define CUT_FRAME_OPS	(1 + XEN_NETBK_LEGACY_SLOTS_MAX + MAX_XEN_SKB_FRAGS + 1)
#define CUT_RECEIVERS	8
/* How long a sender waits before it asks again. */
#define CUT_WAIT_NS	(100 * NSEC_PER_USEC)

/**
 * struct cut_frame - a frame on the sender's ring
 * @end: the first request after it
 * @slot: its first data request in struct xenvif_cut
 * @op: where its copies end there, once it is collected
 * @response: likewise what will be said to its receiver
 * @nr_slots: how many data requests it has
 * @nr_extras: its requests without data
 * @gso_type: XEN_NETIF_GSO_TYPE_*
 * @receiver: index of who gets it
 * @flags: XEN_NETTXF_* of the first request
 * @gso_size: payload of a segment
 * @header: bytes that are copied to dom0
 * @len: its bytes
 */
struct cut_frame {
	RING_IDX end;
	u16 slot;
	u16 op;
	u16 response;
	u8 nr_slots;
	u8 nr_extras;
	u8 gso_type;
	u8 receiver;
	u16 flags;
	u16 gso_size;
	u16 header;
	u32 len;
};

/**
 * struct cut_receiver - a queue whose gate's lock is held
 * @queue: the queue
 * @gate: the gate
 * @hs: its receive ring is lent, and is dom0's
 * @cons: how far its requests have been used up
 */
struct cut_receiver {
	struct xenvif_queue *queue;
	struct xenvif_gate *gate;
	struct xenvif_hs *hs;
	RING_IDX cons;
};

/**
 * struct cut_response - what a receiver's slot will say
 * @receiver: index of the receiver
 * @gso_type: not XEN_NETIF_GSO_TYPE_NONE: the slot describes a large segment
 * @flags: XEN_NETRXF_*
 * @id: of the request
 * @size: bytes in the slot, or the segment size
 */
struct cut_response {
	u8 receiver;
	u8 gso_type;
	u16 flags;
	u16 id;
	u16 size;
};

/**
 * struct xenvif_cut - what a queue has while its vif has cutthrough set
 * @queue: whose this is
 * @gone: the next one that is to be freed
 * @gate: lets others' frames at the queue's receive ring
 *
 * As a sender:
 *
 * @budget: for how long it may yet wait for receivers
 * @timer: the end of a wait
 * @waiting: its ring is not polled until @timer fires
 * @waited_since: when that began, in nanoseconds of ktime_get_ns(); 0 if it did not
 * @skip: polls that are left to the ordinary path
 * @skip_next: how many when next there is little to carry
 * @port: its port of the bridge, in this poll
 * @headers: CUT_HEADER bytes a frame
 * @frames: read from the ring
 * @nr_frames: how many
 * @start: the first of this poll
 * @first: the first that is collected and not yet copied
 * @next: the next to be looked at
 * @slots: their data requests
 * @nr_slots: how many
 * @ops: copies
 * @nr_ops: how many
 * @responses: to the receivers, in the order of each one's ring
 * @nr_responses: how many
 * @receivers: to whom
 * @nr_receivers: how many
 */
struct xenvif_cut {
	struct xenvif_queue *queue;
	struct xenvif_cut *gone;
	struct xenvif_gate gate;

	struct xenvif_budget budget;
	struct hrtimer timer;
	bool waiting;
	u64 waited_since;
	unsigned int skip;
	unsigned int skip_next;
	struct fb_port *port;
	void *headers;
	struct cut_frame frames[CUT_FRAMES];
	unsigned int nr_frames;
	unsigned int start;
	unsigned int first;
	unsigned int next;
	struct xen_netif_tx_request slots[XEN_NETIF_TX_RING_SIZE];
	unsigned int nr_slots;
	struct gnttab_copy ops[CUT_OPS];
	unsigned int nr_ops;
	struct cut_response responses[CUT_OPS];
	unsigned int nr_responses;
	struct cut_receiver receivers[CUT_RECEIVERS];
	unsigned int nr_receivers;
};

/**
 * enum cut_verdict - what becomes of a frame
 * @CUT_COLLECTED: its copies are in the batch
 * @CUT_ORDINARY: it goes the ordinary way
 * @CUT_FULL: do what was collected, then ask again
 * @CUT_WAIT: its receiver is worth a wait, which is charged to it; nothing is collected
 * @CUT_FAULT: the sender's own pages could not be read
 * @CUT_RESTORED: it could not be copied, but now the pages are good
 */
enum cut_verdict {
	CUT_COLLECTED,
	CUT_ORDINARY,
	CUT_FULL,
	CUT_WAIT,
	CUT_FAULT,
	CUT_RESTORED,
};

/**
 * struct xenvif_fastbridge - fastbridge's functions, while somebody has cutthrough set
 * @port: fastbridge_port()
 * @route: fastbridge_route()
 * @txq: fastbridge_txq()
 * @carried: fastbridge_carried()
 * @flow: fastbridge_flow(); NULL if it is an older one
 * @generations: fastbridge_generations(); likewise
 */
struct xenvif_fastbridge {
	struct fb_port *(*port)(const struct net_device *dev);
	struct net_device *(*route)(struct fb_port *in,
				    const struct fastbridge_frame *frame);
	enum fastbridge_txq (*txq)(const struct net_device *dev, u16 index);
	void (*carried)(struct fb_port *in, unsigned int frames,
			unsigned int bytes);
	struct net_device *(*flow)(struct fb_port *in, const struct fastbridge_frame *frame,
				   struct fastbridge_terms *terms);
	const void *(*generations)(void);
};

extern struct xenvif_fastbridge xenvif_fastbridge;

static inline void *cut_header(const struct xenvif_cut *cut,
			       const struct cut_frame *frame)
{
	return cut->headers + (frame - cut->frames) * CUT_HEADER;
}

#endif /* __XEN_NETBACK_CUT_H__ */
