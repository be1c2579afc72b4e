/* SPDX-License-Identifier: GPL-2.0 */
/* The lists of a guard, as they are written and read. */
#ifndef _FASTBRIDGE_GUARD_LIST_H
#define _FASTBRIDGE_GUARD_LIST_H

#include "guard.h"

int fb_guard_change(struct fb_guard *guard, enum fb_guard_kind kind, const char *words);
size_t fb_guard_show(struct fb_guard *guard, enum fb_guard_kind kind, char *buf,
		     loff_t off, size_t size);
void fb_guard_destroy(struct fb_guard *guard);

#endif /* _FASTBRIDGE_GUARD_LIST_H */
