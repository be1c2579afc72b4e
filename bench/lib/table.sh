# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# How benches show what they have measured.

# table FILE COLUMNS: as jq makes them from FILE, one line of words a row, aligned.
table() {
	jq -r "$2 | @tsv" "$1" | awk -F '\t' '
		{
			printf "%-18s", $1
			for (i = 2; i <= NF; i++) {
				if (NR == 1)
					width[i] = length($i) < 12 ? 12 : length($i)
				printf " %*s", width[i], $i
			}
			print ""
		}'
}
