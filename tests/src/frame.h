/* SPDX-License-Identifier: GPL-2.0 */
/* Test frames: how they are made, and how one that has arrived is told. */
#ifndef FRAME_H
#define FRAME_H

#include <linux/virtio_net.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_MAX 65536
#define MAC_LEN 6

/*
 * What a frame is to be. By default it is IPv4 or IPv6 with UDP; with gso it is
 * TCP; any other ethertype has no header above it.
 */
struct frame_spec {
	uint8_t dst[MAC_LEN];
	uint8_t src[MAC_LEN];
	uint16_t type;		/* ethertype */
	int vlan;		/* TCI of a tag, or -1: untagged */
	uint16_t tpid;		/* ethertype of the tag; 0: 802.1Q */
	unsigned int size;	/* with the Ethernet header */
	unsigned int gso;	/* segment size for the core to cut it to, or 0 */
	bool csum;		/* leave the checksum to whoever sends it */
	bool options;		/* of IPv6, in a header of their own before the transport's */
	const char *hex;	/* the whole frame, instead of all this */
	const char *sum;	/* START+OFFSET: where whoever sends it is to put a checksum */
};

/* The frame and what an AF_PACKET socket with PACKET_VNET_HDR wants before it. */
struct frame {
	struct virtio_net_hdr vnet;
	unsigned int len;
	uint8_t data[FRAME_MAX];
};

/* Stands in the payload; tells a frame from all others. */
struct frame_mark {
	uint32_t magic;
	uint32_t stream;
	uint32_t seq;
} __attribute__((packed));

uint32_t sum_words(uint32_t sum, const void *data, size_t len);
uint16_t sum_fold(uint32_t sum);
int mac_parse(const char *text, uint8_t *mac);
bool frame_is_ip(const struct frame_spec *spec);
size_t frame_transport(const struct frame_spec *spec);
void frame_make(struct frame *frame, const struct frame_spec *spec,
		uint32_t stream, uint32_t seq);
void frame_fill(struct frame *frame, uint32_t pattern);
void frame_tag(struct frame *frame, uint16_t tpid, uint16_t tci);
void frame_snap(struct frame *frame);
void frame_option(struct frame *frame);
void frame_fragment(struct frame *frame, uint16_t offset, bool more);
void frame_renumber(struct frame *frame, uint32_t seq);
const struct frame_mark *frame_mark(const uint8_t *data, size_t len);
uint32_t frame_digest(const uint8_t *data, size_t len);

#endif /* FRAME_H */
