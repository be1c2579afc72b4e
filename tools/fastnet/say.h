/* SPDX-License-Identifier: GPL-2.0 */
/* What the command says of itself, and how it ends. */
#ifndef FASTNET_SAY_H
#define FASTNET_SAY_H

#include <stddef.h>

/* What functions return that can fail; who returns another one than DONE has said why. */
enum result {
	DONE = 0,
	WRONG = 1,	/* the command line, the configuration or this machine is at fault */
	REFUSED = 2,	/* the kernel or xl has refused */
};

enum result say(enum result result, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void print_harmless(const char *format, ...)
	__attribute__((format(printf, 1, 2)));
void harmless(char *what);
enum result say_if_more(const char *word);
char *text(const char *format, ...)
	__attribute__((format(printf, 1, 2), returns_nonnull, malloc));
void *memory(void *old, size_t size) __attribute__((returns_nonnull));
char *copy(const char *string) __attribute__((returns_nonnull, malloc));

#endif /* FASTNET_SAY_H */
