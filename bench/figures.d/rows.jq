# SPDX-License-Identifier: GPL-2.0
# A figure's JSON, from lines "PATH MEASURE CASE VALUE" with tabs between, where a VALUE that
# is no number tells why there is none. Each row that the figure should have is there, if only
# as an error.
def words: split(" ");
def median: sort | .[length / 2 | floor];
def rounded: (if fabs >= 1000 then 1 elif fabs >= 10 then 100 else 10000 end) as $by |
	. * $by | round / $by;

[inputs | split("\t") | {path: .[0], measure: .[1], case: .[2], value: .[3]}] as $raw |
($raw | group_by([.path, .measure, .case]) |
	map({key: (.[0] | "\(.path) \(.measure) \(.case)"), value: map(.value)}) |
	from_entries) as $values |
[$measures | split("\n")[] | select(. != "") | split("|") |
	{name: .[0], unit: .[1], better: .[2], title: .[3]}] as $all_measures |
{
	$name, $title, $text, $clock, $axis, $style, $base, $again, $command, $date,
	unit: $all_measures[0].unit,
	kernel: $hosts[-1].kernel, xen: $hosts[-1].xen, qemu: $hosts[-1].qemu,
	commit: ([$hosts[].commit] | unique | join(", ")),
	commands: ($commands | split("\n") | map(select(. != ""))),
	paths: ($paths | words), cases: ($cases | words), measures: $all_measures,
	rows: [
		$all_measures[] as $measure | ($paths | words)[] as $path | ($cases | words)[] as $case |
		($values["\($path) \($measure.name) \($case)"] // []) as $said |
		[$said[] | tonumber? ] as $runs |
		{$path, measure: $measure.name, $case, unit: $measure.unit, better: $measure.better} +
		if ($runs | length) < $rounds then {
			error: ([$said[] | select((tonumber? // null) == null)] |
				first // "\($runs | length) of \($rounds) runs")
		} else {
			min: ($runs | min | rounded), median: ($runs | median | rounded),
			max: ($runs | max | rounded), runs: ($runs | length)
		} end
	]
}
