# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2119,SC2154 # what is in lib.sh
# Delivery and the state of ports and of the bridge.

# As a user sets it: disabled, listening, learning, forwarding, blocking.
case_stp_states() {
	hello
	for state in 0 1 2 4; do
		bridge link set dev p2 state $state
		between h1 h2
		ip link set p2 type bridge_slave state 3
		between h1 h2
	done
	grew stock_egress
	grew stock_ingress
	grew fast_packets
}

is_forwarding() {
	[ "$(cat "/sys/class/net/$1/brport/state")" = 3 ]
}

# As STP's timers set it.
case_stp_timers() {
	ip link set br0 down
	ip link set br0 type bridge stp_state 1 forward_delay 200
	ip link set br0 up
	hello
	wait_for 20 is_forwarding p4
	hello
	remember fast_packets
	between h1 h2
	grew fast_packets
}

case_bridge_down() {
	hello
	ip link set br0 down
	between h1 h2
	ip link set br0 up
	between h1 h2
	remember fast_packets
	between h1 h2
	grew fast_packets
}

case_egress_down() {
	hello
	bridge fdb replace 02:00:00:00:00:02 dev p2 master static
	between h1 h2
	ip link set p2 down
	between h1 h2
	grew stock_egress
	ip link set p2 up
	between h1 h2
	remember fast_packets
	between h1 h2
	grew fast_packets
}

has_carrier() {
	[ "$(cat "/sys/class/net/$1/carrier")" = "$2" ]
}

case_carrier_lost() {
	hello
	ip -n h2 link set e2 down
	wait_for 5 has_carrier p2 0
	exchange <<-EOF
	h1 > h2 count=5
	h3 > h4 count=5
	EOF
	ip -n h2 link set e2 up
	wait_for 5 is_forwarding p2
	between h1 h2
	grew fast_packets
}

case_backup_port() {
	hello
	bridge fdb replace 02:00:00:00:00:02 dev p2 master static
	ip link set p2 type bridge_slave backup_port p3
	between h1 h2
	ip -n h2 link set e2 down
	wait_for 5 has_carrier p2 0
	exchange <<-EOF
	h1 > h2 count=5
	EOF
	ip -n h2 link set e2 up
	grew stock_egress
}

case_port_leaves() {
	hello
	ip link set p2 nomaster
	between h1 h2
	ip link set p2 master br0
	between h1 h2
	remember fast_packets
	between h1 h2
	grew fast_packets
}
