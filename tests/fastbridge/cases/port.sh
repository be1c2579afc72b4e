# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2119,SC2154 # what is in lib.sh
# Delivery and what is set on single ports: flags, VLANs, size, offloads.

case_isolated() {
	hello
	between h1 h2
	bridge link set dev p1 isolated on
	bridge link set dev p2 isolated on
	between h1 h2
	between h1 h3
	bridge link set dev p2 isolated off
	between h1 h2
	grew stock_ingress
	grew fast_packets
}

# Set in sysfs; a frame may go back where it came from.
case_hairpin() {
	hello
	exchange <<-EOF
	h1 > all src=02:00:00:00:00:0a
	EOF
	echo 1 > /sys/class/net/p1/brport/hairpin_mode
	exchange <<-EOF
	h1 > 02:00:00:00:00:0a count=5
	h2 > h1 count=5
	EOF
	echo 0 > /sys/class/net/p1/brport/hairpin_mode
	exchange <<-EOF
	h1 > 02:00:00:00:00:0a count=5
	h2 > h1 count=5
	EOF
	grew stock_ingress
}

case_locked() {
	hello
	ip link set p1 type bridge_slave locked on learning off
	exchange <<-EOF
	h1 > h2 count=5
	h1 > h2 src=02:00:00:00:00:0a count=5
	h1 > h2 src=h3 count=5
	EOF
	bridge fdb replace 02:00:00:00:00:0a dev p1 master static
	exchange <<-EOF
	h1 > h2 src=02:00:00:00:00:0a count=5
	EOF
	grew stock_ingress
}

arp_request() {
	echo "hex=ffffffffffff02000000000108060001080006040001020000000001" \
		"0a0000010000000000000a000002" | tr -d ' '
}

# The bridge answers for h2. Neighbour discovery may come as unicast too.
case_neigh_suppress() {
	hello
	ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev br0 nud permanent
	bridge link set dev p2 neigh_suppress on
	exchange <<-EOF
	h1 > all $(arp_request)
	h1 > h2 type=86dd count=5
	h1 > h2 count=5
	EOF
	grew stock_protocol
	bridge link set dev p2 neigh_suppress off
	remember stock_protocol
	exchange <<-EOF
	h1 > all $(arp_request)
	EOF
	exchange <<-EOF
	h1 > h2 type=86dd count=5
	EOF
	stood stock_protocol
	grew fast_packets
}

# Tags pass a bridge that does not look at them.
case_vlan_tagged() {
	hello
	exchange <<-EOF
	h1 > h2 vlan=5 count=5
	h1 > h2 vlan=0 count=5
	h1 > all vlan=5 count=2
	h1 > 02:00:00:00:00:99 vlan=5 count=2
	h1 > h2 type=88a8 count=5
	EOF
	grew stock_vlan
}

case_vlan_filtering() {
	ip link set br0 type bridge vlan_filtering 1
	bridge vlan add dev p1 vid 5
	bridge vlan add dev p2 vid 5
	bridge vlan add dev p3 vid 5 pvid untagged
	hello
	between h1 h2
	between h1 h3
	exchange <<-EOF
	h1 > h2 vlan=5 count=5
	h1 > h3 vlan=5 count=5
	h1 > h4 vlan=5 count=5
	h1 > h2 vlan=6 count=5
	EOF
	grew stock_vlan
	stood fast_packets
}

case_vlan_filtering_switched() {
	bridge vlan del dev p2 vid 1
	hello
	between h1 h2
	traffic_start h1 h2 h3 h4
	sleep 0.2
	ip link set br0 type bridge vlan_filtering 1
	between h1 h2
	echo 0 > /sys/class/net/br0/bridge/vlan_filtering
	between h1 h2
	echo 1 > /sys/class/net/br0/bridge/vlan_filtering
	between h1 h2
	ip link set br0 type bridge vlan_filtering 0
	between h1 h2
	traffic_stop > /dev/null
	grew stock_vlan
	grew fast_packets
}

# The host's own device takes its frames before the bridge sees them.
case_vlan_device_on_port() {
	changes_ports
	at_end 'ip link del p1.5'
	ip link add link p1 name p1.5 type vlan id 5
	ip link set p1.5 up
	hello
	between h1 h2
	exchange <<-EOF
	h1 > h2 vlan=5 count=5
	h1 > h2 vlan=6 count=5
	h1 > p1 vlan=5 count=5
	EOF
	grew fast_packets
}

case_vlan_device_as_port() {
	changes_ports
	at_end 'ip link del v5'
	ip link set p3 nomaster
	ip link add link p3 name v5 type vlan id 5
	ip link set v5 master br0 up
	exchange <<-EOF
	h1 > all
	h3 > all vlan=5
	h1 > h3 count=5
	h3 > h1 vlan=5 count=5
	h3 > h1 count=5
	h1 > h3 size=3000 gso=1000 count=3
	EOF
	grew fast_packets
}

# 1000 bytes and the Ethernet header fit, and four more for a tag that might be there.
case_mtu() {
	changes_ports
	ip link set p2 mtu 1000
	hello
	exchange <<-EOF
	h1 > h2 size=1014 count=3
	h1 > h2 size=1018 count=3
	h1 > h2 size=1019 count=3
	h1 > h2 size=1400 count=3
	h1 > h2 size=4000 gso=900 count=3
	h1 > h2 size=4000 gso=1400 count=3
	EOF
	grew stock_mtu
	grew fast_packets
}

case_jumbo() {
	changes_ports
	for n in 1 3; do
		ip link set p$n mtu 9000
		ip -n h$n link set e$n mtu 9000
	done
	hello
	exchange <<-EOF
	h1 > h3 size=9000 count=3
	h1 > h2 size=9000 count=3
	h1 > h2 size=1514 count=3
	EOF
	grew stock_mtu
	grew fast_packets
}

case_large_segments() {
	hello
	remember fast_packets
	exchange <<-EOF
	h1 > h2 size=5000 gso=1400 count=3
	h1 > h2 size=60054 gso=1448 count=3
	h1 > h2 csum count=3
	EOF
	grew fast_packets
}

# Then the segments and the checksums must be made before the driver.
case_no_offloads() {
	changes_ports
	ethtool -K p2 tx off sg off tso off gso off > /dev/null 2>&1
	ethtool -k p2 | grep -E '^tcp-segmentation-offload|^tx-checksumming'
	hello
	remember fast_packets
	exchange <<-EOF
	h1 > h2 size=5000 gso=1400 count=3
	h1 > h2 size=60054 gso=1448 count=3
	h1 > h2 csum count=3
	h1 > h2 size=1400 csum count=3
	EOF
	grew fast_packets
}
