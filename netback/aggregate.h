/* SPDX-License-Identifier: GPL-2.0 */
/* Frames of a guest that does not segment late itself, made one before the bridge. */
#ifndef __XEN_NETBACK_AGGREGATE_H__
#define __XEN_NETBACK_AGGREGATE_H__

#include <linux/types.h>

struct sk_buff;
struct xenvif;
struct xenvif_queue;

/* Copied of a frame of which the rest is mapped: enough for TCP/IP. */
#define XENVIF_TX_COPY_LEAST 128

unsigned int xenvif_copy_len(const struct xenvif_queue *queue,
			     unsigned int size, bool gso);
void xenvif_aggregate_begin(struct xenvif_queue *queue, bool cutthrough);
void xenvif_aggregate(struct xenvif_queue *queue, struct sk_buff *skb);
void xenvif_aggregate_end(struct xenvif_queue *queue);

#endif /* __XEN_NETBACK_AGGREGATE_H__ */
