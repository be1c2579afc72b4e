# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2034,SC2154
. "$bench/figures.d/netback.sh"
title='Latency of request and response'
text="2,500 pings a run between two guests, each sent when the one before is answered; every second
round goes the other way. $paths_text kit-off is
the kit with everything switched off. ping tells microseconds, of a thousand instructions each."
paths='stock stock-again kit-off tuned fastbridge all'
axis='percentile'
style=bars
cases='p50 p99 p99.9'
measures='round-trip|instructions|less|Round trip'
boots='latency'

figure_boot() {
	netback_host "$paths" latency --count
}

figure_rows() {
	netback_rows 'name == "latency" {
		put("round-trip", "p50", value)
		put("round-trip", "p99", part["p99"])
		put("round-trip", "p99.9", part["p99.9"])
	}'
}
