/* SPDX-License-Identifier: GPL-2.0 */
/* What of segmentation, scatter/gather and checksums a guest is offered. */
#ifndef __XEN_NETBACK_OFFLOAD_H__
#define __XEN_NETBACK_OFFLOAD_H__

struct xenvif;

int xenvif_offload_init(void);
void xenvif_offload_exit(void);
void xenvif_offload_add(struct xenvif *vif);
void xenvif_offload_remove(struct xenvif *vif);
void xenvif_offload_publish(struct xenvif *vif);
void xenvif_offload_wait(struct xenvif *vif);

#endif /* __XEN_NETBACK_OFFLOAD_H__ */
