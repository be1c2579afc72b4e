#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What the credit scheduler's decisions cost, for bench/sched, in xenhost --count=functions
# with pairs of pCPUs that share a cache. Usage: sched-cost.sh PINGS MODES
#
# MODES as in sched-mode.sh. dom0 pings guest1 beside a guest that
# computes on three vCPUs: fewer than pCPUs, so that there are idle ones to choose from. Each
# mode is a window of counting.
. "$LIB/dom0.sh"
set -eu

pings=$1 modes=$2
# shellcheck source=bench/scenarios/sched-mode.sh
. "$FILES/sched-mode.sh"

bridge_make xenbr0
guest_start guest1
guest_start guest2 'vcpus = 3'
hog_start guest2 3
for mode in $modes; do
	set_mode "$mode" 1
	# One to learn who does I/O.
	for window in '' "$mode"; do
		[ -z "$window" ] || count_start
		ping -q -f -c "$pings" "$(address guest1)" > /tmp/ping
		[ -z "$window" ] || count_stop "$window"
	done
	grep -q " $pings received" /tmp/ping || { cat /tmp/ping; exit 1; }
done
