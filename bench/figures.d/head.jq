# SPDX-License-Identifier: GPL-2.0
# The beginning of the page, from the JSON of all figures and of $worse.
def row($tag): "<tr>" + (map("<\($tag)>\(tostring | @html)</\($tag)>") | join("")) + "</tr>";

"<!DOCTYPE html>",
"<html lang=\"en\"><head><meta charset=\"utf-8\"><title>xen-fastnet: figures</title><style>",
"body { font-family: sans-serif; max-width: 75em; margin: 2em auto; padding: 0 1em }",
"img { max-width: 100% } table { border-collapse: collapse; margin: 1em 0 }",
"td, th { border: 1px solid #bbb; padding: .2em .5em; text-align: right }",
"td:first-child, th:first-child { text-align: left } small { color: #666 }",
".error { color: #b00 } pre { white-space: pre-wrap; background: #eee; padding: .5em }",
"</style></head><body>",
"<h1>xen-fastnet: figures</h1>",
"<p>Measured on emulated Xen hosts; each figure tells whether its unit is counted instructions or",
"emulated time. A value is the median of interleaved runs, with the least and the greatest.",
"A path and the same <em>again</em> are the A/A test, which shows the noise.</p>",
"<h2 id=\"worse\">What got worse</h2>",
"<p>All rows whose median is worse than the worst run of stock and of the same again.</p>",
if $worse[0] == [] then "<p>Nothing.</p>" else
	"<table>" + (["figure", "path", "measure", "case", "stock", "median", "unit", "%"] | row("th")),
	($worse[0][] | [.figure, .path, .measure, .case, .base, .median, .unit, .percent // ""] | row("td")),
	"</table>"
end,
([.[] | .name as $name | .rows[] | select(.error) |
	"<li>\($name): \(.path), \(.measure), \(.case): \(.error | @html)</li>"] |
	if . == [] then empty else
		"<h2 class=\"error\">What could not be measured</h2><ul class=\"error\">", .[], "</ul>"
	end)
