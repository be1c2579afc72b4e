/* SPDX-License-Identifier: GPL-2.0 */
/* How long a frame waits for a guest that takes nothing. */
#ifndef __XEN_NETBACK_DRAIN_H__
#define __XEN_NETBACK_DRAIN_H__

struct sk_buff;
struct xenvif_queue;

void xenvif_drain_bound(struct xenvif_queue *queue, struct sk_buff *skb);
void xenvif_drain_resume(struct xenvif_queue *queue);

#endif /* __XEN_NETBACK_DRAIN_H__ */
