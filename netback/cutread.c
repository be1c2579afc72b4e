// SPDX-License-Identifier: GPL-2.0
/*
 * What is on a sender's ring, for cut-through: frames are read off it, their headers copied
 * to dom0, and nothing is taken. What is not plain ends it, whatever is wrong with it.
 *
 * Locking: the sender's NAPI poll.
 */
#include "common.h"

#include "cut.h"
#include "cutcopy.h"
#include "cutread.h"

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
static bool read_body(struct xenvif_queue *queue,
		      struct xen_netif_tx_request *first,
		      struct cut_frame *frame, RING_IDX *cons,
		      unsigned int *left)
{
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
static bool read_frame(struct xenvif_queue *queue, struct xenvif_cut *cut,
		       RING_IDX *cons, unsigned int *left)
{
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
	if (!read_body(queue, first, frame, cons, left) ||
	    first->size < ETH_HLEN)
		return false;

	frame->header = min_t(unsigned int, first->size, CUT_HEADER);
	frame->end = *cons;
	cut->nr_slots += frame->nr_slots;
	cut->nr_frames++;
	return true;
}

/* Reads up to @most frames. */
static void read_frames(struct xenvif_queue *queue, struct xenvif_cut *cut,
			unsigned int most)
{
	RING_IDX cons = queue->tx.req_cons;
	unsigned int left = READ_ONCE(queue->tx.sring->req_prod) - cons;

	/* A guest that has gone wild is for the ordinary path to deal with. */
	if (left > XEN_NETIF_TX_RING_SIZE)
		return;
	virt_rmb(); /* The requests are read after their number. */
	while (left && cut->nr_frames < most &&
	       read_frame(queue, cut, &cons, &left))
		;
}

static void add_header_copy(struct xenvif_cut *cut, domid_t domid,
			    const struct cut_frame *frame)
{
	const struct xen_netif_tx_request *slot = &cut->slots[frame->slot];
	void *header = cut_header(cut, frame);

	cut->ops[cut->nr_ops++] = (struct gnttab_copy) {
		.source.u.ref = slot->gref,
		.source.domid = domid,
		.source.offset = slot->offset,
		.dest.u.gmfn = virt_to_gfn(header),
		.dest.domid = DOMID_SELF,
		.dest.offset = xen_offset_in_page(header),
		.len = frame->header,
		.flags = GNTCOPY_source_gref,
	};
}

/* Copies the headers; what follows the first that cannot be copied is forgotten. */
static void read_headers(struct xenvif_queue *queue, struct xenvif_cut *cut)
{
	unsigned int i;

	for (i = 0; i < cut->nr_frames; i++)
		add_header_copy(cut, queue->vif->domid, &cut->frames[i]);
	xenvif_cut_copy(queue, cut->ops, cut->nr_ops);
	for (i = 0; i < cut->nr_frames; i++)
		if (cut->ops[i].status != GNTST_okay)
			break;
	cut->nr_frames = i;
	cut->nr_ops = 0;
}

/**
 * xenvif_cut_read - read frames off a sender's ring, and their headers
 * @queue: the sender's queue
 * @cut: its state
 * @most: most frames to be read
 */
void xenvif_cut_read(struct xenvif_queue *queue, struct xenvif_cut *cut,
		     unsigned int most)
{
	cut->nr_frames = 0;
	cut->nr_slots = 0;
	cut->start = 0;
	cut->first = 0;
	cut->next = 0;
	read_frames(queue, cut, min_t(unsigned int, most, CUT_FRAMES));
	if (cut->nr_frames)
		read_headers(queue, cut);
}
