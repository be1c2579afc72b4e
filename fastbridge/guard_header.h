/* SPDX-License-Identifier: GPL-2.0 */
/* The headers that a guard looks at. */
#ifndef _FASTBRIDGE_GUARD_HEADER_H
#define _FASTBRIDGE_GUARD_HEADER_H

#include <linux/skbuff.h>
#include <linux/udp.h>

/*
 * So much of a frame is looked at, and no header behind it. It has to be in the frame's head:
 * other pieces may be pages of a guest, who could change them once they have been looked at.
 */
#define FB_GUARD_LOOKS	512

/**
 * fb_guard_header - a header of a frame
 * @skb: the frame
 * @offset: where it begins
 * @size: its length
 * @end: where the packet that it is in ends; what follows fills the frame up
 * @buffer: as long, for one that is in several pieces
 *
 * Return: the header, or NULL if it is not all in the packet, or too far behind.
 */
static inline const void *fb_guard_header(const struct sk_buff *skb, int offset, int size,
					  int end, void *buffer)
{
	if (offset + size > end || offset + size > FB_GUARD_LOOKS)
		return NULL;
	return skb_header_pointer(skb, offset, size, buffer);
}

/**
 * fb_guard_end - where a packet ends
 * @skb: the frame
 * @offset: where it begins
 * @len: how long it says it is; 0 if it is too long to say
 */
static inline int fb_guard_end(const struct sk_buff *skb, int offset, int len)
{
	return len && offset + len < skb->len ? offset + len : skb->len;
}

/* A UDP header that is not all there may be for any port. */
static inline bool fb_guard_udp_to(const struct sk_buff *skb, int offset, int end, u16 port)
{
	const struct udphdr *udp;
	struct udphdr buffer;

	udp = fb_guard_header(skb, offset, sizeof(buffer), end, &buffer);
	return !udp || udp->dest == htons(port);
}

bool fb_guard_sum_passes(const struct sk_buff *skb, u8 protocol, int offset);

#endif /* _FASTBRIDGE_GUARD_HEADER_H */
