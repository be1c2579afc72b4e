// SPDX-License-Identifier: GPL-2.0
/*
 * How many instructions Xen takes to carry a frame, exactly, and without an emulator: Xen's own
 * object files are run in a process, the bed, and that is traced instruction by instruction.
 *
 * step [-v] BED ABOUT EXPECTED: a line for each row of the table, which is not to be dearer than
 * EXPECTED says by more than 1 %. ABOUT says with which compiler and from which Xen the bed was
 * made; other than those EXPECTED cannot be compared with. -v: and which functions they are.
 * step -r BED ABOUT: what is to stand in EXPECTED.
 *
 * What a row is stands in xen/rows.c, and what is not counted in xen/rest.c. One is of cases that
 * are compared, see xen/pins.c. The figures are those of PV guests with grants of version 1; those
 * of others go by acquire_grant_for_copy(), and an HVM guest's by a walk through the p2m. Code is as
 * it was compiled: what Xen replaces of it when it boots is one instruction for another, but for
 * indirect calls, which are retpolines here; an event takes two.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "symbols.h"
#include "trace.h"

#define ROWS_MAX	16
#define TOLERANCE	0.01
/* Functions with a smaller part of a row's instructions are not shown. */
#define SHOWN		0.005
/* A frame of more than this is also spoken of by the byte. */
#define LARGE		9000
/* Something waits for what does not come: some seconds are usual. */
#define SECONDS_MAX	600

static struct symbols symbols;
static struct trace_count rows[ROWS_MAX];
static unsigned int nr_rows;
static bool failed;

static double per_frame(const struct trace_count *count)
{
	return (double)count->steps / count->row.frames;
}

static void say(bool good, const char *name, const char *what)
{
	printf("%sok step: %s: %s\n", good ? "" : "not ", name, what);
	failed = failed || !good;
}

static const struct trace_count *find_row(const char *name)
{
	unsigned int i;

	for (i = 0; i < nr_rows; i++)
		if (!strcmp(rows[i].row.name, name))
			return &rows[i];

	return NULL;
}

/* A row that was there before has to be the same to the instruction. */
static void take(struct trace_count *count)
{
	const struct trace_count *before = find_row(count->row.name);

	if (before) {
		if (before->steps != count->steps)
			say(false, count->row.name, "not the same each time");
		free(count->of);
		return;
	}
	if (nr_rows == ROWS_MAX) {
		say(false, count->row.name, "too many rows");
		free(count->of);
		return;
	}
	rows[nr_rows++] = *count;
}

static bool run(const char *bed)
{
	struct trace_count count;
	struct trace trace;

	if (!symbols_read(&symbols, bed)) {
		say(false, "bed", "nm does not read it");
		return false;
	}
	if (trace_begin(&trace, &symbols, bed))
		while (trace_next(&trace, &count))
			take(&count);
	if (*trace.why)
		say(false, "bed", trace.why);

	return !*trace.why;
}

/* The line of a file that begins with a word, without it. */
static bool find_line(const char *file, const char *word, char *line, size_t size)
{
	size_t len = strlen(word);
	bool found = false;
	FILE *f = fopen(file, "r");

	while (f && !found && fgets(line, size, f)) {
		line[strcspn(line, "\n")] = 0;
		found = !strncmp(line, word, len) && line[len] == ' ';
	}
	if (f)
		fclose(f);
	if (found)
		memmove(line, line + len + 1, strlen(line + len + 1) + 1);

	return found;
}

/* What it takes: a frame, and a byte of a large one. */
static int describe(const struct trace_count *count, char *text, size_t size)
{
	double bytes = count->row.bytes, of_a_byte = count->steps / bytes;
	int len = snprintf(text, size, "%.1f instructions %s", per_frame(count),
			   count->row.bytes ? "a frame" : "an event");

	if (bytes / count->row.frames > LARGE)
		len += snprintf(text + len, size - len, ", %.3f a byte", of_a_byte);

	return len;
}

/* What is known beforehand is so to the instruction. */
static void check_known(const struct trace_count *count)
{
	char text[64];

	snprintf(text, sizeof(text), "%" PRIu64 " instructions of %u", count->steps,
		 count->row.known);
	say(count->steps == count->row.known, count->row.name, text);
}

/* What is not as it has to be the bed has said by now. */
static void check_cases(const struct trace_count *count)
{
	char text[64];

	snprintf(text, sizeof(text), "%u cases", count->row.cases);
	say(true, count->row.name, text);
}

/* What is to be no dearer than what was counted just before. */
static void check_above(const struct trace_count *count, const struct trace_count *before)
{
	char text[64];

	snprintf(text, sizeof(text), "%" PRId64 " instructions more",
		 (int64_t)(count->steps - before->steps));
	say(count->steps <= before->steps + count->row.above, count->row.name, text);
}

/* Without a file to compare with it is just said. */
static void check_row(const struct trace_count *count, const char *file)
{
	char word[sizeof(count->row.name) + 1], line[64], text[256];
	int len = describe(count, text, sizeof(text));
	double expected, more;

	if (!file) {
		printf("# %s: %s\n", count->row.name, text);
		return;
	}
	snprintf(word, sizeof(word), "%s:", count->row.name);
	if (!find_line(file, word, line, sizeof(line)) || sscanf(line, "%lf", &expected) != 1) {
		snprintf(text + len, sizeof(text) - len, ", and none are recorded");
		say(false, count->row.name, text);
		return;
	}
	more = per_frame(count) / expected - 1;
	if (more > TOLERANCE)
		snprintf(text + len, sizeof(text) - len, ", %.1f %% more than recorded",
			 100 * more);
	else if (more < -TOLERANCE)
		snprintf(text + len, sizeof(text) - len,
			 ", %.1f %% less than recorded: make step-record", -100 * more);
	say(more <= TOLERANCE, count->row.name, text);
}

static unsigned int most(const struct trace_count *count)
{
	unsigned int i, found = 0;

	for (i = 1; i < symbols.count; i++)
		if (count->of[i] > count->of[found])
			found = i;

	return found;
}

/* Which functions take the instructions of a row, those that take most first. They are used up. */
static void attribute(const struct trace_count *count)
{
	unsigned int i = most(count);

	while (count->of[i] > SHOWN * count->steps) {
		printf("# %9.1f  %s\n", (double)count->of[i] / count->row.frames,
		       symbols.symbol[i].name);
		count->of[i] = 0;
		i = most(count);
	}
	printf("# %9.1f  as a processor counts them\n#\n",
	       (double)(count->steps - count->repeats) / count->row.frames);
}

/* It is by the compiler and by Xen that figures can be compared. */
static bool same_origin(const char *about, const char *expected, const char *word)
{
	char made[256] = "", recorded[256] = "", text[600];

	if (find_line(about, word, made, sizeof(made)) &&
	    find_line(expected, word, recorded, sizeof(recorded)) && !strcmp(made, recorded))
		return true;
	snprintf(text, sizeof(text), "%s, and the figures are for %s: make step-record", made,
		 recorded);
	say(false, word, text);

	return false;
}

/* What was counted once still is. */
static void check_all_there(const char *file)
{
	char line[256], *end;
	FILE *f = fopen(file, "r");

	while (f && fgets(line, sizeof(line), f)) {
		end = strstr(line, ": ");
		if (*line == '#' || !end)
			continue;
		*end = 0;
		if (!find_row(line))
			say(false, line, "recorded, and not counted any more");
	}
	if (f)
		fclose(f);
}

static void compare(const char *about, const char *expected, bool verbose)
{
	bool comparable = same_origin(about, expected, "compiler");
	unsigned int i;

	comparable = same_origin(about, expected, "xen") && comparable;
	for (i = 0; i < nr_rows; i++) {
		if (rows[i].row.cases) {
			check_cases(&rows[i]);
			continue;
		}
		if (rows[i].row.known)
			check_known(&rows[i]);
		else
			check_row(&rows[i], comparable ? expected : NULL);
		if (i && rows[i].row.above)
			check_above(&rows[i], &rows[i - 1]);
		if (verbose)
			attribute(&rows[i]);
	}
	check_all_there(expected);
}

static void record(const char *about)
{
	char line[256];
	unsigned int i;

	if (find_line(about, "compiler", line, sizeof(line)))
		printf("compiler %s\n", line);
	if (find_line(about, "xen", line, sizeof(line)))
		printf("xen %s\n", line);
	for (i = 0; i < nr_rows; i++) {
		const struct trace_count *count = &rows[i];

		if (count->row.known && count->steps != count->row.known)
			check_known(count);
		else if (!count->row.known && !count->row.cases)
			printf("%s: %.1f\n", count->row.name, per_frame(count));
	}
}

int main(int argc, char **argv)
{
	bool verbose = argc > 1 && !strcmp(argv[1], "-v");
	bool recording = argc > 1 && !strcmp(argv[1], "-r");

	argv += verbose || recording;
	argc -= verbose || recording;
	if (argc != (recording ? 3 : 4)) {
		fprintf(stderr, "usage: step [-v] BED ABOUT EXPECTED, or step -r BED ABOUT\n");
		return 1;
	}
	alarm(SECONDS_MAX);
	if (!run(argv[1]))
		return 1;
	if (recording)
		record(argv[2]);
	else
		compare(argv[2], argv[3], verbose);

	return failed;
}
