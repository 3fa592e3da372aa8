#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# run.sh NAME [OPTIONS] [-- ARGS of scenarios] - runs the scenarios in a guest.
#
# NAME is a kernel, as for kernel.sh. Boots it under QEMU from an initramfs with the static rsttrace
# and scenarios, prints what they print, and exits with their status; with 77 if the kernel cannot
# be provided here, 124 if the guest took too long, 125 if it died without a status or its kernel
# complained.

set -euo pipefail
export LC_ALL=C

here=$(cd "$(dirname "$0")" && pwd)
# One thread emulates all of a guest's processors. With a thread for each, QEMU 7.2 may run code
# that another thread has just patched (int3 for kprobes and static keys), and then the guest dies.
accel=${ACCEL:-tcg,thread=single}

# Modules that the scenarios may need, in any order: dependencies are added.
modules=(
	virtio_pci virtio_blk
	inet_diag tcp_diag veth tun dummy
	tls gcm ctr ghash_generic nft_compat
	crc32c_generic nf_reject_ipv4 nf_reject_ipv6 nf_conntrack nf_tables nft_ct nft_counter
	nf_nat nft_chain_nat nft_nat
	nft_reject nft_reject_inet nft_reject_ipv4 nft_reject_ipv6 nft_reject_netdev
	ip_tables iptable_filter ipt_REJECT ip6_tables ip6table_filter ip6t_REJECT xt_tcpudp
)
readonly GRACE=20	# seconds that a guest may take to end after its status
# A guest that gets no processor for 21 s would take that for a stall of its own.
patience='rcupdate.rcu_cpu_stall_timeout=120 watchdog_thresh=60'

# Without these the guest has no disk to put --out on.
base_modules=2

usage()
{
	cat <<-USAGE
	usage: run.sh NAME [OPTIONS] [-- ARGS]
	  NAME            5.10, 6.1, 6.12, 6.18, newest, the same with -rt or -arm64 behind it,
	                  or a kernel image (MODULES=dir, ARCH=arm64 for one of those)
	  --hooks X       have the tracer attach by X only (auto, fentry, tracepoint, kprobe)
	  --exec COMMAND  run this shell command instead of the scenarios
	  --add FILE      copy FILE to the guest's /bin (may be repeated)
	  --out DIR       have what the guest leaves in its /out
	  --autoload      load no module beforehand: the guest's kernel asks for them
	  --append ARGS   more for the kernel's command line
  --skip-idle     the guest's clock jumps ahead while it has nothing to do
	  --timeout SEC   how long the guest may take, 1500 (arm64: 2400)
	  -v              print the kernel's log, too
	Environment: BUILD, RSTTRACE, SCENARIOS (static binaries), ACCEL (tcg,thread=single),
	CACHE_DIR, MEMORY (768 MiB)
	USAGE
}

die()
{
	printf 'run.sh: %s\n' "$*" >&2
	exit 125
}

skip()
{
	printf 'run.sh: %s\n' "$*" >&2
	exit 77
}

quote()
{
	local arg

	for arg; do
		printf " '%s'" "${arg//\'/\'\\\'\'}"
	done
}

# add_program FILE: copies a program that needs no shared library.
add_program()
{
	[ -r "$1" ] || die "no $1: build it with 'make STATIC=1'"
	if readelf -lW "$1" 2>/dev/null | grep -q INTERP; then
		die "$1 is not static: build it with 'make STATIC=1'"
	fi
	install -m 755 "$1" "$root/bin/${1##*/}"
}

# closure DEP NAME...: prints the files of these modules and of all that they depend on.
closure()
{
	local dep=$1

	shift
	awk -v wanted="$*" '
	function name(path) {
		sub(/.*\//, "", path)
		sub(/[.]ko([.][a-z0-9]+)?$/, "", path)
		gsub(/-/, "_", path)
		return path
	}
	function add(path,	i, n, list) {
		if (path in done)
			return
		done[path] = 1
		print path
		n = split(deps[path], list, " ")
		for (i = 1; i <= n; i++)
			add(list[i])
	}
	{
		path = $1
		sub(/:$/, "", path)
		file[name(path)] = path
		$1 = ""
		deps[path] = $0
	}
	END {
		n = split(wanted, want, " ")
		for (i = 1; i <= n; i++)
			if (want[i] in file)
				add(file[want[i]])
	}' "$dep"
}

# add_modules DIR: copies the modules that are needed, uncompressed.
add_modules()
{
	local dir=$1 version=${1##*/} path to

	[ -n "$dir" ] || return 0
	mkdir -p "$root/lib/modules/$version"
	for path in $(closure "$dir/modules.dep" "${modules[@]}"); do
		to=$root/lib/modules/$version/${path%.ko*}.ko
		mkdir -p "${to%/*}"
		case $path in
		*.ko)	cp "$dir/$path" "$to" ;;
		*.xz)	xz -dc "$dir/$path" >"$to" ;;
		*.zst)	zstd -qdc "$dir/$path" >"$to" ;;
		*.gz)	gzip -dc "$dir/$path" >"$to" ;;
		esac
	done
	busybox depmod -b "$root" "$version"
}

guest_command()
{
	if [ -n "$command" ]; then
		echo "$command"
		return
	fi
	echo 'rsttrace check; checked=$?'
	# an emulated processor may be held up for longer than the default settle time
	printf 'scenarios --rsttrace /bin/rsttrace --skip-file /etc/vm/skip --settle 500'
	quote --timeout 60 --kernel "$kernel_name"
	[ -z "$hooks" ] || quote --hooks "$hooks"
	quote "$@"
	# shellcheck disable=SC2016	# the guest's shell expands these
	printf ' || exit $?\nexit $checked\n'
}

# What depends on the architecture: the machine, the port for the kernel's log and the one for the
# tests' output.
set_machine()
{
	case $1 in
	amd64)
		# emulated, the timer may not tick at the moment when it is tested
		qemu=(qemu-system-x86_64 -cpu max) cmdline='console=ttyS0 no_timer_check'
		port=ttyS1 second=(-serial stdio)
		build=${BUILD:-$here/../../build} limit=${limit:-1500}
		busybox=$(command -v busybox) || :
		;;
	arm64)
		# not max: its pointer authentication makes emulation three times slower. The
		# machine has only one port, so the second is a card.
		qemu=(qemu-system-aarch64 -M virt -cpu cortex-a57) cmdline=console=ttyAMA0
		port=ttyS0 second=(-chardev 'stdio,id=tests' -device 'pci-serial,chardev=tests')
		build=${BUILD:-$here/../../build/arm64} limit=${limit:-2400}
		busybox=$("$here/sysroot.sh" arm64 ${CACHE_DIR:+"$CACHE_DIR"})/bin/busybox ||
			skip 'no busybox for arm64'
		;;
	*)	die "no such architecture here: $1" ;;
	esac
	command -v "${qemu[0]}" >/dev/null || skip "no ${qemu[0]} on this machine"
	rsttrace=${RSTTRACE:-$build/rsttrace}
	scenarios=${SCENARIOS:-$build/scenarios}
}

make_initramfs()
{
	local file n=${#modules[@]}

	mkdir -p "$root"/{bin,sbin,usr/bin,usr/sbin,proc,sys,dev,tmp,run,root,out,var,etc/vm}
	install -m 755 "$here/init" "$root/init"
	install -m 755 "$busybox" "$root/bin/busybox"
	if [ -z "$command" ]; then
		add_program "$rsttrace"
		add_program "$scenarios"
	fi
	for file in "${add[@]}"; do
		install -m 755 "$file" "$root/bin/${file##*/}"
	done
	install -m 644 "$here/../scenarios/skip" "$root/etc/vm/skip"
	add_modules "$1"
	shift
	[ -z "$autoload" ] || n=$base_modules
	printf '%s\n' "${modules[@]:0:n}" >"$root/etc/vm/modules"
	echo "$token" >"$root/etc/vm/token"
	echo "$port" >"$root/etc/vm/port"
	guest_command "$@" >"$root/etc/vm/command"
	echo 'root:x:0:0:root:/root:/bin/sh
nobody:x:65534:65534:nobody:/:/bin/false' >"$root/etc/passwd"
	echo '127.0.0.1 localhost
::1 localhost' >"$root/etc/hosts"
	(cd "$root" && find . -print0 | cpio -0 -o -H newc -R 0:0 --quiet) |
		gzip -1 >"$tmp/initramfs"
}

# filter: passes the guest's output on, line by line as it comes (awk may hold it back), up to the
# status line. That line it keeps, and leaves out the empty line before it.
filter()
{
	local line held='' nl=$'\n'

	while IFS= read -r line || [ -n "$line" ]; do
		case $line in
		"$token begins") touch "$tmp/begun" ;;
		"$token "*)	echo "${line#* }" >"$tmp/status"; held=''; break ;;
		'')		printf %s "$held"; held=$nl ;;
		*)		printf '%s%s\n' "$held" "$line"; held='' ;;
		esac
	done
	printf %s "$held"
}

boot()
{
	local image=$1
	local -a disk=()

	if [ -n "$out" ]; then
		truncate -s 1G "$tmp/disk"
		disk=(-drive "file=$tmp/disk,format=raw,if=virtio")
	fi
	rm -f "$tmp/output"
	mkfifo "$tmp/output"
	filter <"$tmp/output" &
	filter_pid=$!
	timeout --foreground -k 5 "$limit" "${qemu[@]}" -nodefaults -no-user-config \
		-accel "$accel" "${clock[@]}" -m "${MEMORY:-768}" -smp 2 -display none -no-reboot \
		-kernel "$image" -initrd "$tmp/initramfs" \
		-append "$cmdline $patience loglevel=5 panic=-1 oops=panic rdinit=/init $append" \
		-serial "file:$tmp/console" "${second[@]}" "${disk[@]}" \
		</dev/null >"$tmp/output" 2>"$tmp/qemu" &
	qemu_pid=$!
	wait "$filter_pid"
	# The guest has given its status and written everything. It powers off within a moment,
	# unless its port waits for ever: an emulated port may lose the interrupt which says that
	# all is sent.
	if ! timeout "$GRACE" tail --pid="$qemu_pid" -s 0.1 -f /dev/null; then
		kill "$qemu_pid" 2>/dev/null || :
		echo "again vm-$name: told its status and did not power off in $GRACE s: switched off" >&2
	fi
	wait "$qemu_pid" && qemu_status=0 || qemu_status=$?
	qemu_pid=''
}

# shellcheck disable=SC2317	# called by a trap
clean()
{
	[ -z "$qemu_pid" ] || kill "$qemu_pid" 2>/dev/null || :
	rm -rf "$tmp"
}

# Prints the last line and sets the exit status.
verdict()
{
	local booted up cpu

	if [ -s "$tmp/status" ]; then
		read -r status booted up <"$tmp/status"
	else
		echo 'run.sh: the guest gave no status; its last words:' >&2
		tail -q -n 40 "$tmp/console" "$tmp/qemu" >&2 || :
		status=125 booted='?' up='?'
		[ "$qemu_status" -ne 124 ] || status=124
	fi
	# A tracer that makes the kernel complain has failed, whatever the tests say.
	if grep -E 'BUG: |WARNING: .*CPU|Oops|Kernel panic|detected stall' "$tmp/console" >&2; then
		[ "$status" -ne 0 ] || status=125
	fi
	times >"$tmp/times"
	cpu=$(awk -F '[ms ]+' 'NR == 2 { printf "%d", 60 * ($1 + $3) + $2 + $4 }' "$tmp/times")
	printf 'vm %s (%s): status %s, %s s, %s s of CPU (booted at %s s, guest uptime %s s)\n' \
		"$name" "$version" "$status" "$SECONDS" "$cpu" "$booted" "$up"
}

main()
{
	local name=$1 kernel image modules_dir version

	kernel_name=$name
	shift
	kernel=$("$here/kernel.sh" "$name" ${CACHE_DIR:+"$CACHE_DIR"}) || {
		status=$?
		[ "$status" -eq 1 ] || exit "$status"
		skip "no kernel $name to run"
	}
	image=${kernel%%$'\n'*}
	modules_dir=${kernel#*$'\n'}
	[ "$modules_dir" != "$kernel" ] || modules_dir=
	version=${modules_dir##*/}
	make_initramfs "$modules_dir" "$@"
	boot "$image"
	# An emulated 7.2 dies in about one of a hundred boots, when it patches itself (int3).
	if [ ! -e "$tmp/begun" ] && grep -q 'Kernel panic' "$tmp/console"; then
		echo "run.sh: the kernel died before anything of ours ran: once more" >&2
		boot "$image"
	fi
	[ -z "$verbose" ] || cat "$tmp/console" >&2
	verdict
	if [ -n "$out" ] && [ -s "$tmp/status" ]; then
		mkdir -p "$out"
		tar -x -f "$tmp/disk" -C "$out" --no-same-owner
	fi
	exit "$status"
}

name='' hooks='' command='' append='' out='' autoload='' verbose='' limit=''
add=() clock=()
while [ $# -gt 0 ]; do
	case $1 in
	--hooks)	hooks=${2:?}; shift ;;
	--exec)		command=${2:?}; shift ;;
	--add)		add+=("${2:?}"); shift ;;
	--append)	append=${2:?}; shift ;;
	--out)		out=${2:?}; shift ;;
	--timeout)	limit=${2:?}; shift ;;
	--autoload)	autoload=1 ;;
	# Time is counted in instructions, four nanoseconds each, so that it passes no faster on a
	# busy machine, as with shift=auto. Kernels before 6.12 become far slower with either.
	--skip-idle)	clock=(-icount 'shift=2,sleep=off') ;;
	-v)		verbose=1 ;;
	-h|--help)	usage; exit 0 ;;
	--)		shift; break ;;
	-*)		usage >&2; exit 2 ;;
	*)		[ -z "$name" ] || { usage >&2; exit 2; }; name=$1 ;;
	esac
	shift
done
[ -n "$name" ] || { usage >&2; exit 2; }
arch=${ARCH:-amd64}
[ "$name" = "${name%-arm64}" ] || arch=arm64
set_machine "$arch"
for tool in busybox cpio gzip xz awk timeout readelf; do
	command -v "$tool" >/dev/null || skip "no $tool on this machine"
done

tmp=$(mktemp -d "${TMPDIR:-/tmp}/rsttrace-vm-XXXXXX")
root=$tmp/root
token=status-$(od -An -N8 -tx8 /dev/urandom | tr -d ' ')
qemu_pid='' qemu_status=0
trap clean EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
main "$name" "$@"
