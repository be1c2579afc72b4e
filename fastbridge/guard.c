// SPDX-License-Identifier: GPL-2.0
/*
 * The guard: what a port may send, by the addresses that it claims to be. This is what
 * hosts of guests keep bridge netfilter for, which costs each frame thousands of
 * instructions.
 *
 * A frame that cannot be told to be right is dropped: a header that is cut off, or an
 * address of a kind that is not listed while another is. What has no such addresses
 * passes: the guard minds who speaks, and not of what.
 *
 * Locking: packets read the sets with bottom halves off, which RCU waits for. They are
 * replaced under RTNL, one by one; a change of several addresses at once is one
 * replacement.
 */
#include <linux/icmpv6.h>
#include <linux/if_arp.h>
#include <linux/if_vlan.h>
#include <linux/inet.h>
#include <linux/rtnetlink.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/ndisc.h>

#include "guard.h"

/* Tags, and options of neighbour discovery, beyond which nobody means well. */
#define FB_GUARD_TAGS		8
#define FB_GUARD_OPTIONS	32

#define FB_DHCP_SERVER		67
#define FB_DHCP_CLIENT		68
#define FB_DHCPV6_SERVER	547
#define FB_DHCPV6_CLIENT	546

/* ARP for IPv4 over Ethernet, RFC 826. */
struct fb_arp {
	struct arphdr hdr;
	u8 sender_mac[ETH_ALEN];
	__be32 sender_ip;
	u8 target_mac[ETH_ALEN];
	__be32 target_ip;
} __packed;

static bool fb_guard_has_list(const struct fb_guard *guard, enum fb_guard_kind kind)
{
	return rcu_access_pointer(guard->allowed[kind]);
}

static bool fb_guard_allows_mac(const struct fb_guard *guard, const u8 *addr)
{
	return !fb_guard_has_list(guard, FB_GUARD_MAC) ||
	       fb_guard_lists(guard, FB_GUARD_MAC, fb_guard_mac(addr));
}

static bool fb_guard_allows_any_ip(const struct fb_guard *guard)
{
	return !fb_guard_has_list(guard, FB_GUARD_IPV4) &&
	       !fb_guard_has_list(guard, FB_GUARD_IPV6);
}

static bool fb_guard_allows_ipv4(const struct fb_guard *guard, __be32 addr)
{
	return fb_guard_allows_any_ip(guard) ||
	       fb_guard_lists(guard, FB_GUARD_IPV4, fb_guard_ipv4(addr));
}

static bool fb_guard_allows_ipv6(const struct fb_guard *guard,
				 const struct in6_addr *addr)
{
	return fb_guard_allows_any_ip(guard) ||
	       fb_guard_lists(guard, FB_GUARD_IPV6, fb_guard_ipv6(addr));
}

static bool fb_guard_is_udp(const struct sk_buff *skb, int offset, u16 from, u16 to)
{
	const struct udphdr *udp;
	struct udphdr buffer;

	udp = skb_header_pointer(skb, offset, sizeof(buffer), &buffer);
	return udp && udp->source == htons(from) && udp->dest == htons(to);
}

/* Who has no address yet may ask a DHCP server for one. */
static bool fb_guard_ipv4_passes(const struct fb_guard *guard, const struct sk_buff *skb,
				 int offset)
{
	bool udp, asks = false, answers = false;
	const struct iphdr *ip;
	struct iphdr buffer;

	ip = skb_header_pointer(skb, offset, sizeof(buffer), &buffer);
	if (!ip || ip->ihl < sizeof(*ip) / 4)
		return false;
	offset += ip->ihl * 4;
	udp = ip->protocol == IPPROTO_UDP && !(ip->frag_off & htons(IP_OFFSET));
	if (udp) {
		asks = fb_guard_is_udp(skb, offset, FB_DHCP_CLIENT, FB_DHCP_SERVER);
		answers = fb_guard_is_udp(skb, offset, FB_DHCP_SERVER, FB_DHCP_CLIENT);
	}
	if (answers && READ_ONCE(guard->no_dhcp_server))
		return false;
	return fb_guard_allows_ipv4(guard, ip->saddr) || (!ip->saddr && asks);
}

/* The sender of a probe has no address yet, RFC 5227. */
static bool fb_guard_arp_passes(const struct fb_guard *guard, const struct sk_buff *skb,
				int offset)
{
	const struct fb_arp *arp;
	struct fb_arp buffer;

	arp = skb_header_pointer(skb, offset, sizeof(buffer), &buffer);
	return arp && arp->hdr.ar_hrd == htons(ARPHRD_ETHER) &&
	       arp->hdr.ar_pro == htons(ETH_P_IP) && arp->hdr.ar_hln == ETH_ALEN &&
	       arp->hdr.ar_pln == sizeof(arp->sender_ip) &&
	       fb_guard_allows_mac(guard, arp->sender_mac) &&
	       (!arp->sender_ip || fb_guard_allows_ipv4(guard, arp->sender_ip));
}

/* The hardware addresses that a message of neighbour discovery tells of, up to its end. */
static bool fb_guard_options_pass(const struct fb_guard *guard, const struct sk_buff *skb,
				  int offset, int end)
{
	const struct nd_opt_hdr *option;
	struct {
		struct nd_opt_hdr hdr;
		u8 mac[ETH_ALEN];
	} buffer;
	unsigned int i;

	for (i = 0; i < FB_GUARD_OPTIONS && offset < end; i++) {
		option = skb_header_pointer(skb, offset, sizeof(buffer), &buffer);
		if (!option || !option->nd_opt_len)
			return false;
		if ((option->nd_opt_type == ND_OPT_SOURCE_LL_ADDR ||
		     option->nd_opt_type == ND_OPT_TARGET_LL_ADDR) &&
		    !fb_guard_allows_mac(guard, (const u8 *)(option + 1)))
			return false;
		offset += option->nd_opt_len * 8;
	}
	return offset >= end;
}

static bool fb_guard_target_passes(const struct fb_guard *guard, const struct sk_buff *skb,
				   int offset)
{
	const struct nd_msg *msg;
	struct nd_msg buffer;

	msg = skb_header_pointer(skb, offset, sizeof(buffer), &buffer);
	return msg && fb_guard_allows_ipv6(guard, &msg->target);
}

/*
 * A solicitation from no address asks whether its target is taken, which is claiming it;
 * from an address it asks for somebody else.
 */
static bool fb_guard_icmpv6_passes(const struct fb_guard *guard, const struct sk_buff *skb,
				   int offset, int end, bool known, bool unspecified)
{
	const struct icmp6hdr *icmp6;
	struct icmp6hdr buffer;

	icmp6 = skb_header_pointer(skb, offset, sizeof(buffer), &buffer);
	if (!icmp6)
		return false;
	switch (icmp6->icmp6_type) {
	case NDISC_ROUTER_ADVERTISEMENT:
	case NDISC_REDIRECT:
		return !READ_ONCE(guard->no_router) && known;
	case NDISC_ROUTER_SOLICITATION:
		return (known || unspecified) &&
		       fb_guard_options_pass(guard, skb, offset + sizeof(*icmp6), end);
	case NDISC_NEIGHBOUR_SOLICITATION:
		return (known || (unspecified &&
				  fb_guard_target_passes(guard, skb, offset))) &&
		       fb_guard_options_pass(guard, skb, offset + sizeof(struct nd_msg),
					     end);
	case NDISC_NEIGHBOUR_ADVERTISEMENT:
		return known && fb_guard_target_passes(guard, skb, offset) &&
		       fb_guard_options_pass(guard, skb, offset + sizeof(struct nd_msg),
					     end);
	case ICMPV6_MGM_REPORT:
	case ICMPV6_MGM_REDUCTION:
	case ICMPV6_MLD2_REPORT:
		return known || unspecified;
	default:
		return known;
	}
}

static bool fb_guard_ipv6_passes(const struct fb_guard *guard, const struct sk_buff *skb,
				 int offset)
{
	const struct ipv6hdr *ip6;
	struct ipv6hdr buffer;
	__be16 frag;
	bool known;
	u8 nexthdr;
	int end;

	ip6 = skb_header_pointer(skb, offset, sizeof(buffer), &buffer);
	if (!ip6)
		return false;
	known = fb_guard_allows_ipv6(guard, &ip6->saddr);
	nexthdr = ip6->nexthdr;
	end = offset + sizeof(*ip6) + ntohs(ip6->payload_len);
	if (!ip6->payload_len || end > skb->len)
		end = skb->len;
	offset = ipv6_skip_exthdr(skb, offset + sizeof(*ip6), &nexthdr, &frag);
	if (offset < 0)
		return false;
	if (nexthdr == IPPROTO_ICMPV6)
		return fb_guard_icmpv6_passes(guard, skb, offset, end, known,
					      ipv6_addr_any(&ip6->saddr));
	if (nexthdr == IPPROTO_UDP && READ_ONCE(guard->no_dhcp_server) &&
	    fb_guard_is_udp(skb, offset, FB_DHCPV6_SERVER, FB_DHCPV6_CLIENT))
		return false;
	return known;
}

/**
 * fb_guard_passes - may a frame pass?
 * @guard: of the port it arrived on
 * @skb: the frame, as the ingress hook gets it
 *
 * Context: bottom halves off.
 */
bool fb_guard_passes(const struct fb_guard *guard, const struct sk_buff *skb)
{
	__be16 protocol = skb->protocol;
	const struct vlan_hdr *tag;
	struct vlan_hdr buffer;
	int offset = 0;

	if (!fb_guard_allows_mac(guard, eth_hdr(skb)->h_source))
		return false;
	for (; eth_type_vlan(protocol); offset += sizeof(*tag)) {
		tag = skb_header_pointer(skb, offset, sizeof(buffer), &buffer);
		if (!tag || offset == FB_GUARD_TAGS * sizeof(*tag))
			return false;
		protocol = tag->h_vlan_encapsulated_proto;
	}

	switch (protocol) {
	case htons(ETH_P_IP):
		return fb_guard_ipv4_passes(guard, skb, offset);
	case htons(ETH_P_IPV6):
		return fb_guard_ipv6_passes(guard, skb, offset);
	case htons(ETH_P_ARP):
	case htons(ETH_P_RARP):
		return fb_guard_arp_passes(guard, skb, offset);
	default:
		return true;
	}
}

static int fb_guard_parse(enum fb_guard_kind kind, const char *text, struct fb_addr *addr)
{
	struct in6_addr ip6;
	u8 mac[ETH_ALEN];
	const char *end;
	__be32 ip;

	switch (kind) {
	case FB_GUARD_MAC:
		if (strlen(text) != 3 * ETH_ALEN - 1 || !mac_pton(text, mac) ||
		    !is_valid_ether_addr(mac))
			return -EINVAL;
		*addr = fb_guard_mac(mac);
		return 0;
	case FB_GUARD_IPV4:
		if (!in4_pton(text, -1, (u8 *)&ip, -1, &end) || *end ||
		    ipv4_is_zeronet(ip) || ipv4_is_multicast(ip) ||
		    ipv4_is_lbcast(ip))
			return -EINVAL;
		*addr = fb_guard_ipv4(ip);
		return 0;
	default:
		if (!in6_pton(text, -1, ip6.s6_addr, -1, &end) || *end ||
		    ipv6_addr_any(&ip6) || ipv6_addr_is_multicast(&ip6))
			return -EINVAL;
		*addr = fb_guard_ipv6(&ip6);
		return 0;
	}
}

/* "+ADDRESS" or "-ADDRESS"; *@set is replaced, and freed if packets have not seen it. */
static int fb_guard_change_one(enum fb_guard_kind kind, const char *word,
			       const struct fb_addrset *seen, struct fb_addrset **set)
{
	struct fb_addrset *new;
	struct fb_addr addr;
	int err;

	if (*word != '+' && *word != '-')
		return -EINVAL;
	err = fb_guard_parse(kind, word + 1, &addr);
	if (err)
		return err;
	new = *word == '+' ? fb_addrset_with(*set, addr) :
			     fb_addrset_without(*set, addr);
	if (IS_ERR(new))
		return PTR_ERR(new);
	if (*set != seen)
		kvfree(*set);
	*set = new;
	return 0;
}

/**
 * fb_guard_change - add and remove addresses, all or none
 * @guard: the guard
 * @kind: of which kind
 * @words: +ADDRESS and -ADDRESS, with spaces or line ends between them
 *
 * Context: RTNL.
 * Return: 0; or a negative error upon which nothing has changed: -EINVAL for what is no
 * address of the kind, -EEXIST, -ENOENT, -ENOSPC, -ENOMEM.
 */
int fb_guard_change(struct fb_guard *guard, enum fb_guard_kind kind, const char *words)
{
	struct fb_addrset *seen = rtnl_dereference(guard->allowed[kind]);
	char *text, *rest, *word;
	struct fb_addrset *set;
	int err = -EINVAL;

	text = kstrdup(words, GFP_KERNEL);
	if (!text)
		return -ENOMEM;
	rest = text;
	set = seen;
	while ((word = strsep(&rest, " \t\n"))) {
		if (!*word)
			continue;
		err = fb_guard_change_one(kind, word, seen, &set);
		if (err)
			break;
	}
	kfree(text);
	if (err) {
		if (set != seen)
			kvfree(set);
		return err;
	}
	rcu_assign_pointer(guard->allowed[kind], set);
	if (seen && set != seen)
		kvfree_rcu(seen, rcu);
	return 0;
}

static void fb_guard_print(enum fb_guard_kind kind, struct fb_addr addr, char *text,
			   size_t size)
{
	u64 ip6[] = { addr.high, addr.low };
	__be32 ip = (__force __be32)addr.low;
	u8 mac[ETH_ALEN];

	switch (kind) {
	case FB_GUARD_MAC:
		put_unaligned_le32(addr.low, mac);
		put_unaligned_le16(addr.low >> 32, mac + 4);
		snprintf(text, size, "%pM", mac);
		break;
	case FB_GUARD_IPV4:
		snprintf(text, size, "%pI4", &ip);
		break;
	default:
		snprintf(text, size, "%pI6c", ip6);
	}
}

/**
 * fb_guard_show - a part of the list of addresses
 * @guard: the guard
 * @kind: of which kind
 * @buf: where to put it
 * @off: where in the list it begins, in bytes
 * @size: of @buf
 *
 * Lines are all as long as the longest can be, so that an offset tells which one it is in.
 *
 * Return: how many bytes there are in @buf; 0 at the end of the list.
 */
size_t fb_guard_show(struct fb_guard *guard, enum fb_guard_kind kind, char *buf,
		     loff_t off, size_t size)
{
	static const int widths[] = {
		[FB_GUARD_MAC] = 3 * ETH_ALEN - 1,
		[FB_GUARD_IPV4] = INET_ADDRSTRLEN - 1,
		[FB_GUARD_IPV6] = INET6_ADDRSTRLEN - 1,
	};
	const size_t line = widths[kind] + 1;
	const struct fb_addr none = {};
	const struct fb_addrset *set;
	char text[INET6_ADDRSTRLEN + 1], address[INET6_ADDRSTRLEN];
	size_t done = 0;
	loff_t at = 0;
	u32 i;

	rcu_read_lock();
	set = rcu_dereference(guard->allowed[kind]);
	for (i = 0; set && i <= set->mask && done < size; i++) {
		size_t skip, part;

		if (fb_addr_equal(set->slots[i], none))
			continue;
		if (at + line > off) {
			skip = off + done - at;
			part = min(line - skip, size - done);
			fb_guard_print(kind, set->slots[i], address, sizeof(address));
			snprintf(text, sizeof(text), "%-*s\n", widths[kind], address);
			memcpy(buf + done, text + skip, part);
			done += part;
		}
		at += line;
	}
	rcu_read_unlock();
	return done;
}

/**
 * fb_guard_destroy - free the sets
 * @guard: which no packet sees any more
 */
void fb_guard_destroy(struct fb_guard *guard)
{
	unsigned int kind;

	for (kind = 0; kind < FB_GUARD_KINDS; kind++)
		kvfree(rcu_dereference_protected(guard->allowed[kind], true));
}
