// SPDX-License-Identifier: GPL-2.0
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "hypercalls.h"
#include "run.h"
#include "say.h"

/* As in Xen's public trace.h and xen.h. */
enum {
	LOST_RECORDS = 0x0001f001,
	CPU_CHANGE = 0x0001f003,
	RUNSTATE_CHANGE = 0x00021001,	/* + old runstate << 8 + new runstate << 4 */
	RUNSTATES = 0x330,
	RUNSTATE_NEW = 0x30,		/* 0: it runs */
	HYPERCALL = 0x0020100d,
};

enum { CPUS_MAX = 4096, EXTRA_MAX = 7 };

static const char *const names[HYPERCALLS_MAX] = {
	[1] = "mmu_update", [3] = "stack_switch", [5] = "fpu_taskswitch",
	[10] = "update_descriptor", [12] = "memory_op", [13] = "multicall",
	[14] = "update_va_mapping", [15] = "set_timer_op", [17] = "xen_version",
	[18] = "console_io", [20] = "grant_table_op", [23] = "iret", [24] = "vcpu_op",
	[25] = "set_segment_base", [26] = "mmuext_op", [29] = "sched_op",
	[32] = "event_channel_op", [33] = "physdev_op", [34] = "hvm_op", [35] = "sysctl",
	[36] = "domctl",
};

/* Its name, or NULL. */
const char *hypercall_name(int number)
{
	return names[number];
}

/**
 * struct reader - how far the trace is read
 * @cpu: whose records come
 * @guest: of each pCPU, does a guest run there?
 */
struct reader {
	uint32_t cpu;
	bool guest[CPUS_MAX];
};

static void take(struct hypercalls *hypercalls, struct reader *reader, uint32_t event,
		 const uint32_t *extra)
{
	uint32_t number = *extra & 0xfffff;

	if (event == CPU_CHANGE && *extra < CPUS_MAX)
		reader->cpu = *extra;
	else if (event == LOST_RECORDS)
		hypercalls->lost += *extra;
	else if ((event & ~RUNSTATES) == RUNSTATE_CHANGE && !(event & RUNSTATE_NEW))
		reader->guest[reader->cpu] = *extra >> 16;
	else if (event == HYPERCALL && number < HYPERCALLS_MAX)
		(reader->guest[reader->cpu] ? hypercalls->guests : hypercalls->dom0)[number]++;
}

/* A head, for some events the time, up to seven words more. */
static bool read_record(FILE *trace, struct hypercalls *hypercalls, struct reader *reader)
{
	uint32_t head, extra[EXTRA_MAX] = { }, count;
	uint64_t time;

	if (fread(&head, sizeof(head), 1, trace) != 1)
		return false;
	if ((head & 1U << 31) && fread(&time, sizeof(time), 1, trace) != 1)
		return false;
	count = head >> 28 & 7;
	if (fread(extra, sizeof(*extra), count, trace) != count)
		return false;
	take(hypercalls, reader, head & 0x0fffffff, extra);
	return true;
}

/**
 * hypercalls_count - count for a time
 * @hypercalls: what is found
 * @seconds: how long
 *
 * Return: whether xentrace could.
 */
bool hypercalls_count(struct hypercalls *hypercalls, int seconds)
{
	struct reader *reader = memory(NULL, sizeof(*reader));
	FILE *trace = tmpfile();	/* not a pipe, which would have to be read meanwhile */
	char *timeout = text("%d", seconds), *file;
	struct output output;
	bool traced;

	*hypercalls = (struct hypercalls) { };
	*reader = (struct reader) { };
	if (!trace)
		err(WRONG, "a temporary file");
	file = text("/proc/%d/fd/%d", getpid(), fileno(trace));
	run(&output, (char *const []) {
		"xentrace", "-D", "-e", "0x221000", "-T", timeout, file, NULL
	});
	traced = !output.status;
	while (traced && read_record(trace, hypercalls, reader))
		;
	output_free(&output);
	fclose(trace);
	free(file);
	free(timeout);
	free(reader);
	return traced;
}
