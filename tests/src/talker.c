// SPDX-License-Identifier: GPL-2.0
/*
 * A program that takes a command a line and answers each: started once, it saves a
 * fork a command. That it is done with one shows in its complaint about the next, which
 * is no command at all.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "talker.h"

/* @end is what its complaint about the command "end" has in it, to the last line. */
void talker_start(struct talker *talker, const char *command, const char *end)
{
	int to[2], from[2];
	pid_t child;

	if (pipe2(to, O_CLOEXEC) || pipe2(from, O_CLOEXEC))
		err(2, "pipe");
	child = fork();
	if (child < 0)
		err(2, "fork");
	if (!child) {
		dup2(to[0], STDIN_FILENO);
		dup2(from[1], STDOUT_FILENO);
		dup2(from[1], STDERR_FILENO);
		execl("/bin/sh", "sh", "-c", command, NULL);
		err(2, "sh");
	}
	close(to[0]);
	close(from[1]);
	*talker = (struct talker) { child, to[1], from[0], end };
}

/* It ends with its input. */
void talker_stop(struct talker *talker)
{
	close(talker->to);
	close(talker->from);
	if (waitpid(talker->child, NULL, 0) < 0)
		err(2, "waitpid");
}

/* The answer is what it says, errors included; most commands say nothing. */
void talker_ask(struct talker *talker, const char *line, char *answer)
{
	size_t len = 0;
	char *end = NULL;
	ssize_t n;

	if (dprintf(talker->to, "%s\nend\n", line) < 0)
		err(2, "%s", line);
	do {
		n = read(talker->from, answer + len, ANSWER_MAX - 1 - len);
		if (n <= 0)
			errx(2, "no answer to '%s' after '%.*s'", line, (int)len, answer);
		len += n;
		answer[len] = '\0';
		end = strstr(answer, talker->end);
	} while (!end || answer[len - 1] != '\n');
	while (end > answer && end[-1] != '\n')
		end--;
	*end = '\0';
}
