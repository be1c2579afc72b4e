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
 * Locking: bottom halves are off, which RCU waits for.
 */
#include <linux/icmp.h>
#include <linux/if_arp.h>
#include <linux/if_vlan.h>
#include <linux/igmp.h>
#include <linux/sctp.h>
#include <linux/skbuff.h>
#include <net/ip.h>

#include "guard.h"
#include "guard_header.h"
#include "guard_ip6.h"

/* Tags beyond which nobody means well. */
#define FB_GUARD_TAGS		8

#define FB_DHCP_SERVER		67
#define FB_DHCP_CLIENT		68
#define FB_DHCP_ANSWER		2
#define FB_DHCP_COOKIE		0x63825363
/* Where it is, behind UDP's header. */
#define FB_DHCP_COOKIE_OFFSET	236

/* RFC 1256 and 4286. */
#define FB_ROUTER_ADVERTISEMENT		9
#define FB_MULTICAST_ROUTER		0x30
#define FB_MULTICAST_ROUTER_ENDS	0x32

/* What 802.2 has in front of an Ethernet type, RFC 1042 and 802.1H. */
struct fb_snap {
	u8 llc[3];
	u8 oui[3];
	__be16 type;
} __packed;

/* ARP for IPv4 over Ethernet, RFC 826. */
struct fb_arp {
	struct arphdr hdr;
	u8 sender_mac[ETH_ALEN];
	__be32 sender_ip;
	u8 target_mac[ETH_ALEN];
	__be32 target_ip;
} __packed;

/* How DHCP's messages begin, RFC 2131. */
struct fb_dhcp {
	struct udphdr udp;
	u8 op;
} __packed;

/**
 * fb_guard_allows_mac - may a port use a hardware address?
 * @guard: of the port
 * @addr: the address
 *
 * Context: bottom halves off.
 */
bool fb_guard_allows_mac(const struct fb_guard *guard, const u8 *addr)
{
	const struct fb_addrset *set = rcu_dereference_bh(guard->allowed[FB_GUARD_MAC]);

	return !set || fb_addrset_has(set, fb_guard_mac(addr));
}

/* An address of the last list may find that gone by which it was allowed, hence the second look. */
static bool fb_guard_allows_ip(const struct fb_guard *guard, enum fb_guard_kind kind,
			       struct fb_addr addr)
{
	/* Pairs with fb_guard_publish(). */
	if (!smp_load_acquire(&guard->lists_ip) || fb_guard_lists(guard, kind, addr))
		return true;
	/* And so does this. */
	smp_rmb();
	return !READ_ONCE(guard->lists_ip);
}

/**
 * fb_guard_allows_ipv4 - may a port use an IPv4 address?
 * @guard: of the port
 * @addr: the address
 *
 * Context: bottom halves off.
 */
bool fb_guard_allows_ipv4(const struct fb_guard *guard, __be32 addr)
{
	return fb_guard_allows_ip(guard, FB_GUARD_IPV4, fb_guard_ipv4(addr));
}

/**
 * fb_guard_allows_ipv6 - may a port use an IPv6 address?
 * @guard: of the port
 * @addr: the address
 *
 * Context: bottom halves off.
 */
bool fb_guard_allows_ipv6(const struct fb_guard *guard, const struct in6_addr *addr)
{
	return fb_guard_allows_ip(guard, FB_GUARD_IPV6, fb_guard_ipv6(addr));
}

/*
 * A checksum that is yet to be made is written into the frame once it has been looked at: where
 * the sender of a tap or a veth has said, and, since that is of bytes of the sender's choice, with
 * what it likes. So it has to be where the transport has it, or behind all that is looked at, where
 * a tunnel's packet has one.
 */

/**
 * fb_guard_sum_passes - may a checksum be made where it is to be?
 * @skb: the frame
 * @protocol: of the transport; IPPROTO_RAW if there is none
 * @offset: where its header begins
 *
 * Return: true, too, if none is to be made.
 */
bool fb_guard_sum_passes(const struct sk_buff *skb, u8 protocol, int offset)
{
	int start;

	if (skb->ip_summed != CHECKSUM_PARTIAL)
		return true;
	start = skb_checksum_start_offset(skb);
	switch (protocol) {
	case IPPROTO_TCP:
		return start == offset && skb->csum_offset == offsetof(struct tcphdr, check);
	case IPPROTO_SCTP:
		return start == offset && skb->csum_offset == offsetof(struct sctphdr, checksum);
	case IPPROTO_UDP:
		if (start == offset)
			return skb->csum_offset == offsetof(struct udphdr, check);
		fallthrough;
	case IPPROTO_GRE:
	case IPPROTO_IPIP:
	case IPPROTO_IPV6:
		return start >= offset + (int)sizeof(struct udphdr);
	default:
		return false;
	}
}

/* What only a DHCP server, or a router, says; of a header that is cut off that may be. */
static bool fb_guard_serves(const struct fb_guard *guard, const struct sk_buff *skb,
			    u8 protocol, int offset, int end)
{
	const u8 *type;
	u8 buffer;

	if (protocol == IPPROTO_UDP)
		return READ_ONCE(guard->no_dhcp_server) &&
		       fb_guard_udp_to(skb, offset, end, FB_DHCP_CLIENT);
	if ((protocol != IPPROTO_ICMP && protocol != IPPROTO_IGMP) ||
	    !READ_ONCE(guard->no_router))
		return false;
	type = fb_guard_header(skb, offset, sizeof(buffer), end, &buffer);
	if (!type)
		return true;
	return protocol == IPPROTO_ICMP ?
	       *type == ICMP_REDIRECT || *type == FB_ROUTER_ADVERTISEMENT :
	       *type == FB_MULTICAST_ROUTER || *type == FB_MULTICAST_ROUTER_ENDS;
}

/*
 * Who has no address yet may ask a DHCP server for one, and say which groups are wanted,
 * RFC 4541.
 */
static bool fb_guard_starts(const struct sk_buff *skb, u8 protocol, int offset, int end)
{
	const struct udphdr *udp;
	struct udphdr buffer;
	const u8 *type;

	switch (protocol) {
	case IPPROTO_UDP:
		udp = fb_guard_header(skb, offset, sizeof(buffer), end, &buffer);
		return udp && udp->source == htons(FB_DHCP_CLIENT) &&
		       udp->dest == htons(FB_DHCP_SERVER);
	case IPPROTO_IGMP:
		type = fb_guard_header(skb, offset, sizeof(*type), end, &buffer);
		return type && (*type == IGMP_HOST_MEMBERSHIP_REPORT ||
				*type == IGMPV2_HOST_MEMBERSHIP_REPORT ||
				*type == IGMPV3_HOST_MEMBERSHIP_REPORT ||
				*type == IGMP_HOST_LEAVE_MESSAGE);
	default:
		return false;
	}
}

/* What says that it is one, or what is DHCP's, for not all clients look at both. */
static bool fb_guard_is_dhcp_answer(const struct sk_buff *skb, int offset)
{
	const struct fb_dhcp *dhcp;
	struct fb_dhcp buffer;
	const __be32 *cookie;

	dhcp = skb_header_pointer(skb, offset, sizeof(buffer), &buffer);
	if (!dhcp || dhcp->udp.dest != htons(FB_DHCP_CLIENT))
		return false;
	if (dhcp->op == FB_DHCP_ANSWER)
		return true;
	cookie = skb_header_pointer(skb, offset + sizeof(dhcp->udp) + FB_DHCP_COOKIE_OFFSET,
				    sizeof(*cookie), &buffer);
	return cookie && get_unaligned_be32(cookie) == FB_DHCP_COOKIE;
}

/*
 * Clients of DHCP read frames by themselves, ahead of their host's IP. systemd's looks for UDP
 * where it is if IP has no options, whether it has any or not; busybox's and klibc's do not mind
 * which fragment it is, and what a datagram is cut to only when it is sent on nobody looks at.
 */
static bool fb_guard_answers_dhcp(const struct fb_guard *guard, const struct sk_buff *skb,
				  const struct iphdr *ip, int offset)
{
	return ip->protocol == IPPROTO_UDP && READ_ONCE(guard->no_dhcp_server) &&
	       ((skb_shinfo(skb)->gso_type & SKB_GSO_UDP) ||
		fb_guard_is_dhcp_answer(skb, offset + sizeof(*ip)) ||
		fb_guard_is_dhcp_answer(skb, offset + ip->ihl * 4));
}

static bool fb_guard_ipv4_passes(const struct fb_guard *guard, const struct sk_buff *skb,
				 int offset)
{
	const struct iphdr *ip;
	struct iphdr buffer;
	bool known;
	int end;

	ip = skb_header_pointer(skb, offset, sizeof(buffer), &buffer);
	if (!ip || ip->ihl < sizeof(*ip) / 4)
		return false;
	if (fb_guard_answers_dhcp(guard, skb, ip, offset))
		return false;
	if (!fb_guard_sum_passes(skb, ip_is_fragment(ip) ? IPPROTO_RAW : ip->protocol,
				 offset + ip->ihl * 4))
		return false;
	known = fb_guard_allows_ipv4(guard, ip->saddr);
	if (ip->frag_off & htons(IP_OFFSET))
		return known;
	end = fb_guard_end(skb, offset, ntohs(ip->tot_len));
	offset += ip->ihl * 4;
	if (fb_guard_serves(guard, skb, ip->protocol, offset, end))
		return false;
	return known || (!ip->saddr && fb_guard_starts(skb, ip->protocol, offset, end));
}

/*
 * The sender of a probe has no address yet, RFC 5227, but claims that which it asks for: who
 * probes for the same gives it up.
 */
static bool fb_guard_arp_passes(const struct fb_guard *guard, const struct sk_buff *skb,
				int offset)
{
	const struct fb_arp *arp;
	struct fb_arp buffer;
	__be32 claimed;

	arp = skb_header_pointer(skb, offset, sizeof(buffer), &buffer);
	if (!arp)
		return false;
	claimed = arp->sender_ip ? arp->sender_ip : arp->target_ip;
	return arp->hdr.ar_hrd == htons(ARPHRD_ETHER) &&
	       arp->hdr.ar_pro == htons(ETH_P_IP) && arp->hdr.ar_hln == ETH_ALEN &&
	       arp->hdr.ar_pln == sizeof(arp->sender_ip) &&
	       fb_guard_allows_mac(guard, arp->sender_mac) &&
	       (!claimed || fb_guard_allows_ipv4(guard, claimed));
}

static bool fb_guard_is_tag(__be16 protocol)
{
	switch (protocol) {
	case htons(ETH_P_8021Q):
	case htons(ETH_P_8021AD):
	case htons(ETH_P_QINQ1):
	case htons(ETH_P_QINQ2):
	case htons(ETH_P_QINQ3):
		return true;
	default:
		return false;
	}
}

static bool fb_guard_is_snap(const struct fb_snap *snap)
{
	return snap->llc[0] == 0xaa && snap->llc[1] == 0xaa && snap->llc[2] == 0x03 &&
	       !snap->oui[0] && !snap->oui[1] &&
	       (!snap->oui[2] || snap->oui[2] == 0xf8);
}

/**
 * struct fb_guard_payload - what a frame carries behind tags and 802.2
 * @protocol: its Ethernet type, or what stands for 802.2 that has none
 * @offset: where it begins
 * @snap: 802.2 says what it is, which not everybody takes for the same
 */
struct fb_guard_payload {
	__be16 protocol;
	int offset;
	bool snap;
};

/* False if that cannot be told. */
static bool fb_guard_unwrap(const struct sk_buff *skb, struct fb_guard_payload *payload)
{
	const struct vlan_hdr *tag;
	const struct fb_snap *snap;
	struct fb_snap buffer;
	unsigned int i;

	for (i = 0; i <= FB_GUARD_TAGS; i++) {
		if (fb_guard_is_tag(payload->protocol)) {
			tag = skb_header_pointer(skb, payload->offset, sizeof(*tag),
						 &buffer);
			if (!tag)
				return false;
			payload->protocol = tag->h_vlan_encapsulated_proto;
			payload->offset += sizeof(*tag);
		} else if (!eth_proto_is_802_3(payload->protocol)) {
			snap = skb_header_pointer(skb, payload->offset, sizeof(*snap),
						  &buffer);
			if (!snap || !fb_guard_is_snap(snap))
				return true;
			payload->protocol = snap->type;
			payload->offset += sizeof(*snap);
			payload->snap = true;
		} else {
			return true;
		}
	}
	return false;
}

/*
 * What others have, too, has no pages of a guest any more: deliver_skb() sees to that, and
 * nobody may change it.
 */
static bool fb_guard_pull(struct sk_buff *skb)
{
	return skb_shared(skb) ||
	       pskb_may_pull(skb, min_t(unsigned int, skb->len, FB_GUARD_LOOKS));
}

/**
 * fb_guard_passes - may a frame pass?
 * @guard: of the port it arrived on
 * @skb: the frame, as the ingress hook and the bridge get it
 *
 * Context: bottom halves off.
 */
bool fb_guard_passes(const struct fb_guard *guard, struct sk_buff *skb)
{
	struct fb_guard_payload payload = { .protocol = skb->protocol };
	bool ip_only = READ_ONCE(guard->ip_only);

	if (!fb_guard_pull(skb) || !fb_guard_allows_mac(guard, eth_hdr(skb)->h_source) ||
	    !fb_guard_unwrap(skb, &payload) || (payload.snap && ip_only))
		return false;

	switch (payload.protocol) {
	case htons(ETH_P_IP):
		return fb_guard_ipv4_passes(guard, skb, payload.offset);
	case htons(ETH_P_IPV6):
		return fb_guard_ipv6_passes(guard, skb, payload.offset);
	case htons(ETH_P_ARP):
	case htons(ETH_P_RARP):
		return fb_guard_sum_passes(skb, IPPROTO_RAW, payload.offset) &&
		       fb_guard_arp_passes(guard, skb, payload.offset);
	default:
		return fb_guard_sum_passes(skb, IPPROTO_RAW, payload.offset) && !ip_only;
	}
}
