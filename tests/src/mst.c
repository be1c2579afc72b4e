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
#include <net/if.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "frames.h"
#include "message.h"

static void begin_link(struct message *m, uint16_t type, uint8_t family, const char *dev)
{
	struct ifinfomsg link = { .ifi_family = family, .ifi_index = if_nametoindex(dev) };

	message_begin(m, type, &link, sizeof(link));
}

static void put_number(struct message *m, uint16_t type, const char *text, size_t len)
{
	uint16_t number = atoi(text);

	message_put(m, type, &number, len);
}

static int switch_on(const char *bridge)
{
	struct br_boolopt_multi option = {
		1 << BR_BOOLOPT_MST_ENABLE, 1 << BR_BOOLOPT_MST_ENABLE
	};
	struct message m;

	begin_link(&m, RTM_NEWLINK, AF_UNSPEC, bridge);
	message_nest(&m, IFLA_LINKINFO);
	message_put(&m, IFLA_INFO_KIND, "bridge", 6);
	message_nest(&m, IFLA_INFO_DATA);
	message_put(&m, IFLA_BR_MULTI_BOOLOPT, &option, sizeof(option));
	return message_ask(&m);
}

static int set_tree(const char *bridge, const char *vlan, const char *tree)
{
	struct br_vlan_msg message = {
		.family = AF_BRIDGE, .ifindex = if_nametoindex(bridge)
	};
	struct message m;

	message_begin(&m, RTM_NEWVLAN, &message, sizeof(message));
	message_nest(&m, BRIDGE_VLANDB_GLOBAL_OPTIONS);
	put_number(&m, BRIDGE_VLANDB_GOPTS_ID, vlan, 2);
	put_number(&m, BRIDGE_VLANDB_GOPTS_MSTI, tree, 2);
	return message_ask(&m);
}

static int set_state(const char *port, const char *tree, const char *state)
{
	struct message m;

	begin_link(&m, RTM_SETLINK, AF_BRIDGE, port);
	message_nest(&m, IFLA_AF_SPEC);
	message_nest(&m, IFLA_BRIDGE_MST);
	message_nest(&m, IFLA_BRIDGE_MST_ENTRY);
	put_number(&m, IFLA_BRIDGE_MST_ENTRY_MSTI, tree, 2);
	put_number(&m, IFLA_BRIDGE_MST_ENTRY_STATE, state, 1);
	return message_ask(&m);
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
