#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The fleet's tests, one after another, and their figures together. They start the servers they need, in
# network namespaces of their own, and end them.
#
#   fleet.sh BUILD [--short]     --short: what `make check` runs, about a minute; all takes ten
set -u
cd "$(dirname "$0")/../.." || exit 1
build=${1:-build}
tests=(store.py crosshost.py shipping.py)
[ "${2:-}" = --short ] || tests+=(dashboards.py)
passed=0 failed=0 skipped=0
for t in "${tests[@]}"; do
	out=$(mktemp)
	"tests/fleet/$t" "$build" "${@:2}" 2>&1 | tee "$out" | grep -vE '^[0-9]+ passed, '
	status=${PIPESTATUS[0]}
	read -r p _ f _ s _ < <(grep -E '^[0-9]+ passed, ' "$out" | tail -n 1 | tr -d ,)
	if [ -z "${p:-}" ]; then
		echo "FAIL $t: ended with status $status and no figures"
		p=0 f=1 s=0
	fi
	rm -f "$out"
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	unset p f s
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
