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
# The sample of credit takes its time.
settle=1 ping_seconds=$((seconds + 6))
[ -z "$brief" ] || { settle=0.3 ping_seconds=$((seconds + 1)); }
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
	sed -n "s/.*\[0\.$1\] .* credit=\(-\{0,1\}[0-9]*\) .*/\1/p" /tmp/credit |
		jq -s 'if length > 0 then add / length | floor else null end'
}

pings_start() {
	pings=''
	for peer in $peers; do
		taskset -c "$(io_vcpu "$peer")" ping -q -f -w "$ping_seconds" \
			"$(address "$peer")" > "/tmp/ping-$peer" &
		pings="$pings $!"
	done
}

# measure MODE ROUND
measure() {
	pings_start
	sleep $settle
	xentrace -D -S 1024 -e 0x21000 -T "$seconds" /tmp/trace > /tmp/xentrace 2>&1
	[ -n "$brief" ] || credit_sample
	# shellcheck disable=SC2086 # one word a process
	wait $pings
	for peer in $peers; do
		row "$1" "$2"
	done
}

# row MODE ROUND: of $peer
row() {
	vcpu=$(io_vcpu "$peer")
	/bench/programs/schedtrace --hz "$hz" /tmp/trace 2 "0:$vcpu" \
		"$(guest_id "$peer"):0" > /tmp/row
	jq -c --arg mode "$1" --argjson round "$2" --argjson credit "$(credit_of "$vcpu")" \
		--arg peer "$peer" --arg peers "$peers" \
		--argjson vcpus "$(nproc)" --argjson pongs "$(pongs)" \
		--argjson seconds "$ping_seconds" \
		--arg hogs "$(guest_id guest2) $(guest_id guest3)" \
		'{mode: $mode, dom0_vcpus: $vcpus, peers: ($peers | split(" ") | length),
		peer: $peer, round: $round, credit: $credit, pongs: $pongs,
		pings_per_second: ($pongs / $seconds | round)} + . +
		{hogs: [.run[$hogs | split(" ")[]]]}' /tmp/row | tee -a "$RESULTS/rows"
}

pongs() {
	sed -n 's/.* transmitted, \([0-9]*\) received.*/\1/p' "/tmp/ping-$peer"
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
for round in $(seq "$rounds"); do
	say "round $round of $rounds"
	for mode in $modes; do
		set_mode "$mode" "$threshold"
		sleep $settle
		measure "$mode" "$round"
	done
done
