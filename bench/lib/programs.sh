# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# The C programs that run inside, compiled when their sources are newer. They are linked
# dynamically: in a static libxenstore, watches do not work (it has no reader thread).

# program_make NAME LIBRARY...: compiles src/NAME.c into build/programs/NAME.
program_make() {
	name=$1
	shift
	mkdir -p "$build/programs"
	target=$build/programs/$name
	[ ! "$target" -nt "$bench/src/$name.c" ] || return 0
	# shellcheck disable=SC2046 # one word an option
	gcc -std=gnu11 -Wall -Wextra -Werror -O2 -o "$target.$$" "$bench/src/$name.c" \
		$([ $# -eq 0 ] || pkg-config --libs "$@") || die "cannot compile src/$name.c"
	mv "$target.$$" "$target"
}
