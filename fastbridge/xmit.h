/* SPDX-License-Identifier: GPL-2.0 */
/* Hands forwarded frames on. */
#ifndef _FASTBRIDGE_XMIT_H
#define _FASTBRIDGE_XMIT_H

#include <linux/bits.h>
#include <linux/skbuff.h>
#include <linux/types.h>
#include <net/busy_poll.h>

struct fb_port;
struct net_device;
struct netdev_queue;

/* What becomes of a frame's VLAN tag. */
#define FB_TAG_KEEP	0
#define FB_TAG_CLEAR	BIT(16)
#define FB_TAG_PUT	BIT(17)	/* | VLAN id */

#ifdef CONFIG_XPS
/*
 * Does a frame say which CPU has sent it? The number of the NAPI that has received it may
 * stand in that place.
 */
static __always_inline bool fb_names_sender(const struct sk_buff *skb)
{
	return skb->sender_cpu && skb->sender_cpu < MIN_NAPI_ID;
}
#endif

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
