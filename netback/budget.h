/* SPDX-License-Identifier: GPL-2.0 */
/* How long cut-through waits: of each second one per cent at most. */
#ifndef __XEN_NETBACK_BUDGET_H__
#define __XEN_NETBACK_BUDGET_H__

#include <linux/types.h>

/**
 * struct xenvif_budget - time that somebody may spend, or have others spend for him
 * @full_at: when all of it is there again, in nanoseconds of ktime_get_ns()
 */
struct xenvif_budget {
	u64 full_at;
};

bool xenvif_budget_affords(const struct xenvif_budget *budget, u64 now, u64 ns);
void xenvif_budget_charge(struct xenvif_budget *budget, u64 now, u64 ns);

#endif /* __XEN_NETBACK_BUDGET_H__ */
