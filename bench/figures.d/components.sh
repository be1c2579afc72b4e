# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2034,SC2154
. "$bench/figures.d/netback.sh"
. "$bench/lib/components.sh"
title='Instructions by component'
text="Frames of 64 bytes by UDP, the generator in the sender and the sink in the receiver included
(guest/blast+sink, modules at the same addresses of different guests, and part of the kernel), and TCP of messages of 64 KiB by eight
connections, both from guest to guest. $all_text kernel is the core of dom0's and of the guests'
together, for all run one image; user is all programs. stock and the kit have hosts of their own."
axis='component'
style=bars
paths='stock stock-again all'
components='xen kernel xen_netback bridge fastbridge guest/xen_netfront guest/blast+sink user'
cases="$components other"
measures='udp|instructions/packet|less|64-byte UDP
tcp|instructions/byte|less|TCP, 64 KiB messages'
boots='functions-stock functions-kit'

figure_boot() {
	paths_of_boot
	netback_host "$host_paths" 'udp-64 tcp-64 tcp-4096 tcp-65536' --count=functions
}

# A component that a path does not call has no instructions.
figure_rows() {
	for boot in $boots; do
		components "$work/$boot"
	done | jq -rs --arg components "$components" '
		group_by([.path, .case, .round])[] | .[0] as $window |
		({"udp-64": "udp", "tcp-65536": "tcp"}[.[0].case] // empty) as $measure |
		(reduce .[] as {$component, $instructions} ({};
			.[$component | sub("^guest/(blast|sink)$"; "guest/blast+sink")] +=
				$instructions)) as $of |
		($components | split(" ")) as $named |
		($named[] | {name: ., instructions: ($of[.] // 0)}),
		{name: "other", instructions: ([$of | del(.[$named[]])[]] | add // 0)} |
		[$window.path, $measure, .name, .instructions] | @tsv'
}
