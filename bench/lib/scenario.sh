# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Helpers for scenarios; source it with:  . "$LIB/scenario.sh"
#
# A scenario is a shell script that runs as root in the emulated host. It finds
#   $MODULES  what --module handed in      $RESULTS  the folder for what it leaves
#   $FILES    what --file handed in        $LIB      these helpers
#   $COUNT    empty, total (--count), functions or lines (--count=functions, =lines)

say() {
	printf '%s\n' "$*"
}

fail() {
	printf 'failed: %s\n' "$*"
	exit 1
}

# result NAME VALUE: a line of $RESULTS/values, shown as well.
result() {
	printf '%s %s\n' "$1" "$2" | tee -a "$RESULTS/values"
}

# wait_for SECONDS COMMAND...: until the command succeeds.
wait_for() {
	deadline=$(($(date +%s) + $1))
	shift
	until "$@" > /dev/null 2>&1; do
		[ "$(date +%s)" -lt $deadline ] || return 1
		sleep 0.1
	done
}

has_no_doubt() {
	[ "$(cat "$1/in_doubt")" = 0 ]
}

# fastbridge_takes_over SWITCHES [MODE]: auto, unless it says another, and it is in effect.
fastbridge_takes_over() {
	echo "${2-auto}" > "$1/mode" || return 1
	wait_for 60 has_no_doubt "$1"
}

# percentile P FILE: FILE is sorted.
percentile() {
	awk -v p="$1" '{ value[NR] = $1 }
		END { i = int(NR * p / 100); print value[i < 1 ? 1 : i] }' "$2"
}

has_kmemleak() {
	[ -e /sys/kernel/debug/kmemleak ]
}

# What a kernel with kmemleak has lost track of. It leaves out what is younger than five
# seconds, and on its first look only notes what the objects contain.
leaks() {
	sleep 6 &&
		echo scan > /sys/kernel/debug/kmemleak &&
		echo scan > /sys/kernel/debug/kmemleak &&
		cat /sys/kernel/debug/kmemleak
}

# Shows what it has lost track of, and fails if that is something.
leaks_nothing() {
	leaks > /tmp/leaks && cat /tmp/leaks && [ ! -s /tmp/leaks ]
}

# A counter of a network device: dev_counter DEV NAME, as in rx_packets.
dev_counter() {
	cat "/sys/class/net/$1/statistics/$2"
}

pktgen_set() {
	echo "$2" > "/proc/net/pktgen/$1"
}

# The thread, one a CPU, that pktgen_setup readies.
pktgen_thread=0

pktgen_idle() {
	! grep -qE '^(Running|Stopped): +[^ ]' "/proc/net/pktgen/kpktgend_$pktgen_thread"
}

# The kernel waits an eighth of a second for the thread to do this, and no longer.
pktgen_clear() {
	pktgen_set "kpktgend_$pktgen_thread" rem_device_all
	wait_for 30 pktgen_idle
}

# pktgen_setup DEV MODE COUNT SIZE [SRC_MAC [DST_MAC [SRC_IP [DST_IP]]]]: readies pktgen's
# thread; MODE start_xmit sends from DEV, netif_receive injects as if DEV had
# received it. SIZE is the frame's without its checksum.
pktgen_setup() {
	[ -d /proc/net/pktgen ] || modprobe pktgen
	pktgen_clear
	pktgen_set "kpktgend_$pktgen_thread" "add_device $1"
	pktgen_set "$1" "xmit_mode $2"
	pktgen_set "$1" "count $3"
	pktgen_set "$1" "pkt_size $4"
	pktgen_set "$1" "delay 0"
	pktgen_set "$1" "clone_skb 0"
	pktgen_set "$1" "burst 1"
	pktgen_set "$1" "src_mac ${5:-00:16:3e:00:00:01}"
	pktgen_set "$1" "dst_mac ${6:-00:16:3e:00:00:02}"
	pktgen_set "$1" "src_min ${7:-10.0.0.1}"
	pktgen_set "$1" "src_max ${7:-10.0.0.1}"
	pktgen_set "$1" "dst ${8:-10.0.0.2}"
}

# Sends what is set up; returns when all is sent.
pktgen_start() {
	pktgen_set pgctrl start
}

# The nanoseconds that pktgen needed for what it sent from DEV last: the instructions of
# all of it under --count.
pktgen_nanoseconds() {
	awk '/^Result: OK/ { split($3, t, "("); print int(t[1] * 1000) }' "/proc/net/pktgen/$1"
}

# pktgen_inject DEV COUNT SIZE [SRC_MAC [DST_MAC [SRC_IP [DST_IP]]]]: has DEV receive
# frames and prints the nanoseconds that all of them took.
pktgen_inject() {
	dev=$1 frames=$2 size=$3
	shift 3
	pktgen_setup "$dev" netif_receive "$frames" "$size" "$@"
	pktgen_start
	pktgen_nanoseconds "$dev"
}

count_by_address() {
	[ "$COUNT" = functions ] || [ "$COUNT" = lines ]
}

# count_start, count_stop NAME: a window of --count=functions or --count=lines; without them
# they do nothing.
count_start() {
	! count_by_address || /bench/programs/mark start
}

count_stop() {
	count_end
	count_name "$1"
}

# The two halves of count_stop, where what is counted is to be ended before it is named.
count_end() {
	! count_by_address || /bench/programs/mark stop
}

count_name() {
	count_by_address || return 0
	count_windows=$((${count_windows:-0} + 1))
	symbols=/bench/count/$count_windows/symbols
	mkdir -p "$symbols"
	cat /proc/kallsyms > "$symbols/host"
	count_symbols_xen "$symbols"
	echo "$1" > "/bench/count/$count_windows/name"
}

# lib/dom0.sh has more to tell.
count_symbols_xen() {
	:
}
