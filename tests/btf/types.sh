#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# types.sh - compares vmlinux/vmlinux.h with the types of the guests' kernels, of both
# architectures, and of the running one. A kernel that is not available is skipped, which is said.
set -u
cd "$(dirname "$0")/../.." || exit 1
build=${BUILD:-build}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0 skipped=0

missing() {
	skipped=$((skipped + 1))
	echo "skip types-$1 ($2)"
}

# hold TYPES NAME=BTF...: compares, and adds the figures.
hold() {
	[ $# -gt 1 ] || return 0
	"$build/btf/fields" "$@" >"$tmp/out"
	sed '$d' "$tmp/out"
	read -r p _ f _ < <(tail -n 1 "$tmp/out" | tr -d ,)
	passed=$((passed + p)) failed=$((failed + f))
}

# kernels NAME...: sets `found` to those that are available.
kernels() {
	found=()
	for name; do
		tests/vm/btf.py "$name" "$tmp/$name"
		case $? in
		0)	found+=("$name=$tmp/$name") ;;
		77)	missing "$name" "no such kernel here" ;;
		*)	exit 1 ;;
		esac
	done
}

make -s BUILD="$build" "$build/btf/fields" "$build/btf/types.bpf.o" || exit 1
make -s BUILD="$build/arm64" ARCH=arm64 "$build/arm64/btf/types.bpf.o" || exit 1
kernels 6.1-arm64 newest-arm64
hold "$build/arm64/btf/types.bpf.o" "${found[@]}"
kernels 5.10 6.1 6.12 newest
if [ -r /sys/kernel/btf/vmlinux ]; then
	found+=("live=/sys/kernel/btf/vmlinux")
else
	missing live "no BTF"
fi
hold "$build/btf/types.bpf.o" "${found[@]}"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
