// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "say.h"
#include "sysfs.h"

bool is_there(const char *path)
{
	return !access(path, F_OK);
}

/**
 * attribute_read - what a file says, without its last newline
 * @path: of at most a page, as in sysfs, or several, as a guard's lists
 *
 * Return: the value, for the caller to free, or NULL with errno.
 */
char *attribute_read(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), saved;
	char *value = memory(NULL, 1);
	size_t length = 0;
	ssize_t more = 0;

	while (fd >= 0) {
		value = memory(value, length + 4097);
		more = read(fd, value + length, 4096);
		if (more <= 0)
			break;
		length += more;
	}
	saved = errno;
	if (fd >= 0)
		close(fd);
	if (fd < 0 || more < 0) {
		free(value);
		errno = saved;
		return NULL;
	}
	while (length && value[length - 1] == '\n')
		length--;
	value[length] = '\0';
	return value;
}

/**
 * attribute_write - give a file a value, in one write
 * @path: the file
 * @value: the value
 *
 * Return: 0 or an error's number.
 */
int attribute_write(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	size_t length = strlen(value);
	ssize_t written;
	int error;

	if (fd < 0)
		return errno;
	written = write(fd, value, length);
	error = written < 0 ? errno : (size_t)written < length ? EIO : 0;
	close(fd);
	return error;
}

/* A counter; one that is not there has counted nothing. */
uint64_t attribute_number(const char *folder, const char *name)
{
	char *path = text("%s/%s", folder, name);
	char *value = attribute_read(path);
	uint64_t number = value ? strtoull(value, NULL, 10) : 0;

	free(value);
	free(path);
	return number;
}
