// SPDX-License-Identifier: GPL-2.0
/* top: what each vif does, and what that costs, as it happens. */
#include <curses.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "json.h"
#include "options.h"
#include "sample.h"

#define HEADING "VIF        GUEST          TX/s     RX/s  TXMb/s  RXMb/s DROP/s FAST% NTF/p GNT/p"

static uint64_t traffic(const struct vif_sample *vif)
{
	return vif->counts[COUNT_SENT] + vif->counts[COUNT_RECEIVED];
}

/* The busiest first, else by their age. */
static int compare(const void *a, const void *b)
{
	const struct vif_sample *first = a, *second = b;

	if (traffic(first) != traffic(second))
		return traffic(first) < traffic(second) ? 1 : -1;
	return first->index - second->index;
}

/* For each frame that came or went; what has not moved has cost nothing. */
static double per_frame(const struct vif_sample *vif, enum count count)
{
	return traffic(vif) ? (double)vif->counts[count] / traffic(vif) : 0;
}

static double fast_share(const struct vif_sample *vif)
{
	const uint64_t sent = vif->counts[COUNT_SENT], fast = vif->counts[COUNT_FAST];

	return !sent ? 0 : fast < sent ? 100.0 * fast / sent : 100;
}

static double busy_share(const struct sample *added)
{
	return added->all ? 100.0 * added->busy / added->all : 0;
}

static char *summary(const struct sample *added)
{
	return text("fastnet top: dom0 uses %.1f %% of its %ld CPUs, %zu vifs, over %.1f s",
		    busy_share(added), sysconf(_SC_NPROCESSORS_ONLN), added->count,
		    added->seconds);
}

static char *line(const struct sample *added, const struct vif_sample *vif)
{
	const double s = added->seconds;
	const uint64_t *counts = vif->counts;
	char *said;

	said = text("%-10.10s %-10.10s %8.0f %8.0f %7.1f %7.1f %6.0f %5.1f %5.2f %5.2f",
		    vif->name, vif->guest, counts[COUNT_SENT] / s, counts[COUNT_RECEIVED] / s,
		    counts[COUNT_SENT_BYTES] / s * 8e-6, counts[COUNT_RECEIVED_BYTES] / s * 8e-6,
		    counts[COUNT_DROPPED] / s, fast_share(vif),
		    per_frame(vif, COUNT_NOTIFICATIONS), per_frame(vif, COUNT_GRANTS));
	harmless(said);
	return said;
}

static void print_text(const struct sample *added)
{
	char *said = summary(added);
	size_t i;

	puts(said);
	free(said);
	puts(HEADING);
	for (i = 0; i < added->count; i++) {
		said = line(added, &added->vifs[i]);
		puts(said);
		free(said);
	}
	putchar('\n');
}

static void print_vif(const struct sample *added, const struct vif_sample *vif)
{
	const double s = added->seconds;

	json_map(NULL);
	json_string("vif", vif->name);
	json_string("guest", vif->guest);
	json_real("tx_packets_per_s", vif->counts[COUNT_SENT] / s);
	json_real("rx_packets_per_s", vif->counts[COUNT_RECEIVED] / s);
	json_real("tx_bits_per_s", vif->counts[COUNT_SENT_BYTES] / s * 8);
	json_real("rx_bits_per_s", vif->counts[COUNT_RECEIVED_BYTES] / s * 8);
	json_real("drops_per_s", vif->counts[COUNT_DROPPED] / s);
	json_real("fast_percent", fast_share(vif));
	json_real("notifications_per_packet", per_frame(vif, COUNT_NOTIFICATIONS));
	json_real("grant_operations_per_packet", per_frame(vif, COUNT_GRANTS));
	json_map_end();
}

static void print_json(const struct sample *added, bool pretty)
{
	size_t i;

	json_start(pretty);
	json_map(NULL);
	json_real("seconds", added->seconds);
	json_real("dom0_cpu_percent", busy_share(added));
	json_list("vifs");
	for (i = 0; i < added->count; i++)
		print_vif(added, &added->vifs[i]);
	json_list_end();
	json_map_end();
	json_end();
}

/* What does not fit on the screen is below its end; the busiest are above. */
static void draw(const struct sample *added)
{
	char *said = summary(added);
	size_t i;

	erase();
	mvaddnstr(0, 0, said, COLS);
	free(said);
	attron(A_REVERSE);
	mvaddnstr(2, 0, HEADING, COLS);
	attroff(A_REVERSE);
	for (i = 0; i < added->count && (int)i + 3 < LINES; i++) {
		said = line(added, &added->vifs[i]);
		mvaddnstr(3 + i, 0, said, COLS);
		free(said);
	}
	refresh();
}

/*
 * Until it is time, or somebody has had enough or, with the terminal, has gone: then there is
 * something to read that cannot be read.
 */
static bool wait_on_screen(double seconds)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	double end, left;
	bool ready;
	int key;

	timeout(0);
	end = clock_seconds() + seconds;
	for (left = seconds; left > 0; left = end - clock_seconds()) {
		ready = poll(&input, 1, left * 1000 + 1) > 0;
		key = getch();
		if (key == 'q' || key == 'Q' || (ready && key == ERR))
			return false;
	}
	return true;
}

static bool wait_for(const struct options *options, double seconds)
{
	struct timespec time = { .tv_sec = seconds };

	if (!options->batch)
		return wait_on_screen(seconds);
	time.tv_nsec = (seconds - time.tv_sec) * 1e9;
	nanosleep(&time, NULL);
	return true;
}

static void show(const struct options *options, struct sample *added)
{
	qsort(added->vifs, added->count, sizeof(*added->vifs), compare);
	if (!options->batch)
		draw(added);
	else if (options->json)
		print_json(added, options->pretty);
	else
		print_text(added);
	fflush(stdout);
}

/* Takes the place of the sample before; what is shown is what has been added. */
static enum result round_of(const struct options *options, struct sample *before)
{
	struct sample now, added;
	enum result result = sample_take(&now);

	if (result)
		return result;
	added = now;
	added.vifs = memory(NULL, (now.count + 1) * sizeof(*added.vifs));
	if (now.count)
		memcpy(added.vifs, now.vifs, now.count * sizeof(*added.vifs));
	sample_subtract(&added, before);
	show(options, &added);
	sample_free(&added);
	sample_free(before);
	*before = now;
	/* main() says what is wrong. */
	return ferror(stdout) ? WRONG : DONE;
}

static enum result rounds(const struct options *options)
{
	const double seconds = options->seconds ?: 3;
	struct sample before;
	enum result result = sample_take(&before);
	long round;

	if (result)
		return result;
	for (round = 0; !options->rounds || round < options->rounds; round++) {
		if (!wait_for(options, seconds))
			break;
		result = round_of(options, &before);
		if (result)
			break;
	}
	sample_free(&before);
	return result;
}

/**
 * top_command - fastnet top
 * @options: the command line
 *
 * Return: DONE, or what to end with.
 */
enum result top_command(const struct options *options)
{
	enum result result = say_if_more(options->words[0]);

	if (result)
		return result;
	if (options->batch)
		return rounds(options);
	if (options->json)
		return say(WRONG, "-j wants -b");
	if (!isatty(STDOUT_FILENO))
		return say(WRONG, "standard output is no terminal; see -b");
	if (!isatty(STDIN_FILENO))
		return say(WRONG, "standard input is no terminal; see -b");
	if (!initscr())
		return say(WRONG, "the terminal cannot be used; see -b");
	cbreak();
	noecho();
	curs_set(0);
	result = rounds(options);
	endwin();
	return result;
}
