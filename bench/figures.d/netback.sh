# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2034,SC2154
# What figures have in common that scenarios/netback.sh measures.

paths='stock stock-again tuned fastbridge all'
paths_text='tuned is the kit'\''s netback alone, with notify=eoc and tx_copy=2048, and fastbridge alone
with xmit=direct; all is both of them and cut-through, which needs fastbridge.'
all_text='all is the kit: netback with notify=eoc and tx_copy=2048, fastbridge with xmit=direct, and
cut-through.'
clock='counted instructions, of Xen, dom0 and the guests on one emulated CPU'

# netback_host PATHS CASES OPTION...: a host for $boot.
netback_host() {
	host_paths=$1 host_cases=$2
	shift 2
	host "$@" --uplink none --module "$modules/xen-netback.ko" \
		--module "$modules/fastbridge.ko" --guest-module "$modules/blast.ko" \
		--guest-module "$modules/sink.ko" --guest-module "$dummy" \
		"$bench/scenarios/netback.sh" "$rounds" "$host_paths" "$host_cases"
}

# netback_rows AWK: for lines of raw that are no errors, AWK's statements, which find the
# path, the name of its case, that in kind without its first word, the value and in part[] what
# else there is, and say what the rows are by put(MEASURE, CASE, VALUE); errors are put as all
# that the figure measures.
netback_rows() {
	of_boots raw | awk -v measures="$(echo "$measures" | sed 's/|.*//' | paste -sd ' ')" '
		function put(measure, x, number) {
			printf "%s\t%s\t%s\t%s\n", path, measure, x, number
		}
		{
			path = $1; name = kind = $2; value = $3
			sub(/^(tcp|pairs)-/, "", kind)
		}
		$3 == "error" {
			count = split(measures, measure, " ")
			for (i = 1; i <= count; i++)
				put(measure[i], kind, substr($0, index($0, " error ") + 1))
			next
		}
		{
			split("", part)
			for (i = 4; i <= NF; i++) {
				split($i, pair, "=")
				part[pair[1]] = pair[2]
			}
		}
		'"$1"
}

# Sets $host_paths for a $boot whose host has only the modules that its name ends in.
paths_of_boot() {
	case $boot in
	*-stock)	host_paths='stock stock-again' ;;
	*-kit)		host_paths='all' ;;
	esac
}
