#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# verifier.sh [--update] [KERNEL...] - have the verifiers of these kernels
# (default: 5.10 6.1 6.12 newest live) go through every program, and compare the
# instructions they count with tests/data/verifier.tsv:
#
# - a program that is refused fails; the verifier's log is in
#   BUILD/verifier/KERNEL/PROGRAM.log
# - one that has grown by more than a fifth fails, as does one that the table
#   does not have, and one of the table that is no longer loaded on the kernel
# - one that has shrunk by more than a fifth asks for --update, which writes the
#   rows of these kernels anew
#
# On each kernel it also tests a loader whose program is refused (refused.c), one
# whose runs are refused (spares.c), and following a command (tests/live/follow.c).
# The running kernel's rows are for its version; on another version the programs
# are loaded but not compared.
set -u
cd "$(dirname "$0")/../.." || exit 1
build=${BUILD:-build}
table=tests/data/verifier.tsv
out=$build/verifier
update=
[ "${1:-}" != --update ] || { update=1; shift; }
[ $# -gt 0 ] || set -- 5.10 6.1 6.12 newest live
for name; do
	case $name in
	5.10|6.1|6.12|newest|live) ;;
	*)	echo "usage: verifier.sh [--update] [5.10|6.1|6.12|newest|live]..." >&2; exit 2 ;;
	esac
done

# Leaves out the closing line, as every line is to begin with "ok". Also used by the guest's shell.
follow() {
	local said
	said=$("$1" "$2") || echo "FAIL follow: status $?"
	echo "$said" | sed '/ passed, /d'
}

# Leaves $out/KERNEL/{insns,refused,*.log}; exit status 77: no such kernel here.
run() {
	local dir=$out/$1
	rm -rf "$dir"
	mkdir -p "$dir"
	if [ "$1" = live ]; then
		[ "$(id -u)" -eq 0 ] || return 77
		"$build/insns" "$dir" >"$dir/insns"
		{ "$build/refused"; "$build/spares"; follow "$build/follow" "$build/rsttrace"; } >"$dir/refused" 2>&1
		return 0
	fi
	tests/vm/run.sh "$1" --out "$dir" --add "$build/static/insns" --add "$build/static/refused" \
		--add "$build/static/spares" --add "$build/static/follow" --add "$build/static/rsttrace" \
		--exec "$(declare -f follow)
			insns /out >/out/insns
			{ refused; spares; follow /bin/follow /bin/rsttrace; } >/out/refused 2>&1"
}

# Compares the programs of a kernel's run with its rows of the table.
compare() {
	awk -F '\t' -v kernel="$2" -v measured="$1/insns" -v logs="$1" '
	function fail(program, why) {
		printf "FAIL verifier-%s-%s: %s\n", kernel, program, why
		failed++
	}
	FILENAME != measured { if ($2 == kernel) { old[$1] = $3; rows++ } ; next }
	{
		seen[$1] = 1
		if ($2 !~ /^[0-9]+$/)
			fail($1, $2 ", see " logs "/" $1 ".log")
		else if (!rows)
			passed++
		else if (!($1 in old))
			fail($1, "not in the table: --update")
		else if ($2 * 5 > old[$1] * 6)
			fail($1, old[$1] " instructions have become " $2)
		else {
			passed++
			if ($2 * 5 < old[$1] * 4)
				printf "note: %s on %s: %d instructions are now %d: --update\n",
				       $1, kernel, old[$1], $2
			n = $2 > n ? $2 : n
		}
	}
	END {
		for (p in old)
			if (!(p in seen))
				fail(p, "in the table, but the kernel was not given it")
		if (!rows)
			print "note: no rows for " kernel " in the table"
		if (!passed)
			fail("programs", "none was loaded")
		printf "verifier-%s: %d passed, %d failed (at most %d instructions)\n",
		       kernel, passed, failed, n
	}' "$table" "$1/insns"
}

write_rows() {
	awk -F '\t' -v OFS='\t' -v kernel="$2" '$2 ~ /^[0-9]+$/ { print $1, kernel, $2 }' "$1/insns"
}

# The table without the rows of this kernel, and with those of its run.
replace_rows() {
	{
		awk -F '\t' -v kernel="$2" '!/^program\t/ && $2 != kernel' "$table"
		write_rows "$1" "$2"
	} | LC_ALL=C sort >"$out/rows"
	{ printf 'program\tkernel\tinsns\n'; cat "$out/rows"; } >"$table"
}

make -s BUILD="$build" "$build/insns" "$build/refused" "$build/spares" "$build/follow" static || exit 1
mkdir -p "$out"
touch "$table"
running=0
for name; do
	{ run "$name" >"$out/$name.out" 2>&1; echo $? >"$out/$name.status"; } &
	# two guests at a time
	running=$((running + 1))
	[ $((running % 2)) -ne 0 ] || wait
done
wait
passed=0 failed=0 skipped=0
for name; do
	status=$(cat "$out/$name.status")
	row=$name
	[ "$name" != live ] || row=$(uname -r | grep -oE '^[0-9]+\.[0-9]+')
	if [ "$status" -eq 77 ]; then
		echo "skip verifier-$row (no such kernel here, or not root)"
		skipped=$((skipped + 1))
		continue
	elif [ "$status" -ne 0 ]; then
		cat "$out/$name.out"
		echo "FAIL verifier-$row: status $status"
		failed=$((failed + 1))
		continue
	fi
	[ -z "$update" ] || replace_rows "$out/$name" "$row"
	compare "$out/$name" "$row" | tee "$out/$name/result"
	cat "$out/$name/refused"
	read -r p f < <(sed -nE 's/^verifier-.*: ([0-9]+) passed, ([0-9]+) failed.*/\1 \2/p' "$out/$name/result")
	passed=$((passed + p + $(grep -c '^ok ' "$out/$name/refused")))
	failed=$((failed + f + $(grep -vc '^ok ' "$out/$name/refused")))
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
