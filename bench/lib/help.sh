# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# What a command is asked about itself. It sources this before it does anything: its help is
# the comment at its head, and options it has none. One with options of its own sets
# options=own before, and answers for itself.

case ${options-}${1-} in
-h|--help)
	sed -n '/^# SPDX/d; /^# shellcheck/d; /^#!/d; /^#/!q; s/^# \{0,1\}//p' "$0"
	exit 0 ;;
-*)
	printf "%s: unknown option '%s'; see --help\n" "${0##*/}" "$1" >&2
	exit 1 ;;
esac
