# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2034,SC2154
. "$bench/figures.d/netback.sh"
title='TCP from guest to guest against message size'
text="Eight connections of iperf3 between two guests of one vCPU; every second round goes the other
way. $paths_text The one CPU is never idle, so the bandwidth is what a core of 10^9 instructions a
second would move if it did all the work, and the core per gigabit is its reciprocal: 1 instruction
a bit is such a core for each Gbit/s. Bytes are payload."
axis='message, bytes'
cases='64 512 4096 65536'
measures='bandwidth|Mbit/s|more|Bandwidth of a core of 10^9 instructions/s
core|instructions/bit|less|Core per gigabit: Xen, dom0 and guests
dom0|instructions/bit|less|Of these, dom0'
boots='message-64-512 message-4096-65536'

figure_boot() {
	sizes=${boot#message-}
	netback_host "$paths" "tcp-${sizes%-*} tcp-${sizes#*-}" --count
}

# What a vif counts of a frame has headers of 52 bytes: Ethernet's are not in it.
figure_rows() {
	netback_rows 'name ~ /^tcp-/ {
		payload = 1 - 52 * part["frames"] / part["more"]
		put("bandwidth", kind, 8000 * payload / value)
		put("core", kind, value / payload / 8)
		put("dom0", kind, part["dom0"] / payload / 8)
	}'
}
