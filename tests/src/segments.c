// SPDX-License-Identifier: GPL-2.0
/*
 * Segments of many flows from h1, which must reach h2 as they were sent, byte by byte and
 * in order, though they may have been one large frame on the way:
 *
 *   frames segments SEED COUNT
 *
 * h1 sends them to itself, for then they are no socket's any more, as those of a NIC. h2 sees
 * them twice: on e2, where large ones are counted, and on y2, behind a device for
 * which the kernel has cut them into segments again.
 */
#include <arpa/inet.h>
#include <err.h>
#include <linux/if_ether.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chance.h"
#include "flow.h"
#include "frames.h"
#include "host.h"

#define FLOWS 16
#define RUN_MAX 40
/* Frames on their way at most, so that no queue is full. */
#define PENDING_MAX 400
#define PATIENCE 3000
/* How much later than its turn a frame is looked for. */
#define LATE_MAX 200

struct sent {
	struct sent *next;	/* of its flow */
	unsigned int len;
	uint8_t data[];
};

static struct flow flows[FLOWS];
/* Of each flow, what has not arrived yet. */
static struct sent *pending[FLOWS], **last[FLOWS];
static struct host sender, segmented, large;
static struct frame frame;
static struct received received;
static struct { unsigned int sent, arrived, lost, reordered, damaged, large; } tally;

static void send_next(int number)
{
	struct sent *sent;

	flow_next(&flows[number], &frame);
	sent = malloc(sizeof(*sent) + frame.len);
	if (!sent)
		err(2, "no memory");
	*sent = (struct sent) { .len = frame.len };
	memcpy(sent->data, frame.data, frame.len);
	*last[number] = sent;
	last[number] = &sent->next;
	while (host_send(&sender, &frame))
		usleep(1000);
	tally.sent++;
}

/* The address of the sender ends in the number of the flow. */
static int flow_of(const struct frame *f)
{
	unsigned int ip = ETH_HLEN + (f->data[12] == 0x81 ? 4 : 0);
	unsigned int number = f->data[ip + (f->data[ip] >> 4 == 4 ? 15 : 23)];

	return number < FLOWS ? (int)number : -1;
}

static bool is(const struct sent *sent, const struct frame *f)
{
	return sent->len == f->len && !memcmp(sent->data, f->data, f->len);
}

static void forget(int number, struct sent **link)
{
	struct sent *sent = *link;

	*link = sent->next;
	if (last[number] == &sent->next)
		last[number] = link;
	free(sent);
}

static void describe_damage(int number)
{
	const struct sent *sent = pending[number];
	unsigned int i = 0;

	while (sent && i < sent->len && i < received.frame.len &&
	       sent->data[i] == received.frame.data[i])
		i++;
	fprintf(stderr, "flow %d: got %u bytes, sent %u; they differ at %u\n", number,
		received.frame.len, sent ? sent->len : 0, i);
}

static void judge(void)
{
	int number = flow_of(&received.frame);
	struct sent **link;
	unsigned int late;

	if (number < 0)
		return;
	for (link = &pending[number], late = 0; *link && late < LATE_MAX;
	     link = &(*link)->next, late++) {
		if (!is(*link, &received.frame))
			continue;
		forget(number, link);
		tally.arrived++;
		/* What is found to be damaged is handed on at once, by any GRO. */
		if (late && !flows[number].damaged)
			tally.reordered++;
		return;
	}
	if (!tally.damaged++)
		describe_damage(number);
}

static bool receive_all(int patience)
{
	struct pollfd polls[] = {
		{ .fd = segmented.fd, .events = POLLIN },
		{ .fd = large.fd, .events = POLLIN },
	};

	if (poll(polls, 2, patience) <= 0)
		return false;
	while (host_receive(&segmented, &received)) {
		if (received.tagged)
			frame_tag(&received.frame, received.tpid, received.tci);
		judge();
	}
	while (host_receive(&large, &received))
		tally.large += received.frame.vnet.gso_size != 0;
	return true;
}

/* Until at most so many are on their way; who is late then does not come any more. */
static void await(unsigned int on_their_way)
{
	int i;

	while (tally.sent - tally.arrived - tally.lost > on_their_way) {
		if (receive_all(PATIENCE))
			continue;
		for (i = 0; i < FLOWS; i++)
			for (; pending[i]; tally.lost++)
				forget(i, &pending[i]);
	}
}

static void run(unsigned int count)
{
	unsigned int left;
	int number;

	while (tally.sent < count) {
		number = chance(FLOWS);
		for (left = 1 + chance(RUN_MAX); left; left--)
			send_next(number);
		await(PENDING_MAX);
	}
	await(0);
	/* What comes twice. */
	while (receive_all(300))
		;
}

int segments_main(int argc, char **argv)
{
	int i;

	if (argc != 3)
		errx(2, "usage: frames segments SEED COUNT");
	namespace_enter("h1");
	sender.fd = host_socket_to_send("lo");
	namespace_enter("h2");
	large.fd = host_socket("e2");
	segmented.fd = host_socket("y2");
	chance_begin(strtoul(argv[1], NULL, 0), 0);
	for (i = 0; i < FLOWS; i++) {
		flow_start(&flows[i], i);
		last[i] = &pending[i];
	}
	pin_to_cpu(0);
	run(strtoul(argv[2], NULL, 0));
	host_check_socket(&large, "e2");
	host_check_socket(&segmented, "y2");
	printf("sent %u lost %u reordered %u damaged %u large %u\n", tally.sent, tally.lost,
	       tally.reordered, tally.damaged, tally.large);
	return 0;
}
