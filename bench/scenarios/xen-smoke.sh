#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Is xenhost fit for use? Two guests and the outside on a bridge must reach each other.
. "$LIB/dom0.sh"
set -eu

say "dom0 is up: Linux $(uname -r), Xen $(xl info xen_version)"
bridge_make
guest_create guest1
guest_create guest2
guest_wait guest1
guest_wait guest2
say "guests are up"
type=$(xl list -l | jq -r '.[].config.c_info | select(.name == "guest1").type')
[ "$type" = "$GUEST_TYPE" ] || fail "guest1 is of type $type, not $GUEST_TYPE"

[ "$(guest_run guest1 hostname)" = guest1 ] || fail "guest_run does not return the output"
status=0
guest_run guest2 'exit 7' || status=$?
[ $status -eq 7 ] || fail "guest_run returned $status for exit 7"
sum=$(guest_run guest1 'head -c 100000 /bin/busybox' | sha256sum)
[ "$sum" = "$(head -c 100000 /bin/busybox | sha256sum)" ] || fail "guest_run changes data"
status=0
[ "$(outside_run 'echo out; exit 3')" = out ] || status=$?
status=0
outside_run 'exit 3' || status=$?
[ $status -eq 3 ] || fail "outside_run returned $status for exit 3"

for place in guest2 dom0 outside; do
	guest_run guest1 "ping -q -c 3 -i 0.2 $(address $place)" || fail "no ping to $place"
done
for place in guest2 outside; do
	bits=$(iperf guest1 $place -t 2 | jq .end.sum_received.bits_per_second)
	result "mbit-per-second-to-$place" "$(echo "$bits" | awk '{ print int($1 / 1e6) }')"
done
arrived=$(pktgen_udp guest1 guest2 1000 64)
result pktgen-arrived "$arrived"
[ "$arrived" -gt 0 ] || fail "no frame of pktgen's arrived"
domtime
guest_stop guest1
guest_destroy guest2
