/* SPDX-License-Identifier: GPL-2.0 */
/* Hands a forwarded frame straight to a driver. */
#ifndef _FASTBRIDGE_XMIT_H
#define _FASTBRIDGE_XMIT_H

#include <linux/types.h>

struct net_device;
struct netdev_queue;
struct sk_buff;

bool fb_xmit_watched(const struct net_device *dev);
bool fb_xmit_scheduled(const struct net_device *dev);
bool fb_xmit_txq_passable(const struct net_device *dev,
			  const struct netdev_queue *txq);
bool fb_xmit_direct(struct sk_buff *skb, struct net_device *dev);

#endif /* _FASTBRIDGE_XMIT_H */
