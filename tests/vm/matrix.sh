#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# matrix.sh [--docs] [KERNEL[/HOOKS]...] [-- SCENARIO...] - the whole suite on every kernel, by
# every ladder (default: 5.10 6.1 6.12 newest, each by auto, fentry, tracepoint
# and kprobe), two guests at a time. Then compare.py holds the incidents of a
# kernel's ladders against each other, field by field.
#
# Leaves BUILD/matrix/KERNEL/HOOKS/{check,results,verdicts,told}: what rsttrace
# said of its probes, the line for each scenario, the suite's own words, and the
# incidents. What is there from earlier runs is compared along. --docs writes
# docs/coverage.md from it. A ladder that a kernel does not have is named so.
set -u
cd "$(dirname "$0")/../.." || exit 1
build=${BUILD:-build}
out=$build/matrix
docs=
[ "${1:-}" != --docs ] || { docs=1; shift; }
case ${1:-} in
''|--)	set -- 5.10 6.1 6.12 newest "$@" ;;
esac
limit=${MATRIX_TIMEOUT:-1200}

runs=() some=
while [ $# -gt 0 ]; do
	arg=$1
	shift
	case $arg in
	--)	some=$*; break ;;
	*/*)	runs+=("$arg") ;;
	*)	runs+=("$arg/auto" "$arg/fentry" "$arg/tracepoint" "$arg/kprobe") ;;
	esac
done

run() {
	local kernel=${1%/*} hooks=${1#*/} dir=$out/$1
	rm -rf "$dir"
	mkdir -p "$dir"
	tests/vm/run.sh "$kernel" --timeout "$limit" --out "$dir" --add "$build/static/rsttrace" \
		--add "$build/static/scenarios" --add tests/scenarios/skip --exec "
		rsttrace --hooks $hooks check >/out/check || exit
		scenarios -v --rsttrace /bin/rsttrace --hooks $hooks --skip-file /bin/skip \
			--kernel $kernel --timeout 20 --results /out/results $some 2>/out/told >/out/verdicts
	"
}

make -s BUILD="$build" static || exit 1
running=0
for r in "${runs[@]}"; do
	{
		run "$r" >"$build/matrix.$$.${r//\//-}" 2>&1
		status=$?
		mv "$build/matrix.$$.${r//\//-}" "$out/$r/guest"
		echo "$status" >"$out/$r/status"
		echo "$r: status $status, $(tail -n 1 "$out/$r/verdicts" 2>/dev/null || echo 'no verdicts')" >&2
	} &
	running=$((running + 1))
	[ "$running" -lt 2 ] || { wait -n; running=$((running - 1)); }
done
wait
tests/vm/compare.py ${docs:+--docs docs/coverage.md} "$out" "${runs[@]}"
