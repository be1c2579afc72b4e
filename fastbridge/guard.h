/* SPDX-License-Identifier: GPL-2.0 */
/* What a port may send, by the addresses that it claims to be. */
#ifndef _FASTBRIDGE_GUARD_H
#define _FASTBRIDGE_GUARD_H

#include <linux/if_ether.h>
#include <linux/in6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <asm/unaligned.h>

#include "addrset.h"

struct fb_port;

enum fb_guard_kind {
	FB_GUARD_MAC,
	FB_GUARD_IPV4,
	FB_GUARD_IPV6,
	FB_GUARD_KINDS
};

/**
 * struct fb_guard - what a port may send
 * @on: it is looked at
 * @no_dhcp_server: not as a DHCP server
 * @no_router: no router advertisements, no redirects
 * @ip_only: nothing but IPv4, IPv6 and ARP
 * @lists_ip: there is a list of IPv4 or IPv6 addresses. One word, so that nobody finds both
 *	absent who looks at one before a change and at the other after the next
 * @allowed: source addresses. Of hardware addresses none means any; once there is an IPv4
 *	or an IPv6 one, none of the other kind is allowed but those that are listed
 *
 * Written under RTNL.
 */
struct fb_guard {
	bool on;
	bool no_dhcp_server;
	bool no_router;
	bool ip_only;
	bool lists_ip;
	struct fb_addrset __rcu *allowed[FB_GUARD_KINDS];
};

static inline struct fb_addr fb_guard_mac(const u8 *addr)
{
	return (struct fb_addr) {
		.low = (u64)get_unaligned_le16(addr + 4) << 32 |
		       get_unaligned_le32(addr),
	};
}

static inline struct fb_addr fb_guard_ipv4(__be32 addr)
{
	return (struct fb_addr) { .low = (__force u32)addr };
}

static inline struct fb_addr fb_guard_ipv6(const struct in6_addr *addr)
{
	return (struct fb_addr) {
		.high = get_unaligned((const u64 *)addr),
		.low = get_unaligned((const u64 *)addr + 1),
	};
}

static inline bool fb_guard_lists(const struct fb_guard *guard,
				  enum fb_guard_kind kind, struct fb_addr addr)
{
	const struct fb_addrset *set = rcu_dereference_bh(guard->allowed[kind]);

	return set && fb_addrset_has(set, addr);
}

/**
 * fb_guard_passes_plain - is a frame certainly allowed, as most are?
 * @guard: of the port it arrived on
 * @eth: its Ethernet header
 * @protocol: what follows
 * @head: that, as much of it as there is in one piece
 * @len: how many bytes
 *
 * TCP and UDP from addresses that are listed.
 *
 * Context: bottom halves off.
 */
static inline bool fb_guard_passes_plain(const struct fb_guard *guard,
					 const struct ethhdr *eth, __be16 protocol,
					 const void *head, unsigned int len)
{
	const struct ipv6hdr *ip6 = head;
	const struct iphdr *ip = head;

	if (!fb_guard_lists(guard, FB_GUARD_MAC, fb_guard_mac(eth->h_source)))
		return false;
	if (protocol == htons(ETH_P_IP))
		return len >= sizeof(*ip) &&
		       (ip->protocol == IPPROTO_TCP ||
			(ip->protocol == IPPROTO_UDP && !guard->no_dhcp_server)) &&
		       fb_guard_lists(guard, FB_GUARD_IPV4, fb_guard_ipv4(ip->saddr));
	return protocol == htons(ETH_P_IPV6) && len >= sizeof(*ip6) &&
	       (ip6->nexthdr == IPPROTO_TCP ||
		(ip6->nexthdr == IPPROTO_UDP && !guard->no_dhcp_server)) &&
	       fb_guard_lists(guard, FB_GUARD_IPV6, fb_guard_ipv6(&ip6->saddr));
}

/**
 * fb_guard_sum_is_plain - is a checksum that is yet to be made where it certainly may be?
 * @skb: the frame, which fb_guard_passes_plain() has been asked about
 *
 * Return: true, too, if there is none.
 */
static inline bool fb_guard_sum_is_plain(const struct sk_buff *skb)
{
	const struct iphdr *ip = (const struct iphdr *)skb->data;
	const bool ipv4 = skb->protocol == htons(ETH_P_IP);
	u8 protocol = ipv4 ? ip->protocol : ((const struct ipv6hdr *)ip)->nexthdr;
	int offset = ipv4 ? ip->ihl * 4 : (int)sizeof(struct ipv6hdr);

	if (skb->ip_summed != CHECKSUM_PARTIAL)
		return true;
	return offset >= (int)sizeof(*ip) && skb_checksum_start_offset(skb) == offset &&
	       skb->csum_offset == (protocol == IPPROTO_TCP ? offsetof(struct tcphdr, check) :
							      offsetof(struct udphdr, check));
}

bool fb_guard_allows_mac(const struct fb_guard *guard, const u8 *addr);
bool fb_guard_allows_ipv4(const struct fb_guard *guard, __be32 addr);
bool fb_guard_allows_ipv6(const struct fb_guard *guard, const struct in6_addr *addr);
bool fb_guard_passes(const struct fb_guard *guard, struct sk_buff *skb);

#endif /* _FASTBRIDGE_GUARD_H */
