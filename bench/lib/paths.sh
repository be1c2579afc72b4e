# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154 # its variables come from the scenario
# Whose xen-netback serves the guests' vifs, and by which path their frames go; for scenarios
# in dom0, which set $path, $guests and $switch, fastbridge's folder. Where something fails,
# $reason says what.

# Each file is asked for by name: one that is missing is an error of the path's rows.
set_file() {
	[ -e "$1" ] || { reason="there is no $1"; return 1; }
	echo "$2" > "$1" 2> /tmp/said || { reason="$1 does not take $2"; return 1; }
}

set_vifs() {
	for guest in $guests; do
		set_file "/sys/class/net/$(guest_vif "$guest")/netback/$1" "$2" || return 1
	done
}

fastbridge_on() {
	set_file "$switch/xmit" direct && set_file "$switch/mode" auto &&
		wait_for 60 has_no_doubt "$switch"
}

tuned_on() {
	set_vifs tx_copy 2048 && set_vifs notify eoc
}

tuned_off() {
	set_vifs tx_copy 128 && set_vifs notify stock
}

guest_offloads() {
	for guest in $guests; do
		guest_run "$guest" "ethtool -K eth0 tx $1 sg $1 tso $1 gso $1" > /tmp/said 2>&1 ||
			{ reason="ethtool in $guest: $(tail -n 1 /tmp/said)"; return 1; }
	done
}

# ---- drivers

driver=stock served=''

driver_of() {
	case $1 in
	stock*|no-offload)	echo stock ;;
	*)			echo kit ;;
	esac
}

# swap_modules stock|kit: the kit's two modules come and go together.
swap_modules() {
	wait_for 20 rmmod xen-netback || { reason="rmmod xen-netback fails"; return 1; }
	case $1 in
	stock)	rmmod fastbridge && modprobe xen-netback ;;
	kit)	insmod "$MODULES/fastbridge.ko" && insmod "$MODULES/xen-netback.ko" ;;
	esac || reason="the modules of $1 cannot be loaded"
}

# driver_load stock|kit: the guests that there are go on running, and get their vifs anew.
driver_load() {
	[ "$driver" != "$1" ] || return 0
	reason=''
	for guest in $served; do
		vif_detach "$guest" || reason="$guest's vif cannot be detached"
	done
	swap_modules "$1"
	driver=$1
	for guest in $served; do
		vif_attach "$guest" || reason="$guest's vif cannot be attached"
	done
	[ -z "$reason" ]
}

# ---- paths

# path_off, path_on: from and to $path, starting from everything off.
path_off() {
	[ ! -e "$switch/mode" ] || echo off > "$switch/mode"
	case $path in
	no-offload)	guest_offloads on ;;
	cutthrough|hyperswitch)	set_vifs cutthrough 0 ;;
	copy)		set_vifs tx_copy 128 ;;
	tuned)		tuned_off ;;
	all)		set_vifs cutthrough 0 && tuned_off ;;
	aggregate)	guest_offloads on && set_vifs aggregate 0 ;;
	bridge-aggregate)	guest_offloads on && set_file "$switch/aggregate" 0 ;;
	notify-*)	set_vifs notify stock ;;
	esac || say "$path cannot be switched off: $reason"
}

path_on() {
	driver_load "$(driver_of "$path")" || return 1
	case $path in
	stock|stock-again)	;;
	no-offload)	guest_offloads off ;;
	kit-off)	set_vifs cutthrough 0 ;;
	fastbridge)	fastbridge_on ;;
	cutthrough)	fastbridge_on && set_vifs cutthrough 1 ;;
	hyperswitch)	fastbridge_on && set_vifs cutthrough 1 && set_vifs hyperswitch 1 ;;
	copy)		fastbridge_on && set_vifs tx_copy 2048 ;;
	tuned)		tuned_on ;;
	all)		fastbridge_on && tuned_on && set_vifs cutthrough 1 ;;
	aggregate)	fastbridge_on && guest_offloads off && set_vifs aggregate 1 ;;
	bridge-aggregate)	fastbridge_on && guest_offloads off &&
				set_file "$switch/aggregate" 1 ;;
	notify-*)	fastbridge_on && set_vifs notify "${path#notify-}" ;;
	*)		reason="there is no such path"; return 1 ;;
	esac
}
