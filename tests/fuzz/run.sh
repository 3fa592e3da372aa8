#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# run.sh SECONDS|fixed BUILD TARGET...: runs each fuzz target for so long, from seeds made of the recordings
# and records in tests/data and of the lists below. What it learnt stays in BUILD/fuzz/TARGET.corpus, and
# an input that broke something in BUILD/fuzz/TARGET-crash-*. With "fixed" each target takes the same
# inputs every time, for some seconds: a check that has passed does not fail tomorrow by another input.
# Ends with "N passed, N failed, N skipped".
set -u
cd "$(dirname "$0")/../.." || exit 1
seconds=$1 build=$2
shift 2
passed=0 failed=0
# A report and a page of a large file take long under sanitizers.
declare -A most=([report]=16384 [page]=16384 [recording]=32768 [pull]=4096 [options]=2048 [message]=4096)
# ... and how many inputs it takes with "fixed", the seeds included
declare -A runs=([pipeline]=400 [recording]=400 [report]=1000 [page]=250 [pull]=5000 [input]=4000 [host]=8000
	[options]=4000 [message]=1500)
declare -A dictionary=([report]=json [page]=json [pull]=json [recording]=json [options]=options [message]=message [host]=host)

# seeds TARGET DIRECTORY
seeds() {
	local f i=0
	mkdir -p "$2"
	case $1 in
	pipeline) for f in tests/data/*.rec; do tail -n +2 "$f" >"$2/$(basename "$f" .rec)"; done ;;
	recording) cp tests/data/wire2-*.rec tests/data/proxy-passes-on.rec "$2" ;;
	report | page) cp tests/data/*.json "$2" ;;
	pull) for f in tests/data/*.json; do head -n 1 "$f" >"$2/$(basename "$f")"; done ;;
	input)
		cp tests/data/wire2-closed-port.json "$2"
		gzip -c tests/data/wire2-closed-port.json >"$2/gz"
		zstd -q -c tests/data/wire2-closed-port.json >"$2/zst"
		;;
	*)
		while IFS= read -r f; do
			i=$((i + 1))
			printf '%b' "$f" >"$2/$i"
		done <"tests/fuzz/seeds/$1"
		;;
	esac
	# what broke something once
	cp tests/fuzz/found/"$1"-* "$2" 2>/dev/null
	[ "$1" != host ] || { printf 4; cat "$build/early_close"; } >"$2/elf"
}

for target in "$@"; do
	dir=$build/fuzz
	corpus=$dir/$target.corpus
	rm -rf "$dir/$target.seeds"
	seeds "$target" "$dir/$target.seeds"
	how=(-max_total_time="$seconds")
	if [ "$seconds" = fixed ]; then
		how=(-seed=1 -runs="${runs[$target]}")
		rm -rf "$corpus"
	fi
	mkdir -p "$corpus"
	words=()
	[ -z "${dictionary[$target]:-}" ] || words=("-dict=tests/fuzz/${dictionary[$target]}.dict")
	if out=$(ASAN_OPTIONS=detect_leaks=1 "$dir/$target" "${how[@]}" -print_final_stats=1 \
		-timeout=20 -rss_limit_mb=2048 -max_len="${most[$target]:-65536}" "${words[@]}" \
		-artifact_prefix="$dir/$target-" "$corpus" "$dir/$target.seeds" 2>&1 >/dev/null); then
		passed=$((passed + 1))
		echo "ok   fuzz $target: $(grep -oE 'cov: [0-9]+ ft: [0-9]+' <<<"$out" | tail -n 1)," \
			"$(awk '/number_of_executed_units/ { print $2 }' <<<"$out") inputs"
	else
		failed=$((failed + 1))
		echo "FAIL fuzz $target: the input is kept in $dir"
		tail -n 30 <<<"$out"
	fi
done
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
