#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# What rsttrace does where something is missing: capabilities, BTF, tracefs,
# trampolines, kprobes, locked memory. It goes on with less and says what is
# lost, or ends with status 77 and one line that says what to change.
#
#   poverty.sh DIRECTORY [FOREIGN_BTF [CHECK...]]
#
# DIRECTORY has rsttrace and with_caps; FOREIGN_BTF has the types of another
# kernel ("-": none at hand). Runs on this machine and, under busybox, in
# guests. Whatever it mounts, it mounts in a namespace of its own.

# shellcheck disable=SC2086	# $as is two words
set -u
dir=$1
foreign=${2:--}
PORT=64998	# beyond the range that connect() picks from
LONGEST=300	# seconds: on a busy machine an emulated 5.10 loads all programs in 70
NOBODY=65534
COUNTS=5.10	# the last kernel that counts BPF memory against RLIMIT_MEMLOCK

if [ "$(id -u)" -ne 0 ]; then
	echo "SKIP poverty: needs root"
	echo "0 passed, 0 failed, 1 skipped"
	exit 0
fi
if [ -z "${POVERTY_INSIDE:-}" ]; then
	POVERTY_INSIDE=1 exec busybox unshare -n -m "$0" "$@"
fi
busybox mount --make-rprivate / 2>/dev/null
busybox ip link set lo up || exit 1

scratch=$(mktemp -d)
chmod 755 "$scratch"
cp "$dir/rsttrace" "$dir/with_caps" "$scratch"	# where an unprivileged user reaches them
tool=$scratch/rsttrace
out=$scratch/out
err=$scratch/err
pid=''
why=''
status=''
passed=0 failed=0 skipped=0

# shellcheck disable=SC2317	# called by a trap
clean() {
	[ -z "$pid" ] || kill -9 "$pid" 2>/dev/null
	rm -rf "$scratch"
}
trap clean EXIT

# --- what the checks are made of ---

# $as CAPS MEMLOCK_KB COMMAND...: an unprivileged user with exactly these capabilities.
as="$scratch/with_caps $NOBODY"

# $without_btf COMMAND...: where /sys/kernel/btf is empty.
without_btf=$scratch/without_btf
mkdir "$scratch/empty"
cat >"$without_btf" <<-END
	#!/bin/sh
	exec busybox unshare -m sh -c 'busybox mount --bind $scratch/empty /sys/kernel/btf && exec "\$@"' - "\$@"
END
chmod +x "$without_btf"

run() {
	busybox timeout $LONGEST "$@" >"$out" 2>"$err" </dev/null
	status=$?
}

# A connection that nobody accepts, by a process of root's. It complains to a
# full pipe, so that it still lives when its name is looked up; $inside a
# namespace it is gone at once.
mkfifo "$scratch/full"
exec 9<>"$scratch/full"
busybox dd if=/dev/zero bs=4096 count=16 >&9 2>/dev/null
inside=''
cause_reset() {
	if [ -n "$inside" ]; then
		$inside busybox nc 127.0.0.1 $PORT </dev/null >/dev/null 2>&1 &
	else
		busybox nc 127.0.0.1 $PORT </dev/null >/dev/null 2>&9 &
	fi
	nc=$!
}

# traces COMMAND...: it tells a reset that happens while it runs, and ends well.
traces() {
	: >"$out"
	: >"$err"
	busybox timeout $((LONGEST + 60)) "$@" --json --port $PORT -n 1 >"$out" 2>"$err" </dev/null &
	pid=$!
	i=0
	until grep -q '^rsttrace: ready' "$err" || [ $i -eq $((LONGEST * 100)) ]; do
		busybox usleep 10000
		kill -0 "$pid" 2>/dev/null || break
		i=$((i + 1))
	done
	cause_reset
	wait "$pid"
	status=$?
	pid=''
	kill "$nc" 2>/dev/null
	wait "$nc" 2>/dev/null
	why="expected to trace a reset ($*)"
	[ "$status" -eq 0 ] && grep -q '"cause":"closed-port"' "$out"
}

says() {
	why="expected \"$1\" on stdout"
	grep -q -- "$1" "$out"
}

says_not() {
	why="expected no \"$1\" on stdout"
	! grep -q -- "$1" "$out"
}

# refused WORDS COMMAND...: status 77, one line with these words, nothing on stdout.
refused() {
	words=$1
	shift
	run "$@" --json --port $PORT -d 1
	why="$*: expected status 77 and one line with \"$words\""
	[ "$status" -eq 77 ] && [ ! -s "$out" ] && [ "$(wc -l <"$err")" -eq 1 ] &&
		grep -q -- "$words" "$err"
}

# A check skips with this, and says why.
skip() {
	why=$1
	return 77
}

fact() {
	"$tool" check 2>/dev/null | sed -n "s/^$1  *//p"
}

check() {
	why='' status=''
	"$1"
	case $? in
	0)	passed=$((passed + 1)); echo "ok   poverty-$1" ;;
	77)	skipped=$((skipped + 1)); echo "skip poverty-$1: $why" ;;
	*)	failed=$((failed + 1))
		echo "FAIL poverty-$1: ${why:-see below} (exit status ${status:-none})"
		sed 's/^/       out: /' "$out" | head -n 30
		sed 's/^/       err: /' "$err" | head -n 10 ;;
	esac
}

counts_memory() {
	case $(uname -r) in
	$COUNTS.*) ;;
	*)	return 1 ;;
	esac
}

# --- capabilities ---

resource=''
! counts_memory || resource=,sys_resource
least=bpf,perfmon$resource
most=$least,sys_ptrace,sys_admin
every=$most,syslog	# only the kernel's part of a stack needs syslog

least_capabilities() {
	traces $as $least - "$tool" || return
	run $as $least - "$tool" check
	why="check: status 0"
	[ $status -eq 0 ] && says '^privileges   missing CAP_SYS_PTRACE, CAP_SYS_ADMIN$'
}

all_capabilities_of_use() {
	traces $as $every - "$tool" || return
	says '"victim_exe":' || return
	run $as $every - "$tool" check
	says '^privileges   all that are of use$' && says_not '(CAP_'
}

sys_admin_in_place_of_both() {
	traces $as sys_admin$resource - "$tool"
}

without_bpf() {
	refused 'lacks CAP_BPF: ' $as perfmon$resource,sys_ptrace - "$tool"
}

without_perfmon() {
	refused 'lacks CAP_PERFMON: ' $as bpf$resource,sys_ptrace - "$tool"
}

without_any() {
	refused 'lacks CAP_BPF and CAP_PERFMON: ' $as none - "$tool" || return
	run $as none - "$tool" check
	why="check: expected status 77, and the facts all the same"
	[ $status -eq 77 ] && says '^kernel ' && says 'missing CAP_BPF, CAP_PERFMON' || return
	run $as none - "$tool" check --json
	[ $status -eq 77 ] && says '"possible":false,"why":"tracing needs privileges'
}

# The reset is caused by a process of root's, whose executable another user may not see.
without_sys_ptrace() {
	traces $as $least,sys_admin - "$tool" || return
	says '"victim_comm":' && says_not '"victim_exe":' || return
	run $as $least,sys_admin - "$tool" check
	says "executables of other users' processes.*(CAP_SYS_PTRACE)"
}

# Whether the totals have the kernel's own counter for the incident's namespace.
counters_read() {
	ns=$(sed -n 's/.*"kind":.*"netns":\([0-9]*\),.*/\1/p' "$out" | head -n 1)
	why="expected counters of namespace $ns: $1"
	found=no
	tr '{' '\n' <"$out" | grep "^\"netns\":$ns,\"recorded\"" | grep -q '"out_rsts":1,' && found=yes
	[ $found = "$1" ]
}

# bound_namespace CAPS: traces a reset in a namespace that nothing but a mount keeps.
bound_namespace() {
	: >"$scratch/netns"
	# shellcheck disable=SC2016	# the inner shell expands it
	busybox unshare -n sh -c 'busybox ip link set lo up && busybox mount --bind /proc/self/ns/net "$0"' \
		"$scratch/netns" || return
	inside="busybox nsenter --net=$scratch/netns"
	traces $as "$1" - "$tool"
	good=$?
	inside=''
	busybox umount "$scratch/netns"
	return $good
}

without_sys_admin() {
	run $as $least,sys_ptrace - "$tool" check
	says 'counters of network namespaces without a process (CAP_SYS_ADMIN)' || return
	bound_namespace $most && counters_read yes || return
	bound_namespace $least,sys_ptrace && counters_read no || return
	[ "$(fact kprobes)" = yes ] || return 0
	# Debian's default asks for more than CAP_PERFMON
	before=$(cat /proc/sys/kernel/perf_event_paranoid)
	echo 3 >/proc/sys/kernel/perf_event_paranoid
	run $as $least - "$tool" check
	if says '^kprobes .*Permission denied' && says 'CAP_SYS_ADMIN, or sysctl kernel.perf_event_paranoid=2'; then
		echo 2 >/proc/sys/kernel/perf_event_paranoid
		run $as $least - "$tool" --hooks kprobe check
		says '^kprobes      yes$' && says '^reset received        kprobe'
	fi
	good=$?
	echo "$before" >/proc/sys/kernel/perf_event_paranoid
	return $good
}

# --- locked memory ---

memory_limited() {
	if ! counts_memory; then
		traces $as bpf,perfmon 64 "$tool"
		return
	fi
	# another user each time: the memory that a run locked is released some time after its end
	refused 'counts BPF memory against RLIMIT_MEMLOCK: 64 KiB are allowed' \
		"$scratch/with_caps" 60001 bpf,perfmon 64 "$tool" || return
	need=$(sed -n 's/.* \([0-9]*\) KiB needed.*/\1/p' "$err")
	# what it asks for is enough, and not far too much
	traces "$scratch/with_caps" 60002 bpf,perfmon "$need" "$tool" || return
	refused "$need KiB needed" "$scratch/with_caps" 60003 bpf,perfmon $((need - 1)) "$tool" || return
	traces "$scratch/with_caps" 60004 bpf,perfmon,sys_resource 64 "$tool"
}

# --- ways to attach ---

no_tracefs() {
	[ "$(fact kprobes)" = yes ] || { skip "no kprobes here"; return; }
	busybox umount /sys/kernel/debug/tracing 2>/dev/null
	busybox umount /sys/kernel/tracing 2>/dev/null
	why="tracefs is still there"
	! grep -q ' tracefs ' /proc/mounts || return
	traces "$tool" --hooks kprobe || return
	run "$tool" --hooks kprobe check
	says '^reset received        kprobe'
}

no_kprobes() {
	[ "$(fact kprobes)" != yes ] || { skip "this kernel has kprobes"; return; }
	refused 'by --hooks kprobe: kprobe: not in this kernel' "$tool" --hooks kprobe || return
	run "$tool" check
	says '^  kprobe     CONFIG_KPROBES=y'
}

no_trampolines() {
	[ "$(fact fentry)" != yes ] || { skip "this kernel permits fentry"; return; }
	refused 'by --hooks fentry: fentry: Operation not permitted' "$tool" --hooks fentry || return
	run "$tool" check
	says '^  fentry     seccomp or a security module denies' &&
		says '^reset received        tracepoint '
}

# --- BTF ---

no_btf() {
	refused 'no BTF.*--btf FILE.*BTFHub.*linux-image-VERSION-dbg.*pahole' "$without_btf" "$tool" || return
	run "$without_btf" "$tool" check
	why="check: expected status 77, and the facts all the same"
	[ $status -eq 77 ] && says '^BTF          none$'
}

btf_from_a_file() {
	cp /sys/kernel/btf/vmlinux "$scratch/own.btf"
	traces "$without_btf" "$tool" --btf "$scratch/own.btf" || return
	run "$without_btf" "$tool" --btf "$scratch/own.btf" check
	why="check: expected status 0"
	[ $status -eq 0 ] && says '; the kernel has none of its own$' &&
		says 'fentry: the kernel has no BTF of its own' && says '^snapshot     no:' &&
		says '^reset received        [kt]' || return
	refused 'no BTF of its own' "$without_btf" "$tool" --btf "$scratch/own.btf" --hooks fentry || return
	# and where the kernel has BTF of its own, --btf works as well
	traces "$tool" --btf "$scratch/own.btf" || return
	run "$tool" --btf "$scratch/own.btf" check
	says '^snapshot     yes'
}

bad_btf() {
	echo 'no types in here' >"$scratch/text"
	head -c 100000 /sys/kernel/btf/vmlinux >"$scratch/cut"
	refused 'not BTF, nor an ELF file with a .BTF section' "$tool" --btf "$scratch/text" &&
		refused 'not BTF, nor an ELF file with a .BTF section' "$tool" --btf "$scratch/cut" &&
		refused 'not BTF, nor an ELF file with a .BTF section' "$tool" --btf "$tool" &&
		refused 'No such file' "$tool" --btf "$scratch/none"
}

btf_of_another_kernel() {
	[ "$foreign" != - ] || { skip "no BTF of another kernel at hand"; return; }
	refused 'not of this kernel: struct' "$tool" --btf "$foreign" || return
	# without BTF of the kernel's own only the size of its TCP sockets shows the difference
	refused 'not of this kernel: struct tcp_sock has' "$without_btf" "$tool" --btf "$foreign"
}

# --- the whole system ---

locked_down() {
	grep -q lockdown=confidentiality /proc/cmdline || { skip "not booted with lockdown=confidentiality"; return; }
	refused 'locked down (lockdown=confidentiality).*boot it with' "$tool"
}

ring_sleeps() {
	case $(uname -r) in
	5.10.*-rt-*) ;;
	*)	skip "not 5.10 with PREEMPT_RT"; return ;;
	esac
	refused 'ring buffers have a lock that sleeps' "$tool" || return
	run "$tool" check
	why="check: expected status 77, and the facts all the same"
	[ $status -eq 77 ] && says '^ring buffer  its lock sleeps' || return
	run "$tool" check --json
	[ $status -eq 77 ] && says '"possible":false' && says '"ring_sleeps":true'
}

all="least_capabilities all_capabilities_of_use sys_admin_in_place_of_both without_bpf
     without_perfmon without_any without_sys_ptrace without_sys_admin memory_limited no_tracefs
     no_kprobes no_trampolines no_btf btf_from_a_file bad_btf btf_of_another_kernel"
[ $# -lt 2 ] || shift
[ $# -lt 1 ] || shift
[ $# -gt 0 ] || set -- $all
for name; do
	check "$name"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
