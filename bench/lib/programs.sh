# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154 # its variables come from the command
# Compiling what shell cannot do, into build/programs, when the sources are newer.

programs=$build/programs

# compile_by COMPILER NAME SOURCE [OPTION...]: SOURCE is below bench/.
compile_by() {
	compiler=$1 target=$programs/$2 source=$bench/$3
	shift 3
	mkdir -p "$programs"
	[ -z "$(find "$target" "${source%/*}" -newer "$target" 2>&1)" ] && return
	"$compiler" -std=gnu11 -Wall -Wextra -Werror -O2 -o "$target.$$" "$source" "$@" ||
		die "cannot compile $source"
	mv "$target.$$" "$target"
}

compile() {
	compile_by gcc "$@"
}

# compile_bpf NAME SOURCE: -g for the types of its maps.
compile_bpf() {
	compile_by clang "$@" -target bpf -g -c "-I/usr/include/$(gcc -print-multiarch)"
}

libraries() {
	pkg-config --libs "$@" || die "pkg-config does not know $*"
}

# compile_reseed: static, for hosts and guests.
compile_reseed() {
	compile reseed src/reseed.c -static
}

# compile_xen_programs: not static; in a static libxenstore, watches do not work, for it
# has no reader thread.
compile_xen_programs() {
	# shellcheck disable=SC2046 # one word an option
	compile agent src/agent.c $(libraries xenstore)
	# shellcheck disable=SC2046
	compile domtime src/domtime.c $(libraries xencontrol xenstore)
	compile schedtrace src/schedtrace.c
}

compile_count_programs() {
	for plugin in blocks lines; do
		compile $plugin.so count/$plugin.c "$bench/count/table.c" \
			"$bench/count/window.c" -fPIC -shared
	done
	compile attribute count/attribute.c
	compile mark count/mark.c
}

# make_spacer HEADERS: the module build/programs/spacer.ko for the kernel with these headers.
make_spacer() {
	folder=$programs/spacer-$(basename "$(dirname "$(readlink -f "$1/Makefile")")")
	mkdir -p "$folder"
	exec 6> "$folder/lock"
	flock 6
	cp -u "$bench/count/spacer.c" "$folder/"
	echo 'obj-m := spacer.o' > "$folder/Kbuild"
	make -s -C "$1" M="$folder" modules > "$folder/log" 2>&1 ||
		{ cat "$folder/log" >&2; die "cannot compile count/spacer.c"; }
	exec 6>&-
	echo "$folder/spacer.ko"
}
