// SPDX-License-Identifier: GPL-2.0
/* One frame from each of many source addresses, as a hostile guest may send. */
#include <err.h>
#include <linux/if_ether.h>
#include <stdlib.h>

#include "frames.h"
#include "host.h"

/* flood HOST TO COUNT */
int flood_main(int argc, char **argv)
{
	struct frame_spec spec = { .type = ETH_P_802_EX1, .vlan = -1, .size = 60 };
	static struct frame frame;
	int from, i, count;

	if (argc != 4 || mac_parse(argv[2], spec.dst))
		errx(2, "flood HOST TO COUNT");
	hosts_open();
	from = host_number(argv[1]);
	count = atoi(argv[3]);
	for (i = 0; i < count; i++) {
		spec.src[0] = 0x06;
		spec.src[3] = i >> 16;
		spec.src[4] = i >> 8;
		spec.src[5] = i;
		frame_make(&frame, &spec, ~0u, i);
		host_send(&hosts[from], &frame);
	}
	return 0;
}
