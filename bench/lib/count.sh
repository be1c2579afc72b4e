# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154 # its variables come from the command
# --count=functions and --count=lines on the build machine: the scenario opens and closes
# counting windows (count_start and count_stop of lib/scenario.sh), in which QEMU's plugin
# counts by address; after the run, each window NAME becomes
#
#   $RESULTS/NAME.functions.tsv   instructions, component, function and calls, most first
#   $RESULTS/NAME.functions.json  the same, with the sums by component
#
# with lines, NAME.lines.tsv and .json with writes to shared cache lines in place of
# instructions and calls.
#
# Below share/count, for window N: N.blocks from the plugin, N/ the symbols at its end
# (xen, host, guest1, ...), N/name.

# Are there windows?
count_by_address() {
	[ "$count" = functions ] || [ "$count" = lines ]
}

count_prepare() {
	count_by_address || return 0
	compile_count_programs
	mkdir "$share/count"
	cp "$programs/mark" "$share/programs/"
}

count_plugin() {
	case $count in
	functions)	echo "$programs/blocks.so,folder=$share/count" ;;
	lines)		echo "$programs/lines.so,folder=$share/count" ;;
	esac
}

# functions_json NAME WHAT: of what the first column counts.
functions_json() {
	jq -Rn --arg name "$1" --arg what "$2" '
		[inputs | split("\t") |
			{($what): (.[0] | tonumber), component: .[1], function: .[2]} +
			if $what == "instructions" then {calls: (.[3] | tonumber)} else {} end] |
		{
			name: $name,
			($what): (map(.[$what]) | add // 0),
			components: (group_by(.component) |
				map({key: .[0].component, value: (map(.[$what]) | add)}) |
				sort_by(-.value) | from_entries),
			functions: .
		}'
}

# count_report: attributes what the windows counted.
count_report() {
	count_by_address || return 0
	what=instructions
	[ "$count" = functions ] || what=writes
	for blocks in "$share"/count/*.blocks; do
		window=${blocks%.blocks}
		[ -e "$window/name" ] || continue
		name=$(cat "$window/name")
		report=$share/results/$name.$count
		"$programs/attribute" "$blocks" "$window"/symbols/* > "$report.tsv" ||
			die "cannot attribute the window $name"
		functions_json "$name" $what < "$report.tsv" > "$report.json"
	done
}
