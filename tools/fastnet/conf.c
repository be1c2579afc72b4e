// SPDX-License-Identifier: GPL-2.0
/* A line is OBJECT NAME KEY=VALUE...; from a # on it is a comment. */
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "credit.h"
#include "lines.h"
#include "state.h"
#include "sysfs.h"

#define BLANKS " \t\r"

/**
 * struct entry - a line that is no mere comment
 * @words: what the others point into
 * @object: -1 if it is none that is known
 * @name: NULL if there is none
 * @assignments: the words behind it, the last one NULL
 */
struct entry {
	char *words;
	int object;
	const char *name;
	char **assignments;
};

static int object_of(const char *word)
{
	int object;

	for (object = 0; object_names[object]; object++) {
		if (!strcmp(object_names[object], word))
			return object;
	}
	return -1;
}

/* Returns the first word, or NULL if there is none; for entry_free() in either case. */
static const char *entry_read(struct entry *entry, const char *line)
{
	const char *first;
	size_t count = 0;
	char *rest, *word;

	entry->words = text("%.*s", (int)strcspn(line, "#"), line);
	entry->assignments = memory(NULL, sizeof(*entry->assignments));
	first = strtok_r(entry->words, BLANKS, &rest);
	entry->object = first ? object_of(first) : -1;
	entry->name = first ? strtok_r(NULL, BLANKS, &rest) : NULL;
	while (entry->name && (word = strtok_r(NULL, BLANKS, &rest))) {
		entry->assignments = memory(entry->assignments,
					    (count + 2) * sizeof(*entry->assignments));
		entry->assignments[count++] = word;
	}
	entry->assignments[count] = NULL;
	return first;
}

static void entry_free(struct entry *entry)
{
	free(entry->words);
	free(entry->assignments);
}

static bool entry_is_of(const struct entry *entry, enum object object, const char *name)
{
	return entry->object == (int)object && entry->name && !strcmp(entry->name, name);
}

/* Is it the line of this very object? */
static bool is_of(const char *line, enum object object, const char *name)
{
	struct entry entry;
	bool is;

	entry_read(&entry, line);
	is = entry_is_of(&entry, object, name);
	entry_free(&entry);
	return is;
}

/* Once the host's own has been in effect, that it is gone asks for nothing but to undo that. */
static bool must_be(const char *file)
{
	return strcmp(file, CONF) || !is_there(STATE);
}

static enum result plan_entry(struct plan *plan, const struct entry *entry, const char *first)
{
	if (entry->object < 0)
		return plan_wrong(plan, "expected bridge, vif or sched, not '%s'", first);
	if (!entry->name)
		return plan_wrong(plan, "expected a name behind '%s'", first);
	if (entry->object == OBJECT_VIF && strcmp(entry->name, "default"))
		return plan_wrong(plan, "expected 'vif default', not '%s'; what guests have is in " VIFS,
				  entry->name);
	if (!*entry->assignments)
		return plan_wrong(plan, "expected KEY=VALUE behind '%s'", entry->name);
	return plan_settings(plan, entry->object, entry->name, entry->assignments);
}

/**
 * conf_read - read a file that says what is asked for
 * @lines: empty, for lines_free()
 * @file: its name
 *
 * Return: DONE, or what to end with.
 */
enum result conf_read(struct lines *lines, const char *file)
{
	return lines_read(lines, file, must_be(file));
}

/**
 * conf_plan - plan what a file asks for
 * @plan: what is planned
 * @lines: what it says
 * @file: its name
 * @bridge: only what it asks for this bridge; NULL: all
 *
 * Return: DONE, or what to end with.
 */
enum result conf_plan(struct plan *plan, const struct lines *lines, const char *file,
		      const char *bridge)
{
	enum result result = DONE;
	struct entry entry;
	const char *first;
	char *where;
	size_t i;

	for (i = 0; i < lines->count && !result; i++) {
		first = entry_read(&entry, lines->list[i]);
		where = text("%s:%zu", file, i + 1);
		plan->where = where;
		if (first && (!bridge || entry_is_of(&entry, OBJECT_BRIDGE, bridge)))
			result = plan_entry(plan, &entry, first);
		plan->where = NULL;
		free(where);
		entry_free(&entry);
	}
	return result;
}

/* Is there a value for this setting? */
static bool sets(char *const assignments[], enum object object, const struct setting *setting)
{
	for (; *assignments; assignments++) {
		if (setting_of(object, *assignments) == setting)
			return true;
	}
	return false;
}

/* Does a line, of this number or a later one, say what the object's setting is to be? */
static bool lines_set(const struct lines *lines, size_t first, enum object object,
		      const char *name, const struct setting *setting)
{
	struct entry entry;
	bool found = false;
	size_t i;

	for (i = first; i < lines->count && !found; i++) {
		entry_read(&entry, lines->list[i]);
		found = entry_is_of(&entry, object, name) &&
			sets(entry.assignments, object, setting);
		entry_free(&entry);
	}
	return found;
}

/* Does the line of this number ask for what the stock scheduler has not, and no later one else? */
static bool is_odd_sched(const struct entry *entry, const struct lines *lines, size_t number)
{
	const struct setting *setting;
	const char *value;
	char *const *each;

	for (each = entry->assignments; entry->object == OBJECT_SCHED && *each; each++) {
		setting = setting_of(OBJECT_SCHED, *each);
		value = strchr(*each, '=');
		if (setting && value && strcmp(value + 1, setting->stock) &&
		    !lines_set(lines, number + 1, OBJECT_SCHED, entry->name, setting))
			return true;
	}
	return false;
}

/* What may be in effect while xl does not say so is not taken for what is not. */
static enum result told(const struct entry *entry, const char *file, const struct lines *lines,
			size_t number)
{
	char *why = is_odd_sched(entry, lines, number) ? sched_untold(entry->name) : NULL;
	enum result result = DONE;

	if (why)
		result = say(WRONG, "%s:%zu: nobody knows whether that is in effect: %s; have the kit's xl come first in PATH or, on Debian's hypervisor, remove the line",
			     file, number + 1, why);
	free(why);
	return result;
}

/**
 * conf_told - can xl tell whether what a file says of the scheduler is in effect?
 * @file: its name
 *
 * Return: DONE, or what to end with.
 */
enum result conf_told(const char *file)
{
	struct lines lines = { };
	enum result result = lines_read(&lines, file, false);
	struct entry entry;
	size_t i;

	for (i = 0; i < lines.count && !result; i++) {
		entry_read(&entry, lines.list[i]);
		result = told(&entry, file, &lines, i);
		entry_free(&entry);
	}
	lines_free(&lines);
	return result;
}

/* Of a setting that the scheduler no longer is to have, xl has to tell. */
static enum result plan_removed(struct plan *plan, const struct entry *before, const char *file,
				const struct lines *then, size_t number,
				const struct lines *now)
{
	const struct setting *setting;
	enum result result = DONE;
	char *const *each;

	for (each = before->assignments; *each && !result; each++) {
		setting = setting_of(before->object, *each);
		if (!setting || lines_set(now, 0, before->object, before->name, setting))
			continue;
		result = told(before, file, then, number);
		if (!result)
			plan_stock(plan, before->object, before->name, setting);
	}
	return result;
}

/**
 * conf_plan_removed - plan to undo what a file no longer asks for
 * @plan: what is planned
 * @lines: what it says
 * @before: the name of one that says what it has asked for
 * @bridge: only what is this bridge's; NULL: all
 *
 * Return: DONE, or what to end with.
 */
enum result conf_plan_removed(struct plan *plan, const struct lines *lines, const char *before,
			      const char *bridge)
{
	struct lines then = { };
	enum result result = lines_read(&then, before, false);
	struct entry entry;
	size_t i;

	for (i = 0; i < then.count && !result; i++) {
		entry_read(&entry, then.list[i]);
		if (entry.object >= 0 && entry.name &&
		    (!bridge || entry_is_of(&entry, OBJECT_BRIDGE, bridge)))
			result = plan_removed(plan, &entry, before, &then, i, lines);
		entry_free(&entry);
	}
	lines_free(&then);
	return result;
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
	const char *comment = line + strcspn(line, "#");
	char *merged = text("%s %s", object_names[object], name);
	struct entry entry;
	char **word;

	entry_read(&entry, line);
	for (word = entry.assignments; *word; word++) {
		if (!sets(assignments, object, setting_of(object, *word)))
			merged = append(merged, *word);
	}
	entry_free(&entry);
	for (; *assignments; assignments++)
		merged = append(merged, *assignments);
	return *comment ? append(merged, comment) : merged;
}

static enum result plain(const char *word)
{
	size_t length = strcspn(word, BLANKS "\n#");

	if (!word[length])
		return DONE;
	return say(WRONG, "'%.*s' and more: the configuration takes no blank, line end or # within a word; --runtime leaves it alone",
		   (int)length, word);
}

/**
 * conf_may_keep - can these words be in a file?
 * @name: whose settings they are
 * @assignments: KEY=VALUE each, the last one NULL
 *
 * Return: DONE, or what to end with.
 */
enum result conf_may_keep(const char *name, char *const assignments[])
{
	enum result result = plain(name);

	for (; *assignments && !result; assignments++)
		result = plain(*assignments);
	return result;
}

/**
 * conf_keep - have a file say what has been set
 * @file: its name
 * @object: what the settings belong to
 * @name: whose they are, for which conf_may_keep() has been asked
 * @assignments: KEY=VALUE each, the last one NULL
 * @line: if not NULL, the line that says it now, for the caller to free; NULL if it did before
 *
 * Return: DONE, or what to end with, and the file is as it was.
 */
enum result conf_keep(const char *file, enum object object, const char *name,
		      char *const assignments[], char **line)
{
	struct lines lines = { };
	enum result result = lines_read(&lines, file, false);
	bool same = false;
	char *old;
	size_t i;

	for (i = lines.count; i-- && !is_of(lines.list[i], object, name);)
		;
	if (i == (size_t)-1) {
		i = lines.count;
		lines_add(&lines, copy(""));
	}
	old = lines.list[i];
	lines.list[i] = merge(old, object, name, assignments);
	same = !strcmp(old, lines.list[i]);
	free(old);
	if (!result && !same)
		result = lines_write(&lines, file);
	if (line)
		*line = !result && !same ? copy(lines.list[i]) : NULL;
	lines_free(&lines);
	return result;
}

static bool says_something(const char *line)
{
	struct entry entry;
	bool says = entry_read(&entry, line);

	entry_free(&entry);
	return says;
}

/* Is there anything but comment in a file? One that cannot be read may have it. */
bool conf_says(const char *file)
{
	struct lines lines = { };
	bool says = lines_read(&lines, file, false) != DONE;
	size_t i;

	for (i = 0; i < lines.count && !says; i++)
		says = says_something(lines.list[i]);
	lines_free(&lines);
	return says;
}

/**
 * conf_clear - leave only what is comment
 * @file: its name
 * @cleared: was there anything else?
 *
 * Return: DONE, or what to end with, and the file is as it was.
 */
enum result conf_clear(const char *file, bool *cleared)
{
	struct lines all = { }, kept = { };
	enum result result = lines_read(&all, file, false);
	size_t i;

	for (i = 0; i < all.count; i++) {
		if (!says_something(all.list[i]))
			lines_add(&kept, copy(all.list[i]));
	}
	*cleared = kept.count < all.count;
	if (!result && *cleared)
		result = lines_write(&kept, file);
	lines_free(&all);
	lines_free(&kept);
	return result;
}

/* A line of a pool of which xl does not tell: nothing of it has been put into effect now, or undone. */
static bool is_untold(const char *line)
{
	struct entry entry;
	char *why = NULL;
	bool untold;

	entry_read(&entry, line);
	if (entry.object == OBJECT_SCHED && entry.name)
		why = sched_untold(entry.name);
	untold = why;
	entry_free(&entry);
	free(why);
	return untold;
}

/**
 * conf_copy - have a file say what has been put into effect of another
 * @lines: what the other says
 * @to: the file's name
 * @bridge: only of this bridge; NULL: all
 *
 * Return: DONE, or what to end with, and the file is as it was.
 */
enum result conf_copy(const struct lines *lines, const char *to, const char *bridge)
{
	struct lines then = { }, all = { };
	enum result result = lines_read(&then, to, false);
	size_t i;

	for (i = 0; i < then.count; i++) {
		if (bridge ? !is_of(then.list[i], OBJECT_BRIDGE, bridge) : is_untold(then.list[i]))
			lines_add(&all, copy(then.list[i]));
	}
	for (i = 0; i < lines->count; i++) {
		if (bridge ? is_of(lines->list[i], OBJECT_BRIDGE, bridge) :
			     says_something(lines->list[i]) && !is_untold(lines->list[i]))
			lines_add(&all, copy(lines->list[i]));
	}
	if (!result)
		result = lines_write(&all, to);
	lines_free(&all);
	lines_free(&then);
	return result;
}

/**
 * conf_names - does a file say anything of this bridge?
 * @file: its name
 * @must: it has to be there, as for conf_read()
 * @bridge: the bridge's
 * @names: whether it does
 *
 * Return: DONE, or what to end with.
 */
enum result conf_names(const char *file, bool must, const char *bridge, bool *names)
{
	struct lines lines = { };
	enum result result = lines_read(&lines, file, must && must_be(file));
	size_t i;

	*names = false;
	for (i = 0; i < lines.count && !*names; i++)
		*names = is_of(lines.list[i], OBJECT_BRIDGE, bridge);
	lines_free(&lines);
	return result;
}
