#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Scenario for bench/xenhost --count --guests 3 --guest-module hostile.ko with both modules:
# what guest1 sends to guest2 gets there as fast as without cut-through, whatever becomes of
# what it sends to others at the same time. Time is counted in instructions.
# shellcheck source=bench/lib/dom0.sh
. "$LIB/dom0.sh"
suite=beside
work=/tmp/beside
# shellcheck source=tests/lib.sh
. "$FILES/lib.sh"
# shellcheck source=tests/netback/traffic.sh
. "$FILES/traffic.sh"
set -eu

switches=/sys/class/net/xenbr0/fastbridge
control=/sys/kernel/debug/hostile
# To guest2, and to the others; those are the interfaces of one guest, for which the emulated
# host has no room a hundred times.
count=20000
others=12

vifs() {
	for folder in /sys/class/net/vif*/netback; do
		echo "$folder"
	done
}

cutthrough() {
	for folder in $(vifs); do
		echo "$1" > "$folder/cutthrough"
	done
}

# both_setup MAC COUNT: guest1's pktgen, with a device for what guest2 gets, and one for COUNT
# addresses from MAC on. A pause of next to nothing has them take turns. The frames are short
# enough to be copied: those that wait for a guest in the ordinary way with the sender's pages
# would keep it from sending by themselves.
# shellcheck disable=SC2016 # variables of the guest's shell
both_setup() {
	guest_run guest1 ". /bench/scenario.sh; pktgen_clear" || return 1
	set -- "eth0@0 $(mac_address guest2) 1" "eth0@1 $1 $2"
	for line do
		guest_run guest1 ". /bench/scenario.sh; set -- $line;" \
			'pktgen_set kpktgend_0 "add_device $1" &&' \
			"pktgen_set \$1 'count $count' && pktgen_set \$1 'pkt_size 100' &&" \
			'pktgen_set $1 "delay 1000" && pktgen_set $1 "dst_mac $2" &&' \
			'pktgen_set $1 "dst_mac_count $3" &&' \
			"pktgen_set \$1 'src_mac $(mac_address guest1)' &&" \
			"pktgen_set \$1 'dst $(address guest2)'" || return 1
	done
}

waits() {
	knob guest1 stats/cutthrough_waits
}

carried() {
	knob guest1 stats/cutthrough_packets
}

# beside MAC COUNT: sets $took, in microseconds, $arrived, of what guest1 has sent to guest2
# while it sent as much to COUNT addresses from MAC on; and $waited, $through.
beside() {
	both_setup "$1" "$2" || return 1
	waited=$(waits) through=$(carried)
	sink_start guest2
	guest_run guest1 'echo start > /proc/net/pktgen/pgctrl' || return 1
	took=$(($(guest_run guest1 '. /bench/scenario.sh; pktgen_nanoseconds eth0@0') / 1000))
	arrived=$(pktgen_settle guest2)
	sink_stop guest2
	waited=$(($(waits) - waited)) through=$(($(carried) - through))
}

# Half a hundredth of a second is there at once, and comes in within one; a wait is a tenth of
# a thousandth.
waited_little() {
	[ "$waited" -le $((50 + took / 20000)) ]
}

# turn CUTTHROUGH READY MAC COUNT: once with cut-through or without it.
turn() {
	cutthrough "$1"
	$2 && reaches guest1 guest2 2 && beside "$3" "$4" || return 1
	echo "cutthrough=$1: $took us, $arrived arrived, $through by cut-through, $waited waits"
	[ "$arrived" -ge $((count * 99 / 100)) ] && waited_little
}

# least NUMBER NUMBER, of which the first may be missing
least() {
	if [ -n "$1" ] && [ "$1" -le "$2" ]; then echo "$1"; else echo "$2"; fi
}

# not_held_up READY MAC COUNT: READY makes the others what they are to be, each time anew. A
# pktgen that finds the ring full asks again and again, and how often it gets to do so while
# others have the emulator is chance: with cut-through and without, one turn in three takes a
# fifth longer, and some twice as long. So it is the quickest of three turns that are compared,
# while what was waited is counted in each.
not_held_up() {
	without='' with=''
	for _ in 1 2 3; do
		turn 0 "$@" || return 1
		without=$(least "$without" "$took")
		turn 1 "$@" || return 1
		with=$(least "$with" "$took")
	done
	echo "without $without us, with $with us"
	[ "$with" -le $((without * 115 / 100)) ]
}

# ---- guest3 is paused, with all its interfaces

other_mac() {
	printf '00:16:3e:00:01:%02x\n' "$1"
}

# Their ports know them by what they have sent.
others_add() {
	for number in $(seq 0 $((others - 1))); do
		xl network-attach guest3 "mac=$(other_mac "$number")" bridge=xenbr0 || return 1
	done
	wait_for 60 guest_run guest3 "[ \$(grep -l 1 /sys/class/net/eth*/carrier | wc -l) -gt $others ]"
	others_known
}

others_known() {
	for folder in $(vifs); do
		vif=${folder%/netback} vif=${vif##*/}
		bridge fdb replace "$(xenstore-read "backend/vif/$(echo "${vif#vif}" | tr . /)/mac")" \
			dev "$vif" master static
	done
}

paused() {
	xl unpause guest3 2> /dev/null || true
	sleep 1
	xl pause guest3
}

# ---- guest3 is hostile

hostile() {
	for word do
		guest_run guest3 "cd $control; echo '$word' > case" || return 1
	done
}

hostile_load() {
	for number in $(seq $others); do
		xl network-detach guest3 "$number" || return 1
	done
	guest_run guest3 "mount -t debugfs debugfs /sys/kernel/debug;" \
		"echo vif-0 > /sys/bus/xen/drivers/vif/unbind && rmmod xen-netfront &&" \
		"insmod /bench/modules/hostile.ko" && others_known
}

trickling() {
	[ -z "${trickle:-}" ] || wait "$trickle" || return 1
	hostile close open || return 1
	hostile 'rx-trickle 10' &
	trickle=$!
}

bad_grants() {
	[ -z "${trickle:-}" ] || wait "$trickle" || return 1
	trickle=''
	hostile close open rx-never-granted
}

# guest3 has sent to guest2, which takes nothing, but always behind a frame that cannot be read, and
# so has not waited. What guest1 sends waits as long as ever: a frame or two as long as there is any
# budget. Before that some are left to the ordinary path, as what has filled guest2's queue was. On a
# busy build machine guest3 may be too slow to use up what comes in, fifty waits a second.
nothing_charged() {
	count=1000
	hostile close open && others_known && reaches guest1 guest2 2 &&
		both_setup "$(mac_address guest2)" 1 || return 1
	xl pause guest2
	guest_run guest1 'echo start > /proc/net/pktgen/pgctrl' || return 1
	faults=$(knob guest3 stats/cutthrough_retries) theirs=$(knob guest3 stats/cutthrough_waits)
	hostile 'faulty-pairs 2' || return 1
	faults=$(($(knob guest3 stats/cutthrough_retries) - faults))
	theirs=$(($(knob guest3 stats/cutthrough_waits) - theirs))
	waited=$(waits)
	says_no guest_run guest1 "ping -q -c 20 -i 0.005 -W 1 $(address guest2)" || return 1
	waited=$(($(waits) - waited))
	xl unpause guest2
	echo "$faults faults of guest3's, $theirs waits, of guest1's $waited"
	[ $faults -gt 0 ] && [ $theirs -eq 0 ] && [ $waited -ge 30 ]
}

# ---- nobody is

nothing() {
	:
}

# The qdisc that vifs get by themselves, and that no frame passes by.
fq_by_default() {
	modprobe sch_fq
	sysctl -qw net.core.default_qdisc=fq
	for folder in $(vifs); do
		vif=${folder%/netback} vif=${vif##*/}
		tc qdisc replace dev "$vif" root pfifo
		tc qdisc del dev "$vif" root
	done
	tc qdisc show dev "$(guest_vif guest2)" | grep -q '^qdisc fq 0:'
}

without_waits() {
	fq_by_default && not_held_up nothing "$(mac_address guest3)" 1 &&
		[ "$waited" -eq 0 ] && [ "$through" -eq 0 ]
}

mkdir -p "$work"
rmmod xen-netback
insmod "$MODULES/fastbridge.ko"
insmod "$MODULES/xen-netback.ko"
order_kept
bridge_make xenbr0
echo direct > $switches/xmit
fastbridge_takes_over $switches
for guest in guest1 guest2 guest3; do
	guest_create $guest
done
for guest in guest1 guest2 guest3; do
	guest_wait $guest
done
guest_run guest1 'modprobe pktgen' > "$work/said" 2>&1 || true
others_add || fail 'no interfaces for guest3'

check "$others receivers are paused" not_held_up paused "$(other_mac 0)" $others
xl unpause guest3
hostile_load || fail 'guest3 does not become hostile'
check 'one takes a frame every 9 ms' not_held_up trickling "$(mac_address guest3)" 1
check 'one gives bad grants' not_held_up bad_grants "$(mac_address guest3)" 1
check 'nobody pays for waits that do not take place' nothing_charged
check 'fq is the default' without_waits
check_sum
