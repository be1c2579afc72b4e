/* SPDX-License-Identifier: GPL-2.0 */
/* A flame graph: who calls whom, as wide as it is often there. */
#ifndef FASTNET_FLAME_H
#define FASTNET_FLAME_H

#include "say.h"
#include "stacks.h"

struct flame;

struct flame *flame_new(void);
void flame_add(struct flame *flame, const struct stack *stack);
enum result flame_write(const struct flame *flame, const char *path);
void flame_free(struct flame *flame);

#endif /* FASTNET_FLAME_H */
