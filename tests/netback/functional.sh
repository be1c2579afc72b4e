#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Scenario for bench/xenhost --module xen-netback.ko --module fastbridge.ko: whatever is
# switched on, guests send each other what they would with the stock driver, and whoever
# has asked to see or stop frames does.
# shellcheck source=bench/lib/dom0.sh
. "$LIB/dom0.sh"
suite=netback
work=/tmp/netback
# shellcheck source=tests/lib.sh
. "$FILES/lib.sh"
# shellcheck source=tests/netback/traffic.sh
. "$FILES/traffic.sh"
set -eu

switches=/sys/class/net/xenbr0/fastbridge

# Above its upper rate adaptive leaves events to the end of the batch, below the lower one
# it does not.
adaptive_adapts() {
	knobs cutthrough 0
	knobs notify_low_rate 1
	knobs notify_high_rate 1
	knobs notify adaptive
	result=0
	grows least 1 guest2 held_notifications intact guest1 guest2 300 &&
		knobs notify_high_rate 1000000 && knobs notify_low_rate 1000000 &&
		intact guest1 guest2 20 &&
		grows most 0 guest2 held_notifications intact guest1 guest2 300 || result=$?
	knobs notify stock
	knobs notify_low_rate 1
	knobs notify_high_rate 10000
	knobs notify_low_rate 1000
	knobs cutthrough 1
	return $result
}

# With the same frames, at most half as many mappings: how many frames take the ordinary path
# because guest2 is late depends on the build machine.
maps_saved() {
	again=$(cat "$work/seed")
	knobs cutthrough 0
	maps=$(knob guest1 stats/grant_maps)
	intact guest1 guest2 600 || return 1
	stock_maps=$(($(knob guest1 stats/grant_maps) - maps))
	knobs cutthrough 1
	echo "$again" > "$work/seed"
	grows most $((stock_maps / 2)) guest1 grant_maps intact guest1 guest2 600
}

# counts COMMAND...: sets $rx and $tx to the bytes that guest1's vif has counted of what it sent,
# and guest2's of what it got, meanwhile.
counts() {
	rx=$(dev_counter "$(guest_vif guest1)" rx_bytes)
	tx=$(dev_counter "$(guest_vif guest2)" tx_bytes)
	"$@" || return 1
	rx=$(($(dev_counter "$(guest_vif guest1)" rx_bytes) - rx))
	tx=$(($(dev_counter "$(guest_vif guest2)" tx_bytes) - tx))
	echo "sent $rx, got $tx"
}

# The driver counts what comes in without the Ethernet header, what goes out with it, and people
# bill by that. The same frames are as many bytes; what the guests say to each other besides is
# little.
bytes_are_stock() {
	again=$(cat "$work/seed")
	knobs cutthrough 0
	counts intact guest1 guest2 1000 || return 1
	stock_rx=$rx stock_tx=$tx
	knobs cutthrough 1
	echo "$again" > "$work/seed"
	grows least 500 guest1 cutthrough_packets counts intact guest1 guest2 1000 || return 1
	off=$((rx - stock_rx + tx - stock_tx))
	[ "$stock_rx" -ge 46000 ] && [ $((rx - stock_rx)) -lt 3000 ] &&
		[ $((stock_rx - rx)) -lt 3000 ] && [ $off -lt 6000 ] && [ $off -gt -6000 ]
}

knobs_refuse() {
	for bad in rx_queue_packets=16385 rx_queue_packets=-1 rx_queue_packets=12x \
		rx_queue_bytes=65535 rx_queue_bytes=16777217 tx_budget=0 tx_budget=65 \
		copy_batch=0 copy_batch=65 tx_copy=127 tx_copy=65536 aggregate=2 \
		offload=1 offload=none cutthrough=2 hyperswitch=1 hyperswitch=2 notify=never notify= \
		notify_low_rate=10001 notify_high_rate=999 notify_window_ms=0; do
		knob_refuses "${bad%%=*}" "${bad#*=}" || return 1
	done
}

# Counters cannot be written by who has made their files writable, nor what else has their
# number.
counters_refuse() {
	folder=/sys/class/net/$(guest_vif guest1)/netback
	was=$(grep -d skip -H . "$folder"/*)
	chmod u+w "$folder"/stats/*
	for file in "$folder"/stats/*; do
		refused sh -c "echo 1 > $file" || return 1
	done
	chmod u-w "$folder"/stats/*
	[ "$(grep -d skip -H . "$folder"/*)" = "$was" ]
}

# What was on before is the default, and what ethtool sets is what sysfs shows.
ethtool_agrees() {
	vif=$(guest_vif guest1)
	ethtool -G "$vif" tx 77 && [ "$(knob guest1 rx_queue_packets)" = 77 ] &&
		ethtool -g "$vif" | grep -q '^TX:.*77$' || return 1
	ethtool -C "$vif" rx-frames 8 && [ "$(knob guest1 tx_budget)" = 8 ] || return 1
	refused ethtool -C "$vif" rx-frames 65 && refused ethtool -G "$vif" tx 20000 || return 1
	knob guest1 rx_queue_packets 0
	knob guest1 tx_budget 64
	ethtool -S "$vif" | grep -q '^ *grant_copies: [1-9]'
}

# Of frames for guest2, by netback and by the qdisc.
drops() {
	echo $(($(knob guest2 stats/drops_queue_full) +
		$(tc -s -j qdisc show dev "$(guest_vif guest2)" | jq 'map(.drops) | add')))
}

# Every knob goes up and down while numbered frames run. The stock driver drops a frame each
# time that the queue has too many bytes, which it counts; but for these none may be lost.
knobs_under_traffic() {
	dropped=$(drops)
	# Asking xl each time would take longer than the frames do.
	folders="/sys/class/net/$(guest_vif guest1)/netback"
	folders="$folders /sys/class/net/$(guest_vif guest2)/netback"
	stream guest1 guest2 2000 500 > "$work/under" &
	stream=$!
	turns=0
	while kill -0 $stream 2> /dev/null; do
		for value in rx_queue_packets=1 copy_batch=1 notify=eoc tx_budget=1 \
			rx_queue_bytes=65536 cutthrough=0 notify=adaptive tx_copy=65535 \
			aggregate=1 rx_queue_packets=16384 tx_copy=1000 copy_batch=64 \
			cutthrough=1 tx_budget=64 notify=early+eoc aggregate=0 \
			rx_queue_bytes=16777216 tx_copy=128 notify=stock; do
			for folder in $folders; do
				echo "${value#*=}" > "$folder/${value%%=*}"
			done
		done
		turns=$((turns + 1))
	done
	knobs rx_queue_packets 0
	knobs rx_queue_bytes 524288
	echo "$turns turns"
	wait $stream || return 1
	dropped=$(($(drops) - dropped))
	cat "$work/under"
	echo "$dropped of them dropped for want of room"
	# aggregate lets frames of one flow overtake another's; others' are dropped, too.
	lost=$(sed -n 's/.* lost \([0-9]*\) doubled 0 reordered 0 damaged 0$/\1/p' "$work/under")
	[ $turns -gt 1 ] && [ -n "$lost" ] && [ "$lost" -le "$dropped" ]
}

# With a queue of four frames the qdisc holds the others, as its requeues show.
short_queue() {
	knob guest2 rx_queue_packets 4
	result=0
	intact guest1 guest2 600 100 || result=1
	knob guest2 rx_queue_packets 0
	[ $result -eq 0 ] || return 1
	[ "$(tc -s -j qdisc show dev "$(guest_vif guest2)" | jq 'map(.requeues) | add')" -gt 0 ]
}

# A tap sees all that passes it, and cut-through stands aside for it alone.
tap_sees() {
	vif=$(guest_vif "$1")
	tcpdump -i "$vif" -w "$work/tap" -U ether proto 0x88b5 or udp port 9 \
		2> "$work/tcpdump" &
	tap=$!
	wait_for 20 grep -q listening "$work/tcpdump"
	grows most 0 guest1 cutthrough_packets intact guest1 guest2 500 || return 1
	sleep 1
	kill $tap
	wait $tap || true
	seen=$(tcpdump -r "$work/tap" 2> /dev/null | wc -l)
	echo "$seen seen"
	# A third of the frames are of a kind that the filter leaves out.
	[ "$seen" -ge 300 ]
}

# A rule of the bridge still drops what it is to drop.
rule_drops() {
	nft 'table bridge t { chain c { type filter hook forward priority 0;
		ether type 0x88b5 drop; }; }'
	result=0
	stream guest1 guest2 400 > "$work/verdict" || result=$?
	nft delete table bridge t
	cat "$work/verdict"
	[ $result -eq 0 ]
	grep -qE ' overtaken 0 lost [1-9][0-9]* doubled 0 reordered 0 damaged 0$' "$work/verdict"
}

# The driver is asked to do without: then segments are cut before they reach the guest.
without_offload() {
	vif=$(guest_vif guest2)
	ethtool -K "$vif" tso off tx off > /dev/null 2>&1
	result=0
	intact guest1 guest2 600 && file_arrives guest1 guest2 || result=$?
	ethtool -K "$vif" tso on tx on > /dev/null 2>&1
	return $result
}

# With a guard TCP and UDP that it lets pass still take the cut-through; others do not.
guard() {
	echo "$2" > "/sys/class/net/$(guest_vif guest1)/fastbridge_port/$1"
}

guarded() {
	guard guard_mac "+$(mac_address guest1)"
	guard guard_ipv4 +10.0.0.1
	guard guard_ipv6 +fd00::1
	guard guard 1
	grows least 100 guest1 cutthrough_packets intact guest1 guest2 1000
}

# Of TCP and UDP nothing passes, and what else is sent, whatever its kind, has its own MAC.
guard_stops() {
	guard guard_ipv4 '-10.0.0.1 +10.0.0.99'
	guard guard_ipv6 '-fd00::1 +fd00::99'
	grows most 0 guest1 cutthrough_packets stream guest1 guest2 300 || return 1
	guard guard_mac "-$(mac_address guest1) +00:16:3e:00:00:99"
	result=0
	says_no guest_run guest1 "ping -q -c 3 -W 1 $(address guest2)" || result=$?
	guard guard 0
	[ $result -eq 0 ]
}

# One guest does without TSO; its segments become large ones in the bridge, while frames of
# other flows pass. With cut-through on those that go as ever do not fall behind.
bridge_aggregates() {
	knobs cutthrough "$1"
	echo 1 > $switches/aggregate
	guest_run guest1 "ethtool -K eth0 tso off"
	before=$(cat $switches/stats/aggregated_packets)
	result=0
	file_arrives guest1 guest2 && flows_intact guest1 guest2 600 || result=$?
	aggregated=$(($(cat $switches/stats/aggregated_packets) - before))
	echo "aggregated $aggregated"
	guest_run guest1 "ethtool -K eth0 tso on"
	echo 0 > $switches/aggregate
	knobs cutthrough 1
	[ $result -eq 0 ] && [ $aggregated -ge "$2" ]
}

# The module is held while cutthrough is set, and only then.
fastbridge_held() {
	refused rmmod fastbridge || return 1
	knobs cutthrough 0
	rmmod fastbridge || return 1
	knob_refuses cutthrough 1 || return 1
	fastbridge_on
	knobs cutthrough 1
}

fastbridge_on() {
	insmod "$MODULES/fastbridge.ko"
	echo direct > $switches/xmit
	fastbridge_takes_over $switches
}

# Numbered frames flood a guest while it goes.
goes_while_flooded() {
	guest_run guest1 "$frames send eth0 $(mac_address guest1) $(mac_address guest2)" \
		"100000 7 0" > "$work/flood" 2>&1 &
	flood=$!
	sleep 2
	"$@" || return 1
	sleep 2
	kill -0 $flood || { echo "the flood ended too early"; cat "$work/flood"; return 1; }
	guest_run guest1 'killall frames'
	wait $flood || true
}

again_all() {
	guest_start guest2 && guests_ready guest2 || return 1
	knobs cutthrough 1
	intact_both_ways 300
}

attached_again() {
	vif_attach guest2 && guests_ready guest2 || return 1
	knobs cutthrough 1
	intact_both_ways 300
}

interface_flaps() {
	vif=$(guest_vif guest2)
	guest_run guest1 "$frames send eth0 $(mac_address guest1) $(mac_address guest2)" \
		"3000 8 300" > "$work/flood" 2>&1 &
	for _ in 1 2 3 4 5 6 7 8; do
		ip link set "$vif" down
		sleep 0.2
		ip link set "$vif" up
		sleep 0.3
	done
	wait $! || { cat "$work/flood"; return 1; }
	wait_for 30 guest_run guest1 "ping -q -c 1 -W 1 $(address guest2)" || return 1
	intact guest1 guest2 300
}

# What is held up, where, and who waits for it, if the driver is not let go. A vif that is to go
# has no files in debugfs any more, but tells of frames that are still on their way.
show_blocked() {
	echo w > /proc/sysrq-trigger
	dmesg
	cat /proc/"$(pgrep -x xenwatch)"/stack
	tc -s qdisc
	for dev in /sys/class/net/vif*; do
		echo "${dev##*/}:"
		ethtool -S "${dev##*/}"
	done
}

# Vifs that come later get what the module was told.
defaults_apply() {
	xl destroy guest1
	xl destroy guest2
	wait_for 20 rmmod xen-netback || { show_blocked; return 1; }
	refused insmod "$MODULES/xen-netback.ko" tx_budget=100 || return 1
	# Both above the upper one's default: each is good by itself, in either order.
	insmod "$MODULES/xen-netback.ko" notify_high_rate=30000 notify_low_rate=20000 &&
		rmmod xen-netback || return 1
	insmod "$MODULES/xen-netback.ko" rx_queue_packets=128 notify=eoc cutthrough=1 \
		notify_low_rate=20000 notify_high_rate=30000 || return 1
	guest_create guest1 'vcpus = 2' && guest_create guest2 'vcpus = 2' &&
		guest_wait guest1 && guest_wait guest2 && guests_ready guest1 guest2 || return 1
	for guest in guest1 guest2; do
		[ "$(knob $guest rx_queue_packets)" = 128 ] && [ "$(knob $guest notify)" = eoc ] &&
			[ "$(knob $guest cutthrough)" = 1 ] &&
			[ "$(knob $guest notify_low_rate)" = 20000 ] || return 1
	done
}

# These guests have two processors, and so two queues each, between which the order is open.
two_queues() {
	for guest in guest1 guest2; do
		[ -e "/sys/class/net/$(guest_vif "$guest")/queues/rx-1" ] || return 1
	done
	grows least 100 guest1 cutthrough_packets stream guest1 guest2 1500 \
		> "$work/verdict" || return 1
	cat "$work/verdict"
	grep -q ' lost 0 doubled 0 .* damaged 0$' "$work/verdict" && file_arrives guest2 guest1
}

two_guests

check 'off: frames are intact' intact_both_ways 600
check 'off: nothing is carried' [ "$(knob guest1 stats/cutthrough_packets)" = 0 ]
check 'off: no cut-through while fastbridge is off' eval 'knobs cutthrough 1 &&
	grows most 0 guest1 cutthrough_packets intact guest1 guest2 300'
echo direct > $switches/xmit
echo auto > $switches/mode
knobs cutthrough 0
check 'fastbridge: frames are intact' intact_both_ways 600
knob guest1 cutthrough 1
check 'cut-through wants both ends' \
	grows most 0 guest1 cutthrough_packets intact guest1 guest2 300
knobs cutthrough 1
check 'cut-through: frames are intact' intact_both_ways 2000
check 'cut-through: most frames take it' \
	grows least 500 guest1 cutthrough_packets intact guest1 guest2 1000
check 'cut-through: a file arrives' file_arrives guest1 guest2
check 'cut-through: and the other way' file_arrives guest2 guest1
check 'cut-through: few mappings' maps_saved
# In two parts each it would be over 2,000 copies.
check 'cut-through: pages are copied whole' \
	grows most 1650 guest1 grant_copies iperf guest1 guest2 -n 4M -l 64K
check 'cut-through: bytes are counted as ever' bytes_are_stock
check 'wrong values are refused' knobs_refuse
check 'counters cannot be written' counters_refuse
check 'ethtool agrees' ethtool_agrees
for mode in eoc adaptive early+eoc stock; do
	knobs notify $mode
	check "notify=$mode: frames are intact" intact_both_ways 300
	knobs cutthrough 0
	check "notify=$mode, no cut-through: frames are intact" intact_both_ways 300
	knobs cutthrough 1
done
check 'adaptive adapts' adaptive_adapts
check 'settings change under traffic' knobs_under_traffic
check 'a short queue loses nothing' short_queue
check 'a tap on the sender sees all' tap_sees guest1
check 'a tap on the receiver sees all' tap_sees guest2
check 'a rule of the bridge is heeded' rule_drops
check 'offloads are off' without_offload
check 'with a guard' guarded
check 'and not past it' guard_stops
check 'the bridge aggregates' bridge_aggregates 0 500
check 'and with cut-through on' bridge_aggregates 1 0
check 'the interface goes down and up' interface_flaps
check 'fastbridge is held, and let go' fastbridge_held
check 'the receiver is destroyed' goes_while_flooded xl destroy guest2
check 'it comes again' again_all
check 'the receiver is shut down' goes_while_flooded guest_stop guest2
check 'it comes again' again_all
check 'its interface is taken away' goes_while_flooded vif_detach guest2
check 'it comes again' attached_again
check 'defaults of the module' defaults_apply
check 'guests with two queues' two_queues
! has_kmemleak || check 'nothing has leaked' leaks_nothing
check_sum
