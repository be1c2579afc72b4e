// SPDX-License-Identifier: GPL-2.0
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run.h"
#include "say.h"

static int start(char *const argv[], int out, int error)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t waiting, ignored;
	pid_t pid;
	int failed;

	/* What waits here, or counts for nothing, may end them; but nobody here may stop. */
	sigprocmask(SIG_SETMASK, NULL, &waiting);
	sigdelset(&waiting, SIGHUP);
	sigdelset(&waiting, SIGINT);
	sigdelset(&waiting, SIGQUIT);
	sigdelset(&waiting, SIGTERM);
	sigemptyset(&ignored);
	sigaddset(&ignored, SIGPIPE);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(&attributes, &waiting);
	posix_spawnattr_setsigdefault(&attributes, &ignored);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, error, STDERR_FILENO);
	failed = posix_spawnp(&pid, argv[0], &actions, &attributes, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return failed ? -1 : pid;
}

/**
 * run_end - wait for a command's end
 * @pid: what has started it
 *
 * Return: its status as in a shell.
 */
int run_end(int pid)
{
	int status;

	if (pid < 0)
		return 127;
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			err(WRONG, "waitpid");
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static char *read_all(FILE *file)
{
	char *all = NULL;
	size_t size = 0;

	rewind(file);
	if (getdelim(&all, &size, '\0', file) < 0) {
		free(all);
		all = copy("");
	}
	fclose(file);
	return all;
}

/* No disk need have room for it: this may be in the middle of changes. */
static FILE *memory_file(void)
{
	int fd = memfd_create("output", MFD_CLOEXEC);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");

	if (!file)
		err(WRONG, "memory for what a command says");
	return file;
}

/**
 * run - run a command to its end
 * @output: what it has said, for output_free()
 * @argv: its words; it is looked for in PATH
 */
void run(struct output *output, char *const argv[])
{
	FILE *out = memory_file(), *error = memory_file();

	output->status = run_end(start(argv, fileno(out), fileno(error)));
	output->out = read_all(out);
	output->err = read_all(error);
	output->err[strcspn(output->err, "\n")] = '\0';
}

void output_free(struct output *output)
{
	free(output->out);
	free(output->err);
}

/**
 * run_reading - run a command and read what it says while it does
 * @argv: its words
 * @pid: for run_end()
 *
 * Return: its standard output.
 */
FILE *run_reading(char *const argv[], int *pid)
{
	int ends[2];
	FILE *file;

	if (pipe2(ends, O_CLOEXEC))
		err(WRONG, "pipe");
	*pid = start(argv, ends[1], STDERR_FILENO);
	close(ends[1]);
	file = fdopen(ends[0], "r");
	if (!file)
		err(WRONG, "fdopen");
	return file;
}
