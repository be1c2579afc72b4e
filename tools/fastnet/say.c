// SPDX-License-Identifier: GPL-2.0
#include <err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "say.h"

/**
 * say - one line to standard error
 * @result: what the caller ends with
 * @format: what is wrong, with the path that it is about, and what to do
 *
 * Return: @result.
 */
enum result say(enum result result, const char *format, ...)
{
	va_list arguments;

	fflush(stdout);
	fputs("fastnet: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	return result;
}

/* As asprintf(); for want of memory the command ends. */
char *text(const char *format, ...)
{
	va_list arguments;
	char *string;

	va_start(arguments, format);
	if (vasprintf(&string, format, arguments) < 0)
		err(WRONG, "asprintf");
	va_end(arguments);
	return string;
}

/* As realloc(); for want of memory the command ends. */
void *memory(void *old, size_t size)
{
	void *new = realloc(old, size);

	if (!new)
		err(WRONG, "realloc");
	return new;
}

/* As strdup(); for want of memory the command ends. */
char *copy(const char *string)
{
	return strcpy(memory(NULL, strlen(string) + 1), string);
}

/**
 * say_if_more - a command line should have ended
 * @word: what comes instead, or NULL
 *
 * Return: DONE if it has.
 */
enum result say_if_more(const char *word)
{
	return word ? say(WRONG, "'%s' is one word too many; see --help", word) : DONE;
}
