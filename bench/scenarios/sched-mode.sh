# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# What sched.sh and sched-cost.sh share; handed in by --file.

# set_mode MODE THRESHOLD: stock needs nothing, the others the kit's xl among the files.
set_mode() {
	cosched=0 steal=0
	case $1 in
	stock)		return ;;
	io-cosched)	cosched=1 ;;
	credit-steal)	steal=1 ;;
	both)		cosched=1 steal=1 ;;
	esac
	tools=$(echo "$FILES"/xen-tools-*)
	"$tools/xl" sched-credit -s --io-cosched=$cosched \
		--credit-steal=$steal --io-threshold="$2"
}

# hog_start GUEST COUNT: so many endless loops in the guest. The guest's agent waits for the
# end of what it is given, so they do not keep its output open.
hog_start() {
	guest_run "$1" "for n in \$(seq $2); do (while :; do :; done) > /dev/null 2>&1 & done"
}
