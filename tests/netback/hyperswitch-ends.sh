#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Scenario for bench/xenhost --xen KIT --module xen-netback.ko --module fastbridge.ko: guests end,
# move and are held up while Xen carries frames between them, and so does dom0. The argument is
# how often the switch is turned under load.
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

# again: who is new is lent, too, and Xen carries between the two as before.
again() {
	knobs cutthrough 1
	knobs hyperswitch 1
	grows least 200 guest1 hyperswitch_packets intact guest1 guest2 1000 &&
		grows least 200 guest2 hyperswitch_packets intact guest2 guest1 1000
}

# comes_again GUEST
comes_again() {
	guest_start "$1" && guests_ready "$1" && again
}

# Both send all they can until the command has ended, and longer; Xen carries it.
while_flooded() {
	flood_start guest1 guest2
	flood_start guest2 guest1
	result=0
	{ flows guest1 && flows guest2 && "$@"; } || result=1
	sleep 1
	flood_end guest1
	flood_end guest2
	return $result
}

# flows GUEST: Xen carries some of what it sends.
flows() {
	grows least 100 "$1" hyperswitch_packets sleep 3
}

# flood_start FROM TO: numbered frames as fast as they go; a guest that moves takes the flood along.
flood_start() {
	guest_run "$1" "$frames send eth0 $(mac_address "$1") $(mac_address "$2") 10000000 7 0" \
		"> /tmp/flood 2>&1 < /dev/null &"
}

flood_end() {
	! guest_id "$1" > /dev/null || guest_run "$1" 'killall -q frames; true'
}

paused() {
	xl pause "$1" && sleep 2 && xl unpause "$1"
}

# moved GUEST: its agent does not say again that it is ready.
moved() {
	xl save "$1" "$work/saved" && xl restore "$work/saved" && rm "$work/saved" &&
		wait_for 60 guest_run "$1" "grep -q 1 /sys/class/net/eth0/carrier"
}

# The third guest of a saved host has the memory that this takes.
migrated() {
	! guest_id spare3 2> "$work/spare" || xl destroy spare3
	xl migrate -s '' "$1" 'xl migrate-receive' &&
		wait_for 60 guest_run "$1" "grep -q 1 /sys/class/net/eth0/carrier"
}

# dom0 is stopped wherever it happens to be, while it has a ring, too.
starved() {
	xl sched-credit -d Domain-0 -c 20 && sleep 5 && xl sched-credit -d Domain-0 -c 0
}

# toggled TIMES: nothing that a guest sends meanwhile is lost, doubled or overtaken.
toggled() {
	file=/sys/class/net/$(guest_vif guest2)/netback/hyperswitch
	turn "$1" "$file" > "$work/toggled" 2>&1 &
	turner=$!
	while kill -0 $turner 2> "$work/ended"; do
		intact_both_ways 2000 || { kill $turner; return 1; }
	done
	cat "$work/toggled"
	wait $turner && [ ! -s "$work/toggled" ]
}

turn() {
	for _ in $(seq $(($1 / 2))); do
		echo 0 > "$2" || return 1
		echo 1 > "$2" || return 1
	done
}

# As long as there is a vif it is in use.
unloaded() {
	xl destroy guest1 && xl destroy guest2 && wait_for 20 rmmod xen-netback
}

two_guests
echo direct > $switches/xmit
echo auto > $switches/mode

check 'frames are carried' again
check "switched $1 times under load" \
	grows least 1 guest1 hyperswitch_packets toggled "$1"
check 'the receiver is paused' while_flooded paused guest2
check 'and goes on' again
check 'dom0 has a fifth of a processor' while_flooded starved
check 'and has it back' again
check 'a guest is destroyed' while_flooded xl destroy guest2
check 'it comes again' comes_again guest2
check 'the other is destroyed' while_flooded xl destroy guest1
check 'it comes again' comes_again guest1
check 'an interface is taken away' while_flooded vif_detach guest2
check 'it comes again' eval 'vif_attach guest2 && guests_ready guest2 && again'
check 'a guest is saved and restored' while_flooded moved guest1
check 'and frames are carried' again
check 'a guest migrates to this host' while_flooded migrated guest2
check 'and frames are carried' again
check 'both are destroyed, and the driver unloaded' while_flooded unloaded
! has_kmemleak || check 'nothing has leaked' leaks_nothing
check_sum
