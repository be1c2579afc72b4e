# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154 # its variables come from the command
# The run's folder, and the share in it that build machine and emulated host have in
# common (virtio-9p, mounted at /bench in the host):
#
#   share/lib, share/inside    these scripts
#   share/world                shell code that says what guests xenhost has room for
#   share/job                  shell code that sets up the scenario's world
#   share/scenario             the scenario
#   share/modules, share/files what --module and --file handed in
#   share/options.json         how the host was started
#   share/output               the scenario's output, shown while it runs
#   share/results              what the scenario leaves
#   share/log                  logs; all are searched for trouble
#   share/resumed, share/go    that a saved host is back; that it may begin, see lib/state.sh
#   share/started, share/status  that it began; its exit status
#
# A status that is not there reads as failure, whatever the console said.

# Quotes the arguments as one line of shell code.
quoted() {
	for word do
		printf "'%s' " "$(printf '%s' "$word" | sed "s/'/'\\\\''/g")"
	done
	echo
}

run_create() {
	mkdir -p "$build/run"
	need_space "$build/run" 1000
	run=$(mktemp -d "$build/run/$program-$(date +%Y%m%d-%H%M%S)-XXXXXX")
	share=$run/share
	mkdir -p "$share/modules" "$share/files" "$share/results" "$share/log"
	compile_reseed
	mkdir "$share/programs"
	cp "$programs/reseed" "$share/programs/"
	cp -r "$bench/lib" "$bench/inside" "$share/"
	: > "$share/output"
}

# copy_each LIST DIR: LIST holds one path a line.
copy_each() {
	printf '%s' "$1" | while read -r path; do
		cp -rL "$path" "$2/" || exit 1
	done || die "could not copy what an option named"
}

# job_write [ARGS...]: the arguments are the scenario's.
job_write() {
	[ -z "$scenario" ] || install -m 755 "$scenario" "$share/scenario"
	copy_each "$modules" "$share/modules"
	copy_each "$files" "$share/files"
	{
		[ ! -e "$share/world" ] || echo ". /bench/world"
		echo "export LIB=/bench/lib MODULES=/bench/modules FILES=/bench/files"
		echo "export RESULTS=/bench/results COUNT=$count"
		echo "set -- $(quoted "$@")"
	} > "$share/job"
}

# options_write [NAME VALUE...]: what a result needs to be understood and repeated.
options_write() {
	jq -n '[$ARGS.positional | _nwise(2) | {(.[0]): .[1]}] | add' --args \
		program "$program" commit "$(commit)" count "${count:-no}" \
		qemu "$(qemu-system-x86_64 --version | sed -n '1s/.*version //p')" \
		memory "$memory" topology "$topology" state "${state##*/}" "$@" > "$share/options.json"
}

commit() {
	git -C "$bench" describe --always --dirty --abbrev=12 2>/dev/null || echo unknown
}

# The run's results go where --results says; logs and results of a run are kept, the rest
# only with --keep.
run_finish() {
	[ -n "${run-}" ] || return 0
	if [ -n "$results" ]; then
		cp -r "$share/results/." "$results/"
	else
		mv "$share/results" "$run/results"
	fi
	cp -r "$share/log" "$share/output" "$run/"
	[ -n "$keep" ] || rm -rf "$share" "$run/tmp" "$run"/*.cpio
}
