#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Random changes and random frames for two bridges alike, of which one has fastbridge; see
# src/fuzz.c. Arguments are the numbers of episodes to run, instead of all.
# shellcheck source=tests/fastbridge/lib.sh
. "$FILES/fastbridge/lib.sh"
set -eu

# Less on the fast path, per cent, would be no test of it. What is believed ends by the clock: a
# debug kernel sees less of it.
least_fast=$((15 / slowness))

# twin NAME: its namespace, with ports and hosts in it, and what sysfs shows there. Nothing
# is sent but what the fuzzer sends: no IPv6, and no reports of the groups that bridges join.
twin() {
	ip netns add "$1"
	# shellcheck disable=SC2086 # two words
	ip netns exec "$1" sysctl -qw $no_ipv6 net.ipv4.igmp_link_local_mcast_reports=0
	for n in 1 2 3 4 5; do
		echo "link add p$n address 02:00:00:00:01:0$n numtxqueues 4 numrxqueues 4" \
			"type veth peer name e$n address 02:00:00:00:00:0$n mtu 9000" \
			"numtxqueues 4 numrxqueues 4"
		echo "link set p$n up"
		echo "link set e$n up"
	done | ip -n "$1" -batch -
	mkdir -p "$work/sysfs/$1"
	nsenter "--net=/run/netns/$1" mount -t sysfs sysfs "$work/sysfs/$1"
	# Each CPU has two of the queues.
	for queue in 0 1 2 3; do
		for port in "$work/sysfs/$1"/class/net/p?; do
			echo $((1 << queue % 2)) > "$port/queues/tx-$queue/xps_cpus"
		done
	done
}

# fuzz_run [EPISODE]
fuzz_run() {
	"$work/frames" fuzz "$work/sysfs" "$seed" "$frames" "$@" > "$work/fuzz" 2>&1 ||
		wrong "$(cat "$work/fuzz")"
	sum=$(tail -n 1 "$work/fuzz")
	share=$(expr "$sum" : '.* \([0-9]*\) % on the fast path$') || share=0
	[ $# -gt 0 ] || [ "$share" -ge $least_fast ] || wrong "too few on the fast path"
	verdict "fuzz: ${1:+episode $1: }$sum"
}

prepare
PATH=$work:$PATH
ip link add x0 type veth peer name x1
ip link set x0 up
ip link set x1 up
twin stock
twin fast
# Two messages of "announce noise" at a time are too many for a listener.
sysctl -qw net.core.rmem_default=8192
load
if [ $# -eq 0 ]; then
	fuzz_run
else
	for episode do
		fuzz_run "$episode"
	done
fi
unload
finish fuzz
