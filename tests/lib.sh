# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# How tests are judged and counted; a test sets $suite, its name, and $work, a folder of
# its own, sources this and ends with check_sum. A scenario gets it by --file.

passed=0
failed=0

# check NAME COMMAND...: a test is a command that succeeds; what it says is shown if not.
check() {
	name=$1
	shift
	# shellcheck disable=SC2154 # see above
	if "$@" > "$work/said" 2>&1; then
		passed=$((passed + 1))
		echo "ok $suite: $name"
	else
		failed=$((failed + 1))
		echo "not ok $suite: $name"
		sed 's/^/    /' "$work/said"
	fi
}

# ends STATUS WORDS COMMAND...: the command ends so, with one line on standard error that has
# these words, and nothing on standard output.
ends() {
	wanted=$1 words=$2
	shift 2
	status=0
	"$@" > "$work/out" 2> "$work/err" || status=$?
	cat "$work/out" "$work/err"
	echo "status $status, wanted $wanted and '$words'"
	[ "$status" = "$wanted" ] && [ ! -s "$work/out" ] &&
		[ "$(wc -l < "$work/err")" = 1 ] && grep -qF -e "$words" "$work/err"
}

check_sum() {
	echo "$passed passed, $failed failed"
	[ "$failed" -eq 0 ]
}
