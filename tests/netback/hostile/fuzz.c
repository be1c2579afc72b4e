// SPDX-License-Identifier: GPL-2.0
/*
 * Random requests, most of them of honest frames of all sizes, cut up at random; what
 * must become of each is known beforehand.
 */
#include <linux/jiffies.h>
#include <linux/sched/signal.h>

#include "hostile.h"

#define MAX_FRAME_SLOTS 22
/* Milliseconds in which a disabled vif must not have answered. */
#define DISABLED_WAIT 1500

static unsigned int target;

static u32 below(struct front *f, u32 limit)
{
	return prandom_u32_state(&f->random) % limit;
}

static u32 between(struct front *f, u32 first, u32 last)
{
	return first + below(f, last - first + 1);
}

static unsigned int random_len(struct front *f)
{
	switch (below(f, 8)) {
	case 0:
		return between(f, ETH_HLEN, 60);
	case 1:
	case 2:
		return between(f, 1515, 9000);
	case 3:
		return between(f, 9000, U16_MAX);
	default:
		return between(f, 60, 1514);
	}
}

/*
 * Cuts LEN bytes into slots: first what must be, so that each holds no more than a page
 * and the first an Ethernet header, then more at random. Returns how many there are.
 */
static unsigned int cut(struct front *f, u16 *sizes, unsigned int len)
{
	const unsigned int room = XEN_PAGE_SIZE - f->frame.offset;
	unsigned int slots = 0, least;
	unsigned int wanted = between(f, 1, 18);

	while (len) {
		least = DIV_ROUND_UP(len, room);
		if (slots + least >= wanted || len <= ETH_HLEN)
			sizes[slots] = min(len, room);
		else
			sizes[slots] = between(f, min(len, (u32)ETH_HLEN), min(len, room));
		len -= sizes[slots++];
	}
	return slots;
}

/* Its headers are those of a frame of this length, as far as there is room for them. */
static void random_frame(struct front *f, unsigned int len)
{
	if (len > 100 && !below(f, 3))
		frame_tcp(f, len, len > 1514 ? between(f, 500, 1448) : 0);
	else
		frame_udp(f, max(len, 60U));
	f->frame.len = len;
	if (len >= 60 && below(f, 2))
		f->frame.flags |= XEN_NETTXF_csum_blank | XEN_NETTXF_data_validated;
	f->frame.offset = below(f, 4) ? 0 : below(f, 200);
	f->frame.head[5] = below(f, 8) ? 2 : between(f, 3, 4);
}

static void foresee(struct front *f, unsigned int slots, enum foreseen foreseen)
{
	unsigned int i;

	for (i = 0; i < slots; i++)
		f->tx_foreseen[f->slot[i]->id] = foreseen;
}

static void send_good(struct front *f)
{
	u16 sizes[MAX_FRAME_SLOTS];
	unsigned int slots;

	random_frame(f, random_len(f));
	slots = cut(f, sizes, f->frame.len);
	frame_send(f, sizes, slots);
	foresee(f, slots, OKAY);
}

/* Each of them must be refused, with an error for each of its slots. */
static void send_refused(struct front *f)
{
	unsigned int slots = between(f, 1, 6);

	random_frame(f, 1000);
	f->frame.gso = false;
	f->frame.offset = 0;
	switch (below(f, 4)) {
	case 0:
		frame_send_evenly(f, below(f, ETH_HLEN), slots, 100);
		break;
	case 1:
		slots = between(f, 20, 21);
		frame_send_evenly(f, 100, slots, 50);
		break;
	case 2:
		slots++;
		frame_send_evenly(f, 100, slots, 100);
		f->slot[0]->size = below(f, 100);
		break;
	default:
		slots = 1;
		frame_send_evenly(f, 1000, slots, 0);
		f->slot[0]->gref = GREF_WILD + below(f, 100);
		break;
	}
	foresee(f, slots, ERROR);
}

/* Senseless, but no harm to the back end: taken, and dropped by whoever sees it. */
static void send_odd(struct front *f)
{
	unsigned int slots = between(f, 1, 17);

	random_frame(f, 1000);
	f->frame.gso = below(f, 2);
	f->frame.gso_size = between(f, 1, 2000);
	f->frame.flags = below(f, 2) ? XEN_NETTXF_csum_blank : 0;
	/* Not the addresses: with another's, the bridge sends us what is that one's. */
	f->frame.head[between(f, 12, 59)] = below(f, 256);
	frame_send_evenly(f, between(f, ETH_HLEN, 300), slots, below(f, 2) * 50);
	foresee(f, slots, OKAY);
}

/* The vif must be disabled for each of these. */
static unsigned int send_fatal(struct front *f)
{
	unsigned int slots = 1;

	random_frame(f, 1000);
	f->frame.gso = false;
	f->frame.offset = 0;
	switch (below(f, 5)) {
	case 0:
		slots = 22;
		frame_send_evenly(f, 100, slots, 40);
		break;
	case 1:
		frame_send_evenly(f, 1000, slots, 0);
		f->slot[0]->offset = between(f, XEN_PAGE_SIZE - 999, U16_MAX);
		break;
	case 2:
		frame_send_evenly(f, 1000, slots, 0);
		f->slot[0]->flags |= XEN_NETTXF_more_data;
		break;
	case 3:
		frame_send_evenly(f, 1000, slots, 0);
		f->slot[0]->flags |= XEN_NETTXF_extra_info;
		break;
	default:
		f->frame.gso = true;
		f->frame.gso_size = 1000;
		f->frame.gso_type = between(f, 3, 255);
		frame_send_evenly(f, 1000, slots, 0);
		return 2;
	}
	return slots;
}

/* Nothing may come back. */
static void be_disabled(struct front *f)
{
	unsigned int asked;

	settle(f);
	asked = send_fatal(f);
	f->fuzz_sent += asked;
	push(f);
	settle_for(f, DISABLED_WAIT);
	if (unanswered(f) != asked)
		f->tally.unforeseen++;
	f->tally.lost = 0;
	f->fuzz_fatal++;
}

static void send_one(struct front *f)
{
	const RING_IDX before = f->tx.req_prod_pvt;
	const u32 kind = below(f, 100);

	if (kind < 85)
		send_good(f);
	else if (kind < 93)
		send_refused(f);
	else
		send_odd(f);
	f->fuzz_sent += f->tx.req_prod_pvt - before;
	f->fuzz_frames++;
}

static bool room(struct front *f)
{
	return TX_SLOTS - unanswered(f) >= MAX_FRAME_SLOTS + 1;
}

/* One batch; all that is out is waited for after some of them. */
static void send_batch(struct front *f)
{
	unsigned int frames = between(f, 1, 40);

	while (frames-- && room(f))
		send_one(f);
	push(f);
	poll_all(f);
	if (!room(f) || !below(f, 4))
		settle(f);
}

/* Until all is sent, or the vif is disabled; "fuzz-on" goes on from there. */
int fuzz_go_on(struct front *f, const char *arguments)
{
	const struct tally before = f->tally;

	if (!f->open)
		return -ENOTCONN;
	tally_clear(f);
	f->tally.unforeseen = before.unforeseen;
	f->tally.unknown = before.unknown;
	while (f->fuzz_sent < target && !fatal_signal_pending(current)) {
		if (!below(f, 150)) {
			be_disabled(f);
			return 0;
		}
		send_batch(f);
		if (f->tally.unforeseen || f->tally.unknown)
			break;
	}
	settle(f);
	return 0;
}

/* "fuzz SEED COUNT" */
int fuzz_start(struct front *f, const char *arguments)
{
	unsigned int seed;

	if (sscanf(arguments, "%u %u", &seed, &target) != 2)
		return -EINVAL;
	tally_clear(f);
	prandom_seed_state(&f->random, seed);
	f->fuzz_sent = 0;
	f->fuzz_fatal = 0;
	f->fuzz_frames = 0;
	return fuzz_go_on(f, "");
}
