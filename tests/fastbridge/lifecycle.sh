#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2119 # arguments that may be left out
# Loading, switching and unloading under traffic, and ports and bridges that come and go.
# The host's log is part of the judgement: bench/kernelhost fails on any complaint in it.
# shellcheck source=tests/fastbridge/lib.sh
. "$FILES/fastbridge/lib.sh"
set -eu

way=auto

# Streams from both emulated CPUs, each way between two pairs of hosts.
all_traffic() {
	hello
	traffic_start h1 h2 h2 h1 h3 h4 h4 h3
	sleep 0.5
}

# Memory of the kernel that nobody but it can free, in kB.
kernel_memory() {
	awk '/^(SUnreclaim|Percpu|VmallocUsed):/ { sum += $2 } END { print sum }' /proc/meminfo
}

# The measure for the others: what the stock bridge makes of the same traffic.
case_stock_traffic() {
	unload
	at_end load
	all_traffic
	sleep 5
	traffic_intact
}

case_forwards_all() {
	all_traffic
	remember fast_packets
	sleep 2
	grew fast_packets
	traffic_intact
}

# The module goes while it forwards. In the end it has left nothing behind; a kernel with
# kmemleak keeps notes of all that was ever allocated, and judges this itself.
case_reload() {
	unload
	at_end load
	all_traffic
	"$work/frames" reload $((repetitions / 20)) "$work/fastbridge.ko" fastbridge \
		$switches/mode auto
	before=$(kernel_memory)
	"$work/frames" reload $((repetitions - repetitions / 20)) "$work/fastbridge.ko" \
		fastbridge $switches/mode auto
	grown=$(($(kernel_memory) - before))
	traffic_intact
	echo "the kernel's memory has grown by $grown kB"
	has_kmemleak || [ $grown -lt 2000 ] || wrong "memory is lost"
}

case_toggle_mode() {
	all_traffic
	"$work/frames" toggle "$repetitions" $switches/mode off auto bypass off bypass auto
	traffic_intact
	echo auto > $switches/mode
	grew fast_packets
}

# rule_all HOOK POLICY: for all frames that the bridge forwards.
rule_all() {
	nft -f - <<-EOF
	table bridge t {
		chain c {
			type filter hook $1 priority 0; policy $2;
		}
	}
	EOF
}

# bypassed HOOK POLICY: each frame goes past the rules, and whoever talks stays known to the
# bridge for three times as long as it remembers those who do not. Nobody else gets a frame
# for it, not even the talker himself, to whom his port may send his own.
bypassed() {
	at_end 'nft delete table bridge t'
	echo bypass > $switches/mode
	echo 1 > /sys/class/net/p1/brport/hairpin_mode
	hello
	traffic_start h1 h2 h2 h1
	rule_all "$@"
	sleep "0.$slowness"
	remember stock_refresh
	remember stock_source
	remember fast_packets
	ip link set br0 type bridge ageing_time $((200 * slowness))
	sleep $((6 * slowness))
	bridge fdb show br br0 > "$work/table"
	traffic_intact
	stood stock_refresh
	stood stock_source
	grew fast_packets
	for n in 1 2; do
		grep -q "^02:00:00:00:00:0$n dev p$n " "$work/table" ||
			wrong "the bridge has forgotten h$n"
	done
	! grep '^02:00:00:00:00:03 ' "$work/table" || wrong "the bridge remembers h3"
}

case_bypass_past_prerouting() {
	bypassed prerouting drop
}

case_bypass_past_forward() {
	bypassed forward drop
}

case_bypass_past_accepting() {
	bypassed forward accept
}

case_bypass_in_vlan() {
	ip link set br0 type bridge vlan_filtering 1
	bypassed prerouting drop
}

case_toggle_xmit() {
	all_traffic
	"$work/frames" toggle "$repetitions" $switches/xmit queue direct
	traffic_intact
	grew fast_packets
}

# Two who write and one who unloads: a write may fail then, and that is all.
case_unload_while_written() {
	at_end 'load || true'
	for turn in 1 2 3 4 5 6 7 8 9 10; do
		{ "$work/frames" toggle "$repetitions" $switches/mode off auto 2> /dev/null || true; } &
		{ "$work/frames" toggle "$repetitions" $switches/xmit queue direct 2> /dev/null || true; } &
		sleep 0.1
		unload || wrong "cannot unload, turn $turn"
		wait
		load
	done
}

# Hosts 1 and 2 must not notice what is done to the ports of 3 and 4.
two_hosts_traffic() {
	hello
	traffic_start h1 h2 h2 h1
	sleep 0.3
}

case_ports_come_and_go() {
	changes_ports
	two_hosts_traffic
	for turn in 1 2 3 4 5 6 7 8 9 10; do
		ip link set p4 nomaster
		ip link del p3
		ip link set p4 master br0
		ip link add p3 type veth peer name e3 netns h3
		ip link set p3 master br0 up
		ip -n h3 link set e3 up
		exchange > /dev/null <<-EOF
		h3 > h4
		h4 > all
		h3 > h4 count=5
		EOF
	done
	between h3 h4
	remember fast_packets p3
	between h3 h4
	grew fast_packets p3
	traffic_intact
}

case_carrier_flaps() {
	two_hosts_traffic
	for turn in 1 2 3 4 5 6 7 8 9 10; do
		ip -n h4 link set e4 down
		ip link set p3 down
		exchange > /dev/null <<-EOF
		h1 > h3 count=3
		h2 > h4 count=3
		EOF
		ip -n h4 link set e4 up
		ip link set p3 up
	done
	traffic_intact
	grew fast_packets
}

# A port that talks is taken away, and the traffic to it with it.
case_talking_port_leaves() {
	changes_ports
	two_hosts_traffic
	for turn in 1 2 3 4 5 6 7 8 9 10; do
		ip link set p2 nomaster
		ip link set p2 master br0
		sleep 0.1
	done
	ip link del p2
	traffic_stop
	[ "$(counter fdb_entries)" -le 4 ] || wrong "addresses of ports that are gone"
}

case_port_renamed() {
	changes_ports
	two_hosts_traffic
	ip link set p4 down
	ip link set p4 name q4
	ip link set q4 up
	between h1 h4
	remember fast_packets q4
	between h1 h4
	grew fast_packets q4
	ip link set q4 down
	ip link set q4 name p4
	ip link set p4 up
	between h1 h4
	traffic_intact
}

# A bridge can be renamed only while it is down.
case_bridge_renamed() {
	at_end 'ip link set br9 name br0 2> /dev/null || true'
	hello
	ip link set br0 down
	ip link set br0 name br9
	[ "$(cat /sys/class/net/br9/fastbridge/mode)" = auto ] || wrong "no switches any more"
	ip link set br9 up
	ip link set br9 down
	ip link set br9 name br0
	ip link set br0 up
	hello
	remember fast_packets
	between h1 h2
	grew fast_packets
}

case_port_changes_namespace() {
	changes_ports
	two_hosts_traffic
	for turn in 1 2 3 4 5; do
		ip link set p4 netns h3
		[ ! -e /sys/class/net/p4 ] || wrong "p4 is still here"
		ip -n h3 link set p4 netns "/proc/$$/ns/net"
		ip link set p4 master br0 up
	done
	wait_for 5 grep -q 3 /sys/class/net/p4/brport/state
	between h1 h4
	remember fast_packets p4
	between h1 h4
	grew fast_packets p4
	traffic_intact
}

# A whole namespace ends, with a bridge in it that is on.
case_namespace_ends() {
	two_hosts_traffic
	for turn in 1 2 3 4 5; do
		ip netns add n
		ip netns exec n sh -eu <<-'EOF'
		ip link add br1 type bridge
		ip link add x1 type veth peer name y1
		ip link set x1 master br1 up
		ip link set br1 up
		echo auto > /sys/class/net/br1/fastbridge/mode
		EOF
		ip netns del n
	done
	traffic_intact
}

case_bridge_deleted() {
	two_hosts_traffic
	for turn in 1 2 3 4 5; do
		ip link del br0
		bridge_make
		mode_on
		sleep 0.2
	done
	traffic_stop
	hello
	remember fast_packets
	between h1 h2
	grew fast_packets
}

# Somebody who is told after us that a device joins forbids it, and nobody says so. It joins
# later, or goes, and another one gets its number, and joins.
case_joining_is_forbidden() {
	at_end 'ip link del d9; rmmod veto 2> /dev/null || true'
	insmod "$MODULES/veto.ko" dev=d9
	ip link add d9 index 1009 type dummy
	! ip link set d9 master br0 || wrong "it may join"
	rmmod veto
	ip link set d9 master br0
	[ -d /sys/class/net/d9/fastbridge_port ] || wrong "it may join and stays a stock port"
	ip link set d9 nomaster
	insmod "$MODULES/veto.ko" dev=d9
	! ip link set d9 master br0 || wrong "it may join again"
	rmmod veto
	sleep 1
	ip link del d9
	ip link add d9 index 1009 type dummy
	ip link set d9 master br0
	[ -d /sys/class/net/d9/fastbridge_port ] || wrong "it stays a stock port"
	ip link set d9 nomaster
	[ ! -e /sys/class/net/d9/fastbridge_port ] || wrong "it still is a port"
}

# A guest makes up addresses without end. The mirror takes what it has room for, leaves
# room for the others, and gives back what it took.
case_address_flood() {
	two_hosts_traffic
	"$work/frames" flood h4 h1 $((100 * repetitions))
	limit=$(cat /sys/module/fastbridge/parameters/fdb_max)
	entries=$(counter fdb_entries)
	echo "$entries entries of $limit, $(counter fdb_refused) refused"
	[ "$entries" -le "$limit" ] || wrong "the table has no limit"
	[ "$(counter fdb_refused)" -gt 0 ] || wrong "all those addresses fill nothing"
	exchange <<-EOF
	h3 > all src=02:00:00:00:00:0a
	h1 > 02:00:00:00:00:0a count=5
	EOF
	remember fast_packets p3
	exchange <<-EOF
	h3 > h1 src=02:00:00:00:00:0a count=5
	EOF
	grew fast_packets p3
	traffic_intact
	ip link set br0 type bridge fdb_flush
	[ "$(counter fdb_entries)" -le 4 ] || wrong "$(counter fdb_entries) entries stay"
}

# After a flood: all is as it was.
flood_over() {
	flood_stop
	hello
	remember fast_packets
	between h1 h2
	between h3 h4
	grew fast_packets
}

# port_anew N: the device is made anew, with its host, and joins.
port_anew() {
	ip link add "p$1" address "02:00:00:00:01:0$1" type veth \
		peer name "e$1" address "02:00:00:00:00:0$1" netns "h$1"
	ip link set "p$1" master br0 up
	ip -n "h$1" link set "e$1" up
}

# The ports that are flooded go, and come, and those that flood; at last a device that does.
case_flooded_ports_come_and_go() {
	changes_ports
	flood_start p1 1 2 p3 3 4
	for turn in 1 2 3 4 5 6 7 8 9 10; do
		ip link del p2
		ip link set p4 nomaster
		port_anew 2
		ip link set p4 master br0
		ip link set p3 nomaster
		exchange 0 > /dev/null <<-EOF
		h2 > all
		h4 > all
		EOF
		ip link set p3 master br0
	done
	ip link del p3
	port_anew 3
	flood_over
}

case_flooded_reload() {
	flood_start p1 1 2 p3 3 4
	unload
	at_end 'load || true'
	"$work/frames" reload $((repetitions / 20)) "$work/fastbridge.ko" fastbridge \
		$switches/mode auto
	load
	mode_on
	flood_over
}

# The frames in the hook of a guarded port look at the bridge's mode while it goes away.
case_flooded_guards_unload() {
	flood_start p1 1 2 p3 3 4
	at_end 'load || true'
	for turn in 1 2 3 4 5 6 7 8 9 10; do
		for dev in p1 p3; do
			echo 1 > /sys/class/net/$dev/fastbridge_port/guard
		done
		mode_off
		unload
		load
		mode_on
	done
	flood_over
}

case_flooded_switches() {
	flood_start p1 1 2 p3 3 4
	for turn in 1 2 3 4 5 6 7 8 9 10; do
		for change in 'vlan_filtering 1' 'vlan_filtering 0' fdb_flush; do
			# shellcheck disable=SC2086 # two words
			ip link set br0 type bridge $change
			"$work/frames" toggle 6 $switches/mode off auto
			"$work/frames" toggle 6 $switches/xmit queue direct
		done
	done
	flood_over
}

# A tunnel's device is a port of the bridge by which the tunnel's own packets go. With the first
# frame it looks for its other end, by all ports, itself among them, while it holds its lock.
case_tunnel_through_its_bridge() {
	at_end 'ip l2tp del tunnel tunnel_id 1; ip address flush dev br0'
	modprobe -a l2tp_eth l2tp_ip
	ip address add 10.9.0.1/24 dev br0
	ip l2tp add tunnel tunnel_id 1 peer_tunnel_id 1 encap ip local 10.9.0.1 remote 10.9.0.2
	ip l2tp add session name t0 tunnel_id 1 session_id 1 peer_session_id 1
	ip link set t0 master br0 up
	bridge fdb replace 02:00:00:00:00:99 dev t0 master static
	hello
	for _ in first second; do
		ip neigh flush dev br0
		remember fast_packets
		echo 'h1 > 02:00:00:00:00:99 count=5' | exchange
		grew fast_packets
	done
}

# A namespace ends whose bridge forwards what a port of ours, that goes with it, lets in.
case_flooded_namespace_ends() {
	flood_start p1 1 2 p3 3 4
	for turn in 1 2 3 4 5; do
		ip netns add n
		ip link add y1 type veth peer name x1 netns n
		ip netns exec n sh -eu <<-'EOF'
		ip link add br1 type bridge
		ip link add x2 type veth peer name y2
		ip link set x1 master br1 up
		ip link set x2 master br1 up
		ip link set y2 up
		ip link set br1 up
		echo direct > /sys/class/net/br1/fastbridge/xmit
		echo auto > /sys/class/net/br1/fastbridge/mode
		bridge fdb add 02:00:00:00:00:01 dev x1 master static
		bridge fdb add 02:00:00:00:00:02 dev x2 master static
		EOF
		ip link set y1 master br0 up
		bridge fdb replace 02:00:00:00:00:02 dev y1 master static
		wait_for 30 ip netns exec n \
			grep -q '[0-9][0-9]' /sys/class/net/br1/fastbridge/stats/fast_packets ||
			wrong "nothing was forwarded in the namespace, turn $turn"
		ip netns del n
		wait_for 60 [ ! -e /sys/class/net/y1 ] || wrong "y1 stays, turn $turn"
	done
	flood_over
}

prepare
load
[ $# -gt 0 ] || cases=$(cases_of "$FILES/fastbridge/lifecycle.sh")
for name in ${cases-"$@"}; do
	run_alone lifecycle "$name"
done
unload
finish lifecycle
