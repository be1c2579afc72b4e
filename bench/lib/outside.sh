#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The outside world of an emulated Xen host: first process of the run's own process and
# network namespace. It makes the tap device that dom0's uplink ends in, gives its end
# the outside host's address, starts QEMU and runs what the scenario's outside_run asks
# for: share/outside/ID.command is answered by ID.output, ID.errors and then ID.status.
# To the commands $SHARE is what the hosts have as /bench.
#
# outside.sh SHARE UPLINK QEMU...: UPLINK is none or anything else.
set -u
# shellcheck source=bench/lib/help.sh
. "${0%/*}/help.sh"
export SHARE="$1"
requests=$SHARE/outside
uplink=$2
shift 2

answer() {
	sh -c "$(cat "$1.running")" < /dev/null > "$1.output" 2> "$1.errors"
	echo $? > "$1.new"
	mv "$1.new" "$1.status"
}

serve() {
	while sleep 0.05; do
		for command in "$requests"/*.command; do
			[ -e "$command" ] || continue
			id=${command%.command}
			mv "$command" "$id.running"
			answer "$id" &
		done
	done
}

ip link set lo up
if [ "$uplink" != none ]; then
	ip tuntap add dev tap0 mode tap || exit 1
	ip link set tap0 address 00:16:3e:00:00:c8
	ip link set tap0 up
	ip address add 10.0.0.200/24 dev tap0
	ip address add fd00::200/64 dev tap0 nodad
fi
serve < /dev/null > /dev/null 2>&1 &
"$@"
