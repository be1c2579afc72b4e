#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Scenario for bench/xenhost: the credit scheduler's settings for I/O, from xl, libxl and Xen
# itself, and all that can happen to vCPUs that do I/O while it is on.
#
#   bench/xenhost --xen "$(bench/xen-hypervisor debug)" --topology sockets=2,dies=2,cores=2 \
#       --xen-append "sched_credit_io_cosched=1 sched_credit_steal=1 \
#       sched_credit_io_threshold=0" --file "$(bench/xen-tools)" \
#       --file tests/lib.sh --file build/tools/fastnet tests/xen/credit.sh
#
# The hypervisor stops at a wrong assertion, and counts what the scheduler does.
# shellcheck source=bench/lib/dom0.sh
. "$LIB/dom0.sh"
set -eu

suite=credit
work=/tmp/credit
# shellcheck source=tests/lib.sh
. "$FILES/lib.sh"

patched() {
	"$work/tools/xl" "$@"
}

# Past xl's checks, and libxl's; see bench/src/schedparams.c.
schedparams() {
	LD_LIBRARY_PATH=$work/tools "$work/tools/schedparams" "$@"
}

# ---- settings

# set_io COSCHED STEAL THRESHOLD [POOL]
set_io() {
	patched sched-credit -s ${4:+-p "$4"} --io-cosched="$1" --credit-steal="$2" \
		--io-threshold="$3"
}

# shows COSCHED STEAL THRESHOLD [POOL]
shows() {
	patched sched-credit -s ${4:+-p "$4"} > "$work/shown"
	cat "$work/shown"
	grep -q " io-cosched=$1 credit-steal=$2 io-threshold=$3\$" "$work/shown"
}

sets_one() {
	patched sched-credit -s "--$1=$2" && shows "$3" "$4" "$5"
}

# unchanged COMMAND...: it fails, says why, and leaves all as it was.
unchanged() {
	before=$(patched sched-credit -s)
	status=0
	"$@" > "$work/refusal" 2>&1 || status=$?
	cat "$work/refusal"
	echo "status $status: $*"
	[ $status -gt 0 ] && [ $status -lt 126 ] && [ -s "$work/refusal" ] && [ "$(patched sched-credit -s)" = "$before" ]
}

refused_by_all() {
	for value in 2 -1 x '' '1 ' 99999999999; do
		for option in io-cosched credit-steal; do
			check "xl refuses --$option=$value" \
				unchanged patched sched-credit -s "--$option=$value"
		done
	done
	for value in 0 -1 1000001 150x 99999999999; do
		check "xl refuses --io-threshold=$value" \
			unchanged patched sched-credit -s "--io-threshold=$value"
	done
	check 'xl refuses them without -s' unchanged patched sched-credit --io-cosched=1
	for values in '2 -1 -1' '-1 2 -1' '-1 -1 0' '-1 -1 1000001'; do
		# shellcheck disable=SC2086 # one word a value
		check "libxl refuses $values" unchanged schedparams libxl $values
	done
	for values in '0x696f7301 2 0 0' '0x696f7302 0 2 0' '0x696f7304 0 0 0' \
		'0x696f7304 0 0 1000001' '0x696f7307 1 1 0'; do
		# shellcheck disable=SC2086
		check "Xen refuses $values" unchanged schedparams xen $values
	done
}

# Whoever does not say that the fields are set has not set them.
leaves_alone() {
	schedparams xen "$@" && shows 1 0 150
}

debians_xl() {
	xl sched-credit -s -t 20
	xl sched-credit -s > "$work/shown"
	cat "$work/shown"
	grep -q 'tslice=20ms' "$work/shown"
	shows 1 0 150
	xl sched-credit -s -t 30
}

# With the patched xl in PATH.
fastnet() {
	PATH=$work/tools:$PATH "$FILES/fastnet" --config "$work/conf" "$@"
}

fastnet_sets() {
	fastnet sched credit-steal=1 io-threshold=20 && shows 1 1 20 &&
		grep -qx "sched Pool-0 credit-steal=1 io-threshold=20" "$work/conf"
}

fastnet_shows() {
	fastnet sched > "$work/shown"
	cat "$work/shown"
	grep -qx "io-cosched=1 credit-steal=1 io-threshold=20" "$work/shown"
}

fastnet_applies() {
	set_io 1 0 150 && fastnet apply && shows 1 1 20
}

# The first setting is taken back, for the second is refused.
fastnet_undoes() {
	unchanged fastnet sched credit-steal=0 io-threshold=0
}

fastnet_resets() {
	fastnet reset && shows 0 0 150 && [ ! -s "$work/conf" ] && set_io 1 0 150
}

fastnet_cases() {
	check 'fastnet sets them' fastnet_sets
	check 'fastnet shows them' fastnet_shows
	check 'fastnet takes them back' fastnet_undoes
	check 'fastnet applies what is kept' fastnet_applies
	check 'fastnet resets them' fastnet_resets
}

settings() {
	check "the boot options are taken, a threshold of 0 is not" shows 1 1 150
	check 'Xen says so' grep 'sched_credit_io_threshold outside of valid range' \
		"$work/dmesg"
	check 'pCPUs with a cache in common' cache_is 0 0-1
	check 'those of the other cache of the socket' cache_is 3 2-3
	check 'all is switched off' sets_one io-cosched 0 0 1 150
	check 'one by one' sets_one credit-steal 0 0 0 150
	check 'a threshold' sets_one io-threshold 1000000 0 0 1000000
	check 'the least' sets_one io-threshold 1 0 0 1
	check 'all at once' set_io 1 0 150
	refused_by_all
	check 'a caller who does not know them' leaves_alone 0 7 7 7
	check 'a caller who knows more' leaves_alone 0x696f7308 0 1 10
	check "Debian's xl" debians_xl
	fastnet_cases
}

# cache_is CPU LIST: as the debug key r shows it.
cache_is() {
	xl debug-keys r
	xl dmesg > "$work/shown"
	grep "CPU\[0$1\]" "$work/shown" | tail -n 1 | grep " cache={$2}"
}

# ---- pools

# pool NAME SCHEDULER CPU
pool() {
	xl cpupool-cpu-remove Pool-0 "$3" && echo "name = \"$1\"
sched = \"$2\"
cpus = [\"$3\"]" > "$work/$1.pool" && xl cpupool-create "$work/$1.pool"
}

pools() {
	check 'a second pool' pool second credit 6
	check 'it begins as Xen was booted' shows 1 1 150 second
	check 'it is set' set_io 0 1 7 second
	check 'it shows it' shows 0 1 7 second
	check 'and the first is as it was' shows 1 0 150
	check 'a pool of another scheduler' pool third credit2 7
	check 'has no such settings' unchanged set_io 1 1 1 third
}

# ---- at work

# How often the scheduler did a thing; xenperf shows a line for each.
counted() {
	xenperf > "$work/perf" && awk -v name="csched: $1" 'index($0, name) == 1 {
		sub(".*T= *", ""); print $1 + 0; found = 1 } END { exit !found }' "$work/perf"
}

# talk SECONDS: guest1 and guest2 wake each other through dom0, and guest2 dom0 itself.
talk() {
	guest_run guest1 "/bin/ping -q -f -w $1 $(address guest2)" > "$work/talk1" 2>&1 &
	guest_run guest2 "/bin/ping -q -f -w $1 $(address dom0)" > "$work/talk2" 2>&1 &
}

talked() {
	wait
	cat "$work"/talk[12]
}

places() {
	before=$(counted io_place)
	talk 5
	talked
	placed=$(counted io_place)
	placed=$((placed - before))
	echo "placed $placed times"
}

all_reach() {
	reaches guest1 guest2 && reaches guest2 dom0
}

on_places() {
	set_io 1 1 1
	places
	[ "$placed" -gt 100 ]
}

off_places_none() {
	set_io 0 0 1
	places
	[ "$placed" -eq 0 ]
}

# The scheduler's events alone. Nobody here is short of credit, so none is lent.
traces() {
	talk 8
	xentrace -D -e 0x22000 -T 5 "$work/trace" > "$work/xentrace" 2>&1
	talked
	"$work/tools/xenalyze" --dump-all "$work/trace" > "$work/analysis" 2>&1
	rm "$work/trace"
	grep -m 3 ' csched:io_place d[0-9]*v[0-9]* on cpu [0-7], peer on cpu [0-7]$' \
		"$work/analysis" || { tail "$work/analysis"; return 1; }
}

# under_talk COMMAND...: again and again for ten seconds.
under_talk() {
	talk 10
	end=$(($(date +%s) + 10))
	turn=0
	while [ "$(date +%s)" -lt $end ]; do
		turn=$((turn + 1))
		"$@" $turn || { echo "turn $turn"; return 1; }
	done
	echo "$turn turns"
	talked
	all_reach
}

toggle() {
	set_io $(($1 % 2)) $(($1 / 2 % 2)) $((1 + $1 % 3 * 100))
}

pin() {
	xl vcpu-pin guest1 0 $(($1 % 6)) && xl vcpu-pin guest2 all $(($1 / 3 % 6))-5 &&
		xl vcpu-pin 0 $(($1 % 2)) $(($1 % 6))
}

unpin() {
	for domain in 0 guest1 guest2; do
		xl vcpu-pin $domain all all all || return 1
	done
}

# Paused, because Xen 4.17 frees what it has of a vCPU in its old pool while a pCPU may not be
# through with it (sched_move_domain(), unit_context_saved()): where there are fewer cores than
# pCPUs, it comes to that.
move() {
	xl pause guest1 && xl cpupool-migrate guest1 "$1" && xl unpause guest1
}

migrate() {
	move second && sleep 0.2 && move Pool-0
}

# With the one pCPU that it has.
come_and_go() {
	pool fourth credit 5 && xl cpupool-destroy fourth && xl cpupool-cpu-add Pool-0 5
}

# A pCPU of the first pool, and so the one where the two may be.
offline() {
	cpu=$((1 + $1 % 5))
	for change in offline online; do
		/usr/lib/xen-4.17/bin/xen-hptool cpu-$change $cpu > "$work/hptool" 2>&1 ||
			{ cat "$work/hptool"; return 1; }
	done
}

pause() {
	xl pause guest2 && sleep 0.1 && xl unpause guest2
}

destroyed() {
	talk 5
	sleep 1
	xl destroy guest2
	wait
	guest_start guest2 && all_reach
}

saved_and_restored() {
	talk 5
	sleep 1
	xl save guest1 "$work/image" > "$work/saved" 2>&1 || { cat "$work/saved"; return 1; }
	xl restore "$work/image" > "$work/saved" 2>&1 || { cat "$work/saved"; return 1; }
	rm "$work/image"
	wait
	reaches guest2 guest1
}

at_work() {
	set_io 0 0 150
	for guest in guest1 guest2; do
		guest_create $guest
	done
	for guest in guest1 guest2; do
		guest_wait $guest
	done
	check 'switched on, vCPUs are placed' on_places
	check 'switched off, none is' off_places_none
	check 'switched at work' under_talk toggle
	set_io 1 1 1
	check 'xenalyze shows what is done' traces
	check 'affinity changes' under_talk pin
	unpin
	check 'a domain changes its pool' under_talk migrate
	check 'a pool comes and goes' under_talk come_and_go
	check 'pCPUs leave and return' under_talk offline
	check 'a domain is paused' under_talk pause
	check 'a domain is destroyed' destroyed
	check 'a domain is saved and restored' saved_and_restored
}

mkdir -p "$work"
cp -r "$FILES"/xen-tools-* "$work/tools"
xl dmesg > "$work/dmesg"
bridge_make xenbr0
settings
pools
at_work
check_sum
