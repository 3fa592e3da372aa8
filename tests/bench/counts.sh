#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# counts.sh [--update] - what rsttrace's programs do while nothing is reset, in
# runs and in instructions for a step of each load (runs.c), compared with
# tests/data/cost.tsv. It is measured in a guest whose clock counts instructions
# (the newest kernel with --skip-idle: four nanoseconds each), so a busy machine
# changes nothing.
#
# More runs, or more than a fifth more instructions in a load, fail, as does a
# program that the table does not have; a fifth less asks for --update. Other work
# of the guest can only add instructions (once 13,027 were counted instead of
# 9,723), so what failed is counted again, in a new guest, up to three times.
set -u
cd "$(dirname "$0")/../.." || exit 1
build=${BUILD:-build}
table=tests/data/cost.tsv
out=$build/cost
NS_PER_INSN=4

make -s BUILD="$build" static || exit 1
rm -rf "$out"
mkdir -p "$out"
# shellcheck disable=SC2016	# the guest's shell
tests/vm/run.sh newest --skip-idle --out "$out" --add "$build/static/rsttrace" \
	--add "$build/static/bench/runs" --exec 'runs rsttrace --rate 1 >/out/runs' >"$out/said" 2>&1
status=$?
if [ "$status" -eq 77 ]; then
	echo "0 passed, 0 failed, 1 skipped"
	exit
elif [ "$status" -ne 0 ]; then
	cat "$out/said"
	echo "FAIL cost: status $status"
	echo "0 passed, 1 failed, 0 skipped"
	exit 1
fi

# Takes the least of all plays. A program that ran once in hundreds of steps ran for something else.
awk -F '\t' -v OFS='\t' -v each="$NS_PER_INSN" '
$1 == "steps" { steps[$2] = $3; next }
{
	key = $1 "\t" $2
	insns = $4 / steps[$1] / each
	if (!(key in runs) || insns < least[key])
		least[key] = insns
	runs[key] = $3 / steps[$1]
}
END {
	for (key in runs)
		if (runs[key] >= .5)
			printf "%s\t%.1f\t%d\n", key, runs[key], least[key]
}' "$out/runs" | LC_ALL=C sort >"$out/rows"
if [ "${1:-}" = --update ]; then
	{ printf 'load\tprogram\truns\tinsns\n'; cat "$out/rows"; } >"$table"
fi
awk -F '\t' '
function fail(what, why) {
	printf "FAIL cost-%s: %s\n", what, why
	failed++
}
FNR == 1 { file++ }
file == 1 {
	if ($1 != "load") {
		runs[$1 " " $2] = $3
		before[$1] += $4
	}
	next
}
{
	now[$1] += $4
	if (!(($1 " " $2) in runs))
		fail($1, $2 " is not in the table: --update")
	else if ($3 > runs[$1 " " $2] + .05)
		fail($1, $2 " runs " $3 " times a step, not " runs[$1 " " $2])
}
END {
	for (load in before)
		if (!(load in now))
			fail(load, "no program ran")
	for (load in now) {
		said = now[load] " instructions a step, " before[load] " in the table"
		if (now[load] * 5 > before[load] * 6)
			fail(load, said)
		else {
			print "ok cost-" load ": " said
			passed++
		}
		if (now[load] * 5 < before[load] * 4)
			print "note: cost-" load " has shrunk: --update"
	}
	printf "%d passed, %d failed, 0 skipped\n", passed, failed
	exit failed > 0
}' "$table" "$out/rows" >"$out/judged"
status=$?
if [ "$status" -ne 0 ] && [ "${COUNTS_TRY:-1}" -lt 3 ]; then
	grep '^FAIL' "$out/judged" | sed 's/^FAIL/again/'
	COUNTS_TRY=$((${COUNTS_TRY:-1} + 1)) exec "$0" "$@"
fi
cat "$out/judged"
exit "$status"
