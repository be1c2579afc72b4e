// SPDX-License-Identifier: GPL-2.0
/* Test frames: how they are made, and how one that has arrived is told. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frame.h"

#define MAGIC 0xfb7e57ed
/* The mark is looked for no further inside: all headers together are shorter. */
#define MARK_REACH 128
#define OPTIONS_LEN 8
#define IPV6_TLV_PADN 1

/* h1 to h4, the bridge and its ports have numbers of their own, see lib.sh. */
static int mac_of_name(const char *name, uint8_t *mac)
{
	static const uint8_t prefix[] = { 0x02, 0, 0, 0, 0, 0 };

	memcpy(mac, prefix, MAC_LEN);
	if (!strcmp(name, "all")) {
		memset(mac, 0xff, MAC_LEN);
	} else if (!strcmp(name, "br0")) {
		mac[4] = 1;
	} else if (name[0] == 'h' || name[0] == 'p') {
		mac[4] = name[0] == 'p';
		mac[5] = atoi(name + 1);
	} else {
		return -1;
	}
	return 0;
}

/* A name as in lib.sh, or six bytes in hexadecimal. */
int mac_parse(const char *text, uint8_t *mac)
{
	if (sscanf(text, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", mac, mac + 1, mac + 2,
		   mac + 3, mac + 4, mac + 5) == MAC_LEN)
		return 0;
	return mac_of_name(text, mac);
}

/* Checksums of the Internet: a sum over words, and what it is as a checksum's inverse. */
uint32_t sum_words(uint32_t sum, const void *data, size_t len)
{
	const uint8_t *p = data;

	for (; len > 1; p += 2, len -= 2)
		sum += p[0] << 8 | p[1];
	return len ? sum + (p[0] << 8) : sum;
}

uint16_t sum_fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(sum);
}

bool frame_is_ip(const struct frame_spec *spec)
{
	return spec->type == ETH_P_IP || spec->type == ETH_P_IPV6;
}

/* The length of the headers between that of IP and the one above. */
static size_t options_len(const struct frame_spec *spec)
{
	return spec->options && spec->type == ETH_P_IPV6 ? OPTIONS_LEN : 0;
}

/* Where the header above IP begins, in a frame without a tag. */
size_t frame_transport(const struct frame_spec *spec)
{
	return ETH_HLEN + options_len(spec) +
	       (spec->type == ETH_P_IP ? sizeof(struct iphdr) : sizeof(struct ipv6hdr));
}

/* The pseudo header's part of a checksum; the addresses end IP's header. */
static uint32_t sum_pseudo(const struct frame_spec *spec,
			   const uint8_t *transport, unsigned int len)
{
	unsigned int addresses = spec->type == ETH_P_IP ? 8 : 32;
	uint8_t protocol = spec->gso ? IPPROTO_TCP : IPPROTO_UDP;

	return sum_words(protocol + len, transport - options_len(spec) - addresses, addresses);
}

/* The checksum of what is at @transport: all of it, or the part that offload wants. */
static void make_checksum(struct frame *frame, const struct frame_spec *spec,
			  uint8_t *transport, unsigned int offset, bool partial)
{
	unsigned int len = frame->len - (transport - frame->data);
	uint32_t sum = sum_pseudo(spec, transport, len);
	uint16_t check;

	if (partial) {
		check = sum_fold(sum);
		frame->vnet.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
		frame->vnet.csum_start = transport - frame->data;
		frame->vnet.csum_offset = offset;
	} else {
		check = ~sum_fold(sum_words(sum, transport, len));
	}
	memcpy(transport + offset, &check, sizeof(check));
}

static uint8_t *make_ethernet(struct frame *frame, const struct frame_spec *spec)
{
	uint8_t *p = frame->data;
	uint16_t words[] = { htons(spec->tpid ?: ETH_P_8021Q), htons(spec->vlan) };
	uint16_t type = htons(spec->type);

	memcpy(p, spec->dst, MAC_LEN);
	memcpy(p + MAC_LEN, spec->src, MAC_LEN);
	p += 2 * MAC_LEN;
	if (spec->vlan >= 0) {
		memcpy(p, words, sizeof(words));
		p += sizeof(words);
	}
	memcpy(p, &type, sizeof(type));
	return p + sizeof(type);
}

static void make_ipv4(struct iphdr *ip, unsigned int len, uint8_t protocol)
{
	*ip = (struct iphdr) {
		.version = 4, .ihl = 5, .ttl = 64, .protocol = protocol,
		.tot_len = htons(len), .id = htons(1),
		.saddr = htonl(0x0a000001), .daddr = htonl(0x0a000002),
	};
	ip->check = ~sum_fold(sum_words(0, ip, sizeof(*ip)));
}

static void make_ipv6(struct ipv6hdr *ip, unsigned int len, uint8_t protocol)
{
	*ip = (struct ipv6hdr) {
		.version = 6, .hop_limit = 64, .nexthdr = protocol,
		.payload_len = htons(len),
	};
	ip->saddr.s6_addr[0] = ip->daddr.s6_addr[0] = 0xfd;
	ip->saddr.s6_addr[15] = 1;
	ip->daddr.s6_addr[15] = 2;
}

/* A header of destination options, all of which is padding. */
static void make_options(uint8_t *p, uint8_t protocol)
{
	const uint8_t options[OPTIONS_LEN] = { protocol, 0, IPV6_TLV_PADN, OPTIONS_LEN - 4 };

	memcpy(p, options, sizeof(options));
}

/* The header at @p, for @protocol; returns where what it carries begins. */
static uint8_t *make_ip(struct frame *frame, const struct frame_spec *spec,
			uint8_t *p, uint8_t protocol)
{
	unsigned int len = frame->len - (p - frame->data);

	if (spec->type == ETH_P_IP) {
		make_ipv4((struct iphdr *)p, len, protocol);
		return p + sizeof(struct iphdr);
	}
	make_ipv6((struct ipv6hdr *)p, len - sizeof(struct ipv6hdr),
		  options_len(spec) ? IPPROTO_DSTOPTS : protocol);
	p += sizeof(struct ipv6hdr);
	if (options_len(spec))
		make_options(p, protocol);
	return p + options_len(spec);
}

static void put_mark(uint8_t *p, uint32_t stream, uint32_t seq)
{
	struct frame_mark mark = { htonl(MAGIC), htonl(stream), htonl(seq) };

	memcpy(p, &mark, sizeof(mark));
}

static void make_udp(struct frame *frame, const struct frame_spec *spec,
		     uint8_t *p, uint32_t stream, uint32_t seq)
{
	uint8_t *transport = make_ip(frame, spec, p, IPPROTO_UDP);
	struct udphdr *udp = (struct udphdr *)transport;
	unsigned int len = frame->len - (transport - frame->data);

	*udp = (struct udphdr) { htons(9), htons(9), htons(len), 0 };
	put_mark((uint8_t *)(udp + 1), stream, seq);
	make_checksum(frame, spec, transport, offsetof(struct udphdr, check),
		      spec->csum);
}

static void make_tcp(struct frame *frame, const struct frame_spec *spec,
		     uint8_t *p, uint32_t stream, uint32_t seq)
{
	uint8_t *transport = make_ip(frame, spec, p, IPPROTO_TCP);
	struct tcphdr *tcp = (struct tcphdr *)transport;

	*tcp = (struct tcphdr) { .source = htons(9), .dest = htons(9),
				 .seq = htonl(seq << 16), .ack = 1, .doff = 5,
				 .window = htons(1000) };
	put_mark((uint8_t *)(tcp + 1), stream, seq);
	make_checksum(frame, spec, transport, offsetof(struct tcphdr, check),
		      true);
	frame->vnet.gso_type = spec->type == ETH_P_IP ?
			       VIRTIO_NET_HDR_GSO_TCPV4 :
			       VIRTIO_NET_HDR_GSO_TCPV6;
	frame->vnet.gso_size = spec->gso;
	frame->vnet.hdr_len = (uint8_t *)(tcp + 1) - frame->data;
}

static void make_from_hex(struct frame *frame, const char *hex)
{
	frame->len = 0;
	while (sscanf(hex, "%2hhx", &frame->data[frame->len]) == 1) {
		frame->len++;
		hex += 2;
	}
}

static void want_sum(struct frame *frame, const char *sum)
{
	char *offset;

	frame->vnet.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	frame->vnet.csum_start = strtoul(sum, &offset, 0);
	frame->vnet.csum_offset = strtoul(offset, NULL, 0);
}

static void make_headers(struct frame *frame, const struct frame_spec *spec,
			 uint32_t stream, uint32_t seq)
{
	uint8_t *p;

	frame->len = spec->size > 64 ? spec->size : 64;
	p = make_ethernet(frame, spec);
	if (!frame_is_ip(spec))
		put_mark(p, stream, seq);
	else if (spec->gso)
		make_tcp(frame, spec, p, stream, seq);
	else
		make_udp(frame, spec, p, stream, seq);
	frame->len = spec->size;
}

/* A size too small for the headers cuts them off: that is how runts are made. */
void frame_make(struct frame *frame, const struct frame_spec *spec,
		uint32_t stream, uint32_t seq)
{
	memset(frame, 0, sizeof(*frame));
	if (spec->hex)
		make_from_hex(frame, spec->hex);
	else
		make_headers(frame, spec, stream, seq);
	if (spec->sum)
		want_sum(frame, spec->sum);
}

/*
 * Something in place of the zeroes after the mark. Not for frames whose checksum is
 * complete.
 */
void frame_fill(struct frame *frame, uint32_t pattern)
{
	const struct frame_mark *mark = frame_mark(frame->data, frame->len);
	uint8_t *p = (uint8_t *)(mark + 1);

	for (; p < frame->data + frame->len; p++) {
		pattern = pattern * 1664525 + 1013904223;
		*p = pattern >> 24;
	}
}

/* In front of the header whose checksum is not there yet. */
static void insert(struct frame *frame, size_t offset, const void *data, size_t len)
{
	uint8_t *p = frame->data + offset;

	memmove(p + len, p, frame->len - offset);
	memcpy(p, data, len);
	frame->len += len;
	if (frame->vnet.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM)
		frame->vnet.csum_start += len;
	if (frame->vnet.hdr_len)
		frame->vnet.hdr_len += len;
}

/* One more tag, in front of those that are there. */
void frame_tag(struct frame *frame, uint16_t tpid, uint16_t tci)
{
	uint16_t words[] = { htons(tpid), htons(tci) };

	insert(frame, 2 * MAC_LEN, words, sizeof(words));
}

/* 802.2 with SNAP in front of the ethertype, in a frame without a tag; RFC 1042. */
void frame_snap(struct frame *frame)
{
	uint16_t len = htons(frame->len - 2 * MAC_LEN + 6);
	uint8_t header[] = { 0, 0, 0xaa, 0xaa, 3, 0, 0, 0 };

	memcpy(header, &len, sizeof(len));
	insert(frame, 2 * MAC_LEN, header, sizeof(header));
}

/* One more header after that of IPv6, whose type is next in the chain. */
static void extend_ipv6(struct frame *frame, uint8_t type, uint8_t *header, size_t len)
{
	struct ipv6hdr *ip = (struct ipv6hdr *)(frame->data + ETH_HLEN);

	header[0] = ip->nexthdr;
	ip->nexthdr = type;
	ip->payload_len = htons(ntohs(ip->payload_len) + len);
	insert(frame, ETH_HLEN + sizeof(*ip), header, len);
}

/* IPv6 with an option for the destination, which says nothing. */
void frame_option(struct frame *frame)
{
	uint8_t header[] = { 0, 0, 1, 4, 0, 0, 0, 0 };

	extend_ipv6(frame, IPPROTO_DSTOPTS, header, sizeof(header));
}

static void fragment_ipv4(struct frame *frame, uint16_t word)
{
	struct iphdr *ip = (struct iphdr *)(frame->data + ETH_HLEN);

	ip->frag_off = htons(word);
	ip->check = 0;
	ip->check = ~sum_fold(sum_words(0, ip, sizeof(*ip)));
}

/* IPv4 or IPv6 without a tag says that it is a part, as of @offset bytes times eight. */
void frame_fragment(struct frame *frame, uint16_t offset, bool more)
{
	uint8_t header[] = { 0, 0, offset >> 5, offset << 3 | more, 0, 0, 0, 1 };

	if ((frame->data[ETH_HLEN] >> 4) == 4)
		fragment_ipv4(frame, offset | more << 13);
	else
		extend_ipv6(frame, IPPROTO_FRAGMENT, header, sizeof(header));
}

/* For streams: cheaper than making it anew. Only without a UDP checksum. */
void frame_renumber(struct frame *frame, uint32_t seq)
{
	struct frame_mark *mark =
		(struct frame_mark *)frame_mark(frame->data, frame->len);

	mark->seq = htonl(seq);
}

/* The mark of a frame, still in network order; NULL if it is none of ours. */
const struct frame_mark *frame_mark(const uint8_t *data, size_t len)
{
	uint32_t magic = htonl(MAGIC);
	const uint8_t *p;

	p = memmem(data, len < MARK_REACH ? len : MARK_REACH, &magic,
		   sizeof(magic));
	if (!p || (size_t)(p - data) + sizeof(struct frame_mark) > len)
		return NULL;
	return (const struct frame_mark *)p;
}

/* FNV-1a: two frames that differ anywhere are told apart in the output. */
uint32_t frame_digest(const uint8_t *data, size_t len)
{
	uint32_t digest = 2166136261u;

	while (len--)
		digest = (digest ^ *data++) * 16777619u;
	return digest;
}
