# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
# Making Debian roots. Whoever takes this sets $tmp to a folder of its own before it makes
# one, and $suite to Debian's name for the release.

# This machine's own Debian mirrors; whatever else its apt knows stays out of the root.
mirror_lines() {
	# shellcheck disable=SC2016 # these are apt's variables
	apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' \
		'Created-By: Packages' 'Origin: Debian' | sort -u
}

# The settings without which this machine's apt might not reach or accept its mirrors.
apt_options() {
	apt-config dump | grep -E '^Acquire::(Check-|https?::|ForceIPv)' || true
}

# candidates PACKAGE...: the versions that would be installed. apt keeps here what it has read of
# its lists, even if it is set not to: without that, it takes a second each time.
candidates() {
	mkdir -p "$build/cache/apt"
	apt-cache -o "Dir::Cache=$build/cache/apt" -o Dir::Cache::pkgcache=pkgcache.bin policy "$@" |
		grep -E '^[a-z]|Candidate:'
}

# root_make PACKAGES [OPTION...]: at $tmp/root; the packages are words, the options
# mmdebstrap's. No kernel of such a root needs Debian's initramfs.
root_make() {
	include=$(echo "$1" | xargs | tr ' ' ,)
	shift
	mirror_lines > "$tmp/mirrors"
	[ -s "$tmp/mirrors" ] ||
		die "apt knows no Debian mirror, or has no lists of it; run apt-get update"
	apt_options > "$tmp/apt.conf"
	INITRD=No mmdebstrap --quiet --mode=root --variant=minbase --format=directory \
		--include="$include" --aptopt="$tmp/apt.conf" "$@" \
		"$suite" "$tmp/root" "$tmp/mirrors" > "$tmp/log" 2>&1 ||
		{ tail -n 20 "$tmp/log" >&2; die "mmdebstrap failed"; }
}
