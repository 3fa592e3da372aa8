#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# whole.sh - the loads of the benchmark beside nothing, empty programs and rsttrace, in
# instructions: all that the load's processes run, in the kernel and outside, with what interrupts
# them. It is measured in a guest whose clock counts instructions (the newest kernel, one processor,
# --skip-idle: four nanoseconds each), so a busy machine changes nothing. An instruction is not a
# time: what waits for memory costs more.
#
# The empty programs are on the tracepoints that rsttrace takes with --hooks tracepoint, so the
# two are compared with one another. Storms are played with --rate 1, too: hardly one reset of them
# is recorded then, and the rest is counted only.
set -eu
cd "$(dirname "$0")/../.."
build=${BUILD:-build}
out=$build/whole
NS_PER_INSN=4

make -s BUILD="$build" static
make -s STATIC=1 BUILD="$build/static" "$build/static/bench/pingpong" "$build/static/bench/empty"
rm -rf "$out"
mkdir -p "$out"
# shellcheck disable=SC2016	# the guest's shell
inside='
	play() {
		for load in rtt conn refused refused6 aborted aborted6 udp syn; do
			steps=$(pingpong $load 0 0.1) || exit 1
			echo "$1 $load $steps"
		done
	}
	# What the kernel frees after so many programs have been loaded is not to count.
	beside() {
		name=$1
		shift
		"$@" >/dev/null 2>/tmp/said &
		pid=$!
		while ! grep -q ready /tmp/said; do
			kill -0 $pid || exit 1
			usleep 50000
		done
		sleep 4
		play "$name"
		kill -INT $pid
		wait $pid || :
		sleep 3
	}
	play nothing
	beside empty empty /bin/empty.bpf.o
	beside tracepoints rsttrace --hooks tracepoint
	beside counted rsttrace --hooks tracepoint --rate 1
	beside auto rsttrace'
status=0
tests/vm/run.sh newest --skip-idle --append nr_cpus=1 --add "$build/static/rsttrace" \
	--add "$build/static/bench/pingpong" --add "$build/static/bench/empty" \
	--add "$build/static/bench/empty.bpf.o" --exec "$inside" >"$out/said" 2>"$out/guest" || status=$?
if [ "$status" -eq 77 ]; then
	echo "SKIP whole: $(tail -n 1 "$out/guest")"
	exit
elif [ "$status" -ne 0 ]; then
	cat "$out/said" "$out/guest" >&2
	exit "$status"
fi

# The second figure is steps a second of the load's own CPU time.
awk -v each="$NS_PER_INSN" '
function kept(load, beside, of) { return rate[load, beside] / rate[load, of] }
NF == 4 { rate[$2, $1] = $4; if ($1 == "nothing") loads[++n] = $2 }
END {
	print "what is kept of the rate beside nothing (empty, by tracepoints, counted only, by auto) and of"
	print "that beside empty programs (by tracepoints, counted only); by instructions"
	printf "%-9s %12s %7s %7s %7s %7s   %7s %7s\n", "load", "a step", "empty", "tracep.", "counted", "auto",
		"tracep.", "counted"
	for (i = 1; i <= n; i++) {
		l = loads[i]
		printf "%-9s %12d %7.3f %7.3f %7.3f %7.3f   %7.3f %7.3f\n", l, 1e9 / each / rate[l, "nothing"],
			kept(l, "empty", "nothing"), kept(l, "tracepoints", "nothing"),
			kept(l, "counted", "nothing"), kept(l, "auto", "nothing"),
			kept(l, "tracepoints", "empty"), kept(l, "counted", "empty")
	}
	exit !n
}' "$out/said"
