// SPDX-License-Identifier: GPL-2.0
/* The table of a counting plugin: open addressing, for nothing is removed but all at once. */
#include <stdlib.h>
#include <string.h>
#include "table.h"
#include "window.h"

/* Beyond this the search for a free entry gets long. */
enum { TABLE_FULL = TABLE_SIZE / 4 * 3 };

static char *entries;
static size_t entry_size;
static unsigned int used;

/* Returns the TABLE_SIZE entries of this size, all zeros, or NULL. */
void *table_make(size_t size)
{
	entry_size = size;
	entries = calloc(TABLE_SIZE, size);
	return entries;
}

/* Where to begin to look. */
static uint32_t hash(uint64_t first, uint64_t second)
{
	const uint64_t golden_ratio = 0x9e3779b97f4a7c15;

	return (first ^ second << 32) * golden_ratio >> (64 - TABLE_BITS);
}

static uint64_t *entry(uint32_t i)
{
	return (uint64_t *)(entries + i * entry_size);
}

/* Returns the entry of these numbers, which may be a new one. */
void *table_find(uint64_t first, uint64_t second)
{
	uint32_t i = hash(first, second);
	uint64_t *found;

	for (found = entry(i); found[1]; found = entry(i)) {
		if (found[0] == first && found[1] == second)
			return found;
		i = (i + 1) % TABLE_SIZE;
	}
	if (++used > TABLE_FULL)
		window_give_up("its table is full");
	found[0] = first;
	found[1] = second;
	return found;
}

void table_clear(void)
{
	memset(entries, 0, TABLE_SIZE * entry_size);
	used = 0;
}
