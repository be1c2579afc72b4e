// SPDX-License-Identifier: GPL-2.0
/*
 * Flows of TCP segments such as hosts and middleboxes make, and some that they should not:
 * most follow each other as those of one large send, and now and then one differs in one
 * thing from what would have come next. All is by chance.h's numbers.
 */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <string.h>

#include "chance.h"
#include "flow.h"

#define PORT 5001
#define IP_DF 0x4000
#define IP_MF 0x2000
#define HOP_BY_HOP_LEN 8
#define TIMESTAMPS_LEN 12
#define NOPS_LEN 4

/* What may be odd about a segment; more may be at once, but seldom are. */
struct oddities {
	bool fragment, ip_options, hop_by_hop, padded, tcp_options;
};

void flow_start(struct flow *flow, uint8_t number)
{
	*flow = (struct flow) {
		.number = number,
		.type = one_in(3) ? ETH_P_IPV6 : ETH_P_IP,
		.vlan = one_in(4) ? (int)(1 + chance(4000)) : -1,
		.protocol = one_in(6) ? IPPROTO_UDP : IPPROTO_TCP,
		.damaged = one_in(10),
		.timestamps = one_in(2),
		.ids = chance(NR_IDS),
		.mss = one_in(3) ? 1400 : 100 + chance(1300),
		.seq = chance(UINT32_MAX),
		.ack = chance(UINT32_MAX),
		.id = chance(UINT16_MAX),
		.window = 1000,
		.ttl = 64,
	};
}

static uint8_t *put_ethernet(const struct flow *flow, uint8_t *p)
{
	static const uint8_t addresses[] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1 };
	uint16_t words[] = { htons(ETH_P_8021Q), htons(flow->vlan), htons(flow->type) };
	unsigned int tag = flow->vlan < 0 ? 0 : 4;

	memcpy(p, addresses, sizeof(addresses));
	memcpy(p + sizeof(addresses), (uint8_t *)words + 4 - tag, 2 + tag);
	return p + ETH_HLEN + tag;
}

static uint16_t next_id(struct flow *flow)
{
	switch (flow->ids) {
	case IDS_ZERO:
		return 0;
	case IDS_RANDOM:
		return chance(UINT16_MAX);
	default:
		/* As when somebody else has sent in between. */
		flow->id += one_in(20) ? 2 : 1;
		return flow->id;
	}
}

static uint8_t *put_ipv4(struct flow *flow, uint8_t *p, unsigned int len,
			 const struct oddities *odd)
{
	bool df = flow->ids == IDS_ZERO || flow->ids == IDS_COUNT_DF;
	unsigned int hlen = sizeof(struct iphdr) + (odd->ip_options ? NOPS_LEN : 0);
	struct iphdr *ip = (struct iphdr *)p;

	*ip = (struct iphdr) {
		.version = 4, .ihl = hlen / 4, .tos = flow->tos, .ttl = flow->ttl,
		.tot_len = htons(hlen + len), .id = htons(next_id(flow)),
		.frag_off = htons(odd->fragment ? IP_MF : df ? IP_DF : 0),
		.protocol = flow->protocol,
		.saddr = htonl(0x0a000100 | flow->number),
		.daddr = htonl(0x0a000200 | flow->number),
	};
	memset(ip + 1, 1, hlen - sizeof(*ip));
	ip->check = ~sum_fold(sum_words(0, ip, hlen));
	if (flow->damaged && one_in(4))
		ip->check ^= htons(1 + chance(UINT16_MAX - 1));
	return p + hlen;
}

static uint8_t *put_ipv6(struct flow *flow, uint8_t *p, unsigned int len,
			 const struct oddities *odd)
{
	static const uint8_t hop_by_hop[] = { 0, 0, 1, 4, 0, 0, 0, 0 };
	unsigned int extra = odd->hop_by_hop ? HOP_BY_HOP_LEN : 0;
	struct ipv6hdr *ip = (struct ipv6hdr *)p;

	*ip = (struct ipv6hdr) {
		.version = 6, .priority = flow->tos >> 4, .hop_limit = flow->ttl,
		.flow_lbl = { flow->tos << 4, 0, flow->number },
		.payload_len = htons(len + extra),
		.nexthdr = extra ? IPPROTO_HOPOPTS : flow->protocol,
	};
	ip->saddr.s6_addr[0] = ip->daddr.s6_addr[0] = 0xfd;
	ip->saddr.s6_addr[14] = 1;
	ip->daddr.s6_addr[14] = 2;
	ip->saddr.s6_addr[15] = ip->daddr.s6_addr[15] = flow->number;
	p = (uint8_t *)(ip + 1);
	memcpy(p, hop_by_hop, extra);
	if (extra)
		*p = flow->protocol;
	return p + extra;
}

static uint8_t *put_timestamps(const struct flow *flow, uint8_t *p)
{
	uint32_t words[] = { htonl(0x0101080a), htonl(flow->clock), htonl(7) };

	memcpy(p, words, sizeof(words));
	return p + sizeof(words);
}

/* Flags, and what else is in the header: nearly always as in the segment before. */
static void put_tcp_header(struct flow *flow, struct tcphdr *tcp, unsigned int hlen)
{
	*tcp = (struct tcphdr) {
		.source = htons(PORT), .dest = htons(PORT + flow->number),
		.seq = htonl(flow->seq), .ack_seq = htonl(flow->ack),
		.doff = hlen / 4, .ack = !one_in(60), .psh = one_in(12),
		.fin = one_in(60), .syn = one_in(100), .rst = one_in(100),
		.urg = one_in(60), .ece = one_in(60), .cwr = one_in(60),
		.window = htons(flow->window),
	};
	if (tcp->urg)
		tcp->urg_ptr = htons(1 + chance(10));
}

static uint8_t *put_tcp(struct flow *flow, uint8_t *p, const struct oddities *odd)
{
	struct tcphdr *tcp = (struct tcphdr *)p;

	p = (uint8_t *)(tcp + 1);
	if (flow->timestamps)
		p = put_timestamps(flow, p);
	if (odd->tcp_options) {
		memset(p, 1, NOPS_LEN);
		p += NOPS_LEN;
	}
	put_tcp_header(flow, tcp, p - (uint8_t *)tcp);
	return p;
}

static uint8_t *put_udp(const struct flow *flow, uint8_t *p, unsigned int len)
{
	struct udphdr udp = { htons(PORT), htons(PORT + flow->number), htons(len), 0 };

	memcpy(p, &udp, sizeof(udp));
	return p + sizeof(udp);
}

static void put_payload(uint8_t *p, unsigned int len)
{
	uint32_t pattern = chance(UINT32_MAX);
	unsigned int i;

	for (i = 0; i < len; i++)
		p[i] = pattern >> i % 4 * 8 ^ i;
}

static void put_checksum(const struct flow *flow, const uint8_t *ip, uint8_t *transport,
			 unsigned int len)
{
	const bool ipv4 = flow->type == ETH_P_IP;
	unsigned int offset = flow->protocol == IPPROTO_TCP ?
			      offsetof(struct tcphdr, check) :
			      offsetof(struct udphdr, check);
	uint16_t check;
	uint32_t sum;

	sum = sum_words(flow->protocol + len, ip + (ipv4 ? 12 : 8), ipv4 ? 8 : 32);
	check = ~sum_fold(sum_words(sum, transport, len));
	if (flow->damaged && one_in(2))
		check ^= htons(1 + chance(UINT16_MAX - 1));
	memcpy(transport + offset, &check, sizeof(check));
}

static unsigned int payload_len(const struct flow *flow)
{
	if (one_in(15))
		return 0;
	if (one_in(10))
		return 1 + chance(flow->mss);
	return flow->mss;
}

/* What changes from one segment to the next, if something does. */
static void flow_changes(struct flow *flow)
{
	if (one_in(40))
		flow->seq += chance(2) ? 1 : -flow->mss;
	if (one_in(30))
		flow->ack += 100;
	if (one_in(30))
		flow->window += 1;
	if (one_in(30))
		flow->clock++;
	if (one_in(80))
		flow->ttl--;
	if (one_in(80))
		flow->tos ^= 1 + chance(255);
	if (one_in(60))
		flow->mss = 100 + chance(1300);
}

void flow_next(struct flow *flow, struct frame *frame)
{
	const bool ipv4 = flow->type == ETH_P_IP;
	const struct oddities odd = {
		.fragment = ipv4 && one_in(60), .ip_options = ipv4 && one_in(60),
		.hop_by_hop = !ipv4 && one_in(60), .padded = one_in(40),
		.tcp_options = one_in(60),
	};
	unsigned int payload = payload_len(flow);
	uint8_t body[FRAME_MAX], *end, *ip, *p;
	unsigned int len;

	flow_changes(flow);
	end = flow->protocol == IPPROTO_TCP ? put_tcp(flow, body, &odd) :
	      put_udp(flow, body, sizeof(struct udphdr) + payload);
	put_payload(end, payload);
	len = end + payload - body;

	memset(&frame->vnet, 0, sizeof(frame->vnet));
	ip = put_ethernet(flow, frame->data);
	p = ipv4 ? put_ipv4(flow, ip, len, &odd) : put_ipv6(flow, ip, len, &odd);
	memcpy(p, body, len);
	put_checksum(flow, ip, p, len);
	p += len;
	if (odd.padded) {
		memset(p, 0, 6);
		p += 6;
	}
	frame->len = p - frame->data;
	flow->seq += payload;
}
