# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2034,SC2154
# What functional.sh, hyperswitch.sh and offload.sh share: the vifs' settings, and traffic
# between guests that is looked at. Wants $work and, in the guests, tests/src's frames; handed in by --file.

frames=/bench/files/frames
# It counts the streams, and each test is a shell of its own.
mkdir -p "$work"
echo 1 > "$work/seed"

# knob GUEST FILE [VALUE]: reads or writes one.
knob() {
	file=/sys/class/net/$(guest_vif "$1")/netback/$2
	if [ $# -eq 3 ]; then
		echo "$3" > "$file"
	else
		cat "$file"
	fi
}

# Debian's fq_codel shares out by flow, and so changes the order of what it has to hold; in
# a guest, too, see below.
order_kept() {
	sysctl -qw net.core.default_qdisc=pfifo
}

# Guests aggregate what they receive, and hold a large segment back to do so while small
# frames overtake it: then the order would say nothing. And TCP makes segments for a
# millisecond: on a slow machine, small ones.
guests_ready() {
	for guest do
		guest_wait "$guest" && guest_run "$guest" "ethtool -K eth0 gro off &&" \
			"tc qdisc replace dev eth0 root pfifo &&" \
			"echo 45 > /proc/sys/net/ipv4/tcp_min_tso_segs" || return 1
	done
}

# guest1 and guest2 on a bridge, with the modules that were handed in.
two_guests() {
	rmmod xen-netback
	insmod "$MODULES/fastbridge.ko"
	insmod "$MODULES/xen-netback.ko"
	bridge_make xenbr0
	order_kept
	guest_create guest1
	guest_create guest2
	guests_ready guest1 guest2
}

# Sets $seed: another one for each stream, so that frames of a former one are not taken for its.
next_seed() {
	seed=$(($(cat "$work/seed") + 1))
	echo $seed > "$work/seed"
}

# stream FROM TO COUNT [GAP]: numbered frames of all sizes and kinds from one guest to
# another; prints what became of them. The gap leaves a slow emulator the time to deliver.
stream() {
	next_seed
	guest_run "$2" "$frames receive eth0 $3 $seed" > "$work/received" &
	receiver=$!
	wait_for 30 grep -q listening "$work/received"
	guest_run "$1" "$frames send eth0 $(mac_address "$1") $(mac_address "$2")" \
		"$3 $seed ${4:-300}"
	wait $receiver || return 1
	tail -n 1 "$work/received"
}

# intact FROM TO COUNT [GAP]: nothing lost, doubled, damaged or out of order.
intact() {
	stream "$@" > "$work/verdict"
	all_intact "$work/verdict" || { cat "$work/received"; return 1; }
}

all_intact() {
	grep -q ' overtaken 0 lost 0 doubled 0 reordered 0 damaged 0$' "$1"
}

# flows_intact FROM TO COUNT [GAP]: the same, but for the order of frames of different flows.
flows_intact() {
	stream "$@" > "$work/verdict"
	grep -q ' lost 0 doubled 0 reordered 0 damaged 0$' "$work/verdict" ||
		{ cat "$work/received"; return 1; }
}

# file_arrives FROM TO: random bytes by TCP. Sets $delivered: the frames that carried them.
file_arrives() {
	to_vif=$(guest_vif "$2")
	delivered=$(dev_counter "$to_vif" tx_packets)
	guest_run "$2" "nc -l -p 5000 > /tmp/file" &
	sleep 1
	guest_run "$1" "head -c 3000000 /dev/urandom > /tmp/file;" \
		"nc -w 30 $(address "$2") 5000 < /tmp/file" || return 1
	wait $!
	delivered=$(($(dev_counter "$to_vif" tx_packets) - delivered))
	sent=$(guest_run "$1" "md5sum < /tmp/file")
	got=$(guest_run "$2" "md5sum < /tmp/file")
	echo "sent $sent, got $got by $delivered frames"
	[ -n "$sent" ] && [ "$sent" = "$got" ]
}

# knobs FILE VALUE: of both guests.
knobs() {
	for guest in guest1 guest2; do
		knob $guest "$1" "$2"
	done
}

intact_both_ways() {
	intact guest1 guest2 "$1" && intact guest2 guest1 "$1"
}

# grows MOST-OR-LEAST NUMBER GUEST COUNTER COMMAND...: by at least, or at most, so much.
grows() {
	sense=$1 bound=$2 whose=$3 counter=$4
	shift 4
	before=$(knob "$whose" "stats/$counter")
	"$@" || return 1
	after=$(knob "$whose" "stats/$counter")
	echo "$counter of $whose: $before, then $after"
	case $sense in
	least)	[ $((after - before)) -ge "$bound" ] ;;
	most)	[ $((after - before)) -le "$bound" ] ;;
	esac
}

# refused COMMAND...: it fails with an error.
refused() {
	if "$@" 2> "$work/error"; then
		echo "was accepted"
		return 1
	fi
	cat "$work/error"
	[ -s "$work/error" ]
}

# A write that must fail, and change nothing.
knob_refuses() {
	was=$(knob guest1 "$1")
	refused sh -c "echo '$2' > /sys/class/net/$(guest_vif guest1)/netback/$1" || return 1
	is=$(knob guest1 "$1")
	echo "$1: $was, then $is"
	[ "$was" = "$is" ]
}
