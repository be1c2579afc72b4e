#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What becomes of two vCPUs that do I/O with each other, dom0's and guest1's, beside guests
# that compute; for bench/sched, in xenhost with pairs of pCPUs that share a cache. Usage:
#
#   sched.sh ROUNDS SECONDS THRESHOLD MODES
#
# MODES are words of stock, off, io-cosched, credit-steal and both; see sched-mode.sh. dom0 pings guest1 as fast as it answers: what makes dom0's part
# of it is kept on one vCPU. guest2 and guest3 have four vCPUs each, and compute.
#
# Leaves in $RESULTS/rows a JSON object for each round and mode; see bench/src/schedtrace.c.
. "$LIB/dom0.sh"
set -eu

rounds=$1 seconds=$2 threshold=$3 modes=$4
hogs='guest2 guest3'

# The vCPU of dom0 that does the I/O: not the first, which does all else, if there are more.
io_vcpu=$(($(nproc) > 1))

# shellcheck source=bench/scenarios/sched-mode.sh
. "$FILES/sched-mode.sh"

# The interrupts and the thread of guest1's vif.
keep_on_io_vcpu() {
	vif=$(guest_vif guest1)
	grep "$vif" /proc/interrupts | while IFS=': ' read -r irq _; do
		echo "$io_vcpu" > "/proc/irq/$irq/smp_affinity_list"
	done
	for task in /proc/[0-9]*; do
		case $(cat "$task/comm" 2> /dev/null) in
		"$vif"-*) taskset -p -c "$io_vcpu" "${task#/proc/}" ;;
		esac
	done > /dev/null
}

hogs_start() {
	for guest in $hogs; do
		hog_start "$guest" 4
	done
}

# Mean credit of the vCPU, as the debug key r shows it.
credit_sampled() {
	for _ in 1 2 3 4 5 6 7 8; do
		xl debug-keys r
		sleep 0.2
	done
	xl dmesg -c | sed -n "s/.*\[0\.$io_vcpu\] .* credit=\(-\{0,1\}[0-9]*\) .*/\1/p" |
		jq -s 'if length > 0 then add / length | floor else null end'
}

# measure MODE ROUND
measure() {
	taskset -c "$io_vcpu" ping -q -f -w $((seconds + 6)) "$(address guest1)" > /tmp/ping &
	ping=$!
	sleep 1
	xentrace -D -S 1024 -e 0x21000 -T "$seconds" /tmp/trace > /tmp/xentrace 2>&1
	xl dmesg -c > /tmp/dmesg
	credit=$(credit_sampled)
	wait $ping
	/bench/programs/schedtrace --hz "$hz" /tmp/trace 2 "0:$io_vcpu" \
		"$(guest_id guest1):0" > /tmp/row
	jq -c --arg mode "$1" --argjson round "$2" --argjson credit "$credit" \
		--argjson vcpus "$(nproc)" --argjson pongs "$(pongs)" \
		--arg hogs "$(guest_id guest2) $(guest_id guest3)" \
		'{mode: $mode, dom0_vcpus: $vcpus, round: $round, credit: $credit, pongs: $pongs} + . +
		{hogs: [.run[$hogs | split(" ")[]]]}' /tmp/row | tee -a "$RESULTS/rows"
}

pongs() {
	sed -n 's/.* transmitted, \([0-9]*\) received.*/\1/p' /tmp/ping
}

xl dmesg > /tmp/dmesg
hz=$(sed -n 's/.*Detected \([0-9.]*\) MHz processor.*/\1e6/p' /tmp/dmesg)
bridge_make xenbr0
guest_create guest1
for guest in $hogs; do
	guest_create "$guest" 'vcpus = 4'
done
for guest in guest1 $hogs; do
	guest_wait "$guest"
done
keep_on_io_vcpu
hogs_start
round=1
while [ "$round" -le "$rounds" ]; do
	for mode in $modes; do
		set_mode "$mode" "$threshold"
		sleep 1
		measure "$mode" "$round"
	done
	round=$((round + 1))
done
