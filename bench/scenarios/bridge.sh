#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What a frame from one port of a bridge to another costs on each path; for
# bench/bridge, in kernelhost --count. Leaves lines "path case instructions" in
# $RESULTS/raw, the work of receiving the frame included.
. "$LIB/scenario.sh"
set -eu

rounds=${1:-5}
switch=/sys/class/net/br0/fastbridge

# inject COUNT SIZE: prints nanoseconds, which are instructions, per frame.
inject() {
	insmod "$MODULES/inject.ko" dev=d0 count="$1" size="$2"
	read -r nanoseconds < /sys/module/inject/parameters/nanoseconds
	rmmod inject
	echo "$nanoseconds $1" | awk '{ printf "%.1f\n", $1 / $2 }'
}

# pktgen's frames are shared, which makes a forwarder clone them: the case is there to
# compare with figures that others took with pktgen.
pktgen_per_frame() {
	pktgen_inject d0 "$1" 64 | awk -v frames="$1" '{ printf "%.1f\n", $1 / frames }'
}

row() {
	echo "$1 $2 $3" | tee -a "$RESULTS/raw"
}

# forwarded PATH: did d1 send what d0 has received? A path that loses frames is cheap.
forwarded() {
	sent=$(dev_counter d1 tx_packets)
	inject 100 64 > /dev/null
	sent=$(($(dev_counter d1 tx_packets) - sent))
	[ "$1" = drop ] || [ $sent -ge 100 ] || fail "$1 forwarded $sent of 100 frames"
	[ "$1" != drop ] || [ $sent -lt 10 ] || fail "drop let $sent frames pass"
}

# fast PATH: fastbridge must have forwarded exactly where its name stands.
fast() {
	read -r packets < $switch/stats/fast_packets
	inject 100 64 > /dev/null
	read -r now < $switch/stats/fast_packets
	case $1 in
	fastbridge*)	[ $((now - packets)) -ge 95 ] || fail "$1 left frames to the bridge" ;;
	*)		[ "$now" = "$packets" ] || fail "$1 had frames on the fast path" ;;
	esac
}

measure() {
	forwarded "$1"
	fast "$1"
	row "$1" unicast-64 "$(inject 20000 64)"
	row "$1" unicast-1400 "$(inject 10000 1400)"
	row "$1" gso-64k "$(inject 500 64000)"
	row "$1" pktgen-64 "$(pktgen_per_frame 20000)"
}

drop() {
	insmod "$MODULES/ingress_drop.ko" dev=d0
	measure drop
	rmmod ingress_drop
}

stock_vlan() {
	ip link set br0 type bridge vlan_filtering 1
	measure stock-vlan
	ip link set br0 type bridge vlan_filtering 0
}

# What an anti-spoofing rule of Xen's scripts brings along: bridge netfilter, connection
# tracking and iptables.
stock_br_netfilter() {
	modprobe br_netfilter
	iptables-legacy -A FORWARD -m conntrack --ctstate NEW -j ACCEPT
	measure stock-br_netfilter
	iptables-legacy -F FORWARD
	modprobe -r iptable_filter xt_conntrack br_netfilter
}

fastbridge() {
	echo "$1" > $switch/xmit
	echo auto > $switch/mode
	# The mirror learns of the addresses when frames ask for them.
	inject 10 64 > /dev/null
	sleep 0.1
	measure "fastbridge-$1"
	echo off > $switch/mode
}

modprobe bridge
insmod "$MODULES/fastbridge.ko"
ip link add d0 type dummy
ip link add d1 type dummy
brctl addbr br0
for dev in d0 d1; do
	brctl addif br0 $dev
	ip link set $dev up
done
ip link set br0 up
bridge fdb replace 00:16:3e:00:00:01 dev d0 master static
bridge fdb replace 00:16:3e:00:00:02 dev d1 master static
bridge fdb replace 00:16:3e:00:00:01 dev d0 master static vlan 1
bridge fdb replace 00:16:3e:00:00:02 dev d1 master static vlan 1

for round in $(seq "$rounds"); do
	say "round $round of $rounds"
	drop
	measure stock
	stock_vlan
	fastbridge queue
	fastbridge direct
	stock_br_netfilter
done
