# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# What became of a part of a suite that ran in a host of its own.

# part_failed NAME LOG ERRORS: for one whose status is not 0. If it ended without its sum, that
# is a failure more, and LOG takes up what it said on the way, as comments.
part_failed() {
	! tail -n 1 "$2" | grep -qE '^[0-9]+ passed, [1-9][0-9]* failed$' || return 0
	sed 's/^/# /' "$3" >> "$2"
	echo "not ok $1: $(tail -n 1 "$3")" >> "$2"
}
