#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# save.sh [KERNEL...] - write tests/data/btf/VERSION.btf anew: what the choice
# of hooks reads of these kernels' type information (default: the guests' and
# that of the running kernel, which is called "live").
#
# tests/unit/test_kernels.c says what is to be found in them. To keep a shape
# of which no kernel at hand has any more, do not write its file anew.
set -euo pipefail
cd "$(dirname "$0")/../.."
build=${BUILD:-build}
data=tests/data/btf
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
[ $# -gt 0 ] || set -- 5.10 6.1 6.12 newest live

make -s BUILD="$build" "$build/btf/cut"
for name; do
	if [ "$name" = live ]; then
		release=$(uname -r)
		cp /sys/kernel/btf/vmlinux "$tmp/btf"
	else
		modules=$(tests/vm/kernel.sh "$name" | tail -n 1)
		release=${modules##*/}
		release=${release:-${name##*/}}		# an image alone: by its own name
		tests/vm/btf.py "$name" "$tmp/btf"
	fi
	[[ $release =~ [0-9]+\.[0-9]+ ]] || { echo "save.sh: no version in '$release'" >&2; exit 1; }
	"$build/btf/cut" "$tmp/btf" "$data/${BASH_REMATCH[0]}.btf"
	echo "$data/${BASH_REMATCH[0]}.btf	$release"
	rm -f "$tmp/btf"
done
