/* SPDX-License-Identifier: GPL-2.0 */
/* What an episode of the fuzzer has done so far, and the report if it went wrong. */
#ifndef HISTORY_H
#define HISTORY_H

#include <stdbool.h>

void history_begin(unsigned int seed, unsigned int episode);
void history_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
void divergence(const char *format, ...) __attribute__((format(printf, 1, 2)));
bool diverged(void);

#endif /* HISTORY_H */
