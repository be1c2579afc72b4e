// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lines.h"

/* @line is the lines' own from now on. */
void lines_add(struct lines *lines, char *line)
{
	lines->list = memory(lines->list, (lines->count + 1) * sizeof(*lines->list));
	lines->list[lines->count++] = line;
}

void lines_free(struct lines *lines)
{
	while (lines->count)
		free(lines->list[--lines->count]);
	free(lines->list);
	lines->list = NULL;
}

static enum result read_stream(struct lines *lines, const char *file, FILE *stream)
{
	enum result result = DONE;
	char *line = NULL;
	ssize_t length;
	size_t size = 0;

	while (!result && (length = getline(&line, &size, stream)) >= 0) {
		if (strlen(line) != (size_t)length)
			result = say(WRONG, "%s:%zu: a zero byte, so this is no configuration",
				     file, lines->count + 1);
		lines_add(lines, text("%.*s", (int)strcspn(line, "\n"), line));
	}
	if (!result && !feof(stream))
		result = say(WRONG, "%s: it cannot be read: %s", file, strerror(errno));
	free(line);
	return result;
}

/**
 * lines_read - read a file
 * @lines: empty, for lines_free()
 * @file: its name
 * @must: it has to be there; else, one that is not has no lines
 *
 * Return: DONE, or what to end with.
 */
enum result lines_read(struct lines *lines, const char *file, bool must)
{
	enum result result;
	struct stat status;
	FILE *stream;

	if (!stat(file, &status) && !S_ISREG(status.st_mode))
		return say(WRONG, "%s: it cannot be read: it is no regular file", file);
	stream = fopen(file, "re");
	if (!stream)
		return errno == ENOENT && !must ? DONE :
		       say(WRONG, "%s: %s", file, strerror(errno));
	result = read_stream(lines, file, stream);
	fclose(stream);
	return result;
}

static void make_folder(const char *file)
{
	char *path = copy(file);

	mkdir(dirname(path), 0755);
	free(path);
}

/* A new file's name is on the disk once its folder is. */
static void sync_folder(const char *file)
{
	char *path = copy(file);
	int fd = open(dirname(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	free(path);
}

/* Where links lead, for it is not the link that is replaced; NULL with errno if nowhere. */
static char *real_name(const char *file)
{
	char *name = realpath(file, NULL);
	struct stat link;

	if (name || errno != ENOENT || !lstat(file, &link))
		return name;
	return copy(file);
}

/* What a new file inherits from the old one. */
static bool give_mode(int fd, const struct stat *old)
{
	if (!old)
		return !fchmod(fd, 0644);
	return !fchown(fd, old->st_uid, old->st_gid) && !fchmod(fd, old->st_mode & 07777);
}

static bool put(const struct lines *lines, int fd)
{
	FILE *stream = fdopen(fd, "w");
	bool good = stream;
	size_t i;

	if (!stream)
		close(fd);
	for (i = 0; i < lines->count && good; i++)
		good = fprintf(stream, "%s\n", lines->list[i]) > 0;
	if (good)
		good = !fflush(stream) && !fsync(fd);
	if (stream && fclose(stream))
		good = false;
	return good;
}

/* Whole or not at all: a new file takes the old one's place. */
static bool replace(const struct lines *lines, const char *file, const struct stat *old)
{
	char *new = text("%s.XXXXXX", file);
	int fd = mkostemp(new, O_CLOEXEC), error;
	bool good = fd >= 0;

	if (good && !give_mode(fd, old)) {
		error = errno;
		close(fd);
		errno = error;
		good = false;
	} else if (good) {
		good = put(lines, fd);
	}
	if (good)
		good = !rename(new, file);
	error = errno;
	if (good)
		sync_folder(file);
	else if (fd >= 0)
		unlink(new);
	free(new);
	errno = error;
	return good;
}

/**
 * lines_write - give a file these lines
 * @lines: all that it is to have
 * @file: its name; what it leads to keeps its mode and owner
 *
 * Return: DONE, or what to end with, and the file is as it was.
 */
enum result lines_write(const struct lines *lines, const char *file)
{
	enum result result = DONE;
	struct stat old;
	char *name;
	bool is;

	make_folder(file);
	name = real_name(file);
	if (!name)
		return say(REFUSED, "%s: it cannot be written: %s", file, strerror(errno));
	is = !stat(name, &old);
	if (!replace(lines, name, is ? &old : NULL))
		result = say(REFUSED, "%s: it cannot be written: %s", file, strerror(errno));
	free(name);
	return result;
}
