// SPDX-License-Identifier: GPL-2.0
/* frames: sends and receives the frames of the tests, and what else must be quick. */
#define _GNU_SOURCE
#include <err.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "frames.h"

static const struct command {
	const char *name;
	int (*main)(int argc, char **argv);
} commands[] = {
	{ "exchange", exchange_main },
	{ "soak", soak_main },
	{ "flood", flood_main },
	{ "reload", reload_main },
	{ "toggle", toggle_main },
	{ "features", features_main },
	{ "send", send_main },
	{ "receive", receive_main },
	{ "fuzz", fuzz_main },
	{ "segments", segments_main },
	{ "mst", mst_main },
	{ "announce", announce_main },
	{ "hold", hold_main },
	{ "lend", lend_main },
	{ "mark", mark_main },
};

/*
 * A sender that changes the CPU may overtake itself, with the stock bridge as
 * well: what it sent from the first may still be in that CPU's backlog.
 */
void pin_to_cpu(int number)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(number % sysconf(_SC_NPROCESSORS_ONLN), &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		err(2, "sched_setaffinity");
}

long milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int main(int argc, char **argv)
{
	unsigned int i;

	for (i = 0; argc > 1 && i < sizeof(commands) / sizeof(*commands); i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].main(argc - 1, argv + 1);
	errx(2, "usage: frames exchange|soak|flood|reload|toggle|send|receive|fuzz|"
	     "segments|mst|announce|hold|lend [ARGUMENT...]");
}
