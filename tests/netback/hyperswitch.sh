#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Scenario for bench/xenhost --xen KIT --module xen-netback.ko --module fastbridge.ko: what Xen
# carries from guest to guest is what they would get without it, and whoever has asked to see
# frames does.
# shellcheck source=bench/lib/dom0.sh
. "$LIB/dom0.sh"
suite=netback
work=/tmp/netback
# shellcheck source=tests/lib.sh
. "$FILES/lib.sh"
# shellcheck source=tests/netback/traffic.sh
. "$FILES/traffic.sh"
set -eu

switches=/sys/class/net/xenbr0/fastbridge

# carried COUNT COMMAND...: Xen carries at least so many frames of what guest1 sends meanwhile.
carried() {
	least=$1
	shift
	grows least "$least" guest1 hyperswitch_packets "$@"
}

# left COMMAND...: Xen carries none of it.
left() {
	grows most 0 guest1 hyperswitch_packets "$@"
}

knobs_refuse() {
	knobs cutthrough 0
	knob_refuses hyperswitch 1 || return 1
	knobs cutthrough 1
	knob_refuses hyperswitch 2 && knob_refuses hyperswitch x
}

ends_with_cutthrough() {
	knobs cutthrough 0
	[ "$(knob guest1 hyperswitch)" = 0 ] && intact_both_ways 300 || return 1
	knobs cutthrough 1
	knobs hyperswitch 1
}

toggled() {
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
		knobs hyperswitch 0
		sleep 0.1
		knobs hyperswitch 1
		sleep 0.2
	done > "$work/toggled" 2>&1 &
	toggler=$!
	intact guest1 guest2 4000
	result=$?
	wait $toggler
	cat "$work/toggled"
	[ $result -eq 0 ] && [ ! -s "$work/toggled" ]
}

# Events of a guest's that have come to dom0.
events_of() {
	awk -v name="$(guest_vif "$1")-q0-tx" '$NF == name {
		for (i = 2; $i ~ /^[0-9]+$/; i++)
			sum += $i
	} END { print sum + 0 }' /proc/interrupts
}

# pings TO COUNT INTERVAL
pings() {
	guest_run guest1 "ping -q -c $2 -i $3 $(address "$1")" > "$work/ping"
	grep ' 0% packet loss' "$work/ping"
}

# Xen serves the ring when the guest sends its event, which goes no further. That dom0 has to see
# a frame of each flow four times a second remains.
dom0_sleeps() {
	events=$(events_of guest1)
	[ "$events" -gt 0 ] && carried 450 pings guest2 500 0.01 || return 1
	events=$(($(events_of guest1) - events))
	echo "$events events"
	[ $events -lt 100 ]
}

# Both count the same frames, once each.
statistics_agree() {
	sent=$(dev_counter "$(guest_vif guest1)" rx_packets)
	got=$(dev_counter "$(guest_vif guest2)" tx_packets)
	back=$(dev_counter "$(guest_vif guest2)" rx_packets)
	fast=$(cat $switches/stats/fast_packets)
	xens=$(knob guest1 stats/hyperswitch_packets)
	carried 200 intact guest1 guest2 1000 || return 1
	xens=$(($(knob guest1 stats/hyperswitch_packets) - xens))
	sleep 1
	fast=$(($(cat $switches/stats/fast_packets) - fast))
	sent=$(($(dev_counter "$(guest_vif guest1)" rx_packets) - sent))
	got=$(($(dev_counter "$(guest_vif guest2)" tx_packets) - got))
	back=$(($(dev_counter "$(guest_vif guest2)" rx_packets) - back))
	echo "sent $sent, got $got, back $back; the bridge says $fast, of which Xen's are $xens"
	[ $fast -ge $xens ] && [ $fast -le $((sent + back)) ] || return 1
	[ $sent -ge 1000 ] && [ $sent -lt 1100 ] && [ $got -ge 1000 ] && [ $got -lt 1100 ]
}

# Who sends little is carried, too, whatever it has sent before that Xen cannot carry.
slow_is_carried() {
	pings dom0 100 0.01 && carried 20 pings guest2 60 0.05
}

# What Xen was told ends within a quarter of a second.
tap_sees() {
	tcpdump -i "$(guest_vif "$1")" -w "$work/tap" > /dev/null 2> "$work/tap.log" &
	tap=$!
	wait_for 10 grep -q listening "$work/tap.log"
	sleep 0.5
	left intact guest1 guest2 300
	result=$?
	sleep 0.5
	kill $tap
	wait $tap || true
	seen=$(tcpdump -r "$work/tap" "ether src $(mac_address guest1)" 2> "$work/tap.log" | wc -l)
	echo "$seen frames seen"
	[ $result -eq 0 ] && [ "$seen" -ge 300 ]
}

two_guests
echo direct > $switches/xmit
echo auto > $switches/mode

check 'off: nothing is carried' left intact_both_ways 300
check 'wrong values are refused' knobs_refuse
knob guest1 hyperswitch 1
check 'hyperswitch wants both ends' left intact guest1 guest2 300
knobs hyperswitch 1
check 'frames are intact' carried 500 intact_both_ways 2000
check 'dom0 does not hear of it' dom0_sleeps
check 'a file arrives' carried 20 file_arrives guest1 guest2
check 'and the other way' file_arrives guest2 guest1
check 'statistics agree' statistics_agree
check 'switched under traffic' carried 1 toggled
check 'a slow sender is carried' slow_is_carried
check 'ends with cut-through' ends_with_cutthrough
check 'a tap on the sender sees all' tap_sees guest1
check 'a tap on the receiver sees all' tap_sees guest2
check 'and then it is carried again' carried 200 intact guest1 guest2 1000
! has_kmemleak || check 'nothing has leaked' leaks_nothing
check_sum
