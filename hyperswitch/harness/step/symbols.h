/* SPDX-License-Identifier: GPL-2.0 */
/* What lies where in the bed, by nm. */
#ifndef STEP_SYMBOLS_H
#define STEP_SYMBOLS_H

#include <stdbool.h>

struct symbol {
	unsigned long at;
	char name[64];
};

struct symbols {
	struct symbol *symbol;		/* by address */
	unsigned int count;
};

bool symbols_read(struct symbols *symbols, const char *file);
/* That of a name; 0 if there is none. */
unsigned long symbols_at(const struct symbols *symbols, const char *name);
/* The last one that begins at or before an address; there is one. */
unsigned int symbols_of(const struct symbols *symbols, unsigned long at);

#endif /* STEP_SYMBOLS_H */
