#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What becomes of two vCPUs that do I/O with each other, dom0's and a guest's, beside guests
# that compute; for bench/sched, in xenhost with pairs of pCPUs that share a cache. Usage:
#
#   sched.sh ROUNDS SECONDS THRESHOLD PEERS MODES [brief]
#
# MODES are words of stock, off, io-cosched, credit-steal, both, and off-again, which is off;
# see sched-mode.sh. brief leaves out what credit they have. dom0
# pings guest1 as fast as it answers, and guest4, too, if PEERS is 2: what makes dom0's part
# of it is kept on one vCPU for each. guest2 and guest3 have four vCPUs each, and compute.
#
# Leaves in $RESULTS/rows a JSON object for each round, mode and peer; see
# bench/src/schedtrace.c.
. "$LIB/dom0.sh"
set -eu

rounds=$1 seconds=$2 threshold=$3 modes=$5 brief=${6-}
settle=1
[ -z "$brief" ] || settle=0.3
case $4 in
1)	peers=guest1 ;;
2)	peers='guest1 guest4' ;;
*)	fail "PEERS is 1 or 2, not '$4'" ;;
esac
hogs='guest2 guest3'

# io_vcpu PEER: the vCPU of dom0 that does the I/O with it: not the first, which does all
# else, and not another peer's, if there are as many.
io_vcpu() {
	[ "$1" = guest1 ] && number=1 || number=2
	last=$(($(nproc) - 1))
	echo $((number < last ? number : last))
}

# shellcheck source=bench/scenarios/sched-mode.sh
. "$FILES/sched-mode.sh"

# The interrupts and the thread of the peer's vif.
keep_on_io_vcpu() {
	vif=$(guest_vif "$1")
	vcpu=$(io_vcpu "$1")
	grep "$vif" /proc/interrupts | while IFS=': ' read -r irq _; do
		echo "$vcpu" > "/proc/irq/$irq/smp_affinity_list"
	done
	for task in /proc/[0-9]*; do
		case $(cat "$task/comm" 2> /dev/null) in
		"$vif"-*) taskset -p -c "$vcpu" "${task#/proc/}" ;;
		esac
	done > /dev/null
}

hogs_start() {
	for guest in $hogs; do
		hog_start "$guest" 4
	done
}

credit_sample() {
	xl dmesg -c > /tmp/dmesg
	for _ in 1 2 3 4 5 6 7 8; do
		xl debug-keys r
		sleep 0.2
	done
	xl dmesg -c > /tmp/credit
}

# Mean credit of dom0's vCPU, as the debug key r shows it.
credit_of() {
	[ -z "$brief" ] || { echo null; return; }
	sed -n "s/.*\[0\.$1\] .* credit=\(-\{0,1\}[0-9]*\) .*/\1/p" /tmp/credit |
		jq -s 'if length > 0 then add / length | floor else null end'
}

pings_start() {
	pings=''
	for peer in $peers; do
		taskset -c "$(io_vcpu "$peer")" ping -q -f "$(address "$peer")" \
			> "/tmp/ping-$peer" &
		pings="$pings $!"
	done
}

# They say what there was, and end.
pings_stop() {
	for ping in $pings; do
		kill -INT "$ping"
		wait "$ping" || fail "a ping failed: $(cat /tmp/ping-*)"
	done
}

# For $seconds from the first records on: beside the others it takes xentrace a while to begin.
trace() {
	rm -f /tmp/trace
	xentrace -D -S 128 -e 0x21000 /tmp/trace > /tmp/xentrace 2>&1 &
	tracer=$!
	wait_for 20 test -s /tmp/trace || fail "no trace: $(cat /tmp/xentrace)"
	sleep "$seconds"
	kill "$tracer"
	wait "$tracer" || fail "xentrace failed: $(cat /tmp/xentrace)"
}

# measure MODE ROUND
measure() {
	pings_start
	sleep $settle
	trace
	[ -n "$brief" ] || credit_sample
	pings_stop
	for peer in $peers; do
		row_keep "$1" "$2"
	done
}

# row_keep MODE ROUND: what is known of $peer, for rows_write.
row_keep() {
	vcpu=$(io_vcpu "$peer")
	/bench/programs/schedtrace --hz "$hz" /tmp/trace 2 "0:$vcpu" \
		"$(guest_id "$peer"):0" >> /tmp/traced
	echo "$1 $2 $peer $(credit_of "$vcpu") $(pongs)" >> /tmp/kept
}

# How many came, and in how many milliseconds.
pongs() {
	sed -n 's/.* transmitted, \([0-9]*\) received.* time \([0-9]*\)ms/\1 \2/p' "/tmp/ping-$peer"
}

# When nobody computes beside it any more: jq takes seconds then.
rows_write() {
	jq -cRn --slurpfile traced /tmp/traced --argjson vcpus "$(nproc)" \
		--argjson peers "$(echo "$peers" | wc -w)" \
		--arg hogs "$hog_ids" '
		[inputs | split(" ")] | to_entries[] | $traced[.key] as $trace |
		.value as [$mode, $round, $peer, $credit, $pongs, $milliseconds] |
		($pongs | tonumber) as $pongs |
		{$mode, dom0_vcpus: $vcpus, $peers, $peer, round: ($round | tonumber),
		credit: ($credit | fromjson), $pongs,
		pings_per_second: ($pongs * 1000 / ($milliseconds | tonumber) | round)} +
		$trace + {hogs: [$trace.run[$hogs | split(" ")[]]]}' /tmp/kept |
		tee "$RESULTS/rows"
}

xl dmesg > /tmp/dmesg
hz=$(sed -n 's/.*Detected \([0-9.]*\) MHz processor.*/\1e6/p' /tmp/dmesg)
: > /tmp/credit
bridge_make xenbr0
for guest in $peers; do
	guest_create "$guest"
done
for guest in $hogs; do
	guest_create "$guest" 'vcpus = 4'
done
for guest in $peers $hogs; do
	guest_wait "$guest"
done
for guest in $peers; do
	keep_on_io_vcpu "$guest"
done
hogs_start
hog_ids="$(guest_id guest2) $(guest_id guest3)"
for round in $(seq "$rounds"); do
	say "round $round of $rounds"
	for mode in $modes; do
		set_mode "$mode" "$threshold"
		measure "$mode" "$round"
	done
done
for guest in $hogs; do
	guest_destroy "$guest"
done
rows_write
