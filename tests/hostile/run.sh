#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# run.sh [BUILD]: hostile names and damaged files, names.py and damage.py; their figures in one line.
set -u
here=$(dirname "$0")
passed=0 failed=0 skipped=0
for part in names damage; do
	out=$("$here/$part.py" "${1:-build}" 2>&1)
	status=$?
	sed '$d' <<<"$out"
	if ! read -r p _ f _ s _ < <(tail -n 1 <<<"$out" | grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$'); then
		tail -n 1 <<<"$out"
		p=0 f=1 s=0
		echo "FAIL hostile: $part.py ended with status $status and no figures"
	fi
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
