// SPDX-License-Identifier: GPL-2.0
/*
 * What became of two vCPUs that do I/O with each other, from xentrace's records of runstates:
 *
 *   schedtrace FILE CPUS_PER_CACHE DOM:VCPU DOM:VCPU
 *
 * in JSON, for the time that all pCPUs' records cover:
 *
 *   seconds       how long that is, by a clock of HZ ticks a second (--hz, default 10^9)
 *   same_cache    per cent of the time in which one of the two ran while the other ran, or
 *                 had run last, on a pCPU of the same cache; pCPUs of consecutive numbers
 *                 share one
 *   wake_p50, wake_p99
 *                 microseconds from a wake-up of either to its running
 *   wakes, moves  how often they were woken, and began to run elsewhere than before
 *   run           seconds that each domain ran, by its number
 *   lost          records that xentrace could not keep up with
 *
 * Each pCPU has its records in order; those of all are merged by their time. xentrace takes
 * them in passes over all pCPUs, and a pCPU on which nothing changes has none.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* xen/include/public/trace.h */
enum {
	LOST_RECORDS = 0x0001f001,
	CPU_CHANGE = 0x0001f003,
	/* + old runstate << 8 + new runstate << 4 */
	RUNSTATE_CHANGE = 0x00021001,
	RUNSTATES = 0x330,
};

enum runstate { RUNNING, RUNNABLE, BLOCKED, OFFLINE };

enum { CPUS_MAX = 64, DOMAINS_MAX = 64, EXTRA_MAX = 7 };

struct record {
	uint64_t time;
	uint32_t event, cpu;
	uint16_t vcpu, domain;
};

struct vcpu {
	uint16_t domain, number;
	int cpu;		/* where it runs or ran last, or -1 */
	bool runs;
	uint64_t woken;		/* when, or 0 */
};

struct trace {
	struct record *records;
	size_t count, room;
	uint64_t from;		/* each pCPU that the first pass found at work had begun */
	uint64_t to;		/* the latest record before the last pass */
	uint64_t latest, lost;
	uint32_t cpu;		/* whose records these are */
	unsigned int passes;	/* before this one */
	bool begins;		/* with the next record */
};

struct sums {
	uint64_t together, either, moves;
	uint64_t run[DOMAINS_MAX];
	uint64_t *waits;
	size_t wakes;
};

static void die(const char *what)
{
	fprintf(stderr, "schedtrace: %s: %s\n", what, errno ? strerror(errno) : "it makes no sense");
	exit(1);
}

static void *grown(void *array, size_t count, size_t size)
{
	array = reallocarray(array, count, size);
	if (!array)
		die("memory");
	return array;
}

static void keep(struct trace *trace, const struct record *record)
{
	if (trace->count == trace->room) {
		trace->room = trace->room ? 2 * trace->room : 65536;
		trace->records = grown(trace->records, trace->room, sizeof(*record));
	}
	trace->records[trace->count++] = *record;
}

/* A pass has each pCPU once, at most, in their order. */
static void change_cpu(struct trace *trace, uint32_t cpu)
{
	if (cpu >= CPUS_MAX)
		die("a pCPU's number");
	if (trace->count && cpu <= trace->cpu) {
		trace->passes++;
		trace->to = trace->latest;
	}
	trace->cpu = cpu;
	trace->begins = true;
}

static void cover(struct trace *trace, uint64_t time)
{
	if (trace->begins && !trace->passes && time > trace->from)
		trace->from = time;
	trace->begins = false;
	if (time > trace->latest)
		trace->latest = time;
}

/* Takes one record; false at the file's end. */
static bool take(FILE *file, struct trace *trace)
{
	uint32_t head, extra[EXTRA_MAX], extras;
	struct record record = { 0 };

	if (fread(&head, sizeof(head), 1, file) != 1)
		return false;
	if ((head & 1U << 31) && fread(&record.time, sizeof(record.time), 1, file) != 1)
		return false;
	extras = head >> 28 & 7;
	if (fread(extra, sizeof(*extra), extras, file) != extras)
		return false;

	record.event = head & 0x0fffffff;
	switch (record.event & ~RUNSTATES) {
	case CPU_CHANGE:
		change_cpu(trace, extras ? extra[0] : CPUS_MAX);
		return true;
	case LOST_RECORDS:
		trace->lost += extra[0];
		return true;
	case RUNSTATE_CHANGE:
		break;
	default:
		return true;
	}
	if (extras < 1 || !record.time)
		die("a record");
	record.cpu = trace->cpu;
	record.vcpu = extra[0] & 0xffff;
	record.domain = extra[0] >> 16;
	cover(trace, record.time);
	keep(trace, &record);
	return true;
}

static int by_time(const void *a, const void *b)
{
	const struct record *first = a, *second = b;

	if (first->time != second->time)
		return first->time < second->time ? -1 : 1;
	return 0;
}

static int by_size(const void *a, const void *b)
{
	uint64_t first = *(const uint64_t *)a, second = *(const uint64_t *)b;

	return first < second ? -1 : first > second;
}

static void pass(const struct vcpu pair[2], uint64_t time, uint32_t cpus_per_cache,
		 struct sums *sums)
{
	if ((!pair[0].runs && !pair[1].runs) || pair[0].cpu < 0 || pair[1].cpu < 0)
		return;
	sums->either += time;
	if (pair[0].cpu / cpus_per_cache == pair[1].cpu / cpus_per_cache)
		sums->together += time;
}

static void change(struct vcpu *vcpu, const struct record *record, bool counts, struct sums *sums)
{
	enum runstate old = record->event >> 8 & 3, new = record->event >> 4 & 3;

	vcpu->runs = new == RUNNING;
	if (new == RUNNABLE && old == BLOCKED)
		vcpu->woken = record->time;
	if (new == BLOCKED || new == OFFLINE)
		vcpu->woken = 0;
	if (new != RUNNING)
		return;
	if (counts && vcpu->woken)
		sums->waits[sums->wakes++] = record->time - vcpu->woken;
	if (counts && vcpu->cpu >= 0 && vcpu->cpu != (int)record->cpu)
		sums->moves++;
	vcpu->woken = 0;
	vcpu->cpu = record->cpu;
}

static void follow(const struct trace *trace, struct vcpu pair[2], uint64_t from, uint64_t to,
		   uint32_t cpus_per_cache, struct sums *sums)
{
	int runs[CPUS_MAX];
	uint64_t since[CPUS_MAX], before = from;

	memset(runs, -1, sizeof(runs));
	sums->waits = grown(NULL, trace->count + 1, sizeof(*sums->waits));
	for (size_t i = 0; i < trace->count && trace->records[i].time <= to; i++) {
		const struct record *record = &trace->records[i];
		bool counts = record->time >= from;
		enum runstate new = record->event >> 4 & 3;

		if (counts) {
			pass(pair, record->time - before, cpus_per_cache, sums);
			before = record->time;
		}
		if (runs[record->cpu] >= 0 && counts) {
			uint64_t start = since[record->cpu] > from ? since[record->cpu] : from;

			sums->run[runs[record->cpu]] += record->time - start;
		}
		if (new == RUNNING)
			runs[record->cpu] = record->domain < DOMAINS_MAX ? record->domain : -1;
		else if ((record->event >> 8 & 3) == RUNNING)
			runs[record->cpu] = -1;
		since[record->cpu] = record->time;
		for (int j = 0; j < 2; j++)
			if (record->domain == pair[j].domain && record->vcpu == pair[j].number)
				change(&pair[j], record, counts, sums);
	}
}

static void show(const struct trace *trace, struct sums *sums, double hz, uint64_t time)
{
	const char *comma = "";
	double micro = 1e6 / hz;

	if (!sums->either || !sums->wakes)
		die("the pair has not been seen at work");
	qsort(sums->waits, sums->wakes, sizeof(*sums->waits), by_size);
	printf("{\"seconds\": %.3f, \"same_cache\": %.1f, ", time / hz,
	       100.0 * sums->together / sums->either);
	printf("\"wake_p50\": %.1f, \"wake_p99\": %.1f, ", sums->waits[sums->wakes / 2] * micro,
	       sums->waits[sums->wakes * 99 / 100] * micro);
	printf("\"wakes\": %zu, \"moves\": %" PRIu64 ", \"run\": {", sums->wakes, sums->moves);
	for (int domain = 0; domain < DOMAINS_MAX; domain++)
		if (sums->run[domain]) {
			printf("%s\"%d\": %.3f", comma, domain, sums->run[domain] / hz);
			comma = ", ";
		}
	printf("}, \"lost\": %" PRIu64 "}\n", trace->lost);
}

static void parse(const char *text, struct vcpu *vcpu)
{
	*vcpu = (struct vcpu){ .cpu = -1 };
	if (sscanf(text, "%hu:%hu", &vcpu->domain, &vcpu->number) != 2)
		die(text);
}

int main(int argc, char **argv)
{
	struct trace trace = { 0 };
	struct sums sums = { 0 };
	uint32_t cpus_per_cache;
	struct vcpu pair[2];
	double hz = 1e9;
	FILE *file;

	if (argc == 7 && !strcmp(argv[1], "--hz")) {
		hz = atof(argv[2]);
		argv += 2;
		argc -= 2;
	}
	if (argc != 5 || hz <= 0) {
		fprintf(stderr, "usage: schedtrace [--hz HZ] FILE CPUS_PER_CACHE DOM:VCPU DOM:VCPU\n");
		return 1;
	}
	cpus_per_cache = atoi(argv[2]);
	if (!cpus_per_cache)
		die(argv[2]);
	parse(argv[3], &pair[0]);
	parse(argv[4], &pair[1]);
	file = fopen(argv[1], "rb");
	if (!file)
		die(argv[1]);
	while (take(file, &trace))
		;
	fclose(file);
	errno = 0;
	qsort(trace.records, trace.count, sizeof(*trace.records), by_time);
	if (trace.from >= trace.to)
		die("no time in which all pCPUs' records were taken");
	follow(&trace, pair, trace.from, trace.to, cpus_per_cache, &sums);
	show(&trace, &sums, hz, trace.to - trace.from);
	free(sums.waits);
	free(trace.records);
	return 0;
}
