#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# poverty.sh BUILD - runs tests/live/poverty.sh on this machine and in guests: 5.10, which counts
# locked memory; 6.12, which has every way to attach (older kernels have too, but under emulation
# take minutes to find the function for a kprobe); 6.12 locked down; and 5.10 with PREEMPT_RT, which
# the programs would hang. The guests with other kernels than 5.10 get the types of 5.10, which they
# must refuse. Ends with the sum.

set -u
build=$(realpath "${1:-build}")
here=$(cd "$(dirname "$0")" && pwd)
script=$here/../live/poverty.sh
passed=0 failed=0 skipped=0
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# part NAME COMMAND...: runs it and adds its figures. Exits with their status, or with 77 if the
# kernel is not available.
part() {
	local name=$1 status line
	shift
	"$@" 2>&1 | tee "$tmp/output"
	status=${PIPESTATUS[0]}
	line=$(grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$tmp/output" | tail -n 1)
	if [ -n "$line" ]; then
		read -r p _ f _ s _ <<<"$line"
		passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
		[ "$f" -eq 0 ] || status=0	# its figures count already
	elif [ "$status" -eq 77 ]; then
		skipped=$((skipped + 1)) status=0
		echo "skip poverty-$name: no such guest here"
	else
		status=1
	fi
	[ "$status" -eq 0 ] || { failed=$((failed + 1)); echo "FAIL poverty-$name"; }
}

# guest KERNEL ARGS of run.sh...
guest() {
	local kernel=$1
	shift
	BUILD=$build/static "$here/run.sh" "$kernel" \
		--add "$build/static/rsttrace" \
		--add "$build/static/with_caps" --add "$script" "$@"
}

part 5.10 guest 5.10 --out "$tmp/5.10" --exec 'cp /sys/kernel/btf/vmlinux /out/5.10.btf
	poverty.sh /bin - least_capabilities without_bpf without_perfmon memory_limited no_tracefs no_btf bad_btf'
foreign=$tmp/5.10/5.10.btf
if [ -s "$foreign" ]; then
	part live "$script" "$build" "$foreign"
	part 6.12 guest 6.12 --add "$foreign" --exec 'poverty.sh /bin /bin/5.10.btf'
else
	part live "$script" "$build"
	part 6.12 guest 6.12 --exec 'poverty.sh /bin'
fi
part lockdown guest 6.12 --append lockdown=confidentiality --exec 'poverty.sh /bin - locked_down'
part rt guest 5.10-rt --exec 'poverty.sh /bin - ring_sleeps'
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
