// SPDX-License-Identifier: GPL-2.0
/*
 * The guard's look at IPv6: who sends, behind whatever extension headers, and which
 * addresses neighbour discovery claims. What a fragment hides is not waited for: neighbour
 * discovery does without them (RFC 6980), and others begin with all of their headers
 * (RFC 7112).
 *
 * Locking: bottom halves are off.
 */
#include <linux/icmpv6.h>
#include <net/ipv6.h>
#include <net/ndisc.h>

#include "guard_header.h"
#include "guard_ip6.h"

/* Extension headers, and options of neighbour discovery, beyond which nobody means well. */
#define FB_GUARD_EXTENSIONS	16
#define FB_GUARD_OPTIONS	32

#define FB_DHCPV6_CLIENT	546

/* RFC 3122, 3971 and 4286. */
#define FB_INVERSE_SOLICITATION		141
#define FB_INVERSE_ADVERTISEMENT	142
#define FB_CERTIFICATION_SOLICITATION	148
#define FB_CERTIFICATION_ADVERTISEMENT	149
#define FB_MULTICAST_ROUTER		151
#define FB_MULTICAST_ROUTER_ENDS	153

/**
 * struct fb_guard_ip6 - a packet that is looked at
 * @skb: the frame
 * @offset: of the header behind the extension headers
 * @end: of the packet
 * @protocol: of that header
 * @fragment: there is a fragment header
 * @rest: it is a fragment, and not the first one
 * @known: the sender's address is allowed
 * @unspecified: the sender has no address
 */
struct fb_guard_ip6 {
	const struct sk_buff *skb;
	int offset;
	int end;
	u8 protocol;
	bool fragment;
	bool rest;
	bool known;
	bool unspecified;
};

/* Past the extension headers, or to a fragment header that leads on elsewhere. */
static bool fb_guard_skip(struct fb_guard_ip6 *packet)
{
	const struct ipv6_opt_hdr *extension;
	const struct frag_hdr *fragment;
	struct frag_hdr buffer;
	unsigned int i;

	for (i = 0; i < FB_GUARD_EXTENSIONS; i++) {
		if (!ipv6_ext_hdr(packet->protocol) || packet->protocol == NEXTHDR_NONE)
			return true;
		/* The shortest extension header is as long. */
		fragment = fb_guard_header(packet->skb, packet->offset, sizeof(buffer),
					   packet->end, &buffer);
		if (!fragment)
			return false;
		extension = (const struct ipv6_opt_hdr *)fragment;
		switch (packet->protocol) {
		case NEXTHDR_FRAGMENT:
			packet->fragment = true;
			packet->rest = fragment->frag_off & htons(IP6_OFFSET);
			packet->offset += sizeof(buffer);
			break;
		case NEXTHDR_AUTH:
			packet->offset += ipv6_authlen(extension);
			break;
		default:
			packet->offset += ipv6_optlen(extension);
		}
		packet->protocol = extension->nexthdr;
		if (packet->rest)
			return true;
	}
	return false;
}

/* The hardware addresses that a message of neighbour discovery tells of. */
static bool fb_guard_options_pass(const struct fb_guard *guard,
				  const struct fb_guard_ip6 *packet, int len)
{
	int offset = packet->offset + len;
	const struct nd_opt_hdr *option;
	struct {
		struct nd_opt_hdr hdr;
		u8 mac[ETH_ALEN];
	} buffer;
	unsigned int i;

	for (i = 0; i < FB_GUARD_OPTIONS && offset < packet->end; i++) {
		option = fb_guard_header(packet->skb, offset, sizeof(buffer), packet->end,
					 &buffer);
		if (!option || !option->nd_opt_len)
			return false;
		if ((option->nd_opt_type == ND_OPT_SOURCE_LL_ADDR ||
		     option->nd_opt_type == ND_OPT_TARGET_LL_ADDR) &&
		    !fb_guard_allows_mac(guard, (const u8 *)(option + 1)))
			return false;
		offset += option->nd_opt_len * 8;
	}
	return offset >= packet->end;
}

static bool fb_guard_target_passes(const struct fb_guard *guard,
				   const struct fb_guard_ip6 *packet)
{
	const struct nd_msg *msg;
	struct nd_msg buffer;

	msg = fb_guard_header(packet->skb, packet->offset, sizeof(buffer), packet->end,
			      &buffer);
	return msg && fb_guard_allows_ipv6(guard, &msg->target);
}

/*
 * Who has a connection to a neighbour, by TCP, SCTP or DCCP, can have it believe a redirect, router
 * or not: for others only the kernel compares the router's address. So what is redirected is to be
 * the sender's own.
 */
static bool fb_guard_redirect_passes(const struct fb_guard *guard,
				     const struct fb_guard_ip6 *packet)
{
	const struct rd_msg *msg;
	struct rd_msg buffer;

	msg = fb_guard_header(packet->skb, packet->offset, sizeof(buffer), packet->end,
			      &buffer);
	return msg && fb_guard_allows_ipv6(guard, &msg->target) &&
	       fb_guard_allows_ipv6(guard, &msg->dest);
}

static bool fb_guard_is_nd(u8 type)
{
	switch (type) {
	case NDISC_ROUTER_SOLICITATION:
	case NDISC_ROUTER_ADVERTISEMENT:
	case NDISC_NEIGHBOUR_SOLICITATION:
	case NDISC_NEIGHBOUR_ADVERTISEMENT:
	case NDISC_REDIRECT:
	case FB_CERTIFICATION_SOLICITATION:
		return true;
	default:
		return false;
	}
}

/* What only routers say. */
static bool fb_guard_routes(u8 type)
{
	switch (type) {
	case NDISC_ROUTER_ADVERTISEMENT:
	case NDISC_REDIRECT:
	case FB_CERTIFICATION_ADVERTISEMENT:
	case FB_MULTICAST_ROUTER:
	case FB_MULTICAST_ROUTER_ENDS:
		return true;
	default:
		return false;
	}
}

/*
 * A solicitation from no address asks whether its target is taken, which is claiming it;
 * from an address it asks for somebody else. Inverse neighbour discovery is not for Ethernet.
 */
static bool fb_guard_nd_passes(const struct fb_guard *guard,
			       const struct fb_guard_ip6 *packet, u8 type)
{
	switch (type) {
	case NDISC_ROUTER_ADVERTISEMENT:
		return packet->known &&
		       fb_guard_options_pass(guard, packet, sizeof(struct ra_msg));
	case NDISC_ROUTER_SOLICITATION:
		return (packet->known || packet->unspecified) &&
		       fb_guard_options_pass(guard, packet, sizeof(struct rs_msg));
	case NDISC_NEIGHBOUR_SOLICITATION:
		return (packet->known ||
			(packet->unspecified && fb_guard_target_passes(guard, packet))) &&
		       fb_guard_options_pass(guard, packet, sizeof(struct nd_msg));
	case NDISC_NEIGHBOUR_ADVERTISEMENT:
		return packet->known && fb_guard_target_passes(guard, packet) &&
		       fb_guard_options_pass(guard, packet, sizeof(struct nd_msg));
	case NDISC_REDIRECT:
		return packet->known && fb_guard_redirect_passes(guard, packet) &&
		       fb_guard_options_pass(guard, packet, sizeof(struct rd_msg));
	case ICMPV6_MGM_REPORT:
	case ICMPV6_MGM_REDUCTION:
	case ICMPV6_MLD2_REPORT:
		return packet->known || packet->unspecified;
	case FB_INVERSE_SOLICITATION:
	case FB_INVERSE_ADVERTISEMENT:
		return false;
	default:
		return packet->known;
	}
}

static bool fb_guard_icmpv6_passes(const struct fb_guard *guard,
				   const struct fb_guard_ip6 *packet)
{
	const u8 *type;
	u8 buffer;

	type = fb_guard_header(packet->skb, packet->offset, sizeof(buffer), packet->end,
			       &buffer);
	if (!type || (packet->fragment && fb_guard_is_nd(*type)) ||
	    (READ_ONCE(guard->no_router) && fb_guard_routes(*type)))
		return false;
	return fb_guard_nd_passes(guard, packet, *type);
}

/**
 * fb_guard_ipv6_passes - may an IPv6 packet pass?
 * @guard: of the port it arrived on
 * @skb: the frame
 * @offset: where the packet begins
 *
 * Context: bottom halves off.
 */
bool fb_guard_ipv6_passes(const struct fb_guard *guard, const struct sk_buff *skb,
			  int offset)
{
	struct fb_guard_ip6 packet = { .skb = skb };
	const struct ipv6hdr *ip6;
	struct ipv6hdr buffer;

	ip6 = skb_header_pointer(skb, offset, sizeof(buffer), &buffer);
	if (!ip6)
		return false;
	packet.offset = offset + sizeof(*ip6);
	packet.end = fb_guard_end(skb, packet.offset, ntohs(ip6->payload_len));
	packet.protocol = ip6->nexthdr;
	packet.known = fb_guard_allows_ipv6(guard, &ip6->saddr);
	packet.unspecified = ipv6_addr_any(&ip6->saddr);
	if (!fb_guard_skip(&packet) ||
	    !fb_guard_sum_passes(skb, packet.fragment ? IPPROTO_RAW : packet.protocol,
				 packet.offset))
		return false;
	if (packet.rest)
		return packet.known;
	if (packet.protocol == IPPROTO_ICMPV6)
		return fb_guard_icmpv6_passes(guard, &packet);
	if (packet.protocol == IPPROTO_UDP && READ_ONCE(guard->no_dhcp_server) &&
	    fb_guard_udp_to(skb, packet.offset, packet.end, FB_DHCPV6_CLIENT))
		return false;
	return packet.known;
}
