#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# matrix.sh [--all] [--docs] [KERNEL[/HOOKS]...] [-- SCENARIO...] - the suite on every kernel, by
# every ladder (default: 5.10 6.1 6.12 newest, each by auto, fentry, tracepoint and kprobe, and a
# selection on newest-rt by auto), several guests at a time. Then compare.py holds the incidents of a
# kernel's ladders against each other, field by field.
#
# By auto all is played and judged in the guest. The other ladders follow, with what choose.py
# finds in auto's recording that can differ by them; these guests only play and record, and are
# judged here. With --all every ladder plays everything, and so do 6.1-rt, 6.12-rt and newest-rt by
# auto; 5.10-rt, which rsttrace refuses, is in poverty.sh. On arm64 what only repeats another scenario
# over IPv6 is played with --all. What failed, and may have by chance, is
# played again alone in a fresh guest, and has failed if it fails again.
#
# Leaves BUILD/matrix/KERNEL/HOOKS/{check-*,rec,results,verdicts,told,again/}: what rsttrace said
# of its probes, the recording, what came of each scenario, the suite's own words, and the
# incidents. What is there from earlier runs is compared along.
# --docs writes docs/coverage.md from it. A ladder that a kernel does not have is named so.
# Kernels of arm64 (6.1-arm64) get what "make arm64" built, where it can be had.
set -u
cd "$(dirname "$0")/../.." || exit 1
build=${BUILD:-build}
out=$build/matrix
docs='' all=''
while :; do
	case ${1:-} in
	--docs)	docs=1 ;;
	--all)	all=1 ;;
	*)	break ;;
	esac
	shift
done
rt=newest-rt/auto
[ -z "$all" ] || rt='6.1-rt/auto 6.12-rt/auto newest-rt/auto'
# shellcheck disable=SC2086
case ${1:-} in
''|--)	set -- 5.10 6.1 6.12 newest $rt "$@" ;;
esac
# What PREEMPT_RT does in threads of its own, softirqs and timers, and some of the calls that fail.
rt_some='closed-port* close-with-unread listener-closed data-after-close keepalive user-timeout'
rt_some+=' call-recv call-send call-writev call-sendfile call-splice-in reject-input'
# How many seconds a guest may take; 481 were seen on a busy machine. A guest that takes longer
# stands still, as emulated ones may, and is begun anew once.
limit=${MATRIX_TIMEOUT:-1500}
again=
# A guest that gets no processor for a while delivers a RST late: 559 ms were seen on loopback. Who
# does not wait for the verdict loses no time by a long settle time.
settle=2000

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

# What "rsttrace check" said of the ladder HOOKS, if auto's guest has asked it in this very matrix:
# to ask again takes an emulated 5.10 half a minute.
asked()
{
	local check=$out/${1%/*}/auto/check-${1#*/}

	case " ${runs[*]} " in
	*" ${1%/*}/auto "*)	[ ! -s "$check" ] || echo "$check" ;;
	esac
}

# guest RUN DIR EXEC ARGS of scenarios...: runs EXEC and then the scenarios in a guest. If that gives
# no status within its time, all is done once more in a fresh guest.
guest()
{
	local status

	guest_once "$@"
	status=$?
	[ "$status" -eq 124 ] || return "$status"
	echo "again vm-$1: no status in $limit s: begun anew in a fresh guest"
	guest_once "$@"
}

guest_once()
{
	local kernel=${1%/*} hooks=${1#*/} dir=$2 first=$3 bin=$build/static jobs='' clock=''
	local check probes=/out/check-$hooks

	case $kernel in
	*-arm64) bin=$build/arm64 ;;
	esac
	# A kretprobe of 5.10 follows as many calls at a time as there are CPUs (register_kretprobe()).
	# A 7.2 does not run a program that it has preempted: with many at a time events are missing,
	# and what lies near a gap claims less; so it was on a 6.18. So its scenarios are played one at a time, which costs
	# little where the clock skips what is idle; one ladder is played on it in real time.
	# What is played again there is not to be lost once more: it has the clock of the others.
	case $1$again in
	newest/tracepoint|5.10/kprobe*)	jobs='--jobs 1' ;;
	6.18/*|newest/*|newest-rt/*)	jobs='--jobs 1' clock=--skip-idle ;;
	esac
	check=$(asked "$1")
	if [ -n "$check" ]; then
		probes=/bin/check-$hooks
	elif [ -z "$first" ]; then
		first="rsttrace --hooks $hooks check --json >$probes || exit"
	fi
	shift 3
	# shellcheck disable=SC2086
	tests/vm/run.sh "$kernel" $clock --timeout "$limit" --out "$dir" --add "$bin/rsttrace" \
		--add "$bin/scenarios" --add tests/scenarios/skip ${check:+--add "$check"} --exec "
		$first
		scenarios --once -v --rsttrace /bin/rsttrace --hooks $hooks --probes $probes \
			--skip-file /bin/skip --kernel $kernel --timeout 60 --record /out/rec $jobs $* \
			2>/out/told >/out/verdicts
	"
}

# Judges on this machine what the guest kept in DIR; that needs no privileges.
judge()
{
	"$build/static/scenarios" -v --rsttrace "$build/static/rsttrace" --settle "$settle" --timeout 60 \
		--judge "$1/scenes" --replay "$1/rec" --results "$1/results" \
		2>"$1/told" >"$1/verdicts"
}

# All scenarios of arm64 but those that only repeat another over IPv6, which reaches no code of the
# architecture's own. The scenarios built for it lack the calls of x86's 32-bit ABI.
without_twins()
{
	"$build/static/scenarios" --list | awk '
	$1 !~ /-32$/ { names[++n] = $1; known[$1] }
	END {
		for (i = 1; i <= n; i++) {
			base = names[i]
			sub(/-(v6|mapped.*)$/, "", base)
			if (base == names[i] || !(base in known))
				print names[i]
		}
	}'
}

play_auto()
{
	local first='' run

	# what the other ladders of this kernel would use, for choose.py
	for run in "${runs[@]}"; do
		[ "${run%/*}" != "${1%/*}" ] ||
			first+="rsttrace --hooks ${run#*/} check --json >/out/check-${run#*/}; "
	done
	case $1 in
	*-rt/*)	[ -n "$all$some" ] || some=$rt_some ;;
	*-arm64/*)	[ -n "$all$some" ] || some=$(without_twins | xargs) ;;
	esac
	guest "$1" "$out/$1" "$first" --settle 1000 --results /out/results "$some"
}

# Exit status 3: the kernel has no such ladder.
play_ladder()
{
	local dir=$out/$1 chosen=$some

	if [ -z "$all$some" ]; then
		chosen=$(tests/vm/choose.py "$out" "${1%/*}" "${1#*/}") || return
		chosen=${chosen//$'\n'/ }
		[ -n "$chosen" ] || return 3
		[ "$chosen" != all ] || chosen=
	fi
	guest "$1" "$dir" '' --settle "$settle" --keep /out/scenes "$chosen" && judge "$dir"
}

play()
{
	mkdir -p "$out/$1"
	case $1 in
	*-arm64/*)	[ -n "$crossed" ] || return 77 ;;
	esac
	case $1 in
	*/auto)	play_auto "$1" ;;
	*)	play_ladder "$1" ;;
	esac
}

play_again()
{
	local run=$1 dir=$out/$1/again limit again=/again

	shift
	limit=$((180 + 30 * $(wc -w <<<"$*")))	# on a busy machine, 110 s for five were seen
	mkdir -p "$dir"
	guest "$run" "$dir" '' --jobs 1 --settle "$settle" --keep /out/scenes "$*" && judge "$dir"
}

# report RUN DIR COMMAND...: runs it, keeps its words and its status in DIR.
report()
{
	local run=$1 dir=$2 status

	shift 2
	rm -rf "$dir"
	mkdir -p "${dir%/*}"
	"$@" >"$build/matrix.$$.${run//\//-}" 2>&1
	status=$?
	mkdir -p "$dir"
	mv "$build/matrix.$$.${run//\//-}" "$dir/guest"
	echo "$status" >"$dir/status"
	grep '^again ' "$dir/guest" >&2
	echo "${dir#"$out/"}: status $status, $(tail -n 1 "$dir/verdicts" 2>/dev/null || echo 'no verdicts')" \
		"$(sed -n 's/^vm [^,]*, \(.*\) (.*/(\1)/p' "$dir/guest")" >&2
}

# One guest for each processor, and one more for when others wait; each has a GiB of memory. More at
# a time take as long together, and what a scenario waits for comes later in each.
at_a_time=$(awk -v most="$(($(nproc) + 1))" '$1 == "MemAvailable:" {
	n = int($2 / 1048576); print n < 1 ? 1 : n < most ? n : most }' /proc/meminfo)
running=0

# beside COMMAND...: runs it in the background, once there is room.
beside()
{
	[ "$running" -lt "$at_a_time" ] || { wait -n; running=$((running - 1)); }
	"$@" &
	running=$((running + 1))
}

finish()
{
	wait
	running=0
}

# Whether it may begin: a ladder wants to know what its kernel's auto has recorded.
is_due()
{
	local auto=${1%/*}/auto

	[ "$1" = "$auto" ] || [[ " ${runs[*]} " != *" $auto "* ]] || [ -e "$out/$auto/status" ]
}

# Plays what LEFT names, in that order as far as it is due.
play_all()
{
	local i

	while [ ${#left[@]} -gt 0 ]; do
		for i in "${!left[@]}"; do
			is_due "${left[i]}" || continue
			beside report "${left[i]}" "$out/${left[i]}" play "${left[i]}"
			unset "left[i]"
			continue 2
		done
		wait -n
		running=$((running - 1))
	done
	finish
}

# Builds for arm64. Where the compiler or its libraries cannot be had, kernels of arm64 are skipped.
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
mkdir -p "$out"

# What takes longest begins first: each kernel's auto, the oldest before the others.
left=()
for hooks in auto kprobe tracepoint fentry; do
	for run in "${runs[@]}"; do
		[ "${run#*/}" != "$hooks" ] || left+=("$run")
	done
done
for run in "${runs[@]}"; do
	rm -f "$out/$run/status"
done
play_all
while read -r run names; do
	beside report "$run" "$out/$run/again" play_again "$run" "$names"
done < <(tests/vm/compare.py --again "$out" "${runs[@]}")
finish
tests/vm/compare.py ${docs:+--docs docs/coverage.md} "$out" "${runs[@]}"
