/* SPDX-License-Identifier: GPL-2.0 */
/* When a guest is sent an event for what is on its rings. */
#ifndef __XEN_NETBACK_NOTIFY_H__
#define __XEN_NETBACK_NOTIFY_H__

#include <linux/types.h>

struct xenvif_queue;

/**
 * struct xenvif_notify - the state of a queue's notifications
 * @rx_due: the guest waits for an event that the end of the batch will send
 * @by_batch: what "adaptive" has decided
 * @window_start: when it has last looked at the rate, in jiffies
 * @window_packets: frames that the guest had received then
 * @tx_due: responses on the transmit ring wait for the end of their batch
 *
 * The last belongs to the queue's response_lock, all else to the thread that fills the
 * guest's receive ring.
 */
struct xenvif_notify {
	bool rx_due;
	bool by_batch;
	unsigned long window_start;
	u64 window_packets;
	bool tx_due;
};

bool xenvif_notify_early(const struct xenvif_queue *queue);
void xenvif_notify_rx_begin(struct xenvif_queue *queue);
void xenvif_notify_rx(struct xenvif_queue *queue);
void xenvif_notify_rx_now(struct xenvif_queue *queue);
void xenvif_notify_rx_end(struct xenvif_queue *queue);
bool xenvif_notify_tx_later(struct xenvif_queue *queue);
bool xenvif_notify_tx_due(const struct xenvif_queue *queue);
void xenvif_notify_tx(struct xenvif_queue *queue);

#endif /* __XEN_NETBACK_NOTIFY_H__ */
