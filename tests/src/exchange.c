// SPDX-License-Identifier: GPL-2.0
/*
 * Sends the frames that standard input lists, one kind a line, and prints every
 * frame that any host receives, host by host in the order of arrival.
 */
#include <arpa/inet.h>
#include <err.h>
#include <linux/if_ether.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frames.h"
#include "host.h"

#define LINES_MAX 65536

static struct frame frame;
static struct received received;
static char *arrivals[HOSTS][LINES_MAX];
static unsigned int nr_arrivals[HOSTS];

/* One word KEY=VALUE, csum or options. */
static void parse_word(const char *word, struct frame_spec *spec,
		       unsigned int *count)
{
	const char *value = strchr(word, '=');

	value = value ? value + 1 : "";
	if (!strcmp(word, "csum"))
		spec->csum = true;
	else if (!strcmp(word, "options"))
		spec->options = true;
	else if (!strncmp(word, "src=", 4) && !mac_parse(value, spec->src))
		return;
	else if (!strncmp(word, "type=", 5))
		spec->type = strtoul(value, NULL, 16);
	else if (!strncmp(word, "vlan=", 5))
		spec->vlan = strtoul(value, NULL, 0);
	else if (!strncmp(word, "tpid=", 5))
		spec->tpid = strtoul(value, NULL, 16);
	else if (!strncmp(word, "size=", 5))
		spec->size = atoi(value);
	else if (!strncmp(word, "gso=", 4))
		spec->gso = atoi(value);
	else if (!strncmp(word, "count=", 6))
		*count = atoi(value);
	else if (!strncmp(word, "hex=", 4))
		spec->hex = value;
	else if (!strncmp(word, "sum=", 4))
		spec->sum = value;
	else
		errx(2, "cannot read '%s'", word);
}

/* "FROM > TO [WORD...]": the source is FROM's address if src= does not tell. */
static int parse_line(char *line, struct frame_spec *spec, unsigned int *count)
{
	char *from = strtok(line, " \t\n");
	char *arrow = strtok(NULL, " \t\n");
	char *to = strtok(NULL, " \t\n");
	char *word;

	*spec = (struct frame_spec) { .type = ETH_P_IP, .vlan = -1, .size = 100 };
	*count = 1;
	if (!to || strcmp(arrow, ">") || mac_parse(from, spec->src) ||
	    mac_parse(to, spec->dst))
		errx(2, "cannot read the line of '%s'", from ? from : "");
	while ((word = strtok(NULL, " \t\n")))
		parse_word(word, spec, count);
	return host_number(from);
}

/* Streams that run meanwhile have numbers above 0: false. */
static bool note_arrival(int host)
{
	const struct frame_mark *mark =
		frame_mark(received.frame.data, received.frame.len);
	char text[256];

	if (mark && mark->stream)
		return false;
	if (nr_arrivals[host] == LINES_MAX)
		errx(2, "too many frames");
	received_describe(&received, text, sizeof(text));
	arrivals[host][nr_arrivals[host]++] = strdup(text);
	return true;
}

static void collect(int quiet)
{
	long end = milliseconds() + quiet;
	struct pollfd polls[HOSTS];
	int i;

	while (milliseconds() < end) {
		hosts_wait(polls, quiet);
		for (i = 0; i < HOSTS; i++)
			while (host_receive(&hosts[i], &received))
				if (note_arrival(i))
					end = milliseconds() + quiet;
	}
}

static void send_line(char *line, uint32_t *seq)
{
	struct frame_spec spec;
	unsigned int count;
	int from = parse_line(line, &spec, &count);
	int error;

	while (count--) {
		frame_make(&frame, &spec, 0, ++*seq);
		error = host_send(&hosts[from], &frame);
		if (error)
			printf("%s cannot send #%u: %s\n", hosts[from].name,
			       *seq, strerror(error));
	}
}

static void print_arrivals(void)
{
	unsigned int i, n;

	for (i = 0; i < HOSTS; i++)
		for (n = 0; n < nr_arrivals[i]; n++)
			printf("%s %s\n", hosts[i].name, arrivals[i][n]);
}

/* exchange [MILLISECONDS]: how long it must be quiet for all to have arrived */
int exchange_main(int argc, char **argv)
{
	int quiet = argc > 1 ? atoi(argv[1]) : 60;
	static char line[2 * FRAME_MAX + 256];
	uint32_t seq = 0;

	hosts_open();
	pin_to_cpu(0);
	while (fgets(line, sizeof(line), stdin))
		send_line(line, &seq);
	collect(quiet);
	print_arrivals();
	return 0;
}
