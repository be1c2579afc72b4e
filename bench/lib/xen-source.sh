# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2034,SC2154
# Debian's source of Xen, and the kit's patches for it. Who takes this sets $tmp to a
# folder of its own before it unpacks.

# Not the newest: the one in the main archive. Of a security update the binary packages may
# be there while its source is not.
xen_version=4.17.5+72-g01140da4e8-1
xen_dsc=xen_$xen_version.dsc
xen_dsc_sha256=f13956b67fb7a65707c2b0620d89b41ee5d203434dd7bb913017356791ee66c1
xen_package=$build/cache/xen-source-$xen_version
xen_patches=${bench%/*}/patches/xen-4.17

# What a build from the patched source depends on.
xen_source_key() {
	cat "$bench/lib/xen-source.sh" "$xen_patches"/*
}

# This machine's own Debian mirrors, of which its apt need not know the sources.
xen_source_lines() {
	# shellcheck disable=SC2016 # these are apt's variables
	apt-get indextargets --format 'deb-src $(REPO_URI) $(RELEASE) $(COMPONENT)' \
		'Created-By: Packages' 'Origin: Debian' | sort -u
}

# xen_apt COMMAND...: apt-get with lists of its own, so that the machine's stay as they are.
xen_apt() {
	quiet apt-get -q -o Dir::Etc::sourcelist="$tmp/apt/mirrors" -o Dir::Etc::sourceparts=- \
		-o Dir::State::lists="$tmp/apt/lists" -o Dir::Cache="$tmp/apt/cache" \
		-o APT::Sandbox::User=root "$@"
}

xen_is_pinned() {
	echo "$xen_dsc_sha256  $1/$xen_dsc" | sha256sum --status -c 2> /dev/null
}

xen_download() {
	mkdir -p "$tmp/apt/lists/partial" "$tmp/apt/cache/archives/partial" "$tmp/download"
	xen_source_lines > "$tmp/apt/mirrors"
	[ -s "$tmp/apt/mirrors" ] ||
		die "apt knows no Debian mirror, or has no lists of it; run apt-get update"
	xen_apt update
	(cd "$tmp/download" && xen_apt --download-only source "xen=$xen_version")
	xen_is_pinned "$tmp/download" || die "$xen_dsc is not the one that is expected"
	rm -rf "$xen_package"
	mv "$tmp/download" "$xen_package"
}

# xen_unpack FOLDER: it must not be there yet. dpkg-source compares the other files with
# the hashes in the .dsc. Two who lack the package do not load it at once.
xen_unpack() {
	mkdir -p "${xen_package%/*}"
	(
		flock 8
		xen_is_pinned "$xen_package" || xen_download
	) 8> "$build/cache/xen-source-lock"
	quiet dpkg-source --no-copy -x "$xen_package/$xen_dsc" "$1"
}

# xen_patch FOLDER: a patch that applies elsewhere than it says is out of date.
xen_patch() {
	entries "$xen_patches/series" | while read -r name; do
		quiet patch -p1 -F0 -d "$1" -i "$xen_patches/$name"
		! grep -E 'offset|fuzz' "$tmp/log" >&2 || die "$name is out of date"
	done
}
