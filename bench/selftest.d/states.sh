# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154 # its variables come from bench/selftest
# What becomes of hosts that are saved, see lib/state.sh, if something is wrong with them or with
# this machine. QEMU and the host are played, which takes some seconds each.

# A tree with this bench/ and a Debian root of its own, which nothing boots.
play_make() {
	play=$work/play
	image=$("$bench/image") || return 1
	mkdir -p "$play/image" "$play/stubs"
	cp -r "$bench" "$play/"
	ln -s "$image/root" "$image/linux" "$play/image/"
	echo first | head -c 8192 > "$play/image/root.img"
	truncate -s 8192 "$play/image/root.img"
	install -m 755 "$bench/selftest.d/qemu" "$play/stubs/qemu-system-x86_64"
	sed -i 's/^resume_limit=.*/resume_limit=10/' "$play/bench/lib/state.sh"
	play_stub stubs/flock "case \"\$*\" in -[snu]*) ;; *4) : > \"\$WORK/makers\" ;; esac; exec $(command -v flock) \"\$@\""
	play_stub bench/image "echo '$play/image'"
	play_stub stubs/zstd "[ \"\$FAULT\" != torn ] || { cat; exit 1; }; exec $(command -v zstd) \"\$@\""
	play_stub stubs/df "[ \"\$FAULT\" != full ] || { printf '\\n/ 9 9 2000\\n'; exit; }; exec $(command -v df) \"\$@\""
	echo 'echo ran' > "$play/scenario"
}

play_stub() {
	printf '#!/bin/sh\n%s\n' "$2" > "$play/$1"
	chmod +x "$play/$1"
}

# plays FAULT STATUS [OPTION...]: a run ends so; $work/played is what it has said. $kind makes its
# host one of a kind. $WORK/makers, of a run's, says that it was about to make one.
plays() {
	got=0 fault=$1 wanted=$2
	shift 2
	FAULT=$fault WORK=$work PATH=$play/stubs:$PATH "$play/bench/kernelhost" \
		--append "bench.kind=$kind" --time-limit 60 --results "$work/played-$kind" "$@" \
		"${scenario-$play/scenario}" > "$work/played" 2>&1 || got=$?
	cat "$work/played"
	echo "status $got, wanted $wanted"
	[ $got -eq "$wanted" ]
}

told() {
	grep -q -e "$1" "$work/played"
}

untold() {
	says_no grep -e "$1" "$work/played"
}

# The state that the last run of this kind went on from, or nothing.
state_of() {
	jq -r '.state | select(. != "")' "$work/played-$1/host.json"
}

# Those that are being made among them.
states_list() {
	find "$play/build/cache/states" -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | sort
}

# It is made once, and that it was resumed is told if the run fails.
state_resumes() {
	kind=resumes
	plays none 0
	told making
	told ran
	plays job 125
	untold making
	told 'resumed.*--fresh'
	plays job 125 --fresh
	untold resumed
}

# not_saved FAULT [OPTION...]: the run goes on without.
not_saved() {
	kind=$1 fault=$1
	shift
	states_list > "$work/before"
	plays "$fault" 0 "$@"
	told 'did not work'
	told 'it is played'
	told ran
	[ -z "$(state_of "$kind")" ]
	states_list | diff "$work/before" -
}

# What this run allows, another does not.
state_trouble() {
	not_saved bug --allow-log 'made up'
	not_saved late
}

# not_resumed FAULT [OPTION...]: a host is booted, and the state is gone.
not_resumed() {
	plays "$@"
	told 'does not resume'
	told 'it is played'
	told ran
	[ -z "$(state_of "$kind")" ]
	[ ! -e "$state" ]
}

# state_made KIND: one that is as it should be.
state_made() {
	kind=$1
	plays none 0
	state=$play/build/cache/states/$(state_of "$kind")
	[ -s "$state/ram" ]
}

# Its time does not count. It is given another chance, whenever the last time was well; and the
# longer it took to make, the longer it is waited for.
state_hangs() {
	state_made hangs
	late_once
	plays none 0
	untold 'does not resume'
	late_once
	not_resumed hang 0 --time-limit 9
	state_made hangs
	[ "$(cat "$state/whole")" -lt 1000 ]
	echo 1000 > "$state/whole"
	plays slower 0
	untold 'does not resume'
}

late_once() {
	plays hang 0 --time-limit 9
	told 'does not resume within'
	told ran
	[ -z "$(state_of "$kind")" ]
	[ -e "$state/ram" ]
}

state_stalls() {
	state_made stalls
	not_resumed stall 0
}

# Only the sum at the end is wrong, and QEMU has had all by then.
state_torn() {
	not_saved torn
	state_made torn
	truncate -s -4 "$state/ram"
	printf torn >> "$state/ram"
	not_resumed none 0
}

# The root is made again in the same place.
state_root() {
	state_made root
	echo other | dd of="$play/image/root.img" bs=1 seek=1024 conv=notrunc status=none
	plays none 0
	told making
}

# Two that find none at the same time: only one makes it, and the other does not wait until
# that one has ended.
state_together() {
	state_made together
	rm -rf "$state"
	scenario=$play/together
	cat > "$scenario" <<-EOF
	if mkdir "$work/winner"; then
		until [ -e "$work/loser" ]; do sleep 0.1; done
	else
		: > "$work/loser"
	fi
	EOF
	exec 4> "$state.lock"
	flock -s 4
	mkdir "$work/one" "$work/two"
	plays_apart "$work/one" &
	one=$!
	plays_apart "$work/two" &
	wait_for 60 two_makers
	exec 4>&-
	wait $one
	wait $!
	[ "$(cat "$work"/*/played | grep -c making)" -eq 1 ]
}

# plays_apart FOLDER: without the lock that its caller has.
plays_apart() {
	exec 4>&-
	work=$1
	plays none 0
}

two_makers() {
	[ -e "$work/one/makers" ] && [ -e "$work/two/makers" ]
}

state_no_room() {
	kind=full
	plays full 0
	untold making
	told 'no room'
	told ran
}

# Who is being made in the meantime stays, though others are newer; what was left behind does not.
state_trims() {
	kind=slow
	plays slow 0 &
	maker=$!
	wait_for 60 slow_begins
	for number in $(seq 30) left.tmp; do
		mkdir "$play/build/cache/states/$number"
	done
	state_made trims
	: > "$work/on"
	wait $maker
	states_list > "$work/states"
	cat "$work/states"
	grep -x "$(state_of slow)" "$work/states"
	[ "$(wc -l < "$work/states")" -eq 25 ]
	says_no grep tmp "$work/states"
}

slow_begins() {
	[ -e "$work/slow" ]
}

test_states() {
	play_make || return 1
	check 'states: resumed' state_resumes
	check 'states: trouble when it is saved' state_trouble
	check 'states: hangs when it is resumed' state_hangs
	check 'states: trouble when it is resumed' state_stalls
	check 'states: torn' state_torn
	check 'states: another root' state_root
	check 'states: two runs at once' state_together
	check 'states: no room' state_no_room
	check 'states: trimmed' state_trims
}
