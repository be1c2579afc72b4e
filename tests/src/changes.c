// SPDX-License-Identifier: GPL-2.0
/*
 * The fuzzer's changes of configuration: commands as a person would type them, so that
 * the history of an episode can be used as it is.
 *
 * In the templates, %n and %o stand for the numbers of two different ports, %m for an
 * address, %v for a VLAN, and {a|b|c} for one of its parts; between commands is &&, or ;
 * where the first may fail. A change and what undoes it have all that in common. Changes
 * are undone about as often as they are made, so that most of the time most frames have a
 * way.
 */
#include <err.h>
#include <linux/if_ether.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chance.h"
#include "changes.h"
#include "history.h"
#include "strangers.h"
#include "twins.h"

#define LINE_LEN 512
#define AND " && "
#define ANYHOW " ; "
#define GROUPS 4
#define PENDING_MAX 256
/* Above so many that are not undone, more are undone than made. */
#define PENDING_USUAL 8

/* Until fastbridge knows what no announcement has told it, or has made up for lost ones. */
#define NOTICE ANYHOW "pause 800"

/* No run is as long as that. */
#define AGE "10000000"
#define AGE_AGAIN "ip link set br0 type bridge ageing_time " AGE

struct change {
	unsigned int weight;
	const char *line;
	const char *undo;
	unsigned int made;
	unsigned int worked;
};

static struct change changes[] = {
	/* the bridge */
	{ 8, "ip link set br0 type bridge vlan_filtering {0|1|1}", NULL, 0, 0 },
	{ 2, "ip link set br0 type bridge vlan_protocol {802.1ad|802.1Q}", NULL, 0, 0 },
	{ 2, "ip link set br0 type bridge vlan_default_pvid {0|%v}",
	  "ip link set br0 type bridge vlan_default_pvid 1", 0, 0 },
	{ 2, "ip link set br0 type bridge vlan_stats_enabled {0|1}", NULL, 0, 0 },
	{ 2, "ip link set br0 type bridge mcast_snooping {0|1}", NULL, 0, 0 },
	{ 2, "ip link set br0 type bridge mcast_vlan_snooping 1",
	  "ip link set br0 type bridge mcast_vlan_snooping 0", 0, 0 },
	{ 2, "ip link set br0 type bridge group_fwd_mask {0|0x4000|0xfff8}", NULL, 0, 0 },
	{ 2, "ip link set br0 type bridge no_linklocal_learn {0|1}", NULL, 0, 0 },
	{ 2, "ip link set br0 type bridge fdb_flush", NULL, 0, 0 },
	{ 2, "ip link set br0 promisc on", "ip link set br0 promisc off", 0, 0 },
	{ 2, "ip link set br0 mtu {1000|1400|9000}", "ip link set br0 mtu 1500", 0, 0 },
	{ 2, "ip link set br0 address %m",
	  "ip link set br0 address 02:00:00:00:01:00", 0, 0 },
	{ 1, "ip link set br0 down", "ip link set br0 up", 0, 0 },
	{ 2, "bridge mdb add dev br0 port p%n grp {03:00:00:00:00:01|224.1.1.1} permanent",
	  "bridge mdb del dev br0 port p%n grp {03:00:00:00:00:01|224.1.1.1}", 0, 0 },

	/* ports */
	{ 6, "ip link set p%n nomaster", "ip link set p%n master br0", 0, 0 },
	{ 2, "ip link set p%n master br0", NULL, 0, 0 },
	/* A bridge hears of a link from a work of the kernel's. */
	{ 1, "ip link set p%n down" AND "pause 100", "ip link set p%n up" AND "pause 100", 0, 0 },
	{ 1, "ip link set e%n down" AND "pause 100", "ip link set e%n up" AND "pause 100", 0, 0 },
	{ 6, "ip link set p%n mtu {600|1000|1400|9000}", "ip link set p%n mtu 1500", 0, 0 },
	{ 2, "ip link set p%n gso_max_size 5000",
	  "ip link set p%n gso_max_size 65536", 0, 0 },
	{ 2, "ip link set p%n promisc on", "ip link set p%n promisc off", 0, 0 },
	{ 1, "ip link set p%n address %m",
	  "ip link set p%n address 02:00:00:00:01:0%n", 0, 0 },
	{ 2, "ethtool -K p%n {tx|sg|tso|gso} off > /dev/null 2>&1",
	  "ethtool -K p%n {tx|sg|tso|gso} on > /dev/null 2>&1", 0, 0 },

	/* what the bridge keeps of ports */
	{ 6, "bridge link set dev p%n isolated on && bridge link set dev p%o isolated on",
	  "bridge link set dev p%n isolated off && bridge link set dev p%o isolated off", 0, 0 },
	{ 6, "bridge link set dev p%n locked on",
	  "bridge link set dev p%n locked off", 0, 0 },
	{ 6, "bridge link set dev p%n hairpin on",
	  "bridge link set dev p%n hairpin off", 0, 0 },
	{ 6, "bridge link set dev p%n learning off",
	  "bridge link set dev p%n learning on", 0, 0 },
	{ 6, "bridge link set dev p%n {flood|mcast_flood|bcast_flood} off",
	  "bridge link set dev p%n {flood|mcast_flood|bcast_flood} on", 0, 0 },
	{ 2, "bridge link set dev p%n {vlan_tunnel|mcast_to_unicast} on",
	  "bridge link set dev p%n {vlan_tunnel|mcast_to_unicast} off", 0, 0 },
	/* then the bridge answers in place of who has that address */
	{ 5, "ip neigh replace 10.0.0.%o lladdr %m dev br0 nud permanent && bridge link set dev p%n neigh_suppress on",
	  "bridge link set dev p%n neigh_suppress off", 0, 0 },
	{ 2, "bridge link set dev p%n {guard|root_block|fastleave|learning_sync} on",
	  "bridge link set dev p%n {guard|root_block|fastleave|learning_sync} off", 0, 0 },
	{ 2, "bridge link set dev p%n backup_port p%o",
	  "bridge link set dev p%n nobackup_port", 0, 0 },
	{ 6, "bridge link set dev p%n state {0|1|2|4}",
	  "bridge link set dev p%n state 3", 0, 0 },
	{ 2, "ip link set p%n type bridge_slave state {0|1|2|4}",
	  "ip link set p%n type bridge_slave state 3", 0, 0 },
	{ 2, "ip link set p%n type bridge_slave fdb_flush", NULL, 0, 0 },
	{ 1, "ip link set p%n type bridge_slave {proxy_arp|proxy_arp_wifi} on",
	  "ip link set p%n type bridge_slave {proxy_arp|proxy_arp_wifi} off", 0, 0 },

	/* requests that fail half way, of which nobody is told */
	{ 1, "{bridge link set dev p%n isolated on cost 65536|bridge link set dev p%n learning off cost 65536|bridge link set dev p%n hairpin on cost 65536|bridge link set dev p%n state 1 mcast_router 9|ip link set br0 type bridge vlan_filtering 1 group_fwd_mask 7|ip link set br0 type bridge vlan_filtering 0 group_fwd_mask 7|bridge vlan set dev p%n vid %v state 1 mcast_router 9}" NOTICE,
	  "{bridge link set dev p%n isolated off|bridge link set dev p%n learning on|bridge link set dev p%n hairpin off|bridge link set dev p%n state 3|pause 1|pause 1|bridge vlan set dev p%n vid %v state 3}", 0, 0 },

	/* VLANs */
	{ 8, "bridge vlan add dev p%n vid %v {|pvid|untagged|pvid untagged}", NULL, 0, 0 },
	{ 6, "bridge vlan del dev p%n vid %v", "bridge vlan add dev p%n vid %v", 0, 0 },
	{ 3, "bridge vlan del dev p%n vid 1",
	  "bridge vlan add dev p%n vid 1 pvid untagged", 0, 0 },
	{ 2, "bridge vlan add dev p%n vid 2-4 {|untagged}", NULL, 0, 0 },
	{ 3, "bridge vlan add dev br0 vid %v self {|pvid|untagged|pvid untagged}", NULL, 0, 0 },
	{ 2, "bridge vlan del dev br0 vid %v self", "bridge vlan add dev br0 vid %v self", 0, 0 },
	{ 6, "bridge vlan set dev p%n vid %v state {0|1|2|4}",
	  "bridge vlan set dev p%n vid %v state 3", 0, 0 },
	{ 4, "bridge link set dev p%n vlan_tunnel on && bridge vlan add dev p%n vid %v && bridge vlan add dev p%n vid %v tunnel_info id %v",
	  "bridge vlan del dev p%n vid %v tunnel_info id %v && bridge link set dev p%n vlan_tunnel off", 0, 0 },
	{ 1, "bridge vlan global set vid %v dev br0 mcast_snooping {0|1}", NULL, 0, 0 },

	/* spanning trees of VLANs */
	{ 3, "frames mst vlan br0 %v {1|2}", "frames mst vlan br0 %v 0", 0, 0 },
	{ 5, "frames mst state p%n {1|2} {0|1|2|4}", "frames mst state p%n {1|2} 3", 0, 0 },

	/* the forwarding table */
	{ 6, "bridge fdb {add|replace} %m dev p%n master {static|dynamic} {|vlan %v|vlan 1}",
	  NULL, 0, 0 },
	{ 2, "bridge fdb {add|replace} %m dev p%n master local {|vlan %v}",
	  "bridge fdb del %m dev p%n master {|vlan %v}", 0, 0 },
	{ 3, "bridge fdb {add|replace} %m dev p%n master sticky static {|vlan %v}",
	  "bridge fdb del %m dev p%n master {|vlan %v}", 0, 0 },
	{ 3, "bridge fdb {add|replace} %m dev p%n master extern_learn {|vlan %v}",
	  NULL, 0, 0 },
	{ 4, "bridge fdb {add|replace} %m dev p%n master use {|vlan %v}", NULL, 0, 0 },
	{ 2, "bridge fdb add %m dev br0 self local {|vlan %v}",
	  "bridge fdb del %m dev br0 self {|vlan %v}", 0, 0 },
	{ 6, "bridge fdb del %m dev p%n master {|vlan %v|vlan 1}", NULL, 0, 0 },
	{ 2, "bridge fdb flush dev br0 {|vlan %v|brport p%n|dynamic|static|nosticky}",
	  NULL, 0, 0 },
	/* nobody is learned, and who has been is gone */
	{ 2, "ip link set br0 type bridge ageing_time 0 fdb_flush", AGE_AGAIN, 0, 0 },

	/* whoever else has a say */
	{ 2, "tc qdisc add dev p%n root {pfifo_fast|pfifo|prio|fq_codel}",
	  "tc qdisc del dev p%n root", 0, 0 },
	{ 4, "tc qdisc add dev p%n clsact && tc filter add dev p%n {ingress|egress} protocol all prio 1 flower dst_mac %m action drop",
	  "tc qdisc del dev p%n clsact", 0, 0 },
	/* not at ingress: 6.1 loses its way in a frame that has a tag already, and panics */
	{ 4, "tc qdisc add dev p%n clsact && tc filter add dev p%n egress protocol all prio 1 {matchall|flower src_mac %m} action vlan push id %v",
	  "tc qdisc del dev p%n clsact", 0, 0 },
	{ 4, "nft 'table bridge t { chain c { type filter hook {prerouting|input|forward|output|postrouting} priority 0; ether saddr %m drop; }; }'",
	  "nft delete table bridge t", 0, 0 },
	{ 1, "nft 'table netdev t%n { chain c { type filter hook {ingress|egress} device p%n priority 0; ether daddr %m drop; }; }'",
	  "nft delete table netdev t%n", 0, 0 },

	/* fastbridge, and time for it to ask about what it has no certainty of */
	{ 2, "mode off", "mode auto", 0, 0 },
	{ 4, "xmit {queue|direct}", NULL, 0, 0 },
	{ 4, "pause 40", NULL, 0, 0 },
	/* it cannot listen to all */
	{ 1, "frames announce noise 50" NOTICE, NULL, 0, 0 },
};

#define NR_CHANGES (sizeof(changes) / sizeof(*changes))

/* The draws of a change: in what undoes it they are the same. */
struct draw {
	unsigned int port;
	unsigned int other;
	unsigned int vlan;
	unsigned int group[GROUPS];
	char address[32];
};

static char pending[PENDING_MAX][LINE_LEN];
static unsigned int nr_pending;
static bool bypasses;
static bool has_trees;
static uint16_t tpid;

static void draw_address(char *text)
{
	uint8_t mac[MAC_LEN];

	if (one_in(10))
		stranger_nobody(mac);
	else
		stranger_address(mac, 1 + chance(PORTS), chance(STRANGERS));
	snprintf(text, sizeof(((struct draw *)0)->address), "%02x:%02x:%02x:%02x:%02x:%02x",
		 mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
}

static void draw(struct draw *drawn)
{
	int i;

	drawn->port = 1 + chance(PORTS);
	drawn->other = 1 + (drawn->port + chance(PORTS - 1)) % PORTS;
	drawn->vlan = one_in(12) ? 4094 : 2 + chance(STRANGER_VLANS - 1);
	for (i = 0; i < GROUPS; i++)
		drawn->group[i] = chance(60);
	draw_address(drawn->address);
}

/* One letter after '%'. */
static int put_draw(char *p, char letter, const struct draw *drawn)
{
	switch (letter) {
	case 'n':
		return sprintf(p, "%u", drawn->port);
	case 'o':
		return sprintf(p, "%u", drawn->other);
	case 'v':
		return sprintf(p, "%u", drawn->vlan);
	case 'm':
		return sprintf(p, "%s", drawn->address);
	}
	errx(2, "what is %%%c?", letter);
}

/* A brace with a blank in it is nft's. */
static bool is_group(const char *p)
{
	return *p == '{' && p[1] != ' ';
}

/* Of "{a|b|c}" at *@p the part of that number; *@p is then after it. Returns its length. */
static size_t pick_part(const char **p, unsigned int number, const char **part)
{
	const char *end = strchr(*p, '}'), *start = *p + 1, *c;
	unsigned int parts = 1;

	for (c = start; c < end; c++)
		parts += *c == '|';
	for (number %= parts; number; number--)
		start = strchr(start, '|') + 1;
	*p = end + 1;
	*part = start;
	return strcspn(start, "|}");
}

static void choose_parts(char *line, const char *template, const struct draw *drawn)
{
	const char *part;
	int group = 0;
	size_t len;

	while (*template) {
		if (is_group(template)) {
			len = pick_part(&template, drawn->group[group++], &part);
			memcpy(line, part, len);
			line += len;
		} else {
			*line++ = *template++;
		}
	}
	*line = '\0';
}

static void expand(char *line, const char *template, const struct draw *drawn)
{
	char chosen[LINE_LEN];
	const char *p;

	choose_parts(chosen, template, drawn);
	for (p = chosen; *p; p++) {
		if (*p == '%')
			line += put_draw(line, *++p, drawn);
		else
			*line++ = *p;
	}
	*line = '\0';
}

static bool is_about(const struct change *change, const char *beginning)
{
	return !strncmp(change->line, beginning, strlen(beginning));
}

static bool is_pending(const char *undo)
{
	unsigned int i;

	for (i = 0; i < nr_pending; i++)
		if (!strcmp(pending[i], undo))
			return true;
	return false;
}

/*
 * A bridge that passes rules by shows them nothing, and that is not what is looked for.
 * An entry that ages at once may be gone in one bridge a moment before the other.
 */
static bool is_out_of_place(const struct change *change)
{
	if (is_about(change, "bridge fdb {add") && is_pending(AGE_AGAIN))
		return true;
	if (bypasses && (is_about(change, "nft 'table bridge") || is_about(change, "mode")))
		return true;
	return !has_trees && is_about(change, "frames mst");
}

static struct change *pick_change(void)
{
	unsigned int sum = 0, i;

	for (i = 0; i < NR_CHANGES; i++)
		sum += changes[i].weight;
	sum = chance(sum);
	for (i = 0; sum >= changes[i].weight; i++)
		sum -= changes[i].weight;
	return &changes[i];
}

/* Both must say the same; what comes after && is left out if that is a complaint. */
static bool do_commands(char *line)
{
	char *next = strstr(line, AND), *anyhow = strstr(line, ANYHOW);

	if (anyhow && (!next || anyhow < next)) {
		*anyhow = '\0';
		twins_do("%s", line);
		return do_commands(anyhow + strlen(ANYHOW));
	}
	if (next)
		*next = '\0';
	return twins_do("%s", line) && (!next || do_commands(next + strlen(AND)));
}

static void make_change(void)
{
	struct change *change = pick_change();
	char line[LINE_LEN];
	struct draw drawn;

	draw(&drawn);
	if (is_out_of_place(change))
		return;
	expand(line, change->line, &drawn);
	change->made++;
	change->worked += do_commands(line);
	if (change->undo && nr_pending < PENDING_MAX)
		expand(pending[nr_pending++], change->undo, &drawn);
}

static void undo(unsigned int number)
{
	do_commands(pending[number]);
	memmove(pending[number], pending[number + 1],
		(--nr_pending - number) * sizeof(*pending));
}

void changes_one(void)
{
	bool many = nr_pending > PENDING_USUAL;

	if (nr_pending && chance(10) < (many ? 7u : 4u))
		undo(chance(nr_pending));
	else
		make_change();
}

static void make_bridge(void)
{
	bool filters = one_in(2);

	tpid = one_in(4) ? ETH_P_8021AD : ETH_P_8021Q;
	twins_do("ip link add br0 index 100 address 02:00:00:00:01:00 type bridge "
		 "ageing_time " AGE " mcast_snooping %d vlan_filtering %d vlan_protocol %s "
		 "vlan_stats_enabled %d vlan_stats_per_port %d", one_in(4), filters,
		 tpid == ETH_P_8021AD ? "802.1ad" : "802.1Q", one_in(4), one_in(4));
	has_trees = filters && one_in(5);
	if (has_trees)
		twins_do("frames mst on br0");
	twins_do("ip link set br0 up");
}

static void switch_on(void)
{
	bypasses = one_in(5);
	twins_do("xmit %s", one_in(4) ? "queue" : "direct");
	twins_do("mode %s", bypasses ? "bypass" : "auto");
}

/* Most ports in most VLANs. */
static void join_vlans(int port)
{
	static const char *const flags[] = {
		"", "", "untagged", "pvid untagged", "pvid"
	};
	int vlan;

	for (vlan = 2; vlan <= STRANGER_VLANS; vlan++)
		if (!one_in(5))
			twins_do("bridge vlan add dev p%d vid %d %s", port, vlan,
				 flags[chance(5)]);
}

/* A new bridge with all ports. */
void changes_begin(void)
{
	int n;

	make_bridge();
	switch_on();
	for (n = 1; n <= PORTS; n++) {
		twins_do("ip link set p%d master br0", n);
		join_vlans(n);
	}
	if (one_in(2))
		twins_do("bridge vlan add dev br0 vid 2 self");
	twins_settle();
	twins_watch_bridge();
}

/* The ports as they were before the episode, and no bridge. */
void changes_end(void)
{
	while (nr_pending)
		undo(nr_pending - 1);
	twins_leave_bridge();
	twins_do("ip link del br0");
}

/* A command that was refused every time tests nothing. */
bool changes_all_worked(void)
{
	bool all = true;
	unsigned int i;

	for (i = 0; i < NR_CHANGES; i++) {
		if (changes[i].worked || changes[i].made < 20)
			continue;
		printf("refused all %u times: %s\n", changes[i].made, changes[i].line);
		all = false;
	}
	return all;
}

uint16_t changes_tpid(void)
{
	return tpid;
}
