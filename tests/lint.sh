#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What reviews would otherwise have to look for: the direction of dependencies,
# both compilers, clean shell scripts, files of a readable length.
set -u
cd "$(dirname "$0")/.." || exit 1
passed=0 failed=0

# check NAME COMMAND...: passes when the command prints nothing and succeeds.
check() {
	local name=$1 out
	shift
	if out=$("$@" 2>&1) && [ -z "$out" ]; then
		passed=$((passed + 1))
		echo "ok lint-$name"
	else
		failed=$((failed + 1))
		echo "FAIL lint-$name"
		printf '%s\n' "${out:-exit status not 0}" | head -n 20 | sed 's/^/    /'
	fi
}

# Behind the ring buffer everything runs from a recording: no libbpf, no
# skeleton, no clock, no /proc. What may: attaching, the live source, resolver
# and counters, options that name a process, and the session that wires them.
live="account btf_file btf_trim caps caps_try clock counters kernel links loader main object options resolve
	session source_ring spare"

includes() {
	local f m
	for f in user/*.[ch]; do
		m=${f##*/}
		grep -qw "${m%.?}" <<<"$live" && continue
		grep -nHE '#include (<bpf/|"(loader|session|rsttrace\.skel|btf_trim|clock)\.h")' "$f"
		grep -nHE 'clock_gettime|gettimeofday|[^_a-z]time\(NULL|"/proc' "$f"
	done
	return 0
}

shared_header() {
	grep -rn '#include "\.\./' bpf user
	grep -rnlE '#include "(maps|owner|sock|emit|compat|hook_[a-z]+)\.bpf\.h"' user
	return 0
}

compiles_with() {
	local f
	mkdir -p build/lint
	for f in user/*.c; do
		"$1" -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -Ibpf -Iuser -Ibuild \
			-fsyntax-only "$f" || return 1
	done
	for f in tests/scenarios/*.c; do
		"$1" -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -Itests/scenarios -Ibuild \
			-fsyntax-only "$f" || return 1
	done
}

lengths() {
	find bpf user tests/scenarios tests/unit tests/bench vmlinux -name '*.[ch]' -exec wc -l {} + |
		awk '$2 != "total" && $1 > 450 { print $2 ": " $1 " lines" }'
}

scripts() {
	find . -path ./build -prune -o -name '*.sh' -print -o -path './.ci/run' -print -o \
		-path ./tests/live/compare -print | while read -r f; do
		head -n 1 "$f" | grep -q 'sh$' && echo "$f"
	done | xargs shellcheck -S warning
}

# What is made from the program's tables is as they would make it now.
generated() {
	local build=${BUILD:-build} f
	env -u MAKEFLAGS -u MAKELEVEL make -s BUILD="$build" "$build/gendocs" >/dev/null || return 1
	for f in docs/record.md docs/causes.md docs/rsttrace.8 contrib/completion/rsttrace.bash; do
		"$build/gendocs" "${f##*/}" | diff -u --label "$f (make docs)" "$f" - || return 1
	done
}

licences() {
	find bpf user tests vmlinux -name '*.[ch]' -exec grep -L SPDX-License-Identifier {} +
	return 0
}

check includes includes
check shared-header shared_header
check gcc compiles_with gcc
check clang compiles_with clang
check lengths lengths
check generated generated
check licences licences
check shell scripts
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
