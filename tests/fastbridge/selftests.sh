#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The kernel's own self-tests of bridges three ways: with the stock bridge, with the module
# loaded and off, and in mode auto with direct transmission. Each test must end the same
# way. Those that the stock bridge fails are named; they are about bridge and emulation.
#
# They sleep, and measure time in seconds: the host must be one of --count, whose clock
# does not depend on what else the machine does, and that sleeps in no time.
# shellcheck source=tests/fastbridge/lib.sh
. "$FILES/fastbridge/lib.sh"
set -eu

ways='stock off auto'
forwarding=$work/forwarding

# Nothing may have to wait for the disk: with --count the clock leaps ahead meanwhile.
prepare_selftests() {
	mkdir -p "$work/bin"
	cp "$MODULES/fastbridge.ko" "$work"
	cp -r "$FILES/forwarding" "$work"
	cat "$forwarding/forwarding.config.sample" "$FILES/fastbridge/selftests-config.sh" \
		> "$forwarding/forwarding.config"
	ln -s /usr/bin/gojq "$work/bin/jq"
	PATH=$work/bin:$PATH
	modprobe -a bridge veth vrf 8021q sch_ingress cls_flower act_gact
	find /etc /usr/bin /usr/sbin /usr/lib/x86_64-linux-gnu -type f -exec cat {} + > /dev/null
	echo 1 > /sys/kernel/rcu_expedited
	# The emulator translates a program once, and not each time anew, if it always lies
	# at the same address: these scripts start thousands.
	sysctl -qw kernel.randomize_va_space=0
}

# What each test said, one a line: OK, FAIL or SKIP and its name; and why, if it failed.
results() {
	sed -n -e 's/^TEST: \(.*[^ ]\)  *\[ *\([A-Z]*\) *\]$/\2 \1/p' -e '/^\t/p' \
		-e 's/^SKIP: /SKIP /p'
}

# In a network namespace of its own, so that it finds none of what others have left.
run_script() {
	began=$(date +%s)
	status=0
	ip netns add "$1"
	ip -n "$1" link set lo up
	: > "$work/$way/$1.carried"
	( cd "$forwarding" && WAY=$way CARRIED=$work/$way/$1.carried \
		ip netns exec "$1" "./$1.sh" ) > "$work/$way/$1.log" 2>&1 || status=$?
	ip netns del "$1"
	{ results < "$work/$way/$1.log"; echo "exit status $status"; } > "$work/$way/$1"
	echo "$way $1 $(($(date +%s) - began)) s" >> "$work/times"
}

run_way() {
	mkdir -p "$work/$way"
	[ "$way" = stock ] || load
	for name in $names; do
		run_script "$name"
	done
	[ "$way" = stock ] || unload
}

# check_carried WAY SCRIPT EXPECTED: of every bridge that it had.
check_carried() {
	[ -s "$work/$1/$2.carried" ] || wrong "$1: no bridge with the module's files"
	! grep -vx "$3" "$work/$1/$2.carried" > "$work/unexpected" ||
		wrong "$1: mode and frames are $(cat "$work/unexpected")"
}

judge_script() {
	for way in off auto; do
		diff -u --label stock --label $way "$work/stock/$1" "$work/$way/$1" \
			>> "$work/wrong" || true
	done
	grep -q '^OK ' "$work/stock/$1" || wrong "no test passed with the stock bridge"
	check_carried off "$1" 'off 0'
	check_carried auto "$1" 'auto [0-9]*'
	verdict "selftests: $1, the same three ways"
	sed -nE "s/^(FAIL|SKIP) /# $1, with the stock bridge too: &/p" "$work/stock/$1"
}

# Comparing says nothing if the fast path had no part in it.
judge_all() {
	carried=$(cat "$work"/auto/*.carried | awk '{ sum += $2 } END { print sum + 0 }')
	[ "$carried" -gt 0 ] || wrong "none"
	verdict "selftests: frames on the fast path"
	for result in OK FAIL SKIP; do
		# shellcheck disable=SC2086 # one word a name
		count=$(cd "$work/stock" && cat $names | grep -c "^$result ") || true
		echo "# selftests with the stock bridge: $count $result"
	done
	echo "# selftests in mode auto: $carried frames on the fast path"
}

prepare_selftests
names=${*:-$(cd "$forwarding" && echo bridge_*.sh | sed 's/\.sh//g')}
for way in $ways; do
	run_way
done
for name in $names; do
	judge_script "$name"
done
judge_all
cp -r "$work/stock" "$work/off" "$work/auto" "$work/times" "$RESULTS/"
finish selftests
