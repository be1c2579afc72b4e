#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2119,SC2120 # arguments that may be left out
# What is not announced, what is lost and what others make up: fastbridge must not go on
# forwarding by what was true before.
# shellcheck source=tests/fastbridge/lib.sh
. "$FILES/fastbridge/lib.sh"
set -eu

way=auto

# Every host is known, and h1 and h2 do talk on the fast path.
talk_fast() {
	hello > /dev/null
	sleep 0.2
	remember fast_packets
	between h1 h2 > "$work/before"
	grew fast_packets
	grep -q '^h2 ' "$work/before" || wrong "nothing came before"
}

# A process may send to those who listen, and is not the kernel.
case_made_up() {
	talk_fast
	"$work/frames" announce move br0 p3 02:00:00:00:00:02
	between h1 h2 > "$work/after"
	grep -q '^h2 ' "$work/after" || wrong "h2 was believed elsewhere"
	! grep -q '^h3 ' "$work/after" || wrong "h3 got what was for h2"
}

# h2_packets [DEV]: received there.
h2_packets() {
	ip netns exec h2 cat "/sys/class/net/${1-e2}/statistics/rx_packets"
}

# Ports forward a moment before their bridge is said to be up.
case_filter_changed_while_down() {
	bridge fdb add 02:00:00:00:00:01 dev p1 master static
	bridge fdb add 02:00:00:00:00:02 dev p2 master static
	flood_start p1 1 2
	for turn in 1 2 3 4 5 6 7 8 9 10; do
		ip link set br0 down
		ip link set br0 type bridge vlan_filtering 1
		bridge vlan del dev p2 vid 1
		before=$(h2_packets)
		ip link set br0 up
		sleep 0.1
		ip link set br0 down
		[ "$(h2_packets)" -eq "$before" ] ||
			wrong "$(($(h2_packets) - before)) too many, turn $turn"
		bridge vlan add dev p2 vid 1 pvid untagged
		ip link set br0 type bridge vlan_filtering 0
		ip link set br0 up
	done
	flood_stop
}

# A VLAN that leaves a port takes no tag off what has just found it there.
case_untagged_vlan_leaves() {
	changes_ports
	ip link set br0 type bridge vlan_filtering 1
	ip -n h2 link add link e2 name e2.1 type vlan id 1
	ip -n h2 link set e2.1 up
	bridge fdb add 02:00:00:00:00:01 dev p1 master static vlan 1
	bridge fdb add 02:00:00:00:00:02 dev p2 master static vlan 1
	flood_start p1 1 2
	seq $((5 * repetitions)) | while read -r _; do
		echo "vlan del dev p2 vid 1"
		echo "vlan add dev p2 vid 1 pvid untagged"
	done | bridge -batch -
	flood_stop
	[ "$(h2_packets e2.1)" -eq 0 ] || wrong "$(h2_packets e2.1) frames had a tag"
}

prepare
load
[ $# -gt 0 ] || cases=$(cases_of "$FILES/fastbridge/doubt.sh")
for name in ${cases-"$@"}; do
	run_alone doubt "$name"
done
unload
finish doubt
