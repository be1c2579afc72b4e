# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# The kit's modules in a dom0's /lib/modules, for scenarios and tests.

# As a package would, so that modprobe finds them, beside what they need: depmod takes minutes
# here for all of Debian's. Modules that are neither must be loaded by then.
install_modules() {
	tree=/var/tmp/installed folder=lib/modules/$(uname -r)
	mkdir -p "$tree/$folder/updates"
	cp "$MODULES"/*.ko "$tree/$folder/updates"
	for needed in bridge stp llc; do
		cp "$(modinfo -n $needed)" "$tree/$folder"
	done
	cp "/$folder"/modules.builtin* "/$folder/modules.order" "$tree/$folder"
	depmod -b "$tree"
	mount --bind "$tree/$folder" "/$folder"
}
