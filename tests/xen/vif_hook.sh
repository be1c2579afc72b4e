#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Tests the hook for an unpatched xl on the build machine: sourced as Xen's vif scripts do
# it, with a folder in the place of sysfs. queue_len.sh runs it in a real dom0.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=bench/lib/help.sh
. "$top/bench/lib/help.sh"
suite=hook
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. "$top/tests/lib.sh"

hook=$top/tools/hotplug/vif-post.d/xen-fastnet.hook
folder=$work/net/vif7.1/netback
port=$work/net/vif7.1/fastbridge_port

# What surrounds a hook: errors end the script, its functions, its variables; and commands
# that it calls, of which modprobe makes the files of fastbridge, if there is a module.
cat > "$work/script" <<'EOF'
set -e
trap 'echo "command failed" >> "$work/log"; exit 1' ERR
log() { echo "$@" >> "$work/log"; }
fatal() { echo "fatal $*" >> "$work/log"; exit 1; }
modprobe() {
	[ -z "$killed" ] || sh -c 'kill -KILL $PPID'
	[ "$*" = fastbridge ] && [ -d "$work/module" ] || return 1
	[ ! -e "$work/module/guard" ] || cp -r "$work/module" "$port"
}
ip() { echo "ip $*" >> "$work/log"; }
xenstore_of() {
	case $1 in
	/local/domain/7/target)	echo "$guest_target" ;;
	/local/domain/7/name)	echo "$guest_name" ;;
	/local/domain/5/name)	echo "$target_name" ;;
	backend/vif/7/1/mac)	echo "$guest_mac" ;;
	backend/vif/7/1/ip)	echo "$guest_ip" ;;
	esac
}
xenstore-list() {
	[ "$1" != "$unlisted" ] || return 1
	for key in mac ip target name; do
		[ -z "$(xenstore_of "$1/$key")" ] || echo $key
	done
}
# As Xen's says it, whose -R has no line end either.
escaped() {
	for ((at = 0; at < ${#1}; at++)); do
		case ${1:at:1} in
		\\)	printf '\\\\' ;;
		$'\n')	printf '\\n' ;;
		[\ -~])	printf '%s' "${1:at:1}" ;;
		*)	printf '\\x%02x' $(($(printf %d "'${1:at:1}") & 255)) ;;
		esac
	done
}
xenstore-read() {
	raw=''
	[ "$1" != -R ] || { raw=yes; shift; }
	[ "$1" != "$unread" ] && [ -n "$(xenstore_of "$1")" ] || return 1
	stored_value=$(xenstore_of "$1"; echo .)
	stored_value=${stored_value%$'\n'.}
	if [ -n "$raw" ]; then printf %s "$stored_value"; else escaped "$stored_value"; echo; fi
}
xenstore_read_default() { xenstore-read "$1" 2> /dev/null || echo "$2"; }
dev=vif7.1${emulated:+-emu} XENBUS_PATH=backend/vif/7/1 file=mine key=mine guest=mine folder=mine
state() { declare -p | grep -vE ' (_|BASH_[A-Z]*|FUNCNAME|LINENO|PPID|PIPESTATUS|RANDOM|SRANDOM|SECONDS|EPOCH[A-Z]*)='; declare -F; set +o; trap; pwd; }
state > "$work/before"
. "$hook"
state > "$work/after"
echo 'went on' >> "$work/log"
EOF

# configure: interface 1 of the guest web, domain 7, and standard input as the file.
configure() {
	rm -rf "$work/net" "$work/module" "$work/run" "$work/vifs"
	mkdir -p "$folder/stats"
	for file in rx_queue_packets tx_budget; do
		echo 0 > "$folder/$file"
	done
	# A file that takes but -1000 to 1000.
	ln -s /proc/self/oom_score_adj "$folder/rx_queue_bytes"
	mkdir "$port"
	for file in guard guard_mac guard_ipv4 guard_ipv6 guard_no_router guard_ip_only; do
		: > "$port/$file"
	done
	cat > "$work/vifs"
	install -m 755 /dev/null "$work/fastnet"
}

# vif_script [COMMAND [GUEST]]
vif_script() {
	: > "$work/log"
	(
		export LC_ALL=C work hook port command="${1-online}" guest_name="${2-web}"
		export guest_target="${guest_target-}" target_name="${target_name-}"
		export guest_mac="${guest_mac-00:16:3e:01:02:03}" guest_ip="${guest_ip-}"
		export XEN_FASTNET_SYSFS="$work/net" XEN_FASTNET_VIFS="$work/vifs"
		export XEN_FASTNET_RUN="$work/run" XEN_FASTNET_COMMAND="$work/fastnet" emulated="${emulated-}" killed="${killed-}"
		export unlisted="${unlisted-}" unread="${unread-}"
		exec bash "$work/script"
	)
}

come() {
	configure
	vif_script "$@"
}

# found PACKETS BUDGET [LOG-LINE...]: what the two files have, and what the log.
found() {
	packets=$1 budget=$2
	shift 2
	grep -H . "$folder/rx_queue_packets" "$folder/tx_budget"
	cat "$work/log"
	[ "$(cat "$folder/rx_queue_packets")" = "$packets" ] &&
		[ "$(cat "$folder/tx_budget")" = "$budget" ] || return 1
	printf '%s\n' "$@" 'went on' | sed '/^$/d' | diff - "$work/log"
}

unknown_line() {
	echo "err xen-fastnet: vif7.1: unknown setting $1"
}

applies() {
	come <<-EOF
	# a comment
	web queue_len=128 tx_budget=32	# and another

	EOF
	found 128 32
}

file_name_too() {
	echo 'web rx_queue_packets=128' | come
	found 128 0
}

one_interface() {
	come <<-EOF
	web.0 queue_len=1
	web.1 tx_budget=2
	web.11 queue_len=3
	EOF
	found 0 2
}

others_lines() {
	come <<-EOF
	we queue_len=1
	webs queue_len=2
	w* queue_len=3
	7 queue_len=4
	EOF
	found 0 0
}

all_guests() {
	come <<-EOF
	* queue_len=1 tx_budget=2
	web queue_len=3
	EOF
	found 3 2
}

last_line_wins() {
	come <<-EOF
	web queue_len=3
	*.1 queue_len=4
	EOF
	found 4 0
}

# Both are the same file, which has what was written last.
hyperswitch_is_last() {
	echo 'web hyperswitch=2 cutthrough=1' | configure
	: > "$folder/both"
	ln -s both "$folder/hyperswitch"
	ln -s both "$folder/cutthrough"
	vif_script
	found 0 0 && [ "$(cat "$folder/both")" = 2 ]
}

unfinished_line() {
	printf 'web queue_len=5' | come
	found 5 0
}

without_name() {
	come online '' <<-EOF

	* queue_len=5
	EOF
	found 5 0
}

refused() {
	echo 'web rx_queue_bytes=9999 queue_len=6' | come
	found 6 0 'err xen-fastnet: vif7.1: rx_queue_bytes=9999 is refused'
}

unknown() {
	echo 'web budget=7 stats=7 =7 queue_len Tx_budget=7 tx_budget=8' | come
	found 0 8 "$(for setting in budget=7 stats=7 =7 queue_len Tx_budget=7; do
		unknown_line "$setting"
	done)"
}

no_way_out() {
	echo 'web ../outside=1 stats/../tx_budget=1 *=1' | configure
	echo 0 > "$folder/../outside"
	vif_script
	found 0 0 "$(unknown_line ../outside=1)" "$(unknown_line stats/../tx_budget=1)" \
		"$(unknown_line '*=1')" && [ "$(cat "$folder/../outside")" = 0 ]
}

# shellcheck disable=SC2016 # on purpose
no_expansion() {
	echo 'web queue_len=$HOME tx_budget=*' | configure
	mkdir -p "$work/here/tx_budget=1"
	(cd "$work/here" && vif_script)
	found '$HOME' '*'
}

stock() {
	printf 'web queue_len=1 tx_budget=2\nweb queue_len=3\n' | configure
	rm -r "$folder"
	vif_script
	printf '%s\n' 'warning xen-fastnet: vif7.1: no settings, the netback is the stock one' \
		'went on' | diff - "$work/log"
}

stock_unmentioned() {
	printf 'mail queue_len=1\nweb # nothing\n' | configure
	rm -r "$folder"
	vif_script
	echo 'went on' | diff - "$work/log"
}

without_file() {
	configure < /dev/null
	rm "$work/vifs"
	vif_script
	found 0 0
}

not_its_turn() {
	echo 'web queue_len=1' | come "$@"
	found 0 0
}

migration() {
	echo 'web queue_len=9' | come online web--incoming
	found 9 0
}

# guarded GUARD MAC IPV4 IPV6 [LOG-LINE...]: what was written last to each of the files.
guarded() {
	for file in guard guard_mac guard_ipv4 guard_ipv6; do
		[ "$(cat "$port/$file")" = "$1" ] || { grep . "$port"/*; return 1; }
		shift
	done
	cat "$work/log"
	printf '%s\n' "$@" 'went on' | sed '/^$/d' | diff - "$work/log"
}

guards_addresses() {
	guest_ip='10.0.0.1 fd00::1 10.0.0.2' come <<-EOF
	* guard=1 guard_no_router=1
	EOF
	guarded 1 +00:16:3e:01:02:03 '+10.0.0.1 +10.0.0.2' +fd00::1 &&
		[ "$(cat "$port/guard_no_router")" = 1 ]
}

# Whoever has no IPv6 address still has the one that goes with his MAC.
guards_link_local() {
	guest_ip=10.0.0.1 guest_mac=02:16:3E:01:02:03 come <<-EOF
	web guard=1
	EOF
	guarded 1 +02:16:3E:01:02:03 +10.0.0.1 +fe80::0016:3Eff:fe01:0203
}

# The kernel refuses a list with an address that is in it twice, or in the guard already.
guards_each_once() {
	echo 'web guard=1' | configure
	guest_ip='10.0.0.1 fe80::16:3eff:fe01:203 10.0.0.10 10.0.0.1 fd00::a:0:0:1 ::fd
		FD00:0::00A:0:0:1 fd00:0:0:0:a::1 fd00::a:0:1 fd00:: 0::00fd' \
		guest_mac=02:16:3e:01:02:03 vif_script
	guarded 1 +02:16:3e:01:02:03 '+10.0.0.1 +10.0.0.10' \
		'+fd00::a:0:0:1 +::fd +fd00::a:0:1 +fd00::'
}

guards_mac_alone() {
	echo 'web guard=1' | come
	guarded 1 +00:16:3e:01:02:03 '' ''
}

guards_on_stock_netback() {
	echo 'web guard=1' | configure
	rm -r "$folder"
	vif_script
	guarded 1 +00:16:3e:01:02:03 '' ''
}

last_guard_wins() {
	printf '* guard=1\nweb guard=0\n' | come
	guarded '' '' '' ''
}

# Who means a guard and misspells it has no guest without.
wrong_guard() {
	echo 'web guard=yes' | configure
	refuses 'guard=yes is not known' || return 1
	for word in guard guard=; do
		echo "web $word" | configure
		refuses 'guard=nothing is not known' || return 1
	done
}

# A stub domain has its guest's interfaces, and a name of its own.
stub_domain() {
	echo 'web guard=require queue_len=5' | configure
	guest_target=5 target_name=web guest_ip=10.0.0.1 vif_script online web-dm
	guarded 1 +00:16:3e:01:02:03 +10.0.0.1 +fe80::0216:3eff:fe01:0203 && found 5 0 || return 1
	echo 'web guard=require' | configure
	rm -r "$port"
	guest_target=5 target_name=web--incoming refuses 'fastbridge cannot be loaded' online web--incoming-dm ||
		return 1
	echo 'web guard=require' | come online web-dm
	guarded '' '' '' ''
}

# Xen takes any name.
blank_names() {
	printf '%s\n' 'web guard=0 queue_len=1' 'web  server.1	queue_len=2' 'mail server queue_len=3' \
		' 	web  server  guard=require tx_budget=5' | come online 'web  server'
	found 2 5 && guarded 1 +00:16:3e:01:02:03 '' '' || return 1
	echo 'mail server guard=require' | come online 'web server'
	guarded '' '' '' '' || return 1
	echo 'web server guard=1' | come
	guarded 1 +00:16:3e:01:02:03 '' '' "$(unknown_line server)"
}

# not_understood LINE LOG-WORDS: with guard=require in it the guest does not start; without, it
# does, and the log has the words all the same.
not_understood() {
	echo "$1" | configure
	refuses 'a line that requires a guard is not understood' || return 1
	grep -qxF "err xen-fastnet: vif7.1: $2" "$work/log" || return 1
	rm -r "$folder"
	refuses 'a line that requires a guard is not understood'
}

malformed() {
	not_understood 'web server guard=require' 'unknown setting server' &&
		not_understood '*	guard=require =1' 'unknown setting =1' &&
		not_understood 'web guard=require guard_no_router=1 no-dhcp' 'unknown setting no-dhcp' &&
		not_understood 'web gaurd=require # sic' 'unknown setting gaurd=require' &&
		not_understood 'guard=require guard_no_router=1' \
			'no guest before guard=require guard_no_router=1' &&
		not_understood 'webguard=require' 'no guest before webguard=require' &&
		not_understood 'web guard=require # sic' 'no guest before web guard=require # sic' &&
		not_understood 'web guard=require guard_no_router=1' \
			'a no-break space behind web' || return 1
	echo 'web guard=require no_router=1' | configure
	refuses 'a line that requires a guard is not understood' || return 1
	printf '%s\n' 'mail server guard=require' 'web server guard=1' 'guard=1' '* queue_len=5' | configure
	rm -r "$folder"
	vif_script
	guarded 1 +00:16:3e:01:02:03 '' '' "$(unknown_line server)" \
		'err xen-fastnet: vif7.1: no guest before guard=1' \
		'warning xen-fastnet: vif7.1: no settings, the netback is the stock one'
}

# May be another guest's: it takes no guard away, and nothing of it.
doubtful_weakens() {
	for rest in 'server guard=0' 'guard=0 server' 'server guard=1' 'queue_len=5 budget=7 guard=0' 'guard=1 =1'; do
		printf '%s\n' 'web guard=require' "web $rest" | configure
		rm -r "$port"
		echo "$rest"
		refuses 'fastbridge cannot be loaded' || return 1
	done
	guest_ip=10.0.0.1 come <<-EOF
	* guard=1 guard_no_router=1
	web server guard=0 guard_ip_only=0 guard_no_router=off
	EOF
	guarded 1 +00:16:3e:01:02:03 +10.0.0.1 +fe80::0216:3eff:fe01:0203 "$(unknown_line server)" &&
		[ "$(cat "$port/guard_no_router")" = 1 ] && [ "$(cat "$port/guard_ip_only")" = 1 ]
}

doubtful_strengthens() {
	printf '%s\n' 'web guard=0' 'web server guard=1 guard_no_router=1' | come
	guarded 1 +00:16:3e:01:02:03 '' '' "$(unknown_line server)" &&
		[ "$(cat "$port/guard_no_router")" = 1 ] || return 1
	printf '%s\n' '* guard=1' 'web server guard=yes' | configure
	refuses 'guard=yes is not known'
}

# It takes bytes that its own tools escape when they tell of them, and a line end.
odd_names() {
	for guest in büro 'a\b' '\x62 c'; do
		printf '%s guard=require\n' "$guest" | come online "$guest"
		guarded 1 +00:16:3e:01:02:03 '' '' || return 1
	done
	printf '%s\n' '* guard=1' 'web guard=0' | come online 'web
'
	guarded 1 +00:16:3e:01:02:03 '' ''
}

# It is told of, and one that has no setting is no fault.
without_blank() {
	printf '%s\n' webguard=1 'web#' web '#web=1' 'web queue_len=5' 'web guard=1 queue_len=6' | come
	found 5 0 'err xen-fastnet: vif7.1: no guest before webguard=1' \
		'err xen-fastnet: vif7.1: a no-break space behind web'
}

# Some editors put one before the first line, whatever that is.
byte_order_mark() {
	printf '\357\273\277web guard=1\n' | come
	guarded 1 +00:16:3e:01:02:03 '' '' || return 1
	printf '\357\273\277 \t* guard=1\r\n' | come
	guarded 1 +00:16:3e:01:02:03 '' ''
}

# A file that was written elsewhere has carriage returns.
carriage_return() {
	printf 'web guard=1\r\n' | come
	guarded 1 +00:16:3e:01:02:03 '' ''
}

# Xen takes such a name, too.
comment_names() {
	printf '%s\n' '* guard=1' '# web guard=0' ' # web guard=0 queue_len=5' '#web queue_len=5' | come online '# web'
	guarded 1 +00:16:3e:01:02:03 '' '' && found 0 0
}

# Nobody knows whether it is meant.
nameless_perhaps() {
	echo 'web guard=1' | come online ''
	guarded '' '' '' '' \
		"crit xen-fastnet: vif7.1: perhaps NOT GUARDED: the guest's name cannot be read"
}

# Who is killed before the last word has his guard, or not.
killed_perhaps() {
	killed 'web guard=1' 'went on' && printf '%s\n' \
		'crit xen-fastnet: vif7.1: perhaps NOT GUARDED: the hook has been ended' 'went on' |
		diff - "$work/log"
}

nameless() {
	echo 'web guard=require' | configure
	says_no vif_script online ''
	cat "$work/log"
	grep -q 'fatal xen-fastnet: vif7.1: refused, because it must be guarded' "$work/log"
}

# Whatever is said of all of them, it may be the one.
nameless_among_others() {
	printf '%s\n' 'mail guard=require' '* guard=0' | configure
	says_no vif_script online ''
	cat "$work/log"
	grep -q 'fatal xen-fastnet: vif7.1: refused, because it must be guarded' "$work/log"
}

# It has the guard that all have, and fastbridge is loaded for it.
nameless_guarded() {
	echo '* guard=1' | configure
	mv "$port" "$work/module"
	vif_script online ''
	guarded 1 +00:16:3e:01:02:03 '' '' \
		"crit xen-fastnet: vif7.1: NOT GUARDED: the guest's name cannot be read"
}

# A file that is there, and says nobody knows what.
unreadable() {
	configure < /dev/null
	rm "$work/vifs"
	ln -s nothing "$work/vifs"
	refuses "$work/vifs is no file that can be read" || return 1
	ln -sf /proc/self/mem "$work/vifs"
	refuses "$work/vifs is no file that can be read" || return 1
	rm "$work/vifs"
	mkdir "$work/vifs"
	refuses "$work/vifs is no file that can be read"
}

# killed LINE WORDS: of a hook that is ended in the middle. Without a line the file is one that
# cannot be read.
killed() {
	echo "$1" | configure
	[ -n "$1" ] || ln -sf nothing "$work/vifs"
	mv "$port" "$work/module"
	result=0
	killed=yes vif_script || result=$?
	cat "$work/log"
	echo "$result"
	tail -n 1 "$work/log" | grep -qx "$2"
}

# What takes no address: a guard that lets nothing of its kind pass, and a word in the log.
refused_address() {
	echo 'web guard=1' | configure
	ln -sf /proc/self/oom_score_adj "$port/guard_ipv4"
	guest_ip='10.0.0.1/24' vif_script
	[ "$(cat "$port/guard")" = 1 ] && [ "$(cat "$port/guard_ipv6")" = +fe80::0216:3eff:fe01:0203 ] &&
		grep -qx 'err xen-fastnet: vif7.1: the guard does not take the ipv4 address 10.0.0.1/24' \
			"$work/log"
}

none_of_kind() {
	echo "crit xen-fastnet: vif7.1: the guard takes none of its $1 addresses: what it sends from them is dropped"
}

# The kernel takes a write whole or not at all, and one wrong word takes no other along. A file that
# takes but +-1000 to +1000 stands for it.
refused_among_others() {
	echo 'web guard=require' | configure
	ln -sf /proc/self/oom_score_adj "$port/guard_ipv4"
	guest_ip='5 2000 7 3000' vif_script
	cat "$work/log"
	diff - "$work/log" <<-EOF
	err xen-fastnet: vif7.1: the guard does not take the ipv4 address 2000
	err xen-fastnet: vif7.1: the guard does not take the ipv4 address 3000
	went on
	EOF
	[ "$(cat "$port/guard")" = 1 ]
}

# Its guard is there, and whole; but the guest's network is not, and that is to be seen.
refused_kind() {
	echo 'web guard=require' | configure
	ln -sf /proc/self/oom_score_adj "$port/guard_ipv4"
	guest_ip='10.0.0.5/24 10.0.0.6/24 fd00::1' vif_script
	cat "$work/log"
	diff - "$work/log" <<-EOF || return 1
	err xen-fastnet: vif7.1: the guard does not take the ipv4 address 10.0.0.5/24
	err xen-fastnet: vif7.1: the guard does not take the ipv4 address 10.0.0.6/24
	$(none_of_kind ipv4)
	went on
	EOF
	[ "$(cat "$port/guard")" = 1 ] && [ "$(cat "$port/guard_ipv6")" = +fd00::1 ] || return 1
	echo 'web guard=1' | configure
	ln -sf /proc/self/oom_score_adj "$port/guard_ipv6"
	guest_ip='10.0.0.5 fd00::1' vif_script
	cat "$work/log"
	grep -qxF "$(none_of_kind ipv6)" "$work/log"
}

# A guest with addresses has IP alone, if its line does not say that it has more.
guards_ip_only() {
	guest_ip=10.0.0.1 come <<-EOF
	* guard=1
	EOF
	[ "$(cat "$port/guard_ip_only")" = 1 ] || return 1
	guest_ip=10.0.0.1 come <<-EOF
	* guard_ip_only=1
	web guard=1 guard_ip_only=0
	EOF
	[ "$(cat "$port/guard_ip_only")" = 0 ] || return 1
	echo '* guard=1' | come
	[ -z "$(cat "$port/guard_ip_only")" ]
}

guards_networks() {
	guest_ip='10.0.0.0/24 fd00::/64 10.0.1.1/32 10.0.1.1 fd00:0::/64 fd01::1/128' come <<-EOF
	web guard=1
	EOF
	guarded 1 +00:16:3e:01:02:03 '+10.0.0.0/24 +10.0.1.1' '+fd00::/64 +fd01::1'
}

# A line is a write, of which the kernel takes less than a page.
guards_many() {
	echo 'web guard=1' | configure
	many=$(awk 'BEGIN { for (i = 100; i < 480; i++) printf "10.100.%d.%d ", i / 2, i % 2 + 100 }')
	rm "$port/guard_ipv4"
	mkfifo "$port/guard_ipv4"
	(
		exec 4<> "$port/guard_ipv4"
		guest_ip=$many vif_script
		timeout 1 cat <&4 > "$work/pieces"
	) || :
	wc -L "$work/pieces"
	[ "$(wc -L < "$work/pieces")" -lt 4096 ] && [ "$(wc -l < "$work/pieces")" = 2 ] &&
		[ "$(grep -o '+10[.]' "$work/pieces" | wc -l)" = 380 ]
}

# The emulated card of a guest is a port of its own, and without a back end.
guards_emulated() {
	echo 'web guard=1 queue_len=5' | configure
	rm -r "$folder"
	mv "$port" "$work/port"
	mkdir "$work/net/vif7.1-emu"
	ln -s "$work/port" "$work/net/vif7.1-emu/fastbridge_port"
	emulated=yes guest_ip=10.0.0.1 vif_script add
	mv "$work/port" "$port"
	guarded 1 +00:16:3e:01:02:03 +10.0.0.1 +fe80::0216:3eff:fe01:0203 &&
		[ "$(cat "$work/run/guards/vif7.1-emu")" = 1 ]
}

loads_fastbridge() {
	echo 'web guard=require guard_no_router=1' | configure
	mv "$port" "$work/module"
	guest_ip=10.0.0.1 vif_script
	guarded 1 +00:16:3e:01:02:03 +10.0.0.1 +fe80::0216:3eff:fe01:0203 &&
		[ "$(cat "$port/guard_no_router")" = 1 ]
}

does_not_load() {
	echo 'web guard=0 queue_len=5' | configure
	mv "$port" "$work/module"
	vif_script
	found 5 0 && [ ! -d "$port" ]
}

without_fastbridge() {
	echo 'web guard=1 queue_len=5' | configure
	rm -r "$port"
	vif_script
	found 5 0 'crit xen-fastnet: vif7.1: NOT GUARDED: fastbridge cannot be loaded'
}

# refuses REASON [COMMAND [GUEST]]: it does not start, and the interface is out of the bridge.
refuses() {
	reason=$1
	shift
	says_no vif_script "$@"
	cat "$work/log"
	grep -vE '^err ' "$work/log" | diff - /dev/fd/3 3<<-EOF
	crit xen-fastnet: vif7.1: NOT GUARDED: $reason
	ip link set vif7.1 down nomaster
	fatal xen-fastnet: vif7.1: refused, because it must be guarded; see the log
	EOF
}

requires_fastbridge() {
	echo 'web guard=require' | configure
	rm -r "$port"
	refuses 'fastbridge cannot be loaded'
}

requires_port() {
	echo 'web guard=require' | configure
	rm -r "$port"
	mkdir "$work/module"
	refuses 'fastbridge does not know it, which must be in a Linux bridge'
}

requires_mac() {
	echo 'web guard=require' | configure
	ln -sf /proc/self/oom_score_adj "$port/guard_mac"
	refuses 'any hardware address passes'
}

requires_addresses() {
	echo 'web guard=require' | configure
	ln -sf /proc/self/oom_score_adj "$port/guard_ipv4"
	ln -sf /proc/self/oom_score_adj "$port/guard_ipv6"
	guest_ip=10.0.0.1 refuses 'any address passes'
}

# What is there and cannot be read is not taken for what is not there.
requires_configuration() {
	echo 'web guard=require' | configure
	guest_ip=10.0.0.1 unread=backend/vif/7/1/ip refuses 'its ip= cannot be read' || return 1
	echo 'web guard=require' | configure
	guest_ip=10.0.0.1 unlisted=backend/vif/7/1 refuses 'its mac= cannot be read, its ip= cannot be read' &&
		echo 'web guard=require' | configure || return 1
	guest_target=5 target_name=web unread=/local/domain/7/target \
		refuses "the guest's name cannot be read" online web-dm &&
		echo 'web guard=require' | configure || return 1
	guest_target=5 target_name=web unlisted=/local/domain/7 \
		refuses "the guest's name cannot be read" online web-dm
}

requires_options() {
	echo 'web guard=require guard_no_nonsense=1' | configure
	refuses 'no guard_no_nonsense=1' || return 1
	echo 'web guard=require guard_iponly=1 guard_no_router' | configure
	refuses 'no guard_iponly=1, no guard_no_router'
}

requires_guard() {
	echo 'web guard=require' | configure
	ln -sf /dev/full "$port/guard"
	refuses 'the guard is refused'
}

# What is wanted stands where fastnet status finds it, and goes with the interface.
marks_guards() {
	mask=$(umask)
	umask 077
	echo 'web guard=1' | come
	umask "$mask"
	[ "$(cat "$work/run/guards/vif7.1")" = 1 ] &&
		[ "$(stat -c %a "$work/run" "$work/run/guards" | xargs)" = '755 755' ] || return 1
	vif_script offline
	[ ! -e "$work/run/guards/vif7.1" ] || return 1
	vif_script
	echo 'web guard=0' > "$work/vifs"
	vif_script
	[ ! -e "$work/run/guards/vif7.1" ]
}

after_removal() {
	echo 'web guard=require queue_len=5' | configure
	rm "$work/fastnet"
	rm -r "$port"
	vif_script
	found 0 0
}

leaves_no_trace() {
	echo 'web queue_len=1 rx_queue_bytes=9999 nonsense' | come
	grep -q dev= "$work/before" && diff "$work/before" "$work/after"
}

check 'a guard by mac= and ip=' guards_addresses
check 'a guard allows the link-local address' guards_link_local
check 'a guard is told each address once' guards_each_once
check 'a guard without ip= minds the MAC alone' guards_mac_alone
check 'a guard needs no settings of netback' guards_on_stock_netback
check 'the last guard= wins' last_guard_wins
check 'a guard= that makes no sense' wrong_guard
check 'carriage returns' carriage_return
check 'a stub domain' stub_domain
check 'names with blanks' blank_names
check 'names that xenstore-read escapes' odd_names
check 'what is not understood' malformed
check 'what is not understood takes no guard away' doubtful_weakens
check 'and may bring one' doubtful_strengthens
check 'a line without a blank' without_blank
check 'a byte order mark' byte_order_mark
check 'guard=require: a guest without a name' nameless
check 'guard=require: a guest without a name, and others have none' nameless_among_others
check 'guard=1: a guest without a name' nameless_guarded
check 'guard=1 for somebody: a guest without a name' nameless_perhaps
check 'a name that begins like a comment' comment_names
check 'a file that cannot be read' unreadable
check 'guard=require: a hook that is killed' killed 'web guard=require' \
	'fatal xen-fastnet: vif7.1: refused, because it may have to be guarded'
check 'a file that cannot be read: a hook that is killed' killed '' \
	'fatal xen-fastnet: vif7.1: refused, because it may have to be guarded'
check 'guard=1: a hook that is killed' killed_perhaps
check 'an address that is refused' refused_address
check 'an address that is refused, and others are not' refused_among_others
check 'addresses of a kind that are all refused' refused_kind
check 'a guard without fastbridge' without_fastbridge
check 'a guard of a guest with ip= is for IP alone' guards_ip_only
check 'a guard takes networks' guards_networks
check 'a guard of more addresses than a write takes' guards_many
check 'a guard of an emulated interface' guards_emulated
check 'fastbridge is loaded for a guard' loads_fastbridge
check 'and only for a guard' does_not_load
check 'guard=require needs fastbridge' requires_fastbridge
check 'guard=require needs a port of its' requires_port
check 'guard=require needs the MAC' requires_mac
check 'guard=require needs the addresses' requires_addresses
check 'guard=require needs what xenstore says' requires_configuration
check 'guard=require needs the options' requires_options
check 'guard=require needs the guard' requires_guard
check 'a guard that is wanted is marked' marks_guards
check 'nothing is done without the package' after_removal
check 'settings are applied' applies
check 'queue_len goes by its file name too' file_name_too
check 'a line for one interface' one_interface
check 'lines for others do nothing' others_lines
check '* is every guest' all_guests
check 'the last line counts' last_line_wins
check 'hyperswitch comes after cutthrough' hyperswitch_is_last
check 'a last line without its end' unfinished_line
check 'a guest whose name is not known' without_name
check 'a refused value is logged, and the rest applied' refused
check 'unknown keys are logged, and the rest applied' unknown
check 'keys are no paths' no_way_out
check 'nothing is expanded' no_expansion
check 'the stock netback is told of once' stock
check 'and not if nothing is to be set' stock_unmentioned
check 'no configuration' without_file
check 'not when it goes offline' not_its_turn offline
check 'not for an emulated interface' not_its_turn add
check 'a guest that migrates in' migration
check 'the vif script goes on as it was' leaves_no_trace
check_sum
