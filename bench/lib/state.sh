# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154 # its variables come from the command
# Hosts that are up, and their guests with them, kept in build/cache/states for later runs:
#
#   KEY/ram    all of the machine but its disk, as QEMU migrates it, packed
#   KEY/disk   what has been written to the root
#   KEY.lock   shared by the runs of it, held alone by who makes or removes it
#
# KEY is a hash of all that the host has seen until then. What a run hands in, its scenario above
# all, comes afterwards: the share cannot be saved while it is mounted, so until then the host
# has a copy of what is in it; and then its random numbers get another seed. On the second serial
# line the host says that it is ready, and waits for a newline; that is repeated, for one that
# comes too early is lost.
#
# $stage is boot, make or resume, and says which machine qemu_common describes.
states=$build/cache/states
states_kept=12
stage=boot state=''

# Whoever wants to see the boot boots, and so does a host with one more thing mounted, or one
# that ends up in another init than ours.
resumable() {
	[ -z "$fresh$shell$modules_dir" ] && ! expr "x$append" : '.*bench.init=' > /dev/null
}

# state_key: of QEMU's command line and all that it starts from.
state_key() {
	{
		dpkg-query -W -f '${Version}\n' qemu-system-x86
		host_command | sed "s|$run|RUN|g"
		cat "$bench/$program" "${kernel:-/dev/null}" "${xen:-/dev/null}"
		cd "$share" && find . -type f -exec sha256sum {} + | LC_ALL=C sort
	} | sha256sum | cut -c1-16
}

# state_open: sets $state to the folder of the host that the options ask for, which is made if
# need be; to nothing if it cannot be had.
state_open() {
	resumable || return 0
	mkdir -p "$states"
	state=$states/$(state_key)
	exec 4> "$state.lock"
	flock -s 4
	if [ ! -d "$state" ]; then
		flock 4
		[ -d "$state" ] || state_make
		flock -s 4
	fi
	if [ -d "$state" ]; then touch "$state"; else state=''; fi
}

# The run's own folder, which is as it was afterwards, serves to make it in.
state_make() {
	echo "$program: making a host for later runs to resume" >&2
	need_space "$build" 3000
	states_trim
	made=$(mktemp -d "$states/tmp.XXXXXX")
	qemu-img create -q -f qcow2 -F raw -b "$image/root.img" "$made/disk"
	state_begin make
	if state_ready && state_save; then
		mv "$made" "$state"
	else
		rm -rf "$made"
		echo "$program: that did not work" >&2
		for log in "$share"/log/*.log; do
			show_log "$log"
		done
	fi
	state_end
}

state_begin() {
	stage=$1 listeners=''
	# shellcheck disable=SC2034 # seconds's
	began=$(date +%s)
	for line in serial monitor; do
		mkfifo "$run/$line.in" "$run/$line.out"
		setpriv --pdeathsig TERM cat > "$run/$line.said" < "$run/$line.out" &
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

# state_options OPTION...: QEMU's, quoted, with those that a saved host needs: it resumes by
# itself though it was stopped to be saved, and tells nobody outside that it has moved.
state_options() {
	if [ "$stage" != boot ]; then
		for line in serial monitor; do
			set -- "$@" -chardev "pipe,id=$line,path=$run/$line"
		done
		set -- "$@" -serial chardev:serial -mon chardev=monitor,mode=readline \
			-global migration.store-global-state=off \
			-global migration.announce-rounds=0
	fi
	[ "$stage" != resume ] || set -- "$@" -incoming "exec:zstd -dc $state/ram"
	quoted "$@"
}

# The kernel's argument that makes the host wait.
state_argument() {
	[ "$stage" = boot ] || echo bench.saved
}

# Is there no reason to wait on?
state_fails() {
	! machine_runs || [ -n "$(log_trouble)" ] || [ "$(seconds)" -gt "$time_limit" ]
}

state_ready() {
	until grep -qa ready "$run/serial.said"; do
		! state_fails || return 1
		sleep 0.2
	done
}

state_save() {
	cat >&6 <<-EOF
	stop
	migrate_set_parameter max-bandwidth 100G
	migrate "exec:zstd -q -1 --check > $made/ram"
	info migrate
	quit
	EOF
	wait "$machine" || true
	grep -qa 'Migration status: completed' "$run/monitor.said"
}

# state_resume: the host that $state names goes on; false, and it is removed, if it does not.
state_resume() {
	head -c 32 /dev/urandom | sha256sum | cut -c1-64 > "$share/seed"
	state_begin resume
	until [ -e "$share/started" ]; do
		if state_fails; then
			echo "$program: the saved host does not resume; a new one is booted" >&2
			rm -rf "$state"
			state_end
			return 1
		fi
		echo >&5
		sleep 0.1
	done
}

# The one that nobody has used for longest goes first; one that is in use stays.
states_trim() {
	find "$states" -maxdepth 1 -name 'tmp.*' -mmin +60 -exec rm -rf {} +
	# shellcheck disable=SC2012 # the names are ours
	ls -dt "$states"/*/ 2>/dev/null | tail -n "+$states_kept" | while read -r folder; do
		flock -n "${folder%/}.lock" rm -rf "$folder" || true
	done
}
