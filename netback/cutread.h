/* SPDX-License-Identifier: GPL-2.0 */
/* Frames on a sender's ring, and their headers. */
#ifndef __XEN_NETBACK_CUTREAD_H__
#define __XEN_NETBACK_CUTREAD_H__

struct xenvif_cut;
struct xenvif_queue;

void xenvif_cut_read(struct xenvif_queue *queue, struct xenvif_cut *cut,
		     unsigned int most);

#endif /* __XEN_NETBACK_CUTREAD_H__ */
