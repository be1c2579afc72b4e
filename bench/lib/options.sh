# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2034
# The options that kernelhost and xenhost share.

common_options_help() {
	cat <<-'EOF'
	  --cpus N              emulated CPUs
	  --topology SPEC       sockets=S,dies=D,cores=C instead of --cpus
  --parallel            run them at the same time, for what happens between CPUs. By
                        default they take turns on one of this machine's, which is
                        faster where several hosts share it
	  --append ARGS         more arguments for the Linux kernel (xenhost: dom0's)
	  --count               one CPU on which one instruction takes 1 ns of the host's
	                        time, so that every clock in it counts instructions; boots
	                        with mitigations=off. With --topology the CPUs take turns of
	                        20 us, and all their instructions add up to the time
	  --count=functions     the same, and the scenario can count by function, see
	                        lib/count.sh
	  --count=lines         instead, the scenario can count writes to cache lines that
	                        several CPUs use; the clock is as ever
	  --module FILE.ko      hand in a kernel module as $MODULES/FILE.ko; repeatable
	  --file PATH           hand in a file or folder as $FILES/NAME; repeatable
	  --kernel IMAGE        boot this kernel (xenhost: as dom0), with the modules that
	  --modules-dir DIR     make modules_install INSTALL_MOD_PATH=DIR put into DIR
	  --time-limit SECONDS  end the run as failed after this time (default 600)
	  --results DIR         put the files of $RESULTS here (default: the run's folder)
	  --allow-log REGEX     a log line that is expected and no failure; repeatable
	  --fresh               boot the host; otherwise it is resumed as it was when one of the
                        same kind had come up, see lib/state.sh
  --shell               a shell on the console; a scenario is not needed
	  --keep                keep all of the run's folder under build/run
	  -h, --help            this text

	Exit status: the scenario's own, or
	    1  the command line or this machine is at fault, nothing was run
	  123  the emulator has failed a PVH guest, and nothing is known of what was tried
	  124  the time limit was reached
	  125  a kernel or Xen panicked or complained in a log
	  126  the host did not start, or ended without the scenario's status
	EOF
}

options_default() {
	cpus=2 topology='' parallel='' addresses=norandmaps append='' count='' modules='' files='' kernel='' modules_dir=''
	time_limit=600 results='' allow_log='' shell='' keep='' fresh='' scenario=''
}

is_number() {
	case $1 in ''|*[!0-9]*) return 1 ;; esac
	[ "$1" -gt 0 ]
}

need_number() {
	is_number "$2" || die "$1 wants a number above 0, not '$2'"
}

need_file() {
	[ -r "$2" ] || die "$1: cannot read '$2'"
}

absolute() {
	readlink -f "$1"
}

# common_option NAME VALUE: takes one option of the common ones; false if it is not one.
common_option() {
	case $1 in
	--cpus)		need_number "$@"; cpus=$2 ;;
	--topology)	topology_option "$2" ;;
	--append)	append="$append $2" ;;
	--module)	need_file "$@"; modules="$modules$(absolute "$2")$newline" ;;
	--file)		need_file "$@"; files="$files$(absolute "$2")$newline" ;;
	--kernel)	need_file "$@"; kernel=$(absolute "$2") ;;
	--modules-dir)	[ -d "$2/lib/modules" ] || die "$1: no lib/modules in '$2'"
			modules_dir=$(absolute "$2") ;;
	--time-limit)	need_number "$@"; time_limit=$2 ;;
	--results)	mkdir -p "$2" || die "$1: cannot make '$2'"
			results=$(absolute "$2") ;;
	--allow-log)	printf '' | grep -qE -e "$2" || [ $? -eq 1 ] || die "$1: bad regex '$2'"
			allow_log="$allow_log$2$newline" ;;
	*)		return 1 ;;
	esac
}

newline='
'

topology_option() {
	expr "x$1" : 'x\(\(sockets\|dies\|cores\|threads\)=[1-9][0-9]*,\{0,1\}\)\{1,\}$' \
		> /dev/null || die "--topology wants sockets=S,dies=D,cores=C, not '$1'"
	topology=$1
	cpus=1
	for factor in $(echo "$1" | tr ',' ' '); do
		cpus=$((cpus * ${factor#*=}))
	done
}

# flag_option NAME: the same for the options without a value.
flag_option() {
	case $1 in
	--count)		count=total ;;
	--count=functions)	count=functions ;;
	--count=lines)		count=lines ;;
	--parallel)		parallel=yes ;;
	--shell)		shell=yes ;;
	--keep)			keep=yes ;;
	--fresh)		fresh=yes ;;
	-h|--help)		usage; exit 0 ;;
	*)			return 1 ;;
	esac
}

# options_parse "$@": $taken is then the number of words that were options.
options_parse() {
	options_default
	taken=0
	while [ $# -gt 0 ]; do
		case $1 in
		--)	taken=$((taken + 1)); break ;;
		-*)	;;
		*)	break ;;
		esac
		if flag_option "$1"; then
			shift; taken=$((taken + 1))
			continue
		fi
		case $1 in
		--*=*)	name=${1%%=*} value=${1#*=} words=1 ;;
		*)	[ $# -ge 2 ] || die "unknown option '$1', or it lacks its value; see --help"
			name=$1 value=$2 words=2 ;;
		esac
		host_option "$name" "$value" || common_option "$name" "$value" ||
			die "unknown option '$name'; see --help"
		shift $words; taken=$((taken + words))
	done
}

# options_check SCENARIO: what only makes sense together.
options_check() {
	scenario=${1-}
	if [ -n "$scenario" ]; then
		if ! [ -f "$scenario" ] || ! [ -r "$scenario" ]; then
			die "there is no scenario file '$scenario'"
		fi
	elif [ -z "$shell" ]; then
		die "which scenario? See --help"
	fi
	[ -z "$scenario" ] || scenario=$(absolute "$scenario")
	[ -z "$kernel" ] || [ -n "$modules_dir" ] || die "--kernel needs --modules-dir too"
	[ -z "$modules_dir" ] || [ -n "$kernel" ] || die "--modules-dir needs --kernel too"
	[ -z "$count" ] || [ -z "$parallel" ] || die "nothing can be counted with --parallel"
	! counting_clock || [ -n "$topology" ] || cpus=1
}

# Does the clock count instructions?
counting_clock() {
	[ -n "$count" ] && [ "$count" != lines ]
}

# host_arguments CONSOLE INIT: of the kernel that runs the scenario.
host_arguments() {
	echo "console=$1 loglevel=7 panic=-1 nokaslr bench.init=/bench/inside/$2" \
		"${shell:+bench.shell}" "${modules_dir:+bench.modules}" "$(state_argument)" \
		"$(kernel_arguments)" "$append"
}

# What dom0's kernel and the guests' get. The tests of their cryptography take a billion
# instructions. QEMU translates code again that is at another address, and so all of a process if
# its addresses are random: then a shell's command takes four times as long. Under --count their clock leaps ahead while they wait for a disk, which must not
# pass for a task that hangs.
kernel_arguments() {
	echo "cryptomgr.notests $addresses" \
		"mitigations=off ${count:+sysctl.kernel.hung_task_timeout_secs=0}"
}
