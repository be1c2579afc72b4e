/* SPDX-License-Identifier: GPL-2.0 */
/* Asks the bridge for the truth about what the mirror is in doubt of. */
#ifndef _FASTBRIDGE_SYNC_H
#define _FASTBRIDGE_SYNC_H

struct fb_bridge;

void fb_sync_init(struct fb_bridge *bridge);
void fb_sync_start(struct fb_bridge *bridge);
void fb_sync_stop(struct fb_bridge *bridge);
void fb_sync_soon(struct fb_bridge *bridge);

#endif /* _FASTBRIDGE_SYNC_H */
