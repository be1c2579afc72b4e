# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2119,SC2154 # what is in lib.sh
# Delivery and whoever else has a say or a look: netfilter, tc, qdiscs, taps.

# obeyed COMMAND: a rule is added by COMMAND while traffic runs, and nothing takes the
# fast path from the moment that it returns.
obeyed() {
	hello
	between h1 h2
	traffic_start h3 h4 h4 h3
	sleep 0.2
	grew fast_packets
	"$@"
	remember fast_packets
	between h1 h2
	sleep 0.2
	stood fast_packets
	grew stock_netfilter
	traffic_stop > /dev/null
}

# passed_again: and when the rule is gone, it is as before.
passed_again() {
	between h1 h2
	remember fast_packets
	between h1 h2
	grew fast_packets
}

nft_rule() {
	at_end 'nft delete table bridge t 2> /dev/null'
	nft -f - <<-EOF
	table bridge t {
		chain c {
			type filter hook $1 priority 0;
			ether saddr 02:00:00:00:00:01 ether daddr 02:00:00:00:00:02 drop
		}
	}
	EOF
}

case_auto_nft_prerouting() {
	obeyed nft_rule prerouting
	nft delete table bridge t
	passed_again
}

case_auto_nft_forward() {
	obeyed nft_rule forward
	nft delete table bridge t
	passed_again
}

case_auto_nft_postrouting() {
	obeyed nft_rule postrouting
	nft delete table bridge t
	passed_again
}

case_auto_ebtables() {
	at_end 'ebtables-legacy -F; rmmod ebtable_filter'
	obeyed ebtables-legacy -A FORWARD -d 02:00:00:00:00:02 -j DROP
	ebtables-legacy -F
	rmmod ebtable_filter
	passed_again
}

br_netfilter_rule() {
	at_end 'nft delete table ip t 2> /dev/null; rmmod br_netfilter'
	modprobe br_netfilter
	nft 'table ip t { chain c { type filter hook forward priority 0; meta l4proto udp drop; }; }'
}

case_auto_br_netfilter() {
	obeyed br_netfilter_rule
	nft delete table ip t
	rmmod br_netfilter
	passed_again
}

# nft_netdev_rule HOOK DEVICE MATCH
nft_netdev_rule() {
	at_end 'nft delete table netdev t'
	nft -f - <<-EOF
	table netdev t {
		chain c {
			type filter hook $1 device $2 priority 0;
			$3 drop
		}
	}
	EOF
}

case_nft_netdev_ingress() {
	changes_ports
	hello
	between h1 h2
	nft_netdev_rule ingress p1 'ether daddr 02:00:00:00:00:02'
	between h1 h2
	between h1 h3
	grew fast_packets
}

case_nft_netdev_egress() {
	changes_ports
	hello
	between h1 h2
	nft_netdev_rule egress p2 'ether saddr 02:00:00:00:00:01'
	between h1 h2
	between h3 h2
	grew fast_packets
}

case_tc_ingress() {
	changes_ports
	hello
	between h1 h2
	tc qdisc add dev p1 clsact
	tc filter add dev p1 ingress protocol all prio 1 flower \
		dst_mac 02:00:00:00:00:02 action drop
	tc filter add dev p1 ingress protocol all prio 2 flower \
		dst_mac 02:00:00:00:00:03 action mirred egress redirect dev p4
	between h1 h2
	between h1 h3
	remember fast_packets
	between h1 h4
	grew fast_packets
}

case_tc_egress() {
	changes_ports
	hello
	between h1 h2
	tc qdisc add dev p2 clsact
	tc filter add dev p2 egress protocol all prio 1 flower \
		src_mac 02:00:00:00:00:01 action drop
	tc filter add dev p2 egress protocol all prio 2 flower \
		src_mac 02:00:00:00:00:03 action vlan push id 7
	remember fast_packets
	between h1 h2
	between h3 h2
	grew fast_packets
}

# What a program on the way in leaves in the control buffer, one on the way out does not find;
# another one on the way in does.
case_tc_programs() {
	changes_ports
	at_end "umount '$work/bpf'"
	mkdir -p "$work/bpf"
	mount -t bpf bpf "$work/bpf"
	"$work/frames" mark "$work/bpf/puts" "$work/bpf/finds"
	hello
	tc qdisc add dev p1 clsact
	tc qdisc add dev p2 clsact
	tc qdisc add dev p3 clsact
	tc filter add dev p1 ingress prio 1 bpf direct-action object-pinned "$work/bpf/puts"
	tc filter add dev p2 egress prio 1 bpf direct-action object-pinned "$work/bpf/finds"
	tc filter add dev p3 ingress prio 1 bpf direct-action object-pinned "$work/bpf/puts"
	tc filter add dev p3 ingress prio 2 bpf direct-action object-pinned "$work/bpf/finds"
	remember fast_packets
	between h1 h2
	grew fast_packets
	exchange > "$work/marked" <<-EOF
	h3 > h1 count=5
	EOF
	[ ! -s "$work/marked" ] || wrong "the mark was not found"
}

# One byte in eight seconds is let pass, after a first ten frames.
case_qdisc_tbf() {
	changes_ports
	hello
	tc qdisc add dev p2 root tbf rate 8bit burst 1000 limit 100000
	remember fast_packets
	exchange <<-EOF
	h1 > h2 count=20
	h3 > h1 count=5
	EOF
	grew fast_packets
	tc -s qdisc show dev p2 | grep -o 'Sent.*pkt'
}

# Five find room and come late; the others do not come.
case_qdisc_netem() {
	changes_ports
	hello
	tc qdisc add dev p2 root netem limit 5 delay 300ms
	remember fast_packets
	exchange 700 <<-EOF
	h1 > h2 count=20
	EOF
	grew fast_packets
}

# A queue that frames may pass by as long as it is empty.
case_qdisc_pfifo_fast() {
	changes_ports
	tc qdisc add dev p2 root pfifo_fast
	hello
	remember fast_packets
	between h1 h2
	tc -s qdisc show dev p2 | grep -o 'Sent.*pkt'
	grew fast_packets
}

tap_start() {
	tcpdump -i "$1" -l -t -e -nn -xx --immediate-mode > "$work/tap_$1" 2> "$work/tap_$1.log" &
	at_end "kill $! 2> /dev/null; true"
	taps="${taps-} $!"
	wait_for 20 grep -q 'listening on' "$work/tap_$1.log"
}

taps_stop() {
	sleep 0.3
	# shellcheck disable=SC2086 # several numbers
	kill $taps
	# shellcheck disable=SC2086
	wait $taps || true
}

case_tcpdump() {
	hello
	tap_start p1
	tap_start p2
	remember fast_packets
	between h1 h2
	exchange <<-EOF
	h1 > h2 size=3000 gso=1000 count=3
	EOF
	grew fast_packets
	taps_stop
	grep -c 02:00:00:00:00:01 "$work/tap_p1" "$work/tap_p2"
	cat "$work/tap_p1" "$work/tap_p2"
}

case_trace_events() {
	events=/sys/kernel/tracing/events/fastbridge
	! is_on || echo 1 > $events/enable
	hello
	between h1 h2
	is_on || return 0
	echo 0 > $events/enable
	for event in 'fastbridge_forward: in=p1 out=p2 len=100 xmit=' \
			'fastbridge_stock: in=p1 len=100 reason=stock_group'; do
		grep -qF "$event" /sys/kernel/tracing/trace || wrong "no event '$event'"
	done
}
