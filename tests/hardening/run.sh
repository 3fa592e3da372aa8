#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# run.sh [--fast] [BUILD]: reads the code for faults, and runs it where faults show. With --fast only
# what takes seconds: codespell and cppcheck.
#
#   codespell       words; `words` has those that are no mistake: names of fields, halves of words, plurals
#   cppcheck        with what it must know of libraries' macros, in `cppcheck.cfg`
#   gcc -fanalyzer  paths through each function
#   clang-tidy      the checks that .clang-tidy chooses
#   sanitizers      address and undefined behaviour: unit tests, golden recordings and, as root, the scenarios
#   valgrind        unit tests, and a golden recording through all sinks
#
# `no-fault` has what the readers take for a fault and is none, each with the reason; a line there that
# nothing matches any more has failed. `include` has uthash as those readers are to see it.
# Ends with "N passed, N failed, N skipped".
set -u
cd "$(dirname "$0")/../.." || exit 1
fast=
if [ "${1:-}" = --fast ]; then
	fast=1
	shift
fi
build=${1:-build}
passed=0 failed=0 skipped=0
jobs=$(nproc)
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
seen=(-std=gnu11 -D_GNU_SOURCE -DHAVE_LIBDW '-DRSTTRACE_VERSION="1"' -Itests/hardening/include -Ibpf -Iuser -I"$build")

# quiet NAME TOOL COMMAND...: passes when the command says nothing; skipped without the tool.
quiet() {
	local name=$1 tool=$2 out start=$SECONDS
	shift 2
	if ! command -v "$tool" >/dev/null; then
		skipped=$((skipped + 1))
		echo "skip hardening-$name: there is no $tool"
		return
	fi
	out=$("$@" 2>&1)
	if [ -z "$out" ]; then
		passed=$((passed + 1))
		echo "ok   hardening-$name, $((SECONDS - start)) s"
	else
		failed=$((failed + 1))
		echo "FAIL hardening-$name"
		head -n 40 <<<"$out"
	fi
}

# The messages in other languages are no English.
spelling() {
	{ git ls-files '*.c' '*.h' '*.sh' '*.py' '*.md' Makefile 2>/dev/null ||
		find . -path ./build -prune -o \( -name '*.[ch]' -o -name '*.sh' -o -name '*.py' -o -name '*.md' \) -print; } |
		grep -v user/cause/translations.c | xargs codespell -q 3 -I tests/hardening/words
}

# faults TOOL PATTERN: of what the tool says (standard input), the lines with a fault that no-fault does not name, and
# the lines of no-fault that name none. Each is FILE:LINE:COLUMN: KIND: TEXT [CHECK]; PATTERN is that of the CHECKs.
faults() {
	grep -E 'warning:|error:' | sed "s|^$PWD/||" | sort -u | awk -v tool="$1" -v named=tests/hardening/no-fault '
	BEGIN {
		while ((getline line <named) > 0) {
			split(line, f, " ")
			if (f[1] == tool)
				known[f[2] " " f[3]] = line
		}
	}
	{
		split($0, place, ":")
		check = match($0, /\[[-A-Za-z0-9_.=,]+\]$/) ? substr($0, RSTART + 1, RLENGTH - 2) : ""
		if ((place[1] " " check) in known)
			met[place[1] " " check]
		else
			print
	}
	END {
		for (k in known)
			if (!(k in met))
				print "no-fault: nothing matches any more: " known[k]
	}'
}

# With two jobs, which find the same on every machine; with one it looks across files, too.
of_cppcheck() {
	cppcheck -q -j2 --std=c11 -D_GNU_SOURCE -D__x86_64__ --enable=warning,portability --library=posix \
		--library=tests/hardening/cppcheck.cfg --suppressions-list=tests/hardening/cppcheck -Itests/hardening/include -Ibpf -Iuser \
		'--template={file}:{line}:{column}: warning: {message} [{id}]' user 2>&1 | faults cppcheck
}

of_gcc() {
	printf '%s\n' user/*/*.c | xargs -P"$jobs" -I{} gcc "${seen[@]}" -O2 -fanalyzer -S {} -o /dev/null 2>&1 | faults gcc
}

of_clang() {
	printf '%s\n' user/*/*.c | xargs -P"$jobs" -I{} clang-tidy --quiet {} -- "${seen[@]}" 2>&1 | faults clang
}

# With the sanitizers, in a folder of its own. What they print stands in the output of what failed.
export ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
san=$build/san
built() {
	env -u MAKEFLAGS -u MAKELEVEL make -s -j"$jobs" SAN=1 BUILD="$san" test-programs >"$work/built" 2>&1 ||
		tail -n 20 "$work/built"
}

# said COMMAND...: what it said, if it failed.
said() {
	"$@" >"$work/said" 2>&1 || grep -vE '^ok |^\[ ' "$work/said" | tail -n 30
}

of_unit() {
	local t
	for t in "$san"/unit/test_*[a-z]; do
		said "$t"
	done
}

# The kernel of this machine is asked, so it is "auto" here, whatever that may attach.
of_scenarios() {
	said "$san/scenarios" --rsttrace "$san/rsttrace"
}

# What valgrind does not know: system calls newer than it is. Nothing else is left out.
grind() {
	said valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite "$@"
}

# fork() is refused memory and time by valgrind; what the child has is the parent's to free.
of_valgrind() {
	local t
	for t in "$build"/unit/test_*[a-z]; do
		grind --child-silent-after-fork=yes "$t"
	done
	grind "$build/rsttrace" --replay tests/data/proxy-passes-on.rec --events -v --json --pcapng "$work/x.pcapng" \
		--html "$work/x.html" --junit "$work/x.xml"
}

quiet spelling codespell spelling
quiet cppcheck cppcheck of_cppcheck
if [ -z "$fast" ]; then
	quiet analyzer gcc of_gcc
	quiet tidy clang-tidy of_clang
	quiet sanitized-build make built
	quiet sanitized-unit make of_unit
	quiet sanitized-golden make said env BUILD="$san" tests/golden.sh
	if [ "$(id -u)" -eq 0 ]; then
		quiet sanitized-scenarios make of_scenarios
	else
		skipped=$((skipped + 1))
		echo "skip hardening-sanitized-scenarios: needs root"
	fi
	quiet valgrind valgrind of_valgrind
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
