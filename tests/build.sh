#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Builds the tree twice, in folders with different names, and expects the same bytes. Then checks
# that the result has the protections which the Makefile asks the compiler for. Ends with "N passed,
# N failed, N skipped".
set -u
cd "$(dirname "$0")/.." || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

# expect NAME COMMAND...: passes when the command succeeds.
expect() {
	local name=$1
	shift
	if "$@" >"$work/said" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL build: $name"
		tail -n 5 "$work/said"
	fi
}

# Files that git would archive, with their changes; without git, all that were not built.
copy() {
	mkdir -p "$1"
	{ git ls-files -z 2>/dev/null || find . -path ./build -prune -o -type f -print0; } |
		xargs -0 cp --parents -t "$1"
	# with the files from npm, as in the tarball: whether npm can be reached must make no
	# difference
	[ ! -d build/library/node_modules/uplot ] || cp -r build/library/node_modules/uplot "$1/user/page/web/library"
}

build() {
	env -u MAKEFLAGS -u MAKELEVEL -u BUILD make -s -j"$(nproc)" -C "$1" all
}

shows() {
	local text
	text=$("${@:2}") && grep -qE -- "$1" <<<"$text"
}

a=$work/one b=$work/another/deeper/place
expect 'copy' copy "$a"
expect 'copy elsewhere' copy "$b"
expect 'builds' build "$a"
expect 'builds elsewhere' build "$b"
expect 'the program is the same wherever it is built' cmp "$a/build/rsttrace" "$b/build/rsttrace"
expect 'the BPF object is, too' cmp "$a/build/rsttrace.bpf.o" "$b/build/rsttrace.bpf.o"

# Each program's section says where it attaches. A new one is added by hand.
attach_points() {
	readelf -SW "$a/build/rsttrace.bpf.o" |
		awk '/ AX / { for (i = 2; i <= NF; i++) if ($i == "PROGBITS" && $(i - 1) != ".text") print $(i - 1) }' |
		LC_ALL=C sort -u | diff -u tests/data/attach-points -
}
expect 'it attaches where tests/data/attach-points says, and nowhere else' attach_points

# The helpers that the programs call, and functions of the kernel, which the object leaves undefined. None writes to the
# kernel's memory or a process's, as bpf_probe_write_user(), bpf_override_return() and bpf_send_signal() would. A new one
# is added by hand, after a look at bpf-helpers(7) for what it changes. A call of source register 1 stays in the object.
helpers() {
	llvm-nm -u "$a/build/rsttrace.bpf.o" &&
		llvm-objdump -d "$a/build/rsttrace.bpf.o" |
		awk 'FNR == NR && match($0, /bpf_[a-z0-9_]+\)/) {
				n = $NF + 0
				name[sprintf("%02x%02x", n % 256, int(n / 256))] = substr($0, RSTART, RLENGTH - 1)
			}
			FNR != NR && /\tcall / && $3 != "10" { print $3 == "00" && ($6 $7) in name ? name[$6 $7] : $0 }' \
			"$(pkg-config --variable=includedir libbpf)/bpf/bpf_helper_defs.h" -
}
called() {
	helpers | LC_ALL=C sort -u | diff -u tests/data/helpers -
}
expect 'it calls the helpers in tests/data/helpers, and nothing else outside' called

program=$a/build/rsttrace
expect 'position-independent' shows 'Type: +DYN' readelf -hW "$program"
expect 'symbols are bound at the start' shows 'BIND_NOW' readelf -dW "$program"
expect 'and then read-only' shows 'GNU_RELRO' readelf -lW "$program"
expect 'no stack is executable' shows 'GNU_STACK .* RW ' readelf -lW "$program"
expect 'stack protector' shows '__stack_chk_fail' readelf -sW --dyn-syms "$program"
expect 'fortified' shows '__snprintf_chk' readelf -sW --dyn-syms "$program"
expect 'stack clash protection' shows 'DW_AT_producer.*-fstack-clash-protection' \
	readelf --debug-dump=info "$a/build/user/incident/chain.o"
# How the program itself is protected depends on the C library's start files.
[ "$(uname -m)" != x86_64 ] || expect 'branch targets and return addresses are guarded' \
	shows 'IBT, SHSTK' readelf -nW "$a/build/user/incident/chain.o"
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
