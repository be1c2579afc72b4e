// SPDX-License-Identifier: GPL-2.0
/*
 * What a process with the right to administer the network can send to those who listen to
 * the kernel's announcements:
 *
 *   frames announce move BRIDGE PORT MAC   that the address is now there
 *   frames announce noise MILLISECONDS     what means nothing, from two CPUs
 *
 * and what the kernel announces, if it comes late:
 *
 *   frames announce late-move BRIDGE PORT MAC
 *   frames announce late-state BRIDGE PORT STATE
 */
#include <err.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <net/if.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "frame.h"
#include "frames.h"
#include "message.h"

static void make_move(struct message *m, const char *bridge, const char *port,
		      const char *address)
{
	struct ndmsg neighbour = {
		.ndm_family = AF_BRIDGE, .ndm_ifindex = if_nametoindex(port),
		.ndm_state = NUD_REACHABLE,
	};
	uint32_t master = if_nametoindex(bridge);
	uint8_t mac[MAC_LEN];

	if (mac_parse(address, mac))
		errx(2, "'%s' is no address", address);
	message_begin(m, RTM_NEWNEIGH, &neighbour, sizeof(neighbour));
	message_put(m, NDA_LLADDR, mac, sizeof(mac));
	message_put(m, NDA_MASTER, &master, sizeof(master));
}

static int announce_move(const char *bridge, const char *port, const char *address)
{
	struct message m;

	make_move(&m, bridge, port, address);
	message_announce(message_socket(), &m, RTNLGRP_NEIGH);
	return 0;
}

static int late_move(const char *bridge, const char *port, const char *address)
{
	struct message m;

	make_move(&m, bridge, port, address);
	message_rumour(&m, RTNLGRP_NEIGH);
	return 0;
}

static int late_state(const char *bridge, const char *port, const char *number)
{
	struct ifinfomsg link = {
		.ifi_family = AF_BRIDGE, .ifi_index = if_nametoindex(port),
	};
	uint32_t master = if_nametoindex(bridge);
	uint8_t state = atoi(number);
	struct message m;

	message_begin(&m, RTM_NEWLINK, &link, sizeof(link));
	message_put(&m, IFLA_MASTER, &master, sizeof(master));
	message_nest(&m, IFLA_PROTINFO);
	message_put(&m, IFLA_BRPORT_STATE, &state, sizeof(state));
	message_rumour(&m, RTNLGRP_LINK);
	return 0;
}

static int make_noise(long duration)
{
	long end = milliseconds() + duration;
	static char nothing[2000];
	pid_t child = fork();
	int fd = message_socket();
	struct message m;

	if (child < 0)
		err(2, "fork");
	if (!child)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	pin_to_cpu(!child);
	while (milliseconds() < end) {
		message_begin(&m, NLMSG_NOOP, nothing, sizeof(nothing));
		message_announce(fd, &m, RTNLGRP_NEIGH);
	}
	if (child)
		waitpid(child, NULL, 0);
	return 0;
}

int announce_main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "move") && argc == 5)
		return announce_move(argv[2], argv[3], argv[4]);
	if (!strcmp(what, "noise") && argc == 3)
		return make_noise(atol(argv[2]));
	if (!strcmp(what, "late-move") && argc == 5)
		return late_move(argv[2], argv[3], argv[4]);
	if (!strcmp(what, "late-state") && argc == 5)
		return late_state(argv[2], argv[3], argv[4]);
	errx(2, "usage: frames announce move|late-move BRIDGE PORT MAC|"
	     "late-state BRIDGE PORT STATE|noise MILLISECONDS");
}
