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
# Kernels of arm64 (6.1-arm64) get what "make arm64" built, where it can be had.
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
	local kernel=${1%/*} hooks=${1#*/} dir=$out/$1 bin=$build/static jobs=
	rm -rf "$dir"
	mkdir -p "$dir"
	case $kernel in
	*-arm64)
		[ -n "$crossed" ] || return 77
		bin=$build/arm64 ;;
	esac
	# A kretprobe of 5.10 follows as many calls at a time as there are CPUs (register_kretprobe()).
	# A 7.2 does not run a program that it has preempted: with many at a time, events are missing.
	case $1 in
	5.10/kprobe|newest/*)	jobs='--jobs 1' ;;
	# What these lack by nature would use up the repeats of what they lack by chance.
	5.10/tracepoint|6.1/tracepoint) jobs=--in-part ;;
	esac
	tests/vm/run.sh "$kernel" --timeout "$limit" --out "$dir" --add "$bin/rsttrace" \
		--add "$bin/scenarios" --add tests/scenarios/skip --exec "
		rsttrace --hooks $hooks check >/out/check || exit
		scenarios -v --rsttrace /bin/rsttrace --hooks $hooks --skip-file /bin/skip \
			--kernel $kernel --settle 500 --timeout 60 $jobs --results /out/results \
			$some 2>/out/told >/out/verdicts
	"
}

# There is none where the compiler or its libraries cannot be had: such kernels are skipped.
cross_build() {
	if ! echo 'int main(void) { return 0; }' |
	     aarch64-linux-gnu-gcc -static -x c - -o /dev/null 2>/dev/null; then
		echo "matrix.sh: no aarch64-linux-gnu-gcc that makes programs: nothing of arm64" >&2
	elif tests/vm/sysroot.sh arm64 >/dev/null; then
		make -s BUILD="$build" arm64 || exit 1
		crossed=1
	fi
}

crossed=
case " ${runs[*]}" in
*-arm64/*)	cross_build ;;
esac
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
