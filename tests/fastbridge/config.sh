#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2119 # arguments that may be left out
# The module's files in sysfs: what they take, refuse and show, and to whom.
# shellcheck source=tests/fastbridge/lib.sh
. "$FILES/fastbridge/lib.sh"
set -eu

way=auto

case_defaults() {
	at_end 'ip link del br1'
	ip link add br1 type bridge
	shows /sys/class/net/br1/fastbridge/mode off
	shows /sys/class/net/br1/fastbridge/xmit queue
}

case_values() {
	for mode in off auto bypass auto off bypass off; do
		taken $switches/mode "$mode\n"
		shows $switches/mode $mode
		taken $switches/mode $mode
		shows $switches/mode $mode
	done
	for xmit in queue direct queue; do
		taken $switches/xmit $xmit
		shows $switches/xmit $xmit
	done
}

# Each switch keeps its value whatever is done to the other.
case_independent() {
	taken $switches/xmit direct
	for mode in off auto bypass off; do
		taken $switches/mode $mode
		shows $switches/xmit direct
	done
	taken $switches/xmit queue
	shows $switches/mode off
}

case_wrong_values() {
	long=$(head -c 5000 /dev/zero | tr '\0' a)
	for mode in off auto bypass; do
		taken $switches/mode $mode
		for value in '\n' on 1 AUTO aut 'auto off'; do
			refused 'Invalid argument' $switches/mode "$value"
		done
	done
	for value in ' ' 0 -1 Off autoo ' auto' 'auto\n\n' 'auto ' "$long"; do
		refused 'Invalid argument' $switches/mode "$value"
	done
	for value in '\n' off direkt QUEUE 'queue direct' 1 "$long"; do
		refused 'Invalid argument' $switches/xmit "$value"
	done
}

# Root is not enough; it takes CAP_NET_ADMIN where the bridge is.
case_permission() {
	for change in mode:off mode:nonsense xmit:queue xmit:nonsense; do
		file=$switches/${change%:*}
		refused 'Operation not permitted' "$file" "${change#*:}" \
			setpriv --bounding-set -net_admin --inh-caps -net_admin
		refused 'Operation not permitted' "$file" "${change#*:}" unshare -Ur
		refused 'Permission denied' "$file" "${change#*:}" \
			setpriv --reuid 65534 --clear-groups
	done
}

# Whoever is root in a user namespace may switch the bridges of its own network.
case_own_namespace() {
	unshare -Urnm sh -eu <<-'EOF' || wrong "not for root in a namespace of its own"
	mount -t sysfs sysfs /sys
	ip link add br1 type bridge
	for mode in auto bypass off auto; do
		echo $mode > /sys/class/net/br1/fastbridge/mode
		[ "$(cat /sys/class/net/br1/fastbridge/mode)" = $mode ]
	done
	EOF
}

# So many of all such namespaces, and then it says so; those of the host are not counted.
case_own_namespace_bounded() {
	unshare -Urnm sh -eu <<-'EOF' || wrong "not bounded in a namespace of one's own"
	mount -t sysfs sysfs /sys
	for i in $(seq 257); do
		echo link add n$i type bridge
	done | ip -batch -
	for i in $(seq 256); do
		echo auto > /sys/class/net/n$i/fastbridge/mode
	done
	echo auto | dd of=/sys/class/net/n257/fastbridge/mode 2>&1 |
		grep 'No space left on device'
	echo off > /sys/class/net/n1/fastbridge/mode
	echo auto > /sys/class/net/n257/fastbridge/mode
	EOF
	echo auto > $switches/mode
	echo off > $switches/mode
}

# Of the ports there, the VLANs of 256 are asked for; whoever goes makes room for another.
case_own_namespace_vlans_bounded() {
	unshare -Urnm sh -eu -s $((60 * slowness)) <<-'EOF' || wrong "not bounded in a namespace of one's own"
	mount -t sysfs sysfs /sys
	mount -t tmpfs tmpfs /run
	ip link add br1 type bridge vlan_filtering 1 mcast_snooping 0
	ip link set br1 up
	host() {
		ip netns add h$1
		ip link add e$1 type veth peer name eth0 netns h$1
		ip -n h$1 address add 10.0.0.$1/24 dev eth0
		ip -n h$1 link set eth0 up
		ip link set e$1 up master br1
	}
	host 1
	host 2
	for i in $(seq 254); do
		echo link add d$i up master br1 type dummy
	done | ip -batch -
	host 3
	host 4
	echo auto > /sys/class/net/br1/fastbridge/mode
	ping() {
		ip netns exec h$1 ping -q -c 10 -i 0.1 10.0.0.$2
	}
	fast() {
		cat /sys/class/net/e$1/fastbridge_port/stats/fast_packets
	}
	# Once it has been asked about: their turns come as the machine has time for them.
	most=$1
	ping_until_fast() {
		for _ in $(seq "$most"); do
			ping $1 $2
			[ "$(fast $1)" -eq 0 ] || break
		done
	}
	ping 1 2
	ping_until_fast 1 2
	ping 3 4
	echo "fast: $(fast 1) of the first port, $(fast 3) of one behind the 256th"
	[ "$(fast 1)" -gt 0 ]
	[ "$(fast 3)" -eq 0 ]
	[ "$(cat /sys/class/net/e3/fastbridge_port/stats/stock_vlan)" -gt 5 ]
	ip link del d1
	ip link set d2 nomaster
	ping_until_fast 3 4
	echo "then: $(fast 3)"
	[ "$(fast 3)" -gt 0 ]
	EOF
}

# What there is to be asked, and how often, is up to them: it takes a tenth of a CPU, not more.
case_own_namespaces_take_turns() {
	unshare -Urnm sh -eu <<-'EOF' || wrong "not a tenth of a CPU for a namespace of one's own"
	mount -t sysfs sysfs /sys
	mount -t tmpfs tmpfs /run
	ip link add br1 type bridge vlan_filtering 1 mcast_snooping 0
	ip link set br1 up
	for i in $(seq 16); do
		ip link add d$i up master br1 type dummy
		echo vlan add dev d$i vid 2-1001
		for vid in $(seq 2 2 1001); do
			echo vlan add dev d$i vid $vid untagged
		done
	done | bridge -batch -
	busy() {
		cat /proc/[0-9]*/stat 2> /dev/null | grep '(kworker/' | sed 's/.*) //' |
			awk '{ sum += $12 + $13 } END { print sum }'
	}
	# Others' works, as of the namespace before this one, come to their end first.
	for _ in $(seq 30); do
		before=$(busy)
		sleep 1
		[ $(($(busy) - before)) -gt 5 ] || break
	done
	echo auto > /sys/class/net/br1/fastbridge/mode
	sleep 1
	before=$(busy)
	end=$(($(date +%s) + 5))
	while [ "$(date +%s)" -lt $end ]; do
		ip link set br1 type bridge vlan_stats_enabled 1
		ip link set br1 type bridge vlan_stats_enabled 0
	done
	took=$(($(busy) - before))
	echo "kernel's workers: $took of 500 hundredths of a second"
	[ $took -gt 0 ]
	[ $took -lt 100 ]
	EOF
}

# Counters are numbers, begin at 0 and cannot be written.
case_counters() {
	for file in "$switches"/stats/* /sys/class/net/p1/fastbridge_port/stats/*; do
		grep -qx '[0-9][0-9]*' "$file" || wrong "$file shows $(cat "$file")"
		[ "$(write_error "$file" 0)" = 'Permission denied' ] ||
			wrong "$file can be written"
	done
	for name in fast_packets fast_bytes stock_group stock_source; do
		shows $switches/stats/$name 0
	done
}

# Even by who owns them and has made them writable.
case_counters_made_writable() {
	at_end 'chmod a-w /sys/class/net/p1/fastbridge_port/stats/*'
	for file in "$switches"/stats/* /sys/class/net/p1/fastbridge_port/stats/*; do
		chmod u+w "$file"
		refused 'Input/output error' "$file" 0
	done
	unshare -Urnm sh -eu <<-'EOF' || wrong "not refused in a namespace of one's own"
	mount -t sysfs sysfs /sys
	ip link add br1 type bridge
	cd /sys/class/net/br1/fastbridge/stats
	chmod u+w fast_packets
	echo 1 | dd of=fast_packets 2>&1 | grep 'Input/output error'
	EOF
}

sum_of_ports() {
	sum=0
	for file in /sys/class/net/p?/fastbridge_port/stats/"$1"; do
		sum=$((sum + $(cat "$file")))
	done
	echo $sum
}

case_counters_add_up() {
	hello
	between h1 h2
	for name in fast_packets fast_bytes stock_group stock_refresh stock_source; do
		shows $switches/stats/$name "$(sum_of_ports $name)"
	done
	[ "$(cat /sys/class/net/p1/fastbridge_port/stats/fast_packets)" -ge 3 ] ||
		wrong "p1 did not count"
	shows /sys/class/net/p1/fastbridge_port/stats/fast_bytes \
		"$((100 * $(cat /sys/class/net/p1/fastbridge_port/stats/fast_packets)))"
}

# Neither a port that leaves nor the mode takes them away.
case_counters_kept() {
	hello
	between h1 h2
	kept=$(counter fast_packets)
	[ "$kept" -gt 0 ] || wrong "nothing was forwarded"
	ip link set p1 nomaster
	shows $switches/stats/fast_packets "$kept"
	taken $switches/mode off
	shows $switches/stats/fast_packets "$kept"
	shows $switches/stats/fdb_entries 0
	[ ! -e /sys/class/net/p1/fastbridge_port ] || wrong "p1 still has its files"
}

# A rule of a bridge is passed by in mode bypass, and acts from the moment of auto.
case_bypass() {
	at_end 'nft delete table bridge t'
	nft 'table bridge t { chain c { type filter hook forward priority 0; drop; }; }'
	mode_off
	taken $switches/mode bypass
	exchange <<-EOF
	h1 > all
	h2 > all
	EOF
	sleep 0.2
	between h1 h2 > "$work/between"
	[ "$(grep -c '^h2' "$work/between")" -ge 4 ] || wrong "bypass did not pass the rule by"
	taken $switches/mode auto
	between h1 h2 > "$work/between"
	[ ! -s "$work/between" ] || wrong "auto did not obey the rule"
}

# What is open when the bridge goes away gives an error, and no more.
case_open_files() {
	at_end 'exec 5<&- 6>&-'
	exec 5< $switches/stats/fast_packets 6> $switches/mode
	ip link del br0
	! cat <&5 || wrong "a counter of a bridge that is gone can be read"
	! echo off >&6 || wrong "a switch of a bridge that is gone can be written"
}

case_fdb_max() {
	unload
	at_end 'rmmod fastbridge; load'
	for value in -1 x 4294967296; do
		! load "fdb_max=$value" || wrong "fdb_max=$value was taken"
	done
	load fdb_max=16
	mode_on
	for n in 1 2 3 4; do
		for m in 1 2 3 4 5 6 7; do
			echo "h$n > all src=02:00:00:00:$n$n:0$m"
		done
	done > "$work/many"
	exchange < "$work/many"
	[ "$(counter fdb_entries)" -le 16 ] || wrong "$(counter fdb_entries) entries of 16"
	[ "$(counter fdb_refused)" -gt 0 ] || wrong "none was refused"
}

# A port that takes the addresses of others gets no more of them than half of the table.
case_share_of_what_moves() {
	unload
	at_end 'rmmod fastbridge; load'
	load fdb_max=16
	mode_on
	for m in 1 2 3 4 5 6 7; do
		echo "h1 > all src=02:00:00:00:11:0$m"
		echo "h2 > all src=02:00:00:00:22:0$m"
	done | exchange
	[ "$(counter fdb_entries)" -eq 14 ] || wrong "$(counter fdb_entries) entries and not 14"
	for m in 1 2 3 4 5 6 7; do
		echo "h3 > all src=02:00:00:00:11:0$m"
		echo "h3 > all src=02:00:00:00:22:0$m"
	done | exchange
	[ "$(counter fdb_entries)" -le 8 ] || wrong "$(counter fdb_entries) entries of one port"
	[ "$(counter fdb_refused)" -gt 0 ] || wrong "none was refused"
}

# Bridges that were there before get their files, and lose them.
case_files_follow_the_module() {
	unload
	at_end 'load || true'
	! ls -d /sys/class/net/*/fastbridge* || wrong "files without the module"
	load
	shows $switches/mode off
	[ -d /sys/class/net/p4/fastbridge_port ] || wrong "no files of p4"
}

prepare
load
[ $# -gt 0 ] || cases=$(cases_of "$FILES/fastbridge/config.sh")
for name in ${cases-"$@"}; do
	run_alone config "$name"
done
unload
finish config
