#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Does the kernel take the modules that dkms has built for it? Scenario for bench/kernelhost,
# with the host's modules.
# shellcheck source=bench/lib/scenario.sh
. "$LIB/scenario.sh"
set -eu

say "Linux $(uname -r)"
for module in fastbridge xen-netback; do
	file=$(modinfo -n "$module")
	case $file in
	*/updates/dkms/*)	;;
	*)			fail "$module is $file" ;;
	esac
done
modprobe fastbridge
ip link add br0 type bridge
echo auto > /sys/class/net/br0/fastbridge/mode
rmmod fastbridge
# Without Xen the driver ends with ENODEV; any other word means that it did not get so far.
said=$(modprobe xen-netback 2>&1) && fail 'xen-netback has loaded where there is no Xen'
say "$said"
case $said in
*'No such device')	;;
*)			fail 'xen-netback does not fit' ;;
esac
