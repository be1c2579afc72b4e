/* SPDX-License-Identifier: GPL-2.0 */
/* What the counting plugins have in common: windows, between marks that a program makes. */
#ifndef WINDOW_H
#define WINDOW_H

#include <stdbool.h>
#include <stdio.h>
#include "qemu-plugin.h"

void window_give_up(const char *why);
bool window_setup(int argc, char **argv);
void window_watch(struct qemu_plugin_insn *insn, void (*start)(void), void (*stop)(void));
FILE *window_open(void);
void window_close(FILE *file);

#endif
