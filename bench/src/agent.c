// SPDX-License-Identifier: GPL-2.0
/*
 * Runs commands in guests, from dom0, over xenstore.
 *
 * The network is what is being measured and the console is where a panic shows, so
 * neither carries commands. It is C and not shell because waiting must not cost anything:
 * both ends block on watches, while a shell would poll, in the very windows in which
 * instructions are counted.
 *
 *   agent serve                 in a guest: serves for ever
 *   agent id NAME               in dom0: the guest's DOMID, at a third of what xl takes
 *   agent wait NAME SECONDS     in dom0: until the guest's agent serves
 *   agent run NAME COMMAND      in dom0: COMMAND's output and exit status
 *
 * Below /local/domain/DOMID/data, where a guest may write:
 *
 *   bench/ready                 the agent serves
 *   bench/request/ID            a command; ID is the caller's process id
 *   bench/reply/ID/0, 1, ...    its output in pieces; a first byte tells the stream
 *   bench/reply/ID/exit         its exit status, after the last piece
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <xenstore.h>

#define READY "data/bench/ready"
#define REQUEST "data/bench/request"
#define REPLY "data/bench/reply"

enum {
	PATH_SIZE = 128,
	/* xenstored's quota of a guest's node is 2048 bytes with all that belongs to it. */
	PIECE_SIZE = 1536,
	/* What fits into one xenstore message beside the path. */
	COMMAND_SIZE = 3900,
	/* How long to wait when the quota of nodes is used up, for the reader to catch up. */
	FULL_PAUSE_US = 10000,
	/* What a shell says of a command that it cannot run. */
	STATUS_CANNOT = 126,
	STATUS_LOST = 255,
};

static __attribute__((noreturn)) void fail(const char *what)
{
	fprintf(stderr, "agent: %s: %s\n", what, strerror(errno));
	exit(STATUS_LOST);
}

static struct xs_handle *open_store(void)
{
	struct xs_handle *xs = xs_open(0);

	if (!xs)
		fail("cannot reach xenstore");
	return xs;
}

static void watch(struct xs_handle *xs, const char *path)
{
	if (!xs_watch(xs, path, path))
		fail(path);
}

/* Blocks until something watched changes; the caller then looks for itself at what. */
static void await_change(struct xs_handle *xs)
{
	unsigned int count;
	char **event = xs_read_watch(xs, &count);

	if (!event)
		fail("xenstore watch");
	free(event);
}

/* ---- in the guest ---- */

static void send(struct xs_handle *xs, const char *path, const char *data, size_t length)
{
	while (!xs_write(xs, XBT_NULL, path, data, length)) {
		if (errno != ENOSPC && errno != E2BIG && errno != EDQUOT)
			fail(path);
		usleep(FULL_PAUSE_US);
	}
}

/* Sends one piece of what the command wrote; false at the stream's end. */
static bool forward(struct xs_handle *xs, const char *id, int fd, char stream,
		    unsigned int *pieces)
{
	char path[PATH_SIZE], piece[PIECE_SIZE];
	ssize_t length;

	piece[0] = stream;
	length = read(fd, piece + 1, sizeof(piece) - 1);
	if (length <= 0)
		return length < 0 && errno == EINTR;
	snprintf(path, sizeof(path), REPLY "/%s/%u", id, (*pieces)++);
	send(xs, path, piece, length + 1);
	return true;
}

static void forward_all(struct xs_handle *xs, const char *id, int out, int err)
{
	struct pollfd streams[] = {
		{ .fd = out, .events = POLLIN },
		{ .fd = err, .events = POLLIN },
	};
	unsigned int pieces = 0;

	while (streams[0].fd >= 0 || streams[1].fd >= 0) {
		if (poll(streams, 2, -1) < 0)
			continue;
		for (int i = 0; i < 2; i++)
			if (streams[i].fd >= 0 && streams[i].revents &&
			    !forward(xs, id, streams[i].fd, '1' + i, &pieces))
				streams[i].fd = -1;
	}
}

static void execute(const char *command, const int *out, const int *err)
{
	if (dup2(out[1], STDOUT_FILENO) < 0 || dup2(err[1], STDERR_FILENO) < 0)
		_exit(STATUS_CANNOT);
	for (int i = 0; i < 2; i++) {
		close(out[i]);
		close(err[i]);
	}
	execl("/bin/sh", "sh", "-c", command, NULL);
	_exit(STATUS_CANNOT);
}

static int shell_status(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Runs in a process of its own, with its own connection, so that requests overlap. */
static void answer(const char *id, const char *command)
{
	struct xs_handle *xs;
	char path[PATH_SIZE], text[16];
	int out[2], err[2], status;
	pid_t child;

	if (pipe(out) || pipe(err))
		fail("pipe");
	child = fork();
	if (child < 0)
		fail("fork");
	if (!child)
		execute(command, out, err);
	close(out[1]);
	close(err[1]);
	xs = open_store();
	forward_all(xs, id, out[0], err[0]);
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			fail("wait");
	snprintf(path, sizeof(path), REPLY "/%s/exit", id);
	snprintf(text, sizeof(text), "%d", shell_status(status));
	send(xs, path, text, strlen(text));
	xs_close(xs);
}

static void take_request(struct xs_handle *xs, const char *id)
{
	char path[PATH_SIZE];
	unsigned int length;
	char *command;

	snprintf(path, sizeof(path), REQUEST "/%s", id);
	command = xs_read(xs, XBT_NULL, path, &length);
	if (!command)
		return;
	xs_rm(xs, XBT_NULL, path);
	switch (fork()) {
	case -1:
		fail("fork");
	case 0:
		signal(SIGCHLD, SIG_DFL);
		answer(id, command);
		exit(0);
	}
	free(command);
}

static __attribute__((noreturn)) void serve(void)
{
	struct xs_handle *xs = open_store();

	signal(SIGCHLD, SIG_IGN);
	watch(xs, REQUEST);
	send(xs, READY, "1", 1);
	for (;;) {
		unsigned int count;
		char **ids = xs_directory(xs, XBT_NULL, REQUEST, &count);

		for (unsigned int i = 0; ids && i < count; i++)
			take_request(xs, ids[i]);
		free(ids);
		await_change(xs);
	}
}

/* ---- in dom0 ---- */

static void guest_path(char *path, unsigned int domid, const char *below, const char *name)
{
	snprintf(path, PATH_SIZE, "/local/domain/%u/%s%s", domid, below, name);
}

static bool guest_has_name(struct xs_handle *xs, unsigned int domid, const char *name)
{
	char path[PATH_SIZE], *its;
	unsigned int length;
	bool same;

	guest_path(path, domid, "name", "");
	its = xs_read(xs, XBT_NULL, path, &length);
	same = its && !strcmp(its, name);
	free(its);
	return same;
}

/* Not dom0's, which has no agent. */
static unsigned int guest_id(struct xs_handle *xs, const char *name)
{
	unsigned int count, id = 0;
	char **domids = xs_directory(xs, XBT_NULL, "/local/domain", &count);

	for (unsigned int i = 0; domids && i < count && !id; i++) {
		unsigned int domid = strtoul(domids[i], NULL, 10);

		if (guest_has_name(xs, domid, name))
			id = domid;
	}
	free(domids);
	if (!id) {
		fprintf(stderr, "agent: there is no guest '%s'\n", name);
		exit(STATUS_LOST);
	}
	return id;
}

static bool guest_is_gone(struct xs_handle *xs, unsigned int domid)
{
	return !xs_is_domain_introduced(xs, domid);
}

static int print_id(const char *name)
{
	printf("%u\n", guest_id(open_store(), name));
	return 0;
}

static int wait_ready(const char *name, unsigned int seconds)
{
	struct xs_handle *xs = open_store();
	unsigned int domid = guest_id(xs, name);
	struct pollfd event = { .fd = xs_fileno(xs), .events = POLLIN };
	time_t deadline = time(NULL) + seconds;
	char path[PATH_SIZE];
	unsigned int length;

	guest_path(path, domid, READY, "");
	watch(xs, path);
	watch(xs, "@releaseDomain");
	while (!xs_read(xs, XBT_NULL, path, &length)) {
		time_t left = deadline - time(NULL);

		if (guest_is_gone(xs, domid) || left <= 0 ||
		    poll(&event, 1, left * 1000) <= 0)
			return 1;
		await_change(xs);
	}
	return 0;
}

static void write_all(int fd, const char *data, size_t length)
{
	while (length) {
		ssize_t written = write(fd, data, length);

		if (written < 0 && errno != EINTR)
			fail("output");
		if (written > 0) {
			data += written;
			length -= written;
		}
	}
}

/* Passes on the pieces that are there, in order, from number *next on. */
static void receive(struct xs_handle *xs, const char *reply, unsigned int *next)
{
	char path[PATH_SIZE + 16];

	for (;; (*next)++) {
		unsigned int length;
		char *piece;

		snprintf(path, sizeof(path), "%s/%u", reply, *next);
		piece = xs_read(xs, XBT_NULL, path, &length);
		if (!piece)
			return;
		xs_rm(xs, XBT_NULL, path);
		if (length)
			write_all(piece[0] == '2' ? STDERR_FILENO : STDOUT_FILENO,
				  piece + 1, length - 1);
		free(piece);
	}
}

static int run(const char *name, const char *command)
{
	struct xs_handle *xs = open_store();
	unsigned int domid = guest_id(xs, name);
	char id[16], request[PATH_SIZE], reply[PATH_SIZE], exit_path[PATH_SIZE + 16];
	unsigned int length, next = 0;
	char *status;

	if (strlen(command) > COMMAND_SIZE) {
		errno = E2BIG;
		fail("the command");
	}
	snprintf(id, sizeof(id), "/%d", getpid());
	guest_path(request, domid, REQUEST, id);
	guest_path(reply, domid, REPLY, id);
	snprintf(exit_path, sizeof(exit_path), "%s/exit", reply);
	watch(xs, reply);
	watch(xs, "@releaseDomain");
	if (guest_is_gone(xs, domid) ||
	    !xs_write(xs, XBT_NULL, request, command, strlen(command)))
		fail("cannot reach the guest");
	for (;;) {
		/* In this order: with the status there, no more pieces will come. */
		status = xs_read(xs, XBT_NULL, exit_path, &length);
		receive(xs, reply, &next);
		if (status)
			break;
		if (guest_is_gone(xs, domid)) {
			fprintf(stderr, "agent: the guest died\n");
			return STATUS_LOST;
		}
		await_change(xs);
	}
	xs_rm(xs, XBT_NULL, reply);
	return atoi(status);
}

/* A positive number, or the end. */
static unsigned int positive(const char *text)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	if (*end || !number || number > UINT_MAX) {
		errno = EINVAL;
		fail(text);
	}
	return number;
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "serve"))
		serve();
	if (argc == 3 && !strcmp(argv[1], "id"))
		return print_id(argv[2]);
	if (argc == 4 && !strcmp(argv[1], "wait"))
		return wait_ready(argv[2], positive(argv[3]));
	if (argc == 4 && !strcmp(argv[1], "run"))
		return run(argv[2], argv[3]);
	fprintf(stderr, "usage: agent serve | id NAME | wait NAME SECONDS | run NAME COMMAND\n");
	return 1;
}
