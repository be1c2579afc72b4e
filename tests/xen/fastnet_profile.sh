#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Scenario for bench/xenhost --count --file lib.sh --file fastnet, with the kit's modules:
# fastnet profile while guest1 talks to guest2, and fastnet bench between the two. Its
# nanoseconds are instructions here, which do not depend on what else the machine does.
# shellcheck source=bench/lib/dom0.sh
. "$LIB/dom0.sh"
set -eu

suite=fastnet
work=/tmp/fastnet-profile
fastnet=$FILES/fastnet
# shellcheck source=tests/lib.sh
. "$FILES/lib.sh"

# Frames at a rate that leaves time for the rest.
talk_start() {
	iperf guest1 guest2 -u -b 100M -l 1400 -t 10000 > /dev/null 2>&1 &
	wait_for 60 talks
}

talks() {
	before=$(dev_counter "$(guest_vif guest1)" rx_packets)
	sleep 0.2
	[ "$(dev_counter "$(guest_vif guest1)" rx_packets)" -gt $((before + 500)) ]
}

talk_stop() {
	iperf_stop guest2
	wait
}

# ---- profile

profile() {
	$fastnet -j profile -d 4 --flame-graph "$work/flame.svg" > "$work/profile.json"
}

# of COMPONENT WHAT
of() {
	jq --arg component "$1" --arg what "$2" \
		'.components[] | select(.component == $component)[$what]' "$work/profile.json"
}

# is_so FILTER: of the JSON; shown if it is not so.
is_so() {
	jq -e "$1" "$work/profile.json" > /dev/null || { cat "$work/profile.json"; return 1; }
}

shares_add_up() {
	is_so '[.components[].share] | add | . > 99.9 and . < 100.1'
}

# Of the path that each frame takes, a thirtieth of the time and a hundred instructions are
# little.
takes_part() {
	for component in bridge netback 'grant hypercalls' 'network stack'; do
		echo "$component: $(of "$component" share) %," \
			"$(of "$component" ns_per_packet) ns"
		[ "$(of "$component" share | cut -d. -f1)" -ge 3 ] &&
			[ "$(of "$component" ns_per_packet | cut -d. -f1)" -ge 100 ] || return 1
	done
}

# As many as guest1 sends.
packets_are_counted() {
	is_so '.packets / .seconds / (100e6 / 8 / 1400) | . > 0.9 and . < 1.1'
}

# To and from dom0, in batches.
copies_are_counted() {
	is_so '.hypercalls_per_packet.dom0.grant_table_op | . > 0.05 and . < 4'
}

has_functions() {
	is_so '.components[] | select(.component == "bridge") |
		[.functions[] | select(.function | startswith("br_"))] | length > 2'
}

# Tags that are closed in the order in which they were opened, and no bare ampersand.
well_formed() {
	head -c 4 "$1" | grep -qx '<svg' || return 1
	sed 's/&\(lt\|gt\|amp\);//g' "$1" > "$work/bare"
	says_no grep '&' "$work/bare"
	grep -oE '<[^>]*>' "$1" | awk '
		/\/>$/		{ next }
		/^<\//		{ if (open[depth--] != substr($0, 3, length($0) - 3)) bad = 1; next }
				{ name = substr($1, 2); sub(/>$/, "", name); open[++depth] = name }
		END		{ exit bad || depth || NR < 100 }'
}

# Functions below which others are called: what jumps to the next one is not in a stack.
flame_shows() {
	for function in xenvif_tx_action br_handle_frame gnttab_batch_copy; do
		grep -q "<title>$function: .* samples, " "$1" || { echo "no $function"; return 1; }
	done
}

# A screen of text, with the functions of each component.
profile_text() {
	$fastnet profile -s -d 4 > "$work/profile.text" || return 1
	cat "$work/profile.text"
	grep -q '^    gnttab_batch_copy  .* %  *[0-9.]*$' "$work/profile.text" &&
		grep -q '^guest1 ' "$work/profile.text" && says_no grep '.\{81\}' "$work/profile.text"
}

# None of its samples may be left at all.
bridge_takes_little() {
	before=$(of bridge ns_per_packet | cut -d. -f1)
	after=$(awk '$1 == "bridge" { print int($4) }' "$work/profile.text")
	echo "$before ns, then ${after:=0}"
	[ "$after" -lt $((before / 5)) ]
}

fast_path_on() {
	$fastnet enable xenbr0 --xmit direct --runtime &&
		$fastnet set guest1 cutthrough=1 && $fastnet set guest2 cutthrough=1
}

# ---- bench

# rsh NAME [PREFIX]: a remote shell to guests, which puts PREFIX before each command.
rsh_make() {
	cat > "$work/$1" <<-END
	#!/bin/sh
	. "\$LIB/dom0.sh"
	guest_run "\$1" "${2-}\$2"
	END
	chmod +x "$work/$1"
}

bench() {
	$fastnet bench -d 1 --rsh "$work/rsh" --address "$(address guest2)" "$@" guest1 guest2
}

bench_json() {
	bench -j --sizes 65536 --connections 2 > "$work/bench.json" || return 1
	cat "$work/bench.json"
	jq -e 'map(.size) == [65536] and .[0].gigabits_per_second > 0 and
		.[0].dom0_cpu_per_gigabit_per_second > 0 and
		.[0].guests_cpu_per_gigabit_per_second > 0' "$work/bench.json"
}

# Smaller messages bring less.
bench_text() {
	bench --sizes 256 --connections 1 > "$work/bench.text" || return 1
	cat "$work/bench.text"
	less=$(awk '$1 == 256 { print $2 }' "$work/bench.text")
	[ "$(wc -l < "$work/bench.text")" -eq 2 ] && says_no grep '.\{81\}' "$work/bench.text" &&
		jq -e --arg less "$less" '.[0].gigabits_per_second > ($less | tonumber)' \
			"$work/bench.json"
}

mkdir -p "$work"
rmmod xen-netback 2> /dev/null || true
insmod "$MODULES/fastbridge.ko"
insmod "$MODULES/xen-netback.ko"
bridge_make xenbr0
guest_create guest1
guest_create guest2
guest_wait guest1
guest_wait guest2

check 'profile: nobody but root' ends 1 'be root' \
	setpriv --reuid 65534 --clear-groups "$fastnet" profile
check 'profile: no perf' ends 1 'install linux-perf' env PATH=/usr/sbin "$fastnet" profile

talk_start
check 'profile: stock' profile
check 'profile: bridge, netback, grants and stack take part' takes_part
check 'profile: the shares add up' shares_add_up
check 'profile: the packets are counted' packets_are_counted
check 'profile: functions' has_functions
check 'profile: the copies of each packet' copies_are_counted
check 'profile: the flame graph is well-formed' well_formed "$work/flame.svg"
check 'profile: the flame graph shows the path' flame_shows "$work/flame.svg"

check 'the fast path and cut-through' fast_path_on
check 'profile: text' profile_text
check 'profile: the bridge takes less than a fifth of what it did' bridge_takes_little
talk_stop

rsh_make rsh
rsh_make rsh-without 'PATH=/nowhere; '
check 'bench: JSON' bench_json
check 'bench: text' bench_text
check 'bench: a size that is none' ends 1 'wants numbers' bench --sizes 64,0
check 'bench: a server that is not there' ends 1 'does not reach' \
	"$fastnet" bench --rsh "$work/rsh" guest1 guest9
check 'bench: no iperf3' ends 1 'there is no iperf3' \
	"$fastnet" bench --rsh "$work/rsh-without" guest1 guest2
check 'bench: an address that does not answer' ends 1 'guest1: iperf3 has failed' \
	"$fastnet" bench --rsh "$work/rsh" --address 127.0.0.2 guest1 guest2
cp "$work"/* "$RESULTS/"

check_sum
