# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2119,SC2120 # arguments that may be left out
# The common topology of the tests of fastbridge and how cases are run and judged;
# source it in a scenario of bench/kernelhost with:  . "$FILES/fastbridge/lib.sh"
#
#   namespace h1: e1 ---- p1 \
#             h2: e2 ---- p2  \ br0, in the main namespace
#             h3: e3 ---- p3  /
#             h4: e4 ---- p4 /
#
# Addresses: hN is 02:00:00:00:00:0N, pN 02:00:00:00:01:0N and br0 02:00:00:00:01:00.
# The hosts have no IP, so every frame is one that a case has sent.
# shellcheck source=bench/lib/scenario.sh
. "$LIB/scenario.sh"

work=/tmp/fastbridge
# How the module is used: stock (it is not loaded), off, auto or bypass.
way=${way-stock}
switches=/sys/class/net/br0/fastbridge
# How often what must work many times over is done; run -n writes another number here.
# shellcheck disable=SC2034 # lifecycle.sh uses it
repetitions=1000
# What fuzz.sh does; run -s and -f write other numbers here.
# shellcheck disable=SC2034
seed=1 frames=100000
# How many times slower than others this machine is; run -k writes another number here.
# shellcheck disable=SC2034 # the cases use it
slowness=1
# shellcheck source=/dev/null
[ ! -e "$FILES/settings" ] || . "$FILES/settings"
no_ipv6='net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1'

# What is started a hundred times is not read through the share each time.
prepare() {
	mkdir -p "$work/remembered"
	cp "$FILES/frames" "$MODULES/fastbridge.ko" "$work"
	chmod +x "$work/frames"
	# insmod, unlike modprobe, does not load what the module needs.
	modprobe bridge
	# Grace periods decide how long the making and removing of devices takes.
	echo 1 > /sys/kernel/rcu_expedited
	# shellcheck disable=SC2086 # two words
	sysctl -qw $no_ipv6
	hook_elsewhere
	for host in h1 h2 h3 h4; do
		ip netns add $host
		# shellcheck disable=SC2086
		ip netns exec $host sysctl -qw $no_ipv6
	done
}

# The kernel patches its code where the first ingress hook comes and the last goes. A CPU
# of QEMU 7.2 that runs this code just then may go on executing what was there before, for
# ever. So there is always one more hook.
hook_elsewhere() {
	ip link add d0 type dummy
	nft 'table netdev elsewhere { chain c { type filter hook ingress device d0 priority 0; }; }'
}

load() {
	insmod "$work/fastbridge.ko" "$@"
}

unload() {
	rmmod fastbridge
}

# --- topology

ports_make() {
	for n in 1 2 3 4; do
		echo "link add p$n address 02:00:00:00:01:0$n type veth" \
			"peer name e$n address 02:00:00:00:00:0$n netns h$n"
		echo "link set p$n up"
	done | ip -batch -
	for n in 1 2 3 4; do
		ip -n h$n link set e$n up
	done
}

ports_remove() {
	for n in 1 2 3 4; do
		[ ! -e /sys/class/net/p$n ] || echo "link del p$n"
	done | ip -batch -
}

bridge_make() {
	ip -batch - <<-EOF
	link add br0 address 02:00:00:00:01:00 type bridge mcast_snooping 0
	link set br0 up
	link set p1 master br0
	link set p2 master br0
	link set p3 master br0
	link set p4 master br0
	EOF
}

# A new bridge for every case. The ports are made anew only after a case that said it
# would change them, for they take the longest.
topology_make() {
	[ -e /sys/class/net/p1 ] || ports_make
	bridge_make
	mode_on
}

topology_remove() {
	[ ! -e /sys/class/net/br0 ] || ip link del br0
	[ ! -e "$work/ports_changed" ] || ports_remove
	rm -f "$work/ports_changed" "$work"/remembered/*
}

changes_ports() {
	: > "$work/ports_changed"
}

# --- frames

# exchange [MILLISECONDS]: sends what standard input lists, "FROM > TO [WORD...]" a line,
# and prints what arrived where until nothing has for so long. Words are count=N, size=N,
# src=MAC, type=HEX, vlan=TCI, tpid=HEX, gso=SIZE, csum, options, hex=FRAME and
# sum=START+OFFSET, see src/exchange.c.
exchange() {
	"$work/frames" exchange "${1:-$((60 * slowness))}"
}

# Every host is learned, by every bridge on the way, and then has the one frame that takes the
# stock path first.
hello() {
	exchange <<-EOF
	h1 > all
	h2 > all
	h3 > all
	h4 > all
	EOF
	exchange <<-EOF
	h1 > h2
	h2 > h3
	h3 > h4
	h4 > h1
	EOF
}

# between HOST HOST: five frames each way, so that most are not the one now and then
# that the fast path leaves to the bridge.
between() {
	exchange <<-EOF
	$1 > $2 count=5
	$2 > $1 count=5
	EOF
}

# traffic_start FROM TO [FROM TO]...: numbered frames until traffic_stop, which prints
# what became of them.
traffic_start() {
	"$work/frames" soak "$@" > "$work/traffic" &
	traffic=$!
	at_end "kill $traffic 2> /dev/null || true"
}

# Not in a pipeline: there a shell cannot wait for it.
traffic_stop() {
	kill -TERM "$traffic"
	wait "$traffic" || true
	cat "$work/traffic"
}

# traffic_intact: the same, and not one frame may be missing, double, late or astray.
traffic_intact() {
	traffic_stop
	grep -q ' lost ' "$work/traffic" || wrong "no traffic"
	! grep -v ' sent [1-9][0-9]* lost 0 doubled 0 reordered 0 astray 0$' "$work/traffic" ||
		wrong "frames were lost, doubled, reordered or went astray"
}

# --- floods

# Nanoseconds between frames. kmemleak frees its records of what was allocated by RCU, and whoever
# waits for that while CPUs do nothing but forward, as a device that goes does, waits for minutes,
# with the stock bridge, too.
flood_gap() {
	has_kmemleak && echo 10000000 || echo 0
}

# flood_start DEV FROM TO [DEV FROM TO]...: every CPU in turn has a device receive frames,
# flood_gap apart, until flood_stop.
flood_start() {
	hello
	pktgen_thread=0
	while [ $# -gt 0 ]; do
		pktgen_setup "$1" netif_receive 0 60 "02:00:00:00:00:0$2" "02:00:00:00:00:0$3"
		pktgen_set "$1" "delay $(flood_gap)"
		shift 3
		pktgen_thread=$((pktgen_thread + 1))
	done
	pktgen_start &
	flood=$!
	at_end flood_stop
	remember fast_packets
	wait_for $((5 * slowness)) grew_by 1000 || wrong "the flood does not take the fast path"
}

# grew_by COUNT: have so many frames taken the fast path since they were remembered?
grew_by() {
	[ "$(counter fast_packets)" -gt $(($(remembered fast_packets) + $1)) ]
}

flood_stop() {
	pktgen_set pgctrl stop
	wait "$flood"
}

# --- switches and counters

is_on() {
	case $way in
	auto|bypass)	true ;;
	*)		false ;;
	esac
}

# mode_on [BRIDGE]: as the way that is tested wants it.
mode_on() {
	is_on || return 0
	case $way in
	auto)	echo direct ;;
	bypass)	echo queue ;;
	esac > "/sys/class/net/${1:-br0}/fastbridge/xmit"
	fastbridge_takes_over "/sys/class/net/${1:-br0}/fastbridge" "$way"
}

mode_off() {
	! is_on || echo off > "$switches/mode"
}

# counter NAME [PORT]: of the bridge br0, or of one port.
counter() {
	if [ $# -gt 1 ]; then
		cat "/sys/class/net/$2/fastbridge_port/stats/$1"
	else
		cat "$switches/stats/$1"
	fi
}

# all_zero FOLDER: are all counters there, of which there are some?
all_zero() {
	counters=$(cat "$1"/*) || return 1
	case $counters in
	''|*[!0[:space:]]*)	return 1 ;;
	esac
}

# remember COUNTER [PORT] / grew COUNTER [PORT] / stood COUNTER: has it grown since? While
# other traffic runs, only a port of one's own tells. On ways with no fast path there is
# nothing to ask.
remember() {
	! is_on || counter "$@" > "$work/remembered/$1${2-}"
}

remembered() {
	cat "$work/remembered/$1${2-}" 2> /dev/null || echo 0
}

grew() {
	is_on || return 0
	[ "$(counter "$@")" -gt "$(remembered "$@")" ] || wrong "$* did not grow"
}

stood() {
	is_on || return 0
	[ "$(counter "$@")" -eq "$(remembered "$@")" ] || wrong "$* grew"
}

# --- judging

# Lines for the log of why the case has failed; it goes on.
wrong() {
	printf '%s\n' "$*" >> "$work/wrong"
}

# at_end COMMAND: even if the case fails before it gets there.
at_end() {
	undo="$1; ${undo-}"
}

# --- writing to the files

# write_error FILE VALUE [COMMAND...]: writes VALUE, as printf sees it, by way of COMMAND;
# prints the error, or nothing.
write_error() {
	file=$1 value=$2
	shift 2
	# shellcheck disable=SC2059 # the value may have \n in it
	printf -- "$value" | "$@" dd of="$file" bs=64k 2>&1 | sed -n 's/^dd:.*: //p'
}

# refused ERROR FILE VALUE [COMMAND...]: and nothing has changed.
refused() {
	error=$1
	shift
	before=$(cat "$1")
	said=$(write_error "$@")
	[ "$said" = "$error" ] || wrong "'$2' to $1: '$said' and not '$error'"
	[ "$(cat "$1")" = "$before" ] || wrong "'$2' to $1 changed $before to $(cat "$1")"
}

taken() {
	said=$(write_error "$@")
	[ -z "$said" ] || wrong "'$2' to $1: $said"
}

# shows FILE VALUE
shows() {
	[ "$(cat "$1")" = "$2" ] || wrong "$1 shows $(cat "$1") and not $2"
}

# --- verdicts

passed=0
failed=0

# verdict NAME: ok, if the file of complaints about it is empty.
verdict() {
	if [ -s "$work/wrong" ]; then
		failed=$((failed + 1))
		echo "not ok $1"
		sed 's/^/    /' "$work/wrong"
	else
		passed=$((passed + 1))
		echo "ok $1"
	fi
	rm -f "$work/wrong"
}

# attempt COMMAND: in a shell of its own, which stops where something fails.
attempt() {
	set +e
	(
		set -eu
		undo=''
		trap 'set +e; eval "$undo"' EXIT
		"$@"
	)
	status=$?
	set -e
	[ $status -eq 0 ] || wrong "$1 ended with status $status"
}

# cases_of FILE...: the names of the cases in them, in order.
cases_of() {
	sed -n 's/^case_\([a-z0-9_]*\)() {.*/\1/p' "$@"
}

# run_alone PART NAME: a case that is not compared with stock; it says itself what is wrong.
run_alone() {
	began=$(date +%s)
	topology_make > "$work/log" 2>&1
	attempt "case_$2" >> "$work/log" 2>&1
	topology_remove
	[ ! -s "$work/wrong" ] || cat "$work/log" >> "$work/wrong"
	verdict "$1: $2"
	echo "$2 $(($(date +%s) - began)) s" >> "$RESULTS/times"
}

judge_leaks() {
	has_kmemleak || return 0
	leaks >> "$work/wrong"
	verdict "$1: kmemleak"
}

# finish PART
finish() {
	judge_leaks "$1"
	echo "$passed passed, $failed failed"
	[ "$failed" -eq 0 ]
}
