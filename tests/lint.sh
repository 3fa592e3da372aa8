#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Checks what reviewers would otherwise have to: the direction of includes, both compilers, shell
# scripts, and the length of files.
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

# What each room of user/ may include, besides itself and bpf/wire.h. The rooms stand in the order
# of an event's way; those that know this host or libbpf (host, attach) are included by app only.
declare -A may=(
	[base]=""
	[events]="base"
	[incident]="base events"
	[cause]="base events incident"
	[account]="base events incident"
	[output]="base events incident cause account"
	[report]="base events incident cause account output"
	[page]="base events incident cause account output report"
	[top]="base events incident cause account output"
	[host]="base events incident account"
	[attach]="base events host"
	[app]="base events incident cause account output report page top host attach"
	[app-pure]="app base events incident cause account output"
)
pure="base events incident cause account output report page top"

# Every header that a file includes, also indirectly, must be in a room that it may include.
rooms() {
	local room f h
	find user -maxdepth 1 -name '*.[ch]' | sed 's/$/: stands in no room/'
	for room in user/*/; do
		room=${room%/}
		[ -n "${may[${room#user/}]+known}" ] || echo "$room: not in the table of rooms"
	done
	for f in user/*/*.[ch]; do
		room=${f#user/} room=${room%%/*}
		# these files of app run without a host, too
		case $f in user/app/filter.* | user/app/suppress.* | user/app/pipeline.*) room=app-pure ;; esac
		gcc -std=gnu11 -D_GNU_SOURCE -MM -Ibpf -Iuser -Ibuild -x c "$f" | tr ' \\' '\n\n' |
			sed -n 's|^user/\([a-z]*\)/.*\.h$|\1|p' | sort -u | while read -r h; do
			grep -qw "$h" <<<"$room ${may[$room]-}" || echo "$f reaches into $h/"
		done
	done
}

# Everything after the ring buffer runs from a recording: no libbpf, no skeleton, no clock, no
# /proc.
purity() {
	local room
	for room in $pure; do
		grep -nHE '#include (<bpf/|"rsttrace\.skel\.h")' user/"$room"/*.[ch]
		grep -nHE 'clock_gettime|gettimeofday|[^_a-z]time\(NULL|"/proc' user/"$room"/*.[ch]
	done
	grep -nHE 'clock_gettime|gettimeofday|[^_a-z]time\(NULL|"/proc' user/app/{filter,suppress,pipeline}.c
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
	for f in user/*/*.c; do
		"$1" -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -Ibpf -Iuser -Ibuild \
			-fsyntax-only "$f" || return 1
	done
	for f in tests/scenarios/*.c; do
		"$1" -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -Itests/scenarios -Ibuild \
			-fsyntax-only "$f" || return 1
	done
}

lengths() {
	find bpf user tests tools vmlinux contrib \( -name '*.[ch]' -o -name '*.sh' -o -name '*.py' \
		-o -path 'user/page/web/*.[jc]s*' \) -exec wc -l {} + |
		awk '$2 != "total" && $1 > 450 { print $2 ": " $1 " lines" }'
}

scripts() {
	find . -path ./build -prune -o \( -name '*.sh' -o -path './.ci/run' \) -print0 |
		xargs -0 shellcheck -S warning
}

# Generated documents must be as the program's tables would make them now.
generated() {
	local build=${BUILD:-build} f
	env -u MAKEFLAGS -u MAKELEVEL make -s BUILD="$build" "$build/gendocs" >/dev/null || return 1
	contrib/clickhouse/make.py --check || return 1
	contrib/grafana/make.py --check || return 1
	for f in docs/record.md docs/causes.md docs/messages.md docs/rsttrace.8 contrib/completion/* contrib/wireshark/*; do
		"$build/gendocs" "${f##*/}" | diff -u --label "$f (make docs)" "$f" - || return 1
	done
}

licences() {
	find bpf user tests vmlinux -name '*.[ch]' -exec grep -L SPDX-License-Identifier {} +
	return 0
}

# Every situation is played by a scenario that expects it, and told by a recording taken in as a golden.
situations_shown() {
	local name expected
	expected=$(grep -hv 'ROW(' tests/scenarios/*.c)
	sed -n 's/^\t{ \.name = "\([a-z-]*\)", \.match.*/\1/p' user/cause/situations.c | while read -r name; do
		grep -qE "\"([a-z|-]+\\|)?$name(\\|[a-z|-]+)?\"" <<<"$expected" || echo "$name: no scenario expects it"
		grep -qE "\"situation\": *\"$name\"" tests/data/*.json || echo "$name: no golden tells of it"
	done
}

check rooms rooms
check purity purity
check shared-header shared_header
check gcc compiles_with gcc
check clang compiles_with clang
check lengths lengths
check generated generated
check licences licences
check shell scripts
check situations situations_shown
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
