// SPDX-License-Identifier: GPL-2.0
/*
 * Streams of numbered frames between hosts, each from a CPU of its own, until
 * SIGTERM comes; then what was lost, doubled or overtaken on the way.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "frames.h"
#include "host.h"

#define STREAMS_MAX 8
#define FRAMES_MAX (1u << 24)
/* Microseconds between two frames: the emulated CPUs have other work to do too. */
#define GAP 4000

struct stream {
	int from;
	int to;
	pthread_t thread;
	uint32_t sent;
	uint32_t arrived;
	uint32_t highest;
	uint32_t doubled;
	uint32_t reordered;
	uint32_t astray;	/* seen by another host than the right one */
	uint8_t seen[FRAMES_MAX / 8];
};

static struct stream *streams;
static int nr_streams;
static volatile sig_atomic_t stopped;
static struct received received;

static void stop(int number)
{
	(void)number;
	stopped = 1;
}

/* Only what the host did not take is not counted as sent. */
static void *send_stream(void *arg)
{
	struct stream *stream = arg;
	struct frame_spec spec = { .type = ETH_P_802_EX1, .vlan = -1, .size = 100 };
	struct frame *frame = malloc(sizeof(*frame));

	mac_parse(hosts[stream->from].name, spec.src);
	mac_parse(hosts[stream->to].name, spec.dst);
	pin_to_cpu(stream - streams);
	frame_make(frame, &spec, stream - streams + 1, 0);
	while (!stopped && stream->sent + 1 < FRAMES_MAX) {
		frame_renumber(frame, stream->sent + 1);
		if (!host_send(&hosts[stream->from], frame))
			stream->sent++;
		usleep(GAP);
	}
	free(frame);
	return NULL;
}

static void judge(int host)
{
	const struct frame_mark *mark =
		frame_mark(received.frame.data, received.frame.len);
	uint32_t number, seq;
	struct stream *stream;

	if (!mark || !mark->stream || ntohl(mark->stream) > (uint32_t)nr_streams)
		return;
	stream = &streams[ntohl(mark->stream) - 1];
	seq = ntohl(mark->seq);
	number = seq % FRAMES_MAX;
	if (host != stream->to) {
		stream->astray++;
	} else if (stream->seen[number / 8] & 1 << number % 8) {
		stream->doubled++;
	} else {
		stream->seen[number / 8] |= 1 << number % 8;
		stream->arrived++;
		if (seq < stream->highest)
			stream->reordered++;
		else
			stream->highest = seq;
	}
}

static bool receive_for(int milliseconds)
{
	struct pollfd polls[HOSTS];
	int i;

	if (!hosts_wait(polls, milliseconds))
		return false;
	for (i = 0; i < HOSTS; i++)
		while (host_receive(&hosts[i], &received))
			judge(i);
	return true;
}

static void check_sockets(void)
{
	int i;

	for (i = 0; i < HOSTS; i++)
		host_check_socket(&hosts[i], hosts[i].name);
}

static void print_verdict(const struct stream *s)
{
	printf("%s %s sent %u lost %u doubled %u reordered %u astray %u\n",
	       hosts[s->from].name, hosts[s->to].name, s->sent,
	       s->sent - s->arrived, s->doubled, s->reordered, s->astray);
}

/* soak FROM TO [FROM TO]... */
int soak_main(int argc, char **argv)
{
	int i;

	hosts_open();
	nr_streams = (argc - 1) / 2;
	if (nr_streams < 1 || nr_streams > STREAMS_MAX)
		errx(2, "from one to %d streams", STREAMS_MAX);
	streams = calloc(nr_streams, sizeof(*streams));
	if (!streams)
		err(2, "streams");
	signal(SIGTERM, stop);
	for (i = 0; i < nr_streams; i++) {
		streams[i].from = host_number(argv[1 + 2 * i]);
		streams[i].to = host_number(argv[2 + 2 * i]);
		pthread_create(&streams[i].thread, NULL, send_stream, &streams[i]);
	}

	while (!stopped)
		receive_for(100);
	for (i = 0; i < nr_streams; i++)
		pthread_join(streams[i].thread, NULL);
	while (receive_for(300))
		;
	check_sockets();
	for (i = 0; i < nr_streams; i++)
		print_verdict(&streams[i]);
	return 0;
}
