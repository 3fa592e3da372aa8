#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# README's picture, of a run just made: a server closes with the request unread, in a network
# namespace of its own.
#
#   picture.sh BUILD >PICTURE.svg
set -eu
build=$(realpath "${1:-build}")
cd "$(dirname "$0")/../.."

if [ "${2:-}" != inside ]; then
	exec unshare --net "$0" "$build" inside
fi
ip link set lo up
scratch=$(mktemp -d)
"$build/early_close" -p 8080 >"$scratch/port" &
server=$!
trap 'kill $server; rm -rf "$scratch"' EXIT
until [ -s "$scratch/port" ]; do
	kill -0 $server
	sleep 0.01
done
"$build/rsttrace" --color always -- curl -sS -d name=value http://127.0.0.1:8080/ >"$scratch/out" 2>&1 || true
grep -q '─RST→' "$scratch/out"
{
	printf '\033[1m$ sudo rsttrace -- curl -sS -d name=value http://127.0.0.1:8080/\033[0m\n'
	grep -v '^rsttrace: ' "$scratch/out"
} | tools/picture.py
