# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154 # its variables come from the command
# Running the emulated machine: start, watch, stop.

# Neither SMAP (dom0 dies at its first iret) nor XSAVE and AVX (FPU state is silently corrupted
# when domains share a CPU) work under Xen in QEMU 7.2's TCG, so that no processor here has them.
# What Xen wants for guests other than PV, TCG has of AMD's alone.
cpu_model_plain=Westmere
# shellcheck disable=SC2034 # xenhost's
cpu_model_svm=Opteron_G3,+svm,+npt,+nrip-save,+ssse3,+sse4.1,+sse4.2,+cx16,+popcnt
cpu_model=$cpu_model_plain

qemu_common() {
	set -- -accel "$(accelerator)" -cpu "$cpu_model" -m "$memory" \
		-smp "$cpus${topology:+,$topology}" \
		-nodefaults -no-user-config -display none -no-reboot \
		-chardev "$(console)" -serial chardev:console \
		-drive "$(disk),if=virtio,cache=unsafe" \
		-virtfs "local,path=$share,mount_tag=bench,security_model=none" "$@"
	[ -z "$modules_dir" ] || set -- "$@" -virtfs \
		"local,path=$modules_dir/lib/modules,mount_tag=modules,security_model=none,readonly=on"
	! counting_clock || set -- "$@" -icount "shift=0,sleep=$idle"
	! count_by_address || set -- "$@" -plugin "$(count_plugin)"
	# shellcheck disable=SC2046 # one word an argument
	set -- "$@" $(short_turns)
	state_options "$@"
}

# snapshot=on: no run changes the root that all share.
disk() {
	case $stage in
	boot)	echo "file=$image/root.img,format=raw,snapshot=on" ;;
	make)	echo "file=$made/disk,format=qcow2" ;;
	resume)	echo "file=$state/disk,format=qcow2,snapshot=on" ;;
	esac
}

takes_turns() {
	counting_clock && [ "$cpus" -gt 1 ]
}

# With -icount the CPUs take turns, each until the next timer of the machine, which leaves the
# others waiting for up to milliseconds. A filter on a network of nobody has a timer that cuts
# the turns to 20 us.
short_turns() {
	! takes_turns || echo "-netdev hubport,id=nobody,hubid=0" \
		"-object filter-buffer,id=turns,netdev=nobody,interval=20"
}

# Never KVM: its guests' instructions cannot be counted, and not every machine has it. With a
# thread for each CPU, they cannot either, and whoever waits for another CPU waits for this
# machine to run it: two hosts at a time on two processors take twice the time.
accelerator() {
	if [ -n "$parallel" ]; then echo tcg,thread=multi; else echo tcg,thread=single; fi
}

console() {
	if [ -n "$shell" ]; then
		echo "stdio,id=console,mux=on,signal=off,logfile=$share/log/console.log"
	else
		echo "file,id=console,path=$share/log/console.log"
	fi
}

# machine_start COMMAND...: starts it in a process and network namespace of its own, so
# that whatever way a run ends, the end of this script included, nothing stays behind.
machine_start() {
	mkdir "$run/tmp"
	: > "$run/allowed"
	sed '/^#/d' "$bench/lib/trouble" > "$run/trouble"
	# Whoever resumes what is made allows something else, or nothing.
	[ "$stage" = make ] || printf '%s' "$allow_log" > "$run/allowed"
	exec 7<&0
	(
		flock 8
		export TMPDIR="$run/tmp"
		exec setpriv --pdeathsig KILL unshare --net --pid --fork --kill-child "$@"
	) <&7 8> "$run/alive" 2> "$share/log/machine.log" &
	machine=$!
	exec 7<&-
	[ -n "$shell" ] && return
	setpriv --pdeathsig TERM tail -s 0.2 --pid "$machine" -n +1 -f "$share/output" &
	output=$!
}

machine_runs() {
	kill -0 "$machine" 2>/dev/null
}

# The lock is free when the last process of the namespace is gone.
machine_stop() {
	[ -n "${machine-}" ] || return 0
	kill -KILL "$machine" 2>/dev/null || true
	wait "$machine" 2>/dev/null || true
	flock "$run/alive" true
	[ -z "${output-}" ] || wait "$output" || true
	machine='' output=''
}

# The first line of any log that should not be there.
log_trouble() {
	grep -aHE -f "$run/trouble" -- "$share"/log/* | grep -avE -f "$run/allowed" | head -n 1
}

# QEMU 7.2's SVM now and then resumes a guest with Xen's registers in place of its own, with which it
# dies at once. Nothing that runs there can have those: the code segment is Xen's own.
emulator_failed() {
	[ "${guest_type-}" = pvh ] &&
		grep -aA 8 'Triple fault' "$share/log/console.log" 2> /dev/null |
		grep -aqE 'RIP: +e008:\[<ffff82d0'
}

seconds() {
	echo $(($(date +%s) - began))
}

# One line that is overwritten on a terminal; plain lines elsewhere.
progress() {
	if [ -t 2 ]; then
		printf '\r\033[K%s: %s, %s s' "$program" "$1" "$(seconds)" >&2
	elif [ "$1" != "${progressed-}" ]; then
		printf '%s: %s, %s s\n' "$program" "$1" "$(seconds)" >&2
	fi
	progressed=$1
}

progress_clear() {
	[ ! -t 2 ] || printf '\r\033[K' >&2
}

# Has the host done all, and put its status in place? It is not waited for then if its CPUs take
# turns: QEMU 7.2 was seen to give all turns to one of them, idle, while Xen on another wanted
# an answer of a third before it switched the machine off.
has_done() {
	takes_turns && [ -e "$share/status" ]
}

# Waits for the machine's end and sets $verdict: empty, or why the run failed.
machine_watch() {
	verdict=''
	stage=booting
	while machine_runs && ! has_done; do
		if [ -e "$share/started" ] && [ "$stage" = booting ]; then
			stage=running
			progress "$stage"
			progress_clear
		fi
		[ "$stage" != booting ] || progress "$stage"
		sleep 0.3
		[ -z "$(log_trouble)" ] || { sleep 1; break; }
		! emulator_failed || break
		[ "$(seconds)" -le "$time_limit" ] || { verdict=hang; break; }
	done
	machine_stop
	progress_clear
	! emulator_failed || verdict=emulator
	[ -z "$(log_trouble)" ] || verdict=trouble
}

show_log() {
	{
		echo "---- the last lines of ${1##*/}:"
		tail -n 40 "$1"
		echo "----"
	} >&2
}

# The exit status that the options' help promises; says on stderr what went wrong.
machine_verdict() {
	case $verdict in
	trouble)
		line=$(log_trouble)
		show_log "${line%%:*}"
		echo "$program: failed: a log says: ${line#*:}" >&2
		state_hint
		return 125 ;;
	emulator)
		echo "$program: failed: the emulator has given a guest Xen's registers; see README" >&2
		return 123 ;;
	hang)
		show_log "$share/log/console.log"
		echo "$program: failed: the time limit of $time_limit s was reached" >&2
		state_hint
		return 124 ;;
	esac
	status=$(cat "$share/status" 2>/dev/null) && return "$status"
	[ ! -s "$share/log/machine.log" ] || show_log "$share/log/machine.log"
	[ ! -e "$share/log/console.log" ] || show_log "$share/log/console.log"
	echo "$program: failed: the host ended without the scenario's exit status" >&2
	state_hint
	return 126
}

# A person at the console looks at the logs, so only the end is waited for.
machine_shell() {
	terminal=$(stty -g 2>/dev/null) || terminal=''
	wait "$machine" || true
	machine_stop
	[ -z "$terminal" ] || stty "$terminal"
}

# machine_finish: the exit status is the run's.
machine_finish() {
	if [ -n "$shell" ]; then
		machine_shell
		return 0
	fi
	machine_watch
	machine_verdict || return
	count_report
}

# machine_run: all of it, by the command's host_command, and if there is a saved host, by that.
machine_run() {
	if [ -z "$state" ] || ! state_resume; then
		stage=boot
		began=$(date +%s)
		eval "machine_start $(host_command)"
	fi
	machine_finish
}

# To be called first: whatever ends the command, the machine stops and the run is tidied.
machine_trap() {
	trap 'result=$?; trap "" INT TERM HUP; machine_stop; run_finish; exit $result' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	trap 'exit 129' HUP
}
