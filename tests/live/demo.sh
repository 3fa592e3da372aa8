#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Shows rsttrace's output: causes a few resets on loopback and prints what it
# says of each.
#
#   demo.sh [DIRECTORY WITH rsttrace AND early_close]

set -u
build=${1:-build}
here=$(dirname "$0")
scratch=$(mktemp -d)
server=
tracer=
client=
port=

clean_up() {
	for pid in $client $tracer $server; do
		kill "$pid" 2>/dev/null
	done
	rm -rf "$scratch"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

fail() {
	echo "demo: $1" >&2
	if [ -s "$scratch/err" ]; then
		sed 's/^/      /' "$scratch/err" >&2
	fi
	exit 1
}

# Waits until a file matches the pattern, while the process lives.
await() {
	until grep -q "$1" "$2"; do
		kill -0 "$3" 2>/dev/null || grep -q "$1" "$2" || fail "$4 ended too early"
		sleep 0.01
	done
}

indent() {
	sed 's/^./    &/'
}

heading() {
	section=$((section + 1))
	printf '\n%d. %s\n' "$section" "$1"
	shift
	printf '   %s\n' "$@"
}

start_server() {
	: >"$scratch/port"
	"$build/early_close" "$@" >"$scratch/port" 2>"$scratch/err" &
	server=$!
	await . "$scratch/port" "$server" early_close
	port=$(cat "$scratch/port")
}

stop_server() {
	kill "$server" 2>/dev/null
	wait "$server" 2>/dev/null
	server=
}

# Traces one reset on the port while the client does its thing.
trace_one() {
	: >"$scratch/err"
	"$build/rsttrace" --port "$port" -n 1 -d 10 >"$scratch/out" 2>"$scratch/err" &
	tracer=$!
	await '^rsttrace: ready' "$scratch/err" "$tracer" rsttrace
	python3 "$here/demo_client.py" "$1" "$port" >"$scratch/client" &
	client=$!
	wait "$client"
	client=
	wait "$tracer" || fail "rsttrace failed:"
	tracer=
	[ -s "$scratch/out" ] || fail "rsttrace saw no reset on port $port:"
	printf '\n   what the client saw:      %s\n' "$(cat "$scratch/client")"
	printf '   what rsttrace says:\n\n'
	indent <"$scratch/out"
}

# The first incidents of many; each begins at the left margin.
first_incidents() {
	awk -v max="$1" '
		/^[^ \t]/ { n++ }
		n <= max { print }
		END { if (n > max) printf "... and %d more like these\n", n - max }'
}

if [ "$(id -u)" -ne 0 ]; then
	echo "demo: tracing needs root: sudo make demo" >&2
	exit 77
fi
section=0

cat <<'TEXT'
rsttrace tells who reset a TCP connection, why, and which call of which process
failed by it. Here are five resets, made on loopback for the occasion.
TEXT

heading "Nobody listens there" \
	"A client connects to a port whose server has gone."
start_server
stop_server
trace_one get

heading "Closed before all was read" \
	"A server reads the first 16 bytes of a request and closes the connection."
start_server -m unread
trace_one get
stop_server

heading "Thrown away on purpose" \
	"A server sets SO_LINGER to {1, 0} and closes."
start_server -m linger
trace_one get
stop_server

heading "Written to after the end" \
	"A server closes cleanly; the client overlooks it and goes on writing."
start_server -m fin
trace_one twice
stop_server

heading "A benchmark that reports failures" \
	"A server treats every 20th request like the one in 2. This time, rsttrace runs the" \
	"command and traces nothing else:"
start_server -m unread -e 20
set -- ab -q -r -n 200 -c 4 "http://127.0.0.1:$port/"
if command -v ab >/dev/null; then
	printf '\n   $ rsttrace -- %s\n' "$*"
	"$build/rsttrace" -o "$scratch/out" -- "$@" >"$scratch/client" 2>"$scratch/err" ||
		fail "rsttrace -- $* ended with $?:"
	[ -s "$scratch/out" ] || fail "rsttrace saw no reset of ab:"
	printf '\n   what ab says:\n\n'
	grep -E '^(Complete|Failed) requests|\(Connect:' "$scratch/client" | indent
	printf '\n   what rsttrace says:\n\n'
	first_incidents 2 <"$scratch/out" | indent
	grep -v '^rsttrace: ready' "$scratch/err" | indent
else
	printf '\n   (left out: ab is not installed)\n'
fi
stop_server

cat <<'TEXT'

To trace this machine until ^C:       sudo rsttrace
To have it as JSON, a line a reset:   sudo rsttrace --json
To see what the kernel offers:        sudo rsttrace check
TEXT
