# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2119,SC2154 # what is in lib.sh
# Delivery by address: who gets what.

case_unicast() {
	hello
	remember fast_packets
	between h1 h2
	between h3 h4
	grew fast_packets
}

# The fast path begins with a table that the bridge filled while the mode was off.
case_switched_on_late() {
	mode_off
	hello
	mode_on
	between h1 h2
	sleep 0.2
	remember fast_packets
	between h1 h2
	grew fast_packets
}

case_unknown() {
	hello
	remember stock_destination
	exchange <<-EOF
	h1 > 02:00:00:00:00:99 count=5
	h2 > 02:00:00:00:00:99 count=5
	EOF
	grew stock_destination
}

case_group() {
	hello
	exchange <<-EOF
	h1 > all count=5
	h1 > 01:00:5e:01:01:01 count=5
	h1 > 33:33:00:00:00:01 type=86dd count=5
	h1 > 01:00:0c:cc:cc:cc type=88b5 count=5
	EOF
	grew stock_group
}

case_snooped_group() {
	ip link set br0 type bridge mcast_snooping 1
	bridge mdb add dev br0 port p2 grp 03:00:00:00:00:01 permanent
	hello
	exchange <<-EOF
	h1 > 03:00:00:00:00:01 type=88b5 count=5
	h1 > h2 count=5
	EOF
	grew fast_packets
}

case_flood_flags() {
	bridge link set dev p4 flood off
	bridge link set dev p3 mcast_flood off
	bridge link set dev p2 bcast_flood off
	hello
	exchange <<-EOF
	h1 > 02:00:00:00:00:99 count=3
	h1 > 01:00:5e:01:01:01 count=3
	h1 > all count=3
	h1 > h4 count=5
	EOF
	grew fast_packets
}

# STP, pause frames, LLDP: bridges consume them, unless told otherwise.
case_link_local() {
	hello
	for last in 00 01 0e; do
		echo "h1 > 01:80:c2:00:00:$last type=88b5 count=2"
	done > "$work/frames_local"
	exchange < "$work/frames_local"
	ip link set br0 type bridge group_fwd_mask 0x4000
	exchange < "$work/frames_local"
	grew stock_group
}

case_to_the_host() {
	hello
	exchange <<-EOF
	h1 > br0 count=3
	h1 > p1 count=3
	h1 > p2 count=3
	EOF
	grew stock_destination
}

case_from_the_hosts_addresses() {
	hello
	exchange <<-EOF
	h1 > h2 src=br0 count=3
	h1 > h2 src=p1 count=3
	h1 > h2 src=p2 count=3
	EOF
	between h1 h2
	grew stock_source
}

case_promiscuous_bridge() {
	hello
	ip link set br0 promisc on
	between h1 h2
	grew stock_promisc
	ip link set br0 promisc off
	remember fast_packets
	between h1 h2
	grew fast_packets
}

# To where it came from: such a frame goes nowhere.
case_same_port() {
	hello
	exchange <<-EOF
	h1 > all src=02:00:00:00:00:0a
	h1 > 02:00:00:00:00:0a count=5
	h1 > h1 src=02:00:00:00:00:0a count=5
	EOF
	grew stock_same_port
}

case_two_bridges() {
	at_end 'ip link del br1; ip link del x1'
	changes_ports
	ip -batch - <<-EOF
	link add br1 type bridge mcast_snooping 0
	link add x1 type veth peer name x2
	link set x1 master br0 up
	link set x2 master br1 up
	link set p4 master br1
	link set br1 up
	EOF
	mode_on br1
	hello
	between h1 h4
	remember fast_packets
	between h1 h4
	grew fast_packets
	grew fast_packets x2
}

# What the devices count, for those who bill by it.
case_device_counters() {
	changes_ports
	ports_remove
	ports_make
	for n in 1 2 3 4; do
		ip link set p$n master br0
	done
	hello
	between h1 h2
	for dev in p1 p2 p3; do
		for name in rx_packets rx_bytes tx_packets tx_bytes tx_dropped; do
			echo "$dev $name $(dev_counter $dev $name)"
		done
	done
	grew fast_packets
}
