// SPDX-License-Identifier: GPL-2.0
/*
 * Frames that a guest sends, large ones too, copied to pages of dom0's: without a mapping there is
 * no unmapping, and no CPU that has to forget it. After the copying of whole frames in Menon, Cox,
 * Zwaenepoel, "Optimizing Network Virtualization in Xen" (2006), which has it for small ones.
 *
 * All else stays as it is with a mapping. Each slot of the guest's ring has a page, in which its
 * part of the frame lies where the guest had it, but for the header; the slot is answered when the
 * frame has left dom0, so that the guest is slowed down by who takes its frames as ever, and has no
 * more of dom0's memory than a page for each slot of its ring, and the frames' headers. The frame
 * says that it is not dom0's alone: who wants to keep it copies it first. A slot's page is found
 * when it is first needed, and is given back when the guest disconnects; if somebody still has it
 * when the slot is used again, they keep it. Without memory for it, or of more pieces than an skb
 * has, the frame is mapped.
 *
 * What is copied needs no thread: who frees the frame answers its slots. That is not to wait for
 * Xen, so that frames from a ring that is lent are mapped; those that were on their way when it was
 * lent do wait.
 *
 * Locking: a slot's page belongs to the queue's NAPI poll until the frame is handed on, then to
 * the frame. That it is copied is known by its having no grant handle, which does not change
 * meanwhile. Responses are written under the queue's response_lock. Who frees a frame may be the
 * last that the queue is waiting for: it is there for another RCU grace period.
 */
#include "common.h"

#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/skbuff.h>

/* The slot that comes so many after the next one. */
static u16 slot_ahead(const struct xenvif_queue *queue, unsigned int ahead)
{
	return queue->pending_ring[(queue->pending_cons + ahead) % MAX_PENDING_REQS];
}

/* Slots are answered before their frame lets go of the pages; somebody may keep one for longer. */
static bool has_page(struct page **page)
{
	if (likely(*page && page_count(*page) == 1))
		return true;
	if (*page)
		put_page(*page);
	*page = alloc_page(GFP_NOWAIT | __GFP_NOWARN);
	return *page;
}

/**
 * xenvif_txcopy_begin - is a frame to be copied whole, and can it be?
 * @queue: the queue of the guest that sends the frame
 * @size: its length
 * @slots: how many of the next ones it may take
 *
 * Context: the queue's NAPI poll.
 * Return: true if each of these slots has a page.
 */
bool xenvif_txcopy_begin(struct xenvif_queue *queue, unsigned int size, unsigned int slots)
{
	unsigned int most = READ_ONCE(queue->vif->tune.tx_copy), i;

	if (likely(most <= XEN_PAGE_SIZE) || size > most || rcu_access_pointer(queue->hs))
		return false;
	for (i = 0; i < slots; i++)
		if (!has_page(&queue->tx_pages[slot_ahead(queue, i)]))
			return false;
	return true;
}

/**
 * xenvif_txcopy_add - copy what a request says, rather than map it
 * @queue: the queue
 * @pending_idx: the slot that it has got
 * @txp: the request, or what the header has left of it
 * @extra_count: its requests without data
 * @op: where the copy is described
 */
void xenvif_txcopy_add(struct xenvif_queue *queue, u16 pending_idx,
		       const struct xen_netif_tx_request *txp, unsigned int extra_count,
		       struct gnttab_copy *op)
{
	struct pending_tx_info *info = &queue->pending_tx_info[pending_idx];

	/* One a slot; and a header, of a page at most, has part of one, and lies in two pages. */
	BUILD_BUG_ON(MAX_PENDING_REQS + 2 * NAPI_POLL_WEIGHT > ARRAY_SIZE(queue->tx_copy_ops));

	*op = (struct gnttab_copy) {
		.source.u.ref = txp->gref,
		.source.domid = queue->vif->domid,
		.source.offset = txp->offset,
		.dest.u.gmfn = xen_page_to_gfn(queue->tx_pages[pending_idx]),
		.dest.domid = DOMID_SELF,
		.dest.offset = txp->offset,
		.len = txp->size,
		.flags = GNTCOPY_source_gref,
	};
	info->req = *txp;
	info->extra_count = extra_count;
}

/**
 * xenvif_txcopy_check - has all of a frame been copied?
 * @queue: the queue
 * @skb: the frame, whose parts are the slots that were copied
 * @shared: the first of them is also the header's last, and is not answered yet
 * @err: what the header's copies have said, 0 if they were done
 * @ops: the copies of the parts
 *
 * If not, each part's slot is answered as one that was to be mapped.
 *
 * Return: 0, or an error.
 */
int xenvif_txcopy_check(struct xenvif_queue *queue, struct sk_buff *skb, bool shared, int err,
			const struct gnttab_copy *ops)
{
	const struct skb_shared_info *shinfo = skb_shinfo(skb);
	int header = err;
	unsigned int i;

	for (i = 0; i < shinfo->nr_frags; i++)
		if (unlikely(ops[i].status != GNTST_okay))
			err = ops[i].status;
	if (likely(!err))
		return 0;

	for (i = 0; i < shinfo->nr_frags; i++) {
		bool failed = ops[i].status != GNTST_okay || (shared && !i && header);

		xenvif_idx_release(queue, frag_get_pending_idx(&shinfo->frags[i]),
				   failed ? XEN_NETIF_RSP_ERROR : XEN_NETIF_RSP_OKAY);
	}
	return err;
}

/**
 * xenvif_txcopy_has - was what is in a slot copied, rather than mapped?
 * @queue: the queue
 * @pending_idx: the slot, which is in use
 */
bool xenvif_txcopy_has(const struct xenvif_queue *queue, u16 pending_idx)
{
	return queue->grant_tx_handle[pending_idx] == NETBACK_INVALID_HANDLE;
}

/**
 * xenvif_txcopy_page - the page of a slot, dom0's own or the guest's
 * @queue: the queue
 * @pending_idx: the slot, which has been copied or mapped
 */
struct page *xenvif_txcopy_page(const struct xenvif_queue *queue, u16 pending_idx)
{
	return xenvif_txcopy_has(queue, pending_idx) ? queue->tx_pages[pending_idx] :
						       queue->mmap_pages[pending_idx];
}

/* A slot that is free may be taken at once by a guest that does not wait for the answer. */
static void answer(struct xenvif_queue *queue, const struct ubuf_info_msgzc *slot)
{
	const struct ubuf_info_msgzc *next;
	struct xenvif_hs *hs;
	unsigned long flags;

	spin_lock_irqsave(&queue->response_lock, flags);
	hs = xenvif_lease_begin_tx(queue);
	for (; slot; slot = next) {
		next = slot->ctx;
		xenvif_idx_free(queue, slot->desc, XEN_NETIF_RSP_OKAY);
	}
	push_tx_responses(queue);
	xenvif_lease_end_tx(hs);
	spin_unlock_irqrestore(&queue->response_lock, flags);
}

/**
 * xenvif_txcopy_done - a frame that was copied has left dom0
 * @queue: the queue
 * @first: its first slot; each leads to the next
 *
 * Context: any but that of a hardware interrupt.
 */
void xenvif_txcopy_done(struct xenvif_queue *queue, const struct ubuf_info_msgzc *first)
{
	rcu_read_lock();
	answer(queue, first);
	/* Who waits says so before it looks, see xenvif_txcopy_stop(). */
	if (!atomic_dec_return(&queue->inflight_packets) && READ_ONCE(queue->tx_stops))
		wake_up(&queue->dealloc_wq);
	rcu_read_unlock();
}

/**
 * xenvif_txcopy_stop - from now on somebody waits until no frame is on its way
 * @queue: the queue
 */
void xenvif_txcopy_stop(struct xenvif_queue *queue)
{
	WRITE_ONCE(queue->tx_stops, true);
	smp_mb(); /* Pairs with atomic_dec_return(). */
}

/**
 * xenvif_txcopy_free - give back all pages
 * @queue: the queue, which is not used any more
 */
void xenvif_txcopy_free(struct xenvif_queue *queue)
{
	unsigned int i;

	for (i = 0; i < MAX_PENDING_REQS; i++)
		if (queue->tx_pages[i])
			put_page(queue->tx_pages[i]);
}
