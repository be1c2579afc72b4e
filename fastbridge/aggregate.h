/* SPDX-License-Identifier: GPL-2.0 */
/* Frames that come one by one, made large ones on their way through the bridge. */
#ifndef _FASTBRIDGE_AGGREGATE_H
#define _FASTBRIDGE_AGGREGATE_H

#include <linux/types.h>

struct fb_bridge;
struct fb_port;
struct sk_buff;

enum fb_aggregate {
	FB_AGGREGATE_OFF,
	FB_AGGREGATE_ON,
	FB_AGGREGATE_PAUSED,	/* what is held goes first */
};

void fb_aggregate_init(void);
void fb_aggregate_exit(void);
int fb_aggregate_set(struct fb_bridge *bridge, bool on);
void fb_aggregate_pause(struct fb_bridge *bridge);
void fb_aggregate_resume(struct fb_bridge *bridge);
int fb_aggregate_add_port(struct fb_port *port);
void fb_aggregate_remove_port(struct fb_port *port);

bool fb_aggregate(struct sk_buff *skb, const struct fb_port *in,
		  const struct fb_port *out);
bool fb_aggregate_holds(void);
void fb_aggregate_flush(void);

#endif /* _FASTBRIDGE_AGGREGATE_H */
