/* SPDX-License-Identifier: GPL-2.0 */
/* Keeps the bridge's entries young past its rules. */
#ifndef _FASTBRIDGE_REFRESH_H
#define _FASTBRIDGE_REFRESH_H

#include <linux/types.h>

struct fb_port;
struct net;
struct sk_buff;
struct sock;

/* Exported by the bridge, whose own header for it is private. */
int br_handle_frame_finish(struct net *net, struct sock *sk, struct sk_buff *skb);

bool fb_refresh(const struct fb_port *in, const struct sk_buff *like);

#endif /* _FASTBRIDGE_REFRESH_H */
