# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Helpers for scenarios in xenhost's dom0; source it with:  . "$LIB/dom0.sh"
#
# Places are guest1, guest2, ..., dom0 and outside, the host at the other end of dom0's
# uplink. Their addresses:
#
#   guestN   10.0.0.N    fd00::N    00:16:3e:00:00:0N (N in hexadecimal)
#   dom0     10.0.0.100  fd00::100  on the bridge that bridge_make made
#   outside  10.0.0.200  fd00::200  00:16:3e:00:00:c8
. "$LIB/scenario.sh"

# place_number PLACE: the last part of its addresses.
place_number() {
	case $1 in
	dom0)		echo 100 ;;
	outside)	echo 200 ;;
	guest*)		echo "${1#guest}" ;;
	*)		echo "there is no place '$1'" >&2; return 1 ;;
	esac
}

address() {
	echo "10.0.0.$(place_number "$1")"
}

mac_address() {
	printf '00:16:3e:00:00:%02x\n' "$(place_number "$1")"
}

# dom0's interface to the outside.
uplink_dev() {
	for device in /sys/class/net/*/device; do
		case $(readlink -f "$device") in
		*/pci*) basename "${device%/device}" ;;
		esac
	done
}

# bridge_make [NAME]: a bridge with dom0's addresses and, if there is one, the uplink. A
# scenario may as well make its own; the guests' vifs want xenbr0 unless --vif differs.
bridge_make() {
	bridge=${1:-xenbr0}
	brctl addbr "$bridge"
	ip link set "$bridge" up
	for device in $(uplink_dev); do
		ip link set "$device" up
		brctl addif "$bridge" "$device"
	done
	ip address add "$(address dom0)/24" dev "$bridge"
	ip address add fd00::100/64 dev "$bridge" nodad
}

guest_id() {
	/bench/programs/agent id "$1"
}

# guest_vif NAME [N]: dom0's end of the guest's Nth interface, from 0.
guest_vif() {
	id=$(guest_id "$1") && echo "vif$id.${2:-0}"
}

# tsc_mode is native: the emulated processor's clock is not invariant, as real ones have been
# for many years, and Xen by default has each of a guest's looks at such a clock trap. rodata is
# off: a guest takes an eighth of its boot to protect its kernel from itself.
guest_config() {
	number=$(place_number "$1")
	cat <<-EOF
	name = "$1"
	type = "$GUEST_TYPE"
	kernel = "/boot/linux"
	ramdisk = "/bench/guest/initramfs.cpio"
	extra = "console=hvc0 loglevel=7 panic=-1 rodata=off bench.number=$number $GUEST_APPEND"
	memory = $GUEST_MEMORY
	vcpus = $GUEST_VCPUS
	tsc_mode = "native"
	vif = [ 'mac=$(mac_address "$1"),$GUEST_VIF' ]
	on_poweroff = "destroy"
	on_reboot = "destroy"
	on_crash = "destroy"
	EOF
	shift
	for line do
		printf '%s\n' "$line"
	done
}

# A saved host has guests that are up, paused and without a card: spare1, spare2, ..., and in
# this file the settings that they were made with.
spares=/run/spares

spare_create() {
	guest_config "guest$1" | sed "/^vif = /d; s/^name = .*/name = \"spare$1\"/; s/ bench.number=/ bench.spare&/" \
		> "/tmp/spare$1.cfg"
	xl -f create -q "/tmp/spare$1.cfg"
}

# All that one has of what a scenario may set.
guest_settings() {
	echo "$GUEST_TYPE $GUEST_MEMORY $GUEST_VCPUS $GUEST_APPEND"
}

# spare_take NAME [LINE...]: makes it the guest NAME, still without a card; if that is to be
# another, or it does not become that, it makes room.
spare_take() {
	spare=spare$(place_number "$1")
	[ -e "$spares" ] && its_id=$(guest_id "$spare") || return 1
	if [ $# -gt 1 ] || [ "$(guest_settings)" != "$(cat "$spares")" ]; then
		xl destroy "$spare"
		return 1
	fi
	its_seed=$(echo "$1 $(cat /bench/seed)" | sha256sum | cut -c1-64)
	xl rename "$spare" "$1" && xl unpause "$1" && guest_run "$1" "/bench/reseed $its_seed" &&
		return
	echo "the saved guest $spare does not become $1; it is created instead" >&2
	spare_destroy "$1"
	return 1
}

# spare_destroy NAME: what was to be that, whatever it is called by now.
spare_destroy() {
	xl destroy "$its_id" || true
	wait_for 60 guest_gone "$1"
}

# guest_start NAME [LINE...]: creates the guest, its xl configuration ending with the
# LINEs, and waits until it takes commands.
guest_start() {
	guest_create "$@" && guest_wait "$1"
}

# The two halves of guest_start, to start several guests at once. That a card does not come is
# the guest's failure, saved or not: it may be that of what is tested.
guest_create() {
	if spare_take "$@"; then
		! card_attach "$1" || return 0
		spare_destroy "$1"
	else
		guest_config "$@" > "/tmp/$1.cfg"
		xl -f create -q "/tmp/$1.cfg" > "/tmp/$1.created" 2>&1 && return
		cat "/tmp/$1.created" >&2
	fi
	echo "guest $1 cannot be created" >&2
	return 1
}

guest_wait() {
	/bench/programs/agent wait "$1" 300 && return
	echo "guest $1 does not come up; Xen says last:" >&2
	xl dmesg | tail -n 5 >&2
	return 1
}

# vif_detach GUEST, vif_attach GUEST: its first interface, while it runs.
vif_detach() {
	xl network-detach "$1" 0 && guest_run "$1" "while [ -e /sys/class/net/eth0 ]; do sleep 0.05; done"
}

# card_attach GUEST: one that it knows what to do with.
card_attach() {
	(
		IFS=,
		# shellcheck disable=SC2086 # one word a setting
		xl network-attach "$1" "mac=$(mac_address "$1")" $GUEST_VIF
	) && guest_run "$1" ". /bench/network"
}

vif_attach() {
	card_attach "$1" &&
		wait_for 20 guest_run "$1" "grep -q 1 /sys/class/net/eth0/carrier"
}

guest_gone() {
	! guest_id "$1"
}

# Has the guest power itself off and waits for its end, and until its name is free again, for
# which xl does not wait.
guest_stop() {
	xl shutdown -w "$1" > "/tmp/$1.stop" 2>&1 || { cat "/tmp/$1.stop" >&2; return 1; }
	wait_for 60 guest_gone "$1"
}

guest_destroy() {
	xl destroy "$1"
}

# guest_run NAME COMMAND...: the words are one shell command line in the guest; standard
# output, standard error and exit status are the command's; 255 if the guest is not there.
guest_run() {
	guest=$1
	shift
	/bench/programs/agent run "$guest" "$*"
}

# outside_run COMMAND...: likewise on the outside host, that is on the build machine, as
# root, in the network namespace of this run. What is /bench here is $SHARE there.
outside_run() {
	request=$(mktemp /bench/outside/XXXXXXXX)
	echo "$*" > "$request.new"
	mv "$request.new" "$request.command"
	until [ -e "$request.status" ]; do sleep 0.05; done
	cat "$request.output"
	cat "$request.errors" >&2
	outside_status=$(cat "$request.status")
	rm -f "$request" "$request".*
	return "$outside_status"
}

# run_at PLACE COMMAND...
run_at() {
	place=$1
	shift
	case $place in
	dom0)		sh -c "$*" ;;
	outside)	outside_run "$@" ;;
	*)		guest_run "$place" "$@" ;;
	esac
}

# reaches FROM TO [COUNT]: pings, five if COUNT is not given, that are all answered. One by one:
# after an answer ping waits for the others no longer than twice what that took.
reaches() {
	run_at "$1" "for ping in $(seq -s ' ' "${3:-5}"); do" \
		"ping -q -c 1 -W 10 $(address "$2") || exit 1; done"
}

# At places, where $SHARE is set on the outside only. ":1451" is the server's port.
iperf_pid="\"\${SHARE:-/tmp}/iperf3.pid\""
iperf_listens="cat /proc/net/tcp /proc/net/tcp6 | grep -q ':1451 .* 0A '"

# iperf_serve PLACE: an iperf3 server there, for one client, listens when this returns.
iperf_serve() {
	run_at "$1" "iperf3 -s -1 -D -I $iperf_pid > /dev/null;" \
		"until $iperf_listens; do sleep 0.1; done"
}

# iperf_stop PLACE: ends the server there at once. Its client's connections are reset, and the
# client fails.
iperf_stop() {
	run_at "$1" "kill -KILL \$(cat $iperf_pid); rm $iperf_pid;" \
		"while $iperf_listens; do sleep 0.02; done"
}

# iperf_command TO [ARGS...]: the client's, for the other end.
iperf_command() {
	to=$1
	shift
	echo "iperf3 -c $(address "$to") $*"
}

# iperf FROM TO [ARGS...]: iperf3 from one place to another; prints its JSON.
iperf() {
	from=$1
	shift
	iperf_serve "$1" && run_at "$from" "$(iperf_command "$@" -J)"
}

# The guest drops what IPv4 it receives at its ingress, before its stack sees it, so that
# what is measured is the way there and not the answer "port unreachable".
sink_start() {
	guest_run "$1" "tc qdisc add dev eth0 clsact &&" \
		"tc filter add dev eth0 ingress protocol ip matchall action drop"
}

sink_stop() {
	guest_run "$1" "tc qdisc del dev eth0 clsact"
}

# How many frames the sink has dropped since its start.
sink_count() {
	guest_run "$1" "tc -s -j filter show dev eth0 ingress" |
		jq '[.[].options.actions[]?.stats.packets] | add'
}

# pktgen_udp FROM TO COUNT SIZE: pktgen in guest FROM sends COUNT frames of SIZE bytes to
# guest TO, which sinks them; prints how many arrived.
pktgen_udp() {
	sink_start "$2" || return 1
	guest_run "$1" ". /bench/scenario.sh;" \
		"pktgen_setup eth0 start_xmit $3 $4 $(mac_address "$1") $(mac_address "$2")" \
		"$(address "$1") $(address "$2") && pktgen_start" || return 1
	pktgen_settle "$2"
	sink_stop "$2"
}

# Prints the sink's count when it has not grown for half a second.
pktgen_settle() {
	count_now=$(sink_count "$1")
	count_before=''
	while [ "$count_now" != "$count_before" ]; do
		sleep 0.5
		count_before=$count_now
		count_now=$(sink_count "$1")
	done
	echo "$count_now"
}

# One line "NAME NANOSECONDS" a domain: the processor time it has had. One "FILE NUMBER" a
# counter: what it was at this time.
domtime() {
	/bench/programs/domtime "$@"
}

# For count_stop: the symbols of Xen, and those of the guests' modules; the rest of their
# kernel is dom0's.
count_symbols_xen() {
	count_symbols_once "$1/xen" "" cat /proc/xen/xensyms
	for guest in $(xl list | awk '/^guest/ { print $1 }'); do
		count_symbols_once "$1/$guest" "$(guest_run "$guest" cat /proc/modules)" \
			guest_run "$guest" "grep '\[' /proc/kallsyms"
	done
}

# count_symbols_once FILE MODULES COMMAND...: what the command says goes to FILE, or what it has
# said for another window, as long as the MODULES are those of then: it takes its time.
count_symbols_once() {
	file=$1 known=/tmp/symbols-${1##*/}
	echo "$2" | awk '{ print $1, $6 }' > /tmp/modules
	shift 2
	if cmp -s /tmp/modules "$known.modules"; then
		ln "$(cat "$known")" "$file"
		return
	fi
	"$@" > "$file"
	echo "$file" > "$known"
	mv /tmp/modules "$known.modules"
}
