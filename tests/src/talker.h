/* SPDX-License-Identifier: GPL-2.0 */
/* A program that takes a command a line and answers each. */
#ifndef TALKER_H
#define TALKER_H

#include <sys/types.h>

#define ANSWER_MAX 65536

struct talker {
	pid_t child;
	int to;
	int from;
	const char *end;
};

void talker_start(struct talker *talker, const char *command, const char *end);
void talker_stop(struct talker *talker);
void talker_ask(struct talker *talker, const char *line, char *answer);

#endif /* TALKER_H */
