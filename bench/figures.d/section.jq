# SPDX-License-Identifier: GPL-2.0
# The page's section of one figure, from its JSON and $picture.
def cell:
	if .error then "<td class=\"error\">error</td>"
	else "<td>\(.median)<br><small>\(.min) to \(.max)</small></td>" end;
def percent: . * 1000 | round / 10;
def spread($median): if $median == 0 then 0 else (.max - .min) / $median end;

# How far the base and the same again are apart at most, and how far runs of one of them.
def noise($figure; $measure):
	[$figure.cases[] as $case | [$figure.rows[] | select(.measure == $measure and .case == $case
		and (.path == $figure.base or .path == $figure.again) and (.error | not))] |
		select(length == 2 and .[0].median != 0) |
		{
			medians: (.[1].median / .[0].median - 1 | fabs),
			runs: (.[0].median as $median | map(spread($median)) | max)
		}] |
	if . == [] then "There is no A/A test."
	else "A/A: the medians are at most \(map(.medians) | max | percent) % apart, runs of one path " +
		"\(map(.runs) | max | percent) %." end;

. as $figure |
"<h2 id=\"\(.name)\">\(.title | @html)</h2>",
"<p>\(.text | @html)</p>",
"<p><strong>Unit: \(.clock | @html).</strong></p>",
"<p><img alt=\"\(.title | @html)\" src=\"data:image/svg+xml;base64,\($picture | @base64)\"></p>",
(.measures[] | . as $measure |
	"<h3>\(.title | @html), \(.unit | @html); \(.better) is better</h3>",
	"<table><tr><th>path</th>" + ($figure.cases | map("<th>\(@html)</th>") | join("")) + "</tr>",
	($figure.paths[] as $path | "<tr><td>\($path)</td>" + ([$figure.rows[] |
		select(.path == $path and .measure == $measure.name) | cell] | join("")) + "</tr>"),
	"</table>",
	"<p>\(noise($figure; $measure.name))</p>"
),
"<p>\(.date); Linux \(.kernel), Xen \(.xen), QEMU \(.qemu), commit \(.commit);",
"also as <a href=\"\(.name).json\">JSON</a>, <a href=\"\(.name).svg\">SVG</a> and",
"<a href=\"\(.name).png\">PNG</a>. Command, and the hosts that it starts:</p>",
"<pre>\(.command | @html)",
(.commands[] | "\n\(@html)"),
"</pre>"
