# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2119,SC2154 # what is in lib.sh
# Delivery and VLANs.

# Long enough for the fast path to have asked the bridge what it was in doubt of.
settle() {
	! is_on || sleep 0.2
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
	remember fast_packets
	exchange <<-EOF
	h1 > h2 vlan=5 count=5
	h1 > h2 vlan=0 count=5
	h1 > h2 vlan=0xe005 count=5
	h1 > h2 vlan=5 tpid=88a8 count=5
	h1 > h2 vlan=5 type=8100 count=5
	h1 > h2 vlan=5 size=5000 gso=1400 count=3
	h1 > h2 vlan=5 csum count=3
	EOF
	grew fast_packets
}

# A device that cannot put tags into frames gets them with the tag in place.
case_vlan_no_offloads() {
	changes_ports
	ethtool -K p2 txvlan off tx-vlan-stag-hw-insert off > /dev/null 2>&1
	ethtool -k p2 | grep -E '^tx-vlan.*offload|^tx-vlan-stag'
	hello
	remember fast_packets
	exchange <<-EOF
	h1 > h2 vlan=5 count=5
	h1 > h2 vlan=5 size=5000 gso=1400 count=3
	h1 > h2 vlan=5 csum count=3
	h1 > h2 vlan=5 tpid=88a8 count=3
	EOF
	grew fast_packets
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
	settle
	remember fast_packets
	between h1 h2
	exchange <<-EOF
	h1 > h2 vlan=5 count=5
	h1 > h2 vlan=0xe005 count=5
	h1 > h3 vlan=5 count=5
	h3 > h1 count=5
	h1 > h2 vlan=0 count=5
	h1 > h2 vlan=1 count=5
	h1 > h2 vlan=6 count=5
	h1 > h2 vlan=4095 count=5
	h1 > h3 vlan=5 size=5000 gso=1400 count=3
	h3 > h1 size=5000 gso=1400 count=3
	h3 > h1 csum count=3
	EOF
	grew fast_packets
	grew fast_packets p1
	grew fast_packets p3
}

# One address in two VLANs, on two ports.
case_vlan_same_address() {
	ip link set br0 type bridge vlan_filtering 1
	for n in 1 2 3; do
		bridge vlan add dev p$n vid 5
	done
	exchange <<-EOF
	h1 > all
	h1 > all vlan=5
	h2 > all src=02:00:00:00:00:0a
	h3 > all src=02:00:00:00:00:0a vlan=5
	EOF
	settle
	remember fast_packets p1
	exchange <<-EOF
	h1 > 02:00:00:00:00:0a count=5
	h1 > 02:00:00:00:00:0a vlan=5 count=5
	EOF
	grew fast_packets p1
}

# Members, PVIDs and states come and go; what was there before the fast path counts, too.
case_vlan_changes() {
	mode_off
	ip link set br0 type bridge vlan_filtering 1
	for n in 1 2 3; do
		bridge vlan add dev p$n vid 2-9
	done
	bridge vlan set dev p2 vid 7 state blocking
	bridge vlan set dev p3 vid 8 state learning
	mode_on
	vlan_frames
	settle
	remember fast_packets p1
	vlan_frames
	grew fast_packets p1
	for change in 'add dev p1 vid 5 pvid untagged' 'add dev p1 vid 6 pvid' \
		'del dev p2 vid 6' 'add dev p1 vid 1 pvid untagged' \
		'set dev p2 vid 7 state forwarding' 'set dev p1 vid 5 state disabled' \
		'add dev p2 vid 5 untagged' 'set dev p1 vid 5 state forwarding' \
		'del dev p1 vid 1' 'add dev p2 vid 100-200' 'add dev p1 vid 100-199' \
		'del dev p1 vid 150-160'; do
		echo "$change"
		# shellcheck disable=SC2086 # words
		bridge vlan $change
		vlan_frames
	done
	ip link set br0 type bridge vlan_default_pvid 9
	vlan_frames
	ip link set br0 type bridge vlan_default_pvid 0
	vlan_frames
}

# Between the VLANs that case_vlan_changes plays with, in the order of arrival.
vlan_frames() {
	{
		for from in h1 h2; do
			echo "$from > all"
			for vlan in 1 5 6 7 8 9 100 155 199 200; do
				echo "$from > all vlan=$vlan"
			done
		done
		for vlan in 1 5 6 7 8 9 100 155 199 200; do
			echo "h1 > h2 vlan=$vlan count=2"
			echo "h2 > h1 vlan=$vlan count=2"
		done
		echo "h1 > h2 count=3"
		echo "h2 > h1 count=3"
	} | exchange
}

# A provider's bridge: customers' tags are payload.
case_vlan_8021ad() {
	ip link set br0 type bridge vlan_filtering 1 vlan_protocol 802.1ad
	bridge vlan add dev p2 vid 5
	bridge vlan add dev p1 vid 5
	bridge vlan add dev p3 vid 5 pvid untagged
	hello
	frames='h1 > h2 count=3
		h1 > h2 vlan=5 count=3
		h1 > h2 vlan=5 tpid=88a8 count=3
		h1 > h2 vlan=5 tpid=88a8 type=8100 count=3
		h1 > h3 vlan=5 tpid=88a8 count=3
		h1 > h3 vlan=5 tpid=88a8 type=8100 count=3
		h3 > h1 count=3
		h3 > h1 vlan=5 count=3
		h3 > h1 size=5000 gso=1400 count=3'
	exchange <<-EOF
	h1 > all
	h1 > all vlan=5 tpid=88a8
	h3 > all
	EOF
	echo "$frames" | exchange
	settle
	remember fast_packets p1
	remember fast_packets p3
	echo "$frames" | exchange
	grew fast_packets p1
	grew fast_packets p3
	ip link set br0 type bridge vlan_protocol 802.1q
	echo "$frames" | exchange
}

# Whoever counts frames in each VLAN, or gives VLANs trees of their own, gets to see them.
case_vlan_left_to_bridge() {
	ip link set br0 type bridge vlan_filtering 1 vlan_stats_enabled 1
	hello
	between h1 h2
	bridge -s vlan show dev p2 | awk '/RX:/ { print "rx", $4 } /TX:/ { print "tx", $4 }'
	stood fast_packets
	ip link set br0 type bridge vlan_stats_enabled 0
	settle
	remember fast_packets
	between h1 h2
	grew fast_packets
}

case_vlan_tunnel_port() {
	ip link set br0 type bridge vlan_filtering 1
	hello
	bridge link set dev p1 vlan_tunnel on
	between h1 h2
	grew stock_ingress p1
	bridge link set dev p1 vlan_tunnel off
	settle
	remember fast_packets p1
	between h1 h2
	grew fast_packets p1
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
	# The bridge is asked whether a port forwards that is said to.
	sleep 0.2
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
