// SPDX-License-Identifier: GPL-2.0
/*
 * What a vif's traffic has cost so far.
 *
 * Locking: none. Every CPU adds to its own copy; a sum may miss what is just being
 * added.
 */
#include "common.h"

const char * const xenvif_counter_names[XENVIF_NR_COUNTERS] = {
#define XENVIF_COUNTER_NAME(id, name)	\
	[XENVIF_##id] = #name,
	XENVIF_COUNTERS(XENVIF_COUNTER_NAME)
#undef XENVIF_COUNTER_NAME
};

/**
 * xenvif_counters_init - start counting at zero
 * @vif: the vif
 *
 * Return: 0 or -ENOMEM.
 */
int xenvif_counters_init(struct xenvif *vif)
{
	vif->counters = alloc_percpu(struct xenvif_counters);
	return vif->counters ? 0 : -ENOMEM;
}

/**
 * xenvif_counters_free - undo xenvif_counters_init()
 * @vif: the vif; nothing counts or reads any more
 */
void xenvif_counters_free(struct xenvif *vif)
{
	free_percpu(vif->counters);
}

/**
 * xenvif_counter - read a counter
 * @vif: the vif
 * @id: which
 */
unsigned long xenvif_counter(const struct xenvif *vif, enum xenvif_counter id)
{
	xenvif_hs_count(vif);
	return xenvif_counter_here(vif, id);
}

/**
 * xenvif_counter_here - the same, without what Xen has not told yet
 * @vif: the vif
 * @id: which
 */
unsigned long xenvif_counter_here(const struct xenvif *vif, enum xenvif_counter id)
{
	unsigned long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(vif->counters, cpu)->value[id]);
	return sum;
}
