// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "change.h"
#include "sysfs.h"

/**
 * changes_add - plan a change
 * @changes: what is planned
 * @what: the file
 * @value: what it is to be
 *
 * Return: the change, until the next one is added.
 */
struct change *changes_add(struct changes *changes, const char *what, const char *value)
{
	struct change *change;

	changes->list = memory(changes->list, (changes->count + 1) * sizeof(*change));
	change = &changes->list[changes->count++];
	*change = (struct change) {
		.what = copy(what), .value = copy(value), .make = attribute_write,
	};
	return change;
}

static const char *advice(const char *file, int error)
{
	switch (error) {
	case EACCES:
	case EPERM:
		return "; be root";
	case EINVAL:
		return "; fastnet(8) tells what it takes";
	case EOPNOTSUPP:
		return strstr(file, "cutthrough") ? "; load fastbridge first" : "";
	default:
		return "";
	}
}

static enum result complain(const struct change *change, int error)
{
	return say(REFUSED, "%s%s%s: %s is refused: %s%s", change->where ?: "",
		   change->where ? ": " : "", change->what, change->value, strerror(error),
		   advice(change->what, error));
}

static enum result read_old(struct change *change)
{
	if (change->undo)
		return DONE;
	change->undo = attribute_read(change->what);
	return change->undo ? DONE : complain(change, errno);
}

static void undo(struct changes *changes, size_t count)
{
	struct change *change;
	int error;

	while (count--) {
		change = &changes->list[count];
		error = change->make(change->what, change->undo);
		if (error > 0)
			say(REFUSED, "%s: %s cannot be had back: %s", change->what, change->undo,
			    strerror(error));
	}
}

/**
 * changes_make - make what is planned, or, when one is refused, nothing of it
 * @changes: what is planned
 * @dry_run: only show it
 *
 * Return: DONE, or what to end with.
 */
enum result changes_make(struct changes *changes, bool dry_run)
{
	struct change *change;
	int error;
	size_t i;

	for (i = 0; i < changes->count; i++) {
		if (read_old(&changes->list[i]))
			return REFUSED;
	}
	for (i = 0; i < changes->count; i++) {
		change = &changes->list[i];
		if (dry_run) {
			printf("%s: %s -> %s\n", change->what, change->undo, change->value);
			continue;
		}
		error = change->make(change->what, change->value);
		if (error) {
			if (error > 0)
				complain(change, error);
			undo(changes, i);
			return REFUSED;
		}
	}
	return DONE;
}

/* Goes back to what was before changes_make(). */
void changes_undo(struct changes *changes)
{
	undo(changes, changes->count);
}

void changes_free(struct changes *changes)
{
	size_t i;

	for (i = 0; i < changes->count; i++) {
		free(changes->list[i].what);
		free(changes->list[i].value);
		free(changes->list[i].undo);
		free(changes->list[i].where);
	}
	free(changes->list);
	changes->list = NULL;
	changes->count = 0;
}
