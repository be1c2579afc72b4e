#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Scenario for bench/xenhost with the kit's modules, lib.sh, modules.sh and xen-fastnet.conf, and
# a kernel that loads signed modules only: the kit's are not. Does dom0 get a back end all the
# same, and guests their network?
# shellcheck source=bench/lib/dom0.sh
. "$LIB/dom0.sh"
set -eu

suite=signed_only
work=/tmp/signed_only
# shellcheck source=tests/lib.sh
. "$FILES/lib.sh"
# shellcheck source=tests/xen/modules.sh
. "$FILES/modules.sh"

# Where Debian has it.
keep_stock() {
	folder=/var/tmp/installed/lib/modules/$(uname -r)/kernel/drivers/net/xen-netback
	mkdir -p "$folder"
	cp "$(modinfo -n xen-netback)" "$folder/"
}

is_ours() {
	file=$(modinfo -n xen-netback)
	echo "$file"
	case $file in
	*/updates/*)	;;
	*)		return 1 ;;
	esac
}

rejected() {
	said=$(modprobe --ignore-install xen-netback 2>&1) && return 1
	echo "$said"
	case $said in
	*'Key was rejected by service'*)	;;
	*)					return 1 ;;
	esac
}

# With the options that it knows.
loads_stock() {
	echo 'options xen-netback max_queues=3 tx_budget=32' > /lib/modprobe.d/options.conf
	modprobe xen-netback && [ -d /sys/module/xen_netback ] &&
		[ ! -e /sys/module/xen_netback/parameters/tx_budget ] &&
		[ "$(cat /sys/module/xen_netback/parameters/max_queues)" = 3 ]
}

talk() {
	guest_run guest1 "ping -q -c 20 -i 0.1 $(address guest2)" > "$work/ping"
	cat "$work/ping"
	grep -q ' 0% packet loss' "$work/ping"
}

mkdir -p "$work"
check 'the kernel wants signatures' grep -x Y /sys/module/module/parameters/sig_enforce
bridge_make xenbr0
keep_stock
install_modules
install -m 644 "$FILES/xen-fastnet.conf" /lib/modprobe.d/
rmmod xen-netback
check "the kit's back end is found first" is_ours
check 'and is rejected' rejected
check "Debian's is loaded" loads_stock
guest_start guest1
guest_start guest2
check 'guests talk' talk
check_sum
