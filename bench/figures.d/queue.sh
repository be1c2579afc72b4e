# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2034,SC2154
title='Length of the queue towards a guest'
text='Eight TCP connections from the outside to a guest, frames of 1500 bytes, and pings beside them. A
length bounds the qdisc of the vif and, with the kit, its own queue; default is what the modules and
the kernel choose. 32 is what the paper found fixed, and raised.'
clock='emulated time, which says nothing of how fast a machine would be'
axis='queue, frames'
paths='stock stock-again kit-off'
cases='32 128 512 default'
measures='bandwidth|Mbit/s|more|Bandwidth
retransmits|segments|less|Retransmissions
latency|ms|less|Ping beside it, p99'
boots='queue'
alone=alone

figure_boot() {
	host --cpus 2 --guests 1 --module "$modules/xen-netback.ko" \
		--module "$modules/fastbridge.ko" "$bench/scenarios/netback-queue.sh" "$rounds" 2 \
		"$paths" 'default 32 128 512'
}

figure_rows() {
	of_boots rows | jq -r '. as $row |
		({bandwidth: .mbit, retransmits, latency: .p99_ms} | to_entries[]) |
		[$row.path, .key, $row.queue, .value] | @tsv'
}
