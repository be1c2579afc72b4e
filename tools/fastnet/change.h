/* SPDX-License-Identifier: GPL-2.0 */
/* Changes that are made together, or not at all. */
#ifndef FASTNET_CHANGE_H
#define FASTNET_CHANGE_H

#include <stdbool.h>
#include <stddef.h>

#include "say.h"

/**
 * struct change - one of them
 * @what: the file, or the cpupool
 * @value: what it is to be
 * @undo: what to write to go back; NULL: what is read before
 * @adds: @value is no new value but what is done to a list
 * @may_go: once @what is gone there is nothing to change
 * @device: the one that has to be gone itself for that, or NULL
 * @gone: it is
 * @where: the line that asks for it, as FILE:LINE, or NULL
 * @make: writes a value; 0 or an error's number, -1 if it has said what is wrong
 */
struct change {
	char *what;
	char *value;
	char *undo;
	char *where;
	char *device;
	bool adds;
	bool may_go;
	bool gone;
	int (*make)(const char *what, const char *value);
};

struct changes {
	struct change *list;
	size_t count;
};

struct change *changes_add(struct changes *changes, const char *what, const char *value);
struct change *changes_set(struct changes *changes, const char *what, const char *key,
			   const char *value);
enum result changes_make(struct changes *changes, bool dry_run);
size_t changes_show(const struct changes *changes);
void changes_undo(struct changes *changes);
void changes_free(struct changes *changes);

#endif /* FASTNET_CHANGE_H */
