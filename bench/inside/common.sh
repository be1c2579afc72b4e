# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# What the first process of both kinds of emulated host does.

# shellcheck source=bench/inside/share
. /bench/inside/share
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=linux

mount_all() {
	mount -o remount,rw /
	mkdir -p /dev/pts /dev/shm
	mount -t devpts devpts /dev/pts
	mount -t tmpfs tmpfs /run
	mount -t tmpfs tmpfs /tmp
	mount -t tmpfs tmpfs /dev/shm
	mount -t tracefs tracefs /sys/kernel/tracing
	mount -t debugfs debugfs /sys/kernel/debug
	mount -t bpf bpf /sys/fs/bpf
	mkdir -p /run/lock /run/netns
	! grep -q bench.modules /proc/cmdline ||
		mount -t 9p -o trans=virtio,version=9p2000.L,ro modules /lib/modules
	ip link set lo up
}

# The host waits to be saved, and goes on when it is resumed; what it knew of /bench was a copy.
await_resume() {
	grep -q bench.saved /proc/cmdline || return 0
	tell_trouble
	stty -F /dev/ttyS1 raw -echo
	exec 3<> /dev/ttyS1
	sync
	echo 1 > /proc/sys/vm/drop_caches
	echo ready >&3
	read -r _ <&3
	exec 3>&-
	share_mount /bench
	/bench/programs/reseed "$(cat /bench/seed)"
	: > /bench/resumed
	until [ -e /bench/go ]; do sleep 0.05; done
}

# What is in a log by now would be in that of each run; some of it the console does not show.
tell_trouble() {
	sed '/^#/d' /bench/lib/trouble > /tmp/trouble
	line=$({ dmesg; cat /bench/log/*; } | grep -m 1 -aE -f /tmp/trouble) || return 0
	echo "BUG: not fit to be saved: $line" | cut -c 1-500 > /dev/kmsg
}

# What was run on what: options.json of the build machine and what only is known in here.
describe_host() {
	xen_version=$(cat /sys/hypervisor/version/major /sys/hypervisor/version/minor \
		/sys/hypervisor/version/extra 2>/dev/null | paste -sd. | sed 's/\.\././')
	jq --arg kernel "$(uname -rv)" --arg arguments "$(cat /proc/cmdline)" \
		--arg xen "$xen_version" --arg cpus "$(nproc)" \
		'. + {kernel: $kernel, kernel_arguments: $arguments, cpus: ($cpus | tonumber)} +
		if $xen == "" then {} else {xen: $xen} end' \
		/bench/options.json > /bench/results/host.json
}

# The scenario's output and status go to the share, never to the console.
# shellcheck disable=SC2120 # the job sets the arguments
run_scenario() {
	[ -e /bench/scenario ] || return 0
	describe_host
	: > /bench/started
	( cd /root && . /bench/job && exec /bench/scenario "$@" ) \
		< /dev/null > /bench/output 2>&1
	echo $? > /bench/status.new
}

run_shell() {
	grep -q bench.shell /proc/cmdline || return 0
	echo "bench: a shell; the host is switched off when it ends"
	# shellcheck disable=SC2094 # it is a terminal
	( . /bench/job && exec setsid -c sh -i ) < "$1" > "$1" 2>&1
}

# The status is put in place last, when the log is safe: dmesg has what the console lost.
# poweroff -f does not come back; with sysrq's o, this shell would go on without a disk.
finish() {
	dmesg > /bench/log/dmesg.log
	[ ! -e /bench/status.new ] || mv /bench/status.new /bench/status
	sync
	busybox poweroff -f
}
