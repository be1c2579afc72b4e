#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Scenario for bench/xenhost with the kit's modules, lib.sh, modules.sh and fastnet: what an
# administrator does with the command, and the mistakes that one makes. Argument: nothing, or
# "rebooted" for the host that tests/xen/boot starts with the configuration which the former
# has left in $RESULTS.
# shellcheck source=bench/lib/dom0.sh
. "$LIB/dom0.sh"
set -eu

suite=fastnet
work=/tmp/fastnet
conf=/etc/xen-fastnet/fastnet.conf
switches=/sys/class/net/xenbr0/fastbridge
parameters=/sys/module/xen_netback/parameters
# shellcheck source=tests/lib.sh
. "$FILES/lib.sh"
# shellcheck source=tests/xen/modules.sh
. "$FILES/modules.sh"

fastnet() {
	/usr/sbin/fastnet "$@"
}

# is FILE VALUE
is() {
	value=$(cat "$1")
	echo "$1 is '$value', not '$2'"
	[ "$value" = "$2" ]
}

vif_is() {
	is "/sys/class/net/$vif/netback/$1" "$2"
}

# ---- before there is a module

stock_status() {
	fastnet status > "$work/status"
	cat "$work/status"
	grep -q '^xenbr0: stock bridge, fastbridge is not loaded' "$work/status" &&
		grep -q 'guest1 .*stock netback' "$work/status"
}

without_modules() {
	check 'stock: status' stock_status
	check 'stock: enable' ends 1 'fastbridge is not loaded' fastnet enable xenbr0
	check 'stock: set default' ends 1 "kit's xen-netback is not loaded" fastnet set default tx_budget=1
	check 'stock: set vif' ends 1 'is the stock one' fastnet set guest1 tx_budget=1
	check 'stock: guard' ends 1 'fastbridge is not loaded' fastnet guard "$(guest_vif guest1)"
	check 'stock: nothing is kept' [ ! -e "$conf" ]
}

# ---- settings

looks_only() {
	ends 1 'fastbridge is not loaded' fastnet guard "$vif" show && fastnet status &&
		[ ! -e /sys/module/fastbridge ]
}

enabled() {
	fastnet enable xenbr0 --xmit direct && is $switches/mode auto && is $switches/xmit direct &&
		grep -qx 'bridge xenbr0 mode=auto xmit=direct' "$conf"
}

# What is refused leaves both as they were.
refused_enable() {
	ends 2 'fastbridge/xmit: wrong is refused' fastnet enable xenbr0 --mode bypass --xmit wrong &&
		is $switches/mode auto && enabled_is_kept
}

enabled_is_kept() {
	cat "$conf"
	grep -qx 'bridge xenbr0 mode=auto xmit=direct' "$conf"
}

runtime() {
	fastnet set xenbr0 aggregate=1 --runtime && is $switches/aggregate 1 && enabled_is_kept &&
		fastnet set --runtime xenbr0 aggregate=0 && is $switches/aggregate 0
}

dry_run() {
	fastnet disable xenbr0 --dry-run > "$work/dry"
	cat "$work/dry"
	grep -qx "$switches/mode: auto -> off" "$work/dry" && is $switches/mode auto && enabled_is_kept
}

defaults() {
	fastnet set default queue_len=128 cutthrough=1 &&
		is $parameters/rx_queue_packets 128 && is $parameters/cutthrough 1 &&
		vif_is rx_queue_packets 0 && grep -qx 'vif default queue_len=128 cutthrough=1' "$conf"
}

all_or_nothing() {
	ends 2 'rx_queue_packets: 99999 is refused' \
		fastnet set "$vif" tx_budget=32 rx_queue_packets=99999 && vif_is tx_budget 64
}

by_guest() {
	fastnet set guest1 tx_budget=32 notify=eoc && vif_is tx_budget 32 && vif_is notify eoc
}

# The configuration cannot be written: neither it nor what runs changes.
not_kept() {
	ends 2 'cannot be written' fastnet disable xenbr0 --config /proc/fastnet.conf &&
		is $switches/mode auto
}

not_root() {
	ends 2 'be root' setpriv --reuid 65534 --clear-groups /usr/sbin/fastnet disable xenbr0 &&
		is $switches/mode auto
}

settings_cases() {
	check 'enable' enabled
	check 'enable: a value that is refused' refused_enable
	check 'enable: no such bridge' ends 1 'xenbr9: there is no such bridge' fastnet enable xenbr9
	check 'enable: no bridge' ends 1 'which bridge?' fastnet enable
	check 'enable: an option of another command' ends 1 'one option too many' fastnet enable xenbr0 -b
	check 'set: only what runs' runtime
	check 'disable: dry run' dry_run
	check 'set default' defaults
	check 'set: a value out of range' all_or_nothing
	check 'set: a guest' by_guest
	check 'set: no such guest' ends 1 'no such vif or guest' fastnet set guest9 tx_budget=1
	check 'set: no such key' ends 1 "no setting 'speed'" fastnet set guest1 speed=1
	check 'set: no value' ends 1 'expected KEY=VALUE' fastnet set guest1 tx_budget=
	check 'disable: the configuration cannot be written' not_kept
	check 'disable: not root' not_root
	check 'sched: a scheduler without the switches' ends 1 'xl knows no io-cosched' fastnet sched
	check 'sched: no xl' ends 1 'xl is not in PATH' env PATH=/nowhere /usr/sbin/fastnet sched
}

# ---- guard

# shows WORD...: each word is in a line of its own.
shows() {
	fastnet guard "$vif" > "$work/guard"
	cat "$work/guard"
	for word do
		grep -qE "(^| )$word\$" "$work/guard" || return 1
	done
}

# lacks WORD: no line has it.
lacks() {
	fastnet guard "$vif" > "$work/guard"
	says_no grep -F "$1" "$work/guard"
}

guard_on() {
	fastnet guard "$vif" add "$(mac_address guest1)" "$(address guest1)" fd00::1 &&
		fastnet guard "$vif" on &&
		shows "$(mac_address guest1)" "$(address guest1)" fd00::1 &&
		grep -q '^'"$vif: guard on, " "$work/guard"
}

# The MAC address is written first; the kernel has the other one already.
guard_all_or_nothing() {
	ends 2 'File exists' fastnet guard "$vif" add 00:16:3e:00:00:77 "$(address guest1)"
	lacks 00:16:3e:00:00:77
}

guard_many() {
	addresses=$(awk 'BEGIN { for (i = 0; i < 1000; i++)
		printf "10.2.%d.%d\n", i / 250, i % 250 + 1 }')
	# shellcheck disable=SC2086 # one word an address
	fastnet guard "$vif" add $addresses
	shows 10.2.0.1 10.2.3.250
	# shellcheck disable=SC2086
	fastnet guard "$vif" del $addresses
	lacks 10.2.3.250
}

guard_networks() {
	fastnet guard "$vif" add 10.3.0.0/16 fd03::/64 10.4.0.1/32 &&
		shows 10.3.0.0/16 fd03::/64 10.4.0.1 || return 1
	ends 2 'Invalid argument' fastnet guard "$vif" add 10.3.0.1/16
	fastnet guard "$vif" del 10.3.0.0/16 fd03::/64 10.4.0.1
	lacks 10.3.0.0/16
}

# guard_is_missed yes|no: in both kinds of status.
guard_is_missed() {
	fastnet status > "$work/status"
	cat "$work/status"
	fastnet -j status | jq --arg vif "$vif" '.bridges[].ports[] |
		select(.port == $vif).lacks_guard' > "$work/json"
	case $1 in
	yes)	grep -A 1 "^  $vif " "$work/status" | grep -q '^    NOT GUARDED' &&
			grep -qx true "$work/json" ;;
	no)	says_no grep 'NOT GUARDED' "$work/status" && grep -qx false "$work/json" ;;
	esac
}

# What the hotplug hook wanted, and somebody has switched off since.
guard_wanted() {
	guard_is_missed no || return 1
	mkdir -p /run/xen-fastnet/guards
	echo 1 > "/run/xen-fastnet/guards/$vif"
	guard_is_missed no && fastnet guard "$vif" off && guard_is_missed yes &&
		fastnet guard "$vif" on && guard_is_missed no || return 1
	rm -r /run/xen-fastnet
}

guard_json() {
	fastnet -j guard "$vif" > "$work/json"
	cat "$work/json"
	[ "$(jq -r '.guard + .guard_ipv4[0]' "$work/json")" = "1$(address guest1)" ]
}

guard_cases() {
	check 'guard: on' guard_on
	check 'guard: an address that is there' guard_all_or_nothing
	check 'guard: no address' ends 1 'is neither a MAC' fastnet guard "$vif" add 10.0.0.256
	for network in 10.0.0.0/33 10.0.0.0/ 10.0.0.0/+8 fd00::/129 fd00::/x 00:16:3e:00:00:01/8; do
		check "guard: no network: $network" ends 1 'nor a network' \
			fastnet guard "$vif" add $network
	done
	check 'guard: a thousand' guard_many
	check 'guard: networks' guard_networks
	check 'guard: wanted and missing' guard_wanted
	check 'guard: JSON' guard_json
	check 'guard: no such port' ends 1 'no such bridge port' fastnet guard lo on
}

# ---- looking

# A screen of 80 columns.
narrow() {
	awk 'length($0) > 80 { print length($0) ": " $0; bad = 1 } END { exit bad }' "$1"
}

talk() {
	guest_run guest1 "ping -q -c 200 -i 0.01 $(address guest2)" > "$work/ping"
	cat "$work/ping"
	grep -q ' 0% packet loss' "$work/ping"
}

status_text() {
	talk && fastnet status > "$work/status" || return 1
	cat "$work/status"
	narrow "$work/status" && grep -q '^xenbr0: mode=auto xmit=direct aggregate=0' "$work/status" &&
		grep -qE "^  $vif +guest1 +[5-9][0-9]\.[0-9]%.* tx_budget=32 " "$work/status"
}

# What it shows is what the files say.
status_json() {
	fastnet -jp status > "$work/json" || return 1
	fast=$(cat $switches/stats/fast_packets)
	jq --arg vif "$vif" --argjson fast "$fast" -e '.bridges[0] |
		.settings.mode == "auto" and .counters.fast_packets <= $fast and
		.counters.fast_packets > 100 and
		(.ports[] | select(.port == $vif) | .guest == "guest1" and
			.settings.tx_budget == "32" and .counters.grant_copies > 100)' "$work/json"
}

status_of() {
	fastnet status guest2 > "$work/status"
	cat "$work/status"
	grep -q ' guest2 ' "$work/status" && says_no grep ' guest1 ' "$work/status"
}

# Pings all the while, there and back; on a busy machine they are few.
top_batch() {
	guest_run guest1 "ping -q -w 12 -i 0.01 $(address guest2)" > /dev/null &
	sleep 3
	fastnet top -b -d 5 -n 1 > "$work/top"
	wait $!
	cat "$work/top"
	narrow "$work/top" && awk -v vif="$vif" '$1 == vif && $3 >= 2 && $4 >= 2 && $8 > 40 && $9 > 0 && $10 > 0 {
		found = 1 } END { exit !found }' "$work/top"
}

top_json() {
	fastnet top -bj -d 0.2 -n 2 > "$work/json" && [ "$(jq -s '[.[].vifs | length] | add' "$work/json")" = 4 ]
}

looking_cases() {
	check 'status' status_text
	check 'status: JSON' status_json
	check 'status: a guest' status_of
	check 'status: no such' ends 1 'no such bridge' fastnet status xenbr9
	check 'top' top_batch
	check 'top: JSON' top_json
	check 'top: no terminal' ends 1 'no terminal' fastnet top
}

# ---- the file

# wrong LINE WORDS TEXT: the second line is at fault, and nothing of the first is applied.
wrong() {
	printf '# a comment\nbridge xenbr0 mode=bypass\n%s\n' "$2" > "$work/conf"
	ends "${3:-1}" "$work/conf:3: $1" fastnet apply --config "$work/conf" && is $switches/mode auto
}

# What is there by hand stays.
keeps_comments() {
	printf '# mine\nbridge xenbr0   mode=bypass # why\n\n' > "$work/conf"
	fastnet set xenbr0 aggregate=0 mode=auto --config "$work/conf" || return 1
	cat "$work/conf"
	printf '# mine\nbridge xenbr0 aggregate=0 mode=auto # why\n\n' | cmp - "$work/conf"
}

file_cases() {
	check 'apply: no object' wrong "expected bridge, vif or sched, not 'brigde'" 'brigde xenbr0 mode=auto'
	check 'apply: no name' wrong 'expected a name' 'bridge'
	check 'apply: no setting' wrong 'expected KEY=VALUE' 'vif default # cutthrough=1'
	check 'apply: no such key' wrong "there is no setting 'sped'" 'vif default sped=1'
	check 'apply: a setting twice' wrong "'mode=auto' and 'mode=off' are the same setting" \
		'bridge xenbr9 mode=auto mode=off'
	check 'apply: a value that is refused' wrong "$parameters/tx_budget: 65 is refused" \
		'vif default tx_budget=65' 2
	check 'apply: no file' ends 1 'No such file' fastnet apply --config /nowhere
	check 'set: the file keeps its comments' keeps_comments
}

# ---- the end

is_stock() {
	for file in mode:off xmit:queue aggregate:0; do
		is "$switches/${file%:*}" "${file#*:}" || return 1
	done
	vif_is cutthrough 0 && vif_is tx_budget 64 && vif_is notify stock &&
		is $parameters/cutthrough 0 && is $parameters/rx_queue_packets 0 &&
		is "/sys/class/net/$vif/fastbridge_port/guard" 0
}

# Neither is ever above the other on the way.
reset_rates() {
	fastnet set "$vif" notify_low_rate=100 notify_high_rate=500 && fastnet reset --runtime &&
		vif_is notify_low_rate 1000 && vif_is notify_high_rate 10000 &&
		fastnet set "$vif" notify_high_rate=50000 notify_low_rate=20000 &&
		fastnet reset --runtime && vif_is notify_low_rate 1000 && vif_is notify_high_rate 10000
}

reset() {
	fastnet reset && is_stock && [ ! -s "$conf" ]
}

first() {
	install -m 755 "$FILES/fastnet" /usr/sbin/
	bridge_make xenbr0
	guest_start guest1
	without_modules
	guest_stop guest1
	install_modules
	rmmod xen-netback
	modprobe xen-netback
	guest_create guest1
	guest_create guest2
	guest_wait guest1
	guest_wait guest2
	vif=$(guest_vif guest1)
	check 'who only looks loads nothing' looks_only
	settings_cases
	guard_cases
	looking_cases
	file_cases
	cp "$conf" "$RESULTS/"
	check 'reset' reset
	check 'reset: rates out of the usual' reset_rates
	check 'reset: guests still talk' talk
}

unit_started() {
	systemctl status xen-fastnet.service
	systemctl -q is-active xen-fastnet.service && is $switches/mode auto &&
		is $switches/xmit direct && is $parameters/cutthrough 1 &&
		is $parameters/rx_queue_packets 128
}

nothing_failed() {
	systemctl --no-legend --failed > "$work/failed"
	cat "$work/failed"
	[ ! -s "$work/failed" ]
}

# made_anew NAME: as ifdown and ifup do it.
made_anew() {
	ip link del "$1" && ip link add "$1" type bridge
}

# It gets its settings, and no other bridge does.
bridge_anew() {
	ip link add xenbr1 type bridge && fastnet enable xenbr1 --xmit direct &&
		fastnet disable xenbr0 --runtime && made_anew xenbr1 || return 1
	wait_for 60 is /sys/class/net/xenbr1/fastbridge/mode auto &&
		is /sys/class/net/xenbr1/fastbridge/xmit direct &&
		is $switches/mode off && fastnet apply && is $switches/mode auto
}

bridge_unit_ends() {
	result=$(systemctl show -p Result --value xen-fastnet-bridge@xenbr1)
	echo "xen-fastnet-bridge: $result"
	[ "$result" = "$1" ]
}

# What the bridge's former self has asked for is done, and is not taken for the new one's.
bridge_unit_rests() {
	udevadm settle && [ -z "$(systemctl list-jobs --no-legend 'xen-fastnet-bridge@*')" ] &&
		[ "$(systemctl show -p ActiveState --value xen-fastnet-bridge@xenbr1)" = inactive ]
}

bridge_without_unit() {
	wait_for 60 bridge_unit_rests && systemctl stop xen-fastnet && made_anew xenbr1 &&
		wait_for 60 bridge_unit_ends exec-condition &&
		is /sys/class/net/xenbr1/fastbridge/mode off && systemctl start xen-fastnet &&
		is /sys/class/net/xenbr1/fastbridge/mode auto
}

# anew_after_start: a bridge that is made anew has its settings, whatever the unit's start has
# come to.
anew_after_start() {
	systemctl status xen-fastnet || :
	made_anew xenbr1 && wait_for 60 is /sys/class/net/xenbr1/fastbridge/mode auto
}

# What it had asked for is undone, by either way.
configuration_gone() {
	kept=0
	cp "$conf" "$work/kept"
	for way in reload restart; do
		rm "$conf" && systemctl $way xen-fastnet && is $switches/mode off &&
			is $parameters/cutthrough 0 && cp "$work/kept" "$conf" &&
			systemctl reload xen-fastnet && is $switches/mode auto &&
			is $parameters/cutthrough 1 || kept=1
		cp "$work/kept" "$conf"
	done
	return $kept
}

# On the day of the installation there is no configuration when the unit is started.
bridge_first_day() {
	kept=0
	cp "$conf" "$work/kept" && systemctl stop xen-fastnet && rm "$conf" &&
		systemctl start xen-fastnet && fastnet enable xenbr1 && anew_after_start || kept=$?
	mv "$work/kept" "$conf"
	return $kept
}

# Debian's hypervisor does not have what the last line asks for.
bridge_passed_over() {
	kept=0
	cp "$conf" "$work/kept" && echo 'sched Pool-0 io-cosched=1' >> "$conf" &&
		says_no systemctl restart xen-fastnet && anew_after_start || kept=$?
	mv "$work/kept" "$conf"
	systemctl restart xen-fastnet && return $kept
}

again() {
	check 'after a reboot: the unit' unit_started
	check 'after a reboot: no unit has failed' nothing_failed
	guest_wait guest1
	guest_wait guest2
	vif=$(guest_vif guest1)
	check 'after a reboot: guests talk' talk
	check 'after a reboot: a bridge is made anew' bridge_anew
	check 'after a reboot: a bridge is made anew without the unit' bridge_without_unit
	check 'after a reboot: the configuration is gone' configuration_gone
	check 'after a reboot: a bridge is made anew, and there was nothing to set' bridge_first_day
	check 'after a reboot: a bridge is made anew, and something was passed over' bridge_passed_over
	check 'after a reboot: a vif has the defaults' vif_is cutthrough 1
	check 'after a reboot: and uses them' [ "$(cat "/sys/class/net/$vif/netback/stats/cutthrough_packets")" -gt 100 ]
	check 'after a reboot: reset' reset
	check 'after a reboot: guests still talk' talk
}

mkdir -p "$work"
if [ $# -eq 0 ]; then first; else again; fi
check_sum
