// SPDX-License-Identifier: GPL-2.0
/*
 * A stream of numbered frames from one machine to another: of many sizes and kinds, each
 * wholly determined by its number and a seed, so that the receiver knows what must be in
 * it.
 *
 *   frames send DEV SOURCE DESTINATION COUNT SEED [GAP]
 *   frames receive DEV COUNT SEED
 *
 * GAP is in microseconds. The receiver ends when it has all, or nothing has come for some
 * seconds after the first, and prints what became of them.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "frames.h"
#include "host.h"

/* Longest wait for the first frame and for another one, in milliseconds. */
#define PATIENCE_FIRST 60000
#define PATIENCE 4000
#define SEGMENT 1448

/*
 * The order is that of frames of a kind: the kernel hands IP to a packet socket at once, and
 * what nobody else wants at the end of a batch.
 */
struct tally {
	uint32_t arrived;
	uint32_t doubled;
	uint32_t reordered;
	uint32_t damaged;
	uint32_t highest[2];
	uint8_t *seen;
};

/* Any good mixer will do; this is the finaliser of MurmurHash3. */
static uint32_t mix(uint32_t seed, uint32_t number)
{
	uint32_t x = seed * 0x9e3779b9u + number;

	x = (x ^ x >> 16) * 0x85ebca6bu;
	x = (x ^ x >> 13) * 0xc2b2ae35u;
	return x ^ x >> 16;
}

static struct frame_spec spec_of(uint32_t seed, uint32_t number)
{
	struct frame_spec spec = { .type = ETH_P_IP, .vlan = -1 };
	uint32_t r = mix(seed, number);

	switch (r % 8) {
	case 0:
		spec.type = ETH_P_802_EX1;
		spec.size = 60 + (r >> 8) % 1455;
		break;
	case 1:
	case 2:
		spec.gso = SEGMENT;
		spec.size = 2000 + (r >> 8) % 60000;
		break;
	case 3:
		spec.size = 64 + (r >> 8) % 100;
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
	if (spec->gso || spec->csum || spec->type != ETH_P_IP)
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
 * not the lengths in its headers.
 */
static bool is_intact(const struct frame *got, uint32_t seed, uint32_t number)
{
	static struct frame want;
	struct frame_spec spec = spec_of(seed, number);
	size_t from = 0;

	memcpy(spec.dst, got->data, MAC_LEN);
	memcpy(spec.src, got->data + MAC_LEN, MAC_LEN);
	make(&want, &spec, seed, number);
	if (spec.gso)
		from = ETH_HLEN + sizeof(struct iphdr) + sizeof(struct tcphdr);
	else if (spec.csum)
		from = ETH_HLEN + sizeof(struct iphdr) + 8;
	if (got->len != want.len && !(spec.gso && got->len < want.len))
		return false;
	return !memcmp(got->data + from, want.data + from, got->len - from);
}

static void judge(struct tally *tally, const struct frame *frame, uint32_t seed,
		  uint32_t count)
{
	const struct frame_mark *mark = frame_mark(frame->data, frame->len);
	uint32_t number, *highest;

	if (!mark || ntohl(mark->stream) != seed)
		return;
	number = ntohl(mark->seq);
	highest = &tally->highest[spec_of(seed, number).type == ETH_P_IP];
	if (number < 1 || number > count) {
		tally->damaged++;
	} else if (tally->seen[number]) {
		tally->doubled++;
	} else {
		tally->seen[number] = 1;
		tally->arrived++;
		tally->reordered += number < *highest;
		tally->damaged += !is_intact(frame, seed, number);
		if (number > *highest)
			*highest = number;
	}
}

int receive_main(int argc, char **argv)
{
	static struct received received;
	struct tally tally = { 0 };
	uint32_t count, seed;
	struct pollfd poller;
	struct host host;

	if (argc < 4)
		errx(2, "usage: frames receive DEV COUNT SEED");
	host.fd = host_socket(argv[1]);
	count = strtoul(argv[2], NULL, 0);
	seed = strtoul(argv[3], NULL, 0);
	tally.seen = calloc(count + 1, 1);
	if (!tally.seen)
		err(2, "memory");
	puts("listening");
	fflush(stdout);

	poller = (struct pollfd) { .fd = host.fd, .events = POLLIN };
	while (tally.arrived < count &&
	       poll(&poller, 1, tally.arrived ? PATIENCE : PATIENCE_FIRST) > 0)
		while (host_receive(&host, &received))
			judge(&tally, &received.frame, seed, count);
	/* Whatever comes twice comes now. */
	while (poll(&poller, 1, 300) > 0)
		while (host_receive(&host, &received))
			judge(&tally, &received.frame, seed, count);
	host_check_socket(&host, argv[1]);
	printf("arrived %u lost %u doubled %u reordered %u damaged %u\n",
	       tally.arrived, count - tally.arrived, tally.doubled,
	       tally.reordered, tally.damaged);
	return 0;
}
