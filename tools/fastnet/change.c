// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <net/if.h>
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

/**
 * changes_set - plan what is to be, in the place of what was planned for the same before
 * @changes: what is planned
 * @what: the file, or what else has values
 * @key: what the value begins with that tells it from others of @what; "" for a file
 * @value: what it is to be
 *
 * Return: the change, as changes_add().
 */
struct change *changes_set(struct changes *changes, const char *what, const char *key,
			   const char *value)
{
	struct change *change;
	size_t i;

	for (i = 0; i < changes->count; i++) {
		change = &changes->list[i];
		if (strcmp(change->what, what) || strncmp(change->value, key, strlen(key)))
			continue;
		free(change->value);
		free(change->undo);
		free(change->where);
		free(change->device);
		change->value = copy(value);
		change->undo = NULL;
		change->where = NULL;
		change->device = NULL;
		change->may_go = false;
		return change;
	}
	return changes_add(changes, what, value);
}

static const char *advice(const char *file, int error)
{
	switch (error) {
	case EACCES:
	case EPERM:
		return "; be root";
	case EINVAL:
		if (strstr(file, "hyperswitch"))
			return "; it is 0 or 1, and 1 only with cutthrough=1";
		return "; fastnet(8) tells what it takes";
	case EOPNOTSUPP:
		if (strstr(file, "hyperswitch"))
			return "; boot the kit's Xen with hyperswitch=1";
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

/* A guest has ended, with its vif, or a module has been unloaded; or a bridge is no more. */
static bool has_gone(struct change *change, int error)
{
	change->gone = (error == ENOENT || error == ENODEV) &&
		       (change->device ? !if_nametoindex(change->device) : change->may_go);
	if (change->gone && change->where)
		say(DONE, "%s: %s: it has gone", change->where, change->what);
	return change->gone;
}

static enum result read_old(struct change *change)
{
	int error;

	change->adds = change->undo && change->make == attribute_write;
	if (change->undo)
		return DONE;
	change->undo = attribute_read(change->what);
	error = errno;
	if (change->undo || has_gone(change, error))
		return DONE;
	return complain(change, error);
}

static void undo(struct changes *changes, size_t count)
{
	struct change *change;
	int error;

	while (count--) {
		change = &changes->list[count];
		if (change->gone)
			continue;
		error = change->make(change->what, change->undo);
		if (error > 0 && !has_gone(change, error))
			say(REFUSED, "%s: %s cannot be had back: %s", change->what, change->undo,
			    strerror(error));
	}
}

/**
 * changes_make - make what is planned, or, when one is refused, nothing of it
 * @changes: what is planned
 * @dry_run: only look what is there, for changes_show()
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
	for (i = 0; i < changes->count && !dry_run; i++) {
		change = &changes->list[i];
		if (change->gone)
			continue;
		error = change->make(change->what, change->value);
		if (error && !has_gone(change, error)) {
			if (error > 0)
				complain(change, error);
			undo(changes, i);
			return REFUSED;
		}
	}
	return DONE;
}

/**
 * changes_show - say what changes, after changes_make()
 * @changes: what is planned
 *
 * Return: how many lines that was; what was so before has none.
 */
size_t changes_show(const struct changes *changes)
{
	const struct change *change;
	size_t shown = 0, i;

	for (i = 0; i < changes->count; i++) {
		change = &changes->list[i];
		if (change->gone)
			continue;
		if (change->adds)
			print_harmless("%s: %s", change->what, change->value);
		else if (strcmp(change->undo, change->value))
			print_harmless("%s: %s -> %s", change->what, change->undo, change->value);
		else
			continue;
		putchar('\n');
		shown++;
	}
	return shown;
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
		free(changes->list[i].device);
	}
	free(changes->list);
	changes->list = NULL;
	changes->count = 0;
}
