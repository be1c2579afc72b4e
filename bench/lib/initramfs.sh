# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154 # its variables come from the command
# Making initramfs images. A tree is filled by the functions below and then packed.

# initramfs_start TREE INIT: busybox and the script that becomes /init.
initramfs_start() {
	mkdir -p "$1/bin" "$1/dev" "$1/proc" "$1/sys" "$1/root" "$1/modules"
	cp "$image/root/bin/busybox" "$1/bin/"
	install -m 755 "$2" "$1/init"
	: > "$1/modules/order"
}

modules_version() {
	[ "$(find "$1/lib/modules" -mindepth 1 -maxdepth 1 | wc -l)" -eq 1 ] ||
		die "there must be the modules of one kernel in $1/lib/modules"
	ls "$1/lib/modules"
}

# initramfs_modules TREE MODULES_DIR MODULE...: kernel modules with all they depend on;
# /modules/order lists them as they must be loaded. What is built in needs nothing.
initramfs_modules() {
	tree=$1 from=$2
	shift 2
	version=$(modules_version "$from")
	for module do
		modprobe -d "$from" -S "$version" --show-depends \
			--ignore-install "$module" > "$tree/modules/depends" 2>/dev/null ||
			die "the kernel $version has no module $module"
		sed -n 's/^insmod \([^ ]*\).*/\1/p' "$tree/modules/depends" |
			while read -r file; do
				name=${file##*/}
				[ ! -e "$tree/modules/$name" ] || continue
				cp "$file" "$tree/modules/"
				echo "$name" >> "$tree/modules/order"
			done
	done
	rm -f "$tree/modules/depends"
}

# initramfs_programs TREE PATH...: programs of the root with the libraries they need.
initramfs_programs() {
	tree=$1
	shift
	for path do
		{
			echo "$path"
			chroot "$image/root" ldd "$path" | grep -o '/[^ ]*'
		} | while read -r file; do
			mkdir -p "$tree${file%/*}"
			cp -Ln "$image/root$file" "$tree$file"
		done
	done
}

# initramfs_pack TREE FILE: the same files give the same image.
initramfs_pack() {
	(
		cd "$1" || exit
		find . -exec touch -hd @0 {} +
		find . | LC_ALL=C sort | cpio --quiet --reproducible -o -H newc
	) > "$2"
	rm -rf "$1"
}

# initramfs_host FILE: of the kernel that runs the scenario.
initramfs_host() {
	initramfs_start "$run/initramfs" "$bench/inside/initramfs-init"
	cp "$bench/inside/share" "$run/initramfs/"
	initramfs_modules "$run/initramfs" "${modules_dir:-$image/root}" \
		virtio_pci virtio_blk ext4 crc32c_generic 9pnet_virtio 9p
	initramfs_pack "$run/initramfs" "$1"
}
