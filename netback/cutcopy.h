/* SPDX-License-Identifier: GPL-2.0 */
/* Frames that have been read, into the pages of who gets them. */
#ifndef __XEN_NETBACK_CUTCOPY_H__
#define __XEN_NETBACK_CUTCOPY_H__

#include "cut.h"

struct xenvif_queue;

void xenvif_cut_copy(const struct xenvif_queue *queue, struct gnttab_copy *ops,
		     unsigned int nr_ops);
enum cut_verdict xenvif_cut_carry(struct xenvif_queue *queue,
				  struct xenvif_cut *cut);

#endif /* __XEN_NETBACK_CUTCOPY_H__ */
