/* SPDX-License-Identifier: GPL-2.0 */
/* A small file as its lines, which is replaced as a whole. */
#ifndef FASTNET_LINES_H
#define FASTNET_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "say.h"

/**
 * struct lines - all lines of a file, without their ends
 * @list: each its own
 * @count: their number
 */
struct lines {
	char **list;
	size_t count;
};

void lines_add(struct lines *lines, char *line);
void lines_free(struct lines *lines);
enum result lines_read(struct lines *lines, const char *file, bool must);
enum result lines_write(const struct lines *lines, const char *file);

#endif /* FASTNET_LINES_H */
