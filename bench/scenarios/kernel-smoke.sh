#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Is kernelhost fit for use? A bridge between two dummy devices must forward what
# pktgen has one of them receive.
. "$LIB/scenario.sh"
set -eu

frames=${1:-1000}
say "Linux $(uname -r) on $(nproc) CPUs"
ip link add d0 type dummy
ip link add d1 type dummy
brctl addbr br0
brctl addif br0 d0
brctl addif br0 d1
ip link set d0 up
ip link set d1 up
ip link set br0 up
bridge fdb add 00:16:3e:00:00:02 dev d1 master static

before=$(dev_counter d1 tx_packets)
pktgen_setup d0 netif_receive "$frames" 64
count_start
pktgen_start
count_stop bridge
took=$(pktgen_nanoseconds d0)
forwarded=$(($(dev_counter d1 tx_packets) - before))
result nanoseconds-per-packet $((took / frames))
result forwarded "$forwarded"
[ "$forwarded" -ge "$frames" ] || fail "only $forwarded of $frames frames were forwarded"
