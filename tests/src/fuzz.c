// SPDX-License-Identifier: GPL-2.0
/*
 * Does a bridge with fastbridge do what one without does? Random changes and random
 * frames for both, in episodes that begin with a new bridge and depend on the seed and
 * their number alone. Every frame that any host gets must be the same, in the same order
 * for each, and in the end all tables and counters.
 *
 *   frames fuzz SYSFS SEED FRAMES [EPISODE]
 *
 * EPISODE: that one alone.
 */
#include <arpa/inet.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chance.h"
#include "changes.h"
#include "frames.h"
#include "history.h"
#include "strangers.h"
#include "twins.h"

#define BURST 20
#define BURSTS 50
#define GREETINGS (PORTS * STRANGERS * (STRANGER_VLANS + 1) / BURST)
#define ARRIVALS_MAX (4 * BURST)
#define DIVERGENCES_MAX 5
/* Episodes before the programs that are told what to do are started anew. */
#define TALK 100
/* Of a frame in a report. */
#define HEX_MAX 256

/* What one host has got of a burst; of a frame only as much is kept as there is. */
struct arrivals {
	unsigned int nr;
	struct received *frames[ARRIVALS_MAX];
};

static struct frame burst[BURST];
static int burst_from[BURST];
static unsigned int burst_begin;

static unsigned long frames;
static unsigned long fast_frames;
static unsigned int divergences;

static size_t received_size(const struct received *received)
{
	return offsetof(struct received, frame.data) + received->frame.len;
}

/*
 * How much of a large frame is in one piece is nobody's business: a bridge on which a port
 * has had neigh_suppress once looks into all IPv6 and joins the headers for it.
 */
static void collect(const struct host *end, struct arrivals *arrivals)
{
	static struct received received;

	arrivals->nr = 0;
	while (host_receive(end, &received)) {
		size_t size = received_size(&received);
		struct received *copy = malloc(size);

		received.frame.vnet.hdr_len = 0;

		if (!copy || arrivals->nr == ARRIVALS_MAX)
			errx(2, "too many frames");
		memcpy(copy, &received, size);
		arrivals->frames[arrivals->nr++] = copy;
	}
}

static void discard(struct arrivals *arrivals)
{
	while (arrivals->nr)
		free(arrivals->frames[--arrivals->nr]);
}

/* The number of the first that differs, or -1. */
static int first_difference(const struct arrivals *a, const struct arrivals *b)
{
	unsigned int i;

	for (i = 0; i < a->nr && i < b->nr; i++)
		if (received_size(a->frames[i]) != received_size(b->frames[i]) ||
		    memcmp(a->frames[i], b->frames[i], received_size(a->frames[i])))
			return i;
	return a->nr == b->nr ? -1 : (int)i;
}

static void print_hex(const struct frame *frame)
{
	unsigned int i;

	for (i = 0; i < frame->len && i < HEX_MAX; i++)
		printf("%02x", frame->data[i]);
	printf(i < frame->len ? "… (%u bytes)\n" : "\n", frame->len);
}

static void print_sent(unsigned int number)
{
	static struct received sent;
	char text[256];

	sent.frame = burst[number];
	received_describe(&sent, text, sizeof(text));
	printf("e%d sent %s ", burst_from[number], text);
	print_hex(&sent.frame);
}

static void print_arrivals(const char *name, const struct arrivals *arrivals)
{
	char text[256];
	unsigned int i;

	for (i = 0; i < arrivals->nr; i++) {
		received_describe(arrivals->frames[i], text, sizeof(text));
		printf("    %s: %s\n", name, text);
	}
}

/* A frame without a mark may be any of the burst. */
static void report_arrivals(const char *name, const struct arrivals *got, int where)
{
	const struct frame_mark *mark = NULL;
	unsigned int number, i, twin;

	divergence("%s got\n", name);
	for (twin = 0; twin < TWINS; twin++)
		print_arrivals(twins[twin].name, &got[twin]);
	for (twin = 0; twin < TWINS && !mark; twin++)
		if (where < (int)got[twin].nr)
			mark = frame_mark(got[twin].frames[where]->frame.data,
					  got[twin].frames[where]->frame.len);
	number = mark ? ntohl(mark->seq) - burst_begin : BURST;
	for (i = 0; i < BURST; i++)
		if (number >= BURST || i == number)
			print_sent(i);
}

static void judge_burst(void)
{
	static struct arrivals got[TWINS];
	int end, where, i;

	for (end = 0; end <= PORTS; end++) {
		for (i = 0; i < TWINS; i++)
			collect(&twins[i].ends[end], &got[i]);
		where = first_difference(&got[STOCK], &got[FAST]);
		if (where >= 0)
			report_arrivals(twins[STOCK].ends[end].name, got, where);
		for (i = 0; i < TWINS; i++)
			discard(&got[i]);
	}
}

static void send_burst(void)
{
	int errors[TWINS], i, twin;

	for (i = 0; i < BURST; i++) {
		for (twin = 0; twin < TWINS; twin++)
			errors[twin] = host_send(&twins[twin].ends[burst_from[i]], &burst[i]);
		if (errors[STOCK] == errors[FAST])
			continue;
		divergence("sending gave %d in stock and %d in fast\n", errors[STOCK],
			   errors[FAST]);
		print_sent(i);
	}
	twins_barrier();
}

static void run_burst(unsigned int number)
{
	int i;

	burst_begin = number * BURST;
	for (i = 0; i < BURST; i++)
		burst_from[i] = number < GREETINGS ?
			stranger_greeting(&burst[i], burst_begin + i, changes_tpid()) :
			stranger_frame(&burst[i], burst_begin + i, changes_tpid());
	history_note("# frames #%u to #%u", burst_begin, burst_begin + BURST - 1);
	send_burst();
	judge_burst();
}

static void check_sockets(void)
{
	int twin, end;

	for (twin = 0; twin < TWINS; twin++)
		for (end = 0; end <= PORTS; end++)
			host_check_socket(&twins[twin].ends[end], twins[twin].ends[end].name);
}

/* What devices have counted differs for ever when it once has. */
static void judge_tables(bool counters)
{
	twins_settle();
	twins_compare("bridge fdb show");
	twins_compare("bridge link show");
	twins_compare("bridge vlan show");
	twins_compare("statistics vlan show");
	if (counters)
		twins_compare("ip link show");
}

static void run_episode(unsigned int seed, unsigned int episode)
{
	unsigned int i, n;

	chance_begin(seed, episode);
	history_begin(seed, episode);
	changes_begin();
	for (i = 0; i < BURSTS && !diverged(); i++) {
		for (n = i < GREETINGS ? 0 : chance(3); n; n--)
			changes_one();
		run_burst(i);
	}
	if (!diverged())
		judge_tables(!divergences);
	check_sockets();
	fast_frames += twins_counter("fast_packets");
	changes_end();
	frames += i * BURST;
	divergences += diverged();
}

int fuzz_main(int argc, char **argv)
{
	unsigned int seed, episode = 0, end;

	if (argc < 4)
		errx(2, "usage: frames fuzz SYSFS SEED FRAMES [EPISODE]");
	seed = strtoul(argv[2], NULL, 0);
	end = (strtoul(argv[3], NULL, 0) + BURSTS * BURST - 1) / (BURSTS * BURST);
	if (argc > 4) {
		episode = strtoul(argv[4], NULL, 0);
		end = episode + 1;
	}
	pin_to_cpu(0);
	twins_open(argv[1]);
	twins_talk();
	for (; episode < end && divergences < DIVERGENCES_MAX; episode++) {
		run_episode(seed, episode);
		if (episode % TALK == TALK - 1) {
			twins_talk_no_more();
			twins_talk();
		}
	}
	if (!changes_all_worked())
		divergences++;
	printf("%lu frames, seed %u, %lu %% on the fast path\n", frames, seed,
	       100 * fast_frames / frames);
	return !!divergences;
}
