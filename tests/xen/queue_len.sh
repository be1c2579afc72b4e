#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Scenario for bench/xenhost: the vif key queue_len of the patched xl, and the hook for an
# unpatched one. The guests stay paused; their vifs do not wait for them.
#
#   bench/xenhost --file "$(bench/xen-tools)" --file tests/lib.sh \
#       --file tools/hotplug/vif-post.d/xen-fastnet.hook tests/xen/queue_len.sh
#
# With --module xen-netback.ko, the kit's, sysfs is looked at as well; without, the hook
# finds the stock netback, and then a folder in the place of sysfs.
# shellcheck source=bench/lib/dom0.sh
. "$LIB/dom0.sh"
set -eu

suite=queue_len
work=/tmp/queue_len
hooks=/etc/xen/scripts/vif-post.d
hook_file=/etc/xen-fastnet/vifs
kit=$MODULES/xen-netback.ko
# shellcheck source=tests/lib.sh
. "$FILES/lib.sh"

patched() {
	"$work/tools/xl" "$@"
}

# vifs GUEST [QUEUE_LEN]: what libxl itself does; see bench/src/vifs.c.
vifs() {
	LD_LIBRARY_PATH=$work/tools "$work/tools/vifs" "$(guest_id "$1")" ${2:+"$2"}
}

# create COMMAND NAME [KEYS]: a paused guest, by xl or patched, with KEYS for its vif.
create() {
	(
		GUEST_VIF=$GUEST_VIF${3:+,$3}
		guest_config "$2"
	) > "$work/$2.cfg"
	"$1" -f create -q -p "$work/$2.cfg"
}

backend() {
	echo "/local/domain/0/backend/vif/$(guest_id "$1")/$2"
}

# xenstore_has GUEST DEVID VALUE
xenstore_has() {
	value=$(xenstore-read "$(backend "$1" "$2")/queue-len") || return 1
	echo "xenstore has $value"
	[ "$value" = "$3" ]
}

# queue_is GUEST DEVID VALUE: in sysfs.
queue_is() {
	value=$(cat "/sys/class/net/$(guest_vif "$1" "$2")/netback/rx_queue_packets") || return 1
	echo "sysfs has $value"
	[ "$value" = "$3" ]
}

# list_shows GUEST DEVID VALUE: null if it shows none.
list_shows() {
	value=$(patched list -l "$1" |
		jq ".[0].config.nics[] | select(.devid == $2) | .queue_len") || return 1
	echo "xl list -l has $value"
	[ "$value" = "$3" ]
}

# read_back GUEST DEVID VALUE: null if libxl finds none.
read_back() {
	value=$(vifs "$1" | jq "select(.devid == $2) | .queue_len") || return 1
	echo "libxl reads $value"
	[ "$value" = "$3" ]
}

no_node() {
	xenstore-exists "$(backend "$1" 0)/mac" || return 1
	says_no xenstore-read "$(backend "$1" 0)/queue-len"
}

# refused VALUE COMMAND...: a failure with one line that names the value.
refused() {
	value=$1
	shift
	if "$@" > "$work/refusal" 2>&1; then
		echo "no failure: $*"
		return 1
	fi
	# What xl says of each guest here, for its tsc_mode.
	sed -i '/^got a tsc mode string/d' "$work/refusal"
	cat "$work/refusal"
	grep -qF "invalid queue_len \"$value\": not a number from 1 to 16384" \
		"$work/refusal" && [ "$(wc -l < "$work/refusal")" -eq 1 ]
}

create_refused() {
	before=$(xenstore-list /local/domain)
	refused "$1" create patched guest2 "queue_len=$1" || return 1
	[ "$(xenstore-list /local/domain)" = "$before" ]
}

interfaces() {
	xenstore-list "/local/domain/0/backend/vif/$(guest_id "$1")"
}

attach_refused() {
	before=$(interfaces guest1)
	refused "$1" patched network-attach guest1 "queue_len=$1" || return 1
	[ "$(interfaces guest1)" = "$before" ]
}

libxl_refuses() {
	before=$(interfaces guest1)
	if vifs guest1 "$1" 2> "$work/refusal"; then
		echo "no failure"
		return 1
	fi
	cat "$work/refusal"
	grep -q "nic queue length $1 is not within 0..16384" "$work/refusal" &&
		[ "$(interfaces guest1)" = "$before" ]
}

xens_own_test() {
	( cd "$work/tools" && ./check-xl-vif-parse )
}

# The words of the log come by way of syslogd.
logged() {
	wait_for 10 grep -F "$1" "$work/syslog" && grep -F "$1" "$work/syslog"
}

# hook_logs COUNT TEXT
hook_logs() {
	logged "$2"
	[ "$(grep -cF "$2" "$work/syslog")" -eq "$1" ]
}

connected() {
	[ "$(xenstore-read "$(backend "$1" 0)/hotplug-status")" = connected ]
}

hook_install() {
	mkdir -p $hooks ${hook_file%/*}
	cp "$FILES/xen-fastnet.hook" $hooks/
	chmod 755 $hooks/xen-fastnet.hook
	# The hook minds whether the command is there, and not what it does.
	install -m 755 /dev/null /usr/sbin/fastnet
	busybox syslogd -O "$work/syslog"
}

# What is in the file but not in the kernel must not keep a guest from starting.
hook_configure() {
	: > "$work/syslog"
	cat > $hook_file
	xl destroy guest2 > /dev/null 2>&1 || :
}

hook_with_kit() {
	echo 'guest2 nonsense=1 queue_len=99999 queue_len=32' | hook_configure
	check 'hook: a guest starts' create xl guest2
	check 'hook: it is connected' connected guest2
	check 'hook: its queue' queue_is guest2 0 32
	check 'hook: a refused value is logged' hook_logs 1 'queue_len=99999 is refused'
	check 'hook: an unknown key is logged' hook_logs 1 'unknown setting nonsense=1'
}

hook_with_stock() {
	echo 'guest2 tx_budget=8 queue_len=32' | hook_configure
	check 'hook: a guest starts with the stock netback' create xl guest2
	check 'hook: it is connected' connected guest2
	check 'hook: this is logged once' hook_logs 1 'no settings, the netback is the stock one'

	# As well with a name of the interface that is not its own.
	folder=$work/net/web0/netback
	mkdir -p "$folder"
	echo 0 > "$folder/rx_queue_packets"
	export XEN_FASTNET_SYSFS="$work/net"
	echo 'guest2.0 nonsense=1 queue_len=32' | hook_configure
	check 'hook: a guest starts with a folder for sysfs' create xl guest2 vifname=web0
	check 'hook: it is connected' connected guest2
	check 'hook: its queue' grep -x 32 "$folder/rx_queue_packets"
	check 'hook: an unknown key is logged' hook_logs 1 'web0: unknown setting nonsense=1'
	unset XEN_FASTNET_SYSFS
}

# Debian's hypervisor does nothing for I/O; see tests/xen/credit.sh for one that does.
credit_shown() {
	patched sched-credit -s > "$work/shown"
	cat "$work/shown"
	grep -q 'migration-delay=[0-9]*us$' "$work/shown"
}

credit_refused() {
	if patched sched-credit -s -t 20 --io-cosched=1 > "$work/refusal" 2>&1; then
		echo "no failure"
		return 1
	fi
	cat "$work/refusal"
	grep -q 'knows nothing of I/O' "$work/refusal" &&
		patched sched-credit -s | grep -q 'tslice=30ms'
}

mkdir -p "$work"
cp -r "$FILES"/xen-tools-* "$work/tools"
if [ -e "$kit" ]; then
	rmmod xen-netback
	insmod "$kit"
fi
bridge_make xenbr0

check "Xen's own test of vif keys" xens_own_test
check 'a guest with queue_len=128' create patched guest1 queue_len=128
check 'its node' xenstore_has guest1 0 128
check 'xl list -l shows it' list_shows guest1 0 128
check 'libxl reads it back' read_back guest1 0 128
[ ! -e "$kit" ] || check 'its queue' queue_is guest1 0 128

check 'a second interface with queue_len=64' patched network-attach guest1 queue_len=64
check 'its node' xenstore_has guest1 1 64
check 'xl list -l shows it' list_shows guest1 1 64
[ ! -e "$kit" ] || check 'its queue' queue_is guest1 1 64
check 'network-attach with queue_len=0 is refused' attach_refused 0
check 'libxl refuses 16385 for other programs' libxl_refuses 16385

for value in 0 -1 99999 12x; do
	check "a guest with queue_len=$value is refused" create_refused $value
done

check 'a guest without queue_len' create patched guest2
check 'it has no node' no_node guest2
check 'xl list -l shows none' list_shows guest2 0 null
check 'libxl reads back none' read_back guest2 0 null

check "the kit's xl shows what Debian's Xen knows" credit_shown
check 'and asks nothing else of it' credit_refused

hook_install
if [ -e "$kit" ]; then
	hook_with_kit
else
	hook_with_stock
fi
check_sum
