#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# filtered.sh DIRECTORY OUT [FILTER...] - has one tracer without a filter record
# what others, each with one, see live: scenarios in network namespaces of their
# own, and a storm of refusals in this test's. For filtered.py to compare; runs
# here and, under busybox, in guests.
#
# DIRECTORY has rsttrace and scenarios. Leaves OUT/all.rec, and OUT/FILTER.{json,args,err}.
set -u
dir=$1 out=$2
shift 2
[ $# -gt 0 ] || set -- none port lport ports addr prefix addr6 netns cause
STORM=${STORM:-400}
PATIENCE=6000	# times 10 ms: the start takes its time in a guest

if [ -z "${FILTERED_INSIDE:-}" ]; then
	FILTERED_INSIDE=1 exec busybox unshare -n "$0" "$dir" "$out" "$@"
fi
busybox ip link set lo up || exit 1
mkdir -p "$out"
tracers=''

filter() {
	case $1 in
	none)	echo --port 7 ;;
	port)	echo --port 8080 ;;
	lport)	echo --lport 8080 ;;
	ports)	echo --lport 9 --rport 8080 ;;
	addr)	echo --addr 10.0.0.0/8 ;;
	prefix)	echo --addr 127.0.0.0/9 --port 8080 ;;
	addr6)	echo --addr ::1 ;;
	netns)	echo --netns 4026531836 ;;	# the number of a namespace of pids
	cause)	echo --cause close-with-unread,linger-zero ;;
	esac
}

# trace NAME OPTION...: a tracer that is ready
trace() {
	name=$1
	shift
	: >"$out/$name.err"
	"$dir/rsttrace" --json --settle 500 "$@" >"$out/$name.json" 2>"$out/$name.err" &
	tracers="$tracers $!"
	i=0
	until grep -q '^rsttrace: ready' "$out/$name.err"; do
		if [ $i -eq $PATIENCE ] || ! kill -0 $! 2>/dev/null; then
			cat "$out/$name.err" >&2
			exit 1
		fi
		busybox usleep 10000
		i=$((i + 1))
	done
}

trap 'kill $tracers 2>/dev/null' EXIT
trace all --record "$out/all.rec"
for name; do
	filter "$name" >"$out/$name.args"
	# shellcheck disable=SC2046	# a filter is several words
	trace "$name" $(filter "$name")
done
touch "$out/begin"
"$dir/scenarios" --no-trace 'close-with*' 'linger*' 'closed-port*' 'data-after*' 'listener*' 'call-*' \
	'reject-input*' keepalive 'stray*' 'disconnect*' >"$out/played" 2>&1
i=0
while [ $i -lt "$STORM" ]; do
	busybox nc 127.0.0.1 9 </dev/null >/dev/null 2>&1 &
	i=$((i + 1))
	[ $((i % 50)) -ne 0 ] || wait $!	# 50 at once: fewer make no storm on a slow machine
done
touch "$out/end"
# shellcheck disable=SC2086	# several numbers
kill -INT $tracers
wait
trap - EXIT
