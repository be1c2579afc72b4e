/* SPDX-License-Identifier: GPL-2.0 */
/* Frames from guest to guest, from grant to grant. */
#ifndef __XEN_NETBACK_CUTTHROUGH_H__
#define __XEN_NETBACK_CUTTHROUGH_H__

#include <linux/types.h>

#include "gate.h"

struct xenvif;
struct xenvif_cut;
struct xenvif_queue;

int xenvif_cut_get(void);
void xenvif_cut_put(void);
int xenvif_cut_on(struct xenvif *vif);
void xenvif_cut_off(struct xenvif *vif);
bool xenvif_cut_may_carry(const struct xenvif_queue *queue, struct xenvif_cut *cut);
bool xenvif_cut_has_waited(const struct xenvif_cut *cut);
int xenvif_cut_poll(struct xenvif_cut *cut, int budget);
int xenvif_cut_take(struct xenvif_cut *cut, int budget);
bool xenvif_cut_waits(const struct xenvif_cut *cut);
void xenvif_cut_end_poll(struct xenvif_queue *queue);
void xenvif_cut_stop(struct xenvif_queue *queue);

#endif /* __XEN_NETBACK_CUTTHROUGH_H__ */
