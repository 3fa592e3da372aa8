#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Replays the recordings in tests/data and compares the output of rsttrace with the golden files:
# NAME.rec gives NAME.json and NAME.txt (the text with -v, then what goes to stderr). These were
# found to be true when they were adopted. NAME.args has further options. Needs neither privileges
# nor a kernel; as root it becomes nobody.
#
#   golden.sh              compare; ends with "N passed, N failed, N skipped"
#   golden.sh --update     write the golden files anew: read the difference before you keep it
#
# SAN=1 builds and runs rsttrace with the sanitizers.
set -u
cd "$(dirname "$0")/.." || exit 1
build=${BUILD:-build}
data=tests/data
update=
case ${1:-} in
--update) update=1 ;;
"") ;;
*)
	echo "usage: golden.sh [--update]" >&2
	exit 2
	;;
esac
passed=0 failed=0 skipped=0
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

if [ -n "${SAN:-}" ]; then
	make -s SAN=1 BUILD="$build/san" all || exit 1
	build=$build/san
fi
[ -x "$build/rsttrace" ] || {
	echo "golden.sh: $build/rsttrace is not there: run make" >&2
	exit 1
}

# What an ordinary user has to run and read is copied to where that user may, wherever this tree is.
chmod 755 "$work"
cp "$build/rsttrace" "$data"/*.rec "$work" || exit 1
chmod 755 "$work/rsttrace"
chmod 644 "$work"/*.rec
as_user=()
if [ "$(id -u)" -eq 0 ]; then
	as_user=(setpriv --reuid 65534 --regid 65534 --clear-groups)
fi

# replay NAME OPTION...: writes stdout to the file out, stderr to err; returns the exit status
replay() {
	local name=$1
	shift
	TZ=UTC0 UBSAN_OPTIONS=halt_on_error=1 timeout 60 "${as_user[@]}" \
		"$work/rsttrace" --replay "$work/$name.rec" "$@" >"$work/out" 2>"$work/err"
}

result() {
	if [ "$1" -eq 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL golden $2"
	fi
}

# compare NAME SUFFIX STATUS: compares the file out with the golden file
compare() {
	local golden=$data/$1.$2 bad=0
	if [ "$3" -ne 0 ]; then
		echo "$1.$2: exit status $3"
		cat "$work/err"
		bad=1
	elif [ -n "$update" ]; then
		cp "$work/out" "$golden" || bad=1
	else
		diff -u --label "$golden" --label "now" "$golden" "$work/out" || bad=1
	fi
	result "$bad" "$1.$2"
}

golden() {
	local name=$1 status options=()
	[ -e "$data/$name.args" ] && read -ra options <"$data/$name.args"
	replay "$name" --json -q "${options[@]}"
	status=$?
	[ "$status" -ne 0 ] || [ ! -s "$work/err" ] || status=1	# -q: nothing at all may be printed
	compare "$name" json "$status"
	replay "$name" -v "${options[@]}"
	status=$?
	cat "$work/err" >>"$work/out"
	compare "$name" txt "$status"
}

# report NAME: compares what `report` makes of the files there, with the options in
# tests/data/report/NAME.args, with NAME.txt: stdout, stderr and status
report() {
	local golden=$data/report/$1.txt options bad=0
	read -ra options <"$data/report/$1.args"
	(cd "$data/report" && TZ=UTC0 UBSAN_OPTIONS=halt_on_error=1 timeout 60 "${as_user[@]}" \
		"$work/rsttrace" report "${options[@]}") >"$work/out" 2>"$work/err"
	echo "exit status $?" >>"$work/err"
	cat "$work/err" >>"$work/out"
	if [ -n "$update" ]; then
		cp "$work/out" "$golden" || bad=1
	else
		diff -u --label "$golden" --label "now" "$golden" "$work/out" || bad=1
	fi
	result "$bad" "report $1"
}

# top NAME: what top prints of tests/data/top/mixture.rec with the options in tests/data/top/NAME.args, against NAME.txt
top() {
	local golden=$data/top/$1.txt options bad=0
	read -ra options <"$data/top/$1.args"
	(cd "$data/top" && TZ=UTC0 LC_ALL=C COLUMNS=$2 UBSAN_OPTIONS=halt_on_error=1 timeout 60 "${as_user[@]}" \
		"$work/rsttrace" top "${options[@]}" --replay mixture.rec) >"$work/out" 2>"$work/err" || bad=1
	cat "$work/err" >>"$work/out"
	if [ -n "$update" ]; then
		cp "$work/out" "$golden" || bad=1
	else
		diff -u --label "$golden" --label "now" "$golden" "$work/out" || bad=1
	fi
	result "$bad" "top $1"
}

# A recording that is cut inside its last event gives the other events, and says that it was cut.
torn() {
	local bad=0
	head -c -20 "$work/$1.rec" >"$work/torn.rec"
	replay "$1" --events -q
	sed '/ destroy /,$d' "$work/out" >"$work/whole"
	replay torn --events -q && bad=1
	grep -q 'torn.rec: the recording breaks off' "$work/err" || bad=1
	sed -n "1,$(wc -l <"$work/whole")p" "$work/out" | cmp -s - "$work/whole" || bad=1
	[ -s "$work/whole" ] || bad=1
	result "$bad" "torn $1"
}

# outcome NAME WORD INCIDENTS SUPPRESSED: checks how many records have that outcome, by the end line
outcome() {
	replay "$1" --json --outcome "$2" --settle 100
	grep -qE "\"incidents\":$3,.*\"suppressed\":$4," "$work/out"
	result $? "$1 --outcome $2"
}

found=0
for rec in "$data"/*.rec; do
	[ -e "$rec" ] || continue
	found=$((found + 1))
	golden "$(basename "$rec" .rec)"
done
if [ "$found" -eq 0 ]; then
	echo "FAIL golden: no recordings in $data"
	failed=1
fi
for args in "$data"/report/*.args; do
	report "$(basename "$args" .args)"
done
top pair 80
top process 160
top cause 120
top port 80
top batch 100
for golden in "$data"/*.json "$data"/*.txt "$data"/*.args; do
	[ ! -e "$golden" ] || [ -e "${golden%.*}.rec" ] || result 1 "${golden##*/}: without a recording"
done
[ ! -e "$data/close-with-unread.rec" ] || torn close-with-unread
# hidden while it is pending, then shown and counted when the error comes; and the reverse
outcome late-error error 1 0
outcome late-error pending 1 0
outcome late-error eof,none 0 1

# For each cause there is a recording whose golden file has it.
told=$(grep -ho '"cause":"[^"]*"' "$data"/*.json)
causes=$(sed -n 's/.*{ \.cause = "\([^"]*\)".*/\1/p' user/cause/rules.c)
for cause in ${causes:-none}; do
	grep -qxF "\"cause\":\"$cause\"" <<<"$told"
	result $? "$cause: no recording in $data has this cause"
done

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
