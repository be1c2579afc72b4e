// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"
#include "stacks.h"

static void start(struct stack *stack, const char *line)
{
	size_t length;

	stack->count = 0;
	snprintf(stack->comm, sizeof(stack->comm), "%s", line);
	length = strlen(stack->comm);
	while (length && isspace((unsigned char)stack->comm[length - 1]))
		stack->comm[--length] = '\0';
}

/* "ADDRESS FUNCTION" */
static void add(struct stack *stack, const char *line)
{
	struct frame *frame = &stack->frames[stack->count];
	uint64_t address;

	if (stack->count == FRAMES_MAX ||
	    sscanf(line, "%" SCNx64 " %63[^\n]", &address, frame->function) != 2)
		return;
	frame->component = component_of(address, frame->function);
	stack->count++;
}

/**
 * stacks_read - have perf tell its samples: a line with the thread's name, lines with the
 *	kernel's functions from the innermost one on, if it was in any, an empty line
 * @file: what it has recorded
 * @each: called for each sample
 * @data: for @each
 *
 * Return: DONE, or what to end with.
 */
enum result stacks_read(const char *file, void (*each)(const struct stack *stack, void *data),
			void *data)
{
	char *const argv[] = {
		"sh", "-c", "exec perf script -i \"$0\" -F comm,ip,sym 2> /dev/null",
		(char *)file, NULL
	};
	struct stack stack = { };
	bool named = false;
	char *line = NULL;
	size_t size = 0;
	FILE *output;
	int pid, status;

	output = run_reading(argv, &pid);
	while (getline(&line, &size, output) > 0) {
		if (*line == '\n') {
			if (named)
				each(&stack, data);
			named = false;
		} else if (named) {
			add(&stack, line);
		} else {
			start(&stack, line);
			named = true;
		}
	}
	free(line);
	fclose(output);
	status = run_end(pid);
	if (status)
		return say(WRONG, "perf script: it has failed with status %d", status);
	return DONE;
}
