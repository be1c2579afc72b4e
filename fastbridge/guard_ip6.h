/* SPDX-License-Identifier: GPL-2.0 */
/* What a guard sees in IPv6, neighbour discovery above all. */
#ifndef _FASTBRIDGE_GUARD_IP6_H
#define _FASTBRIDGE_GUARD_IP6_H

#include "guard.h"

bool fb_guard_ipv6_passes(const struct fb_guard *guard, const struct sk_buff *skb,
			  int offset);

#endif /* _FASTBRIDGE_GUARD_IP6_H */
