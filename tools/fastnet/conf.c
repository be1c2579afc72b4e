// SPDX-License-Identifier: GPL-2.0
/* A line is OBJECT NAME KEY=VALUE...; from a # on it is a comment. */
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf.h"

#define BLANKS " \t\r"

/* All lines of a file, without their ends. */
struct lines {
	char **list;
	size_t count;
};

static void lines_add(struct lines *lines, char *line)
{
	lines->list = memory(lines->list, (lines->count + 1) * sizeof(*lines->list));
	lines->list[lines->count++] = line;
}

static void lines_free(struct lines *lines)
{
	while (lines->count)
		free(lines->list[--lines->count]);
	free(lines->list);
}

/* A file that is not there has no lines, unless it must be. */
static enum result lines_read(struct lines *lines, const char *file, bool must)
{
	FILE *stream = fopen(file, "re");
	char *line = NULL;
	size_t size = 0;

	if (!stream)
		return errno == ENOENT && !must ? DONE :
		       say(WRONG, "%s: %s", file, strerror(errno));
	while (getline(&line, &size, stream) >= 0)
		lines_add(lines, text("%.*s", (int)strcspn(line, "\n"), line));
	free(line);
	fclose(stream);
	return DONE;
}

/* What is before the comment, for the caller to free. */
static char *without_comment(const char *line)
{
	return text("%.*s", (int)strcspn(line, "#"), line);
}

static int object_of(const char *word)
{
	int object;

	for (object = 0; object_names[object]; object++) {
		if (!strcmp(object_names[object], word))
			return object;
	}
	return -1;
}

static enum result plan_words(struct plan *plan, char *words)
{
	char *rest, *word = strtok_r(words, BLANKS, &rest), *name;
	enum result result = DONE;
	int object;

	if (!word)
		return DONE;
	object = object_of(word);
	if (object < 0)
		return plan_wrong(plan, "expected bridge, vif or sched, not '%s'", word);
	name = strtok_r(NULL, BLANKS, &rest);
	if (!name)
		return plan_wrong(plan, "expected a name behind '%s'", word);
	if (object == OBJECT_VIF && strcmp(name, "default"))
		return plan_wrong(plan, "expected 'vif default', not '%s'; what guests have is in /etc/xen-fastnet/vifs",
				  name);
	word = strtok_r(NULL, BLANKS, &rest);
	if (!word)
		return plan_wrong(plan, "expected KEY=VALUE behind '%s'", name);
	for (; word && !result; word = strtok_r(NULL, BLANKS, &rest))
		result = plan_setting(plan, object, name, word);
	return result;
}

/**
 * conf_plan - plan what a file asks for
 * @plan: what is planned
 * @file: its name
 *
 * Return: DONE, or what to end with.
 */
enum result conf_plan(struct plan *plan, const char *file)
{
	struct lines lines = { };
	enum result result = lines_read(&lines, file, true);
	char *words, *where;
	size_t i;

	for (i = 0; i < lines.count && !result; i++) {
		words = without_comment(lines.list[i]);
		where = text("%s:%zu", file, i + 1);
		plan->where = where;
		result = plan_words(plan, words);
		plan->where = NULL;
		free(where);
		free(words);
	}
	lines_free(&lines);
	return result;
}

static void make_folder(const char *file)
{
	char *path = copy(file);

	mkdir(dirname(path), 0755);
	free(path);
}

/* Whole or not at all: a new file takes the old one's place. */
static enum result lines_write(const struct lines *lines, const char *file)
{
	char *new = text("%s.new", file);
	enum result result = DONE;
	FILE *stream;
	size_t i;
	bool good;

	make_folder(file);
	stream = fopen(new, "we");
	good = stream;
	for (i = 0; i < lines->count && good; i++)
		good = fprintf(stream, "%s\n", lines->list[i]) > 0;
	if (good)
		good = !fflush(stream) && !fsync(fileno(stream));
	if (stream && fclose(stream))
		good = false;
	if (!good || rename(new, file)) {
		result = say(REFUSED, "%s: it cannot be written: %s", file, strerror(errno));
		unlink(new);
	}
	free(new);
	return result;
}

/* Is it the line of this very object? */
static bool is_of(const char *line, enum object object, const char *name)
{
	char *words = without_comment(line), *rest;
	const char *word = strtok_r(words, BLANKS, &rest);
	bool is = word && !strcmp(word, object_names[object]);

	word = is ? strtok_r(NULL, BLANKS, &rest) : NULL;
	is = word && !strcmp(word, name);
	free(words);
	return is;
}

/* Is there another value for this KEY=VALUE's key? */
static bool has_another(const char *assignment, char *const assignments[])
{
	size_t length = strcspn(assignment, "=") + 1;

	for (; *assignments; assignments++) {
		if (!strncmp(assignment, *assignments, length))
			return true;
	}
	return false;
}

static char *append(char *line, const char *word)
{
	char *longer = text("%s %s", line, word);

	free(line);
	return longer;
}

/* The line with its assignments, of which the later ones count, and with its comment. */
static char *merge(const char *line, enum object object, const char *name,
		   char *const assignments[])
{
	char *words = without_comment(line), *rest, *word;
	const char *comment = line + strcspn(line, "#");
	char *merged = text("%s %s", object_names[object], name);

	strtok_r(words, BLANKS, &rest);
	strtok_r(NULL, BLANKS, &rest);
	while ((word = strtok_r(NULL, BLANKS, &rest))) {
		if (!has_another(word, assignments))
			merged = append(merged, word);
	}
	free(words);
	for (; *assignments; assignments++)
		merged = append(merged, *assignments);
	return *comment ? append(merged, comment) : merged;
}

/**
 * conf_keep - have a file say what has been set
 * @file: its name
 * @object: what the settings belong to
 * @name: whose they are
 * @assignments: KEY=VALUE each, the last one NULL
 *
 * Return: DONE, or what to end with, and the file is as it was.
 */
enum result conf_keep(const char *file, enum object object, const char *name,
		      char *const assignments[])
{
	struct lines lines = { };
	enum result result = lines_read(&lines, file, false);
	char *empty = text("%s %s", object_names[object], name), *old;
	size_t i;

	for (i = lines.count; i-- && !is_of(lines.list[i], object, name);)
		;
	if (i == (size_t)-1) {
		i = lines.count;
		lines_add(&lines, copy(empty));
	}
	old = lines.list[i];
	lines.list[i] = merge(old, object, name, assignments);
	free(old);
	free(empty);
	if (!result)
		result = lines_write(&lines, file);
	lines_free(&lines);
	return result;
}

/**
 * conf_clear - leave only what is comment
 * @file: its name
 *
 * Return: DONE, or what to end with, and the file is as it was.
 */
enum result conf_clear(const char *file)
{
	struct lines all = { }, kept = { };
	enum result result = lines_read(&all, file, false);
	char *words;
	size_t i;

	for (i = 0; i < all.count; i++) {
		words = without_comment(all.list[i]);
		if (!words[strspn(words, BLANKS)])
			lines_add(&kept, copy(all.list[i]));
		free(words);
	}
	if (!result && kept.count < all.count)
		result = lines_write(&kept, file);
	lines_free(&all);
	lines_free(&kept);
	return result;
}
