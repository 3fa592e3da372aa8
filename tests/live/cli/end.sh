# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-2.0
#
# What ends a run, and that nothing wakes the tracer before that.

signals_end_with_status_0() {
	for signal in INT TERM; do
		start --json --port $PORT || { why="not ready"; return 1; }
		cause_reset
		kill -$signal "$pid"
		finish
		status_is 0 && no_complaint || return
		why="expected the incident and the end line to be flushed on SIG$signal"
		[ "$(incidents_in "$out")" -eq 1 ] || return
		tail -n 1 "$out" | grep -q '"type":"end"' || return
	done
}

count_ends_it() {
	start --json --port $PORT -n 2 || { why="not ready"; return 1; }
	cause_reset
	cause_reset
	finish
	status_is 0 || return
	why="expected two incidents"
	[ "$(incidents_in "$out")" -eq 2 ]
}

duration_ends_it() {
	local begin end
	begin=$(date +%s%N)
	run "$binary" --json --port $PORT -d 1
	end=$(date +%s%N)
	status_is 0 || return
	why="expected it to take a second, took $(((end - begin) / 1000000)) ms"
	((end - begin >= 1000000000 && end - begin < 3000000000))
}

# How often the tracer's threads have gone to sleep: one more for each wake-up.
sleeps() {
	awk '/^voluntary_ctxt_switches/ { n += $2 } END { print n }' /proc/"$pid"/task/*/status
}

# While nothing is reset, nothing wakes the tracer, except at the start, when hooks that wait for a
# module are tried again. Other processes may cause resets, so one of several periods has to be quiet.
asleep_while_nothing_happens() {
	local before after
	start --port $PORT
	why="it was woken in each of 8 windows of 2 s:"
	for _ in 1 2 3 4 5 6 7 8; do
		before=$(sleeps)
		sleep 2
		after=$(sleeps)
		[ "$after" -ne "$before" ] || break
		why+=" $((after - before))"
	done
	kill -TERM "$pid"
	finish
	[ "$after" -eq "$before" ] || return
	status_is 0 && no_complaint
}

all+=(signals_end_with_status_0 count_ends_it duration_ends_it asleep_while_nothing_happens)
