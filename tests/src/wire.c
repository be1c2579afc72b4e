// SPDX-License-Identifier: GPL-2.0
/*
 * A stream of numbered frames from one machine to another: of many sizes and kinds, each
 * wholly determined by its number and a seed, so that the receiver knows what must be in
 * it.
 *
 *   frames send DEV SOURCE DESTINATION COUNT SEED [GAP]
 *   frames receive DEV COUNT SEED [VLAN]
 *
 * GAP is in microseconds; VLAN is that in which those must come that were sent without
 * one. The receiver ends when it has all, or nothing has come for some
 * seconds after the first, and prints what became of them.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chance.h"
#include "frames.h"
#include "host.h"

/* Longest wait for the first frame, another one and what comes twice, in milliseconds. */
#define PATIENCE_FIRST 60000
#define PATIENCE 4000
#define PATIENCE_LAST 300
#define STEP 100
#define VLAN_HLEN 4
#define SEGMENT 1428
/* Of the frames that are sent with a tag. */
#define VLAN 7

/*
 * A frame is reordered if one of its flow that was sent later has come before, and overtaken
 * if one of any flow has; but the kernel hands IP to a packet socket at once, and what nobody
 * else wants at the end of a batch, so frames of these two are not compared.
 */
enum flow {
	FLOW_UDP, FLOW_TCP, FLOW_UDP6, FLOW_TCP6, FLOWS_OF_IP,
	FLOW_TAGGED = FLOWS_OF_IP, FLOW_OTHER, FLOWS
};

struct tally {
	uint32_t seed;
	uint32_t count;
	int vlan;	/* that of frames without one of their own, or -1 */
	uint32_t arrived;
	uint32_t doubled;
	uint32_t overtaken;
	uint32_t reordered;
	uint32_t damaged;
	uint32_t highest[FLOWS];
	uint8_t *seen;
};

static struct frame_spec spec_of(uint32_t seed, uint32_t number)
{
	struct frame_spec spec = { .type = ETH_P_IP, .vlan = -1 };
	uint32_t r = mix(seed, number);

	switch (r % 12) {
	case 0:
		spec.type = ETH_P_802_EX1;
		spec.size = 60 + (r >> 8) % 1455;
		break;
	case 1:
		spec.type = ETH_P_IPV6;
		/* fall through */
	case 2:
	case 3:
		spec.gso = SEGMENT;
		spec.size = 2000 + (r >> 8) % 60000;
		break;
	case 4:
		spec.size = 64 + (r >> 8) % 100;
		break;
	case 5:
		spec.vlan = VLAN;
		spec.size = 68 + (r >> 8) % 1451;
		break;
	case 6:
	case 7:
		spec.type = ETH_P_IPV6;
		spec.csum = r >> 3 & 1;
		spec.size = 84 + (r >> 8) % 1431;
		break;
	default:
		spec.csum = r >> 3 & 1;
		spec.size = 64 + (r >> 8) % 1451;
	}
	return spec;
}

static void make(struct frame *frame, struct frame_spec *spec, uint32_t seed,
		 uint32_t number)
{
	frame_make(frame, spec, seed, number);
	/* Stands where the checksum of a whole frame does not cover it. */
	if (spec->gso || spec->csum || !frame_is_ip(spec))
		frame_fill(frame, mix(seed, ~number));
}

int send_main(int argc, char **argv)
{
	struct frame *frame = calloc(1, sizeof(*frame));
	uint32_t count, seed, number;
	struct host host;
	useconds_t gap;

	if (argc < 6 || !frame)
		errx(2, "usage: frames send DEV SOURCE DESTINATION COUNT SEED [GAP]");
	host.fd = host_socket(argv[1]);
	count = strtoul(argv[4], NULL, 0);
	seed = strtoul(argv[5], NULL, 0);
	gap = argc > 6 ? strtoul(argv[6], NULL, 0) : 0;
	for (number = 1; number <= count; number++) {
		struct frame_spec spec = spec_of(seed, number);
		int error;

		if (mac_parse(argv[2], spec.src) || mac_parse(argv[3], spec.dst))
			errx(2, "bad address");
		make(frame, &spec, seed, number);
		while ((error = host_send(&host, frame)) == ENOBUFS)
			usleep(1000);
		if (error)
			errx(2, "frame %u of %u bytes: %s", number, frame->len,
			     strerror(error));
		if (gap)
			usleep(gap);
	}
	return 0;
}

/*
 * Is what has come what must have been sent? Checksums may have been left to the receiver,
 * or filled in on the way, and a large segment cut: then its first part is looked at, and
 * not the lengths in its headers. The tag has been told apart.
 */
static bool is_intact(const struct frame *got, uint32_t seed, uint32_t number)
{
	static struct frame want;
	struct frame_spec spec = spec_of(seed, number);
	size_t from = 0;

	if (spec.vlan >= 0)
		spec.size -= VLAN_HLEN;
	spec.vlan = -1;
	memcpy(spec.dst, got->data, MAC_LEN);
	memcpy(spec.src, got->data + MAC_LEN, MAC_LEN);
	make(&want, &spec, seed, number);
	if (spec.gso)
		from = frame_transport(&spec) + sizeof(struct tcphdr);
	else if (spec.csum)
		from = frame_transport(&spec) + sizeof(struct udphdr);
	if (got->len != want.len && !(spec.gso && got->len < want.len))
		return false;
	return !memcmp(got->data + from, want.data + from, got->len - from);
}

static enum flow flow_of(const struct frame_spec *spec)
{
	if (spec->vlan >= 0)
		return FLOW_TAGGED;
	if (!frame_is_ip(spec))
		return FLOW_OTHER;
	if (spec->type == ETH_P_IP)
		return spec->gso ? FLOW_TCP : FLOW_UDP;
	return spec->gso ? FLOW_TCP6 : FLOW_UDP6;
}

/* Who comes late is told, too. */
static void judge_order(struct tally *tally, const struct frame_spec *spec, uint32_t number)
{
	enum flow own = flow_of(spec), flow = own, end = own + 1;
	uint32_t highest = 0;

	if (own < FLOWS_OF_IP) {
		flow = 0;
		end = FLOWS_OF_IP;
	}
	for (; flow < end; flow++)
		if (tally->highest[flow] > highest)
			highest = tally->highest[flow];
	if (number < highest) {
		tally->overtaken++;
		tally->reordered += number < tally->highest[own];
		printf("%u after %u: type 0x%04x, %u bytes%s\n", number, highest, spec->type,
		       spec->size, spec->gso ? " to be segmented" : "");
	}
	if (number > tally->highest[own])
		tally->highest[own] = number;
}

/* Is the tag the frame's own, or, where it has none, that of @vlan? */
static bool has_right_tag(const struct received *received,
			  const struct frame_spec *spec, int vlan)
{
	if (spec->vlan >= 0)
		vlan = spec->vlan;
	return received->tagged ? vlan == received->tci : vlan < 0;
}

/* True if it was one of the stream. */
static bool judge(struct tally *tally, const struct received *received)
{
	const struct frame *frame = &received->frame;
	const struct frame_mark *mark = frame_mark(frame->data, frame->len);
	struct frame_spec spec;
	uint32_t number;

	if (!mark || ntohl(mark->stream) != tally->seed)
		return false;
	number = ntohl(mark->seq);
	spec = spec_of(tally->seed, number);
	if (number < 1 || number > tally->count) {
		tally->damaged++;
	} else if (tally->seen[number]) {
		tally->doubled++;
	} else {
		tally->seen[number] = 1;
		tally->arrived++;
		judge_order(tally, &spec, number);
		tally->damaged += !has_right_tag(received, &spec, tally->vlan) ||
				  !is_intact(frame, tally->seed, number);
	}
	return true;
}

/* Judges what comes until nothing of the stream has for so many milliseconds. */
static void judge_all(struct tally *tally, const struct host *host)
{
	struct pollfd poller = { .fd = host->fd, .events = POLLIN };
	static struct received received;
	long quiet_since = milliseconds();
	int patience = PATIENCE_FIRST;

	while (milliseconds() - quiet_since < patience) {
		poll(&poller, 1, STEP);
		while (host_receive(host, &received)) {
			if (judge(tally, &received))
				quiet_since = milliseconds();
		}
		if (tally->arrived == tally->count)
			patience = PATIENCE_LAST;
		else if (tally->arrived)
			patience = PATIENCE;
	}
}

int receive_main(int argc, char **argv)
{
	struct tally tally = { 0 };
	struct host host;

	if (argc < 4)
		errx(2, "usage: frames receive DEV COUNT SEED [VLAN]");
	host.fd = host_socket(argv[1]);
	tally.count = strtoul(argv[2], NULL, 0);
	tally.seed = strtoul(argv[3], NULL, 0);
	tally.vlan = argc > 4 ? atoi(argv[4]) : -1;
	tally.seen = calloc(tally.count + 1, 1);
	if (!tally.seen)
		err(2, "memory");
	puts("listening");
	fflush(stdout);

	judge_all(&tally, &host);
	host_check_socket(&host, argv[1]);
	printf("arrived %u overtaken %u lost %u doubled %u reordered %u damaged %u\n",
	       tally.arrived, tally.overtaken, tally.count - tally.arrived, tally.doubled,
	       tally.reordered, tally.damaged);
	return 0;
}
