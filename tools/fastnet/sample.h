/* SPDX-License-Identifier: GPL-2.0 */
/* The counters of all vifs at one time, and what has been added from one to the next. */
#ifndef FASTNET_SAMPLE_H
#define FASTNET_SAMPLE_H

#include <stddef.h>
#include <stdint.h>

#include "say.h"

/* Of a vif, in the guest's view. */
enum count {
	COUNT_SENT,		/* frames */
	COUNT_RECEIVED,
	COUNT_SENT_BYTES,
	COUNT_RECEIVED_BYTES,
	COUNT_DROPPED,		/* on their way to the guest */
	COUNT_FAST,		/* of those sent */
	COUNT_NOTIFICATIONS,	/* events to the guest */
	COUNT_GRANTS,		/* copies, maps, unmaps */
	COUNTS
};

/**
 * struct vif_sample - a vif's part
 * @name: of the device
 * @guest: of its guest, as far as it fits
 * @index: of the device, which tells it from a later one of the same name
 * @counts: its counters
 */
struct vif_sample {
	char name[16];
	char guest[64];
	int index;
	uint64_t counts[COUNTS];
};

/**
 * struct sample - the host at one time
 * @seconds: of clock_seconds()
 * @busy: processor time of dom0, in ticks
 * @all: what it and its idling make together
 * @vifs: all of them
 * @count: their number
 */
struct sample {
	double seconds;
	uint64_t busy;
	uint64_t all;
	struct vif_sample *vifs;
	size_t count;
};

double clock_seconds(void);
enum result sample_take(struct sample *sample);
void sample_free(struct sample *sample);
void sample_subtract(struct sample *sample, const struct sample *before);

#endif /* FASTNET_SAMPLE_H */
