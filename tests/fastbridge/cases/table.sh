# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2119,SC2154 # what is in lib.sh
# Delivery and the forwarding table: what is learned, moved, set, deleted and aged.

case_port_move() {
	hello
	exchange <<-EOF
	h2 > h1 count=5
	h3 > all src=h1
	h2 > h1 count=5
	h1 > h2 count=5
	h2 > h1 count=5
	EOF
	grew stock_source
	remember fast_packets
	between h1 h2
	grew fast_packets
}

# One address on two ports, as in a loop or an attack.
case_flapping() {
	hello
	for turn in 1 2 3 4 5 6; do
		echo "h1 > h4 src=02:00:00:00:00:0a size=6$turn"
		echo "h2 > 02:00:00:00:00:0a size=7$turn"
		echo "h3 > h4 src=02:00:00:00:00:0a size=8$turn"
		echo "h2 > 02:00:00:00:00:0a size=9$turn"
	done > "$work/turns"
	exchange < "$work/turns"
	grew fast_packets
}

case_flush_port() {
	hello
	between h1 h2
	ip link set p2 type bridge_slave fdb_flush
	exchange <<-EOF
	h1 > h2 count=5
	h1 > h3 count=5
	EOF
	grew stock_destination
	grew fast_packets
}

case_flush_bridge() {
	hello
	ip link set br0 type bridge fdb_flush
	remember stock_destination
	exchange <<-EOF
	h1 > h2 count=5
	EOF
	between h1 h2
	grew stock_destination
	echo 1 > /sys/class/net/br0/bridge/flush
	between h1 h2
}

# Who has seen frames of the streams that were for another.
traffic_astray() {
	traffic_stop > "$work/stopped"
	sed 's/\(h. h.\) sent .* \(astray .*\)/\1 \2/' "$work/stopped"
}

# A second of ageing, or several: whoever talks stays known for three times as long, so
# that nobody else sees a frame of theirs; whoever is silent is forgotten, and the frames
# to him are flooded.
case_ageing() {
	ip link set br0 type bridge ageing_time $((100 * slowness))
	hello
	remember fast_packets
	traffic_start h1 h2 h2 h1
	sleep $((3 * slowness)).5
	traffic_astray
	exchange <<-EOF
	h1 > h2 count=5
	h1 > h3 count=5
	EOF
	grew fast_packets
	grew stock_refresh
}

# The same when only then is the time made short.
case_ageing_shortened() {
	hello
	traffic_start h1 h2 h2 h1
	sleep "$slowness"
	ip link set br0 type bridge ageing_time $((100 * slowness))
	sleep $((3 * slowness))
	traffic_astray
	grew fast_packets
}

case_learning_off() {
	ip link set p1 type bridge_slave learning off
	hello
	between h1 h2
	exchange <<-EOF
	h2 > h3 count=5
	EOF
	stood stock_source p1
	ip link set p1 type bridge_slave learning on
	between h1 h2
	remember fast_packets
	between h1 h2
	grew fast_packets
}

# Entries that a user adds, moves and deletes. For dynamic ones the bridge tells nobody
# but those who monitor it.
case_user_dynamic() {
	hello
	for port in p3 p4; do
		bridge fdb replace 02:00:00:00:00:0a dev $port master dynamic
		exchange <<-EOF
		h1 > 02:00:00:00:00:0a count=5
		EOF
	done
	grew fast_packets
	bridge fdb del 02:00:00:00:00:0a dev p4 master
	exchange <<-EOF
	h1 > 02:00:00:00:00:0a count=5
	EOF
}

case_user_deletes_learned() {
	hello
	between h1 h2
	bridge fdb del 02:00:00:00:00:02 dev p2 master
	exchange <<-EOF
	h1 > h2 count=5
	EOF
	grew stock_destination
}

case_user_moves_learned() {
	hello
	between h1 h2
	bridge fdb replace 02:00:00:00:00:02 dev p3 master dynamic
	exchange <<-EOF
	h1 > h2 count=5
	h2 > h1 count=5
	h1 > h2 count=5
	EOF
	grew fast_packets
}

# The address is then heard on another port, which moves it, unless it is sticky.
case_static() {
	hello
	bridge fdb replace 02:00:00:00:00:01 dev p3 master static
	exchange <<-EOF
	h2 > h1 count=5
	h1 > h4 count=5
	h2 > h1 count=5
	EOF
	grew fast_packets
	bridge fdb replace 02:00:00:00:00:01 dev p3 master static sticky
	exchange <<-EOF
	h2 > h1 count=5
	h1 > h4 count=5
	h2 > h1 count=5
	EOF
}

# Addresses that are the host's own.
case_local() {
	hello
	bridge fdb add 02:00:00:00:00:0a dev p3 master local
	bridge fdb add 02:00:00:00:00:0b dev br0 self local
	exchange <<-EOF
	h1 > 02:00:00:00:00:0a count=5
	h1 > 02:00:00:00:00:0b count=5
	EOF
	bridge fdb replace 02:00:00:00:00:02 dev p2 master local
	between h1 h2
	grew stock_destination
}

# An address that hosts talk to becomes the host's own, and the old one of the bridge
# is nobody's.
case_address_changed() {
	hello
	bridge fdb replace 02:00:00:00:00:0a dev p3 master dynamic
	exchange <<-EOF
	h1 > 02:00:00:00:00:0a count=5
	EOF
	ip link set br0 address 02:00:00:00:00:0a
	exchange <<-EOF
	h1 > 02:00:00:00:00:0a count=5
	h1 > br0 count=5
	EOF
	ip link set br0 address 02:00:00:00:01:00
	exchange <<-EOF
	h1 > 02:00:00:00:00:0a count=5
	h1 > br0 count=5
	EOF
	grew fast_packets
}
