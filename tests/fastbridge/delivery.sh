#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2119 # arguments that may be left out
# Every case of forwarding four ways: with the stock bridge, with the module loaded and
# off, in mode auto with direct transmission and in mode bypass with queued. What each
# host receives must be the same, byte by byte and in the same order.
# shellcheck source=tests/fastbridge/lib.sh
. "$FILES/fastbridge/lib.sh"
for part in basic state table port vlan packet filter; do
	# shellcheck source=/dev/null
	. "$FILES/fastbridge/cases/$part.sh"
done
set -eu

ways='stock off auto bypass'

# Is the case meant for this way? What is named auto_ is about netfilter's rules for
# bridges, and mode bypass is there to pass them by.
wanted() {
	case $way/$1 in
	bypass/auto_*)	false ;;
	*)		true ;;
	esac
}

# With the mode off, nothing is counted: the hook is not there.
check_off() {
	[ "$way" = off ] || return 0
	all_zero $switches/stats || wrong "a counter grew in mode off"
}

run_case() {
	began=$(date +%s)
	topology_make > "$work/setup" 2>&1 || wrong "no topology: $(cat "$work/setup")"
	attempt "case_$1" > "$work/$way/$1" 2>&1
	check_off
	topology_remove
	[ ! -e "$work/wrong" ] || mv "$work/wrong" "$work/$way/$1.wrong"
	echo "$way $1 $(($(date +%s) - began)) s" >> "$RESULTS/times"
}

run_way() {
	mkdir -p "$work/$way"
	[ "$way" = stock ] || load
	for name in $names; do
		! wanted "$name" || run_case "$name"
	done
	[ "$way" = stock ] || unload
}

# Complaints of every way, and how each differs from stock.
judge_case() {
	for way in $ways; do
		wanted "$1" || continue
		[ ! -e "$work/$way/$1.wrong" ] ||
			sed "s/^/$way: /" "$work/$way/$1.wrong" "$work/$way/$1" >> "$work/wrong"
		diff -u --label stock --label "$way" "$work/stock/$1" "$work/$way/$1" \
			>> "$work/wrong" || true
	done
	[ -s "$work/stock/$1" ] || wrong "no host received anything"
	verdict "delivery: $1"
}

prepare
names=${*:-$(cases_of "$FILES"/fastbridge/cases/*.sh)}
for way in $ways; do
	run_way
done
for name in $names; do
	judge_case "$name"
done
finish delivery
