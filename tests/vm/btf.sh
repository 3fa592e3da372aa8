#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# btf.sh NAME OUT - save the type information of a kernel, as a guest shows it
# in /sys/kernel/btf, to the file OUT. NAME as for run.sh.

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)

[ $# -eq 2 ] || { echo 'usage: btf.sh NAME OUT' >&2; exit 2; }

tmp=$(mktemp -d "${TMPDIR:-/tmp}/rsttrace-btf-XXXXXX")
trap 'rm -rf "$tmp"' EXIT
"$here/run.sh" "$1" --out "$tmp" --exec 'cp /sys/kernel/btf/vmlinux /out/' >&2
install -m 644 "$tmp/vmlinux" "$2"
