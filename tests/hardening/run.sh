#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# run.sh [BUILD]: what reads the code for faults and is too slow for "make check", or not on every host.
#
#   codespell       words; `words` has those that are no mistake: names of fields, halves of words, plurals
#   cppcheck        `cppcheck` has what it takes for a fault and is none, with the reason
#   gcc -fanalyzer  paths through each function
#   sanitizers      address and undefined behaviour, over the golden recordings
#
# Ends with "N passed, N failed, N skipped".
set -u
cd "$(dirname "$0")/../.." || exit 1
build=${1:-build}
passed=0 failed=0 skipped=0

# quiet NAME COMMAND...: passes when the command says nothing.
quiet() {
	local name=$1 out
	shift
	if ! command -v "$1" >/dev/null && ! declare -F "$1" >/dev/null; then
		skipped=$((skipped + 1))
		echo "skip hardening-$name: there is no $1"
		return
	fi
	out=$("$@" 2>&1)
	if [ -z "$out" ]; then
		passed=$((passed + 1))
		echo "ok   hardening-$name"
	else
		failed=$((failed + 1))
		echo "FAIL hardening-$name"
		head -n 40 <<<"$out"
	fi
}

# The messages in other languages are no English.
spelling() {
	git ls-files '*.c' '*.h' '*.sh' '*.py' '*.md' Makefile | grep -v user/cause/translations.c |
		xargs codespell -q 3 -I tests/hardening/words
}

analyzer() {
	local f
	for f in user/*/*.c; do
		gcc -std=gnu11 -D_GNU_SOURCE -O2 -Ibpf -Iuser -I"$build" -fanalyzer -c "$f" -o /dev/null 2>&1 | grep 'warning:'
	done
}

sanitizers() {
	local out
	out=$(SAN=1 tests/golden.sh 2>&1) || tail -n 30 <<<"$out"
}

command -v codespell >/dev/null && quiet spelling spelling
quiet cppcheck cppcheck -q -j2 --std=c11 -D_GNU_SOURCE --enable=warning,portability --inline-suppr \
	--suppressions-list=tests/hardening/cppcheck --suppress=missingIncludeSystem -Ibpf -Iuser -I"$build" \
	'--template={file}:{line}: {id}: {message}' user
quiet analyzer analyzer
quiet sanitizers sanitizers
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
