/* SPDX-License-Identifier: GPL-2.0 */
/* Whose turn it is at a ring that is lent to Xen: see hyperswitch/token.h, and lease.c. */
#ifndef __XEN_NETBACK_LEASE_H__
#define __XEN_NETBACK_LEASE_H__

#include <linux/spinlock.h>
#include <linux/types.h>
#include <xen/interface/hyperswitch.h>

struct xenvif_hs;
struct xenvif_queue;

/**
 * struct xenvif_lease - a ring
 * @lock: of what follows
 * @users: who has it for dom0; while there are any it is dom0's
 * @side: what Xen and dom0 have in common of it
 */
struct xenvif_lease {
	spinlock_t lock;
	unsigned int users;
	struct hs_side *side;
};

void xenvif_lease_init(struct xenvif_lease *lease, struct hs_side *side);
void xenvif_lease_get_tx(struct xenvif_hs *hs);
bool xenvif_lease_put_tx(struct xenvif_hs *hs);
void xenvif_lease_get_rx(struct xenvif_hs *hs);
void xenvif_lease_put_rx(struct xenvif_hs *hs);
struct xenvif_hs *xenvif_lease_begin_tx(const struct xenvif_queue *queue);
void xenvif_lease_end_tx(struct xenvif_hs *hs);
bool xenvif_lease_has_requests(struct xenvif_queue *queue);
void xenvif_lease_shut_rx(const struct xenvif_queue *queue);
void xenvif_lease_enter_rx(struct xenvif_queue *queue);
void xenvif_lease_leave_rx(struct xenvif_queue *queue);

#endif /* __XEN_NETBACK_LEASE_H__ */
