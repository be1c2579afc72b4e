/* SPDX-License-Identifier: GPL-2.0 */
/* Frames from guest to guest, from grant to grant. */
#ifndef __XEN_NETBACK_CUTTHROUGH_H__
#define __XEN_NETBACK_CUTTHROUGH_H__

#include <linux/hrtimer.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct xenvif_cut;
struct xenvif_queue;

/**
 * struct xenvif_gate - lets senders at the guest's receive ring, or not
 * @lock: held by a sender while the ring is its own
 * @open: the ring is connected
 * @busy: the guest's own thread is filling it
 * @slow_until: until then (jiffies) nobody waits for room on it
 */
struct xenvif_gate {
	spinlock_t lock;
	bool open;
	bool busy;
	unsigned long slow_until;
};

int xenvif_cut_get(void);
void xenvif_cut_put(void);
int xenvif_cut_init(struct xenvif_queue *queue);
void xenvif_cut_deinit(struct xenvif_queue *queue);
int xenvif_cut_poll(struct xenvif_queue *queue, int budget);
bool xenvif_cut_waits(const struct xenvif_queue *queue);
void xenvif_cut_stop(struct xenvif_queue *queue);

void xenvif_gate_open(struct xenvif_queue *queue);
void xenvif_gate_close(struct xenvif_queue *queue);
void xenvif_gate_enter(struct xenvif_queue *queue);
void xenvif_gate_leave(struct xenvif_queue *queue);

#endif /* __XEN_NETBACK_CUTTHROUGH_H__ */
