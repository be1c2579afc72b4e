// SPDX-License-Identifier: GPL-2.0
#include <err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "say.h"

/**
 * harmless - what others have said may have anything in it, and a terminal obeys
 * @what: where a ? takes the place of each byte of a control character
 */
void harmless(char *what)
{
	for (; *what; what++) {
		if ((unsigned char)*what < ' ' || *what == 0x7f)
			*what = '?';
		else if (*what == '\xc2' && (unsigned char)what[1] >= 0x80 &&
			 (unsigned char)what[1] < 0xa0)
			*what = what[1] = '?';
	}
}

/**
 * say - one line to standard error
 * @result: what the caller ends with
 * @format: what is wrong, with the path that it is about, and what to do; for a control
 *	    character in what is printed there is a ?
 *
 * Return: @result.
 */
enum result say(enum result result, const char *format, ...)
{
	va_list arguments;
	char *what;
	int length;

	fflush(stdout);
	va_start(arguments, format);
	length = vasprintf(&what, format, arguments);
	va_end(arguments);
	if (length < 0) {
		fprintf(stderr, "fastnet: %s\n", format);
		return result;
	}
	harmless(what);
	fprintf(stderr, "fastnet: %s\n", what);
	free(what);
	return result;
}

static char *formatted(const char *format, va_list arguments)
{
	char *string;

	if (vasprintf(&string, format, arguments) < 0)
		err(WRONG, "asprintf");
	return string;
}

/**
 * print_harmless - as printf(), of what others have named, without line ends
 * @format: for a control character in what is printed there is a ?
 */
void print_harmless(const char *format, ...)
{
	va_list arguments;
	char *what;

	va_start(arguments, format);
	what = formatted(format, arguments);
	va_end(arguments);
	harmless(what);
	fputs(what, stdout);
	free(what);
}

/* As asprintf(); for want of memory the command ends. */
char *text(const char *format, ...)
{
	va_list arguments;
	char *string;

	va_start(arguments, format);
	string = formatted(format, arguments);
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
