// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "net.h"
#include "sample.h"
#include "sysfs.h"

static uint64_t sum_of(const char *folder, const char *const names[])
{
	uint64_t sum = 0;

	for (; *names; names++)
		sum += attribute_number(folder, *names);
	return sum;
}

static void read_counters(struct vif_sample *vif)
{
	static const char *const notifications[] = {
		"rx_notifications", "tx_notifications", "early_notifications", NULL
	};
	static const char *const grants[] = {
		"grant_copies", "grant_maps", "grant_unmaps", NULL
	};
	char *port = text(NET "%s/fastbridge_port/stats", vif->name);
	char *netback = text(NET "%s/netback/stats", vif->name);

	vif->counts[COUNT_FAST] = attribute_number(port, "fast_packets");
	vif->counts[COUNT_NOTIFICATIONS] = sum_of(netback, notifications);
	vif->counts[COUNT_GRANTS] = sum_of(netback, grants);
	free(netback);
	free(port);
}

/* What the guest sends, the device receives. */
static void take_vif(struct sample *sample, const struct device *device)
{
	struct vif_sample *vif;

	sample->vifs = memory(sample->vifs, (sample->count + 1) * sizeof(*vif));
	vif = &sample->vifs[sample->count++];
	memset(vif, 0, sizeof(*vif));
	strcpy(vif->name, device->name);
	snprintf(vif->guest, sizeof(vif->guest), "%s", device->guest);
	vif->index = device->index;
	vif->counts[COUNT_SENT] = device->stats.rx_packets;
	vif->counts[COUNT_RECEIVED] = device->stats.tx_packets;
	vif->counts[COUNT_SENT_BYTES] = device->stats.rx_bytes;
	vif->counts[COUNT_RECEIVED_BYTES] = device->stats.tx_bytes;
	vif->counts[COUNT_DROPPED] = device->stats.tx_dropped;
	read_counters(vif);
}

/* user, nice, system, idle, iowait, irq, softirq, steal: what is stolen, others have had. */
static enum result take_processors(struct sample *sample)
{
	char *stat = attribute_read("/proc/stat");
	unsigned long long t[7] = { };
	int read = stat ? sscanf(stat, "cpu %llu %llu %llu %llu %llu %llu %llu", &t[0], &t[1],
				 &t[2], &t[3], &t[4], &t[5], &t[6]) : 0;

	free(stat);
	if (read != 7)
		return say(WRONG, "/proc/stat: %s", strerror(errno));
	sample->busy = t[0] + t[1] + t[2] + t[5] + t[6];
	sample->all = sample->busy + t[3] + t[4];
	return DONE;
}

/**
 * clock_seconds - what time it is
 *
 * Return: seconds of a clock that only goes on.
 */
double clock_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/**
 * sample_take - look at all counters
 * @sample: what they are, for sample_free()
 *
 * Return: DONE, or what to end with.
 */
enum result sample_take(struct sample *sample)
{
	enum result result;
	struct net net;
	size_t i;

	*sample = (struct sample) { };
	result = net_read(&net);
	if (result)
		return result;
	for (i = 0; i < net.count; i++) {
		if (net.devices[i].domain >= 0)
			take_vif(sample, &net.devices[i]);
	}
	net_free(&net);
	sample->seconds = clock_seconds();
	result = take_processors(sample);
	if (result)
		sample_free(sample);
	return result;
}

void sample_free(struct sample *sample)
{
	free(sample->vifs);
	sample->vifs = NULL;
	sample->count = 0;
}

static const struct vif_sample *find(const struct sample *sample, int index)
{
	size_t i;

	for (i = 0; i < sample->count; i++) {
		if (sample->vifs[i].index == index)
			return &sample->vifs[i];
	}
	return NULL;
}

/**
 * sample_subtract - leave what has been added
 * @sample: the later one
 * @before: the one before it; a vif that is not in it has come since
 */
void sample_subtract(struct sample *sample, const struct sample *before)
{
	const struct vif_sample *old;
	size_t i;
	int c;

	sample->seconds -= before->seconds;
	sample->busy -= before->busy;
	sample->all -= before->all;
	for (i = 0; i < sample->count; i++) {
		old = find(before, sample->vifs[i].index);
		for (c = 0; old && c < COUNTS; c++)
			sample->vifs[i].counts[c] -= old->counts[c];
	}
}
