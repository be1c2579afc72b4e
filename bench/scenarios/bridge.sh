#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What a frame from one port of a bridge to another costs on each path; for
# bench/bridge, in kernelhost --count. Usage:
#
#   bridge.sh ROUNDS PORTS FLOWS "CASES" "PATHS"
#
# The case lines is for --count=lines: all CPUs receive at once, each one a flow of its own.
# FLOWS pairs of addresses take turns: the first ones of all are behind port d0, which
# receives all frames, the second ones behind the other ports in turn. fastbridge's paths
# are to come first, and openvswitch last: it takes the ports away from the bridge.
# Leaves lines "path case instructions" in $RESULTS/raw, the work of receiving the frame
# included.
. "$LIB/scenario.sh"
set -eu

rounds=$1 ports=$2 flows=$3 cases=$4 paths=$5
switch=/sys/class/net/br0/fastbridge
pins=/sys/fs/bpf/flows

# load_inject COUNT SIZE [PARAMETER...]: before the frames that are counted comes one of
# each flow: the first one of a source in a quarter of a second takes the stock path.
load_inject() {
	frames=$1 size=$2
	shift 2
	insmod "$MODULES/inject.ko" dev=d0 warm="$flows" count="$frames" size="$size" \
		flows="$flows" "$@"
}

# The same, and prints nanoseconds, which are instructions, per frame.
inject() {
	load_inject "$@"
	read -r nanoseconds < /sys/module/inject/parameters/nanoseconds
	rmmod inject
	echo "$nanoseconds $frames" | awk '{ printf "%.1f\n", $1 / $2 }'
}

# pktgen's frames are shared, which makes a forwarder clone them: the case is there to
# compare with figures that others took with pktgen.
pktgen_per_frame() {
	pktgen_inject d0 "$1" 64 | awk -v frames="$1" '{ printf "%.1f\n", $1 / frames }'
}

row() {
	echo "$1 $2 $3" | tee -a "$RESULTS/raw"
}

# What ports but d0 have sent.
sent() {
	cat /sys/class/net/d[1-9]*/statistics/tx_packets | awk '{ sum += $1 } END { print sum }'
}

at_least() {
	if [ "$1" -gt "$2" ]; then echo "$1"; else echo "$2"; fi
}

# went PATH FRAMES SENT FAST: did the frames go where they should? A path that loses them
# is cheap, and fastbridge must have forwarded exactly where its name stands.
went() {
	case $1 in
	drop)	[ "$3" -lt 10 ] || fail "drop let $3 of $2 frames pass" ;;
	*)	[ "$3" -ge "$2" ] || fail "$1 forwarded $3 of $2 frames" ;;
	esac
	case $1 in
	fastbridge-*)	[ "$4" -ge $(($2 * 9 / 10)) ] ||
				fail "$1 left frames to the bridge: it had $4 of $2" ;;
	*)		[ "$4" -eq 0 ] || fail "$1 had $4 frames on the fast path" ;;
	esac
}

before() {
	sent=$(sent)
	read -r fast < $switch/stats/fast_packets
}

# after PATH FRAMES: fails if they did not go where they should.
after() {
	read -r now < $switch/stats/fast_packets
	went "$1" "$2" $(($(sent) - sent)) $((now - fast))
}

# count PATH CASE FRAMES COMMAND...
count() {
	path=$1 case=$2 frames=$3
	shift 3
	before
	instructions=$("$@")
	after "$path" "$frames"
	row "$path" "$case" "$instructions"
}

# Two windows that differ by 1,000 frames for each CPU; the module makes them. It stays until
# its symbols are read.
lines() {
	for each in 100 1100; do
		sleep 0.3
		before
		load_inject $each 64 everywhere=1
		after "$1" $((each * flows))
		count_name "$1.$each"
		rmmod inject
	done
}

measure_case() {
	frames=$(at_least "$flows" 20000)
	case $2 in
	lines)		lines "$1" ;;
	pktgen-64)	count "$1" "$2" 20000 pktgen_per_frame 20000 ;;
	unicast-1400)	count "$1" "$2" 10000 inject 10000 1400 ;;
	gso-64k)	count "$1" "$2" 2000 inject 2000 64000 ;;
	*-64)		count "$1" "$2" "$frames" inject "$frames" 64 ;;
	esac
}

measure() {
	for _ in $(seq "$rounds"); do
		for case in $cases; do
			sleep 0.3
			measure_case "$1" "$case"
		done
	done
}

# refuses PATH COMMAND...: a guard must not let pass what the command sends.
refuses() {
	path=$1 sent=$(sent)
	shift
	"$@" > /dev/null
	[ "$(sent)" = "$sent" ] || fail "$path let forged frames pass"
}

drop() {
	insmod "$MODULES/ingress_drop.ko" dev=d0
	measure drop
	rmmod ingress_drop
}

stock_vlan() {
	ip link set br0 type bridge vlan_filtering 1 vlan_default_pvid 1
	fill 'vlan 1'
	measure stock-vlan
	ip link set br0 type bridge vlan_filtering 0 vlan_default_pvid 0
}

# A rule with connection tracking, as hosts have them that filter for themselves.
stock_br_netfilter() {
	modprobe br_netfilter
	iptables-legacy -A FORWARD -m conntrack --ctstate NEW -j ACCEPT
	measure stock-br_netfilter
	iptables-legacy -F FORWARD
	modprobe -r iptable_filter xt_conntrack br_netfilter
}

# Each port's own addresses, all others are dropped: what Xen's vif-common.sh has rules for
# in iptables. One with a mask stands for a guest's list.
stock_antispoof() {
	modprobe br_netfilter
	iptables-legacy -P FORWARD DROP
	for dev in $devs; do
		iptables-legacy -A FORWARD -m physdev --physdev-is-bridged --physdev-in "$dev" \
			-s 10.0.0.0/16 -j ACCEPT
	done
	refuses stock-antispoof pktgen_inject d0 100 64 00:16:3e:00:00:01 00:16:3e:00:00:02 10.1.0.1
	measure stock-antispoof
	iptables-legacy -F FORWARD
	iptables-legacy -P FORWARD ACCEPT
	modprobe -r iptable_filter xt_physdev br_netfilter
}

# The same for MAC addresses, in ebtables.
stock_ebtables() {
	for dev in $devs; do
		ebtables-legacy -A FORWARD -i "$dev" -s ! 00:16:3e:00:00:00/ff:ff:ff:00:00:00 -j DROP
	done
	refuses stock-ebtables inject 100 64 src=00:16:3f:00:00:01
	measure stock-ebtables
	ebtables-legacy -F FORWARD
	modprobe -r ebtable_filter ebtables
}

# Each flow leads both ways.
tc_bpf() {
	grep -qx 1 /proc/sys/net/core/bpf_jit_enable || fail "BPF programs are interpreted"
	mkdir $pins
	bpftool prog load "$FILES/flows.bpf.o" $pins/redirect pinmaps $pins
	list_flows | awk '
		function bytes(mac) { gsub(":", " ", mac); return mac }
		function number(n) { return sprintf("%02x %02x 00 00", n % 256, n / 256) }
		function update(from, to, at, other) {
			print "map update pinned '$pins/flows' key hex", bytes(to), bytes(from),
				"00 00 00 00", number(at), "value hex 00 00 00 00 00 00 00 00",
				number(other), "00 00 00 00"
		}
		NR == FNR { ifindex[FNR - 1] = $1; next }
		{ update($1, $2, ifindex[0], ifindex[$3]); update($2, $1, ifindex[$3], ifindex[0]) }' \
		/tmp/ifindexes - > /tmp/updates
	bpftool batch file /tmp/updates > /dev/null
	tc qdisc add dev d0 clsact
	tc filter add dev d0 ingress bpf direct-action object-pinned $pins/redirect
	measure tc-bpf
	tc qdisc del dev d0 clsact
	rm -r $pins
}

# The kernel's part of it, with the flows that a learning switch would have made.
openvswitch() {
	modprobe openvswitch
	ovs-dpctl add-dp dp
	number=0
	for dev in $devs; do
		number=$((number + 1))
		ip link set "$dev" nomaster
		ovs-dpctl add-if dp "$dev,port_no=$number"
	done
	list_flows | awk '
		function flow(from, to, at, other) {
			printf "in_port(%d),eth(src=%s,dst=%s),eth_type(0x0800),ipv4(frag=no) %d\n",
				at + 1, from, to, other + 1
		}
		{ flow($1, $2, 0, $3); flow($2, $1, $3, 0) }' > /tmp/flows
	ovs-dpctl add-flows dp /tmp/flows
	measure openvswitch
	ovs-dpctl del-dp dp
}

fastbridge() {
	echo "$1" > $switch/xmit
	measure "fastbridge-$1"
}

fastbridge_vlan() {
	ip link set br0 type bridge vlan_filtering 1 vlan_default_pvid 1
	fill 'vlan 1'
	echo direct > $switch/xmit
	measure fastbridge-vlan
	ip link set br0 type bridge vlan_filtering 0 vlan_default_pvid 0
}

# What stock-antispoof and stock-ebtables do, by the addresses themselves.
fastbridge_guard() {
	guard=/sys/class/net/d0/fastbridge_port
	list_flows | while read -r address _; do
		echo "+$address" > $guard/guard_mac
	done
	awk -v flows="$flows" 'BEGIN {
		for (f = 0; f < flows; f++)
			printf "+10.0.%d.%d\n", (2 * f + 1) / 256, (2 * f + 1) % 256
	}' | while read -r address; do
		echo "$address" > $guard/guard_ipv4
	done
	echo 1 > $guard/guard
	echo direct > $switch/xmit
	refuses fastbridge-guard inject 100 64 src=00:16:3f:00:00:01
	refuses fastbridge-guard pktgen_inject d0 100 64 00:16:3e:00:00:01 00:16:3e:00:00:02 10.1.0.1
	measure fastbridge-guard
	echo 0 > $guard/guard
}

# Lines "first-address second-address port", one a flow; the addresses are inject's.
list_flows() {
	awk -v flows="$flows" -v ports="$ports" '
		function mac(n) {
			return sprintf("00:16:3e:%02x:%02x:%02x", n / 65536, n / 256 % 256, n % 256)
		}
		BEGIN {
			for (f = 0; f < flows; f++)
				print mac(2 * f + 1), mac(2 * f + 2), 1 + f % (ports - 1)
		}'
}

# fill [WORD...]: the bridge's table, with words for each entry.
fill() {
	list_flows | awk -v words="$*" '{
		print "fdb replace", $1, "dev d0 master static", words
		print "fdb replace", $2, "dev d" $3, "master static", words
	}' > /tmp/fdb
	bridge -batch /tmp/fdb
}

# The bridge gives its ports no VLAN, for each of which the table would have an entry more.
build() {
	# The ports have nothing to say of their own.
	echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6
	modprobe bridge
	insmod "$MODULES/fastbridge.ko" fdb_max="$(at_least $((2 * flows)) 16384)"
	ip link add br0 type bridge vlan_default_pvid 0
	ip link set br0 up
	devs=''
	for number in $(seq 0 $((ports - 1))); do
		ip link add "d$number" type dummy
		ip link set "d$number" master br0 up
		cat "/sys/class/net/d$number/ifindex" >> /tmp/ifindexes
		devs="$devs d$number"
	done
	# The mirror follows what is announced while it is on.
	fastbridge_takes_over $switch
	fill
	entries=$(cat $switch/stats/fdb_entries)
	[ "$entries" -eq $((2 * flows)) ] || fail "the mirror has $entries of $((2 * flows)) addresses"
}

build
for path in $paths; do
	say "$path"
	case $path in
	fastbridge-vlan)	fastbridge_vlan; continue ;;
	fastbridge-guard)	fastbridge_guard; continue ;;
	fastbridge-*)		fastbridge "${path#*-}"; continue ;;
	esac
	echo off > $switch/mode
	case $path in
	drop)			drop ;;
	stock)			measure stock ;;
	stock-vlan)		stock_vlan ;;
	stock-br_netfilter)	stock_br_netfilter ;;
	stock-ebtables)		stock_ebtables ;;
	stock-antispoof)	stock_antispoof ;;
	tc-bpf)			tc_bpf ;;
	openvswitch)		openvswitch ;;
	*)			fail "there is no path '$path'" ;;
	esac
done
