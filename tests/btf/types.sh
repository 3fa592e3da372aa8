#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# types.sh - hold vmlinux/vmlinux.h against the types of the guests' kernels and
# of the running one. A kernel that cannot be had is skipped, and said.
set -u
cd "$(dirname "$0")/../.." || exit 1
build=${BUILD:-build}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

make -s BUILD="$build" "$build/btf/fields" "$build/btf/types.bpf.o" || exit 1
kernels=() missing=0
for name in 5.10 6.1 6.12 newest; do
	tests/vm/btf.py "$name" "$tmp/$name"
	case $? in
	0)	kernels+=("$name=$tmp/$name") ;;
	77)	missing=$((missing + 1)); echo "skip types-$name (no such kernel here)" ;;
	*)	exit 1 ;;
	esac
done
if [ -r /sys/kernel/btf/vmlinux ]; then
	kernels+=("live=/sys/kernel/btf/vmlinux")
else
	missing=$((missing + 1))
	echo "skip types-live (no BTF)"
fi
[ ${#kernels[@]} -gt 0 ] || { echo "0 passed, 0 failed, $missing skipped"; exit; }
"$build/btf/fields" "$build/btf/types.bpf.o" "${kernels[@]}" |
	sed "\$s/, 0 skipped\$/, $missing skipped/"
exit "${PIPESTATUS[0]}"
