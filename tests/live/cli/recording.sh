# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-2.0
#
# Recordings, whole and damaged.

recorded=$checks/../../data/listener-closed-3.rec

# Leaves a recording of three resets in $scratch/recording.
record() {
	start --json --port $PORT --record "$scratch/recording" -n 3 || return
	cause_reset
	cause_reset
	cause_reset
	finish
	cp "$out" "$scratch/live"
	status_is 0
}

# All lines but the end line. They are equal, as the recording has what was looked up in /proc.
records_of() {
	grep '"kind"' "$1"
}

replay_says_the_same() {
	record || return
	chmod 644 "$scratch/recording"
	run "${as_nobody[@]}" "$binary" --json --port $PORT --replay "$scratch/recording"
	status_is 0 && no_complaint || return
	why="expected the incidents that were printed live"
	[ "$(incidents_in "$scratch/live")" -eq 3 ] &&
		diff <(records_of "$scratch/live") <(records_of "$out") >"$err"
}

# What is recorded is root's alone to read, whatever the umask; reports are made to be handed on.
records_are_private() {
	local kind
	(umask 022; run "$binary" -q -o "$scratch/text" --record "$scratch/rec" --json-file "$scratch/json" \
		--pcapng "$scratch/pcapng" --html "$scratch/html" --junit "$scratch/junit" -d 0.1)
	why="expected mode 600 of what has records, 644 of the reports"
	for kind in text rec json pcapng; do
		[ "$(stat -c %a "$scratch/$kind")" = 600 ] || return
	done
	[ "$(stat -c %a "$scratch/html" "$scratch/junit" | xargs)" = "644 644" ] || return
	run "$binary" report -q --pcapng "$scratch/again" "$recorded"
	[ "$(stat -c %a "$scratch/again")" = 600 ]
}

missing_recording_is_said() {
	run "$binary" --replay "$scratch/no-such-recording"
	status_is 1 && one_line_on_stderr && one_complaint "$scratch/no-such-recording" &&
		out_is_empty
}

foreign_file_is_said() {
	seq 1000 >"$scratch/foreign"
	run "$binary" --replay "$scratch/foreign"
	status_is 1 && one_complaint "$scratch/foreign" && out_is_empty
}

truncated_recording_keeps_the_rest() {
	run "$binary" --json --events --replay "$recorded"
	status_is 0 || return
	cp "$out" "$scratch/whole"
	head -c -10 "$recorded" >"$scratch/cut"
	run "$binary" --json --events --replay "$scratch/cut"
	one_complaint "$scratch/cut" || return
	local whole cut
	whole=$(grep -c '"type":"event"' "$scratch/whole")
	cut=$(grep -c '"type":"event"' "$out")
	why="expected all events but the one that was cut: $whole whole, $cut cut"
	[ "$whole" -gt 3 ] && [ "$cut" -eq $((whole - 1)) ]
}

all+=(replay_says_the_same records_are_private missing_recording_is_said foreign_file_is_said
     truncated_recording_keeps_the_rest)
