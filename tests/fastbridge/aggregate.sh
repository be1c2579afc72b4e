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

# One with a qdisc that the core has attached by itself, which keeps what has no parent.
case_port_queues() {
	modprobe ifb numifbs=0
	on
	ip link add i0 type ifb
	at_end 'ip link del i0'
	ip link set i0 master br0 up
	bridge fdb replace 02:00:00:00:00:02 dev i0 master static
	segments $((count / 4))
	[ "$(counter queued_packets p1)" -ge $((count / 5)) ] ||
		wrong "only $(counter queued_packets p1) queued"
	shows /sys/class/net/i0/fastbridge_port/stats/aggregated_packets 0
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

# Frames for h2 leave by a VLAN device on p2, below which rules see them.
vlan_device_make() {
	ip link set p2 nomaster
	ip link add link p2 name p2.5 type vlan id 5
	at_end 'ip link del p2.5'
	ip link set p2.5 master br0 up
	bridge fdb add 02:00:00:00:00:02 dev p2.5 master static
	tc -n h2 filter add dev e2 ingress pref 1 protocol 802.1q flower vlan_id 5 \
		action vlan pop pipe action mirred egress redirect dev x2
	at_end 'tc -n h2 filter del dev e2 ingress pref 1'
	tc qdisc add dev p2 clsact
	at_end 'tc qdisc del dev p2 clsact'
}

# passed_by DEV HOOK PREF [OPTION...]: frames that the actions of a filter have seen; large ones
# count as what they were.
passed_by() {
	dev=$1 hook=$2 pref=$3
	shift 3
	tc "$@" -s filter show dev "$dev" "$hook" pref "$pref" |
		sed -n 's/.*Sent [0-9]* bytes \([0-9]*\) pkt.*/\1/p' | head -n 1
}

# chosen ACTION...: what becomes of some of a flow's frames where they arrive; of this seed's
# flows some have such.
chosen() {
	seed=1 count=1000
	tc qdisc add dev p1 ingress
	at_end 'tc qdisc del dev p1 ingress'
	tc filter add dev p1 ingress pref 1 protocol ip u32 match u16 2 2 at 4 "$@"
	tc -n h2 qdisc add dev y2 ingress
	at_end 'tc -n h2 qdisc del dev y2 ingress'
	tc -n h2 filter add dev y2 ingress pref 1 protocol ip u32 match u16 2 2 at 4 action ok
}

# Who asks behind the bridge is told where frames have arrived, some of a flow on p3.
case_arrival_is_told() {
	modprobe -a cls_flower cls_u32 act_vlan
	on
	vlan_device_make
	for port in p1 p3; do
		bridge link set dev $port learning off
		tc filter add dev p2 egress pref ${port#p} protocol all flower indev $port \
			action ok
	done
	tc filter add dev p2 egress pref 4 matchall action drop
	chosen action mirred ingress redirect dev p3
	segments
	segments_intact
	[ "$(large)" -gt 0 ] || wrong 'no large frames'
	moved=$(passed_by p1 ingress 1)
	[ "$moved" -gt 0 ] || wrong 'nothing arrived on p3'
	[ "$(passed_by p2 egress 3)" -eq "$moved" ] ||
		wrong "$(passed_by p2 egress 3) from p3 and not $moved"
}

# These are dropped on their way, and only they.
chosen_dropped() {
	segments
	grep ' damaged 0 ' "$work/segments" || wrong "damaged: $(cat "$work/segments")"
	[ "$(large)" -gt 0 ] || wrong 'no large frames'
	dropped=$(passed_by p1 ingress 1)
	[ "$dropped" -gt 0 ] || wrong 'none was chosen'
	grep -q " lost $dropped " "$work/segments" ||
		wrong "not $dropped lost: $(cat "$work/segments")"
	[ "$(passed_by y2 ingress 1 -n h2)" -eq 0 ] ||
		wrong "$(passed_by y2 ingress 1 -n h2) arrived"
}

case_told_apart_by_mark() {
	modprobe -a cls_flower cls_u32 cls_fw act_skbedit act_vlan
	on
	vlan_device_make
	chosen action skbedit mark 1
	tc filter add dev p2 egress protocol all handle 1 fw action drop
	chosen_dropped
}

case_told_apart_by_priority() {
	modprobe -a cls_flower cls_u32 cls_basic em_meta act_skbedit act_vlan
	on
	vlan_device_make
	chosen action skbedit priority 0:9
	tc filter add dev p2 egress protocol all basic match 'meta(priority eq 9)' action drop
	chosen_dropped
}

case_told_apart_by_class() {
	modprobe -a cls_flower cls_u32 cls_basic em_meta act_vlan
	on
	vlan_device_make
	chosen flowid :9 action ok
	tc filter add dev p2 egress protocol all basic match 'meta(tc_index eq 9)' action drop
	chosen_dropped
}

case_told_apart_by_kind_of_tag() {
	modprobe -a cls_flower cls_u32 act_vlan
	on
	chosen action vlan push protocol 802.1ad id 4094
	tc filter add dev p1 ingress pref 2 protocol ip matchall \
		action vlan push protocol 802.1q id 4094
	tc -n h2 filter add dev e2 ingress pref 1 protocol 802.1ad matchall action drop
	at_end 'tc -n h2 filter del dev e2 ingress pref 1'
	tc -n h2 filter add dev e2 ingress pref 2 protocol 802.1q flower vlan_id 4094 \
		action vlan pop pipe action mirred egress redirect dev x2
	at_end 'tc -n h2 filter del dev e2 ingress pref 2'
	chosen_dropped
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
