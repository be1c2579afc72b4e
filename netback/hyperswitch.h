/* SPDX-License-Identifier: GPL-2.0 */
/* Lends the rings of a vif to Xen, which carries frames between guests by itself. */
#ifndef __XEN_NETBACK_HYPERSWITCH_H__
#define __XEN_NETBACK_HYPERSWITCH_H__

#include <linux/types.h>

struct ethhdr;
struct xenvif;
struct xenvif_cut;
struct xenvif_hs;
struct xenvif_queue;

/**
 * struct xenvif_rings - what the front end has said of a queue
 * @tx_gref: the transmit ring
 * @rx_gref: the receive ring
 * @tx_port: its event channels; may be one
 * @rx_port: likewise
 */
struct xenvif_rings {
	u32 tx_gref;
	u32 rx_gref;
	u32 tx_port;
	u32 rx_port;
};

int xenvif_hs_get(void);
void xenvif_hs_put(void);
int xenvif_hs_on(struct xenvif *vif);
void xenvif_hs_off(struct xenvif *vif);
int xenvif_hs_poll(struct xenvif_hs *hs, struct xenvif_cut *cut, int budget);
void xenvif_hs_forget(struct xenvif_queue *queue);
void xenvif_hs_forget_flow(struct xenvif_queue *queue, const struct ethhdr *eth);
void xenvif_hs_changed(struct xenvif *vif);
void xenvif_hs_count(const struct xenvif *vif);
void xenvif_hs_stats(const struct xenvif *vif, u64 *rx_packets, u64 *rx_bytes,
		     u64 *tx_packets, u64 *tx_bytes);

#endif /* __XEN_NETBACK_HYPERSWITCH_H__ */
