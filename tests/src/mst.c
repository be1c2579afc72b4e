// SPDX-License-Identifier: GPL-2.0
/*
 * Multiple spanning trees of a bridge, which Debian 12's iproute2 cannot set:
 *
 *   frames mst on BRIDGE                 while its ports have no VLANs
 *   frames mst vlan BRIDGE VLAN TREE     which tree the VLAN belongs to
 *   frames mst state PORT TREE STATE
 */
#include <err.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "frames.h"

/* A message with attributes that hold each other: all are open until it is sent. */
struct message {
	struct nlmsghdr header;
	char body[256];
	struct rtattr *open[4];
	int nr_open;
};

static void *end_of(struct message *m)
{
	return (char *)&m->header + m->header.nlmsg_len;
}

static void put_bytes(struct message *m, const void *data, size_t len)
{
	memcpy(end_of(m), data, len);
	m->header.nlmsg_len += NLMSG_ALIGN(len);
}

static void begin(struct message *m, uint16_t type, const void *data, size_t len)
{
	*m = (struct message) {
		.header = { .nlmsg_len = NLMSG_HDRLEN, .nlmsg_type = type,
			    .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK },
	};
	put_bytes(m, data, len);
}

static void begin_link(struct message *m, uint16_t type, uint8_t family, const char *dev)
{
	struct ifinfomsg link = { .ifi_family = family, .ifi_index = if_nametoindex(dev) };

	begin(m, type, &link, sizeof(link));
}

static void put(struct message *m, uint16_t type, const void *data, size_t len)
{
	struct rtattr attr = { .rta_len = RTA_LENGTH(len), .rta_type = type };

	put_bytes(m, &attr, sizeof(attr));
	put_bytes(m, data, len);
}

static void nest(struct message *m, uint16_t type)
{
	m->open[m->nr_open++] = end_of(m);
	put(m, type | NLA_F_NESTED, "", 0);
}

static void put_number(struct message *m, uint16_t type, const char *text, size_t len)
{
	uint16_t number = atoi(text);

	put(m, type, &number, len);
}

/* The kernel's answer: 0 or a negative error. */
static int answer(int fd)
{
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
		char rest[1024];
	} reply;

	if (recv(fd, &reply, sizeof(reply), 0) < 0)
		err(2, "netlink");
	return reply.error.error;
}

static int finish(struct message *m)
{
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE), error;
	char *end = end_of(m);

	while (m->nr_open--)
		m->open[m->nr_open]->rta_len = end - (char *)m->open[m->nr_open];
	if (fd < 0 || send(fd, &m->header, m->header.nlmsg_len, 0) < 0)
		err(2, "netlink");
	error = -answer(fd);
	if (error)
		warnx("%s", strerror(error));
	close(fd);
	return !!error;
}

static int switch_on(const char *bridge)
{
	struct br_boolopt_multi option = {
		1 << BR_BOOLOPT_MST_ENABLE, 1 << BR_BOOLOPT_MST_ENABLE
	};
	struct message m;

	begin_link(&m, RTM_NEWLINK, AF_UNSPEC, bridge);
	nest(&m, IFLA_LINKINFO);
	put(&m, IFLA_INFO_KIND, "bridge", 6);
	nest(&m, IFLA_INFO_DATA);
	put(&m, IFLA_BR_MULTI_BOOLOPT, &option, sizeof(option));
	return finish(&m);
}

static int set_tree(const char *bridge, const char *vlan, const char *tree)
{
	struct br_vlan_msg message = {
		.family = AF_BRIDGE, .ifindex = if_nametoindex(bridge)
	};
	struct message m;

	begin(&m, RTM_NEWVLAN, &message, sizeof(message));
	nest(&m, BRIDGE_VLANDB_GLOBAL_OPTIONS);
	put_number(&m, BRIDGE_VLANDB_GOPTS_ID, vlan, 2);
	put_number(&m, BRIDGE_VLANDB_GOPTS_MSTI, tree, 2);
	return finish(&m);
}

static int set_state(const char *port, const char *tree, const char *state)
{
	struct message m;

	begin_link(&m, RTM_SETLINK, AF_BRIDGE, port);
	nest(&m, IFLA_AF_SPEC);
	nest(&m, IFLA_BRIDGE_MST);
	nest(&m, IFLA_BRIDGE_MST_ENTRY);
	put_number(&m, IFLA_BRIDGE_MST_ENTRY_MSTI, tree, 2);
	put_number(&m, IFLA_BRIDGE_MST_ENTRY_STATE, state, 1);
	return finish(&m);
}

int mst_main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "on") && argc == 3)
		return switch_on(argv[2]);
	if (!strcmp(what, "vlan") && argc == 5)
		return set_tree(argv[2], argv[3], argv[4]);
	if (!strcmp(what, "state") && argc == 5)
		return set_state(argv[2], argv[3], argv[4]);
	errx(2, "usage: frames mst on BRIDGE|vlan BRIDGE VLAN TREE|state PORT TREE STATE");
}
