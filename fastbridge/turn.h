/* SPDX-License-Identifier: GPL-2.0 */
/* When something may be done for namespaces of users. */
#ifndef _FASTBRIDGE_TURN_H
#define _FASTBRIDGE_TURN_H

struct fb_monitor;

unsigned long fb_turn_begin(const struct fb_monitor *monitor);
void fb_turn_end(const struct fb_monitor *monitor);

#endif /* _FASTBRIDGE_TURN_H */
