#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The kit's main job, for make run: guests on a bridge made with brctl and attached by xl's
# own vif-bridge script send TCP to each other and to the outside, by the stock bridge and
# by fastbridge, switched by sysfs in one boot. Wants xenhost --count.
. "$LIB/dom0.sh"
set -eu

bridge=xenbr0
switch=/sys/class/net/$bridge/fastbridge
sizes=${*:-64 1K 16K 64K}

# path NAME: which one forwards from now on.
path() {
	case $1 in
	stock)		echo off > $switch/mode ;;
	fastbridge)	echo direct > $switch/xmit; echo auto > $switch/mode ;;
	esac
}

# Under --count one nanosecond of a domain's processor time is one instruction.
instructions() {
	domtime | awk '{ sum += $2 } END { printf "%.0f\n", sum }'
}

frames() {
	total=0
	for port in /sys/class/net/$bridge/brif/*; do
		total=$((total + $(dev_counter "$(basename "$port")" rx_packets)))
	done
	echo $total
}

snapshot() {
	echo "$(instructions) $(frames) $(cat $switch/stats/fast_packets)"
}

frames_flow() {
	[ "$(frames)" -gt $((quiet + 50)) ]
}

# measure FROM TO SIZE PATH: a row of the table, taken in the middle of an iperf3 run, so
# that its start and end do not count.
measure() {
	path "$4"
	quiet=$(frames)
	iperf "$1" "$2" -l "$3" -t 1 > /tmp/iperf &
	wait_for 60 frames_flow
	before=$(snapshot)
	sleep 0.4
	after=$(snapshot)
	wait $! || fail "iperf3 from $1 to $2: $(cat /tmp/iperf)"
	sent=$(jq '.end.sum_sent.bits_per_second' /tmp/iperf)
	echo "$1-$2 $3 $4 $before $after $sent" >> "$RESULTS/raw"
	tail -n 1 "$RESULTS/raw" | awk '
		{
			frames = $8 - $5
			printf "%-15s %7s  %-10s %8.0f %8d %6.1f %% %12.0f\n", $1, $2, $3,
			       $10 / 1e6, frames, 100 * ($9 - $6) / frames, ($7 - $4) / frames
		}' | tee -a "$RESULTS/table"
}

modprobe bridge
insmod "$MODULES/fastbridge.ko"
bridge_make $bridge
guest_create guest1
guest_create guest2
guest_wait guest1
guest_wait guest2
brctl show $bridge

printf '\n%-15s %7s  %-10s %8s %8s %8s %12s\n' way message path Mbit/s frames fast \
	instr/frame | tee "$RESULTS/table"
for place in guest2 outside; do
	for size in $sizes; do
		measure guest1 $place "$size" stock
		measure guest1 $place "$size" fastbridge
	done
done
cat <<'END'

message      bytes per write of iperf3
frames       frames that entered the bridge in the measured time, data and acknowledgements;
             one of them is up to 64 KiB of data, since guests hand over large segments
fast         the share of them that fastbridge forwarded
instr/frame  instructions of Xen, dom0 and both guests, iperf3 and its copying included,
             per frame: counted, and comparable between the two paths
Mbit/s       of the emulator's clock, on which an instruction takes a nanosecond: it shows
             that the path works and says nothing about a real machine's speed
END
