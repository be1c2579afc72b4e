// SPDX-License-Identifier: GPL-2.0
/* Two network namespaces, alike but for fastbridge: what is done to both. */
#define _GNU_SOURCE
#include <err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "frames.h"
#include "history.h"
#include "twins.h"

#define LINE_LEN 512
#define LINES_MAX 1024
/* How long devices may take to say that their link has changed: 50 times as many ms. */
#define PATIENCE 100

struct twin twins[TWINS] = { { .name = "stock" }, { .name = "fast" } };

static const char *sysfs;
static struct host barrier[2];

/* What a program of iproute2 says to the command "end". */
#define END(name) "Object \"end\" is unknown, try \"" name " help\".\nCommand failed"

/* Whoever has no name is for all other commands. "statistics" is bridge with -s. */
static const struct {
	const char *word;
	const char *command;
	const char *end;
} kinds[TALKERS] = {
	{ "ip ", "exec stdbuf -oL ip -n %s -s -o -force -batch -", END("ip") },
	{ "bridge ", "exec stdbuf -oL bridge -n %s -d -force -batch -", END("bridge") },
	{ "statistics ", "exec stdbuf -oL bridge -n %s -s -force -batch -", END("bridge") },
	{ "tc ", "exec stdbuf -oL tc -n %s -force -batch -", END("tc") },
	{ "", "exec nsenter --net=/run/netns/%s sh", "end: not found" },
};

/* For a while: those of iproute2 remember each device that they have ever heard of. */
void twins_talk(void)
{
	char text[LINE_LEN];
	int i, j;

	for (i = 0; i < TWINS; i++) {
		for (j = 0; j < TALKERS; j++) {
			snprintf(text, sizeof(text), kinds[j].command, twins[i].name);
			talker_start(&twins[i].talkers[j], text, kinds[j].end);
		}
	}
}

void twins_talk_no_more(void)
{
	int i, j;

	for (i = 0; i < TWINS; i++)
		for (j = 0; j < TALKERS; j++)
			talker_stop(&twins[i].talkers[j]);
}

static void twin_open(struct twin *twin)
{
	int i;

	namespace_enter(twin->name);
	for (i = 1; i <= PORTS; i++) {
		snprintf(twin->ends[i].name, sizeof(twin->ends[i].name), "e%d", i);
		twin->ends[i].fd = host_socket(twin->ends[i].name);
	}
}

/* @path is the folder of what sysfs shows in each namespace. */
void twins_open(const char *path)
{
	sysfs = path;
	barrier[0].fd = host_socket("x0");
	barrier[1].fd = host_socket("x1");
	twin_open(&twins[STOCK]);
	twin_open(&twins[FAST]);
}

/* A bridge that is new needs new sockets. */
void twins_watch_bridge(void)
{
	int i;

	for (i = 0; i < TWINS; i++) {
		namespace_enter(twins[i].name);
		strcpy(twins[i].ends[0].name, "br0");
		twins[i].ends[0].fd = host_socket("br0");
	}
}

void twins_leave_bridge(void)
{
	int i;

	for (i = 0; i < TWINS; i++)
		close(twins[i].ends[0].fd);
}

static void twin_path(char *path, const struct twin *twin, const char *dev, const char *file)
{
	snprintf(path, LINE_LEN, "%s/%s/class/net/%s/%s", sysfs, twin->name, dev, file);
}

static void read_word(char *word, const struct twin *twin, const char *dev, const char *file)
{
	char path[LINE_LEN];
	FILE *f;

	twin_path(path, twin, dev, file);
	f = fopen(path, "r");
	if (!f || fscanf(f, "%31s", word) != 1)
		*word = '\0';
	if (f)
		fclose(f);
}

/* Of the bridge with fastbridge. */
unsigned long twins_counter(const char *name)
{
	char file[64], word[32];

	snprintf(file, sizeof(file), "fastbridge/stats/%s", name);
	read_word(word, &twins[FAST], "br0", file);
	if (!*word)
		errx(2, "no counter %s", name);
	return strtoul(word, NULL, 10);
}

/* The kernel tells of carriers that have come or gone up to a second later. */
static bool is_settled(const struct twin *twin, const char *dev)
{
	char carrier[32], state[32];

	read_word(carrier, twin, dev, "carrier");
	read_word(state, twin, dev, "operstate");
	return !strcmp(carrier, "1") == !strcmp(state, "up");
}

static bool all_settled(void)
{
	char dev[8];
	int i, n;

	for (i = 0; i < TWINS; i++) {
		for (n = 1; n <= PORTS; n++) {
			snprintf(dev, sizeof(dev), "p%d", n);
			if (!is_settled(&twins[i], dev))
				return false;
			dev[0] = 'e';
			if (!is_settled(&twins[i], dev))
				return false;
		}
		if (!is_settled(&twins[i], "br0"))
			return false;
	}
	return true;
}

void twins_settle(void)
{
	int tries;

	for (tries = 0; !all_settled(); tries++) {
		if (tries == PATIENCE)
			errx(2, "links do not settle");
		usleep(50000);
	}
}

/* fastbridge's own switches, which the other bridge is to stay without. */
static void switch_fast(const char *line)
{
	const char *value = strchr(line, ' ') + 1;
	char path[LINE_LEN], file[32];

	snprintf(file, sizeof(file), "fastbridge/%.*s", (int)(value - 1 - line), line);
	twin_path(path, &twins[FAST], "br0", file);
	write_file(path, value);
}

static void ask(struct twin *twin, const char *line, char *answer)
{
	int i = 0;

	while (strncmp(line, kinds[i].word, strlen(kinds[i].word)))
		i++;
	talker_ask(&twin->talkers[i], line + strlen(kinds[i].word), answer);
}

/*
 * A change to both, or to fastbridge, or some milliseconds of nothing. True if nobody
 * complained; both must complain of the same.
 */
bool twins_do(const char *format, ...)
{
	static char answers[TWINS][ANSWER_MAX];
	char line[LINE_LEN];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (!strncmp(line, "pause ", 6)) {
		history_note("%s", line);
		usleep(1000 * atoi(line + 6));
		return true;
	}
	if (!strncmp(line, "mode ", 5) || !strncmp(line, "xmit ", 5)) {
		history_note("%s", line);
		switch_fast(line);
		return true;
	}
	ask(&twins[STOCK], line, answers[STOCK]);
	ask(&twins[FAST], line, answers[FAST]);
	history_note("%s%s%.*s", line, *answers[STOCK] ? " # " : "",
		     (int)strcspn(answers[STOCK], "\n"), answers[STOCK]);
	if (strcmp(answers[STOCK], answers[FAST]))
		divergence("%s says in stock '%s' and in fast '%s'\n", line,
			   answers[STOCK], answers[FAST]);
	if (strstr(line, " up") || strstr(line, " down"))
		twins_settle();
	return !*answers[STOCK];
}

static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(char **)a, *(char **)b);
}

static int split(char *text, char **lines)
{
	int n = 0;
	char *line;

	for (line = strtok(text, "\n"); line && n < LINES_MAX; line = strtok(NULL, "\n"))
		lines[n++] = line;
	return n;
}

/* Addresses, one a line, may be shown in any order. */
static void sort_lines(char *text)
{
	static char sorted[ANSWER_MAX];
	char *lines[LINES_MAX], *p = sorted;
	int i, n = split(text, lines);

	qsort(lines, n, sizeof(*lines), compare_lines);
	*p = '\0';
	for (i = 0; i < n; i++)
		p += sprintf(p, "%s\n", lines[i]);
	strcpy(text, sorted);
}

static void print_differences(char *stock, char *fast)
{
	char *a[LINES_MAX], *b[LINES_MAX];
	int nr_a = split(stock, a), nr_b = split(fast, b), i;

	for (i = 0; i < nr_a || i < nr_b; i++) {
		if (i < nr_a && i < nr_b && !strcmp(a[i], b[i]))
			continue;
		if (i < nr_a)
			printf("    stock: %s\n", a[i]);
		if (i < nr_b)
			printf("    fast:  %s\n", b[i]);
	}
}

/* What @line shows of both must be the same. */
void twins_compare(const char *line)
{
	static char answers[TWINS][ANSWER_MAX];
	int i;

	for (i = 0; i < TWINS; i++) {
		ask(&twins[i], line, answers[i]);
		if (strstr(line, "fdb"))
			sort_lines(answers[i]);
	}
	if (!*answers[STOCK])
		errx(2, "%s shows nothing", line);
	if (strcmp(answers[STOCK], answers[FAST])) {
		divergence("%s shows\n", line);
		print_differences(answers[STOCK], answers[FAST]);
	}
}

static void pass_barrier(void)
{
	static struct frame frame = { .len = 60, .data = { [12] = 0x88, [13] = 0xb5 } };
	struct pollfd poller = { .fd = barrier[1].fd, .events = POLLIN };
	static struct received received;

	if (host_send(&barrier[0], &frame))
		errx(2, "the barrier does not take a frame");
	if (poll(&poller, 1, 10000) != 1 || !host_receive(&barrier[1], &received))
		errx(2, "the barrier does not pass a frame");
}

/*
 * Waits until this CPU has received all that was sent before. A frame waits in the CPU's
 * backlog once for each veth pair that it passes: two of a host, and perhaps one more
 * where tc sends it elsewhere.
 */
void twins_barrier(void)
{
	pass_barrier();
	pass_barrier();
	pass_barrier();
}
