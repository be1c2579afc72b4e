// SPDX-License-Identifier: GPL-2.0
/* What an episode of the fuzzer has done so far, and the report if it went wrong. */
#include <err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "history.h"

#define NOTES_MAX 65536

static char notes[NOTES_MAX];
static size_t notes_len;
static bool has_diverged;

void history_begin(unsigned int seed, unsigned int episode)
{
	has_diverged = false;
	notes_len = 0;
	history_note("# seed %u, episode %u", seed, episode);
}

void history_note(const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(notes + notes_len, NOTES_MAX - notes_len, format, args);
	va_end(args);
	if (len < 0 || notes_len + len + 2 > NOTES_MAX)
		errx(2, "more than %d bytes of history", NOTES_MAX);
	notes_len += len;
	notes[notes_len++] = '\n';
	notes[notes_len] = '\0';
}

/* Says what differs; before that, the first time in an episode, how it came to it. */
void divergence(const char *format, ...)
{
	va_list args;

	if (!has_diverged)
		fputs(notes, stdout);
	has_diverged = true;
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
}

/* Nothing that comes later in this episode tells anything. */
bool diverged(void)
{
	return has_diverged;
}
