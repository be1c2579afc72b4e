# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2034
# The end of the forwarding.config that the kernel's self-tests read. They know nothing of
# fastbridge: it is switched on where they make a bridge, before that has ports, if $WAY is
# auto, and where they remove it, its mode and what it has carried go into the file $CARRIED.

# Of ten pings in five seconds the stock path alone would do: it gets some frames even then.
PING_COUNT=30

fastbridge_on() {
	[ "$WAY" = auto ] || return 0
	echo direct > "/sys/class/net/$1/fastbridge/xmit"
	echo auto > "/sys/class/net/$1/fastbridge/mode"
}

fastbridge_carried() {
	[ -e "/sys/class/net/$1/fastbridge" ] || return 0
	echo "$(cat "/sys/class/net/$1/fastbridge/mode")" \
		"$(cat "/sys/class/net/$1/fastbridge/stats/fast_packets")" >> "$CARRIED"
}

ip() {
	case $* in
	'link del dev '*)	fastbridge_carried "$4" ;;
	esac
	command ip "$@" || return
	case $* in
	'link add dev '*' type bridge'*)	fastbridge_on "$4" ;;
	esac
}
