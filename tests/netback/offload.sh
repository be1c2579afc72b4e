#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Scenario for bench/xenhost --module xen-netback.ko --module fastbridge.ko: what guests are
# offered of segmentation and checksums, and that the outside gets right frames whoever
# makes them so. Usage:
#
#   offload.sh dumb    the uplink can do nothing (--uplink rtl8139)
#   offload.sh smart   it can do everything
# shellcheck source=bench/lib/dom0.sh
. "$LIB/dom0.sh"
uplink_kind=$1
suite="offload $uplink_kind"
work=/tmp/offload
# shellcheck source=tests/lib.sh
. "$FILES/lib.sh"
# shellcheck source=tests/netback/traffic.sh
. "$FILES/traffic.sh"
set -eu

switches=/sys/class/net/xenbr0/fastbridge
offers='feature-sg feature-gso-tcpv4 feature-gso-tcpv6 feature-ipv6-csum-offload'

# ---- what is offered

offered() {
	for offer in $offers; do
		xenstore-read "/local/domain/0/backend/vif/$(guest_id "$1")/0/$offer"
	done | tr -d '\n'
}

is_offered() {
	offered=$(offered "$1")
	echo "offered: $offered, expected: $2"
	[ "$offered" = "$2" ]
}

# The guest has made of the offers what it does.
guest_segments() {
	guest_run "$1" "ethtool -k eth0" > "$work/features"
	cat "$work/features"
	for feature in scatter-gather tx-tcp-segmentation tx-tcp6-segmentation; do
		grep -q "^[[:space:]]*$feature: $2" "$work/features" || return 1
	done
}

# ---- to the outside

# shellcheck disable=SC2016 # the outside's own variable
capture_start() {
	outside_run 'echo $$ > "$SHARE/outside/pid";' \
		'exec tcpdump -i tap0 -s 0 -U -w "$SHARE/outside/capture"' \
		2> "$work/tcpdump" &
	capture=$!
	wait_for 20 outside_run 'test -s "$SHARE/outside/capture"'
}

capture_stop() {
	sleep 1
	# shellcheck disable=SC2016 # the outside's
	outside_run 'kill $(cat "$SHARE/outside/pid")'
	wait "$capture" || true
	mv /bench/outside/capture "$work/capture"
}

# Sets $right and $wrong: frames of TCP and UDP by their checksums; those with a VLAN's tag
# are in $tagged, too.
capture_judge() {
	tcpdump -e -n -vv -r "$work/capture" > "$work/dissected" 2> /dev/null
	right=$(grep -cE 'cksum 0x[0-9a-f]+ \(correct\)|\[udp sum ok\]' "$work/dissected") || true
	wrong=$(grep -cE '\(incorrect|\[bad udp cksum|, bad cksum' "$work/dissected") || true
	tagged=$(grep -c "vlan $1," "$work/dissected") || true
	echo "$right frames with right checksums, $wrong with wrong ones, $tagged in VLAN $1"
}

# A smart card's checksums are still to be made when the outside, which is the machine
# below it, sees the frames: what finds none wrong there finds nothing.
sums_fit() {
	capture_judge "${2:-7}"
	case $uplink_kind in
	dumb)	[ "$right" -ge "$1" ] && [ "$wrong" -eq 0 ] ;;
	smart)	[ "$wrong" -gt 0 ] ;;
	esac
}

# Numbered frames of all kinds, those for segmentation among them, from guest1 to the
# outside, where those without a tag are to come in VLAN $1, if any.
stream_out() {
	next_seed
	capture_start
	outside_run "\"\$SHARE/files/frames\" receive tap0 800 $seed $*" > "$work/received" &
	receiver=$!
	sleep 2
	sent=0
	guest_run guest1 "/bench/files/frames send eth0 $(mac_address guest1)" \
		"$(mac_address outside) 800 $seed 1000" || sent=$?
	wait $receiver || sent=$?
	capture_stop
	[ $sent -eq 0 ] || return 1
	tail -n 1 "$work/received"
	all_intact "$work/received" && sums_fit 800 "$@"
}

# In the VLANs of the bridge: guest1's own frames are in 5, and 7 passes.
vlans_on() {
	vif=$(guest_vif guest1)
	bridge vlan add dev "$vif" vid 5 pvid untagged
	bridge vlan add dev "$vif" vid 7
	for vlan in 5 7; do
		bridge vlan add dev "$(uplink_dev)" vid $vlan
	done
	ip link set xenbr0 type bridge vlan_filtering 1
}

vlans_off() {
	ip link set xenbr0 type bridge vlan_filtering 0
}

stream_out_in_vlan() {
	vlans_on
	result=0
	stream_out 5 && [ "$tagged" -ge 500 ] || result=$?
	vlans_off
	return $result
}

# frames_are_large MOST DIRECTION COMMAND...: what passes guest1's vif there, which is rx for
# what the guest sends, stays under so many frames a megabyte; frames of a segment each would
# be some 670.
frames_are_large() {
	vif=$(guest_vif guest1)
	most=$1
	direction=$2
	shift 2
	packets=$(dev_counter "$vif" "${direction}_packets")
	bytes=$(dev_counter "$vif" "${direction}_bytes")
	"$@" || return 1
	packets=$(($(dev_counter "$vif" "${direction}_packets") - packets))
	bytes=$(($(dev_counter "$vif" "${direction}_bytes") - bytes))
	echo "$packets frames for $bytes bytes"
	[ $bytes -gt 3000000 ] && [ $((packets * 1000000 / bytes)) -lt "$most" ]
}

# tcp_out ADDRESS: with every frame's checksum looked at.
tcp_out() {
	outside_run 'iperf3 -s -1 -D > /dev/null; sleep 1'
	capture_start
	guest_run guest1 "iperf3 -c $1 -n 5M -l 64K" || return 1
	capture_stop
	sums_fit 100
}

tcp_in() {
	guest_run guest1 'iperf3 -s -1 -D > /dev/null; sleep 1'
	outside_run "iperf3 -c $1 -n 5M -l 64K"
}

# ---- between guests, from one that does not segment late

guest_offloads() {
	guest_run "$1" "ethtool -K eth0 tx $2 sg $2 tso $2 gso $2" > "$work/ethtool" 2>&1
}

# How many become one depends on how many the guest sends at a time, and so on what else the
# machine does; bench/netback tells what it is on a quiet one.
aggregate_merges() {
	file_arrives guest1 guest2 || return 1
	before=$delivered
	knob guest1 aggregate 1
	file_arrives guest1 guest2 || return 1
	[ $((delivered * 2)) -lt "$before" ]
}

# A receiver that does not take large frames gets the frames that were sent.
aggregate_is_undone() {
	ethtool -K "$(guest_vif guest2)" tso off > "$work/ethtool" 2>&1
	result=0
	file_arrives guest1 guest2 || result=$?
	ethtool -K "$(guest_vif guest2)" tso on > "$work/ethtool" 2>&1
	[ $result -eq 0 ] && [ "$delivered" -gt 2050 ]
}

# What GRO is given while a guest sends large segments, of which all but the headers are its
# own pages: nothing of those, though other frames go there.
gro_gets_no_guest_pages() {
	tracing=/sys/kernel/tracing
	[ -d $tracing/events ] || mount -t tracefs tracefs $tracing
	gro=$tracing/events/net/napi_gro_receive_entry
	echo "name == \"$(guest_vif guest1)\"" > $gro/filter
	echo > $tracing/trace
	echo 1 > $gro/enable
	result=0
	file_arrives guest1 guest2 || result=$?
	echo 0 > $gro/enable
	grep napi_gro_receive_entry $tracing/trace > "$work/gro"
	echo "$(wc -l < "$work/gro") frames for GRO, $(grep -cv 'gso_size=0 ' "$work/gro") to be segmented"
	[ $result -eq 0 ] && grep -q 'gso_size=0 ' "$work/gro" &&
		says_no grep -vE "data_len=0 |gso_size=0 " "$work/gro"
}

# maps COMMAND...: sets $maps to how many pages of guest1 were mapped meanwhile.
maps() {
	maps=$(knob guest1 stats/grant_maps)
	"$@" || return 1
	maps=$(($(knob guest1 stats/grant_maps) - maps))
	echo "$maps mappings"
}

# Without segments to be made a guest's frames are short enough to be copied.
small_are_copied() {
	knob guest1 tx_copy 128
	maps file_arrives guest1 guest2 && [ "$maps" -gt 1000 ] || return 1
	knob guest1 tx_copy 2048
	maps file_arrives guest1 guest2 && [ "$maps" -eq 0 ]
}

# all_are_copied COMMAND...: of any length, and to be segmented or not.
all_are_copied() {
	knob guest1 tx_copy 65535
	result=0
	maps "$@" && [ "$maps" -eq 0 ] || result=1
	knob guest1 tx_copy 128
	return $result
}

# dom0 wants to keep what it gets, and so copies it.
dom0_gets() {
	# It ends with what it is to send.
	sleep 60 | timeout 60 busybox nc -l -p 5001 > "$work/file" &
	sleep 1
	guest_run guest1 "head -c 3000000 /dev/urandom > /tmp/file;" \
		"nc -w 30 $(address dom0) 5001 < /tmp/file" || return 1
	wait $! || return 1
	sent=$(guest_run guest1 'md5sum < /tmp/file')
	echo "sent $sent, got $(md5sum < "$work/file")"
	[ "$sent" = "$(md5sum < "$work/file")" ]
}

# guest2 takes nothing, and would be given all that guest1 has: but there is a page for each slot of
# guest1's ring, no more, besides the least of its frames.
copies_are_bounded() {
	knob guest2 rx_queue_bytes 16777216
	xl pause guest2
	guest_run guest1 "timeout 3 $frames send eth0 $(mac_address guest1) $(mac_address guest2) 2000 3" \
		> "$work/send" 2>&1 || cat "$work/send"
	high=$(knob guest2 stats/queue_high_bytes)
	echo "$high bytes have waited"
	[ "$high" -gt 100000 ] && [ "$high" -lt 1572864 ]
}

# Now guest1's interface goes, but not before these frames are gone.
copies_are_waited_for() {
	vif=$(guest_vif guest1)
	vif_detach guest1 > "$work/detach" 2>&1 &
	sleep 3
	result=0
	[ -e "/sys/class/net/$vif" ] || { echo 'nobody waited for them'; result=1; }
	xl unpause guest2
	wait_for 5 test ! -e "/sys/class/net/$vif" || { echo 'waited for ever'; result=1; }
	wait $! || { cat "$work/detach"; result=1; }
	knob guest2 rx_queue_bytes 524288
	vif_attach guest1 && guests_ready guest1 guest2 || return 1
	[ $result -eq 0 ] && all_are_copied intact guest1 guest2 300 500
}

# With cut-through there is no GRO for them, which is all that they would be copied for.
aggregate_rests() {
	knob guest1 tx_copy 128
	knob guest1 aggregate 1
	knob guest1 cutthrough 1
	result=0
	maps file_arrives guest1 guest2 || result=$?
	knob guest1 cutthrough 0
	knob guest1 aggregate 0
	[ $result -eq 0 ] && [ "$maps" -gt 1000 ]
}

# ---- native

native() {
	case $uplink_kind in
	dumb)	echo 0000 ;;
	smart)	echo 1111 ;;
	esac
}

native_shows() {
	knob guest1 offload native
	is_offered guest1 "$(native)" && knob guest1 offload emulate && is_offered guest1 1111
}

# A guest that starts on a bridge without a card has nothing to be considered.
native_alone() {
	ip link set "$(uplink_dev)" nomaster
	knob guest1 offload native
	result=0
	is_offered guest1 1111 || result=$?
	ip link set "$(uplink_dev)" master xenbr0
	knob guest1 offload native
	is_offered guest1 "$(native)" && [ $result -eq 0 ]
}

# Another card of the bridge, which can do everything.
card_add() {
	modprobe dummy numdummies=0
	ip link add card0 type dummy && ip link set card0 master xenbr0
}

# A card's features, with which it joins a bridge that the vif is on already, and which change
# there; another card that is on another bridge does not matter.
native_follows() {
	knob guest1 offload native
	ip link set "$(uplink_dev)" nomaster
	wait_for 10 is_offered guest1 1111 || { is_offered guest1 1111; return 1; }
	modprobe dummy numdummies=0
	ip link add card0 type dummy && ip link add card1 type dummy &&
		ip link add xenbr1 type bridge || return 1
	ethtool -K card1 sg off
	ip link set card1 master xenbr1
	ip link set card0 master xenbr0
	sleep 1
	is_offered guest1 1111 || return 1
	ethtool -K card0 tso off
	wait_for 10 is_offered guest1 1001 || { is_offered guest1 1001; return 1; }
	ip link set card0 nomaster
	wait_for 10 is_offered guest1 1111 || { is_offered guest1 1111; return 1; }
	ip link set card1 master xenbr0
	wait_for 10 is_offered guest1 0001 || { is_offered guest1 0001; return 1; }
	ip link set "$(uplink_dev)" master xenbr0
	ip link del card0 && ip link del card1 && ip link del xenbr1
	wait_for 10 is_offered guest1 "$(native)" || { is_offered guest1 "$(native)"; return 1; }
}

offered_less() {
	[ "$(offered guest1)" != 1111 ]
}

# The tap of guest1's device model leads to the guest; a VPN's, which does no TSO, is a card.
native_knows_taps() {
	ip link set "$(uplink_dev)" nomaster
	modprobe tun
	emulated=$(guest_vif guest1)-emu
	ip tuntap add "$emulated" mode tap && ip tuntap add vpn-emu mode tap || return 1
	ip link set "$emulated" master xenbr0
	sleep 1
	is_offered guest1 1111 || return 1
	ip link set vpn-emu master xenbr0
	wait_for 10 offered_less || { is_offered guest1 less; return 1; }
	ip link del "$emulated" && ip link del vpn-emu
	ip link set "$(uplink_dev)" master xenbr0
	wait_for 10 is_offered guest1 "$(native)"
}

# A tap that is there before its vif, or before that has its name, is a card for no longer.
native_knows_early_taps() {
	knob guest1 offload native
	ip link set "$(uplink_dev)" nomaster
	modprobe tun
	id=$(guest_id guest2) other=$(guest_vif guest2)
	echo "vif-$id-0" > /sys/bus/xen-backend/drivers/vif/unbind
	for tap in "$other-emu" web-emu; do
		wait_for 10 is_offered guest1 1111 || { is_offered guest1 1111; return 1; }
		ip tuntap add "$tap" mode tap && ip link set "$tap" master xenbr0 || return 1
		wait_for 10 offered_less || { is_offered guest1 less; return 1; }
		case $tap in
		vif*)	echo "vif-$id-0" > /sys/bus/xen-backend/drivers/vif/bind ;;
		web*)	ip link set "$other" down && ip link set "$other" name web ;;
		esac || return 1
		wait_for 10 is_offered guest1 1111 || { is_offered guest1 1111; return 1; }
		ip link del "$tap" || return 1
	done
	ip link set "$(uplink_dev)" master xenbr0
	wait_for 10 is_offered guest1 "$(native)"
}

# While xenstored, which may take its time, has to be waited for, the network is not.
native_holds_nobody_up() {
	knob guest1 offload emulate
	ip link set "$(uplink_dev)" nomaster
	card_add
	ethtool -K card0 sg off
	killall -STOP xenstored || return 1
	echo native > "/sys/class/net/$1/netback/offload" &
	writer=$!
	sleep 1
	result=0
	timeout 5 ip link set lo up || result=$?
	killall -CONT xenstored
	wait $writer
	is_offered guest1 0001 || result=$?
	ip link del card0
	ip link set "$(uplink_dev)" master xenbr0
	return $result
}

# writes COMMAND...: how often the offers have been written meanwhile.
writes() {
	xenstore-watch /local/domain/0/backend/vif > "$work/watched" &
	watcher=$!
	sleep 1
	"$@"
	sleep 2
	kill $watcher
	grep -c '/feature-' "$work/watched" || true
}

# toggle DEVICE FEATURE: 40 changes; $work/took says how many seconds they took.
toggle() {
	began=$(date +%s)
	"$frames" features 40 "$1" "$2" || began=0
	echo $(($(date +%s) - began)) > "$work/took"
}

# looks COMMAND...: how often vifs have looked meanwhile what is to be offered.
looks() {
	echo > /sys/kernel/tracing/trace
	echo 1 > /sys/kernel/tracing/events/workqueue/workqueue_execute_start/enable
	"$@"
	sleep 2
	echo 0 > /sys/kernel/tracing/events/workqueue/workqueue_execute_start/enable
	grep -c ' function publish' /sys/kernel/tracing/trace || true
}

# Its owner may change what a tap can do as often as he likes: each vif writes its four offers once
# a second, in the end what holds, and looks no more often even if none of it is offered; for the
# tap of a guest's device model it does neither.
native_is_not_driven() {
	ip link set "$(uplink_dev)" nomaster
	knob guest1 offload native
	knob guest2 offload native
	card_add
	written=$(writes toggle card0 tx)
	took=$(cat "$work/took")
	result=0
	is_offered guest1 1000 || result=$?
	looked=$(looks toggle card0 gro)
	looking=$(cat "$work/took")
	ip link set card0 nomaster
	wait_for 10 is_offered guest1 1111 || result=$?
	emulated=$(guest_vif guest1)-emu
	ip tuntap add "$emulated" mode tap && ip link set "$emulated" master xenbr0
	taps=$(writes toggle "$emulated" sg)
	tapping=$(cat "$work/took")
	ip link del "$emulated"
	ip link del card0
	ip link set "$(uplink_dev)" master xenbr0
	knob guest2 offload emulate
	echo "40 changes in $took s: $written writes; of what is not offered in $looking s:" \
		"$looked looks; of a guest's tap in $tapping s: $taps writes"
	[ $result -eq 0 ] && [ "$took" -lt 30 ] && [ "$tapping" -lt 30 ] && [ "$written" -gt 0 ] &&
		[ "$written" -le $((2 * 4 * (took + 3))) ] && [ "$taps" -eq 0 ] &&
		[ "$looking" -lt 30 ] && [ "$looked" -gt 0 ] &&
		[ "$looked" -le $((2 * (looking + 3))) ]
}

native_by_default() {
	for guest in guest1 guest2; do
		xl destroy $guest
	done
	wait_for 20 rmmod xen-netback || return 1
	insmod "$MODULES/xen-netback.ko" offload=native
	guest_start guest1 && is_offered guest1 "$(native)" || return 1
	case $uplink_kind in
	dumb)	guest_segments guest1 off ;;
	smart)	guest_segments guest1 on ;;
	esac
}

rmmod xen-netback
insmod "$MODULES/fastbridge.ko"
insmod "$MODULES/xen-netback.ko"
order_kept
bridge_make xenbr0
for guest in guest1 guest2; do
	guest_create $guest
done
guests_ready guest1 guest2
outside_run "ethtool -K tap0 gro off || true" > "$work/ethtool" 2>&1

check 'all is offered' is_offered guest1 1111
check 'the guest takes it' guest_segments guest1 on
for mode in off auto; do
	echo $mode > $switches/mode
	check "fastbridge $mode: frames of all kinds arrive outside" stream_out
	check "fastbridge $mode: large segments of IPv4" \
		frames_are_large 130 rx tcp_out "$(address outside)"
	check "fastbridge $mode: large segments of IPv6" frames_are_large 130 rx tcp_out fd00::200
done
echo direct > $switches/xmit
check 'direct: frames of all kinds arrive outside' stream_out
echo queue > $switches/xmit
check 'in VLANs, too' stream_out_in_vlan
# How much the card has for the kernel at a time is the build machine's affair.
check 'from outside come large frames of IPv4' \
	frames_are_large 500 tx tcp_in "$(address guest1)"
check 'from outside come large frames of IPv6' frames_are_large 500 tx tcp_in fd00::1
guest_offloads guest1 off
check 'aggregate makes frames large' aggregate_merges
check 'aggregate is undone where it must be' aggregate_is_undone
guest_offloads guest1 on
check 'aggregate: frames are intact, their flows in order' flows_intact guest1 guest2 600 500
check 'aggregate: GRO gets no pages of a guest' gro_gets_no_guest_pages
knob guest1 aggregate 0
guest_offloads guest1 off
check 'small frames are copied' small_are_copied
check 'aggregate copies nothing beside cut-through' aggregate_rests
guest_offloads guest1 on
check 'copied frames are intact' intact guest1 guest2 600 500
check 'large frames are copied' all_are_copied intact guest1 guest2 600 500
check 'large frames are copied and stay large' \
	all_are_copied frames_are_large 130 rx iperf guest1 guest2 -n 5M -l 64K
check 'a file is copied' all_are_copied file_arrives guest1 guest2
check 'large frames are copied to the outside' all_are_copied stream_out
check 'segments are copied to the outside' \
	all_are_copied frames_are_large 130 rx tcp_out "$(address outside)"
check 'large frames are copied to dom0' all_are_copied dom0_gets
knob guest1 tx_copy 65535
check 'copied frames are bounded' copies_are_bounded
check 'copied frames are waited for' copies_are_waited_for
check 'native follows the card' native_shows
check 'native without a card' native_alone
check 'native follows cards that come later' native_follows
check 'native knows taps of guests from others' native_knows_taps
check 'native is not driven by a card' native_is_not_driven
check 'native knows taps that are there before their vifs' native_knows_early_taps
check 'native: nobody waits for xenstored' native_holds_nobody_up "$(guest_vif guest1)"
check 'native by default' native_by_default
! has_kmemleak || check 'nothing has leaked' leaks_nothing
check_sum
