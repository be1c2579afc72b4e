// SPDX-License-Identifier: GPL-2.0
/*
 * Copies frames that were read off a sender's ring into the pages that their receivers have
 * given: collects the copies, does many in one hypercall, and only then tells anybody, the
 * receivers and the sender. The receivers get the very header that was decided upon, since it
 * is copied from dom0.
 *
 * A copy that fails leaves its frame, and those behind it, on the sender's ring, where nobody
 * has noticed anything; those before it are done. The frame then takes the ordinary path,
 * which says whose fault it is. If the receiver's page cannot be written to, its gate is
 * distrusted, so that the sender pays for it once in a while alone, and nobody else does.
 *
 * Locking: the sender's NAPI poll. The gates of those for whom frames are collected are held;
 * who needs more than one takes the first as ever and the others with a try. Their rings are
 * there as long as their gates are found open.
 */
#include "common.h"

#include "cut.h"
#include "cutcopy.h"
#include "cutroute.h"
#include "hs.h"

/**
 * xenvif_cut_copy - do copies, and count them
 * @queue: the sender's queue
 * @ops: the copies
 * @nr_ops: how many
 *
 * It would sleep for a page that Xen has paged out or shared, as the ordinary path would, in a
 * softirq like this one. That takes dom0's tools (xenpaging, memory sharing): no guest can have
 * it done to its pages.
 */
void xenvif_cut_copy(const struct xenvif_queue *queue, struct gnttab_copy *ops,
		     unsigned int nr_ops)
{
	gnttab_batch_copy(ops, nr_ops);
	xenvif_count(queue->vif, HYPERCALLS, 1);
	xenvif_count(queue->vif, GRANT_COPIES, nr_ops);
}

static void release_receivers(struct xenvif_cut *cut)
{
	while (cut->nr_receivers) {
		const struct cut_receiver *receiver = &cut->receivers[--cut->nr_receivers];

		if (receiver->hs)
			xenvif_lease_put_rx(receiver->hs);
		spin_unlock(&receiver->gate->lock);
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

/**
 * struct cut_delivery - what a receiver gets of a batch
 * @cons: how far its requests are then used up
 * @frames: so many frames
 * @bytes: so many bytes
 */
struct cut_delivery {
	RING_IDX cons;
	unsigned int frames;
	unsigned int bytes;
};

static void push_received(const struct cut_receiver *receiver,
			  const struct cut_delivery *delivery)
{
	struct xenvif_queue *queue = receiver->queue;
	int notify;

	lockdep_assert_held(&receiver->gate->lock);
	/* It was locked for a frame that then was not for it. */
	if (!delivery->frames)
		return;
	queue->rx.req_cons = delivery->cons;
	queue->rx.rsp_prod_pvt = delivery->cons;
	RING_PUSH_RESPONSES_AND_CHECK_NOTIFY(&queue->rx, notify);
	if (notify)
		xenvif_notify_rx_now(queue);
	queue->last_rx_time = jiffies;
	queue->stats.tx_packets += delivery->frames;
	queue->stats.tx_bytes += delivery->bytes;
}

/* The frames up to the next one are on the rings of who gets them. */
static void commit_receivers(struct xenvif_cut *cut)
{
	struct cut_delivery deliveries[CUT_RECEIVERS] = {};
	unsigned int i;

	for (i = 0; i < cut->nr_receivers; i++)
		deliveries[i].cons = cut->receivers[i].queue->rx.req_cons;
	for (i = 0; i < cut->frames[cut->next - 1].response; i++) {
		const struct cut_response *r = &cut->responses[i];

		write_response(cut->receivers[r->receiver].queue,
			       deliveries[r->receiver].cons++, r);
	}
	for (i = cut->first; i < cut->next; i++) {
		struct cut_delivery *d = &deliveries[cut->frames[i].receiver];

		d->frames++;
		d->bytes += cut->frames[i].len;
	}
	for (i = 0; i < cut->nr_receivers; i++)
		push_received(&cut->receivers[i], &deliveries[i]);
}

static void respond_to_sender(struct xenvif_queue *queue,
			      const struct xenvif_cut *cut)
{
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

/*
 * The sender has its pages back, and what it sent is counted; by the driver, as ever, without
 * the Ethernet header.
 */
static void commit_sender(struct xenvif_queue *queue,
			  const struct xenvif_cut *cut)
{
	unsigned int frames = cut->next - cut->first, bytes = 0, i;

	for (i = cut->first; i < cut->next; i++)
		bytes += cut->frames[i].len;
	queue->tx.req_cons = cut->frames[cut->next - 1].end;
	queue->stats.rx_packets += frames;
	queue->stats.rx_bytes += bytes - frames * ETH_HLEN;
	xenvif_count(queue->vif, CUTTHROUGH_PACKETS, frames);
	xenvif_count(queue->vif, CUTTHROUGH_BYTES, bytes);
	xenvif_fastbridge.carried(cut->port, frames, bytes);

	respond_to_sender(queue, cut);
}

static bool both_done(const struct xenvif_queue *queue, struct gnttab_copy ends[2])
{
	xenvif_cut_copy(queue, ends, 2);
	return ends[0].status == GNTST_okay && ends[1].status == GNTST_okay;
}

/*
 * Can what the copy was to read be read? A byte at either end tells: its grant may be for a
 * part of the page. They go where the frame's header was, which nobody wants any more.
 */
static bool can_be_read(const struct xenvif_queue *queue,
			const struct xenvif_cut *cut,
			const struct gnttab_copy *copy)
{
	void *scratch = cut_header(cut, &cut->frames[cut->next]);
	const struct gnttab_copy probe = {
		.source = copy->source,
		.dest.u.gmfn = virt_to_gfn(scratch),
		.dest.domid = DOMID_SELF,
		.dest.offset = xen_offset_in_page(scratch),
		.len = 1,
		.flags = GNTCOPY_source_gref,
	};
	struct gnttab_copy ends[] = { probe, probe };

	ends[1].source.offset += copy->len - 1;
	return both_done(queue, ends);
}

/* Likewise where it was to write. That page is nobody's yet, and gets nothing of anybody's. */
static bool can_be_written(const struct xenvif_queue *queue,
			   const struct gnttab_copy *copy)
{
	const struct gnttab_copy probe = {
		.source.u.gmfn = xen_page_to_gfn(ZERO_PAGE(0)),
		.source.domid = DOMID_SELF,
		.dest = copy->dest,
		.len = 1,
		.flags = GNTCOPY_dest_gref,
	};
	struct gnttab_copy ends[] = { probe, probe };

	ends[1].dest.offset += copy->len - 1;
	return both_done(queue, ends);
}

/*
 * The first copy that has failed is the frame's at cut->next: whose fault is it? Either guest
 * may have mended its grant since then, so that it is not told from the other's being good.
 * The sender is blamed if its page cannot be read now, which no receiver can bring about, and
 * the receiver if its page cannot be written to, which no sender can. If both can it is
 * nobody's: what others have for the receiver is carried, but the more often it happens to the
 * sender the less of what it has is tried, whoever it is for; see take_frames().
 */
static enum cut_verdict judge_failure(const struct xenvif_queue *queue,
				      struct xenvif_cut *cut,
				      const struct gnttab_copy *copy)
{
	const struct cut_frame *frame = &cut->frames[cut->next];

	xenvif_count(queue->vif, CUTTHROUGH_RETRIES, 1);
	/* What dom0 itself has, as the header, is no fault of the sender's. */
	if ((copy->flags & GNTCOPY_source_gref) &&
	    !can_be_read(queue, cut, copy))
		return CUT_FAULT;
	if (can_be_written(queue, copy))
		return CUT_RESTORED;
	xenvif_gate_distrust(cut->receivers[frame->receiver].gate);
	return CUT_ORDINARY;
}

static unsigned int copies_done(const struct xenvif_cut *cut)
{
	unsigned int i;

	for (i = 0; i < cut->nr_ops; i++)
		if (unlikely(cut->ops[i].status != GNTST_okay))
			break;
	return i;
}

/* The frame that a copy is for. */
static unsigned int frame_of(const struct xenvif_cut *cut, unsigned int op)
{
	unsigned int i = cut->first;

	while (cut->frames[i].op <= op)
		i++;
	return i;
}

/*
 * Does what was collected. If some of it could not be done then all from the first such
 * frame on are still on the ring, that one is the next, and the verdict is on it.
 */
static enum cut_verdict flush(struct xenvif_queue *queue,
			      struct xenvif_cut *cut)
{
	enum cut_verdict verdict = CUT_COLLECTED;
	unsigned int i;

	if (!cut->nr_ops) {
		release_receivers(cut);
		return verdict;
	}
	for (i = 0; i < cut->nr_receivers; i++)
		xenvif_notify_rx_begin(cut->receivers[i].queue);
	xenvif_cut_copy(queue, cut->ops, cut->nr_ops);
	i = copies_done(cut);
	if (unlikely(i < cut->nr_ops)) {
		cut->next = frame_of(cut, i);
		verdict = judge_failure(queue, cut, &cut->ops[i]);
	}
	if (likely(cut->next > cut->first))
		commit_receivers(cut);
	release_receivers(cut);
	if (likely(cut->next > cut->first))
		commit_sender(queue, cut);
	cut->first = cut->next;
	return verdict;
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

/*
 * Waits only if both can afford it; the receiver pays in advance. It is not charged while
 * something is collected, since the wait does not begin if that then cannot be done.
 */
static enum cut_verdict wait_or_not(struct xenvif_cut *cut,
				    struct xenvif_gate *gate)
{
	u64 now = ktime_get_ns();

	lockdep_assert_held(&gate->lock);
	if (!xenvif_budget_affords(&cut->budget, now, CUT_WAIT_NS) ||
	    !xenvif_budget_affords(&gate->budget, now, CUT_WAIT_NS))
		return CUT_ORDINARY;
	if (cut->nr_ops)
		return CUT_FULL;
	xenvif_budget_charge(&gate->budget, now, CUT_WAIT_NS);
	return CUT_WAIT;
}

/* The verdict on a frame for the queue, whose gate is held. */
static enum cut_verdict ask_gate(struct xenvif_cut *cut,
				 struct xenvif_gate *gate,
				 const struct xenvif_queue *queue)
{
	switch (xenvif_gate_ask(gate, queue)) {
	case XENVIF_PASSAGE_FREE:
		return CUT_COLLECTED;
	case XENVIF_PASSAGE_LATER:
		return wait_or_not(cut, gate);
	default:
		return CUT_ORDINARY;
	}
}

static enum cut_verdict lock_receiver(struct xenvif_cut *cut,
				      struct xenvif_queue *queue,
				      struct cut_receiver **receiver)
{
	struct xenvif_cut *others = rcu_dereference_bh(queue->cut);
	enum cut_verdict verdict;
	struct xenvif_hs *hs;

	*receiver = known_receiver(cut, queue);
	if (*receiver)
		return CUT_COLLECTED;
	if (!others)
		return CUT_ORDINARY;
	if (!cut->nr_receivers)
		spin_lock(&others->gate.lock);
	else if (cut->nr_receivers == CUT_RECEIVERS ||
		 !spin_trylock(&others->gate.lock))
		return CUT_FULL;
	verdict = ask_gate(cut, &others->gate, queue);
	/* Not before the lock: it may be lent, and Xen be there, when that is had. */
	hs = rcu_dereference_bh(queue->hs);
	if (verdict != CUT_COLLECTED) {
		spin_unlock(&others->gate.lock);
		return verdict;
	}
	if (hs) {
		xenvif_lease_leave_rx(queue);
		xenvif_lease_get_rx(hs);
	}
	*receiver = &cut->receivers[cut->nr_receivers++];
	**receiver = (struct cut_receiver) {
		.queue = queue,
		.gate = &others->gate,
		.hs = hs,
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
static enum cut_verdict find_room(struct xenvif_cut *cut,
				  const struct cut_receiver *receiver,
				  const struct cut_frame *frame, bool *unsplit)
{
	const struct xen_netif_rx_back_ring *rx = &receiver->queue->rx;
	unsigned int room = READ_ONCE(rx->sring->req_prod) - receiver->cons;
	unsigned int needed = DIV_ROUND_UP(frame->len, XEN_PAGE_SIZE) +
			      !!frame->gso_type;

	virt_rmb(); /* The requests are read after their number. */
	/* A guest that has gone wild is not waited for. */
	if (unlikely(room > RING_SIZE(rx)))
		return CUT_ORDINARY;
	if (room < needed)
		return wait_or_not(cut, receiver->gate);
	*unsplit = room > needed &&
		   pages_unsplit(cut, frame) + !!frame->gso_type <= needed + 1;
	return CUT_COLLECTED;
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
static void add_frame(const struct xenvif_queue *queue, struct xenvif_cut *cut,
		      struct cut_receiver *receiver, struct cut_frame *frame,
		      bool unsplit)
{
	struct cut_page page = { .receiver = receiver, .unsplit = unsplit };
	const struct xen_netif_tx_request *slot = &cut->slots[frame->slot];
	void *header = cut_header(cut, frame);
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
	frame->receiver = receiver - cut->receivers;
	frame->op = cut->nr_ops;
	frame->response = cut->nr_responses;
}

static enum cut_verdict collect(struct xenvif_queue *queue,
				struct xenvif_cut *cut, struct cut_frame *frame)
{
	struct cut_receiver *receiver;
	enum cut_verdict verdict;
	struct xenvif_queue *to;
	bool unsplit;

	if (cut->nr_ops + CUT_FRAME_OPS > CUT_OPS ||
	    cut->nr_responses + CUT_FRAME_OPS > CUT_OPS)
		return CUT_FULL;
	to = xenvif_cut_route(cut, frame);
	if (!to)
		return CUT_ORDINARY;
	verdict = lock_receiver(cut, to, &receiver);
	if (verdict == CUT_COLLECTED)
		verdict = find_room(cut, receiver, frame, &unsplit);
	if (verdict == CUT_COLLECTED)
		add_frame(queue, cut, receiver, frame, unsplit);
	return verdict;
}

/**
 * xenvif_cut_carry - carry frames up to the first that is not for this path, or not yet
 * @queue: the sender's queue
 * @cut: its state; cut->next is then that frame
 *
 * Return: the verdict on it; CUT_COLLECTED if there is none.
 */
enum cut_verdict xenvif_cut_carry(struct xenvif_queue *queue,
				  struct xenvif_cut *cut)
{
	enum cut_verdict verdict = CUT_COLLECTED, done;

	while (cut->next < cut->nr_frames) {
		verdict = collect(queue, cut, &cut->frames[cut->next]);
		if (verdict == CUT_COLLECTED) {
			cut->next++;
			continue;
		}
		if (verdict != CUT_FULL)
			break;
		verdict = flush(queue, cut);
		if (verdict != CUT_COLLECTED)
			return verdict;
	}
	done = flush(queue, cut);
	return done == CUT_COLLECTED ? verdict : done;
}
