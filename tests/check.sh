#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Runs the parts of the test suite and adds their figures up.
#
#   check.sh [PART...]     unit golden lint completion build types verifier live reasons unseen storm cli loss ignored context compare wireshark poverty vm vm-arm64 autoload package bench (default: all)
#
# A part ends with a line "N passed, N failed, N skipped"; one that does not,
# or that exits with another status than its figures say, counts as failed.
set -u
build=${BUILD:-build}
cd "$(dirname "$0")/.." || exit 1
log=$(mktemp -d)
mkdir "$log/played" || exit 1
trap 'rm -rf "$log"' EXIT
passed=0 failed=0 skipped=0

closing='^([a-z-]+: )?[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?$'

# Keeps what a part complained of for the end, where a log that was cut still has it: what
# failed, and what failed and then passed.
complaints() {
	grep -E '^([^ ]+: )?(FAIL|again) |\[  FAILED  \]' "$1" | sed "s|^|$2: |" >>"$log/complaints"
	[ "$3" -eq 0 ] || grep -q "^$2: .*FAIL" "$log/complaints" ||
		echo "$2: $3 failed, said above" >>"$log/complaints"
}

# Adds the figures of a part's closing line.
add() {
	local line
	line=$(grep -E "$closing" "$2" | tail -n 1)
	if [ -z "$line" ]; then
		failed=$((failed + 1))
		echo "FAIL $3: ended with status $1 and no figures" | tee -a "$log/complaints"
		return
	fi
	read -r p _ f _ s _ <<<"$(tr -d , <<<"$line")"
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + ${s:-0}))
	complaints "$2" "$3" "$f"
	if [ "$1" -ne 0 ] && [ "$f" -eq 0 ]; then
		failed=$((failed + 1))
		echo "FAIL $3: ended with status $1" | tee -a "$log/complaints"
	fi
}

part() {
	local name=$1 start=$SECONDS
	shift
	echo "== $name"
	"$@" 2>&1 | tee "$log/$name"
	add "${PIPESTATUS[0]}" "$log/$name" "$name"
	echo "-- $name: $((SECONDS - start)) s"
}

run_unit() {
	local p=0 f=0 t out
	for t in tests/unit/test_*.c; do
		t=${t##*/}
		if out=$("$build/unit/${t%.c}" 2>&1); then
			p=$((p + $(grep -c '\[       OK \]' <<<"$out")))
		else
			f=$((f + 1))
			echo "$out"
		fi
	done
	echo "$p passed, $f failed, 0 skipped"
	[ "$f" -eq 0 ] && [ "$p" -gt 0 ]
}

# What the scenarios recorded in the part "live"; without it they are played for this.
run_reasons() {
	local played=()
	[ ! -e "$log/played/live.rec" ] || played=("$log/played")
	tests/reasons "${played[@]}"
}

# The same, without what the hooks saw leave.
run_unseen() {
	if [ ! -e "$log/played/live.rec" ]; then
		"$build/scenarios" --rsttrace "$build/rsttrace" --record "$log/played/live.rec" >/dev/null
		[ -e "$log/played/live.rec" ] || { echo "0 passed, 0 failed, 1 skipped"; return; }
	fi
	BUILD=$build tests/unseen "$log/played/live.rec"
}

# The modules that reject come when a rule asks for them, while the tracer runs already; they
# are unloaded, and come again.
# Without QEMU or a kernel to be had it is skipped, and says so.
run_autoload() {
	BUILD=$build/static tests/vm/run.sh 6.1 --add tests/scenarios/skip --autoload -- \
		--skip-file /bin/skip --kernel 6.1 --timeout 60 --jobs 1 \
		reject-input reject-input-v6 'reject-input-[xr]*'
	local status=$?
	[ "$status" -eq 77 ] || return "$status"
	echo "0 passed, 0 failed, 1 skipped"
}

declare -A parts=(
	[unit]=run_unit
	[golden]="tests/golden.sh"
	[lint]="tests/lint.sh"
	[completion]="tests/completion.sh"
	[build]="tests/build.sh"
	[package]="tests/package.sh"
	[types]="tests/btf/types.sh"
	[verifier]="tests/verifier/verifier.sh"
	[replay]="tests/bench/replay.py --check"
	[live]="$build/scenarios --rsttrace $build/rsttrace --record $log/played/live.rec"
	[reasons]=run_reasons
	[unseen]=run_unseen
	[storm]="$build/scenarios --rsttrace $build/rsttrace --storm 2000"
	[cli]="tests/live/cli.sh $build"
	[loss]="tests/live/loss.py $build"
	[ignored]="tests/live/ignored.py $build"
	[context]="tests/live/context.sh $build"
	[compare]="tests/live/compare"
	[wireshark]="tests/live/wireshark.py $build"
	[poverty]="tests/vm/poverty.sh $build"
	[vm]="tests/vm/matrix.sh"
	[vm-arm64]="tests/vm/matrix.sh 6.1-arm64/auto newest-arm64/auto"
	[autoload]=run_autoload
	[bench]="env MAX_ROUNDS=400 tests/bench/run.sh --check"
)
order="unit golden lint completion build types verifier live reasons unseen storm cli loss ignored context compare wireshark poverty vm vm-arm64 autoload package bench"

[ $# -gt 0 ] || set -- $order
for name; do
	if [ -z "${parts[$name]:-}" ]; then
		echo "check.sh: no part '$name'; there are: $order" >&2
		exit 2
	fi
	# shellcheck disable=SC2086
	part "$name" ${parts[$name]}
done
echo
grep ': again ' "$log/complaints" | tail -n 20
grep -v ': again ' "$log/complaints" | head -n 20
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
