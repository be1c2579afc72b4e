/* SPDX-License-Identifier: GPL-2.0 */
/* Hands forwarded frames on. */
#ifndef _FASTBRIDGE_XMIT_H
#define _FASTBRIDGE_XMIT_H

#include <linux/bits.h>
#include <linux/types.h>

struct fb_port;
struct net_device;
struct netdev_queue;
struct sk_buff;

/* What becomes of a frame's VLAN tag. */
#define FB_TAG_KEEP	0
#define FB_TAG_CLEAR	BIT(16)
#define FB_TAG_PUT	BIT(17)	/* | VLAN id */

bool fb_xmit_watched(const struct net_device *dev);
bool fb_xmit_scheduled(const struct net_device *dev);
bool fb_xmit_txq_passable(const struct net_device *dev,
			  const struct netdev_queue *txq);
bool fb_xmit_txq_never_passable(const struct net_device *dev,
				const struct netdev_queue *txq);
unsigned int fb_xmit(struct sk_buff *skb, struct fb_port *in, struct fb_port *out,
		     u32 tag);
void fb_xmit_held(struct sk_buff *skb, struct fb_port *out);

#endif /* _FASTBRIDGE_XMIT_H */
