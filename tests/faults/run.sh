#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# run.sh [--all] [BUILD]: memory refused (memory.py), then a live trace under faults (live.py) and at its
# limits (limits.py). With --all every allocation, a million connections, and a guest whose clock is set
# (clock.py). Ends with "N passed, N failed, N skipped".
set -u
here=$(dirname "$0")
all=() limits=() connections=20000
if [ "${1:-}" = --all ]; then
	all=(--all) limits=(all) connections=1000000
	shift
fi
build=${1:-build}
passed=0 failed=0 skipped=0

# add COMMAND...: shows what it prints, and adds up its closing line.
add() {
	local out status p f s
	out=$("$@" 2>&1)
	status=$?
	sed '$d' <<<"$out"
	if ! read -r p _ f _ s _ < <(tail -n 1 <<<"$out" | grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$'); then
		tail -n 1 <<<"$out"
		p=0 f=1 s=0
		echo "FAIL faults: $1 ended with status $status and no figures"
	fi
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

add "$here/memory.py" "${all[@]}" "$build"
add "$here/live.py" "$build" "$connections"
add "$here/limits.py" "$build" "${limits[@]}"
[ ${#all[@]} -eq 0 ] || add "$here/clock.py" "$build"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
