// SPDX-License-Identifier: GPL-2.0
/* Frames, as honest hosts make them; what is wrong with them is the cases' business. */
#include <linux/etherdevice.h>
#include <linux/icmp.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip.h>

#include "hostile.h"

#define SOURCE 0x0a000001
#define PEER 0x0a000002
/* Nobody's: who gets a frame to it drops it without an answer. */
#define NOBODY 0x0a00004d
#define ECHO_ID 0x4858

/* guest2's. */
static const u8 peer_mac[ETH_ALEN] = { 0x00, 0x16, 0x3e, 0x00, 0x00, 0x02 };

static void *network_header(struct front *f)
{
	return f->frame.head + ETH_HLEN;
}

static void *transport_header(struct front *f)
{
	return f->frame.head + ETH_HLEN + sizeof(struct iphdr);
}

static void fill_ip(struct front *f, u8 protocol, u32 destination)
{
	struct ethhdr *eth = (void *)f->frame.head;
	struct iphdr *ip = network_header(f);

	ether_addr_copy(eth->h_dest, peer_mac);
	ether_addr_copy(eth->h_source, f->mac);
	eth->h_proto = htons(ETH_P_IP);
	*ip = (struct iphdr){
		.version = 4,
		.ihl = sizeof(*ip) / 4,
		.ttl = 64,
		.protocol = protocol,
		.tot_len = htons(f->frame.len - ETH_HLEN),
		.frag_off = htons(IP_DF),
		.saddr = htonl(SOURCE),
		.daddr = htonl(destination),
	};
	ip_send_check(ip);
}

static void frame_begin(struct front *f, unsigned int len)
{
	unsigned int i;

	for (i = 0; i < FRAME_HEAD; i++)
		f->frame.head[i] = i * 7;
	f->frame.len = len;
	f->frame.flags = 0;
	f->frame.gso = false;
	f->frame.gso_size = 0;
	f->frame.gso_type = XEN_NETIF_GSO_TYPE_TCPV4;
	f->frame.offset = 0;
}

void frame_udp(struct front *f, unsigned int len)
{
	struct udphdr *udp = transport_header(f);

	frame_begin(f, len);
	fill_ip(f, IPPROTO_UDP, NOBODY);
	*udp = (struct udphdr){
		.source = htons(9),
		.dest = htons(9),
		.len = htons(len - ETH_HLEN - sizeof(struct iphdr)),
	};
}

void frame_tcp(struct front *f, unsigned int len, u16 gso_size)
{
	struct tcphdr *tcp = transport_header(f);

	frame_begin(f, len);
	fill_ip(f, IPPROTO_TCP, NOBODY);
	*tcp = (struct tcphdr){
		.source = htons(9),
		.dest = htons(9),
		.doff = sizeof(*tcp) / 4,
		.ack = 1,
	};
	f->frame.gso = gso_size;
	f->frame.gso_size = gso_size;
	f->frame.flags = XEN_NETTXF_csum_blank | XEN_NETTXF_data_validated;
}

void frame_echo(struct front *f, unsigned int len)
{
	struct icmphdr *icmp = transport_header(f);

	frame_begin(f, len);
	fill_ip(f, IPPROTO_ICMP, PEER);
	*icmp = (struct icmphdr){
		.type = ICMP_ECHO,
		.un.echo = { htons(ECHO_ID), htons(++f->echo) },
	};
	icmp->checksum = ip_compute_csum(icmp, len - ETH_HLEN - sizeof(struct iphdr));
}

/* Is this the answer to the last echo, byte by byte? */
bool frame_is_answer(struct front *f, const u8 *data, unsigned int len)
{
	const unsigned int headers =
		ETH_HLEN + sizeof(struct iphdr) + sizeof(struct icmphdr);
	const struct icmphdr *icmp = (void *)(data + ETH_HLEN + sizeof(struct iphdr));
	const struct iphdr *ip = (void *)(data + ETH_HLEN);
	const struct ethhdr *eth = (void *)data;

	return len == f->frame.len && len > headers && eth->h_proto == htons(ETH_P_IP) &&
	       ip->protocol == IPPROTO_ICMP && icmp->type == ICMP_ECHOREPLY &&
	       icmp->un.echo.id == htons(ECHO_ID) &&
	       icmp->un.echo.sequence == htons(f->echo) &&
	       !memcmp(data + headers, f->frame.head + headers, len - headers);
}

/* What of the frame lies at AT, into the page of the request. */
static void fill_slot(struct front *f, struct xen_netif_tx_request *request,
		      unsigned int at)
{
	u8 *data = page_address(f->tx_buffer[request->id].page);

	if (at < FRAME_HEAD && request->offset + request->size <= XEN_PAGE_SIZE)
		memcpy(data + request->offset, f->frame.head + at,
		       min_t(unsigned int, request->size, FRAME_HEAD - at));
}

static void add_gso(struct front *f)
{
	struct xen_netif_extra_info *extra = extra_add(f, XEN_NETIF_EXTRA_TYPE_GSO);

	extra->u.gso.size = f->frame.gso_size;
	extra->u.gso.type = f->frame.gso_type;
}

/* Lays the frame out over slots of these sizes, but does not tell the back end yet. */
void frame_send(struct front *f, const u16 *sizes, unsigned int slots)
{
	unsigned int i, at = 0;

	for (i = 0; i < slots; i++) {
		struct xen_netif_tx_request *request = slot_add(f);

		request->offset = f->frame.offset;
		request->size = sizes[i];
		request->flags = i + 1 < slots ? XEN_NETTXF_more_data : 0;
		fill_slot(f, request, at);
		at += sizes[i];
		f->slot[i] = request;
		if (i == 0 && f->frame.gso) {
			request->flags |= XEN_NETTXF_extra_info;
			add_gso(f);
		}
	}
	f->slot[0]->size = at;
	f->slot[0]->flags |= f->frame.flags;
}

void frame_send_whole(struct front *f)
{
	const u16 size = f->frame.len;

	frame_send(f, &size, 1);
}

/* SLOTS slots: FIRST bytes, then EACH in every other. */
void frame_send_evenly(struct front *f, u16 first, unsigned int slots, u16 each)
{
	u16 sizes[TX_SLOTS];
	unsigned int i;

	for (i = 0; i < slots; i++)
		sizes[i] = i ? each : first;
	frame_send(f, sizes, slots);
}
