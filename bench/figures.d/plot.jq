# SPDX-License-Identifier: GPL-2.0
# A figure's pictures as a gnuplot script, for a terminal that is set before: a panel for each
# measure, a line or a box for each path, from its least to its greatest run. What failed is
# a gap; gnuplot cannot choose a range for a panel of nothing else.
def cell: if .error or .median == null then "NaN NaN NaN" else "\(.median) \(.min) \(.max)" end;

. as $figure |
"set multiplot layout 1,\(.measures | length) title \(.title | tojson)",
"set xlabel \(.axis | tojson)",
"set key below Left reverse samplen 2",
"set grid ytics",
"set bars small",
"set datafile missing 'NaN'",
if .style == "bars" then
	"set xtics rotate by -30",
	"set style data histograms",
	"set style histogram errorbars gap 1 linewidth 1",
	"set style fill solid 0.6 border -1"
else
	"set style data yerrorlines",
	"set xrange [-0.15:\((.cases | length) - 0.85)]"
end,
(.measures | to_entries[] | .key as $number | .value as $measure |
	"$panel\($number) << EOD",
	($figure.cases[] as $case | [$case | tojson] + [$figure.paths[] as $path |
		$figure.rows[] | select(.measure == $measure.name and .case == $case and
			.path == $path) | cell] | join(" ")),
	"EOD",
	"set title \($measure.title | tojson)",
	"set ylabel \($measure.unit | tojson)",
	"set yrange [0:\(if any($figure.rows[]; .measure == $measure.name and .median) then "*" else 1 end)]",
	"plot " + ([$figure.paths | to_entries[] | (2 + 3 * .key) as $column |
		"$panel\($number) using " +
		(if $figure.style == "bars" then "" else "0:" end) +
		"\($column):\($column + 1):\($column + 2):xtic(1) title \(.value | tojson)" +
		(if $figure.style == "bars" then "" else " pointtype \(.key + 1)" end)] | join(", "))
),
"unset multiplot"
