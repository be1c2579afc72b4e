# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2034,SC2154
. "$bench/figures.d/netback.sh"
title='Pairs of guests at once'
text="A TCP connection of iperf3 within each pair, messages of 128 KiB; every second round goes the other
way. $all_text stock and the kit have hosts of their own, with sixteen guests each."
axis='pairs'
paths='stock stock-again all'
cases='1 2 8'
measures='byte|instructions/byte|less|Xen, dom0 and guests, a byte
packet|instructions/packet|less|Xen, dom0 and guests, a frame at the vif
dom0|instructions/byte|less|Of these, dom0, a byte'
boots='pairs-stock pairs-kit'

figure_boot() {
	paths_of_boot
	netback_host "$host_paths" 'pairs-1 pairs-2 pairs-8' --count \
		--guests 16 --guest-memory 160
}

figure_rows() {
	netback_rows 'name ~ /^pairs-/ {
		put("byte", kind, value)
		put("packet", kind, value * part["more"] / part["frames"])
		put("dom0", kind, part["dom0"])
	}'
}
