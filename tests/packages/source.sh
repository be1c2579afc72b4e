#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Does netback/source --check remember what is so for good, and nothing else? The kit's own
# command, with a tar and a patch that do as they are told, and a /var/cache of its own. The
# last line is the sum. Takes a second; wants root and linux-source-6.1.
set -u
tests=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=bench/lib/help.sh
. "${tests%/*}/bench/lib/help.sh"
suite=source
# shellcheck source=tests/lib.sh
. "$tests/lib.sh"

# program NAME LINE: what it does besides leaving word that it was called.
program() {
	printf '#!/bin/sh\necho %s >> %s\n%s\n' "$1" "$work/called" "$2" > "$work/bin/$1"
	chmod 755 "$work/bin/$1"
}

fresh() {
	rm -rf /var/cache/* "$work/called"
	program tar 'exit 0'
	program patch 'exit 0'
}

# For a kernel of no package.
source_check() {
	PATH=$work/bin:$PATH "$tests/../netback/source" --check none
}

fits() {
	source_check > "$work/out" 2>&1 || { cat "$work/out"; return 1; }
	[ ! -s "$work/out" ]
}

asks_nobody() {
	rm -f "$work/called"
	"$@" && [ ! -e "$work/called" ]
}

success() {
	fresh
	fits
	[ -e "$work/called" ]
	program tar 'exit 2'
	asks_nobody fits
}

# misfit LINE WORDS: of a patch.
misfit() {
	fresh
	program patch "$1"
	ends 1 "$2" source_check
	program patch 'exit 0'
	asks_nobody ends 1 "$2" source_check
}

# passing PROGRAM LINE WORDS: nobody's fault but this moment's.
passing() {
	fresh
	program "$1" "$2"
	says_no source_check 2> "$work/err"
	cat "$work/err"
	grep -F "$3" "$work/err"
	ls -A /var/cache
	[ -z "$(ls -A /var/cache)" ]
	program "$1" 'exit 0'
	fits
}

# What tar has to say of a source that it unpacks is no verdict.
tar_warns() {
	fresh
	program tar 'echo tar: an odd time stamp >&2'
	fits
	asks_nobody fits
}

# Neither is that nothing can be remembered.
forgets() {
	fresh
	: > /var/cache/xen-fastnet
	source_check
	fresh
	mkdir -p /var/cache/xen-fastnet
	mount -t tmpfs -o size=4k tmpfs /var/cache/xen-fastnet
	says_no cat /dev/zero > /var/cache/xen-fastnet/all 2> /dev/null
	kept=0
	source_check || kept=$?
	ls -A /var/cache/xen-fastnet
	[ "$(ls -A /var/cache/xen-fastnet)" = all ] || kept=1
	umount /var/cache/xen-fastnet
	return $kept
}

inside() {
	mount -t tmpfs tmpfs /var/cache
	mkdir "$work/bin"
	check 'a source that fits' success
	check 'a source that does not' misfit 'echo "1 out of 1 hunk FAILED"; exit 1' 'hunk FAILED'
	check 'a source that nearly does' misfit 'echo "Hunk #1 succeeded at 2 (offset 1 line)."' \
		'applies, but not exactly'
	check 'a tar that fails' passing tar 'echo "tar: No space left on device" >&2; exit 2' \
		'cannot be unpacked'
	# shellcheck disable=SC2016 # its own
	check 'a tar that is killed' passing tar 'kill -KILL $$' 'cannot be unpacked'
	check 'a patch that cannot write' passing patch 'exit 2' 'patch has ended with 2'
	# shellcheck disable=SC2016 # its own
	check 'a patch that is killed' passing patch 'kill -KILL $$' 'patch has ended with 137'
	check 'a tar that warns' tar_warns
	check 'what is not remembered' forgets
	check_sum
}

if [ "${1-}" = inside ]; then
	work=$2
	inside
	exit
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
chmod 755 "$work"
unshare --mount "$0" inside "$work"
