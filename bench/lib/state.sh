# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154 # its variables come from the command
# Hosts that are up, and their guests with them, kept in build/cache/states for later runs:
#
#   KEY/ram    all of the machine but its disk, as QEMU migrates it, packed
#   KEY/whole  that ram is, and how many seconds it took to make
#   KEY/late   that the last run did not wait for it any longer, see state_resume
#   KEY/disk   what has been written to the root
#   KEY.tmp    the same while it is made
#   KEY.lock   shared by the runs of it, held alone by who makes or removes it
#
# KEY is a hash of all that the host has seen until then. What a run hands in, its scenario above
# all, comes afterwards: the share cannot be saved while it is mounted, so until then the host
# has a copy of what is in it; and then its random numbers get another seed. On the second serial
# line the host says that it is ready, and waits for a newline; that is repeated, for one that
# comes too early is lost. When it has resumed it makes share/resumed and waits for share/go:
# until then another can be booted in its place, for it has not begun what it is to do.
#
# $stage is boot, make or resume, and says which machine qemu_common describes.
states=$build/cache/states
# Each has up to 120 MB.
states_kept=24
# In seconds, to which what it took to make is added.
resume_limit=60
stage=boot state=''

# Whoever wants to see the boot boots, and so does a host with one more thing mounted, or one
# that ends up in another init than ours.
resumable() {
	[ -z "$fresh$shell$modules_dir" ] && ! expr "x$append" : '.*bench.init=' > /dev/null
}

# state_key: of QEMU's command line and all that it starts from. The root has its UUID, and when
# it was made, at its start.
state_key() {
	{
		dpkg-query -W -f '${Version}\n' qemu-system-x86
		host_command | sed "s|$run|RUN|g"
		cat "$bench/$program" "${kernel:-/dev/null}" "${xen:-/dev/null}"
		head -c 4096 "$image/root.img"
		cd "$share" && find . -type f -exec sha256sum {} + | LC_ALL=C sort
	} | sha256sum | cut -c1-16
}

# state_open: sets $state to the folder of the host that the options ask for, which is made if
# need be; to nothing if it cannot be had. Who has it made by another run waits no longer than
# for that: the other shares it for as long as it runs.
state_open() {
	resumable || return 0
	mkdir -p "$states"
	state=$states/$(state_key)
	exec 4> "$state.lock"
	flock -s 4
	until [ -d "$state" ]; do
		flock -w 1 4 || continue
		[ -d "$state" ] || state_make
		break
	done
	flock -s 4
	if [ -d "$state" ]; then
		touch "$state"
	else
		flock -u 4
		state=''
	fi
}

# The run's own folder, which is as it was afterwards, serves to make it in.
state_make() {
	states_trim
	has_space "$build" 3000 || {
		echo "$program: no room to save a host: $free MB are free, 3000 MB are needed" >&2
		return 0
	}
	echo "$program: making a host for later runs to resume" >&2
	made=$state.tmp
	rm -rf "$made"
	mkdir -m 700 "$made"
	qemu-img create -q -f qcow2 -F raw -b "$image/root.img" "$made/disk"
	state_begin make
	if state_ready && state_save; then
		seconds > "$made/whole"
		mv "$made" "$state"
	else
		state_failed "that did not work"
		rm -rf "$made"
	fi
	state_end
}

state_begin() {
	stage=$1 listeners=''
	# shellcheck disable=SC2034 # seconds's
	began=$(date +%s)
	for line in serial monitor; do
		mkfifo "$run/$line.in" "$run/$line.out"
		setpriv --pdeathsig TERM cat "$run/$line.out" > "$run/$line.said" &
		listeners="$listeners $!"
	done
	exec 5<> "$run/serial.in" 6<> "$run/monitor.in"
	eval "machine_start $(host_command)"
}

state_end() {
	machine_stop
	exec 5>&- 6>&-
	# shellcheck disable=SC2086 # one word a listener
	kill $listeners 2>/dev/null || true
	rm -rf "$share"/log/* "$run/tmp" "$run"/serial.* "$run"/monitor.*
}

# state_failed WHAT: tells of it, and what the logs have to say.
state_failed() {
	echo "$program: $1" >&2
	for log in "$share"/log/*; do
		[ ! -s "$log" ] || show_log "$log"
	done
}

# state_options OPTION...: QEMU's, quoted, with those that a saved host needs: it resumes by
# itself though it was stopped to be saved, and tells nobody outside that it has moved. QEMU does
# not ask what becomes of who unpacks.
state_options() {
	if [ "$stage" != boot ]; then
		for line in serial monitor; do
			set -- "$@" -chardev "pipe,id=$line,path=$run/$line"
		done
		set -- "$@" -serial chardev:serial -mon chardev=monitor,mode=readline \
			-global migration.store-global-state=off \
			-global migration.announce-rounds=0
	fi
	[ "$stage" != resume ] || set -- "$@" \
		-incoming "exec:zstd -dc $state/ram; echo \$? > $run/unpacked"
	quoted "$@"
}

# The kernel's argument that makes the host wait.
state_argument() {
	[ "$stage" = boot ] || echo bench.saved
}

# state_fails SECONDS: is there no reason to wait on, for so long at most?
state_fails() {
	! machine_runs || [ -n "$(log_trouble)" ] || [ "$(seconds)" -gt "$1" ]
}

state_ready() {
	until grep -qa ready "$run/serial.said"; do
		! state_fails "$time_limit" || return 1
		sleep 0.2
	done
	[ -z "$(log_trouble)" ]
}

# The monitor's listener ends with QEMU.
state_save() {
	cat >&6 <<-EOF
	stop
	migrate_set_parameter max-bandwidth 100G
	migrate "exec:zstd -q -1 --check > $made/ram && : > $made/whole"
	info migrate
	quit
	EOF
	while machine_runs; do
		[ "$(seconds)" -le "$time_limit" ] || return 1
		sleep 0.1
	done
	wait "${listeners##* }" || true
	[ -e "$made/whole" ] && grep -qa 'Migration status: completed' "$run/monitor.said" &&
		[ -z "$(log_trouble)" ]
}

# state_resume: the host that $state names goes on; false if it does not. Then it is removed,
# unless others have it; but that it has not come in time may be this machine's fault, once.
state_resume() {
	took=$(cat "$state/whole")
	limit=$((resume_limit + ${took:-0}))
	head -c 32 /dev/urandom | sha256sum | cut -c1-64 > "$share/seed"
	state_begin resume
	if state_resumed; then
		rm -f "$state/late"
		: > "$share/go"
		return
	fi
	if state_late && [ ! -e "$state/late" ]; then
		state_failed "the saved host does not resume within $limit s; a new one is booted"
		: > "$state/late"
		state_end
	else
		state_failed "the saved host does not resume; a new one is booted"
		state_end
		! flock -n 4 || rm -rf "$state"
	fi
	flock -u 4
	state=''
	jq '.state = ""' "$share/options.json" > "$run/options.json"
	mv "$run/options.json" "$share/options.json"
	return 1
}

# Is there nothing wrong, but that it takes long?
state_late() {
	machine_runs && [ -z "$(log_trouble)" ] && ! grep -qv '^0$' "$run/unpacked" 2> /dev/null
}

state_resumed() {
	until [ -e "$share/resumed" ] && [ -s "$run/unpacked" ]; do
		! state_fails "$limit" || return 1
		echo >&5
		sleep 0.1
	done
	[ "$(cat "$run/unpacked")" -eq 0 ] && [ -z "$(log_trouble)" ]
}

# What was not booted may be at fault as well.
state_hint() {
	[ -z "$state" ] || echo "$program: the host was resumed as it had been saved; --fresh boots it" >&2
}

# The one that nobody has used for longest goes first; one that is in use stays, and nothing of
# who has not made it to the end.
states_trim() {
	for folder in "$states"/*.tmp; do
		[ ! -d "$folder" ] || state_remove "$folder"
	done
	find "$states" -mindepth 1 -maxdepth 1 -type d ! -name '*.tmp' -printf '%T@ %p\n' |
		sort -rn | tail -n "+$states_kept" | while read -r _ folder; do
			state_remove "$folder"
		done
}

# state_remove FOLDER: unless somebody has it.
state_remove() {
	flock -n "${1%.tmp}.lock" rm -rf "$1" || true
}
