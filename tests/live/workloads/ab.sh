#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# ab against a server that closes early, in each of its manners.
#
#   ab.sh EARLY_CLOSE SCRATCH_DIR
#
# ab's exit status says little (104 when it gives up at the first reset), so it is
# ignored: the resets that the caller counts show that ab reached the server.

set -eu
server=$1
port_file=$2/port
pid=

trap 'test -z "$pid" || kill "$pid" 2>/dev/null || :' EXIT

# every manners ab's options
with_server() {
	: >"$port_file"
	"$server" -e "$1" -m "$2" >"$port_file" &
	pid=$!
	shift 2
	until [ -s "$port_file" ]; do
		kill -0 "$pid"
	done
	ab -q "$@" "http://127.0.0.1:$(cat "$port_file")/" >/dev/null 2>&1 || :
	kill "$pid"
	wait "$pid" 2>/dev/null || :
	pid=
}

with_server 4 unread -r -n 200 -c 4
with_server 5 linger -r -n 200 -c 4
for _ in 1 2 3 4 5; do
	with_server 8 answer -n 200 -c 4
done
with_server 3 unread -n 200 -c 4
