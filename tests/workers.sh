# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Several things at a time; a function, which xargs -P cannot run, may be the command.

# workers COUNT COMMAND ITEM...: COMMAND ITEM for each item, so many at a time, begun in their
# order. A shell has what it starts with & ignore SIGINT, so whoever is interrupted ends all of
# its process group. Until then a worker that finds the folder gone takes nothing more. Of workers
# within workers the outermost alone does so: a second signal would end what cleans up after the
# first.
workers() {
	count=$1 command=$2
	shift 2
	# Who is interrupted just when the folder is there removes it, too.
	begun=''
	trap 'trap "" TERM; rm -rf "$begun"; [ "${within_workers-}" ] || kill 0; exit 130' INT TERM HUP
	if ! begun=$(mktemp -d); then
		trap - INT TERM HUP
		echo "workers: there is no folder for them" >&2
		return 1
	fi
	for _ in $(seq "$count"); do
		worker "$@" &
	done
	wait
	trap - INT TERM HUP
	rm -rf "$begun"
}

# worker ITEM...: takes the next that no other has begun, as long as there is one; who has
# made an item's folder has it.
worker() {
	export within_workers=yes
	number=0
	for item do
		number=$((number + 1))
		! mkdir "$begun/$number" 2> /dev/null || "$command" "$item" < /dev/null
	done
}
