#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Scenario for bench/xenhost --module fastbridge.ko --file lib.sh and the hotplug hook: guests
# on a bridge with the fast path, their end and the module's end while they talk, and brctl,
# to which none of it may make a difference; and their guard.
# shellcheck source=bench/lib/dom0.sh
. "$LIB/dom0.sh"
set -eu

suite=xen
work=/tmp/fastbridge
switches=/sys/class/net/xenbr0/fastbridge
hooks=/etc/xen/scripts/vif-post.d
# shellcheck source=tests/lib.sh
. "$FILES/lib.sh"

all_reach_all() {
	for pair in guest1:guest2 guest2:guest1 guest1:outside outside:guest2 dom0:guest1; do
		reaches "${pair%:*}" "${pair#*:}" 20 || return 1
	done
}

# A guest that has just come needs a moment until its interface is connected.
answers() {
	wait_for 30 run_at guest1 "ping -q -c 1 -W 1 $(address "$1")"
}

# Bulk data: large segments, offloaded checksums, many frames at once. How fast is no
# matter here; what the sender has still in its buffer when it ends does not arrive.
bulk() {
	iperf "$1" "$2" -n 8M > "$work/bulk"
	bytes=$(jq .end.sum_received.bytes "$work/bulk")
	echo "$bytes bytes"
	[ "$bytes" -ge 4000000 ]
}

# What brctl shows, but for how old things are and when they will be looked at next.
brctl_shows() {
	brctl show
	brctl showstp xenbr0 | sed 's/timer.*//'
	brctl showmacs xenbr0 | awk '{ print $1, $2, $3 }' | sort
}

counter() {
	cat "$switches/stats/$1"
}

fast_path_carried() {
	echo "fast_packets $1, then $(counter fast_packets)"
	[ "$(counter fast_packets)" -gt $(($1 + ${2:-100})) ]
}

switch_on() {
	insmod "$MODULES/fastbridge.ko" || return 1
	echo direct > $switches/xmit
	fastbridge_takes_over $switches
}

# talk_start / talk_check NAME: guest1 and the outside, while something happens to guest2.
# The stock path loses echoes here as well, 5 of 100 in one of three destroys with the
# mode off: so the talk must go on, and afterwards nothing may be missing any more. Loss
# frame by frame is judged in tests/fastbridge.
talk_start() {
	guest_run guest1 "ping -q -c 100 -i 0.1 -W 30 $(address outside)" > "$work/talk" &
	talk=$!
	sleep 1
}

talk_intact() {
	cat "$work/talk"
	grep -q ' 1\?[0-9]% packet loss' "$work/talk"
	reaches guest1 outside
}

# What ping says of the talk is judged, whatever its status.
talk_check() {
	wait "$talk" || true
	check "$1" talk_intact
}

# And guest2 is in the middle of something too.
call_guest2() {
	guest_run guest1 "ping -q -c 400 -i 0.01 -W 1 $(address guest2)" > "$work/call" 2>&1 &
	sleep 0.5
}

detach() {
	call_guest2
	xl network-detach guest2 0
}

destroy() {
	call_guest2
	xl destroy guest2
}

vif_gone() {
	wait_for 20 test ! -e "/sys/class/net/$1"
}

# guard_file NAME: of guest2's.
guard_file() {
	cat "/sys/class/net/$(guest_vif guest2)/fastbridge_port/$1"
}

# By its configuration and the hook, as an administrator sets it.
guard_guest2() {
	mkdir -p $hooks /etc/xen-fastnet
	install -m 755 "$FILES/xen-fastnet.hook" $hooks/
	# The hook minds whether the command is there, and not what it does.
	install -m 755 /dev/null /usr/sbin/fastnet
	echo '* guard=1' > /etc/xen-fastnet/vifs
	( GUEST_VIF="$GUEST_VIF,ip=$(address guest2) fd00::2" && guest_start guest2 )
}

guard_is_made() {
	guard_file guard | grep -x 1 && guard_file guard_ip_only | grep -x 1 &&
		guard_file guard_mac | grep -x "$(mac_address guest2)" &&
		guard_file guard_ipv4 | grep "^$(address guest2) " &&
		guard_file guard_ipv6 | grep '^fd00::2 '
}

# guest2_asks FROM: by an address that is its own or is not.
guest2_asks() {
	guest_run guest2 "ip addr add $1/24 dev eth0 2> /dev/null;" \
		"ping -q -c 5 -W 1 -I $1 $(address outside)"
}

# Whose address it is when it asks for somebody's hardware address, and when it talks.
stranger_is_dropped() {
	dropped=$(guard_file stats/guard_drops)
	says_no guest2_asks 10.0.0.99
	echo "dropped $dropped, then $(guard_file stats/guard_drops)"
	[ "$(guard_file stats/guard_drops)" -ge $((dropped + 3)) ]
}

mkdir -p "$work"
bridge_make xenbr0
guest_create guest1
guest_create guest2
guest_wait guest1
guest_wait guest2

check 'stock: all reach all' all_reach_all
brctl_shows > "$work/stock"

check 'the module loads and is switched on' switch_on
before=$(counter fast_packets)
check 'on: all reach all' all_reach_all
brctl_shows > "$work/on"
check 'on: brctl shows the same' diff -u "$work/stock" "$work/on"
check 'on: bulk data between guests' bulk guest1 guest2
check 'on: bulk data to the outside' bulk guest1 outside
check 'on: the fast path carried it' fast_path_carried "$before"

vif=$(guest_vif guest2)
talk_start
check 'xl network-detach while it talks' detach
check 'its vif is gone' vif_gone "$vif"
talk_check 'the others did not notice'

talk_start
check 'xl destroy while it is talked to' destroy
talk_check 'the others did not notice'

check 'a guest comes anew' guest_start guest2
check 'it answers' answers guest2
before=$(counter fast_packets)
check 'it is reached' all_reach_all
check 'bulk data to it' bulk guest1 guest2
check 'by the fast path' fast_path_carried "$before"

vif=$(guest_vif guest2)
talk_start
call_guest2
check 'xl destroy of a guest with its vif' xl destroy guest2
check 'its vif is gone' vif_gone "$vif"
talk_check 'the others did not notice'

check 'a guest comes with a guard' guard_guest2
check 'it is what its configuration says' guard_is_made
check 'it answers' answers guest2
check 'it is reached' all_reach_all
check 'and reaches others by its own address' guest2_asks "$(address guest2)"
check 'by no other' stranger_is_dropped
echo off > $switches/mode
check 'nor with the mode off' stranger_is_dropped
echo auto > $switches/mode

talk_start
check 'the module is unloaded while guests talk' rmmod fastbridge
talk_check 'they did not notice'

check_sum
