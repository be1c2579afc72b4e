/* SPDX-License-Identifier: GPL-2.0 */
/* The fast path. */
#ifndef _FASTBRIDGE_FORWARD_H
#define _FASTBRIDGE_FORWARD_H

struct nf_hook_state;
struct sk_buff;

unsigned int fb_ingress(void *priv, struct sk_buff *skb,
			const struct nf_hook_state *state);

#endif /* _FASTBRIDGE_FORWARD_H */
