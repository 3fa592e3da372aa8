#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# How rsttrace behaves towards its caller: exit status, and one clear line when
# something is wrong.
#
#   cli.sh [DIRECTORY WITH rsttrace [CHECK...]]
#
# The checks are in cli/, by concern; each file there adds its own to "all".
#
# Runs in a network namespace of its own, so that PORT is closed and stays so.

set -u
build=$(realpath "${1:-build}")
checks=$(realpath "${0%.sh}")
readonly PORT=64999	# beyond the range that connect() picks from
readonly PATIENCE=1000	# times 10 ms

if [ "$(id -u)" -ne 0 ]; then
	echo "SKIP cli: needs root"
	echo "0 passed, 0 failed, 1 skipped"
	exit 0
fi
if [ -z "${RSTTRACE_CLI_INSIDE:-}" ]; then
	RSTTRACE_CLI_INSIDE=1 exec unshare --net "$0" "$build" "${@:2}"
fi
ip link set lo up || exit 1

scratch=$(mktemp -d)
mkfifo "$scratch/never"	# nobody ever writes to it
chmod 755 "$scratch"
cp "$build/rsttrace" "$scratch/rsttrace"	# where an unprivileged user reaches it
binary=$scratch/rsttrace
out=$scratch/out
err=$scratch/err
pid=
passed=0
failed=0

trap 'test -z "$pid" || kill -9 "$pid" 2>/dev/null; rm -rf "$scratch"' EXIT

# --- what the checks are made of ---

cause_reset() {
	(exec 3<>"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null
}

# Waits until a command succeeds.
await() {
	local i
	for ((i = 0; i < PATIENCE; i++)); do
		"$@" && return
		sleep 0.01
	done
	return 1
}

ended() {
	! kill -0 "$pid" 2>/dev/null
}

# Runs in the foreground; leaves status, $out and $err.
run() {
	timeout 20 "$@" >"$out" 2>"$err" </dev/null
	status=$?
}

# Runs rsttrace in the background, its stdout going to the file named first,
# and waits until it is ready.
start_onto() {
	local target=$1
	shift
	: >"$out" 2>"$err"	# not the ready line of the check before
	"$binary" "$@" >"$target" 2>"$err" </dev/null &
	pid=$!
	await grep -q '^rsttrace: ready' "$err"
}

start() {
	start_onto "$out" "$@"
}

# Waits for what was started; leaves status (124: it did not end).
finish() {
	status=124
	if await ended; then
		wait "$pid"
		status=$?
	else
		kill -9 "$pid"
		wait "$pid" 2>/dev/null
	fi
	pid=
}

# What stderr has beside the ready line, the lines on what this kernel lacks, and the summary.
complaints() {
	grep -E '^rsttrace: ' "$err" | grep -vE '^rsttrace: (ready$|[0-9]+ of [0-9]+ probes )'
}

# A check is a function that fails with a reason in $why.
check() {
	local name=$1
	why=
	status=
	if "$name"; then
		passed=$((passed + 1))
		echo "ok   cli-${name//_/-}"
	else
		failed=$((failed + 1))
		echo "FAIL cli-${name//_/-}: ${why:-see below} (exit status ${status:-none})"
		sed 's/^/       out: /' "$out" | head -5
		sed 's/^/       err: /' "$err" | head -10
	fi
}

status_is() {
	why="expected exit status $1"
	[ "$status" = "$1" ]
}

one_line_on_stderr() {
	why="expected one line on stderr"
	[ "$(wc -l <"$err")" -eq 1 ]
}

one_complaint() {
	why="expected one complaint, with \"$1\" in it"
	[ "$(complaints | wc -l)" -eq 1 ] && complaints | grep -q -- "$1"
}

no_complaint() {
	why="expected no complaint"
	[ -z "$(complaints)" ]
}

out_is_empty() {
	why="expected nothing on stdout"
	[ ! -s "$out" ]
}

incidents_in() {
	grep -c '"kind"' "$1"
}

# shellcheck disable=SC2034	# the checks use it
as_nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)

all=()
for file in usage text end command output recording kernel; do
	# shellcheck source=/dev/null
	. "$checks/$file.sh"
done
shift
for name in "${@:-${all[@]}}"; do
	check "$name"
done
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
