# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2119,SC2154 # what is in lib.sh
# Delivery of frames that are out of the ordinary.

case_ethertypes() {
	hello
	for type in 0800 86dd 88b5 0806 8035 8902 88e3 888e 88cc 8847 9000 8137 0060; do
		echo "h1 > h2 type=$type count=3"
	done | exchange
	grew fast_packets
	grew stock_protocol
}

case_arp() {
	exchange <<-EOF
	h1 > all hex=ffffffffffff020000000001080600010800060400010200000000010a0000010000000000000a000002
	h2 > h1 hex=020000000001020000000002080600010800060400020200000000020a0000020200000000010a000001
	EOF
	between h1 h2
	grew stock_protocol
	grew fast_packets
}

# From one header alone to one byte less than the smallest frame.
case_runts() {
	hello
	for size in 14 15 17 18 33 34 42 59; do
		echo "h1 > h2 size=$size count=3"
		echo "h1 > 02:00:00:00:00:99 size=$size"
	done > "$work/runts"
	exchange < "$work/runts"
	grew fast_packets
}

case_oversized() {
	changes_ports
	ip -n h1 link set e1 mtu 9000
	hello
	exchange <<-EOF
	h1 > h2 size=1514
	h1 > h2 size=1515
	h1 > h2 size=1518
	h1 > h2 size=1519
	h1 > h2 size=9014
	h1 > h2 size=1518 vlan=5
	h1 > h2 size=1519 vlan=5
	EOF
	grew fast_packets
}

# The source is a group, everyone, nobody, or the destination.
case_odd_sources() {
	hello
	for source in 01:00:5e:00:00:01 03:00:00:00:00:01 ff:ff:ff:ff:ff:ff \
			00:00:00:00:00:00 h2; do
		echo "h1 > h2 src=$source count=3"
		echo "h1 > all src=$source count=3"
		echo "h3 > $source count=3"
	done > "$work/odd"
	exchange < "$work/odd"
	between h1 h2
	grew stock_source
}

# Headers that lie: IPv4 of version 15, with 0 and 15 words, longer and shorter than the
# frame, cut to one byte; a tag with nothing behind it; IPv6 and a length with no content.
case_malformed() {
	hello
	addresses=020000000002020000000001
	for rest in 0800f5000014 08004000001400000000 08004f000014000000004011 \
			0800450005dc0000000040110000 0800450000010000000040110000 \
			080045 8100 81000005 8100000508 86dd60 86dd6000ffff 05dc 000000; do
		echo "h1 > h2 hex=$addresses$rest count=3"
	done | exchange
	grew fast_packets
}
