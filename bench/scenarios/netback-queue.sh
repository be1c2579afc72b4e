#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# How long a queue towards a guest is long enough: eight TCP connections from the outside
# to guest1, frames of 1500 bytes, for each length; for bench/netback queue, in xenhost
# without --count. Usage: netback-queue.sh ROUNDS SECONDS PATHS LENGTHS
#
# PATHS are stock, the modules of Debian, stock-again, the same, and kit-off, the kit's.
# LENGTHS are numbers of frames, or "default" for what the modules and the kernel choose.
# A length bounds both places in which frames wait for the guest's ring: the device's
# qdisc, which is a pfifo then, and the kit's own queue. That of the stock module cannot
# be bounded; it takes up to 512 KiB. "default" comes first: a path begins with a new vif.
#
# Leaves in $RESULTS/rows one JSON object a length. Times are the emulator's.
. "$LIB/dom0.sh"
. "$LIB/paths.sh"
set -eu

rounds=$1 seconds=$2 paths=$3 lengths=$4
reason=''

# Frames as the wire has them: the outside makes no large segments, and dom0 does not make
# them again.
no_large_frames() {
	outside_run ip link set tap0 gso_max_segs 1
	ethtool -K "$(uplink_dev)" gro off
}

set_length() {
	[ "$1" != default ] || return 0
	if [ "$path" = kit-off ]; then
		[ -e "$netback/rx_queue_packets" ] || fail "there is no $netback/rx_queue_packets"
		echo "$1" > "$netback/rx_queue_packets"
	fi
	ip link set "$vif" txqueuelen "$1"
	tc qdisc replace dev "$vif" root pfifo limit "$1"
}

# keep_drops WHEN
keep_drops() {
	tc -s -j qdisc show dev "$vif" root > "/tmp/qdisc-$1"
	outside_run ip -s -j link show tap0 > "/tmp/outside-$1"
}

ping_outside() {
	outside_run "ping -n -i 0.02 -w $seconds $(address guest1)" || true
}

measure() {
	set_length "$1"
	keep_drops before
	dropped=$(dev_counter "$vif" tx_dropped)
	ping_outside > /tmp/ping &
	pings=$!
	iperf outside guest1 -P 8 -t "$seconds" > /tmp/iperf || fail "$(cat /tmp/iperf)"
	wait $pings
	sed -n 's/.*time=\([0-9.]*\) ms/\1/p' /tmp/ping | sort -n > /tmp/times
	[ -s /tmp/times ] || fail "no ping has come back: $(cat /tmp/ping)"
	keep_drops after
	jq -c --arg path "$path" --arg queue "$1" \
		--slurpfile qdisc0 /tmp/qdisc-before --slurpfile qdisc1 /tmp/qdisc-after \
		--slurpfile outside0 /tmp/outside-before \
		--slurpfile outside1 /tmp/outside-after \
		--argjson p50 "$(percentile 50 /tmp/times)" \
		--argjson p99 "$(percentile 99 /tmp/times)" \
		--argjson pings "$(wc -l < /tmp/times)" \
		--argjson vif $(($(dev_counter "$vif" tx_dropped) - dropped)) \
		--argjson high "$(high_packets)" '
		def qdisc: [.[][].drops] | add // 0;
		def outside: [.[][].stats64.tx.dropped] | add;
		{
			path: $path, queue: $queue,
			mbit: (.end.sum_received.bits_per_second / 1e5 | round / 10),
			retransmits: .end.sum_sent.retransmits,
			p50_ms: $p50, p99_ms: $p99, pings: $pings,
			qdisc_drops: (($qdisc1 | qdisc) - ($qdisc0 | qdisc)), vif_drops: $vif,
			outside_drops: (($outside1 | outside) - ($outside0 | outside)),
			high_packets: $high
		}' /tmp/iperf | tee -a "$RESULTS/rows"
}

# How long the kit's queue has been at most since the vif came: null with stock.
high_packets() {
	if [ "$path" = kit-off ]; then cat "$netback/stats/queue_high_packets"; else echo null; fi
}

# The vif is new, whether or not the modules are.
measure_path() {
	driver_load "$(driver_of "$path")" || fail "$reason"
	vif_detach guest1
	vif_attach guest1
	vif=$(guest_vif guest1)
	netback=/sys/class/net/$vif/netback
	for length in $lengths; do
		measure "$length"
	done
}

modprobe bridge
bridge_make
guest_start guest1
# shellcheck disable=SC2034 # driver_load's
served=guest1
no_large_frames
for round in $(seq "$rounds"); do
	say "round $round of $rounds"
	for path in $paths; do
		measure_path
	done
done
