/* SPDX-License-Identifier: GPL-2.0 */
/*
 * fastbridge's one public interface: a driver whose device is a port of a bridge may ask
 * where a frame would go, and carry it there by a way of its own (xen-netback's
 * cut-through).
 *
 * All of it is called with bottom halves off, in the context in which the driver would
 * hand the frame in; RCU waits for that, rcu_read_lock() is not needed. A driver that
 * must do without the module finds the functions with symbol_get(), which compares nothing but
 * names: a function that is called otherwise than before has another one.
 */
#ifndef _NET_FASTBRIDGE_H
#define _NET_FASTBRIDGE_H

#include <linux/types.h>

struct ethhdr;
struct fb_port;
struct net_device;

/**
 * struct fastbridge_frame - what a frame's way depends on
 * @eth: its Ethernet header, in memory that its sender cannot change
 * @head: bytes of the frame, from @eth on, that are in such memory; 14 at least
 * @len: its length in bytes without the Ethernet header
 * @gso: it is a large segment
 */
struct fastbridge_frame {
	const struct ethhdr *eth;
	unsigned int head;
	unsigned int len;
	bool gso;
};

/**
 * enum fastbridge_txq - may frames pass a transmit queue and its qdisc by?
 * @FASTBRIDGE_TXQ_PASSABLE: yes: none waits there that had to go first
 * @FASTBRIDGE_TXQ_BUSY: as soon as those that wait there have gone
 * @FASTBRIDGE_TXQ_NEVER: not with the qdisc that there is
 */
enum fastbridge_txq {
	FASTBRIDGE_TXQ_PASSABLE,
	FASTBRIDGE_TXQ_BUSY,
	FASTBRIDGE_TXQ_NEVER,
};

/**
 * struct fastbridge_terms - for how long an answer of fastbridge_flow() counts
 * @word: what it depends on, in the page of fastbridge_generations()
 * @seen: it counts while each word is still this
 * @until: and until then, in jiffies
 */
struct fastbridge_terms {
	const void *word[3];
	u32 seen[3];
	unsigned long until;
};

struct fb_port *fastbridge_port(const struct net_device *dev);
struct net_device *fastbridge_route(struct fb_port *in,
				    const struct fastbridge_frame *frame);
struct net_device *fastbridge_flow(struct fb_port *in, const struct fastbridge_frame *frame,
				   struct fastbridge_terms *terms);
const void *fastbridge_generations(void);
enum fastbridge_txq fastbridge_txq(const struct net_device *dev, u16 index);
void fastbridge_carried(struct fb_port *in, unsigned int frames,
			unsigned int bytes);

#endif /* _NET_FASTBRIDGE_H */
