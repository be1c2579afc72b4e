// SPDX-License-Identifier: GPL-2.0
/* bench: iperf3 between two guests or hosts by size of message, and what it costs this host. */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <yajl/yajl_tree.h>

#include "domains.h"
#include "json.h"
#include "options.h"
#include "run.h"

#define SIZES "64,256,1024,4096,16384,65536"

enum { MESSAGE_MAX = 1048576 };		/* iperf3's */

/* Both ends may be guests: what they say, of which iperf3 needs less, is not to fill dom0. */
enum { SAID_MAX = 4194304, SAID_FIRST_MAX = 65536, NESTED_MAX = 32 };

/* What an end may say of how long it took: no rate of such is beyond what a number can be read in. */
#define SECONDS_MIN 0.001
#define SECONDS_MAX 1e6

/* Seconds that an end may take besides those in which it measures. */
enum { PATIENCE = 30 };

/**
 * struct row - a run of iperf3
 * @size: bytes of a message
 * @seconds: how long it took
 * @gigabits: what has arrived
 * @retransmits: of TCP
 * @dom0: seconds of processors that dom0 had meanwhile
 * @guests: the same, of all other domains
 */
struct row {
	long size;
	double seconds;
	double gigabits;
	double retransmits;
	double dom0;
	double guests;
};

/* An end of the stream. */
struct end {
	const char *rsh;
	const char *host;
};

/* Sets sh's words to the remote command; the first one is for the caller to free. */
static void remote(char *argv[8], const struct end *end, char *command)
{
	char *const words[] = {
		"sh", "-c", text("exec %s \"$@\" 2>&1", end->rsh), "sh", (char *)end->host,
		command, NULL
	};

	memcpy(argv, words, sizeof(words));
}

/* As sh, ssh and iperf3 tell it. */
static enum result complain(const struct end *end, int status, const char *said)
{
	int length = strcspn(said, "\n");

	if (status == 127)
		return say(WRONG, "%s: there is no iperf3, or no '%s' here; install it", end->host,
			   end->rsh);
	if (status == 255)
		return say(WRONG, "%s: '%s' does not reach it: %.*s", end->host, end->rsh, length,
			   said);
	return say(WRONG, "%s: iperf3 has failed: %.*s", end->host, length, said);
}

static enum result says_too_much(const struct end *end)
{
	return say(WRONG, "%s: it says more than iperf3 does", end->host);
}

/* ---- an end that says nothing, and does not end */

static volatile sig_atomic_t late;
static volatile sig_atomic_t awaited;

/* It may have to be done more than once: between two looks nothing is interrupted. */
static void give_up(int number)
{
	(void)number;
	late = true;
	if (awaited > 0)
		kill(awaited, SIGKILL);
}

/* Reading from it, and waiting for it, takes no longer than that. */
static void await(int pid, int seconds)
{
	const struct sigaction action = { .sa_handler = give_up };	/* without SA_RESTART */
	const struct itimerval timer = { .it_value.tv_sec = seconds, .it_interval.tv_sec = 1 };

	late = false;
	awaited = pid;
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
}

static void await_nobody(void)
{
	setitimer(ITIMER_REAL, &(struct itimerval) { }, NULL);
}

/* Returns its status, as run_end(). */
static int await_end(FILE *output, int pid)
{
	int status;

	fclose(output);
	status = run_end(pid);
	await_nobody();
	return status;
}

static enum result takes_too_long(const struct end *end, int seconds)
{
	return say(WRONG, "%s: it takes longer than %d s", end->host, seconds);
}

/* ---- the server, for one stream; if none comes, it ends by itself */

struct server {
	FILE *output;
	int pid;
};

static void server_end(struct server *server, bool served)
{
	size_t left = served ? SAID_FIRST_MAX : 0;

	await(server->pid, PATIENCE);
	while (left && getc(server->output) != EOF)
		left--;
	if (!left)
		kill(server->pid, SIGTERM);
	await_end(server->output, server->pid);
}

static enum result server_start(struct server *server, const struct end *end)
{
	char line[1024], *last = copy(""), *argv[8];
	bool listens = false;
	size_t said = 0;
	int status;

	remote(argv, end, "iperf3 -s -1 -i 0 --forceflush --idle-timeout 20");
	server->output = run_reading(argv, &server->pid);
	free(argv[2]);
	await(server->pid, PATIENCE);
	while (!listens && said < SAID_FIRST_MAX && fgets(line, sizeof(line), server->output)) {
		said += strlen(line) + 1;
		listens = !strncmp(line, "Server listening", 16);
		if (strcmp(line, "iperf3: exiting\n")) {
			free(last);
			last = copy(line);
		}
	}
	if (listens) {
		await_nobody();
	} else if (said >= SAID_FIRST_MAX) {
		server_end(server, false);
		says_too_much(end);
	} else {
		status = await_end(server->output, server->pid);
		if (late)
			takes_too_long(end, PATIENCE);
		else
			complain(end, status, last);
	}
	free(last);
	return listens ? DONE : WRONG;
}

/* ---- the client */

static double number_at(yajl_val tree, const char *group, const char *name)
{
	const char *path[] = { "end", group, name, NULL };
	yajl_val value = yajl_tree_get(tree, path, yajl_t_number);

	return value ? YAJL_GET_DOUBLE(value) : 0;
}

/* yajl frees what is nested by recursion. Brackets in strings count, too: iperf3 has few. */
static bool is_nested(const char *said)
{
	int depth = 0;

	for (; *said && depth <= NESTED_MAX; said++)
		depth += (*said == '[' || *said == '{') - (*said == ']' || *said == '}');
	return depth > NESTED_MAX;
}

/* What a double counts one by one. */
static bool is_count(double number)
{
	return number >= 0 && number <= 1LL << 53;
}

static enum result understand(struct row *row, const struct end *end, const char *said, int status)
{
	const char *path[] = { "error", NULL };
	yajl_val tree = is_nested(said) ? NULL : yajl_tree_parse(said, NULL, 0), error;
	enum result result = DONE;
	double bytes;

	if (!tree)
		return complain(end, status, said);
	error = yajl_tree_get(tree, path, yajl_t_string);
	bytes = number_at(tree, "sum_received", "bytes");
	row->seconds = number_at(tree, "sum_received", "seconds");
	row->gigabits = bytes * 8 / 1e9;
	row->retransmits = number_at(tree, "sum_sent", "retransmits");
	if (error)
		result = complain(end, WRONG, YAJL_GET_STRING(error));
	else if (bytes < 1)
		result = complain(end, WRONG, "nothing has arrived");
	else if (!is_count(bytes) || !is_count(row->retransmits) || row->seconds < SECONDS_MIN ||
		 row->seconds > SECONDS_MAX)
		result = complain(end, WRONG, "it makes no sense");
	yajl_tree_free(tree);
	return result;
}

static enum result client(struct row *row, const struct end *end, const char *address,
			  const struct options *options)
{
	const int seconds = whole_seconds(options);	/* 0 were for ever */
	char *command = text("iperf3 -J -i 0 -c %s -l %ld -P %ld -t %d", address, row->size,
			     options->connections, seconds);
	char *said = memory(NULL, SAID_MAX + 1), *argv[8];
	enum result result;
	int pid, status;
	size_t length;
	FILE *output;

	remote(argv, end, command);
	output = run_reading(argv, &pid);
	await(pid, seconds + PATIENCE);
	length = fread(said, 1, SAID_MAX, output);
	said[length] = '\0';
	if (length == SAID_MAX)
		kill(pid, SIGTERM);
	status = await_end(output, pid);
	if (late)
		result = takes_too_long(end, seconds + PATIENCE);
	else if (length == SAID_MAX)
		result = says_too_much(end);
	else
		result = understand(row, end, said, status);
	free(said);
	free(argv[2]);
	free(command);
	return result;
}

/* ---- a row */

static enum result read_times(struct domains *domains)
{
	char *why = domains_read(domains);
	enum result result = why ? say(WRONG, "%s", why) : DONE;

	free(why);
	return result;
}

static enum result measure(struct row *row, const struct options *options)
{
	struct end from = { options->rsh, options->words[0] };
	struct end to = { options->rsh, options->words[1] };
	struct domains before = { }, after = { };
	enum result result = read_times(&before);
	struct server server;

	if (!result)
		result = server_start(&server, &to);
	if (!result) {
		result = client(row, &from, options->address ?: to.host, options);
		server_end(&server, !result);
	}
	if (!result)
		result = read_times(&after);
	row->dom0 = domains_time(&after, true) - domains_time(&before, true);
	row->guests = domains_time(&after, false) - domains_time(&before, false);
	domains_free(&before);
	domains_free(&after);
	return result;
}

/* Per cent of a processor for each gigabit a second. */
static double cost(const struct row *row, double time)
{
	return 100 * time / row->gigabits;
}

static void show(const struct row *row, const struct options *options)
{
	if (options->json) {
		json_map(NULL);
		json_number("size", row->size);
		json_real("seconds", row->seconds);
		json_real("gigabits_per_second", row->gigabits / row->seconds);
		json_real("dom0_cpu_per_gigabit_per_second", cost(row, row->dom0));
		json_real("guests_cpu_per_gigabit_per_second", cost(row, row->guests));
		json_number("retransmits", row->retransmits);
		json_map_end();
		return;
	}
	printf("%8ld %10.3f %18.1f %18.1f %12.0f\n", row->size, row->gigabits / row->seconds,
	       cost(row, row->dom0), cost(row, row->guests), row->retransmits);
	fflush(stdout);
}

static void show_head(const struct options *options)
{
	if (options->json) {
		json_start(options->pretty);
		json_list(NULL);
	} else {
		printf("%8s %10s %18s %18s %12s\n", "BYTES", "GBIT/S", "DOM0 %CPU/(GBIT/S)",
		       "ALL GUESTS' %CPU", "RETRANSMITS");
	}
}

/* The sizes of a list, 0 behind the last one; NULL if it is none. */
static long *parse_sizes(const char *list)
{
	long *sizes = NULL;
	size_t count = 0;
	char *end;

	do {
		sizes = memory(sizes, (count + 2) * sizeof(*sizes));
		sizes[count] = strtol(list, &end, 10);
		if (end == list || sizes[count] < 1 || sizes[count] > MESSAGE_MAX ||
		    (*end && *end != ',')) {
			free(sizes);
			return NULL;
		}
		sizes[++count] = 0;
		list = end + 1;
	} while (*end);
	return sizes;
}

/**
 * bench_command - fastnet bench CLIENT SERVER
 * @options: the command line
 *
 * Return: DONE, or what to end with.
 */
enum result bench_command(const struct options *options)
{
	const char *list = options->sizes ?: SIZES;
	enum result result = DONE;
	long *sizes, *size;
	struct row row;

	if (!options->words[0] || !options->words[1] || options->words[2])
		return say(WRONG, "bench wants two hosts, CLIENT and SERVER; see --help");
	sizes = parse_sizes(list);
	if (!sizes)
		return say(WRONG, "--sizes wants numbers from 1 to %d and commas, not '%s'",
			   MESSAGE_MAX, list);
	for (size = sizes; *size && !result; size++) {
		row = (struct row) { .size = *size };
		result = measure(&row, options);
		if (!result && size == sizes)
			show_head(options);
		if (!result)
			show(&row, options);
	}
	if (options->json && size > sizes + !!result) {
		json_list_end();
		json_end();
	}
	free(sizes);
	return result;
}
