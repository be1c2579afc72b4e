#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What fastnet does with its configuration, and with files in sysfs that take all or nothing:
# the real command and real bridges in namespaces of their own, whose /sys is made of ordinary
# files. Takes seconds, and no emulated host. Argument: the command, if not the tree's.
set -u
tests=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=bench/lib/help.sh
. "${tests%/*}/bench/lib/help.sh"
suite=fastnet_files
sys=/sys/class/net
parameters=/sys/module/xen_netback/parameters
# shellcheck source=tests/lib.sh
. "$tests/lib.sh"

fastnet() {
	"$command" "$@" --config "$conf"
}

# ---- a host

bridge_sysfs() {
	mkdir -p "$sys/$1/bridge" "$sys/$1/fastbridge"
	echo off > "$sys/$1/fastbridge/mode"
	echo queue > "$sys/$1/fastbridge/xmit"
	echo 0 > "$sys/$1/fastbridge/aggregate"
}

bridge_make() {
	ip link add "$1" type bridge && bridge_sysfs "$1"
}

bridge_gone() {
	ip link del dev "$1" && rm -r "${sys:?}/$1"
}

netback_make() {
	mkdir -p $parameters
	echo 0 > $parameters/rx_queue_packets
	echo 64 > $parameters/tx_budget
	echo 0 > $parameters/cutthrough
}

# program NAME LINE: comes before one of that name.
program() {
	printf '#!/bin/sh\n%s\n' "$2" > "$work/bin/$1"
	chmod 755 "$work/bin/$1"
}

# fresh: br0 and br1, both modules, no configuration.
fresh() {
	for bridge in br0 br1 br2; do
		[ ! -d "$sys/$bridge" ] || bridge_gone "$bridge"
	done
	rm -rf /sys/module /sys/hypervisor /run/xen-fastnet "${work:?}/etc"
	mkdir -p /sys/module/fastbridge "$work/etc"
	netback_make
	bridge_make br0
	bridge_make br1
	program modprobe 'exit 1'
	program xl 'exit 1'
}

# says FILE TEXT
says() {
	value=$(cat "$1") && echo "$1 is '$value', not '$2'" && [ "$value" = "$2" ]
}

bridge_is() {
	says "$sys/$1/fastbridge/mode" "$2" && says "$sys/$1/fastbridge/xmit" "${3:-queue}"
}

keeps() {
	printf '%s\n' "$@" | diff - "$conf"
}

# ---- words

beginnings() {
	fastnet enable br0 > "$work/ignored" || return 1
	for word in r re rese s se d e g sc a; do
		[ "$word" = s ] || ends 1 "there is no command '$word'; " fastnet "$word" br0 mode=off ||
			return 1
	done
	ends 1 'reset wants its whole word' fastnet r && bridge_is br0 auto && "$command" s | grep br0 &&
		"$command" stat | grep br0
}

no_word() {
	ends 1 "there is no command ''" "$command" ''
}

# says_that TEXT COMMAND...: the command succeeds and says just that.
says_that() {
	printf '%s\n' "$1" > "$work/expected"
	shift
	"$@" > "$work/got" && diff "$work/expected" "$work/got"
}

tells() {
	says_that "$sys/br0/fastbridge/mode: off -> auto
$conf: bridge br0 mode=auto xmit=queue" fastnet enable br0 --xmit queue &&
		says_that 'nothing to change' fastnet enable br0 --xmit queue &&
		says_that "$sys/br0/fastbridge/mode: auto -> off" "$command" disable br0 --runtime &&
		says_that 'nothing to change' "$command" disable br0 --runtime
}

# What has been done has been done; what only shows has failed.
full_output() {
	fastnet enable br0 > /dev/full 2> "$work/err" && grep 'but all is done' "$work/err" &&
		bridge_is br0 auto && keeps 'bridge br0 mode=auto' || return 1
	status=0
	fastnet disable br0 --dry-run > /dev/full 2> "$work/err" || status=$?
	cat "$work/err"
	[ $status = 1 ] && grep 'standard output: it cannot be written' "$work/err"
}

closed_output() {
	fastnet enable br0 >&- 2>&- && bridge_is br0 auto && keeps 'bridge br0 mode=auto' &&
		[ ! -s /run/xen-fastnet/lock ]
}

# It would go on for ever.
top_to_nowhere() {
	status=0
	timeout 60 "$command" top -b -d 0.1 > /dev/full 2> "$work/err" || status=$?
	cat "$work/err"
	[ $status = 1 ] && grep 'standard output: it cannot be written' "$work/err"
}

# It would look for a key all the time that it should wait.
top_without_keys() {
	status=0
	TERM=linux timeout 60 script -qec "'$command' top -n 1 < /dev/null" /dev/null > "$work/out" < /dev/null || status=$?
	cat -v "$work/out"
	[ $status = 1 ] && grep 'standard input is no terminal; see -b' "$work/out"
}

# The terminal goes, and nobody is told, as when a connection breaks under nohup.
# shellcheck disable=SC2016 # a shell in the terminal expands it
top_without_terminal() {
	mkfifo "$work/keys"
	TERM=linux script -qc 'trap "" HUP; echo $$ > '"$work"'/top; exec "'"$command"'" top' /dev/null \
		> "$work/out" <> "$work/keys" &
	until grep -q VIF "$work/out"; do
		kill -0 $! || return 1
		sleep 0.1
	done
	kill -KILL $!
	wait $! || :
	looks=0
	while kill -0 "$(cat "$work/top")" 2> /dev/null && [ $looks -lt 100 ]; do
		sleep 0.1
		looks=$((looks + 1))
	done
	says_no kill -KILL "$(cat "$work/top")" 2> /dev/null
}

# completes EXPECTED WORD...: what bash offers for the last one of the words.
# shellcheck disable=SC2016 # bash expands it
completes() {
	expected=$1
	shift
	says_that "$expected" bash -c '. "$0"; compopt() { :; }; COMP_WORDS=(fastnet "$@") COMP_CWORD=$#
		_fastnet; printf "%s\n" "${COMPREPLY[@]}"' "$tests/../tools/completion/fastnet" "$@"
}

# Completion is root's, the names of interfaces may be anybody's.
completion() {
	mkdir -p "$work/here" "$sys/\$(>run)/bridge" && cd "$work/here" || return 1
	kept=0
	completes 'br0
br1' disable br && [ ! -e run ] && completes '\$\(\>run\)' enable '\$' && completes disable di &&
		completes --xmit enable br0 --x && completes mode= set br0 m || kept=1
	rm -r "$sys/\$(>run)"
	return $kept
}

# vifs_make DOMAIN...: each a vif, v and its number.
vifs_make() {
	for domain do
		ip link add "v$domain" type bridge && mkdir -p "$sys/v$domain/netback" &&
			ln -s "../vif-$domain-0" "$sys/v$domain/device" || return 1
		echo 64 > "$sys/v$domain/netback/tx_budget"
	done
}

# vifs_go DOMAIN:BUDGET...: they go; was that what they had?
vifs_go() {
	had=0
	for domain do
		says "$sys/v${domain%:*}/netback/tx_budget" "${domain#*:}" || had=1
		ip link del "v${domain%:*}"
		rm -r "$sys/v${domain%:*}"
	done
	return $had
}

# As xl lists them; it takes any name.
# shellcheck disable=SC2016 # the program expands it
guest_names() {
	program xl 'case $1 in list) cat '"$work"'/list ;; *) exit 1 ;; esac'
	cat > "$work/list" <<-EOF
	Name                                        ID   Mem VCPUs	State	Time(s)
	Domain-0                                     0  1024     2     r-----     100.0
	web                                          6   256     1     -b----      10.0
	web 6 server                                 7   256     1     -b----      10.0
	a name that takes all of the column and 256     8   256     1     ------       0.1
	(null)                                       9     0     1     --psrd       3.2
	EOF
	vifs_make 6 7 8 || return 1
	kept=0
	fastnet set 'web 6 server' tx_budget=7 &&
		fastnet set 'a name that takes all of the column and 256' tx_budget=8 &&
		fastnet set web tx_budget=6 || kept=$?
	vifs_go 6:6 7:7 8:8 && [ $kept = 0 ]
}

# A name may look like a row of the table, or have one in it.
# shellcheck disable=SC2016 # the program expands it
guest_name_like_row() {
	program xl 'case $1 in list) cat '"$work"'/list ;; *) exit 1 ;; esac'
	cat > "$work/list" <<-EOF
	Name                                        ID   Mem VCPUs	State	Time(s)
	Domain-0                                     0  1024     2     r-----     100.0
	mail                                         5   256     1     -b----      10.0
	web 6 1 1 r 4                                7   256     1     -b----      10.0
	web                                          6   256     1     -b----      10.0
	evil
	mail 8 1 1 r 4.0
	                                             8   256     1     -b----      10.0
	EOF
	vifs_make 5 6 7 8 || return 1
	kept=0
	fastnet set web tx_budget=6 && ends 1 'no such vif or guest' fastnet set mail tx_budget=8 || kept=1
	vifs_go 5:64 6:6 7:64 8:64 && [ $kept = 0 ]
}

# A vif's name is that vif's alone; and two guests' long names may begin alike.
# shellcheck disable=SC2016 # the program expands it
names_apart() {
	long=$(printf '%070d' 0)
	program xl 'case $1 in list) cat '"$work"'/list ;; *) exit 1 ;; esac'
	cat > "$work/list" <<-EOF
	Name                                        ID   Mem VCPUs	State	Time(s)
	v6                                           7   256     1     -b----      10.0
	${long}1     6   256     1     -b----      10.0
	${long}2     8   256     1     -b----      10.0
	EOF
	vifs_make 6 7 8 || return 1
	kept=0
	fastnet set v6 tx_budget=6 && fastnet set "${long}2" tx_budget=8 || kept=1
	vifs_go 6:6 7:64 8:8 && [ $kept = 0 ]
}

# An end of bench is a guest, that may say what it likes, in a line or in many, and without an end.
# shellcheck disable=SC2016 # the programs expand it
bench_ends() {
	program xl 'echo "Domain-0  0  1024  2  r-----  100.0"'
	for said in 'cat /dev/zero' yes 'tr "\0" x < /dev/zero'; do
		program rsh 'case $2 in *" -s "*) '"$said"' ;; esac'
		ends 1 'says more than iperf3' bounded bench client server --rsh rsh &&
			program rsh 'case $2 in *" -s "*) echo "Server listening on 5201"; sleep 1 ;; *) '"$said"' ;; esac' &&
			ends 1 'says more than iperf3' bounded bench client server --rsh rsh || return 1
	done
	program rsh 'case $2 in *" -s "*) echo "Server listening on 5201"; exec yes ;;
		*) echo "{\"end\":{\"sum_received\":{\"bytes\":1000000000,\"seconds\":1}}}" ;; esac'
	bounded bench client server --rsh rsh || return 1
	program rsh 'case $2 in *" -s "*) echo "Server listening on 5201"; sleep 1 ;;
		*) head -c 1900000 /dev/zero | tr "\0" "["; head -c 1900000 /dev/zero | tr "\0" "]" ;; esac'
	ends 1 'client: iperf3 has failed' bounded bench client server --rsh rsh
}

# benched BYTES SECONDS RETRANSMITS WORD...: of a client that says so, by the command with these words.
# shellcheck disable=SC2016 # the program expands it
benched() {
	printf '{"end":{"sum_received":{"bytes":%s,"seconds":%s},"sum_sent":{"retransmits":%s}}}\n' "$1" "$2" "$3" \
		> "$work/benched"
	shift 3
	program rsh 'case $2 in *" -s "*) echo "Server listening on 5201" ;; *) cat '"$work"'/benched ;; esac'
	"$command" bench --sizes 64 --rsh rsh client server "$@"
}

# What JSON has no words for, and what counts nothing, is a guest's nonsense.
bench_nonsense() {
	program xl 'echo "Domain-0  0  1024  2  r-----  100.0"'
	for said in '1e9 0 0' '1e9 -1 0' '1e9 1e999 0' '1e9 1e-320 0' '1e9 1e-299 0' '1e9 1e300 0' '1e9 0.0009 0' \
		'1e9 1000001 0' '1e999 1 0' '1e300 1 0' '1e9 1 1e300' '1e9 1 -1' '1e9 1 1e999'; do
		# shellcheck disable=SC2086 # three words
		ends 1 'client: iperf3 has failed: it makes no sense' benched $said -j || { echo "$said"; return 1; }
	done
	for said in '0 1 0' '1e-300 1 0' '-1e9 1 0'; do
		# shellcheck disable=SC2086 # three words
		ends 1 'client: iperf3 has failed: nothing has arrived' benched $said -j || { echo "$said"; return 1; }
	done
	for said in '1 86430 0' '1 1000000 0' '9007199254740992 0.001 9007199254740992'; do
		# shellcheck disable=SC2086 # three words
		benched $said -j > "$work/said" && jq -e '.[0].retransmits >= 0' "$work/said" || return 1
	done
}

# Half a second is not the 0 that iperf3 takes for ever.
# shellcheck disable=SC2016 # the program expands it
bench_rounds_up() {
	program xl 'echo "Domain-0  0  1024  2  r-----  100.0"'
	program rsh 'case $2 in *" -s "*) echo "Server listening on 5201" ;; *) echo "$2" >> '"$work"'/benched; exit 1 ;; esac'
	for seconds in 0.0005 0.5 1 1.0005 1.2; do
		ends 1 'client: iperf3 has failed' "$command" bench -d $seconds client server --rsh rsh || return 1
	done
	sed 's/.* -t/-t/' "$work/benched" | diff - /dev/fd/3 3<<-EOF
	-t 1
	-t 1
	-t 1
	-t 2
	-t 2
	EOF
}

# bench_late NAME WORDS: by the program of that name.
bench_late() {
	status=0
	timeout -s KILL 80 "$command" bench -d 0.5 client server --rsh "$1" > "$work/$1.out" 2>&1 || status=$?
	echo "status $status" >> "$work/$1.out"
	printf '%s\n' "fastnet: $2" 'status 1' | diff "$work/$1.out" - > "$work/$1.diff"
}

# All at once, for that takes its time. Whom they call is not ended with them, and has their output.
# A server that does not end when it has served, or is asked to, is not waited for any longer, either.
# shellcheck disable=SC2016 # the programs expand it
bench_silent() {
	program xl 'echo "Domain-0  0  1024  2  r-----  100.0"'
	program silent 'echo $$ >> '"$work"'/silent; trap "" TERM; exec sleep 200'
	program rsh-server 'silent; :'
	program rsh-client 'case $2 in *" -s "*) echo "Server listening on 5201" ;; esac; silent; :'
	program rsh-closed 'exec >&- 2>&-; exec silent'
	program rsh-served 'case $2 in *" -s "*) trap "" TERM; echo "Server listening on 5201"; silent; : ;;
		*) echo "{\"end\":{\"sum_received\":{\"bytes\":1000000000,\"seconds\":1}}}" ;; esac'
	program rsh-asked 'case $2 in *" -s "*) trap "" TERM; echo "Server listening on 5201"; silent; : ;;
		*) echo no; exit 1 ;; esac'
	timeout -s KILL 80 "$command" bench -j --sizes 64 client server --rsh rsh-served > "$work/rsh-served.out" &
	bench_late rsh-asked 'client: iperf3 has failed: no' &
	bench_late rsh-server 'server: it takes longer than 30 s' &
	bench_late rsh-closed 'server: it takes longer than 30 s' &
	bench_late rsh-client 'client: it takes longer than 31 s' &
	wait
	xargs kill -KILL < "$work/silent" 2> /dev/null || :
	cat "$work"/rsh-*.diff "$work/rsh-served.out"
	for each in rsh-server rsh-closed rsh-client rsh-asked; do
		[ -e "$work/$each.diff" ] && [ ! -s "$work/$each.diff" ] || return 1
	done
	jq -e '.[0].gigabits_per_second == 8' "$work/rsh-served.out"
}

# It is a guest's own, and the terminal is root's.
bench_controls() {
	program xl 'echo "Domain-0  0  1024  2  r-----  100.0"'
	program rsh 'printf "\033]0;x\007 \302\233 gr\303\274n\n"; exit 1'
	ends 1 "server: iperf3 has failed: ?]0;x? ?? $(printf 'gr\303\274n')" \
		"$command" bench client server --rsh rsh
}

# profile_of TEXT: of samples that perf tells so.
# shellcheck disable=SC2016 # the programs expand it
profile_of() {
	printf %b "$1" > "$work/samples"
	program perf 'case $1 in script) exec cat '"$work"'/samples ;; esac
		while [ "$1" != -- ]; do shift; done; shift; exec "$@"'
	program xentop 'for i in 1 2; do echo "NAME STATE CPU(sec) CPU(%)"; echo "  Domain-0 -----r 10 100.0 1000 1"
		printf "  x\\033]0;\\007 --b--- 10 1.0 1000 1\\n"; done'
	program xentrace 'exit 1'
	"$command" profile -s -d 1 > "$work/profile" || return 1
	cat -v "$work/profile"
}

# xentop's seconds are whole.
# shellcheck disable=SC2016 # the program expands it
profile_rounds_up() {
	profile_of 'a \n\n' || return 1
	program xentop 'echo "$*" >> '"$work"'/profiled'
	for seconds in 0.0005 1 1.0005; do
		ends 1 'xentop tells nothing' "$command" profile -d $seconds || return 1
	done
	says "$work/profiled" "$(printf -- '-b -f -i 2 -d %d\n' 1 1 2)"
}

# Two numbers are no time that has passed, the words of a heading no heading; and neither what looks like
# one nor a second dom0 takes anything from others.
# shellcheck disable=SC2016 # the program expands it
profile_names() {
	profile_of 'a \n\n' || return 1
	program xentop 'for dom0 in 0 50; do echo "      NAME  STATE   CPU(sec) CPU(%)     MEM(k)"
		echo "  Domain-0 -----r         10   $dom0.0    1000"
		echo "     10 20 --b---          5    7.0    1000"
		echo " br0: 1 99 --b---          5    8.0    1000"
		echo "         x"
		echo "         3 4 --b---          5    9.0    1000"
		echo "x CPU(%) y --b---          5   10.0    1000"
		echo "x"
		echo "Domain-0 --b---          5   11.0    1000"
		echo "x"
		echo "CPU(%)"
		echo "y --b---          5   12.0    1000"
	done'
	"$command" -j profile -d 1 > "$work/profile" || return 1
	cat "$work/profile"
	jq -r '.domains[] | "\(.cpu) \(.domain)"' "$work/profile" | diff - /dev/fd/3 3<<-EOF || return 1
	50 Domain-0
	7 10 20
	8 br0: 1 99
	9 3 4
	10 x CPU(%) y
	11 Domain-0
	12 y
	EOF
	[ "$(jq '.seconds < 60 and .packets == 0' "$work/profile")" = true ]
}

# What a port has received goes with it, and is not missing from what others receive.
# shellcheck disable=SC2016 # the program expands it
profile_port_goes() {
	profile_of 'a \n\n' || return 1
	program heard 'for _ in $(seq 100); do
		[ "$(ip -j -s link show "$1" | jq ".[].stats64.rx.packets")" -eq 0 ] || exit 0; sleep 0.1; done; exit 1'
	ip link add v6 up master br0 type veth peer v7 && ip link set v7 up && heard v6 || return 1
	program xentop 'ip link del v6; echo "  Domain-0 -----r 10 100.0 1000 1"'
	"$command" -j profile -d 1 > "$work/profile" || return 1
	cat "$work/profile"
	[ "$(jq .packets "$work/profile")" = 0 ] && ip link add v8 up master br0 type veth peer v9 || return 1
	program xentop 'ip link set v9 up; heard v8; echo "  Domain-0 -----r 10 100.0 1000 1"'
	"$command" -j profile -d 1 > "$work/profile" || return 1
	ip link del v8
	cat "$work/profile"
	[ "$(jq .packets "$work/profile")" -gt 0 ]
}

# Who is not in the kernel has a name alone, and any.
profile_user_space() {
	profile_of 'a \n\tffffffff813600e2 no_function\n\n\na \n\tffffffff813600e2 swapper\n\nb \n\nb \n\n  blank \n\n' &&
		grep ' 5 samples$' "$work/profile" && grep -E '^ {4}b  +40\.0 %' "$work/profile" &&
		grep -E '^ {6}blank  +20\.0 %' "$work/profile" && grep -E '^ {4}a  +40\.0 %' "$work/profile"
}

# A thread's name may be any user's, a guest's its administrator's; the terminal is root's.
# shellcheck disable=SC2016 # the program expands it
names_with_controls() {
	odd=$(printf 'x\033]0;\007\177 \302\200\302\237\302\240')
	profile_of 'z\033]0;y\007 \n\n' || return 1
	cp "$work/profile" "$work/shown"
	printf '%s\n' 'Name ID Mem VCPUs State Time(s)' 'Domain-0 0 1024 2 r----- 100.0' \
		"$odd  6  256  1  -b----  10.0" > "$work/list"
	cpupools "$(printf 'w\033')" 8 credit > "$work/cpupools"
	program xl 'case $1 in list) cat '"$work"'/list ;; cpupool-list) cat '"$work"'/cpupools ;; *) exit 1 ;; esac'
	bridge=$(printf 'x\033]0;\007')
	ip link add v6 master br0 type veth peer v7 && mkdir -p "$sys/v6" && ln -s ../vif-6-0 "$sys/v6/device" &&
		bridge_make "$bridge" || return 1
	kept=0
	"$command" status >> "$work/shown" && "$command" top -b -n 1 -d 0.1 >> "$work/shown" || kept=1
	"$command" -j status > "$work/status" && "$command" -j top -b -n 1 -d 0.1 > "$work/top" || kept=1
	ip link del v6
	rm -r "$sys/v6"
	bridge_gone "$bridge"
	cat -v "$work/shown" "$work/status" "$work/top"
	[ $kept = 0 ] || return 1
	for file in shown status top; do
		LC_ALL=C says_no grep -a "$(printf '[\001-\010\013-\037\177]\|\302[\200-\237]')" "$work/$file" ||
			return 1
	done
	for words in '^    z?]0;y?  ' '^x?]0;?  *1\.0 %' '^x?]0;?: mode=off' '^  v6 .* x?]0;?? ????' '^v6 .* x?]0;?? ?? ' '^sched w?:'; do
		grep "$words" "$work/shown" || return 1
	done
	for file in status top; do
		jq -r '.. | .guest? // empty' "$work/$file" > "$work/named" && says "$work/named" "$odd" || return 1
	done
}

# bounded WORD...: the command, with a little memory and time.
bounded() {
	prlimit --as=100000000 timeout 60 "$command" "$@"
}

# The administrator may have made its folder a link.
purged() {
	mkdir "$work/elsewhere" && ln -s "$work/elsewhere" /etc/xen-fastnet && "$command" enable br0 &&
		sh "$tests/../debian/xen-fastnet.postrm" purge && [ ! -e "$work/elsewhere/fastnet.conf" ]
}

# Guests come and go all the while; a list of so many devices takes the kernel several messages.
# They go with the namespace.
devices_change() {
	seq -f 'link add name extra%g type bridge' 100 | ip -b - || return 1
	while :; do
		printf '%s\n' 'link add name extra type bridge' 'link del extra'
	done | ip -b - &
	kept=0 looks=0
	while [ $looks -lt 20 ] && [ $kept = 0 ]; do
		"$command" status br0 > "$work/status" && grep '^br0:' "$work/status" || kept=1
		looks=$((looks + 1))
	done
	kill $!
	wait
	return $kept
}

words_cases() {
	fresh
	check 'half a word changes nothing' beginnings
	check 'an empty word is no command' no_word
	fresh
	check 'what has changed is said' tells
	fresh
	check 'a full standard output' full_output
	check 'top: a full standard output' top_to_nowhere
	check 'top: no terminal to read from' top_without_keys
	check 'top: the terminal goes' top_without_terminal
	fresh
	check 'a closed standard output' closed_output
	fresh
	check 'bench: ends that do not end' bench_ends
	fresh
	check 'bench: parts of a second' bench_rounds_up
	fresh
	check 'bench: an end that makes no sense' bench_nonsense
	fresh
	check 'bench: ends that say nothing' bench_silent
	fresh
	check 'bench: control characters' bench_controls
	fresh
	check 'profile: user space' profile_user_space
	fresh
	check 'profile: parts of a second' profile_rounds_up
	fresh
	check 'profile: names of guests' profile_names
	fresh
	check 'profile: a port goes meanwhile' profile_port_goes
	fresh
	check 'names with control characters' names_with_controls
	fresh
	check 'completion' completion
	fresh
	check 'names of guests' guest_names
	fresh
	check 'names that others have, or begin with' names_apart
	fresh
	check 'names of guests that look like rows' guest_name_like_row
}

# ---- modules

# As with "install xen-netback /bin/true" in modprobe.d.
modprobe_lies() {
	program modprobe 'echo >> '"$work"'/modprobes'
	rm -rf /sys/module "$work/modprobes"
	ends 1 "kit's xen-netback is not loaded" timeout 20 "$command" set default tx_budget=1 &&
		ends 1 'fastbridge is not loaded' timeout 20 "$command" enable br0 &&
		[ "$(wc -l < "$work/modprobes")" = 2 ]
}

modprobe_fails() {
	program modprobe 'echo "Key was rejected by service" >&2; exit 1'
	rm -rf /sys/module
	ends 1 'Key was rejected by service' "$command" enable br0
}

# The bridges are not to wait for a netback; but it has to be seen.
without_netback() {
	rm -r /sys/module/xen_netback
	printf '%s\n' 'vif default cutthrough=1' 'bridge br0 mode=auto' \
		'sched Pool-0 credit-steal=1' > "$conf"
	status=0
	fastnet apply 2> "$work/err" || status=$?
	cat "$work/err"
	[ $status = 1 ] && grep "^fastnet: $conf:1: the kit's xen-netback is not loaded" "$work/err" &&
		bridge_is br0 auto
}

# What is not there is off: the file alone says so, and no boot loads a module for that.
off_without_module() {
	printf '%s\n' 'bridge br0 mode=auto' 'vif default tx_budget=1' 'sched Pool-0 io-cosched=0' > "$conf"
	program modprobe 'echo "$*" >> '"$work"'/modprobes'
	program xl 'echo "Cpupool Pool-0: tslice=30ms"'
	rm -rf /sys/module/fastbridge "$sys/br0/fastbridge" "$work/modprobes" $parameters
	says_that "$conf: bridge br0 mode=off" fastnet disable br0 &&
		says_that "$conf: vif default tx_budget=64" fastnet set default tx_budget=64 &&
		keeps 'bridge br0 mode=off' 'vif default tx_budget=64' 'sched Pool-0 io-cosched=0' &&
		says_that 'nothing to change' fastnet apply && [ ! -e "$work/modprobes" ] &&
		ends 1 'no such bridge' fastnet disable br9 &&
		ends 1 'xl knows no io-cosched' fastnet sched io-cosched=1 &&
		ends 1 'fastbridge is not loaded' fastnet set br0 mode=off xmit=direct
}

# Where the kit's xen-netback does not load, Debian's gets what modprobe would have given to it:
# what modprobe.d says, and what was said to modprobe; but an option that it refuses, too, is no
# reason to have none. The modules themselves are stubs here.
# shellcheck disable=SC2016 # the program expands it
fallback_options() {
	rm -r /sys/module/xen_netback
	mkdir "$work/modprobe.d"
	sed "s|/sbin/|$work/bin/|g" "$tests/../tools/modprobe/xen-fastnet.conf" > "$work/modprobe.d/xen-fastnet.conf"
	echo 'options xen_netback max_queues=2 tx_budget=32' > "$work/modprobe.d/mine.conf"
	program insmod 'echo "$*" > '"$work"'/inserted'
	stock=/lib/modules/$(uname -r)/kernel/drivers/net/xen-netback/xen-netback.ko
	/sbin/modprobe -C "$work/modprobe.d" xen-netback rx_drain_timeout_msecs=5 && says "$work/inserted" \
		"$stock max_queues=2 tx_budget=32 rx_drain_timeout_msecs=5" || return 1
	echo 'options xen_netback max_queues=two' > "$work/modprobe.d/mine.conf"
	program insmod 'echo "$*" > '"$work"'/inserted; [ $# = 1 ]'
	/sbin/modprobe -C "$work/modprobe.d" xen-netback && says "$work/inserted" "$stock"
}

modules_cases() {
	fresh
	check 'modprobe succeeds without the module' modprobe_lies
	fresh
	check 'modprobe says why' modprobe_fails
	fresh
	check 'apply without a netback' without_netback
	fresh
	check 'what is not there is off' off_without_module
	fresh
	check "Debian's xen-netback has its options" fallback_options
}

# ---- the file

not_read() {
	mknod "$work/device" c 1 3
	ends 1 'it is no regular file' "$command" apply --config "$work" &&
		ends 1 'it is no regular file' "$command" enable br0 --config "$work/device" &&
		ends 1 'it cannot be read: Input/output error' "$command" apply --config /proc/self/mem &&
		printf 'bridge br1 mode=auto\nbridge\0br0\n' > "$conf" &&
		ends 1 ':2: a zero byte' fastnet enable br0 && [ -c "$work/device" ] &&
		[ "$(wc -c < "$conf")" = 32 ] && bridge_is br0 off
}

# Twenty-four at once, each with a bridge of its own.
at_once() {
	i=0
	while [ $i -lt 24 ]; do
		bridge_make "m$i" || return 1
		i=$((i + 1))
	done
	for bridge in "$sys"/m*; do
		fastnet enable "${bridge##*/}" > /dev/null &
	done
	wait
	for bridge in "$sys"/m*; do
		bridge_gone "${bridge##*/}"
	done
	cat "$conf"
	[ "$(grep -c '^bridge m[0-9]* mode=auto$' "$conf")" = 24 ] && only_files fastnet.conf
}

# only_files NAME...: in the folder of the configuration.
only_files() {
	ls -A "$work/etc"
	[ "$(ls -A "$work/etc")" = "$(printf '%s\n' "$@")" ]
}

link_stays() {
	: > "$work/etc/real"
	chown 65534:65533 "$work/etc/real"
	chmod 640 "$work/etc/real"
	ln -s real "$conf"
	fastnet enable br0 && [ -L "$conf" ] && keeps 'bridge br0 mode=auto' &&
		[ "$(stat -c '%u:%g %a' "$work/etc/real")" = '65534:65533 640' ] &&
		only_files fastnet.conf real
}

link_to_nothing() {
	ln -s nothing "$conf"
	ends 2 'cannot be written' fastnet enable br0 && bridge_is br0 off && [ -L "$conf" ]
}

# Of what has never been applied nothing is noted, lest a configuration that is not there is
# taken for one that has gone.
nothing_applied() {
	own=/etc/xen-fastnet/fastnet.conf
	mkdir -p /etc/xen-fastnet && ln -s nothing $own && ends 2 'cannot be written' "$command" enable br0 &&
		[ ! -e /run/xen-fastnet/applied ] && rm $own && ends 1 "$own: No such file" "$command" apply || return 1
	mount --bind "$work/etc" "$work/etc" && echo 'bridge br0 mode=off' > "$conf" &&
		mount -o remount,bind,ro "$work/etc" || return 1
	kept=0
	ends 2 'cannot be written' fastnet reset && [ ! -e /run/xen-fastnet/applied ] || kept=1
	umount "$work/etc"
	return $kept
}

# Who may write beside the file must not have others' files written.
planted_name() {
	echo stays > "$work/victim"
	ln -s "$work/victim" "$conf.new"
	fastnet enable br0 && says "$work/victim" stays && keeps 'bridge br0 mode=auto'
}

disk_full() {
	mount -t tmpfs -o size=8k tmpfs "$work/etc" || return 1
	echo 'bridge br0 mode=off # mine' > "$conf"
	says_no cat /dev/zero > "$work/etc/all" 2> /dev/null
	ended=0 kept=0
	ends 2 'No space left on device' fastnet enable br0 || ended=$?
	bridge_is br0 off && keeps 'bridge br0 mode=off # mine' && only_files all fastnet.conf ||
		kept=$?
	umount "$work/etc"
	[ $ended = 0 ] && [ $kept = 0 ]
}

twice() {
	ends 1 "'mode=auto' and 'mode=off' are the same setting" fastnet set br0 mode=auto mode=off &&
		ends 1 'are the same setting' fastnet set default queue_len=1 rx_queue_packets=2 &&
		[ ! -e "$conf" ] && echo 'bridge br1 mode=auto' > "$conf" &&
		echo 'bridge br0 mode=auto mode=bypass' >> "$conf" &&
		ends 1 "$conf:2: 'mode=auto' and 'mode=bypass'" fastnet apply && bridge_is br1 off
}

other_name() {
	fastnet set default queue_len=128 && fastnet set default rx_queue_packets=64 &&
		keeps 'vif default rx_queue_packets=64' && fastnet apply
}

# What would be read as something else, or as a comment, is not written.
odd_words() {
	ip link add 'br#1' type bridge && bridge_sysfs 'br#1' || return 1
	refused=0 made=0
	ends 1 'takes no blank, line end or #' fastnet enable 'br#1' || refused=$?
	says "$sys/br#1/fastbridge/mode" off && "$command" enable 'br#1' --runtime &&
		says "$sys/br#1/fastbridge/mode" auto || made=$?
	bridge_gone 'br#1'
	[ $refused = 0 ] && [ $made = 0 ] &&
		ends 1 'takes no blank, line end or #' fastnet set br0 "mode=auto
bridge br1" && bridge_is br0 off && [ ! -e "$conf" ]
}

file_cases() {
	fresh
	check 'what cannot be read is no empty file' not_read
	fresh
	check 'twenty-four at once' at_once
	fresh
	check 'link, mode and owner stay' link_stays
	fresh
	check 'a link to nothing' link_to_nothing
	fresh
	check 'nothing has been applied' with_etc nothing_applied
	fresh
	check 'a name that somebody has planted' planted_name
	fresh
	check 'a full disk' disk_full
	fresh
	check 'a setting twice' twice
	fresh
	check 'a setting by its other name' other_name
	fresh
	check 'words that a line cannot have' odd_words
}

# ---- an xl that tells nothing of what Xen may well do

# cpupools NAME PROCESSORS SCHEDULER...: as xl lists them.
cpupools() {
	printf '%-19sCPUs   Sched     Active   Domain count\n' Name
	printf '%-19s%3d %9s       y          2\n' "$@"
}

# dom0_with_xl LINE: what it does but for its list of cpupools, of which Pool-0 alone is there.
# shellcheck disable=SC2016 # the program expands it
dom0_with_xl() {
	mkdir -p /sys/hypervisor/properties
	echo 00000e67 > /sys/hypervisor/properties/features
	cpupools Pool-0 8 credit > "$work/cpupools"
	program xl 'case $1 in cpupool-list) cat '"$work"'/cpupools ;; *) '"$1"' ;; esac'
}

debians_xl() {
	dom0_with_xl 'echo "Cpupool Pool-0: tslice=30ms ratelimit=1000us"'
}

# Once with each xl that tells nothing: Debian's, one that fails, one that ends at once.
# shellcheck disable=SC2016 # the program expands it
untold() {
	for way in debians_xl 'dom0_with_xl false' 'dom0_with_xl :'; do
		fresh
		fastnet enable br0 && $way || return 1
		[ "$way" != 'dom0_with_xl :' ] || program xl 'kill -SEGV $$'
		"$@" || { echo "with $way"; return 1; }
	done
}

says_sched() {
	printf '%s\n' 'bridge br0 mode=auto' 'sched Pool-0 io-cosched=1' > "$1"
}

still_says_sched() {
	says_sched "$work/said_sched" && diff "$work/said_sched" "$1"
}

untold_reset() {
	says_sched "$conf"
	for options in '' --runtime --dry-run; do
		# shellcheck disable=SC2086 # a word or none
		ends 1 "$conf:2: nobody knows whether that is in effect" fastnet reset $options &&
			still_says_sched "$conf" && bridge_is br0 auto || return 1
	done
	echo '# nothing' > "$conf"
	says_sched /run/xen-fastnet/applied
	ends 1 '/run/xen-fastnet/applied:2: nobody knows' fastnet reset &&
		still_says_sched /run/xen-fastnet/applied && bridge_is br0 auto
}

untold_removed() {
	says_sched /run/xen-fastnet/applied
	echo 'bridge br0 mode=bypass' > "$conf"
	ends 1 '/run/xen-fastnet/applied:2: nobody knows' fastnet apply &&
		still_says_sched /run/xen-fastnet/applied && bridge_is br0 auto
}

untold_status() {
	"$command" status > "$work/status" && grep '^sched' "$work/status" &&
		grep -E '^sched.*: (this xl tells of no switches|xl tells nothing of it|xl cpupool-list: failed)$' \
			"$work/status"
}

# What is in no file may be on by --runtime or an option of Xen's.
untold_elsewhere() {
	fastnet reset > "$work/out" 2> "$work/err" || return 1
	cat "$work/out" "$work/err"
	[ "$(wc -l < "$work/err")" = 1 ] && grep 'nobody knows whether --runtime or' "$work/err" && bridge_is br0 off
}

told_elsewhere() {
	kits_xl 0
	says_that 'nothing to change' fastnet reset 2> "$work/err" && says "$work/err" ''
}

# Each name with a switch on is asked about by that name, and has it off.
# shellcheck disable=SC2016 # the program expands it
pool_names() {
	dom0_with_xl 'echo "Cpupool $4: tslice=30ms io-cosched=1 credit-steal=0 io-threshold=150"
		case $5 in *=*) echo "$4 $5" >> '"$work"'/pools_asked ;; esac'
	cpupools Pool-0 8 credit 'two words' 8 credit other 8 credit2 'x io-cosched=0' 8 credit \
		'pool 2' 100 credit 'a name of 19 chars.' 99 credit 'a name of 19 chars:' 100 credit \
		'a name that takes all of the column and 25' 8 credit > "$work/cpupools"
	fastnet reset > "$work/out" 2> "$work/err" || return 1
	cat "$work/out" "$work/err"
	says "$work/err" '' && says "$work/pools_asked" 'Pool-0 --io-cosched=0
two words --io-cosched=0
x io-cosched=0 --io-cosched=0
pool 2 --io-cosched=0
a name of 19 chars. --io-cosched=0
a name of 19 chars: --io-cosched=0
a name that takes all of the column and 25 --io-cosched=0'
}

# unclear ROW NAME PROCESSORS SCHEDULER...: with these cpupools, nobody knows what this row says.
unclear() {
	row=$1
	shift
	cpupools Pool-0 8 credit "$@" > "$work/cpupools"
	fastnet reset > "$work/out" 2> "$work/err" || return 1
	cat "$work/out"
	says "$work/err" "fastnet: sched: nobody knows whether --runtime or a boot option of Xen's has put switches on: xl cpupool-list: this makes no sense: $row" &&
		"$command" status | grep "^sched: xl cpupool-list: this makes no sense: $row"
}

# Of a long name that ends in a digit and has a hundred processors, nobody knows where it ends; and
# what one has of blanks at its ends, xl's list does not show, or not for certain.
pool_unclear() {
	kits_xl 0
	unclear 'a name of 19 chars2100    credit       y          2' 'a name of 19 chars2' 100 credit &&
		unclear ' web                 8    credit       y          2' ' web' 8 credit &&
		unclear 'web                  4    credit       y          2' web 8 credit 'web ' 4 credit || return 1
	echo 'sched long2 io-cosched=1' > "$conf"
	ends 1 "$conf:1: nobody knows whether that is in effect" fastnet reset && keeps 'sched long2 io-cosched=1'
}

# Of one that says nothing, 0 may be as much a change as of one that says 1.
untold_off() {
	debians_xl
	fastnet enable br0
	for applied in "$(says_sched /dev/stdout)" ''; do
		echo "$applied" > /run/xen-fastnet/applied
		ends 1 'xl knows no io-cosched' fastnet sched io-cosched=0 && keeps 'bridge br0 mode=auto' ||
			return 1
	done
	says_sched /run/xen-fastnet/applied
	printf '%s\n' 'bridge br0 mode=bypass' 'sched Pool-0 io-cosched=0' > "$conf"
	status=0
	fastnet apply 2> "$work/err" || status=$?
	cat "$work/err"
	[ $status = 1 ] && grep 'nobody knows' "$work/err" && bridge_is br0 bypass &&
		grep 'io-cosched=1' /run/xen-fastnet/applied
}

# What is passed over has not been put into effect; what has been stays so.
untold_passed_over() {
	debians_xl
	says_sched "$conf"
	status=0
	fastnet apply || status=$?
	[ $status = 1 ] && bridge_is br0 auto && says /run/xen-fastnet/applied 'bridge br0 mode=auto' &&
		echo 'bridge br0 mode=off' > "$conf" && fastnet apply && bridge_is br0 off || return 1
	says_sched "$conf"
	says_sched /run/xen-fastnet/applied
	status=0
	fastnet apply || status=$?
	[ $status = 1 ] && says /run/xen-fastnet/applied 'sched Pool-0 io-cosched=1
bridge br0 mode=auto'
}

# Nothing of it can be on.
told_enough() {
	says_sched "$conf"
	fastnet reset && says_that 'nothing to change' fastnet reset || return 1
	for line in 'sched Pool-0 io-cosched=0 io-threshold=150' 'sched Pool-9 io-cosched=1' 'sched Pool-0' sched \
		'bridge br0 mode=off'; do
		debians_xl
		echo "$line" > "$conf"
		says_that "$conf: no settings" fastnet reset || return 1
	done
}

kits_xl() {
	dom0_with_xl 'echo "Cpupool Pool-0: io-cosched='"$1"' credit-steal=0 io-threshold=150"'
}

# Only the last value counts.
told_by_last() {
	debians_xl
	printf '%s\n' 'sched Pool-0 io-cosched=1' 'sched Pool-0 credit-steal=0' 'sched Pool-0 io-cosched=0' > "$conf"
	says_that "$conf: no settings" fastnet reset || return 1
	printf '%s\n' 'sched Pool-0 io-cosched=0' 'sched Pool-0 credit-steal=0 io-cosched=1' > "$conf"
	ends 1 "$conf:2: nobody knows" fastnet reset
}

# What has been put into effect stays noted until xl tells of it again, and no longer.
told_again() {
	kits_xl 0
	fastnet sched io-cosched=1 || return 1
	debians_xl
	echo 'sched Pool-0 io-cosched=0' > "$conf"
	for _ in 1 2; do
		status=0
		fastnet apply 2> "$work/err" || status=$?
		cat "$work/err"
		[ $status = 1 ] && grep 'applied:1: nobody knows' "$work/err" || return 1
	done
	kits_xl 1
	fastnet sched io-cosched=0 || return 1
	cat /run/xen-fastnet/applied
	debians_xl
	says_that 'nothing to change' fastnet apply && says_that "$conf: no settings" fastnet reset
}

# ---- apply

absent() {
	printf '%s\n' 'bridge br9 mode=auto xmit=direct' 'bridge br0 mode=auto' > "$conf"
	fastnet apply > "$work/out" 2> "$work/err" || return 1
	cat "$work/err"
	says "$work/err" "fastnet: $conf:1: br9: there is no such bridge; 'ip link show type bridge' lists them" &&
		bridge_is br0 auto
}

# It is not here to be looked at, but a wrong line is one all the same.
absent_and_wrong() {
	printf '%s\n' 'bridge br0 mode=auto' 'bridge br9 made=auto' > "$conf"
	ends 1 "$conf:2: there is no setting 'made'" fastnet apply && bridge_is br0 off
}

absent_disabled() {
	fastnet enable br0 --xmit direct && bridge_gone br0 && fastnet disable br0 &&
		keeps 'bridge br0 mode=off xmit=direct' || keeps 'bridge br0 xmit=direct mode=off' || return 1
	ends 1 'there is no such bridge' fastnet disable br9 &&
		ends 1 'there is no such bridge' fastnet enable br0
}

# After it has been looked at; what is asked for of it and of the others' is told or done.
# shellcheck disable=SC2016 # the program expands it
absent_meanwhile() {
	program xl 'case $* in *=*) ;; *) ip link del br0; rm -rf '"$sys"'/br0; echo "Pool-0: io-cosched=0" ;; esac'
	printf '%s\n' 'bridge br0 mode=auto' 'bridge br1 mode=auto' 'sched Pool-0 io-cosched=1' > "$conf"
	kept=0
	fastnet apply 2> "$work/err" && bridge_is br1 auto &&
		says "$work/err" "fastnet: $conf:1: $sys/br0/fastbridge/mode: it has gone" || kept=1
	cat "$work/err"
	return $kept
}

# What is asked for of a bridge that is there fails: the module may be older, or not see it.
lacks_file() {
	printf '%s\n' 'bridge br1 mode=auto' 'bridge br0 mode=auto aggregate=1' > "$conf"
	for lacks in fastbridge/aggregate fastbridge; do
		mv "$sys/br0/$lacks" "$work/lacking" || return 1
		ends 2 'is refused: No such file' fastnet apply && bridge_is br1 off || return 1
		mv "$work/lacking" "$sys/br0/$lacks"
	done
	bridge_is br0 off && fastnet apply && bridge_is br0 auto
}

# It is not noted that what is in effect is not.
# shellcheck disable=SC2016 # the program expands it
edited_meanwhile() {
	program xl 'case $* in *=*) ;; *) echo "# mine" > '"$conf"'; echo "Pool-0: io-cosched=0" ;; esac'
	printf '%s\n' 'bridge br0 mode=auto' 'sched Pool-0 io-cosched=1' > "$conf"
	fastnet apply && says /run/xen-fastnet/applied 'bridge br0 mode=auto
sched Pool-0 io-cosched=1' && bridge_is br0 auto && fastnet apply && bridge_is br0 off
}

# by_nobody WORD...: the command, for who is not root.
by_nobody() {
	install -m 755 "$command" "$work/nobodys"
	setpriv --reuid 65534 --clear-groups "$work/nobodys" "$@"
}

# lacks VALUE WORDS: what JSON tells somebody of the guard of v6, and the words beside it.
lacks() {
	by_nobody -j status > "$work/status" 2> "$work/err" || return 1
	cat "$work/status" "$work/err"
	[ "$(jq '.bridges[].ports[].lacks_guard' "$work/status")" = "$1" ] && says "$work/err" "$2"
}

# By whatever umask the folder was made, others may look for marks; who cannot does not say that
# there are none.
looked_into() {
	( umask 077 && fastnet enable br0 ) && says_that 755 stat -c %a /run/xen-fastnet || return 1
	mkdir -p /run/xen-fastnet/guards && echo 1 > /run/xen-fastnet/guards/v6 &&
		ip link add v6 master br0 type veth peer v7 && mkdir "$sys/v6" || return 1
	kept=0
	lacks true '' && chmod 700 /run/xen-fastnet/guards && lacks null 'fastnet: /run/xen-fastnet/guards/: Permission denied, so that nobody knows which ports lack a guard' ||
		kept=1
	ip link del v6
	rm -r "$sys/v6"
	return $kept
}

# Whom it waits for may have made the bridge meanwhile, or seen it come.
disabled_meanwhile() {
	fastnet enable br0 && bridge_gone br0 || return 1
	exec 5> /run/xen-fastnet/lock && flock 5
	"$command" disable br0 --config "$conf" 5>&- > "$work/out" 2>&1 &
	until grep -- "-> FLOCK .*:$(stat -c %i /run/xen-fastnet/lock) " /proc/locks; do
		kill -0 $! || return 1
		sleep 0.01
	done
	bridge_make br0
	echo auto > $sys/br0/fastbridge/mode
	exec 5>&-
	wait $! || return 1
	cat "$work/out"
	bridge_is br0 off && keeps 'bridge br0 mode=off'
}

removed() {
	fastnet enable br0 --xmit direct && fastnet enable br1 && fastnet set default cutthrough=1 &&
		fastnet set br1 aggregate=1 --runtime && echo 'bridge br0 mode=auto' > "$conf" &&
		fastnet apply && bridge_is br0 auto queue && bridge_is br1 off &&
		says $parameters/cutthrough 0 && says $sys/br1/fastbridge/aggregate 1 &&
		says_that 'nothing to change' fastnet apply
}

# It is as if the first one were not there, whatever its value.
# shellcheck disable=SC2016 # the program expands it
later_lines() {
	program xl 'case $* in *=*) echo "$*" >> '"$work"'/asked ;; *) echo "Pool-0: io-cosched=1" ;; esac'
	printf '%s\n' 'bridge br0 mode=bypass' 'vif default tx_budget=1' 'sched Pool-0 io-cosched=0' \
		'bridge br0 xmit=queue mode=off' 'vif default tx_budget=64' \
		'sched Pool-0 io-cosched=1' > "$conf"
	says_that 'nothing to change' fastnet apply && says "$work/asked" \
		'sched-credit -s -p Pool-0 --io-cosched=1' && echo 'bridge br0 mode=auto' >> "$conf" &&
		says_that "$sys/br0/fastbridge/mode: off -> auto" fastnet apply
}

# Of a bridge that comes anew, and of no other.
one_bridge() {
	fastnet enable br0 && fastnet enable br1 && "$command" disable br1 --runtime || return 1
	bridge_gone br0 && bridge_make br0 && bridge_is br0 off && fastnet apply br0 &&
		bridge_is br0 auto && bridge_is br1 off && bridge_make br2 &&
		program modprobe 'exit 1' && rm -r /sys/module/fastbridge && fastnet apply br2 &&
		keeps 'bridge br0 mode=auto' 'bridge br1 mode=auto'
}

# The second of three is refused; the first is as it was.
refused() {
	mount --bind "$sys/br0/fastbridge/xmit" "$sys/br0/fastbridge/xmit" &&
		mount -o remount,bind,ro "$sys/br0/fastbridge/xmit" || return 1
	kept=0
	ends 2 'xmit: direct is refused' fastnet set br0 mode=auto xmit=direct aggregate=1 &&
		bridge_is br0 off && [ ! -e "$conf" ] || kept=$?
	umount "$sys/br0/fastbridge/xmit"
	return $kept
}

all_reset() {
	fastnet enable br0 && fastnet set default cutthrough=1 && echo '# mine' >> "$conf" &&
		fastnet reset && bridge_is br0 off && says $parameters/cutthrough 0 && keeps '# mine' &&
		says_that 'nothing to change' fastnet reset
}

# What Xen's scripts go by is not fastnet's to write; it is told of.
vifs_stay() {
	vifs=/etc/xen-fastnet/vifs stays='/etc/xen-fastnet/vifs: stays as it is, in effect for guests that start'
	mkdir -p /etc/xen-fastnet && printf '# *  guard=1\n\n \t\r\n' > $vifs &&
		says_that 'nothing to change' "$command" reset && echo '*  guard=1  # all' >> $vifs || return 1
	for option in '' --runtime --dry-run; do
		# shellcheck disable=SC2086 # a word or none
		says_that "nothing to change
$stays" "$command" reset $option || return 1
	done
	"$command" enable br0 && says_that "$sys/br0/fastbridge/mode: auto -> off
/etc/xen-fastnet/fastnet.conf: no settings
$stays" "$command" reset && grep guard=1 $vifs
}

# rates_reset LOW HIGH FIRST SECOND: a vif's, in this order.
rates_reset() {
	echo "$1" > "$sys/v6/netback/notify_low_rate"
	echo "$2" > "$sys/v6/netback/notify_high_rate"
	says_that "$sys/v6/netback/notify_$3
$sys/v6/netback/notify_$4" fastnet reset
}

# The kernel refuses a lower one above the upper one.
rates_in_order() {
	ip link add v6 type bridge && mkdir -p "$sys/v6/netback" || return 1
	kept=0
	rates_reset 100 500 'high_rate: 500 -> 10000' 'low_rate: 100 -> 1000' &&
		rates_reset 20000 50000 'low_rate: 20000 -> 1000' 'high_rate: 50000 -> 10000' || kept=1
	ip link del v6
	rm -r "$sys/v6"
	return $kept
}

# The kernel ends hyperswitch with cut-through, and takes it only after that.
hyperswitch_in_order() {
	ip link add v6 type bridge && mkdir -p "$sys/v6/netback" &&
		ln -s ../vif-6-0 "$sys/v6/device" || return 1
	ends="$sys/v6/netback/hyperswitch: 1 -> 0
$sys/v6/netback/cutthrough: 1 -> 0"
	kept=0
	for command_line in 'set v6 cutthrough=0 --runtime' reset; do
		echo 1 > "$sys/v6/netback/hyperswitch"
		echo 1 > "$sys/v6/netback/cutthrough"
		# shellcheck disable=SC2086 # several words
		says_that "$ends" "$command" $command_line || kept=1
	done
	says_that "$sys/v6/netback/cutthrough: 0 -> 1
$sys/v6/netback/hyperswitch: 0 -> 1" "$command" set v6 hyperswitch=1 cutthrough=1 --runtime || kept=1
	ends 1 'no hyperswitch without' "$command" set v6 cutthrough=0 hyperswitch=1 --runtime &&
		says "$sys/v6/netback/cutthrough" 1 || kept=1
	ip link del v6
	rm -r "$sys/v6"
	return $kept
}

# Ten of twenty frames that a guest has sent, by cut-through or by Xen: fast_packets has them, too.
fast_counts_once() {
	ip link add v6 type veth peer name v7 && ip link set v6 addrgenmode none master br0 up &&
		ip link set v7 addrgenmode none up && ip address add 192.0.2.1/24 dev v7 &&
		ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev v7 &&
		mkdir -p "$sys/v6/netback/stats" "$sys/v6/fastbridge_port/stats" || return 1
	for counter in fastbridge_port/stats/fast_packets netback/stats/cutthrough_packets \
			netback/stats/hyperswitch_packets; do
		echo 10 > "$sys/v6/$counter"
	done
	ping -q -c 20 -i 0.01 -W 1 192.0.2.2 > "$work/ping" || true
	kept=0
	"$command" status > "$work/status" || kept=1
	ip -s link show v6
	ip link del v6
	rm -r "$sys/v6"
	cat "$work/status"
	grep -q '^  v6 .* 50\.0%' "$work/status" && return $kept
}

# A guest ends when its vif's settings have been looked at.
# shellcheck disable=SC2016 # the program expands it
guest_ends() {
	fastnet enable br0 && ip link add v6 type bridge && mkdir -p "$sys/v6/netback" || return 1
	echo 7 > "$sys/v6/netback/tx_budget"
	program xl 'case $1 in cpupool-list) rm -r '"$sys/v6"' ;; esac; exit 1'
	kept=0
	says_that "$sys/br0/fastbridge/mode: auto -> off
$conf: no settings" fastnet reset && [ ! -e "$sys/v6" ] && bridge_is br0 off || kept=1
	ip link del v6
	return $kept
}

# with_etc COMMAND...: with an /etc of its own, in which the configuration is where it is looked for.
with_etc() {
	mount -t tmpfs tmpfs /etc || return 1
	kept=0
	"$@" || kept=$?
	umount /etc
	return $kept
}

own_file_gone() {
	own=/etc/xen-fastnet/fastnet.conf
	ends 1 "$own: No such file" "$command" apply &&
		"$command" enable br0 --xmit direct && "$command" set default cutthrough=1 && rm $own &&
		"$command" apply br0 && bridge_is br0 off queue && says $parameters/cutthrough 1 &&
		"$command" apply && says $parameters/cutthrough 0 && [ ! -e $own ] &&
		says_that 'nothing to change' "$command" apply &&
		ends 1 'No such file' "$command" apply --config /nowhere &&
		ends 1 'No such file' "$command" apply br0 --config /nowhere
}

# The file is the one that cannot be written: nothing is made, and nothing is said to have been.
not_written() {
	fastnet enable br1 && ln -s nothing "$work/etc/link" || return 1
	cp /run/xen-fastnet/applied "$work/applied"
	ends 2 'link: it cannot be written' "$command" enable br0 --config "$work/etc/link" &&
		bridge_is br0 off && diff "$work/applied" /run/xen-fastnet/applied || return 1
	mount --bind "$work/etc" "$work/etc" && mount -o remount,bind,ro "$work/etc" || return 1
	kept=0
	ends 2 'it cannot be written' fastnet reset && bridge_is br1 auto &&
		keeps 'bridge br1 mode=auto' && diff "$work/applied" /run/xen-fastnet/applied || kept=$?
	umount "$work/etc"
	return $kept
}

# The other way round.
not_noted() {
	fastnet enable br1 && mkdir "$work/notes" && mount -t tmpfs tmpfs "$work/notes" &&
		mv /run/xen-fastnet/applied "$work/notes/" && mount -o remount,ro "$work/notes" &&
		ln -s "$work/notes/applied" /run/xen-fastnet/applied || return 1
	for change in 'enable br0' reset; do
		status=0
		# shellcheck disable=SC2086 # a command and its word
		fastnet $change 2> "$work/err" || status=$?
		cat "$work/err"
		[ $status = 2 ] && [ "$(wc -l < "$work/err")" = 1 ] &&
			grep '/run/xen-fastnet/applied: it cannot be written' "$work/err" &&
			bridge_is br0 off && bridge_is br1 auto && keeps 'bridge br1 mode=auto' || return 1
	done
}

# ExecStart and ExecReload as systemd runs them, of the tree's unit.
unit_does() {
	line=$(sed -n "s/^$1=//p" "$tests/../tools/systemd/xen-fastnet.service")
	echo "$line"
	sh -c "$(printf '%s' "$line" | sed "s|/usr/sbin/fastnet|$command|")"
}

unit_file_gone() {
	unit_does ExecStart && unit_does ExecReload && [ ! -e /run/xen-fastnet ] || return 1
	for way in ExecStart ExecReload; do
		"$command" enable br0 && rm /etc/xen-fastnet/fastnet.conf && unit_does $way &&
			bridge_is br0 off || return 1
	done
}

# unit_of BRIDGE %i %I: as systemd runs what udev starts for it: the name is escaped, but for the -.
unit_of() {
	bridge_make "$1" && "$command" enable --config "$conf" -- "$1" &&
		"$command" disable --runtime -- "$1" || return 1
	line=$(sed -n 's/^ExecStart=//p' "$tests/../tools/systemd/xen-fastnet-bridge@.service" |
		sed "s|/usr/sbin/fastnet|$command|; s|%I|$3|; s|%i|'$2'|; s/%%/%/g; s/\\$\\$/$/g")
	echo "$line"
	kept=0
	install -D "$conf" /etc/xen-fastnet/fastnet.conf && sh -c "$line" && bridge_is "$1" auto || kept=1
	bridge_gone "$1"
	return $kept
}

unit_of_bridge() {
	unit_of br-+0 'br-\\x2b0' br/+0 && unit_of -b -b /b
}

# As rmmod and modprobe do it.
loaded_anew() {
	fastnet enable br0 --xmit direct && fastnet set default cutthrough=1 || return 1
	rm -r "$sys/br0/fastbridge" && bridge_sysfs br0 && netback_make && bridge_is br0 off &&
		fastnet apply && bridge_is br0 auto direct && says $parameters/cutthrough 1
}

# What is said of the second comes before the first is as it was.
nobody_listens() {
	mount --bind "$sys/br0/fastbridge/xmit" "$sys/br0/fastbridge/xmit" &&
		mount -o remount,bind,ro "$sys/br0/fastbridge/xmit" && mkfifo "$work/pipe" || return 1
	status=0
	# shellcheck disable=SC2094 # a pipe that has had a reader
	(
		exec 4<> "$work/pipe" 5> "$work/pipe" 4>&-
		exec env --default-signal=PIPE "$command" set br0 mode=auto xmit=direct --config "$conf" 2>&5
	) || status=$?
	umount "$sys/br0/fastbridge/xmit"
	echo "status $status"
	[ $status = 2 ] && bridge_is br0 off && [ ! -e "$conf" ]
}

# The scheduler's switch is the last one to be made, by a command that ends fastnet and fails.
# shellcheck disable=SC2016 # that command expands it
ended() {
	printf '%s\n' 'bridge br0 mode=auto' 'sched Pool-0 io-cosched=1' > "$conf"
	program xl 'case $* in *=*) kill -'"$1"' $PPID; exit 1 ;; *) echo "Pool-0: io-cosched=0" ;; esac'
	ends 2 'io-cosched=1 is refused' env --default-signal="$1" "$command" apply --config "$conf" &&
		bridge_is br0 off
}

# But for the work of the test /tmp cannot be written.
# shellcheck disable=SC2016 # the command expands it
without_tmp() {
	printf '%s\n' 'bridge br0 mode=auto' 'sched Pool-0 io-cosched=1' > "$conf"
	program xl 'case $* in *=*) : > '"$work"'/asked ;; *) echo "Pool-0: io-cosched=0" ;; esac'
	mount --bind "$work" "$work" && mount --rbind /tmp /tmp && mount -o remount,bind,ro /tmp || return 1
	kept=0
	says_no touch /tmp/fastnet_files 2> /dev/null && fastnet apply && bridge_is br0 auto &&
		[ -e "$work/asked" ] || kept=$?
	umount -l /tmp
	umount -l "$work"
	return $kept
}

# Neither it nor whom it waits for stops while others wait for the lock. timeout makes them a
# group that can be stopped.
# shellcheck disable=SC2016 # the command expands it
stopped() {
	printf '%s\n' 'bridge br0 mode=auto' 'sched Pool-0 io-cosched=1' > "$conf"
	program xl 'case $* in *=*) kill -'"$1"' $PPID $$; exit 1 ;; *) echo "Pool-0: io-cosched=0" ;; esac'
	ends 2 'io-cosched=1 is refused' timeout 20 env --default-signal="$1" "$command" apply --config "$conf" &&
		bridge_is br0 off
}

# Whom it asks is ended by what does not end itself.
# shellcheck disable=SC2016 # the command expands it
defaults_for_others() {
	printf 'sched Pool-0 io-cosched=1\n' > "$conf"
	program xl 'case $* in *=*) for signal in PIPE QUIT; do
			(sh -c "kill -$signal \$\$"; echo $? >> '"$work"'/ended) 2> /dev/null
		done ;; *) echo "Pool-0: io-cosched=0" ;; esac'
	env --default-signal=PIPE,QUIT "$command" apply --config "$conf" && says "$work/ended" '141
131'
}

apply_cases() {
	fresh
	check 'apply: a bridge that is not there' absent
	fresh
	check 'apply: a wrong line of one' absent_and_wrong
	fresh
	check 'apply: a bridge that goes meanwhile' absent_meanwhile
	fresh
	check 'apply: a bridge that lacks a file' lacks_file
	fresh
	check 'apply: the file is edited meanwhile' edited_meanwhile
	fresh
	check 'status: what others may look into' looked_into
	fresh
	check 'disable: a bridge that is not there' absent_disabled
	fresh
	check 'disable: a bridge that comes meanwhile' disabled_meanwhile
	fresh
	check 'apply: what was removed' removed
	fresh
	check 'apply: two lines for one thing' later_lines
	fresh
	check 'apply: one bridge' one_bridge
	fresh
	check 'set: one of several is refused' refused
	check 'set, reset: no cut-through, no hyperswitch' hyperswitch_in_order
	fresh
	check 'status: who is fast counts once' fast_counts_once
	fresh
	check 'reset' all_reset
	fresh
	check 'reset: the rates of a vif' rates_in_order
	fresh
	check 'reset: what guests get that start' with_etc vifs_stay
	fresh
	check 'reset: a guest ends' guest_ends
	check 'reset: xl tells nothing' untold untold_reset
	check 'reset: xl tells nothing of what is in no file' untold untold_elsewhere
	fresh
	check 'reset: xl tells that nothing is on' told_elsewhere
	fresh
	check 'reset: names of cpupools' pool_names
	fresh
	check 'reset: a cpupool whose name is not clear' pool_unclear
	check 'apply: what was removed, and xl tells nothing' untold untold_removed
	check 'status: xl tells nothing' untold untold_status
	fresh
	check 'off: xl tells nothing' untold_off
	fresh
	check 'apply: xl tells nothing' untold_passed_over
	fresh
	check 'reset: nothing that xl should tell' told_enough
	fresh
	check 'reset: the last value is one that xl need not tell' told_by_last
	fresh
	check 'xl tells of a switch again' told_again
	fresh
	check 'the configuration cannot be written' not_written
	fresh
	check 'what is applied cannot be written' not_noted
	fresh
	check 'apply: the configuration is gone' with_etc own_file_gone
	fresh
	check 'the unit: the configuration is gone' with_etc unit_file_gone
	fresh
	check 'the unit of a bridge: an odd name' with_etc unit_of_bridge
	fresh
	check 'apply: modules were loaded anew' loaded_anew
	fresh
	check 'nobody reads what is said' nobody_listens
	for signal in HUP INT QUIT TERM; do
		fresh
		check "ended by SIG$signal" ended $signal
	done
	fresh
	check 'no room in /tmp' without_tmp
	for signal in TSTP TTIN TTOU; do
		fresh
		check "not stopped by SIG$signal" stopped $signal
	done
	fresh
	check 'other commands may be ended' defaults_for_others
}

inside() {
	mount -t tmpfs tmpfs /sys
	mount -t tmpfs tmpfs /run
	mkdir "$work/bin"
	PATH=$work/bin:$PATH
	conf=$work/etc/fastnet.conf
	words_cases
	modules_cases
	file_cases
	apply_cases
	fresh
	check 'purge: a folder that is a link' with_etc purged
	fresh
	check 'devices come and go' devices_change
	check_sum
}

if [ "${1-}" = inside ]; then
	work=$2 command=$3
	inside
	exit
fi
command=$(readlink -f "${1-$tests/../build/tools/fastnet}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
chmod 755 "$work"
unshare --mount --net "$0" inside "$work" "$command"
