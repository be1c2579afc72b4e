/* SPDX-License-Identifier: GPL-2.0 */
/* To which guest's queue a frame goes by cut-through. */
#ifndef __XEN_NETBACK_CUTROUTE_H__
#define __XEN_NETBACK_CUTROUTE_H__

struct cut_frame;
struct fastbridge_terms;
struct xenvif_cut;
struct xenvif_queue;

struct xenvif_queue *xenvif_cut_route(const struct xenvif_cut *cut,
				      const struct cut_frame *frame);
struct xenvif_queue *xenvif_cut_flow(const struct xenvif_cut *cut,
				     const struct cut_frame *frame,
				     struct fastbridge_terms *terms);

#endif /* __XEN_NETBACK_CUTROUTE_H__ */
