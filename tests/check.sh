#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Runs the parts of the test suite and adds their figures up.
#
#   check.sh [--all] [PART...]     default: all parts; --list names them
#
# A part ends with a line "N passed, N failed, N skipped"; one that does not,
# or that exits with another status than its figures say, counts as failed.
# One that waits for programs and pages on a busy machine is run once more when
# all is over, and has failed if it fails again; the parts that judge what
# rsttrace tells decide themselves what may be played again.
# With --all the guests leave nothing out, whatever else plays it; who runs all
# parts so has the date written to tests/last-check-all.
set -u
build=${BUILD:-build}
cd "$(dirname "$0")/.." || exit 1
log=$(mktemp -d)
mkdir "$log/played" "$log/figures" || exit 1
trap 'rm -rf "$log"' EXIT

closing='^([a-z-]+: )?[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?$'

# Keeps what a part complained of, to be shown once more at the end: a log that is cut at the front
# still has it there. That is what failed, and what failed once and then passed.
complaints() {
	grep -E '^([^ ]+: )?(FAIL|again|unplayed) |\[  FAILED  \]' "$1" | sed "s|^|$2: |" >>"$log/complaints"
	[ "$3" -eq 0 ] || grep -q "^$2: .*FAIL" "$log/complaints" ||
		echo "$2: $3 failed, said above" >>"$log/complaints"
}

# judge STATUS OUTPUT NAME: keeps the figures of a part's closing line.
judge() {
	local line p=0 f=0 s=0
	line=$(grep -E "$closing" "$2" | tail -n 1)
	if [ -z "$line" ]; then
		f=1
		echo "FAIL $3: ended with status $1 and no figures" | tee -a "$log/complaints"
	else
		read -r p _ f _ s _ <<<"$(tr -d , <<<"${line#*: }")"
		complaints "$2" "$3" "$f"
	fi
	if [ -n "$line" ] && [ "$1" -ne 0 ] && [ "$f" -eq 0 ]; then
		f=1
		echo "FAIL $3: ended with status $1" | tee -a "$log/complaints"
	fi
	echo "$p $f ${s:-0}" >"$log/figures/$3"
}

# Whether the part failed, and may be run once more.
may_again() {
	local p f s
	[[ " $twice " == *" $1 "* ]] || return
	read -r p f s <"$log/figures/$1" 2>/dev/null && [ "$f" -gt 0 ]
}

# What it complained of the first time is shown, and does not count.
forgive() {
	sed -i "/^$1: /s/FAIL /again /; s/^FAIL $1: /$1: again /
		s/^$1: \([0-9]* failed, said above\)/$1: again \1/" "$log/complaints"
}

# How long a part took, and the CPU time of it and of all that it ran. "times" tells that of the shell
# it is called in, which is the part's own.
took() {
	times >"$log/times.$1"
	awk -v name="$1" -v wall="$2" -F '[ms ]+' 'NR == 2 {
		printf "-- %s: %d s, %d s of CPU\n", name, wall, 60 * ($1 + $3) + $2 + $4 }' "$log/times.$1"
}

# part NAME COMMAND...: to be called in a shell of its own, so that its CPU time can be told.
part() {
	local name=$1 start=$SECONDS
	shift
	echo "== $name"
	"$@" 2>&1 | tee "$log/$name"
	judge "${PIPESTATUS[0]}" "$log/$name" "$name"
	took "$name" $((SECONDS - start))
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

# Judges what the part "live" recorded; if that did not run, the scenarios are played for this.
run_reasons() {
	local played=()
	[ ! -e "$log/played/live.rec" ] || played=("$log/played")
	tests/reasons "${played[@]}"
}

# Leaves events out of the recordings with known answers, and of what the scenarios recorded: less
# may be told then, nothing else.
run_weaken() {
	if [ ! -e "$log/played/live.rec" ]; then
		"$build/scenarios" --rsttrace "$build/rsttrace" --record "$log/played/live.rec" >/dev/null
	fi
	set -- tests/data/*.rec
	[ ! -e "$log/played/live.rec" ] || set -- "$@" "$log/played/live.rec"
	"$build/weaken" tests/weaken/wider "$@"
}

# The modules of REJECT rules load when a rule asks for them, while the tracer runs already; then
# they are unloaded and load again. Skipped where there is no QEMU or no kernel for it.
run_autoload() {
	BUILD=$build/static tests/vm/run.sh 6.1 --add tests/scenarios/skip --autoload -- \
		--skip-file /bin/skip --kernel 6.1 --timeout 60 --jobs 1 \
		reject-input reject-input-v6 'reject-input-[xr]*'
	local status=$?
	[ "$status" -eq 77 ] || return "$status"
	echo "0 passed, 0 failed, 1 skipped"
}

all=
if [ "${1:-}" = --all ]; then
	all=1
	shift
fi

# NAME WHERE COMMAND, in the order they are played. WHERE: "here" on this machine, one after
# another, some of them in one guest at a time; "guests" beside those, of less priority, several
# guests at a time; "quiet" when all is over. Both lanes take about as long.
table="
	unit		here	run_unit
	golden		here	tests/golden.sh
	lint		here	tests/lint.sh
	completion	here	tests/completion.sh
	faults		here	tests/faults/run.sh $build
	soak		here	tests/soak/soak.py $build 45
	hostile		here	tests/hostile/run.sh $build
	fuzz		here	env -u MAKEFLAGS -u MAKELEVEL make -s -j2 BUILD=$build SECONDS=fixed fuzz
	replay		here	tests/bench/replay.py --check
	live		here	$build/scenarios --rsttrace $build/rsttrace --record $log/played/live.rec
	reasons		here	run_reasons
	weaken		here	run_weaken
	storm		here	$build/scenarios --rsttrace $build/rsttrace --storm 2000
	cli		here	tests/live/cli.sh $build
	loss		here	tests/live/loss.py $build
	owners		here	tests/live/owners.py $build
	sampled		here	tests/live/sampled.py $build
	filtered	here	tests/live/filtered.py $build ${all:+5.10 6.1 newest}
	ignored		here	tests/live/ignored.py $build
	cancelled	here	tests/live/cancelled.py $build
	context		here	tests/live/context.sh $build
	metrics		here	tests/live/metrics.py $build
	service		here	tests/live/service.py $build
	container	here	tests/live/container.sh $build
	compare		here	tests/live/compare
	top		here	tests/live/top.py $build
	wireshark	here	tests/live/wireshark.py $build
	stacks		here	tests/live/stacks.py $build
	verdicts	here	tests/live/verdicts.py $build
	page		here	tests/page/page.py $build
	fleet		here	tests/fleet/fleet.sh $build --short
	units		here	tests/units.py $build
	build		here	tests/build.sh
	package		here	tests/package.sh
	vm		guests	tests/vm/matrix.sh ${all:+--all}
	vm-arm64	guests	tests/vm/matrix.sh ${all:+--all} 6.1-arm64/auto newest-arm64/auto
	poverty		here	tests/vm/poverty.sh $build
	verifier	here	tests/verifier/verifier.sh
	types		here	tests/btf/types.sh
	autoload	here	run_autoload
	cost		here	tests/bench/counts.sh
	bench		quiet	env READY_MS=250 tests/bench/run.sh --check
"

# These wait for other programs, and claim nothing of what rsttrace tells beyond what they ask.
twice="cli cancelled faults soak context metrics service container top wireshark stacks verdicts page fleet build package poverty bench"

# lane WHERE: runs the parts of a lane one after another and shows each in one piece at its end.
lane() {
	local name where command
	while read -r name where command; do
		[ "$where" = "$1" ] || continue
		[[ " $wanted " == *" $name "* ]] || continue
		# shellcheck disable=SC2086
		(part "$name" $command) >"$log/shown.$where" 2>&1 </dev/null
		flock "$log/figures" cat "$log/shown.$where"
	done <<<"$table"
}

known=$(awk '{ print $1 }' <<<"$table" | xargs)
if [ "${1:-}" = --list ]; then
	echo "$known"
	exit
fi
wanted=${*:-$known}
for name in $wanted; do
	if [[ " $known " != *" $name "* ]]; then
		echo "check.sh: no part '$name'; there are: $known" >&2
		exit 2
	fi
done

# Each lane is a process group, so that all it has begun can be ended with this script at any time.
lanes=()
end_lanes() {
	local pid
	for pid in "${lanes[@]}"; do
		kill -- "-$pid" 2>/dev/null
	done
	wait
}
trap 'end_lanes; rm -rf "$log"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# begin WHERE NICE: its lane in the background; a wait can be interrupted, a command cannot.
begin() {
	set -m
	(renice -n "$2" "$BASHPID" >/dev/null; lane "$1") &
	lanes+=($!)
	set +m
}

finish() {
	wait
	lanes=()
}

if [ "$wanted" = "${wanted%% *}" ]; then
	read -r name where command < <(awk -v name="$wanted" '$1 == name' <<<"$table")
	# shellcheck disable=SC2086
	(part "$name" $command)
else
	begin guests 10
	begin here 0
	finish
	begin quiet 0
	finish
	for name in $wanted; do
		may_again "$name" || continue
		forgive "$name"
		read -r _ _ command < <(awk -v name="$name" '$1 == name' <<<"$table")
		# shellcheck disable=SC2086
		(part "$name" $command) </dev/null
	done
fi
echo
grep -E ': (again|unplayed) ' "$log/complaints" 2>/dev/null | tail -n 20
grep -vE ': (again|unplayed) ' "$log/complaints" 2>/dev/null | head -n 20
read -r passed failed skipped < <(cat "$log"/figures/* | awk '{
	p += $1; f += $2; s += $3 } END { print p + 0, f + 0, s + 0 }')
sum="$passed passed, $failed failed, $skipped skipped"
if [ -n "$all" ] && [ "$wanted" = "$known" ]; then
	echo "$(date +%Y-%m-%d), $(git rev-parse --short HEAD 2>/dev/null): $sum, $SECONDS s" >tests/last-check-all
fi
[ "$wanted" != "$known" ] || echo "everything in full, make check-all: $(cat tests/last-check-all 2>/dev/null || echo never)"
echo "-- all: $SECONDS s"
echo "$sum"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
