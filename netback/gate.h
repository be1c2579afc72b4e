/* SPDX-License-Identifier: GPL-2.0 */
/* Who may fill a guest's receive ring: its own thread, or senders of cut-through. */
#ifndef __XEN_NETBACK_GATE_H__
#define __XEN_NETBACK_GATE_H__

#include <linux/spinlock.h>
#include <linux/types.h>

#include "budget.h"

struct xenvif_queue;

/**
 * struct xenvif_gate - lets senders at the guest's receive ring, or not
 * @lock: held by a sender while the ring is its own; all else here belongs to it
 * @open: senders may be there at all
 * @watched: the guest's own thread has learnt of the gate, and says when it is busy
 * @busy: it is filling the ring
 * @distrusted: until @distrusted_until senders stay away
 * @distrusted_until: in jiffies
 * @budget: for how long senders may yet wait here, all of them together
 */
struct xenvif_gate {
	spinlock_t lock;
	bool open;
	bool watched;
	bool busy;
	bool distrusted;
	unsigned long distrusted_until;
	struct xenvif_budget budget;
};

/**
 * enum xenvif_passage - what a sender finds at a gate whose lock it holds
 * @XENVIF_PASSAGE_FREE: no frame is on its way to the guest that would be overtaken
 * @XENVIF_PASSAGE_LATER: one is, but it will have arrived
 * @XENVIF_PASSAGE_NONE: there is none in the foreseeable future
 */
enum xenvif_passage {
	XENVIF_PASSAGE_FREE,
	XENVIF_PASSAGE_LATER,
	XENVIF_PASSAGE_NONE,
};

void xenvif_gate_init(struct xenvif_gate *gate);
void xenvif_gate_close(struct xenvif_gate *gate);
void xenvif_gate_enter(struct xenvif_queue *queue);
void xenvif_gate_leave(struct xenvif_queue *queue);
void xenvif_gate_let_go(struct xenvif_gate *gate, struct xenvif_queue *queue);
void xenvif_gate_distrust(struct xenvif_gate *gate);
enum xenvif_passage xenvif_gate_ask(struct xenvif_gate *gate,
				    const struct xenvif_queue *queue);

#endif /* __XEN_NETBACK_GATE_H__ */
