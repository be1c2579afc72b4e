# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2034,SC2154
title="The scheduler's switches against dom0's vCPUs"
text="Xen with the kit's patches. dom0 pings a guest as fast as it answers, beside two guests with four
computing vCPUs each, on eight pCPUs of which pairs share a cache; both is io-cosched and
credit-steal. Lines that rise from off to both are the gain."
clock='emulated time; the pCPUs take turns of 20 us, so it compares the modes and nothing else'
axis='vCPUs of dom0'
paths='off off-again both'
base=off again=off-again
cases='1 2 8'
measures='rate|pings/s|more|Round trips
share|%|more|Both vCPUs in one cache
wake|us|less|Wake-up to run, p99'
boots='vcpus-8 vcpus-2 vcpus-1'

figure_boot() {
	host --count --topology sockets=2,dies=2,cores=2 --guests 3 --uplink none \
		--file "$bench/scenarios/sched-mode.sh" --file "$("$bench/xen-tools")" \
		--xen "$("$bench/xen-hypervisor" kit)" \
		--xen-append "dom0_max_vcpus=${boot#vcpus-}" \
		"$bench/scenarios/sched.sh" "$rounds" 0.5 10 1 "$paths" brief
}

figure_rows() {
	of_boots rows | jq -r '. as $row |
		({rate: .pings_per_second, share: .same_cache, wake: .wake_p99} | to_entries[]) |
		[$row.mode, .key, $row.dom0_vcpus, .value] | @tsv'
}
