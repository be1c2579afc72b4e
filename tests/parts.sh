# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# What became of the parts of a suite that ran in hosts of their own.

# part_judge NAME STATUS LOG ERRORS: a part is to end with its sum, which is that of the tests
# that LOG lists, one at least, and with the status that goes with it. If it has not, that is a
# failure more, and LOG takes up what was said on the way, as comments.
part_judge() {
	sum=$(tail -n 1 "$3")
	ok=$(grep -c '^ok ' "$3") || true
	not_ok=$(grep -c '^not ok ' "$3") || true
	[ "$sum" != "$ok passed, $not_ok failed" ] || [ "$sum" = '0 passed, 0 failed' ] ||
		[ "$2" -ne $((not_ok > 0)) ] || return 0
	sed 's/^/# /' "$4" >> "$3"
	echo "not ok $1: status $2, ${sum:-and no sum}: $(tail -n 1 "$4")" >> "$3"
}

# part_show LOG REPORT: what a part has said, without its sum, also to the end of REPORT. Whoever
# runs parts removes their logs first, so that one without has not run.
part_show() {
	[ -e "$1" ] || echo "not ok ${1##*/}: there is no such file" > "$1"
	sed '/^[0-9]* passed, [0-9]* failed$/d' "$1" > "$1.shown"
	cat "$1.shown" >> "$2"
	cat "$1.shown"
	rm "$1.shown"
}

# parts_sum REPORT: the last line of a suite.
parts_sum() {
	ok=$(grep -c '^ok ' "$1") || true
	not_ok=$(grep -c '^not ok ' "$1") || true
	echo "$ok passed, $not_ok failed"
	[ "$not_ok" -eq 0 ] && [ "$ok" -gt 0 ]
}
