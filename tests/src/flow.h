/* SPDX-License-Identifier: GPL-2.0 */
/* Flows of TCP segments such as hosts and middleboxes make, and some that they should not. */
#ifndef FLOW_H
#define FLOW_H

#include <stdint.h>

#include "frame.h"

/* How a flow numbers its IPv4 headers. */
enum flow_ids { IDS_ZERO, IDS_COUNT, IDS_COUNT_DF, IDS_RANDOM, NR_IDS };

struct flow {
	uint8_t number;		/* stands in the addresses */
	uint16_t type;		/* ethertype */
	int vlan;		/* or -1 */
	uint8_t protocol;
	bool damaged;		/* its checksums are wrong */
	bool timestamps;
	enum flow_ids ids;
	uint16_t mss;
	uint32_t seq, ack, clock;
	uint16_t id, window;
	uint8_t ttl, tos;
};

void flow_start(struct flow *flow, uint8_t number);
void flow_next(struct flow *flow, struct frame *frame);

#endif /* FLOW_H */
