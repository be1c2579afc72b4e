/* SPDX-License-Identifier: GPL-2.0 */
/* The guard's look at frames that reach the bridge past the ingress hook of their port. */
#ifndef _FASTBRIDGE_GUARD_BRIDGE_H
#define _FASTBRIDGE_GUARD_BRIDGE_H

#include <linux/netfilter.h>

struct fb_monitor;

unsigned int fb_guard_bridge(void *priv, struct sk_buff *skb,
			     const struct nf_hook_state *state);
int fb_guard_bridge_get(struct fb_monitor *monitor);
void fb_guard_bridge_put(struct fb_monitor *monitor);

#endif /* _FASTBRIDGE_GUARD_BRIDGE_H */
