/* SPDX-License-Identifier: GPL-2.0 */
/* Large frames of a guest, copied to pages of dom0's instead of mapped. */
#ifndef __XEN_NETBACK_TXCOPY_H__
#define __XEN_NETBACK_TXCOPY_H__

#include <linux/types.h>
#include <xen/interface/grant_table.h>
#include <xen/interface/io/netif.h>

struct page;
struct sk_buff;
struct ubuf_info_msgzc;
struct xenvif_queue;

/* No frame is longer. */
#define XENVIF_TX_COPY_MOST 65535

bool xenvif_txcopy_begin(struct xenvif_queue *queue, unsigned int size, unsigned int slots);
void xenvif_txcopy_add(struct xenvif_queue *queue, u16 pending_idx,
		       const struct xen_netif_tx_request *txp, unsigned int extra_count,
		       struct gnttab_copy *op);
int xenvif_txcopy_check(struct xenvif_queue *queue, struct sk_buff *skb, bool shared, int err,
			const struct gnttab_copy *ops);
struct page *xenvif_txcopy_page(const struct xenvif_queue *queue, u16 pending_idx);
bool xenvif_txcopy_has(const struct xenvif_queue *queue, u16 pending_idx);
void xenvif_txcopy_done(struct xenvif_queue *queue, const struct ubuf_info_msgzc *first);
void xenvif_txcopy_stop(struct xenvif_queue *queue);
void xenvif_txcopy_free(struct xenvif_queue *queue);

#endif /* __XEN_NETBACK_TXCOPY_H__ */
