#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2119,SC2120 # arguments that may be left out
# What is not announced, what is lost and what others make up: fastbridge must not go on
# forwarding by what was true before.
# shellcheck source=tests/fastbridge/lib.sh
. "$FILES/fastbridge/lib.sh"
set -eu

way=auto

# As long as README says that something may pass unnoticed, and some more on a slow machine.
notice() {
	sleep $((1 + slowness))
}

# Every host is known, and h1 and h2 do talk on the fast path.
talk_fast() {
	hello > /dev/null
	sleep 0.2
	remember fast_packets
	between h1 h2 > "$work/before"
	grew fast_packets
	grep -q '^h2 ' "$work/before" || wrong "nothing came before"
}

# silent FROM TO: what FROM sends does not arrive there.
silent() {
	exchange > "$work/after" <<-EOF
	$1 > $2 count=5
	EOF
	! grep "^$2 " "$work/after" || wrong "$2 still hears $1"
}

# fails COMMAND: and what it did before that stays done.
fails() {
	! "$@" || wrong "$* did not fail"
}

case_half_isolated() {
	talk_fast
	fails bridge link set dev p1 isolated on cost 65536
	fails bridge link set dev p2 isolated on cost 65536
	notice
	silent h1 h2
	fails bridge link set dev p1 isolated off cost 65536
	notice
	talk_fast
}

# A port that does not learn lets any source pass, until it is locked.
case_half_locked() {
	talk_fast
	bridge link set dev p1 learning off
	bridge fdb del 02:00:00:00:00:01 dev p1 master
	remember fast_packets p1
	exchange <<-EOF
	h1 > h2 count=5
	EOF
	grew fast_packets p1
	fails bridge link set dev p1 locked on cost 65536
	notice
	silent h1 h2
}

case_half_state() {
	talk_fast
	fails bridge link set dev p1 state 1 mcast_router 9
	notice
	silent h1 h2
	silent h2 h1
	fails bridge link set dev p1 state 3 mcast_router 9
	notice
	talk_fast
}

case_half_filter() {
	bridge vlan del dev p2 vid 1
	talk_fast
	fails ip link set br0 type bridge vlan_filtering 1 group_fwd_mask 7
	notice
	silent h1 h2
	fails ip link set br0 type bridge vlan_filtering 0 group_fwd_mask 7
	notice
	talk_fast
}

case_half_vlan_state() {
	ip link set br0 type bridge vlan_filtering 1
	talk_fast
	fails bridge vlan set dev p2 vid 1 state 4 mcast_router 9
	notice
	silent h1 h2
	fails bridge vlan set dev p2 vid 1 state 3 mcast_router 9
	notice
	talk_fast
}

# A process may send to those who listen, and is not the kernel.
case_made_up() {
	talk_fast
	"$work/frames" announce move br0 p3 02:00:00:00:00:02
	between h1 h2 > "$work/after"
	grep -q '^h2 ' "$work/after" || wrong "h2 was believed elsewhere"
	! grep -q '^h3 ' "$work/after" || wrong "h3 got what was for h2"
}

# rumours: what the kernel announces may come late.
rumours() {
	insmod "$MODULES/rumour.ko"
	at_end 'rmmod rumour'
}

# Of two states the older one may be told last; each time, for half a second would do harm.
case_late_state() {
	rumours
	talk_fast
	bridge link set dev p1 state 1
	for turn in 1 2 3 4 5; do
		"$work/frames" announce late-state br0 p1 3
		silent h1 h2
		silent h2 h1
	done
	bridge link set dev p1 state 3
	notice
	talk_fast
}

# Each of its frames must be: the bridge itself is right.
is_found() {
	exchange > "$work/after" <<-EOF
	h1 > h2 count=5
	EOF
	[ "$(grep -c '^h2 ' "$work/after")" = 5 ]
}

# An address that is there no more is announced once more.
case_late_address() {
	rumours
	talk_fast
	bridge fdb del 02:00:00:00:00:02 dev p2 master
	"$work/frames" announce late-move br0 p3 02:00:00:00:00:02
	notice
	is_found || wrong "h2 is not found"
}

# crowd DEV: it receives frames for unknown addresses without end, by turns.
crowd() {
	pktgen_thread=0
	pktgen_setup "$1" netif_receive 0 60 02:00:00:00:00:03 02:00:00:00:01:00
	pktgen_set "$1" "dst_mac_count 5000"
	pktgen_set "$1" "delay 100000"
	pktgen_start &
	flood=$!
	at_end flood_stop
}

# Nor do doubts of frames, which have each port's few places full, keep one from being heard.
case_late_address_crowded() {
	rumours
	talk_fast
	for port in p1 p2 p4; do
		bridge link set dev $port flood off
	done
	crowd p3
	sleep 0.2
	"$work/frames" announce late-move br0 p3 02:00:00:00:00:02
	wait_for $((2 * slowness)) is_found || wrong "h2 is not found: $(cat "$work/after")"
	flood_stop
}

# What is announced of a range is true of the first of its VLANs.
case_range_of_states() {
	bridge vlan add dev p1 vid 7-8
	bridge vlan add dev p2 vid 7-8
	ip link set br0 type bridge vlan_filtering 1
	for turn in 1 2 3 4 5; do
		exchange <<-EOF
		h1 > all vlan=8
		h2 > all vlan=8
		EOF
		notice
		bridge vlan set dev p2 vid 8 state 4
		bridge vlan add dev p2 vid 7-8 untagged
		exchange > "$work/after" <<-EOF
		h1 > h2 vlan=8 count=5
		EOF
		! grep '^h2 ' "$work/after" || wrong "h2 hears a VLAN that is blocked"
		bridge vlan del dev p2 vid 7-8
		bridge vlan add dev p2 vid 7-8
	done
}

# The socket that hears of links and neighbours, and of nothing else that is a bit here.
listener_overran() {
	awk '$4 == "00000005" && $9 > 0 { found = 1 } END { exit !found }' /proc/net/netlink
}

# A listener that has no room loses what it should hear, and hears again.
case_overrun() {
	mode_off
	room=$(sysctl -n net.core.rmem_default)
	at_end "sysctl -qw net.core.rmem_default=$room"
	sysctl -qw net.core.rmem_default=2304
	mode_on
	talk_fast
	"$work/frames" announce noise 60000 &
	noise=$!
	at_end "kill $noise 2> /dev/null || true"
	wait_for 60 listener_overran || wrong "no overrun"
	kill $noise
	wait $noise || true
	notice
	talk_fast
	bridge link set dev p1 isolated on
	bridge link set dev p2 isolated on
	silent h1 h2
	bridge link set dev p2 isolated off
	bridge fdb del 02:00:00:00:00:02 dev p2 master
	bridge fdb add 02:00:00:00:00:02 dev p3 master static
	silent h1 h2
}

# Who opens or closes a socket of netlink waits until nobody sends to many: not with RTNL held.
# Of ip that is true, too, and a timeout does not end it.
case_busy_netlink() {
	insmod "$MODULES/busy.ko"
	at_end 'rmmod busy'
	talk_fast
	(echo > /proc/busy) &
	busy=$!
	at_end "kill $busy 2> /dev/null || true; wait $busy || true"
	sleep 0.3
	for mode in off auto off auto; do
		echo $mode > $switches/mode &
		sleep 0.3
		timeout $((5 * slowness)) sh -c 'echo 65536 > /sys/class/net/lo/mtu' ||
			wrong "RTNL is held"
		shows $switches/mode $mode
	done
	kill -0 $busy || wrong "nobody was busy"
	kill $busy
	wait
	notice
	talk_fast
}

# What cannot be asked is not believed for long.
case_rtnl_held() {
	at_end 'ip addr del 192.0.2.1/32 dev d0'
	ip addr add 192.0.2.1/32 dev d0
	talk_fast
	"$work/frames" hold $((3000 * slowness)) &
	hold=$!
	notice
	remember fast_packets
	between h1 h2 > "$work/after"
	stood fast_packets
	grep -q '^h2 ' "$work/after" || wrong "nothing arrives"
	kill -0 $hold || wrong "RTNL was not held for long enough"
	wait $hold
	notice
	talk_fast
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

# While the bridge is down, too, they do if they are told to.
case_filter_changed_and_down() {
	talk_fast
	ip link set br0 down
	bridge link set dev p1 state 3
	bridge link set dev p2 state 3
	hello > /dev/null
	sleep 0.2
	bridge vlan del dev p2 vid 1
	ip link set br0 type bridge vlan_filtering 1
	silent h1 h2
	ip link set br0 type bridge vlan_filtering 0
	ip link set br0 up
	notice
	talk_fast
}

# Debug kernels have no userfaultfd, by which RTNL is held.
wanted() {
	if [ -e /proc/sys/vm/unprivileged_userfaultfd ]; then cat; else grep -vx rtnl_held; fi
}

prepare
load
[ $# -gt 0 ] || cases=$(cases_of "$FILES/fastbridge/doubt.sh" | wanted)
for name in ${cases-"$@"}; do
	run_alone doubt "$name"
done
unload
finish doubt
