# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2034,SC2154
# What every command in bench/ needs. The command sets $bench to its own folder first.

# shellcheck source=bench/lib/help.sh
. "$bench/lib/help.sh"

program=${0##*/}
build=${bench%/*}/build

die() {
	printf '%s: %s\n' "$program" "$*" >&2
	exit 1
}

# The entries of a list file: one a line, comments and empty lines left out.
entries() {
	sed 's/#.*//; /^[[:space:]]*$/d; s/[[:space:]]//g' "$1"
}

# Asked at every start of a host, and so with one call.
missing_packages() {
	# shellcheck disable=SC2046 # one word a package
	set -- $(entries "$bench/packages")
	installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null |
		sed -n 's/^installed //p')
	printf '%s\n' "$@" | grep -vxF -e "$installed" || true
}

need_root() {
	[ "$(id -u)" -eq 0 ] || die "must be run as root"
}

need_packages() {
	missing=$(missing_packages | tr '\n' ' ')
	[ -z "$missing" ] ||
		die "these Debian packages are missing, run bench/setup: $missing"
}

# has_space DIR MEGABYTES: also sets $free, what there is.
has_space() {
	free=$(df -Pm "$1" | awk 'NR == 2 { print $4 }')
	[ "$free" -ge "$2" ]
}

# need_space DIR MEGABYTES
need_space() {
	has_space "$@" ||
		die "no room on disk: $1 has $free MB free, $2 MB are needed"
}

# quiet COMMAND...: speaks up only when it fails. Whoever builds has a folder $tmp.
quiet() {
	"$@" > "$tmp/log" 2>&1 || { tail -n 30 "$tmp/log" >&2; die "failed: $*"; }
}
