# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154 # its variables come from the command
# --count=functions on the build machine: the scenario opens and closes counting windows
# (count_start and count_stop of lib/scenario.sh), in which QEMU's plugin counts by
# address; after the run, each window NAME becomes
#
#   $RESULTS/NAME.functions.tsv   instructions, component, function and calls, most first
#   $RESULTS/NAME.functions.json  the same, with the sums by component
#
# Below share/count, for window N: N.blocks from the plugin, N/ the symbols at its end
# (xen, host, guest1, ...), N/name.

count_prepare() {
	[ "$count" = functions ] || return 0
	compile_count_programs
	mkdir -p "$share/count" "$share/programs"
	cp "$programs/mark" "$share/programs/"
}

count_plugin() {
	echo "$programs/blocks.so,folder=$share/count"
}

functions_json() {
	jq -Rn --arg name "$1" '
		[inputs | split("\t") |
			{instructions: (.[0] | tonumber), component: .[1], function: .[2],
				calls: (.[3] | tonumber)}] |
		{
			name: $name,
			instructions: (map(.instructions) | add),
			components: (group_by(.component) |
				map({key: .[0].component, value: (map(.instructions) | add)}) |
				sort_by(-.value) | from_entries),
			functions: .
		}'
}

# count_report: attributes what the windows counted.
count_report() {
	[ "$count" = functions ] || return 0
	for blocks in "$share"/count/*.blocks; do
		window=${blocks%.blocks}
		[ -e "$window/name" ] || continue
		name=$(cat "$window/name")
		report=$share/results/$name.functions
		"$programs/attribute" "$blocks" "$window"/symbols/* > "$report.tsv" ||
			die "cannot attribute the window $name"
		functions_json "$name" < "$report.tsv" > "$report.json"
	done
}
