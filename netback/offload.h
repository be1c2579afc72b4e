/* SPDX-License-Identifier: GPL-2.0 */
/* What of segmentation, scatter/gather and checksums a guest is offered. */
#ifndef __XEN_NETBACK_OFFLOAD_H__
#define __XEN_NETBACK_OFFLOAD_H__

#include <linux/netdev_features.h>
#include <linux/workqueue.h>

struct xenvif;

/**
 * struct xenvif_offload - what a vif's guest is offered
 * @work: has it written to xenstore
 * @written: what stands there; only @work knows
 * @due: when @work may look again for what was not asked of this vif, in jiffies
 */
struct xenvif_offload {
	struct delayed_work work;
	netdev_features_t written;
	unsigned long due;
};

int xenvif_offload_init(void);
void xenvif_offload_exit(void);
void xenvif_offload_add(struct xenvif *vif);
void xenvif_offload_remove(struct xenvif *vif);
void xenvif_offload_publish(struct xenvif *vif);
void xenvif_offload_wait(struct xenvif *vif);

#endif /* __XEN_NETBACK_OFFLOAD_H__ */
