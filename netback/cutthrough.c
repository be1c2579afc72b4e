// SPDX-License-Identifier: GPL-2.0
/*
 * Cut-through: a frame that fastbridge would forward from one guest to another is copied
 * from the sender's pages straight to the receiver's, without a mapping, an skb, or the
 * receiver's thread. After Menon, Cox, Zwaenepoel, "Optimizing Network Virtualization in
 * Xen" (2006): copy the header, map a body only if someone needs it. Here nobody does.
 *
 * A poll of the sender's ring goes like this: read the requests of up to a budget of
 * frames; copy their headers to dom0, all in one hypercall; ask fastbridge about each, in
 * their order; collect the copies to the receivers, and do many in one hypercall; only
 * when all have succeeded write the responses, to either side. The receiver gets the very
 * header that was decided upon, since it is copied from dom0.
 *
 * Whatever is not plain is left on the ring for the ordinary path, which reads it anew:
 * nothing that was found out here is relied upon there. So is a batch in which a copy
 * failed: by then nothing has been told to anybody, and the ordinary path finds out whose
 * grant was bad. A frame is never carried past one that left before it by the ordinary
 * path: collected copies are done before such a one is handed in, and a receiver for whom
 * frames wait (in its queue, in a qdisc, in its thread) takes none.
 *
 * If a receiver has no room, or frames wait for it, the sender's ring is left alone for a
 * moment and then polled again. The ordinary path would queue the frame, and would then have
 * to carry all that follow until the queue is empty, which under load it never is. A
 * receiver that takes nothing for so long as CUT_WAITS moments is not waited for again
 * within a second, so that it cannot hold up what the sender has for others.
 *
 * Locking: a queue's struct xenvif_cut belongs to its NAPI poll. Its gate's lock is taken
 * by senders, in their polls, and protects its receive ring; a sender that needs more than
 * one takes the first as ever and the others with a try. The guest's own thread fills the
 * ring without the lock, but marks itself busy under it, whereupon senders stay away. A
 * queue can be reached as long as bottom halves are off, since it is freed a grace period
 * after its vif has forgotten it; its rings as long as its gate is found open under the
 * lock. The timer schedules the NAPI of its own queue only, and is cancelled with it, by
 * xenvif_down(), before the queue can go. The functions of fastbridge are held on to by
 * every vif with cutthrough set.
 */
#include "common.h"

#include <linux/etherdevice.h>
#include <linux/ipv6.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/fastbridge.h>
#include <net/flow_dissector.h>
#include <net/ip.h>

/* What is copied to dom0 of a frame; like XEN_NETBACK_TX_COPY_LEN enough for TCP/IP. */
#define CUT_HEADER	128
#define CUT_FRAMES	NAPI_POLL_WEIGHT
#define CUT_OPS		256
/* Most copies of a frame: its pieces, cut again at the ends of the receiver's pages. */
#define CUT_FRAME_OPS	(1 + XEN_NETBK_LEGACY_SLOTS_MAX + MAX_XEN_SKB_FRAGS + 1)
#define CUT_RECEIVERS	8
/* How long a moment is, and how many a sender waits in a row. */
#define CUT_WAIT_NS	(200 * NSEC_PER_USEC)
#define CUT_WAITS	50
/* Most polls in a row that are left to the ordinary path, when it has all to do. */
#define CUT_SKIP_MAX	15

/**
 * struct cut_frame - a frame on the sender's ring
 * @end: the first request after it
 * @slot: its first data request in struct xenvif_cut
 * @nr_slots: how many it has
 * @nr_extras: its requests without data
 * @gso_type: XEN_NETIF_GSO_TYPE_*
 * @flags: XEN_NETTXF_* of the first request
 * @gso_size: payload of a segment
 * @header: bytes that are copied to dom0
 * @len: its bytes
 */
struct cut_frame {
	RING_IDX end;
	u16 slot;
	u8 nr_slots;
	u8 nr_extras;
	u8 gso_type;
	u16 flags;
	u16 gso_size;
	u16 header;
	u32 len;
};

/**
 * struct cut_receiver - a queue whose gate's lock is held
 * @queue: the queue
 * @cons: how far its requests have been used up
 * @frames: collected for it
 * @bytes: of them
 */
struct cut_receiver {
	struct xenvif_queue *queue;
	RING_IDX cons;
	unsigned int frames;
	unsigned int bytes;
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
 * struct xenvif_cut - a sender's work
 * @headers: CUT_HEADER bytes a frame
 * @skip: polls that are left to the ordinary path
 * @skip_next: how many when next there is little to carry
 * @waits: moments it has waited since the last frame was carried
 * @waiting: its ring is not polled until @timer fires
 * @timer: the end of a moment
 * @queue: whose this is
 * @blocker: the receiver that had no room, in this poll
 * @port: its port of the bridge, in this poll
 * @frames: read from the ring
 * @nr_frames: how many
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
	void *headers;
	unsigned int skip;
	unsigned int skip_next;
	unsigned int waits;
	bool waiting;
	struct hrtimer timer;
	struct xenvif_queue *queue;
	struct xenvif_queue *blocker;
	struct fb_port *port;
	struct cut_frame frames[CUT_FRAMES];
	unsigned int nr_frames;
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

/* fastbridge, while somebody uses it. */
static DEFINE_MUTEX(fastbridge_lock);
static unsigned int fastbridge_users;
static struct {
	typeof(fastbridge_port) *port;
	typeof(fastbridge_route) *route;
	typeof(fastbridge_txq) *txq;
	typeof(fastbridge_carried) *carried;
} fastbridge;

static void fastbridge_release(void)
{
	if (fastbridge.carried)
		symbol_put(fastbridge_carried);
	if (fastbridge.txq)
		symbol_put(fastbridge_txq);
	if (fastbridge.route)
		symbol_put(fastbridge_route);
	if (fastbridge.port)
		symbol_put(fastbridge_port);
	memset(&fastbridge, 0, sizeof(fastbridge));
}

static int fastbridge_find(void)
{
	fastbridge.port = symbol_get(fastbridge_port);
	fastbridge.route = symbol_get(fastbridge_route);
	fastbridge.txq = symbol_get(fastbridge_txq);
	fastbridge.carried = symbol_get(fastbridge_carried);
	if (fastbridge.port && fastbridge.route && fastbridge.txq &&
	    fastbridge.carried)
		return 0;
	fastbridge_release();
	return -EOPNOTSUPP;
}

/**
 * xenvif_cut_get - hold on to fastbridge; before a vif's cutthrough is set
 *
 * Return: 0, or -EOPNOTSUPP if it is not loaded.
 */
int xenvif_cut_get(void)
{
	int err = 0;

	mutex_lock(&fastbridge_lock);
	if (!fastbridge_users)
		err = fastbridge_find();
	if (!err)
		fastbridge_users++;
	mutex_unlock(&fastbridge_lock);
	return err;
}

/**
 * xenvif_cut_put - let go of fastbridge; after a vif's cutthrough was cleared
 */
void xenvif_cut_put(void)
{
	/* Polls that have seen it set. */
	synchronize_net();
	mutex_lock(&fastbridge_lock);
	if (!--fastbridge_users)
		fastbridge_release();
	mutex_unlock(&fastbridge_lock);
}

static enum hrtimer_restart wait_is_over(struct hrtimer *timer)
{
	struct xenvif_cut *cut = container_of(timer, struct xenvif_cut, timer);

	WRITE_ONCE(cut->waiting, false);
	napi_schedule(&cut->queue->napi);
	return HRTIMER_NORESTART;
}

/**
 * xenvif_cut_init - make a queue ready to send and receive by cut-through
 * @queue: the queue
 *
 * Return: 0 or -ENOMEM.
 */
int xenvif_cut_init(struct xenvif_queue *queue)
{
	spin_lock_init(&queue->gate.lock);
	queue->gate.slow_until = jiffies;
	queue->cut = kvzalloc(sizeof(*queue->cut), GFP_KERNEL);
	if (!queue->cut)
		return -ENOMEM;
	/* Of the linear map, whose frame numbers are at hand. */
	queue->cut->headers = alloc_pages_exact(CUT_FRAMES * CUT_HEADER,
						GFP_KERNEL);
	if (!queue->cut->headers) {
		kvfree(queue->cut);
		return -ENOMEM;
	}
	queue->cut->queue = queue;
	hrtimer_init(&queue->cut->timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	queue->cut->timer.function = wait_is_over;
	return 0;
}

/**
 * xenvif_cut_deinit - undo xenvif_cut_init()
 * @queue: the queue; nobody can reach it any more
 */
void xenvif_cut_deinit(struct xenvif_queue *queue)
{
	free_pages_exact(queue->cut->headers, CUT_FRAMES * CUT_HEADER);
	kvfree(queue->cut);
}

/**
 * xenvif_cut_waits - is the queue's ring to be left alone for a moment?
 * @queue: the queue
 */
bool xenvif_cut_waits(const struct xenvif_queue *queue)
{
	return READ_ONCE(queue->cut->waiting);
}

/**
 * xenvif_cut_stop - the queue will not be polled any more
 * @queue: the queue, its NAPI disabled
 */
void xenvif_cut_stop(struct xenvif_queue *queue)
{
	hrtimer_cancel(&queue->cut->timer);
	WRITE_ONCE(queue->cut->waiting, false);
}

/**
 * xenvif_gate_open - the queue's rings and events are there
 * @queue: the queue
 */
void xenvif_gate_open(struct xenvif_queue *queue)
{
	spin_lock_bh(&queue->gate.lock);
	queue->gate.open = true;
	spin_unlock_bh(&queue->gate.lock);
}

/**
 * xenvif_gate_close - the queue's rings and events are about to go
 * @queue: the queue
 *
 * When this returns no sender uses them.
 */
void xenvif_gate_close(struct xenvif_queue *queue)
{
	spin_lock_bh(&queue->gate.lock);
	queue->gate.open = false;
	spin_unlock_bh(&queue->gate.lock);
}

/**
 * xenvif_gate_enter - the guest's own thread begins to fill the receive ring
 * @queue: the queue
 */
void xenvif_gate_enter(struct xenvif_queue *queue)
{
	spin_lock_bh(&queue->gate.lock);
	queue->gate.busy = true;
	spin_unlock_bh(&queue->gate.lock);
}

/**
 * xenvif_gate_leave - the thread has filled the ring with what there was room for
 * @queue: the queue
 */
void xenvif_gate_leave(struct xenvif_queue *queue)
{
	spin_lock_bh(&queue->gate.lock);
	queue->gate.busy = false;
	spin_unlock_bh(&queue->gate.lock);
}

/* Nothing but one large-segment extra, as it must look. */
static bool read_extras(struct xenvif_queue *queue, struct cut_frame *frame,
			RING_IDX *cons, unsigned int *left)
{
	struct xen_netif_extra_info extra;

	if (!*left)
		return false;
	RING_COPY_REQUEST(&queue->tx, *cons, &extra);
	(*cons)++;
	(*left)--;
	if (extra.type != XEN_NETIF_EXTRA_TYPE_GSO ||
	    (extra.flags & XEN_NETIF_EXTRA_FLAG_MORE) || !extra.u.gso.size ||
	    (extra.u.gso.type != XEN_NETIF_GSO_TYPE_TCPV4 &&
	     extra.u.gso.type != XEN_NETIF_GSO_TYPE_TCPV6))
		return false;
	frame->nr_extras = 1;
	frame->gso_type = extra.u.gso.type;
	frame->gso_size = extra.u.gso.size;
	return true;
}

/* The requests after the first; that one's size was the whole frame's until here. */
static bool read_body(struct xenvif_queue *queue, struct cut_frame *frame,
		      RING_IDX *cons, unsigned int *left)
{
	struct xen_netif_tx_request *first = &queue->cut->slots[frame->slot];
	struct xen_netif_tx_request *slot = first;

	while (slot->flags & XEN_NETTXF_more_data) {
		if (!*left || frame->nr_slots == XEN_NETBK_LEGACY_SLOTS_MAX)
			return false;
		slot++;
		RING_COPY_REQUEST(&queue->tx, *cons, slot);
		(*cons)++;
		(*left)--;
		frame->nr_slots++;
		if (!slot->size || slot->size >= first->size ||
		    slot->offset + slot->size > XEN_PAGE_SIZE)
			return false;
		first->size -= slot->size;
	}
	return first->offset + first->size <= XEN_PAGE_SIZE;
}

/*
 * Reads one frame from @cons on, where @left requests are to be read. False if it is not
 * one that can be carried, whatever is wrong with it.
 */
static bool read_frame(struct xenvif_queue *queue, RING_IDX *cons,
		       unsigned int *left)
{
	struct xenvif_cut *cut = queue->cut;
	struct cut_frame *frame = &cut->frames[cut->nr_frames];
	struct xen_netif_tx_request *first = &cut->slots[cut->nr_slots];

	RING_COPY_REQUEST(&queue->tx, *cons, first);
	(*cons)++;
	(*left)--;
	*frame = (struct cut_frame) {
		.slot = cut->nr_slots,
		.nr_slots = 1,
		.flags = first->flags,
		.len = first->size,
	};
	if ((first->flags & XEN_NETTXF_extra_info) &&
	    !read_extras(queue, frame, cons, left))
		return false;
	if (!read_body(queue, frame, cons, left) || first->size < ETH_HLEN)
		return false;

	frame->header = min_t(unsigned int, first->size, CUT_HEADER);
	frame->end = *cons;
	cut->nr_slots += frame->nr_slots;
	cut->nr_frames++;
	return true;
}

static void read_frames(struct xenvif_queue *queue, unsigned int most)
{
	struct xenvif_cut *cut = queue->cut;
	RING_IDX cons = queue->tx.req_cons;
	unsigned int left = READ_ONCE(queue->tx.sring->req_prod) - cons;

	cut->nr_frames = 0;
	cut->nr_slots = 0;
	cut->first = 0;
	cut->next = 0;
	/* A guest that has gone wild is for the ordinary path to deal with. */
	if (left > XEN_NETIF_TX_RING_SIZE)
		return;
	virt_rmb(); /* The requests are read after their number. */
	while (left && cut->nr_frames < most && read_frame(queue, &cons, &left))
		;
}

static void *header_of(const struct xenvif_cut *cut,
		       const struct cut_frame *frame)
{
	return cut->headers + (frame - cut->frames) * CUT_HEADER;
}

static void do_copies(struct xenvif_queue *queue)
{
	struct xenvif_cut *cut = queue->cut;

	gnttab_batch_copy(cut->ops, cut->nr_ops);
	xenvif_count(queue->vif, HYPERCALLS, 1);
	xenvif_count(queue->vif, GRANT_COPIES, cut->nr_ops);
}

/* Copies the headers; what follows the first that cannot be copied is forgotten. */
static void read_headers(struct xenvif_queue *queue)
{
	struct xenvif_cut *cut = queue->cut;
	unsigned int i;

	for (i = 0; i < cut->nr_frames; i++) {
		const struct cut_frame *frame = &cut->frames[i];
		const struct xen_netif_tx_request *slot =
			&cut->slots[frame->slot];
		void *header = header_of(cut, frame);

		cut->ops[i] = (struct gnttab_copy) {
			.source.u.ref = slot->gref,
			.source.domid = queue->vif->domid,
			.source.offset = slot->offset,
			.dest.u.gmfn = virt_to_gfn(header),
			.dest.domid = DOMID_SELF,
			.dest.offset = xen_offset_in_page(header),
			.len = frame->header,
			.flags = GNTCOPY_source_gref,
		};
	}
	cut->nr_ops = cut->nr_frames;
	do_copies(queue);
	for (i = 0; i < cut->nr_frames; i++)
		if (cut->ops[i].status != GNTST_okay)
			break;
	cut->nr_frames = i;
	cut->nr_ops = 0;
}

/* The length of the headers up to that of the transport, 0 if they are not plain. */
static unsigned int transport_offset(const struct ethhdr *eth,
				     unsigned int header, u8 *protocol)
{
	const struct ipv6hdr *ip6 = (const void *)(eth + 1);
	const struct iphdr *ip = (const void *)(eth + 1);

	switch (eth->h_proto) {
	case htons(ETH_P_IP):
		if (header < ETH_HLEN + sizeof(*ip) || ip->version != 4 ||
		    ip->ihl < 5 || ip_is_fragment(ip))
			return 0;
		*protocol = ip->protocol;
		return ETH_HLEN + ip->ihl * 4;
	case htons(ETH_P_IPV6):
		if (header < ETH_HLEN + sizeof(*ip6))
			return 0;
		*protocol = ip6->nexthdr;
		return ETH_HLEN + sizeof(*ip6);
	default:
		return 0;
	}
}

/* Is a checksum, to be filled in by whom it may concern, where all agree it is? */
static bool checksum_is_plain(const struct ethhdr *eth,
			      const struct cut_frame *frame)
{
	unsigned int offset;
	u8 protocol;

	offset = transport_offset(eth, frame->header, &protocol);
	if (!offset)
		return false;
	switch (protocol) {
	case IPPROTO_TCP:
		return offset + sizeof(struct tcphdr) <= frame->header;
	case IPPROTO_UDP:
		return !frame->gso_type &&
		       offset + sizeof(struct udphdr) <= frame->header;
	default:
		return false;
	}
}

static netdev_features_t gso_feature(u8 gso_type)
{
	return gso_type == XEN_NETIF_GSO_TYPE_TCPV4 ? NETIF_F_TSO : NETIF_F_TSO6;
}

static bool takes_segment(const struct net_device *dev,
			  const struct ethhdr *eth,
			  const struct cut_frame *frame)
{
	__be16 protocol = frame->gso_type == XEN_NETIF_GSO_TYPE_TCPV4 ?
			  htons(ETH_P_IP) : htons(ETH_P_IPV6);

	return eth->h_proto == protocol &&
	       (frame->flags & XEN_NETTXF_csum_blank) &&
	       (dev->features & NETIF_F_SG) &&
	       (dev->features & gso_feature(frame->gso_type)) &&
	       frame->len < READ_ONCE(dev->gso_max_size) &&
	       frame->len / frame->gso_size < READ_ONCE(dev->gso_max_segs);
}

/* Would the receiver get the frame as it is, with nothing added or filled in? */
static bool takes_frame(const struct xenvif *vif, const struct ethhdr *eth,
			const struct cut_frame *frame)
{
	const struct net_device *dev = vif->dev;
	netdev_features_t checksum;

	if (!READ_ONCE(vif->tune.cutthrough) || !xenvif_schedulable(vif) ||
	    vif->xdp_headroom || vif->hash.alg)
		return false;
	if (frame->gso_type && !takes_segment(dev, eth, frame))
		return false;
	if (frame->len > XEN_PAGE_SIZE && !(dev->features & NETIF_F_SG))
		return false;
	if (!(frame->flags & XEN_NETTXF_csum_blank))
		return true;
	checksum = eth->h_proto == htons(ETH_P_IP) ? NETIF_F_IP_CSUM :
						     NETIF_F_IPV6_CSUM;
	return (dev->features & checksum) && checksum_is_plain(eth, frame);
}

/*
 * The queue that the core would choose; what it does for an skb without a history is to
 * scale the hash of its flow. Negative if it has been told otherwise.
 */
static int pick_queue(const struct xenvif *vif, const struct ethhdr *eth,
		      const struct cut_frame *frame)
{
	const struct net_device *dev = vif->dev;
	struct flow_keys keys;

	if (dev->real_num_tx_queues == 1)
		return 0;
	if (dev->num_tc)
		return -1;
#ifdef CONFIG_XPS
	if (rcu_access_pointer(dev->xps_maps[XPS_CPUS]) ||
	    rcu_access_pointer(dev->xps_maps[XPS_RXQS]))
		return -1;
#endif
	memset(&keys, 0, sizeof(keys));
	__skb_flow_dissect(dev_net(dev), NULL, &flow_keys_dissector, &keys, eth,
			   eth->h_proto, ETH_HLEN, frame->header,
			   FLOW_DISSECTOR_F_STOP_AT_FLOW_LABEL);
	return reciprocal_scale(flow_hash_from_keys(&keys),
				dev->real_num_tx_queues);
}

/* The guest's queue for a frame, if that may go there by cut-through. */
static struct xenvif_queue *find_queue(struct xenvif_queue *queue,
				       const struct cut_frame *frame)
{
	const struct ethhdr *eth = header_of(queue->cut, frame);
	const struct fastbridge_frame question = {
		.eth = eth,
		.head = frame->header,
		.len = frame->len - ETH_HLEN,
		.gso = frame->gso_type,
	};
	struct net_device *dev;
	struct xenvif *vif;
	int index;

	dev = fastbridge.route(queue->cut->port, &question);
	if (!dev || dev->netdev_ops != queue->vif->dev->netdev_ops)
		return NULL;
	vif = netdev_priv(dev);
	if (!takes_frame(vif, eth, frame))
		return NULL;
	index = pick_queue(vif, eth, frame);
	if (index < 0 || index >= READ_ONCE(vif->num_queues))
		return NULL;
	return &vif->queues[index];
}

/* No frame is on its way to the guest that would be overtaken. */
static bool gate_passable(struct xenvif_queue *queue)
{
	lockdep_assert_held(&queue->gate.lock);
	return queue->gate.open && !queue->gate.busy &&
	       skb_queue_empty_lockless(&queue->rx_queue) &&
	       fastbridge.txq(queue->vif->dev, queue->id) == FASTBRIDGE_TXQ_PASSABLE;
}

static void release_receivers(struct xenvif_cut *cut)
{
	while (cut->nr_receivers) {
		cut->nr_receivers--;
		spin_unlock(&cut->receivers[cut->nr_receivers].queue->gate.lock);
	}
	cut->nr_responses = 0;
	cut->nr_ops = 0;
}

static void write_response(struct xenvif_queue *queue, RING_IDX index,
			   const struct cut_response *r)
{
	struct xen_netif_rx_response *response;
	struct xen_netif_extra_info *extra;

	response = RING_GET_RESPONSE(&queue->rx, index);
	if (!r->gso_type) {
		response->id = r->id;
		response->offset = 0;
		response->flags = r->flags;
		response->status = r->size;
		return;
	}
	extra = (void *)response;
	memset(extra, 0, sizeof(*extra));
	extra->type = XEN_NETIF_EXTRA_TYPE_GSO;
	extra->u.gso.type = r->gso_type;
	extra->u.gso.size = r->size;
}

static void push_received(const struct cut_receiver *receiver)
{
	struct xenvif_queue *queue = receiver->queue;
	int notify;

	lockdep_assert_held(&queue->gate.lock);
	/* It was locked for a frame that then had no room. */
	if (!receiver->frames)
		return;
	queue->rx.req_cons = receiver->cons;
	queue->rx.rsp_prod_pvt = receiver->cons;
	RING_PUSH_RESPONSES_AND_CHECK_NOTIFY(&queue->rx, notify);
	if (notify)
		xenvif_notify_rx_now(queue);
	queue->last_rx_time = jiffies;
	queue->stats.tx_packets += receiver->frames;
	queue->stats.tx_bytes += receiver->bytes;
}

static void commit_receivers(struct xenvif_cut *cut)
{
	RING_IDX index[CUT_RECEIVERS];
	unsigned int i;

	for (i = 0; i < cut->nr_receivers; i++)
		index[i] = cut->receivers[i].queue->rx.req_cons;
	for (i = 0; i < cut->nr_responses; i++) {
		const struct cut_response *r = &cut->responses[i];

		write_response(cut->receivers[r->receiver].queue,
			       index[r->receiver]++, r);
	}
	for (i = 0; i < cut->nr_receivers; i++)
		push_received(&cut->receivers[i]);
}

static void respond_to_sender(struct xenvif_queue *queue)
{
	struct xenvif_cut *cut = queue->cut;
	unsigned long flags;
	unsigned int i, j;

	spin_lock_irqsave(&queue->response_lock, flags);
	for (i = cut->first; i < cut->next; i++) {
		const struct cut_frame *frame = &cut->frames[i];

		for (j = 0; j < frame->nr_slots; j++)
			_make_tx_response(queue, &cut->slots[frame->slot + j],
					  j ? 0 : frame->nr_extras,
					  XEN_NETIF_RSP_OKAY);
	}
	push_tx_responses(queue);
	spin_unlock_irqrestore(&queue->response_lock, flags);
}

/* The sender has its pages back, and what it sent is counted. */
static void commit_sender(struct xenvif_queue *queue)
{
	struct xenvif_cut *cut = queue->cut;
	unsigned int frames = cut->next - cut->first, bytes = 0, i;

	for (i = cut->first; i < cut->next; i++)
		bytes += cut->frames[i].len;
	queue->tx.req_cons = cut->frames[cut->next - 1].end;
	queue->stats.rx_packets += frames;
	queue->stats.rx_bytes += bytes;
	xenvif_count(queue->vif, CUTTHROUGH_PACKETS, frames);
	xenvif_count(queue->vif, CUTTHROUGH_BYTES, bytes);
	fastbridge.carried(cut->port, frames, bytes);

	respond_to_sender(queue);
}

/*
 * Does what was collected. False if it could not be done, and nobody has noticed: then all
 * from the first frame on are still on the ring.
 */
static bool flush(struct xenvif_queue *queue)
{
	struct xenvif_cut *cut = queue->cut;
	unsigned int i;

	if (!cut->nr_ops) {
		release_receivers(cut);
		return true;
	}
	for (i = 0; i < cut->nr_receivers; i++)
		xenvif_notify_rx_begin(cut->receivers[i].queue);
	do_copies(queue);
	for (i = 0; i < cut->nr_ops; i++)
		if (unlikely(cut->ops[i].status != GNTST_okay))
			break;
	if (unlikely(i < cut->nr_ops)) {
		release_receivers(cut);
		return false;
	}
	commit_receivers(cut);
	release_receivers(cut);
	commit_sender(queue);
	cut->first = cut->next;
	cut->waits = 0;
	return true;
}

static struct cut_receiver *known_receiver(struct xenvif_cut *cut,
					   const struct xenvif_queue *queue)
{
	unsigned int i;

	for (i = 0; i < cut->nr_receivers; i++)
		if (cut->receivers[i].queue == queue)
			return &cut->receivers[i];
	return NULL;
}

enum cut_verdict {
	CUT_COLLECTED,
	CUT_ORDINARY,	/* not this frame */
	CUT_FULL,	/* flush first, then ask again */
	CUT_WAIT,	/* not yet */
};

/* Is the receiver worth waiting for? */
static enum cut_verdict no_room(struct xenvif_cut *cut,
				struct xenvif_queue *queue)
{
	if (!queue->gate.open ||
	    time_before(jiffies, READ_ONCE(queue->gate.slow_until)))
		return CUT_ORDINARY;
	cut->blocker = queue;
	return CUT_WAIT;
}

static enum cut_verdict lock_receiver(struct xenvif_cut *cut,
				      struct xenvif_queue *queue,
				      struct cut_receiver **receiver)
{
	*receiver = known_receiver(cut, queue);
	if (*receiver)
		return CUT_COLLECTED;
	if (!cut->nr_receivers)
		spin_lock(&queue->gate.lock);
	else if (cut->nr_receivers == CUT_RECEIVERS ||
		 !spin_trylock(&queue->gate.lock))
		return CUT_FULL;
	if (!gate_passable(queue)) {
		enum cut_verdict verdict = no_room(cut, queue);

		spin_unlock(&queue->gate.lock);
		return verdict;
	}
	*receiver = &cut->receivers[cut->nr_receivers++];
	**receiver = (struct cut_receiver) {
		.queue = queue,
		.cons = queue->rx.req_cons,
	};
	return CUT_COLLECTED;
}

/* How many pages of the receiver it takes if no part of the frame is to lie in two. */
static unsigned int pages_unsplit(const struct xenvif_cut *cut,
				  const struct cut_frame *frame)
{
	const struct xen_netif_tx_request *slot = &cut->slots[frame->slot];
	unsigned int pages = 1, used = slot->size, i;

	for (i = 1; i < frame->nr_slots; i++) {
		used += slot[i].size;
		if (used > XEN_PAGE_SIZE) {
			used = slot[i].size;
			pages++;
		}
	}
	return pages;
}

/*
 * A header shifts all that comes after it, and with full pages each page of the sender
 * would be copied in two parts. A page more, if there is one, saves nearly half the copies.
 */
static bool has_room(const struct xenvif_cut *cut,
		     const struct cut_receiver *receiver,
		     const struct cut_frame *frame, bool *unsplit)
{
	const struct xen_netif_rx_back_ring *rx = &receiver->queue->rx;
	unsigned int room = READ_ONCE(rx->sring->req_prod) - receiver->cons;
	unsigned int needed = DIV_ROUND_UP(frame->len, XEN_PAGE_SIZE) +
			      !!frame->gso_type;

	virt_rmb(); /* The requests are read after their number. */
	*unsplit = room > needed &&
		   pages_unsplit(cut, frame) + !!frame->gso_type <= needed + 1;
	return room >= needed && room <= RING_SIZE(rx);
}

/**
 * struct cut_page - the receiver's page that is being filled
 * @receiver: whose it is
 * @unsplit: what does not fit whole goes to the next one
 * @gref: its grant
 * @used: bytes in it
 * @response: what will be said of it
 */
struct cut_page {
	struct cut_receiver *receiver;
	bool unsplit;
	grant_ref_t gref;
	unsigned int used;
	struct cut_response *response;
};

static void next_page(struct xenvif_cut *cut, struct cut_page *page)
{
	struct cut_receiver *receiver = page->receiver;
	struct xen_netif_rx_request request;

	RING_COPY_REQUEST(&receiver->queue->rx, receiver->cons++, &request);
	if (page->response)
		page->response->flags |= XEN_NETRXF_more_data;
	page->gref = request.gref;
	page->used = 0;
	page->response = &cut->responses[cut->nr_responses++];
	*page->response = (struct cut_response) {
		.receiver = receiver - cut->receivers,
		.id = request.id,
	};
}

/* Large segments are described in the slot after the first. */
static void add_segment_info(struct xenvif_cut *cut, struct cut_page *page,
			     const struct cut_frame *frame)
{
	page->response->flags |= XEN_NETRXF_extra_info;
	page->receiver->cons++;
	cut->responses[cut->nr_responses++] = (struct cut_response) {
		.receiver = page->response->receiver,
		.gso_type = frame->gso_type,
		.size = frame->gso_size,
	};
}

/* Copies @len bytes of a source, over as many of the receiver's pages as it takes. */
static void add_copies(struct xenvif_cut *cut, struct cut_page *page,
		       const struct gnttab_copy *source, unsigned int len)
{
	unsigned int offset = source->source.offset;

	while (len) {
		struct gnttab_copy *op = &cut->ops[cut->nr_ops++];
		unsigned int part;

		if (page->used == XEN_PAGE_SIZE ||
		    (page->unsplit && page->used + len > XEN_PAGE_SIZE))
			next_page(cut, page);
		part = min_t(unsigned int, len, XEN_PAGE_SIZE - page->used);
		*op = *source;
		op->source.offset = offset;
		op->dest.u.ref = page->gref;
		op->dest.domid = page->receiver->queue->vif->domid;
		op->dest.offset = page->used;
		op->len = part;
		op->flags |= GNTCOPY_dest_gref;
		page->used += part;
		page->response->size = page->used;
		offset += part;
		len -= part;
	}
}

static u16 first_flags(const struct cut_frame *frame)
{
	if (frame->flags & XEN_NETTXF_csum_blank)
		return XEN_NETRXF_csum_blank | XEN_NETRXF_data_validated;
	if (frame->flags & XEN_NETTXF_data_validated)
		return XEN_NETRXF_data_validated;
	return 0;
}

/* The header out of dom0, as it was decided upon; all else from the sender. */
static void add_frame(struct xenvif_queue *queue, struct cut_receiver *receiver,
		      const struct cut_frame *frame, bool unsplit)
{
	struct xenvif_cut *cut = queue->cut;
	struct cut_page page = { .receiver = receiver, .unsplit = unsplit };
	const struct xen_netif_tx_request *slot = &cut->slots[frame->slot];
	void *header = header_of(cut, frame);
	struct gnttab_copy source = {
		.source.u.gmfn = virt_to_gfn(header),
		.source.domid = DOMID_SELF,
		.source.offset = xen_offset_in_page(header),
	};
	unsigned int skip = frame->header, i;

	next_page(cut, &page);
	page.response->flags = first_flags(frame);
	if (frame->gso_type)
		add_segment_info(cut, &page, frame);
	add_copies(cut, &page, &source, frame->header);

	source.source.domid = queue->vif->domid;
	source.flags = GNTCOPY_source_gref;
	for (i = 0; i < frame->nr_slots; i++, slot++) {
		source.source.u.ref = slot->gref;
		source.source.offset = slot->offset + skip;
		add_copies(cut, &page, &source, slot->size - skip);
		skip = 0;
	}
	receiver->frames++;
	receiver->bytes += frame->len;
}

static enum cut_verdict collect(struct xenvif_queue *queue,
				const struct cut_frame *frame)
{
	struct xenvif_cut *cut = queue->cut;
	struct cut_receiver *receiver;
	struct xenvif_queue *to;
	enum cut_verdict verdict;
	bool unsplit;

	if (cut->nr_ops + CUT_FRAME_OPS > CUT_OPS ||
	    cut->nr_responses + CUT_FRAME_OPS > CUT_OPS)
		return CUT_FULL;
	to = find_queue(queue, frame);
	if (!to)
		return CUT_ORDINARY;
	verdict = lock_receiver(cut, to, &receiver);
	if (verdict != CUT_COLLECTED)
		return verdict;
	if (!has_room(cut, receiver, frame, &unsplit))
		return no_room(cut, to);
	add_frame(queue, receiver, frame, unsplit);
	return CUT_COLLECTED;
}

/*
 * Collects, and does, up to the first frame that is not for this path, or not yet; @verdict
 * is then on that one. False if something could not be done.
 */
static bool carry(struct xenvif_queue *queue, enum cut_verdict *verdict)
{
	struct xenvif_cut *cut = queue->cut;

	*verdict = CUT_COLLECTED;
	while (cut->next < cut->nr_frames) {
		*verdict = collect(queue, &cut->frames[cut->next]);
		if (*verdict == CUT_COLLECTED)
			cut->next++;
		else if (*verdict != CUT_FULL)
			break;
		else if (!flush(queue))
			return false;
	}
	return flush(queue);
}

/* False if the receiver has been waited for long enough. */
static bool wait_for_room(struct xenvif_cut *cut)
{
	if (cut->waits == CUT_WAITS) {
		cut->waits = 0;
		WRITE_ONCE(cut->blocker->gate.slow_until, jiffies + HZ);
		return false;
	}
	cut->waits++;
	xenvif_count(cut->queue->vif, CUTTHROUGH_WAITS, 1);
	WRITE_ONCE(cut->waiting, true);
	hrtimer_start(&cut->timer, ns_to_ktime(CUT_WAIT_NS), HRTIMER_MODE_REL);
	return true;
}

/*
 * Is this a poll in which frames may be carried? Not while the guest's rate is limited, or
 * its frames are spread over CPUs behind this one's back.
 */
static bool may_carry(struct xenvif_queue *queue)
{
	const struct net_device *dev = queue->vif->dev;
	struct xenvif_cut *cut = queue->cut;

	if (cut->skip) {
		cut->skip--;
		return false;
	}
	if (queue->credit_bytes != ~0UL)
		return false;
#ifdef CONFIG_RPS
	if (rcu_access_pointer(dev->_rx->rps_map) ||
	    rcu_access_pointer(dev->_rx->rps_flow_table))
		return false;
#endif
	cut->port = fastbridge.port(dev);
	return cut->port;
}

/* Little was carried; the less there is to carry, the less often it is tried. */
static void carry_less(struct xenvif_cut *cut)
{
	cut->skip = cut->skip_next;
	cut->skip_next = min(2 * cut->skip_next + 1, CUT_SKIP_MAX);
}

/* The next frame the ordinary way; false if the guest has put another in its place. */
static bool pass_ordinary(struct xenvif_queue *queue)
{
	struct xenvif_cut *cut = queue->cut;
	const struct cut_frame *frame = &cut->frames[cut->next++];

	cut->first = cut->next;
	xenvif_tx_action(queue, 1);
	return queue->tx.req_cons == frame->end;
}

/*
 * Takes the frames that were read, those that are not for this path one by one; until it
 * turns out that the ordinary path does better with what is left. False if what is left is
 * not to be touched now: a receiver is waited for, or a guest plays tricks.
 */
static bool take_frames(struct xenvif_queue *queue)
{
	struct xenvif_cut *cut = queue->cut;
	unsigned int ordinary = 0;
	enum cut_verdict verdict;

	for (;;) {
		if (unlikely(!carry(queue, &verdict))) {
			xenvif_count(queue->vif, CUTTHROUGH_RETRIES, 1);
			cut->skip = CUT_SKIP_MAX;
			return true;
		}
		if (cut->next == cut->nr_frames) {
			cut->skip_next = 0;
			return true;
		}
		if (verdict == CUT_WAIT && wait_for_room(cut))
			return false;
		if (ordinary++ > cut->next / 4) {
			carry_less(cut);
			return true;
		}
		if (!pass_ordinary(queue))
			return false;
	}
}

/**
 * xenvif_cut_poll - take frames from a guest's ring, by cut-through where that can be
 * @queue: the guest's queue, of a vif with cutthrough set
 * @budget: most frames to be taken
 *
 * Context: the queue's NAPI poll.
 * Return: how many were taken.
 */
int xenvif_cut_poll(struct xenvif_queue *queue, int budget)
{
	struct xenvif_cut *cut = queue->cut;

	if (!may_carry(queue))
		return xenvif_tx_action(queue, budget);

	read_frames(queue, min(budget, CUT_FRAMES));
	if (cut->nr_frames) {
		read_headers(queue);
		if (!take_frames(queue) || cut->first == budget)
			return cut->first;
	}
	return cut->first + xenvif_tx_action(queue, budget - cut->first);
}
