/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The table in which a counting plugin looks up what it counts for, by two numbers. An entry
 * is a struct that begins with them, and free as long as the second one is 0.
 */
#ifndef TABLE_H
#define TABLE_H

#include <stddef.h>
#include <stdint.h>

enum {
	TABLE_BITS = 22,
	TABLE_SIZE = 1 << TABLE_BITS,
};

void *table_make(size_t size);
void *table_find(uint64_t first, uint64_t second);
void table_clear(void);

#endif
