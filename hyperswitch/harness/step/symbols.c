// SPDX-License-Identifier: GPL-2.0
/* See symbols.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "symbols.h"

#define SYMBOLS_MAX	16384

bool symbols_read(struct symbols *symbols, const char *file)
{
	struct symbol *next;
	char command[512];
	FILE *nm;

	symbols->count = 0;
	symbols->symbol = calloc(SYMBOLS_MAX, sizeof(*symbols->symbol));
	snprintf(command, sizeof(command), "nm -n '%s'", file);
	nm = symbols->symbol ? popen(command, "r") : NULL;
	if (!nm)
		return false;
	next = symbols->symbol;
	while (symbols->count < SYMBOLS_MAX &&
	       fscanf(nm, "%lx %*c %63s%*[^\n]", &next->at, next->name) == 2) {
		symbols->count++;
		next++;
	}

	return !pclose(nm) && symbols->count && symbols->count < SYMBOLS_MAX;
}

unsigned long symbols_at(const struct symbols *symbols, const char *name)
{
	unsigned int i;

	for (i = 0; i < symbols->count; i++)
		if (!strcmp(symbols->symbol[i].name, name))
			return symbols->symbol[i].at;

	return 0;
}

unsigned int symbols_of(const struct symbols *symbols, unsigned long at)
{
	unsigned int low = 0, high = symbols->count;

	while (high - low > 1) {
		unsigned int middle = (low + high) / 2;

		if (symbols->symbol[middle].at <= at)
			low = middle;
		else
			high = middle;
	}

	return low;
}
