# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154 # $suite and $work
# How tests are judged and counted; a test sets $suite, its name, and $work, a folder of
# its own, sources this and ends with check_sum. A scenario gets it by --file.

passed=0
failed=0

# judge COMMAND...: sets $verdict to its status. It runs in a shell of its own that ends at the
# first command that fails, in the middle of a function as well; what it sets is lost with
# this shell. Where the shell overlooks failures, which is in a condition and in all that is
# called there, it overlooks these, too: so judge fails there.
judge() {
	case $- in
	*e*)	strict=yes ;;
	*)	strict='' ;;
	esac
	set +e
	( set -e; "$@" ) > "$work/said" 2>&1
	verdict=$?
	( set -e; false; exit 2 )
	[ $? -eq 1 ] || { verdict=1; echo 'judged in a condition' > "$work/said"; }
	[ -z "$strict" ] || set -e
}

# check NAME COMMAND...: a test is a command that succeeds; what it says is shown if not, in whole
# lines, for the next verdict wants one of its own.
check() {
	name=$1
	shift
	began=$(date +%s)
	judge "$@"
	[ -z "${RESULTS-}" ] || echo "$(($(date +%s) - began)) s $name" >> "$RESULTS/times"
	if [ "$verdict" -eq 0 ]; then
		passed=$((passed + 1))
		echo "ok $suite: $name"
	else
		failed=$((failed + 1))
		echo "not ok $suite: $name"
		awk '{ print "    " $0 }' "$work/said"
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

# says_no COMMAND...: a program that says no, with status 1. That it is not there, cannot do its
# work or is ended is another matter, and so is what a function's last command makes of it.
says_no() {
	answer=0
	"$@" || answer=$?
	[ $answer -eq 1 ] || { echo "status $answer, wanted 1: $*"; return 1; }
}

check_sum() {
	echo "$passed passed, $failed failed"
	[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}
