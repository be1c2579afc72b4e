#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What xen-netback's path costs between two guests and from a guest to the outside, by the
# paths that the modules handed in allow; for bench/netback, in xenhost --count. Usage:
#
# netback.sh ROUNDS PATHS CASES, the latter two words of
#
#   stock       the modules of Debian                    udp-64, udp-1400, tcp-bulk, rtt
#   stock-again   the same, to see how far they differ   (from guest to guest)
#   no-offload  the same, the guests' offloads off       tcp-N, with messages of N bytes
#   kit-off     the kit's, everything switched off       (eight connections)
#   fastbridge  the kit's, with fastbridge in front      tcp-out-...
#   cutthrough  the same, and frames go from grant to    (from guest1 to the outside)
#               grant                                    latency, of 2,500 round trips
#   hyperswitch  as cutthrough, and Xen carries them, with its boot option hyperswitch
#   copy        as fastbridge, and frames that are not   pairs-N, TCP between N pairs
#               for segmentation are copied whole
#   tuned       as kit-off, with notify=eoc and the same tx_copy
#   all         fastbridge, tuned and cutthrough
#   aggregate   as fastbridge, the guests' offloads off, and their frames aggregated
#   bridge-aggregate  the same, by the bridge's switch instead of the vifs'
#   notify-...  as fastbridge, with notify=eoc, early+eoc or adaptive
#
# Costs are domains' processor time, in which no idling is, and in which Xen's work is as
# far as it is done while a domain runs. Those of packets and pings are the difference of
# two runs that differ in length alone, divided by what the longer one had more, so that
# what a run needs to start and to end cancels out. Those of TCP are taken in the middle of
# a stream, which is ended then.
#
# Leaves in $RESULTS/raw lines "PATH CASE VALUE [NAME=VALUE...]", or, where something is
# missing, "PATH CASE error REASON"; in $RESULTS/counters what the kit's own counters say.
. "$LIB/dom0.sh"
. "$LIB/paths.sh"
set -eu

# Who looks does not wait for netback's threads, which have more to do the more guests there are.
renice -n -20 -p $$ > /dev/null

rounds=${1:-3} paths=${2:-stock} cases=${3:-"udp-64 udp-1400 tcp-bulk rtt"}
bridge=xenbr0
switch=/sys/class/net/$bridge/fastbridge
# shellcheck disable=SC2153 # xenhost's
guests=$(seq -f guest%g "$GUESTS" | paste -sd ' ')
flows=64
held=64
reason=''

# What goes wrong in the measuring of a row becomes the row.
fail() {
	echo "$*" > /tmp/reason
	printf 'failed: %s\n' "$*"
	exit 1
}

# ---- reading

# The senders', where it is looked at what they hand to them.
vifs=''

# Sets time_all, time_dom0, time_sender and time_receiver; the latter are of all in $from and
# all in $to. Sets vif_bytes and vif_frames, of all $vifs, at the same time: between two
# programs, dom0 may have to wait for the processor until all guests have had theirs.
read_times() {
	time_all=0 time_sender=0 time_receiver=0 vif_bytes=0 vif_frames=0
	# shellcheck disable=SC2046 # one word a file
	domtime $(vif_counters) > /tmp/domtime
	while read -r of number; do
		case $of in
		*/rx_bytes)	vif_bytes=$((vif_bytes + number)); continue ;;
		*/rx_packets)	vif_frames=$((vif_frames + number)); continue ;;
		Domain-0)	time_dom0=$number ;;
		esac
		time_all=$((time_all + number))
		case " $from " in
		*" $of "*)	time_sender=$((time_sender + number)) ;;
		esac
		case " $to " in
		*" $of "*)	time_receiver=$((time_receiver + number)) ;;
		esac
	done < /tmp/domtime
}

vif_counters() {
	for vif in $vifs; do
		echo "/sys/class/net/$vif/statistics/rx_bytes /sys/class/net/$vif/statistics/rx_packets"
	done
}

# cost_of WINDOW COMMAND...: sets cost_... to what the command needs in each domain; its
# output goes to /tmp/said. WINDOW is that of --count=functions, or empty for none.
cost_of() {
	window=$1
	shift
	[ -z "$window" ] || count_start
	read_times
	cost_all=$time_all cost_dom0=$time_dom0
	cost_sender=$time_sender cost_receiver=$time_receiver
	"$@" > /tmp/said 2>&1 || fail "$path: $*: $(cat /tmp/said)"
	read_times
	cost_all=$((time_all - cost_all)) cost_dom0=$((time_dom0 - cost_dom0))
	cost_sender=$((time_sender - cost_sender))
	cost_receiver=$((time_receiver - cost_receiver))
	[ -z "$window" ] || count_stop "$path.$name.$round.$window"
}

# Keeps the cost of the short run for cost_parts.
cost_keep() {
	short=$cost_all short_dom0=$cost_dom0
	short_sender=$cost_sender short_receiver=$cost_receiver
}

# cost_parts UNITS DECIMALS: what the long run took above the short one, by domain.
cost_parts() {
	echo "dom0=$(per_unit $((cost_dom0 - short_dom0)) "$1" "$2")" \
		"sender=$(per_unit $((cost_sender - short_sender)) "$1" "$2")" \
		"receiver=$(per_unit $((cost_receiver - short_receiver)) "$1" "$2")" \
		"more=$1"
}

# The interrupts that the guests had from their back ends, and those that dom0 had from
# the guests' vifs: notifications as far as they were not one with another.
interrupts() {
	case $1 in
	guests)	for guest in $guests; do
			guest_run "$guest" cat /proc/interrupts
		done ;;
	dom0)	cat /proc/interrupts ;;
	esac | awk '/vif.*-q[0-9]+-(tx|rx)/ { sum += $2 } END { print sum + 0 }'
}

# counters GUEST: the kit's, one line "NAME VALUE" each.
counters() {
	folder=/sys/class/net/$(guest_vif "$1")/netback/stats
	[ -d "$folder" ] || return 0
	grep '' "$folder"/* | sed "s|.*/\([^/]*\):|$1/\1 |"
}

all_counters() {
	for guest in $guests; do
		counters "$guest"
	done
}

# counters_note CASE UNITS: what has been added since /tmp/counters, per unit.
counters_note() {
	all_counters > /tmp/counters.now
	join /tmp/counters /tmp/counters.now | awk -v path="$path" -v kind="$1" -v units="$2" '
		$3 != $2 { printf "%s %s %s %.4f\n", path, kind, $1, ($3 - $2) / units }' \
		>> "$RESULTS/counters"
}

# counter_sum NAME: of all guests in what counters_note has last seen, now minus before.
counter_sum() {
	join /tmp/counters /tmp/counters.now | awk -v name="/$1" '
		substr($1, length($1) - length(name) + 1) == name { sum += $3 - $2 }
		END { print sum + 0 }'
}

fast_packets() {
	if [ -e $switch/stats/fast_packets ]; then cat $switch/stats/fast_packets; else echo 0; fi
}

# per_unit VALUE UNITS [DECIMALS]
per_unit() {
	awk -v value="$1" -v units="$2" -v decimals="${3:-1}" \
		'BEGIN { printf "%.*f\n", decimals, value / units }'
}

# row CASE VALUE [NAME=VALUE...]
row() {
	echo "$path $*" | tee -a "$RESULTS/raw"
}

# ---- UDP

# blast DEV COUNT: guest $from sends frames meant for $to by its DEV, of $size bytes, give
# or take $spread. The module stays loaded, so that --count=functions knows its symbols.
blast() {
	guest_run "$from" "cd /sys/module; [ ! -e blast ] || rmmod blast;" \
		"insmod /bench/modules/blast.ko dev=$1 mac=$(mac_address "$to")" \
		"from=$(address "$from") to=$(address "$to")" \
		"count=$2 size=$size spread=$spread flows=$flows &&" \
		"cd blast/parameters && cat sleeps overslept dropped" && sleep 0.2
}

sink_parameter() {
	guest_run "$1" cat "/sys/module/sink/parameters/$2"
}

sink_set() {
	guest_run "$1" "echo $3 > /sys/module/sink/parameters/$2"
}

sink_load() {
	guest_run "$1" insmod /bench/modules/sink.ko dev=eth0 || fail "no sink in $1"
}

sink_unload() {
	guest_run "$1" rmmod sink
}

# Do frames arrive, and as they were sent? It also has the bridge, fastbridge and the
# guests' ARP tables learn who is where.
udp_check() {
	blast eth0 20 > /tmp/said
	sink_set "$to" verify 1
	sink_set "$to" frames 0
	blast eth0 500 > /tmp/said
	sink_set "$to" verify 0
	arrived=$(sink_parameter "$to" frames)
	[ "$arrived" -ge 495 ] || fail "$path: $arrived of 500 frames came to $to"
	[ "$(sink_parameter "$to" bad)" = 0 ] || fail "$path: frames came to $to changed"
}

# Sets $sink_cost: what the receiver's sink needs to free a frame of those that come.
udp_sink_cost() {
	sink_set "$to" hold $held
	sink_set "$to" nanoseconds 0
	blast eth0 $((16 * held)) > /tmp/said
	nanoseconds=$(sink_parameter "$to" nanoseconds)
	sink_set "$to" hold 0
	[ "$nanoseconds" -gt 0 ] || fail "$path: too few frames came to $to"
	sink_cost=$(per_unit "$nanoseconds" $held)
}

# Sets $generator_cost: the same frames made and given to a device that frees them.
udp_generator_cost() {
	cost_of '' blast dummy0 1000
	short=$cost_all
	cost_of '' blast dummy0 11000
	generator_cost=$(per_unit $((cost_all - short)) 10000)
}

# The path's own counters must have seen what its name says.
udp_path_check() {
	fast=$(($(fast_packets) - fast))
	cut=$(counter_sum cutthrough_packets)
	carried=$(counter_sum hyperswitch_packets)
	case $path in
	hyperswitch)	[ "$carried" -ge $((frames * 95 / 100)) ] ||
				fail "Xen carried $carried of $frames frames" ;;
	fastbridge|copy|notify-*)
			[ $fast -ge $((frames * 95 / 100)) ] ||
				fail "fastbridge forwarded $fast of $frames frames" ;;
	cutthrough|all)	[ "$cut" -ge $((frames * 95 / 100)) ] ||
				fail "$cut of $frames frames were cut through" ;;
	esac
	case $path in
	cutthrough|all|hyperswitch)	;;
	*)		[ "$cut" = 0 ] || fail "$path: $cut frames were cut through" ;;
	esac
	case $path in
	stock*|kit-off|tuned)	[ $fast = 0 ] || fail "$path: fastbridge forwarded $fast frames" ;;
	esac
}

# A guest that was behind is not waited for without end: what has been spent on that is there
# again after a second. A flood that goes on for longer than these is not what is measured.
rest() {
	sleep 1
}

# flood COUNT: so many frames are not too many. PVH guests take longer to receive than to send, and
# are the sooner behind.
flood() {
	case $GUEST_TYPE in
	pvh)	echo $(($1 / 2)) ;;
	*)	echo "$1" ;;
	esac
}

# udp SIZE SPREAD COUNT
udp() {
	size=$1 spread=$2 count=$3
	sink_load "$to"
	udp_check
	udp_sink_cost
	udp_generator_cost

	sink_set "$to" frames 0
	rest
	cost_of short blast eth0 1000
	cost_keep
	short_frames=$(sink_parameter "$to" frames)
	sink_set "$to" frames 0
	all_counters > /tmp/counters
	fast=$(fast_packets)
	to_guests=$(interrupts guests) to_dom0=$(interrupts dom0)

	rest
	cost_of long blast eth0 "$count"
	cp /tmp/said /tmp/blast
	to_guests=$(($(interrupts guests) - to_guests)) to_dom0=$(($(interrupts dom0) - to_dom0))
	frames=$(sink_parameter "$to" frames)
	counters_note "$name" "$frames"
	sink_unload "$to"
	udp_path_check
	{ read -r sleeps; read -r overslept; read -r dropped; } < /tmp/blast
	[ "$overslept" = 0 ] || fail "$path: the generator waited for the clock $overslept times"
	[ "$dropped" = 0 ] || fail "$path: $from's device did not take $dropped frames"
	[ "$frames" -ge $((count * 99 / 100)) ] ||
		fail "$path: $frames of $count frames came to $to, and a path that loses is cheap"

	more=$((frames - short_frames))
	gross=$(per_unit $((cost_all - short)) $more)
	net=$(echo "$gross $generator_cost $sink_cost" | awk '{ printf "%.1f", $1 - $2 - $3 }')
	row "$name" "$net" "gross=$gross generator=$generator_cost sink=$sink_cost" \
		"$(cost_parts $more 1) sleeps=$sleeps arrived=$(per_unit "$frames" "$count" 4)"
	row "notifications-$name" "$(per_unit "$to_guests" "$frames" 4)" \
		"to_dom0=$(per_unit "$to_dom0" "$frames" 4)"
}

# ---- TCP

# Sets $arrived: what the receivers' interfaces have got.
read_arrived() {
	arrived=0
	for receiver in $to; do
		count=$(run_at "$receiver" \
			"awk -F '[: ]+' '/eth0|tap0/ { print \$3 }' /proc/net/dev")
		arrived=$((arrived + count))
	done
}

# streams_start [ARG...]: from each in $from to the one at its place in $to, until streams_stop.
# All begin at the same time: those that flow keep the others from it.
streams_start() {
	vifs='' receivers=$to
	rm -f /tmp/iperf-*
	for sender in $from; do
		vif=$(guest_vif "$sender")
		vifs="$vifs $vif"
		cp "/sys/class/net/$vif/statistics/rx_bytes" "/tmp/before-$vif"
	done
	read_times
	read_arrived
	bytes_before=$vif_bytes arrived_before=$arrived
	for receiver in $to; do
		iperf_serve "$receiver" || fail "$path: no server in $receiver"
	done
	begin=$(($(milliseconds) + 200 * (pairs - 1)))
	for sender in $from; do
		command=$(iperf_command "${receivers%% *}" -t 600 "$@")
		run_at "$sender" "sleep $(seconds_until $begin); $command > /dev/null" \
			2> "/tmp/iperf-$sender" &
		receivers=${receivers#* }
	done
}

milliseconds() {
	date +%s%3N
}

seconds_until() {
	left=$(($1 - $(milliseconds)))
	[ $left -gt 0 ] || left=0
	printf '%d.%03d\n' $((left / 1000)) $((left % 1000))
}

# Are all streams past their start?
streams_flow() {
	for vif in $vifs; do
		read -r before < "/tmp/before-$vif"
		read -r now < "/sys/class/net/$vif/statistics/rx_bytes"
		[ "$now" -gt $((before + start_bytes)) ] || return 1
	done
}

# One that has ended has said why.
streams_last() {
	for sender in $from; do
		[ ! -s "/tmp/iperf-$sender" ] || return 1
	done
}

streams_stop() {
	for receiver in $to; do
		iperf_stop "$receiver" &
	done
	wait
}

# tcp SECONDS MESSAGE [ARG...]: between two looks at the domains' times in the middle of
# streams of messages of so many bytes; what one look needs, $look_cost, is taken off.
tcp() {
	window=$1 message=$2
	shift 2
	# The smaller the messages, and the more the pairs, the longer it takes.
	start_bytes=$((400000 + 4000 * message))
	[ $start_bytes -lt 16000000 ] || start_bytes=16000000
	start_bytes=$((start_bytes / pairs))
	all_counters > /tmp/counters
	streams_start -l "$message" "$@"
	wait_for 60 streams_flow || fail "$path: no streams from $from to $to"
	count_start
	read_times
	cost_all=$time_all short_dom0=$time_dom0
	short_sender=$time_sender short_receiver=$time_receiver
	more=$vif_bytes frames=$vif_frames
	sleep "$window"
	read_times
	streams_last || fail "$path: $(cat /tmp/iperf-*)"
	count_end
	streams_stop
	count_name "$path.$name.$round.long"
	cost_all=$((time_all - cost_all - look_cost)) cost_dom0=$((time_dom0 - look_cost))
	cost_sender=$time_sender cost_receiver=$time_receiver
	more=$((vif_bytes - more)) frames=$((vif_frames - frames))
	tcp_check
	row "$name" "$(per_unit $cost_all $more 3)" "$(cost_parts $more 3)" "frames=$frames"
	row "frames-per-mb-${name#tcp-}" "$(per_unit $frames $more"e-6" 2)"
}

# Do the senders' vifs and the receivers agree on how much there was? Frames that are put
# together on their way have fewer headers in the end, those that are cut for a dumb card more.
streams_agree() {
	read_times
	read_arrived
	seen=$((vif_bytes - bytes_before)) arrived=$((arrived - arrived_before))
	[ $((seen * 107)) -ge $((arrived * 100)) ] && [ $((seen * 100)) -le $((arrived * 107)) ]
}

# The last frames may be on their way.
tcp_check() {
	wait_for 2 streams_agree ||
		fail "$path: $seen bytes went through $vifs, but $arrived arrived"
	counters_note "$name" $((arrived / 1000000))
}

# ---- round trips

# pings COUNT [ARG]: the output stays in the guest, for each line that the agent sends costs
# more than a ping.
pings() {
	guest_run "$from" "ping -c $1 ${2:--i 0.01} $(address "$to") > /tmp/pings"
}

# ping_times COUNT: those of the last pings to /tmp/pings, in nanoseconds, sorted.
ping_times() {
	guest_run "$from" "sed -n 's/.*time=\([0-9.]*\) ms/\1/p' /tmp/pings" |
		awk '{ print $1 * 1000000 }' | sort -n > /tmp/pings
	[ "$(wc -l < /tmp/pings)" -eq "$1" ] || fail "$path: $(wc -l < /tmp/pings) of $1 pings"
}

# A ping is two packets. Idle time, such as a delayed notification's, is in its round trip,
# but not in its cost.
rtt() {
	cost_of short pings 20
	short=$cost_all
	all_counters > /tmp/counters
	to_guests=$(interrupts guests) to_dom0=$(interrupts dom0)
	cost_of long pings 120
	to_guests=$(($(interrupts guests) - to_guests)) to_dom0=$(($(interrupts dom0) - to_dom0))
	counters_note rtt 240
	ping_times 120
	row rtt "$(sed -n 60p /tmp/pings)" "p99=$(sed -n 119p /tmp/pings)" \
		"cost=$(per_unit $((cost_all - short)) 100)"
	row notifications-rtt "$(per_unit $to_guests 240 4)" "to_dom0=$(per_unit $to_dom0 240 4)"
}

# The next ping goes as soon as the one before is answered: enough of them for a tail.
latency() {
	pings 20 -A
	pings 2500 -A
	ping_times 2500
	row latency "$(percentile 50 /tmp/pings)" "p99=$(percentile 99 /tmp/pings)" \
		"p99.9=$(percentile 99.9 /tmp/pings)"
}

# ---- all

# measure CASE: every second round goes the other way, where both ends are guests.
measure() {
	name=$1 pairs=1
	case $name in
	pairs-*)	pairs=${name#pairs-} ;;
	esac
	from=$(seq -f guest%g 1 2 $((2 * pairs)) | paste -sd ' ')
	to=$(seq -f guest%g 2 2 $((2 * pairs)) | paste -sd ' ')
	[ $((round % 2)) -eq 1 ] || { swap=$from from=$to to=$swap; }
	case $name in
	udp-64)		udp 64 4 "$(flood 11000)" ;;
	udp-1400)	udp 1400 60 "$(flood 9000)" ;;
	tcp-bulk)	tcp 0.7 131072 ;;
	tcp-out-*)	from=guest1 to=outside; tcp 0.7 65536 ;;
	tcp-*)		tcp 0.4 "${name#tcp-}" -P 8 ;;
	pairs-*)	tcp 0.4 131072 ;;
	rtt)		rtt ;;
	latency)	latency ;;
	*)		fail "there is no case $name" ;;
	esac
}

# Some paths are there to compare one thing only.
wanted() {
	case $path-$1 in
	no-offload-tcp-out*|no-offload-tcp-bulk) ;;
	aggregate-tcp-bulk|copy-udp-1400)	;;
	no-offload-*|aggregate-*|copy-*)	return 1 ;;
	notify-*-udp-64|notify-*-rtt)		;;
	notify-*)				return 1 ;;
	esac
}

# try_measure CASE: one that fails must not take the others with it. How many windows have
# been counted is known by their folders, since the subshell's variables are lost.
try_measure() {
	echo "$path: a command failed, see the log" > /tmp/reason
	set +e
	( set -e; measure "$1" )
	result=$?
	set -e
	# shellcheck disable=SC2034 # count_stop's
	count_windows=$(find /bench/count -mindepth 1 -maxdepth 1 -type d 2>/dev/null | wc -l)
	[ $result -ne 0 ] || return 0
	errors=$((errors + 1))
	row "$1" error "$(head -n 1 /tmp/reason)"
	for guest in $guests; do
		guest_run "$guest" "[ ! -e /sys/module/sink ] || rmmod sink; killall -q iperf3; true"
	done
}

errors=0
measure_path() {
	switched=yes
	path_on || { switched=''; errors=$((errors + 1)); }
	for name in $cases; do
		if ! wanted "$name"; then continue
		elif [ -n "$switched" ]; then try_measure "$name"
		else row "$name" error "$reason"
		fi
	done
	path_off
}

# Sets $look_cost: what dom0 needs for a look at the times, and to go to sleep until the next.
measure_look() {
	from=guest1 to=guest2
	read_times
	look_cost=$time_all
	for look in 1 2 3 4 5 6 7 8; do
		sleep 0
		read_times
	done
	look_cost=$(((time_all - look_cost) / look))
}

modprobe bridge
driver_load "$(driver_of "${paths%% *}")" || fail "$reason"
bridge_make $bridge
for guest in $guests; do
	guest_create "$guest"
done
# shellcheck disable=SC2034 # driver_load's
served=$guests
for guest in $guests; do
	guest_wait "$guest"
	guest_run "$guest" "insmod /bench/modules/dummy.ko numdummies=1 && ip link set dummy0 up" ||
		fail "no dummy device in $guest"
	# The first who asks waits for the generator of random numbers to get ready, busily.
	guest_run "$guest" "head -c 1 /dev/random > /dev/null"
done

# Every second round has them backwards, so that modules change once a round.
paths_in_turn() {
	if [ $((round % 2)) -eq 1 ]; then echo "$paths"
	else echo "$paths" | tr ' ' '\n' | tac
	fi
}

: > "$RESULTS/counters"
measure_look
for round in $(seq "$rounds"); do
	say "round $round of $rounds"
	for path in $(paths_in_turn); do
		measure_path
	done
done
# Only what a run that ended well has counted by function is attributed.
# shellcheck disable=SC2153 # xenhost sets COUNT
[ $errors -eq 0 ] || [ "$COUNT" = functions ]
