// SPDX-License-Identifier: GPL-2.0
/*
 * Per-CPU counters.
 *
 * Locking: each CPU writes its own copy with bottom halves off; readers sum
 * the copies and may be behind by the frames in flight.
 */
#include <linux/netdevice.h>

#include "stats.h"

/**
 * fb_stats_alloc - allocate a set of counters, all zero
 *
 * Return: the counters, to be freed with free_percpu(), or NULL.
 */
struct fb_stats __percpu *fb_stats_alloc(void)
{
	return netdev_alloc_pcpu_stats(struct fb_stats);
}

/**
 * fb_stats_read - sum one counter over all CPUs
 * @stats: the counters
 * @id: which one
 *
 * Return: its value.
 */
u64 fb_stats_read(const struct fb_stats __percpu *stats, enum fb_counter id)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		const struct fb_stats *s = per_cpu_ptr(stats, cpu);
		unsigned int start;
		u64 value;

		do {
			start = u64_stats_fetch_begin(&s->syncp);
			value = u64_stats_read(&s->counter[id]);
		} while (u64_stats_fetch_retry(&s->syncp, start));
		sum += value;
	}
	return sum;
}
