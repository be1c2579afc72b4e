#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2119 # arguments that may be left out
# Aggregation: h2 gets large frames, and behind a device that takes none, byte by byte and
# in order, the segments that h1 has sent.
#
#   h1: lo => e1 ---- p1 | br0 | p2 ---- e2 => x2 ---- y2  :h2
#
# What h1 sends it sends a few milliseconds' worth at a time, as a busy NIC hands it in.
# shellcheck source=tests/fastbridge/lib.sh
. "$FILES/fastbridge/lib.sh"
set -eu

way=auto
switch=$switches/aggregate
count=$((4 * repetitions))

segments_prepare() {
	modprobe -a sch_netem sch_ingress cls_matchall act_mirred
	ip -n h1 link set lo up
	tc -n h1 qdisc add dev lo ingress
	tc -n h1 filter add dev lo ingress matchall action mirred egress redirect dev e1
	tc -n h1 qdisc add dev e1 root netem delay 1ms slot 4ms 4ms limit 100000
	ip -n h2 link add x2 type veth peer y2
	ip netns exec h2 ethtool -K x2 tso off gso off sg off tx off > /dev/null
	ip -n h2 link set x2 up
	ip -n h2 link set y2 up
	tc -n h2 qdisc add dev e2 ingress
	tc -n h2 filter add dev e2 ingress matchall action mirred egress redirect dev x2
}

# segments [COUNT]
segments() {
	"$work/frames" segments "$seed" "${1-$count}" > "$work/segments"
	cat "$work/segments"
}

# What has come is what was sent; the rest of the line tells how many were large.
segments_intact() {
	grep -q '^sent [1-9][0-9]* lost 0 reordered 0 damaged 0 large ' "$work/segments" ||
		wrong "not what was sent: $(cat "$work/segments")"
}

large() {
	sed -n 's/.* large //p' "$work/segments"
}

on() {
	hello > /dev/null
	echo 1 > $switch
}

# Whatever it is that keeps h2 from getting large frames, it gets what was sent.
none_large() {
	segments
	segments_intact
	[ "$(large)" -eq 0 ] || wrong "$(large) large frames with $1"
}

# watch DEV: a socket on it, until the case ends.
watch() {
	"$work/frames" receive "$1" 1 1 > /dev/null 2>&1 &
	at_end "kill $! 2> /dev/null || true"
	sleep 1
}

case_off() {
	hello > /dev/null
	none_large 'the switch off'
	shows "$switches/stats/aggregated_packets" 0
}

# What comes in large frames is counted; how much that is depends on what else the machine does.
case_on() {
	on
	segments
	segments_intact
	[ "$(large)" -ge $((count / 40)) ] || wrong "only $(large) large frames"
	[ "$(counter aggregated_packets)" -ge $((2 * $(large))) ] ||
		wrong "only $(counter aggregated_packets) segments in large frames"
	[ "$(counter aggregated_packets p2)" -eq "$(counter aggregated_packets)" ] ||
		wrong "not counted where they left"
	[ "$(counter fast_packets p1)" -ge $((count * 8 / 10)) ] ||
		wrong "only $(counter fast_packets p1) fast"
}

# A port that does not take large frames, for one version of IP or both.
case_port_takes_none() {
	on
	at_end 'ethtool -K p2 tso on tx-tcp6-segmentation on > /dev/null'
	ethtool -K p2 tx-tcp6-segmentation off > /dev/null
	segments
	segments_intact
	[ "$(large)" -gt 0 ] || wrong 'no large frames of IPv4'
	ethtool -K p2 tso off > /dev/null
	none_large 'tso off'
}

# Whoever else sees or counts what leaves the port sees what was sent.
case_port_watched() {
	on
	tc qdisc add dev p2 root pfifo limit 10000
	none_large 'a qdisc'
	tc qdisc del dev p2 root
	tc qdisc add dev p2 clsact
	tc filter add dev p2 egress matchall action ok
	none_large 'a filter'
	tc qdisc del dev p2 clsact
	echo queue > $switches/xmit
	none_large 'xmit queue'
	echo direct > $switches/xmit
	watch p2
	none_large 'a socket on the port'
}

# Somebody who sees what arrives has a copy, which must not be taken apart.
case_arrivals_watched() {
	on
	watch p1
	none_large 'a socket on the port they arrive on'
}

case_guarded() {
	on
	echo +02:00:00:00:00:01 > /sys/class/net/p1/fastbridge_port/guard_mac
	echo 1 > /sys/class/net/p1/fastbridge_port/guard
	segments
	segments_intact
	[ "$(large)" -gt 0 ] || wrong 'no large frames'
}

# Tags that the bridge takes away, and puts on.
case_vlans() {
	on
	ip link set br0 type bridge vlan_filtering 1
	for n in 1 2; do
		bridge vlan add dev p$n vid 1-4094 tagged
	done
	bridge vlan add dev p1 vid 5 pvid untagged
	bridge vlan add dev p2 vid 5 pvid untagged
	hello > /dev/null
	sleep 1
	segments
	segments_intact
}

# changing COMMAND...: again and again, while segments are on their way.
changing() {
	segments $((4 * count)) &
	sending=$!
	while kill -0 $sending 2> /dev/null; do
		"$@"
	done
	wait $sending
}

# Frames of one flow take either path, in their order.
promiscuous() {
	for _ in $(seq 100); do
		echo link set br0 promisc on
		echo link set br0 promisc off
	done | ip -batch -
}

case_left_to_the_bridge() {
	on
	changing promiscuous
	segments_intact
	[ "$(counter stock_promisc p1)" -gt $((count / 10)) ] || wrong "hardly any was left"
	[ "$(counter aggregated_packets)" -gt 0 ] || wrong 'nothing was aggregated'
}

switch_all() {
	echo 0 > $switch
	echo 1 > $switch
	echo off > $switches/mode
	echo auto > $switches/mode
	sleep 0.1
	echo queue > $switches/xmit
	echo direct > $switches/xmit
	sleep 0.1
	echo 0 > $switch
	echo off > $switches/mode
	echo 1 > $switch
	echo auto > $switches/mode
	sleep 0.2
}

case_switched_under_traffic() {
	on
	changing switch_all
	segments_intact
	[ "$(counter aggregated_packets)" -gt 0 ] || wrong 'nothing was aggregated'
}

# Others come and go; nobody waits for long, and what is not theirs arrives.
come_and_go() {
	ip link set p3 nomaster
	ip link set p3 master br0
	ip link add br1 type bridge
	echo 1 > /sys/class/net/br1/fastbridge/aggregate
	ip link del br1
}

case_others_come_and_go() {
	on
	changing come_and_go
	segments_intact
}

# The port itself, the bridge's module and the port's end: frames may be lost, no more.
leave_and_join() {
	ip link set p2 nomaster
	ip link set p2 master br0
	unload
	load
	mode_on
	echo 1 > $switch
	sleep 0.2
}

case_port_leaves() {
	on
	changing leave_and_join
	grep ' damaged 0 ' "$work/segments" || wrong "damaged: $(cat "$work/segments")"
}

case_wrong_values() {
	on
	for value in 2 -1 x auto '\n'; do
		refused 'Invalid argument' $switch "$value"
	done
	refused 'Operation not permitted' $switch 0 setpriv --bounding-set -net_admin \
		--inh-caps -net_admin
}

# The setting belongs to the bridge, not to its mode.
case_stays() {
	on
	echo off > $switches/mode
	shows $switch 1
	none_large 'mode off'
	echo auto > $switches/mode
	segments
	[ "$(large)" -gt 0 ] || wrong 'no large frames after off and auto'
}

prepare
ports_make
segments_prepare
load
[ $# -gt 0 ] || cases=$(cases_of "$FILES/fastbridge/aggregate.sh")
for name in ${cases-"$@"}; do
	run_alone aggregate "$name"
done
unload
finish aggregate
