# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2119,SC2154 # what is in lib.sh
# Delivery and what is set on single ports: flags, size, offloads.

case_isolated() {
	hello
	between h1 h2
	bridge link set dev p1 isolated on
	bridge link set dev p2 isolated on
	between h1 h2
	grew stock_egress
	remember fast_packets p1
	between h1 h3
	grew fast_packets p1
	bridge link set dev p2 isolated off
	remember fast_packets p1
	between h1 h2
	grew fast_packets p1
}

# Set in sysfs; a frame may go back where it came from.
case_hairpin() {
	hello
	exchange <<-EOF
	h1 > all src=02:00:00:00:00:0a
	EOF
	echo 1 > /sys/class/net/p1/brport/hairpin_mode
	remember fast_packets p1
	exchange <<-EOF
	h1 > 02:00:00:00:00:0a count=5
	h2 > h1 count=5
	EOF
	grew fast_packets p1
	echo 0 > /sys/class/net/p1/brport/hairpin_mode
	exchange <<-EOF
	h1 > 02:00:00:00:00:0a count=5
	h2 > h1 count=5
	EOF
	grew stock_same_port
}

# Only who is known there gets in.
case_locked() {
	hello
	ip link set p1 type bridge_slave locked on learning off
	remember fast_packets p1
	exchange <<-EOF
	h1 > h2 count=5
	EOF
	grew fast_packets p1
	exchange <<-EOF
	h1 > h2 src=02:00:00:00:00:0a count=5
	h1 > h2 src=h3 count=5
	EOF
	grew stock_source p1
	bridge fdb replace 02:00:00:00:00:0a dev p1 master static
	remember fast_packets p1
	exchange <<-EOF
	h1 > h2 src=02:00:00:00:00:0a count=5
	EOF
	grew fast_packets p1
	bridge fdb del 02:00:00:00:00:0a dev p1 master
	remember fast_packets p1
	exchange <<-EOF
	h1 > h2 src=02:00:00:00:00:0a count=5
	EOF
	stood fast_packets p1
}

# Anybody gets in, and nobody is remembered.
case_not_learning() {
	hello
	bridge link set dev p1 learning off
	remember fast_packets p1
	exchange <<-EOF
	h1 > h2 src=02:00:00:00:00:0a count=5
	h1 > h2 src=h3 count=5
	h1 > h2 src=03:00:00:00:00:0a count=2
	h1 > h2 src=00:00:00:00:00:00 count=2
	h2 > 02:00:00:00:00:0a count=2
	h2 > h3 count=2
	EOF
	grew fast_packets p1
	bridge link set dev p1 learning on
	exchange <<-EOF
	h1 > h2 src=02:00:00:00:00:0a count=5
	h2 > 02:00:00:00:00:0a count=2
	EOF
}

# What comes by the fast path keeps no entry young that the bridge does not refresh.
case_not_learning_ages() {
	ip link set br0 type bridge ageing_time $((300 * slowness))
	hello
	bridge link set dev p1 learning off
	end=$(($(date +%s) + 5 * slowness))
	while [ "$(date +%s)" -lt $end ]; do
		exchange 10 <<-EOF > /dev/null
		h1 > h2 count=5
		h2 > h3 count=5
		EOF
		sleep 0.4
	done
	bridge fdb show br br0 | grep -c '^02:00:00:00:00:01 ' || true
	bridge fdb show br br0 | grep -c '^02:00:00:00:00:02 ' || true
	grew fast_packets p1
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

# The port's device makes checksums of plain IPv4 and IPv6 only, as vifs do: those of others
# must be made before the driver.
case_checksums_of_plain_ip() {
	changes_ports
	insmod "$MODULES/plain_csum.ko" dev=p2
	rmmod plain_csum
	ethtool -k p2 | grep -E 'tx-checksum-(ipv4|ip-generic|ipv6)'
	hello
	remember fast_packets
	exchange <<-EOF
	h1 > h2 type=86dd csum options count=5
	h1 > h2 type=86dd size=1400 csum options count=5
	h1 > h2 type=86dd csum count=5
	h1 > h2 type=86dd size=5000 gso=1400 options count=3
	h1 > h2 type=86dd size=5000 gso=1400 count=3
	h1 > h2 csum count=5
	h1 > h2 type=86dd options count=5
	h1 > h2 type=86dd vlan=7 csum options count=5
	h1 > h2 type=86dd vlan=7 csum count=5
	EOF
	grew fast_packets
}

# With four queues; all that they carry goes through the NAPI of the receiver's queue of the
# same number, which counts it.
make_queues() {
	changes_ports
	ip link del p2
	ip link add p2 address 02:00:00:00:01:02 numtxqueues 4 numrxqueues 4 type veth \
		peer name e2 address 02:00:00:00:00:02 numtxqueues 4 numrxqueues 4 netns h2
	ethtool -K p2 tso off
	ip netns exec h2 ethtool -K e2 gro on
	ip link set p2 up
	ip -n h2 link set e2 up
	ip link set p2 master br0
}

# What p1 receives comes from a NAPI, as from a card.
make_napi() {
	changes_ports
	ethtool -K p1 gro on
	ip netns exec h1 ethtool -K e1 tso off
}

queues_carried() {
	ip netns exec h2 ethtool -S e2 | grep -E 'rx_queue_[0-9]_xdp_packets'
}

# Flows that differ in their VLAN.
many_flows() {
	for vlan in 1 2 3 4 5 6 7 8; do
		echo "h1 > h2 vlan=$vlan count=5"
	done | exchange
}

# The queue of a port by which a frame leaves: by the hash of its flow, or by its CPU.
case_queues() {
	make_queues
	make_napi
	hello
	remember fast_packets
	many_flows
	queues_carried
	grew fast_packets
	for queue in 0 1 2; do
		echo 2 > /sys/class/net/p2/queues/tx-$queue/xps_cpus
	done
	echo 1 > /sys/class/net/p2/queues/tx-3/xps_cpus
	remember fast_packets
	many_flows
	queues_carried
	grew fast_packets
}
