#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The kit's main job, for make run: guests on a bridge made with brctl and attached by xl's
# own vif-bridge script send TCP to each other and to the outside, with all of the kit off, by
# fastbridge, and with Xen carrying what is for another guest, switched by sysfs in one boot.
# Wants xenhost --count and the kit's Xen with hyperswitch=1.
. "$LIB/dom0.sh"
set -eu

bridge=xenbr0
switch=/sys/class/net/$bridge/fastbridge
sizes=${*:-64 1K 16K 64K}

# path NAME: which one frames take from now on.
path() {
	case $1 in
	stock)		knobs 0 cutthrough; echo off > $switch/mode ;;
	fastbridge)	knobs 0 cutthrough; echo direct > $switch/xmit; fastbridge_takes_over $switch ;;
	hyperswitch)	echo direct > $switch/xmit; fastbridge_takes_over $switch
			knobs 1 cutthrough hyperswitch ;;
	esac
}

# knobs VALUE NAME...: of both guests' vifs.
knobs() {
	value=$1
	shift
	for name do
		for guest in guest1 guest2; do
			echo "$value" > "/sys/class/net/$(guest_vif $guest)/netback/$name"
		done
	done
}

# Sets $frames and $bytes to what has entered the bridge so far.
read_frames() {
	frames=0 bytes=0
	for port in "/sys/class/net/$bridge/brif/"*; do
		statistics=/sys/class/net/${port##*/}/statistics
		read -r received < "$statistics/rx_packets"
		frames=$((frames + received))
		read -r received < "$statistics/rx_bytes"
		bytes=$((bytes + received))
	done
}

# Sets $carried to how many of these Xen has carried.
read_carried() {
	carried=0
	for stats in /sys/class/net/vif*/netback/stats; do
		read -r number < "$stats/hyperswitch_packets"
		carried=$((carried + number))
	done
}

# Xen carries most of them on its own path, and none on the others.
check_carried() {
	carried_before=$carried
	read_carried
	by_xen=$((carried - carried_before))
	case $1 in
	hyperswitch)	[ $((2 * by_xen)) -gt "$2" ] ;;
	*)		[ $by_xen -eq 0 ] ;;
	esac || fail "$1: Xen has carried $by_xen of $2 frames"
}

# Sets $instructions: under --count a nanosecond of a domain's processor time is one.
# pktgen spins while its ring is full, so a guest that runs it is left out.
read_instructions() {
	instructions=0
	domtime > /tmp/domtime
	while read -r domain nanoseconds; do
		[ "$domain" = "$spins" ] || instructions=$((instructions + nanoseconds))
	done < /tmp/domtime
}

# Sets $snapshot, within few instructions lest the numbers be of different moments.
snapshot() {
	read_instructions
	read_frames
	read -r fast < $switch/stats/fast_packets
	read -r seconds _ < /proc/uptime
	snapshot="$instructions $frames $fast $bytes $seconds"
}

frames_flow() {
	read_frames
	[ "$frames" -gt $((quiet + 50)) ]
}

# traffic FROM TO KIND: iperf3 with messages of that size, or small frames one by one.
traffic() {
	case $3 in
	udp)	pktgen_udp "$1" "$2" 40000 64 ;;
	*)	iperf "$1" "$2" -l "$3" -t 1 ;;
	esac
}

# measure FROM TO KIND PATH: a row of the table, taken in the middle of the traffic, so
# that its start and end do not count.
measure() {
	path "$4"
	spins=''
	[ "$3" != udp ] || spins=$1
	read_frames
	quiet=$frames
	read_carried
	traffic "$1" "$2" "$3" > /tmp/traffic &
	wait_for 60 frames_flow
	snapshot
	before=$snapshot
	sleep 0.4
	snapshot
	wait $! || fail "$3 from $1 to $2: $(cat /tmp/traffic)"
	read_frames
	check_carried "$4" $((frames - quiet))
	echo "$1-$2 $3 $4 $before $snapshot" >> "$RESULTS/raw"
	tail -n 1 "$RESULTS/raw" | awk '
		{
			instructions = $9 - $4
			frames = $10 - $5
			bytes = $12 - $7
			printf "%-14s %7s  %-11s %6.0f %6d %6.1f %% %11.0f %10.0f\n", $1, $2,
			       $3, 8e-6 * bytes / ($13 - $8), frames,
			       100 * ($11 - $6) / frames, instructions / frames,
			       1024 * instructions / bytes
		}' | tee -a "$RESULTS/table"
}

# compare FROM TO KIND PATH...
compare() {
	what="$1 $2 $3"
	shift 3
	for way do
		# shellcheck disable=SC2086 # three words
		measure $what "$way"
	done
}

modprobe bridge
rmmod xen-netback
insmod "$MODULES/fastbridge.ko"
insmod "$MODULES/xen-netback.ko"
bridge_make $bridge
guest_create guest1
guest_create guest2
guest_wait guest1
guest_wait guest2
brctl show $bridge

printf '\n%-14s %7s  %-11s %6s %6s %8s %11s %10s\n' way message path Mbit/s frames fast \
	instr/frame instr/KiB | tee "$RESULTS/table"
for size in $sizes; do
	compare guest1 guest2 "$size" stock fastbridge hyperswitch
done
for size in $sizes; do
	compare guest1 outside "$size" stock fastbridge
done
compare guest1 guest2 udp stock fastbridge
cat <<'END'

path         stock: all of the kit is off; fastbridge: it forwards; hyperswitch: and what a
             guest sends to another Xen carries, from ring to ring
message      bytes per write of iperf3; udp: frames of 64 bytes, one by one, from pktgen
frames       that entered the bridge in the measured time, data and acknowledgements; one
             of them is up to 64 KiB of data, since guests hand over large segments
fast         the share of them that did not take the stock bridge; a few frames a second and
             address do on purpose, lest its entries age out
instr/frame  instructions of Xen, dom0 and the guests, end points and their copying included,
             per frame that entered the bridge: counted, not timed; udp: without the sender,
             whose pktgen spins while it waits (what Xen carries is the sender's time, so that
             row is not there)
instr/KiB    the same per 1,024 bytes of them; for TCP this is the figure to compare, since
             how much data TCP gathers into a frame differs from run to run
Mbit/s       that entered the bridge, by the emulator's clock, on which an instruction takes
             a nanosecond: it shows that the path works, not how fast a machine would be
END
