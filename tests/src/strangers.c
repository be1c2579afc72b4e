// SPDX-License-Identifier: GPL-2.0
/* The fuzzer's frames: mostly what hosts send each other, and some of all the rest. */
#include <arpa/inet.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <string.h>

#include "chance.h"
#include "strangers.h"
#include "twins.h"

#define NR(array) (sizeof(array) / sizeof(*(array)))

/* The first is the device's own, the others begin with 02:00:00:00:1N. */
void stranger_address(uint8_t *mac, int host, int number)
{
	memcpy(mac, (uint8_t []) { 0x02, 0, 0, 0, number ? 0x10 + number : 0, host }, MAC_LEN);
}

/* An address that no host has, unless a change gives it to one. */
void stranger_nobody(uint8_t *mac)
{
	memcpy(mac, (uint8_t []) { 0x02, 0, 0, 0, 0, 0x99 }, MAC_LEN);
}

static void host_own_address(uint8_t *mac)
{
	memcpy(mac, (uint8_t []) { 0x02, 0, 0, 0, 1, chance(PORTS + 1) }, MAC_LEN);
}

static void pick_group(uint8_t *mac)
{
	static const uint8_t groups[][MAC_LEN] = {
		{ 0x01, 0x00, 0x5e, 0x01, 0x01, 0x01 }, { 0x33, 0x33, 0, 0, 0, 1 },
		{ 0x01, 0x80, 0xc2, 0, 0, 0 }, { 0x01, 0x80, 0xc2, 0, 0, 1 },
		{ 0x01, 0x80, 0xc2, 0, 0, 0x0e }, { 0x01, 0x00, 0x0c, 0xcc, 0xcc, 0xcc },
		{ 0x03, 0, 0, 0, 0, 1 },
	};

	memcpy(mac, groups[chance(NR(groups))], MAC_LEN);
}

static void pick_destination(uint8_t *mac, int from)
{
	unsigned int kind = chance(100);
	int other = 1 + (from + chance(PORTS - 1)) % PORTS;

	if (kind < 80)
		stranger_address(mac, other, chance(STRANGERS));
	else if (kind < 84)
		memset(mac, 0xff, MAC_LEN);
	else if (kind < 88)
		pick_group(mac);
	else if (kind < 92)
		stranger_nobody(mac);
	else if (kind < 96)
		host_own_address(mac);
	else
		stranger_address(mac, from, chance(STRANGERS));
}

static void pick_source(uint8_t *mac, int from)
{
	unsigned int kind = chance(100);

	if (kind < 94)
		stranger_address(mac, from, chance(STRANGERS));
	else if (kind < 96)
		stranger_address(mac, 1 + chance(PORTS), chance(STRANGERS));
	else if (kind < 97)
		host_own_address(mac);
	else if (kind < 98)
		pick_group(mac);
	else if (kind < 99)
		memset(mac, 0, MAC_LEN);
	else
		stranger_nobody(mac);
}

static uint16_t odd_type(void)
{
	static const uint16_t types[] = {
		0x88b5, 0x8035, 0x8902, 0x88e3, 0x888e, 0x88cc, 0x8847, 0x9000, 0x8137,
		0x0060, 0x05dc, 0x8100, 0x88a8, 0x8863,
	};

	return types[chance(NR(types))];
}

/* The edges: one header, a tag's length above it, the shortest frames, around an MTU. */
static unsigned int odd_size(void)
{
	static const unsigned int sizes[] = {
		14, 15, 17, 18, 33, 42, 59, 60, 64, 614, 618, 619, 1014, 1018, 1019,
		1414, 1418, 1419, 1514, 1515, 1518, 1519, 1522, 9014,
	};

	return sizes[chance(NR(sizes))];
}

/* What the frame is to be but for its addresses. */
static void pick_content(struct frame_spec *spec)
{
	unsigned int kind = chance(100);

	spec->type = kind % 5 ? ETH_P_IP : ETH_P_IPV6;
	spec->size = one_in(5) ? odd_size() : 70 + chance(one_in(4) ? 1445 : 200);
	if (kind < 80) {
		return;
	} else if (kind < 86) {
		spec->gso = 500 + chance(1400);
		spec->size = 2000 + chance(8000);
	} else if (kind < 92) {
		spec->csum = true;
		spec->size = 100 + chance(1400);
	} else if (kind < 95) {
		spec->type = ETH_P_ARP;
	} else {
		spec->type = odd_type();
	}
}

/* A request or an answer, in front of the mark. */
static void make_arp(struct frame *frame, int from)
{
	struct {
		struct arphdr header;
		uint8_t sender[MAC_LEN], sender_ip[4], target[MAC_LEN], target_ip[4];
	} __attribute__((packed)) arp = {
		{ htons(ARPHRD_ETHER), htons(ETH_P_IP), MAC_LEN, 4,
		  htons(one_in(3) ? ARPOP_REPLY : ARPOP_REQUEST) },
		{ 0 }, { 10, 0, 0, from }, { 0 }, { 10, 0, 0, 1 + chance(PORTS) },
	};

	memcpy(arp.sender, frame->data + MAC_LEN, MAC_LEN);
	memmove(frame->data + ETH_HLEN + sizeof(arp), frame->data + ETH_HLEN,
		sizeof(struct frame_mark));
	memcpy(frame->data + ETH_HLEN, &arp, sizeof(arp));
}

/* Of a UDP datagram: a neighbour solicitation or advertisement. */
static void make_nd(struct frame *frame)
{
	frame->data[ETH_HLEN + 6] = 58;
	frame->data[ETH_HLEN + 40] = 135 + chance(2);
	frame->data[ETH_HLEN + 41] = 0;
}

/*
 * Headers that are seldom there. What is told to be cut or checksummed by others is no
 * fragment, and the core expects IP right behind the ethertype.
 */
static void add_headers(struct frame *frame, const struct frame_spec *spec)
{
	bool whole = !spec->gso && !spec->csum;

	if (spec->type == ETH_P_IPV6 && one_in(3))
		frame_option(frame);
	if (whole && frame_is_ip(spec) && one_in(12))
		frame_fragment(frame, one_in(2) ? 0 : 185, one_in(2));
	if (whole && one_in(25))
		frame_snap(frame);
}

static uint16_t pick_tci(void)
{
	static const uint16_t odd[] = { 0, 0, 4, 5, 4094, 4095 };
	uint16_t vlan = one_in(8) ? odd[chance(NR(odd))] : 1 + chance(STRANGER_VLANS);

	return one_in(4) ? vlan | chance(16) << 12 : vlan;
}

/* Most tags are those that the bridge was made for. */
static void add_tags(struct frame *frame, uint16_t tpid)
{
	unsigned int kind = chance(100);
	uint16_t other = tpid == ETH_P_8021Q ? ETH_P_8021AD : ETH_P_8021Q;

	if (kind < 60)
		return;
	if (kind >= 94)
		frame_tag(frame, one_in(2) ? tpid : ETH_P_8021Q, pick_tci());
	frame_tag(frame, one_in(10) ? other : tpid, pick_tci());
}

/* Returns the number of the host that is to send it. */
int stranger_frame(struct frame *frame, uint32_t number, uint16_t tpid)
{
	struct frame_spec spec = { .vlan = -1 };
	int from = 1 + chance(PORTS);

	pick_source(spec.src, from);
	pick_destination(spec.dst, from);
	pick_content(&spec);
	frame_make(frame, &spec, 0, number);
	if (spec.type == ETH_P_ARP && spec.size >= 60)
		make_arp(frame, from);
	if (spec.type == ETH_P_IPV6 && !spec.gso && !spec.csum && one_in(5))
		make_nd(frame);
	else if (spec.size >= 70)
		add_headers(frame, &spec);
	add_tags(frame, tpid);
	return from;
}

/* So that all addresses are known in all VLANs: one of each after the other. */
int stranger_greeting(struct frame *frame, uint32_t number, uint16_t tpid)
{
	struct frame_spec spec = { .type = ETH_P_IP, .vlan = -1, .size = 100 };
	int from = 1 + number % PORTS;

	memset(spec.dst, 0xff, MAC_LEN);
	stranger_address(spec.src, from, number / PORTS % STRANGERS);
	frame_make(frame, &spec, 0, number);
	number = number / PORTS / STRANGERS % (STRANGER_VLANS + 1);
	if (number)
		frame_tag(frame, tpid, number);
	return from;
}
