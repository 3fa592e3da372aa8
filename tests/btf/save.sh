#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# save.sh [KERNEL...] - writes tests/data/btf/VERSION.btf anew: what the choice of hooks reads of
# the type information of these kernels (by default the guests' and the running one, which is called
# "live").
#
# tests/unit/test_kernels.c says what must be found in them. To keep types that no available kernel
# has any more, do not write their file anew.
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
		release=${release:-${name##*/}}		# without modules: the image's name
		tests/vm/btf.py "$name" "$tmp/btf"
	fi
	[[ $release =~ [0-9]+\.[0-9]+ ]] || { echo "save.sh: no version in '$release'" >&2; exit 1; }
	"$build/btf/cut" "$tmp/btf" "$data/${BASH_REMATCH[0]}.btf"
	echo "$data/${BASH_REMATCH[0]}.btf	$release"
	rm -f "$tmp/btf"
done
