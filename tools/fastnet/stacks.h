/* SPDX-License-Identifier: GPL-2.0 */
/* perf's samples. */
#ifndef FASTNET_STACKS_H
#define FASTNET_STACKS_H

#include <stddef.h>

#include "component.h"
#include "say.h"

enum { FRAMES_MAX = 160 };	/* perf: 127, and marks in between */

struct frame {
	char function[64];
	enum component component;
};

/**
 * struct stack - a sample
 * @comm: the thread's name
 * @frames: where it is, and who has called that
 * @count: of how many
 */
struct stack {
	char comm[32];
	struct frame frames[FRAMES_MAX];
	size_t count;
};

enum result stacks_read(const char *file, void (*each)(const struct stack *stack, void *data),
			void *data);

#endif /* FASTNET_STACKS_H */
