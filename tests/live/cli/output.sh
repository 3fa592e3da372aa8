# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-2.0
#
# Several outputs, and those that cannot be written.

closed_pipe_is_quiet() {
	mkfifo "$scratch/pipe"
	head -n 1 "$scratch/pipe" >"$scratch/head" &
	local reader=$!
	start_onto "$scratch/pipe" --json --port $PORT
	cause_reset
	wait "$reader"
	cause_reset
	finish
	status_is 0 && no_complaint || return
	why="expected one incident to come through"
	[ "$(incidents_in "$scratch/head")" -eq 1 ]
}

full_disk_is_status_1() {
	local form
	for form in --json --color=never; do
		start_onto /dev/full $form --port $PORT
		cause_reset
		finish
		if ! { status_is 1 && one_complaint 'No space left'; }; then
			why="$form: $why"
			return 1
		fi
	done
}

full_disk_behind_o_is_status_1() {
	start --json --port $PORT -o /dev/full
	cause_reset
	finish
	status_is 1 && one_complaint 'No space left'
}

# Text, JSON and a recording of one run, each whole; a replay of the recording says the same.
several_outputs_at_once() {
	start --port $PORT -n 1 --json-file "$scratch/lines" --record "$scratch/events" --color=never
	cause_reset
	finish
	status_is 0 && no_complaint || return
	why="expected one block of text"
	grep -q 'RST→' "$out" && ! grep -q schema "$out" || return
	why="expected one incident and the end line in the JSON file"
	[ "$(incidents_in "$scratch/lines")" -eq 1 ] && grep -q '"type":"end"' "$scratch/lines" || return
	run "$binary" --json --port $PORT --replay "$scratch/events"
	status_is 0 || return
	why="expected the same incident from the recording"
	[ "$(incidents_in "$out")" -eq 1 ] || return
	run "$binary" --replay "$scratch/events" --json-file "$scratch/same" -o "$scratch/same"
	status_is 1 && one_complaint 'the file of another output'
}

full_disk_for_a_recording_is_status_1() {
	start --json --port $PORT --record /dev/full
	cause_reset
	finish
	status_is 1 && one_complaint 'No space left'
}

output_that_cannot_be_opened_is_said() {
	run "$binary" -o "$scratch/missing/file" -d 1
	status_is 1 && one_complaint "$scratch/missing/file"
}

all+=(closed_pipe_is_quiet full_disk_is_status_1 full_disk_behind_o_is_status_1
     full_disk_for_a_recording_is_status_1 several_outputs_at_once
     output_that_cannot_be_opened_is_said)
