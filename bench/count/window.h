/* SPDX-License-Identifier: GPL-2.0 */
/* What the counting plugins have in common: windows, between marks that a program makes. */
#ifndef WINDOW_H
#define WINDOW_H

#include <stdint.h>
#include <stdio.h>
#include "qemu-plugin.h"

/* Where to begin to look for a key in a table of 2^bits entries. */
static inline uint32_t window_hash(uint64_t key, unsigned int bits)
{
	const uint64_t golden_ratio = 0x9e3779b97f4a7c15;

	return key * golden_ratio >> (64 - bits);
}

void window_give_up(const char *why);
void *window_setup(int argc, char **argv, size_t table_size);
void window_watch(struct qemu_plugin_insn *insn, void (*start)(void), void (*stop)(void));
FILE *window_open(void);
void window_close(FILE *file);

#endif
