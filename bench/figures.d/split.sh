# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2034,SC2154
. "$bench/figures.d/components.sh"
title='Whose instructions they are, against message size'
text="TCP by eight connections between two guests. $all_text The domains' shares are their processor
time, in which Xen's work is as far as it is done while they run; the panel of Xen shows how much
that is, by the addresses of the code."
axis='message, bytes'
style=lines
cases='64 4096 65536'
measures='dom0|instructions/byte|less|dom0
sender|instructions/byte|less|Sending guest
receiver|instructions/byte|less|Receiving guest
xen|instructions/byte|less|Xen, within the others'

figure_rows() {
	netback_rows 'name ~ /^tcp-/ {
		put("dom0", kind, part["dom0"])
		put("sender", kind, part["sender"])
		put("receiver", kind, part["receiver"])
	}'
	for boot in $boots; do
		components "$work/$boot"
	done | jq -r 'select(.component == "xen" and (.case | startswith("tcp-"))) |
		[.path, "xen", (.case | ltrimstr("tcp-")), .instructions] | @tsv'
}
