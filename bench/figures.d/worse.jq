# SPDX-License-Identifier: GPL-2.0
# What got worse: from the JSON of all figures, the rows whose median is worse than the worst
# run of the figure's base and of the same path again.
def worse_than($runs; $better):
	if $better == "less" then . > ($runs | map(.max) | max) else . < ($runs | map(.min) | min) end;

[.[] | . as $figure | .rows[] | select(.error | not) |
	select(.path != $figure.base and .path != $figure.again) | . as $row |
	[$figure.rows[] | select(.measure == $row.measure and .case == $row.case and
		(.path == $figure.base or .path == $figure.again) and (.error | not))] as $runs |
	select(($runs | length) == 2) |
	select($row.median | worse_than($runs; $row.better)) |
	$runs[0].median as $median |
	{
		figure: $figure.name, path, measure, case, unit, base: $median, median,
		percent: (if $median == 0 then null
			else (.median / $median - 1) * 1000 | round / 10 end)
	}]
