#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# How rsttrace behaves towards its caller: exit status, and one clear line when
# something is wrong.
#
#   cli.sh [DIRECTORY WITH rsttrace [CHECK...]]
#
# Runs in a network namespace of its own, so that PORT is closed and stays so.

set -u
build=$(realpath "${1:-build}")
readonly PORT=64999	# beyond the range that connect() picks from
readonly PATIENCE=1000	# times 10 ms
recorded=$(dirname "$(realpath "$0")")/../data/listener-closed-3.rec

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

# What was said beyond the ready line, what this kernel lacks, and the summary.
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

as_nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)

# --- usage ---

help_goes_to_stdout() {
	for option in -h --help -V --version; do
		run "$binary" $option
		status_is 0 || return
		why="expected text on stdout of $option, none on stderr"
		[ -s "$out" ] && [ ! -s "$err" ] || return
	done
}

bad_usage_is_status_2() {
	local args
	for args in --no-such-option "--settle soon" "-p init" "--port 65536" "--addr 300.0.0.1" \
		    "--hooks none" "-n -1" "-d x" "--port" "no-such-command"; do
		# shellcheck disable=SC2086 # words on purpose
		run "$binary" $args
		if ! { status_is 2 && one_line_on_stderr && out_is_empty; }; then
			why="$args: $why"
			return 1
		fi
	done
}

message_is_explained() {
	run "${as_nobody[@]}" "$binary" explain java.io.IOException: Broken pipe
	status_is 0 || return
	why="expected the program and the error on stdout"
	grep -q '^Java: ' "$out" && grep -q 'EPIPE (32' "$out" && [ ! -s "$err" ] || return
	run "${as_nobody[@]}" "$binary" explain nothing of the kind
	status_is 2 && one_line_on_stderr && out_is_empty
}

log_is_explained() {
	local log='web: read ECONNRESET
GET / 200
web: read ECONNRESET'
	"${as_nobody[@]}" "$binary" explain - <<<"$log" >"$out" 2>"$err"
	status=$?
	status_is 0 || return
	why="expected 2 of 3 lines told"
	grep -q '^       2  line 1 .* Node.js: ' "$out" && grep -q '^2 of 3 lines ' "$out" || return
	"$binary" explain - <<<"$log" >/dev/full 2>"$err"
	status=$?
	status_is 1 && one_line_on_stderr
}

# A thread with a name of its own plays both ends.
threads=$(cat <<'END'
import socket, sys, threading, time

def work():
    with open(f"/proc/self/task/{threading.get_native_id()}/comm", "w") as f:
        f.write("worker")
    listener = socket.create_server(("127.0.0.1", 0))
    client = socket.create_connection(listener.getsockname())
    server = listener.accept()[0]
    client.sendall(b"x" * 16)
    server.recv(16, socket.MSG_PEEK)
    server.close()
    try:
        client.recv(1)
    except ConnectionResetError:
        pass
    # the thread is looked up while it lives: it stays until its three events have been read
    end = time.monotonic() + 10
    while open(sys.argv[1], "rb").read().count(b"worker") < 3 and time.monotonic() < end:
        time.sleep(0.01)

t = threading.Thread(target=work)
t.start()
t.join()
END
)

run_threads() {
	run "$binary" --record "$scratch/threads.rec" "$@" -- python3 -c "$threads" "$scratch/threads.rec"
	status_is 0
}

processes_are_named() {
	run_threads -c python3 || return
	why="expected the process, and the thread beside it"
	grep -q ' python3\[[0-9]*\] thread worker ─RST→ python3\[[0-9]*\] thread worker' "$out" || return
	run_threads -c worker --json || return
	why="expected no process of the thread's name"
	[ "$(incidents_in "$out")" -eq 0 ] || return
	run_threads --json || return
	why="expected both names in JSON"
	grep -q '"victim_comm":"worker","victim_process":"python3"' "$out"
}

no_privileges_is_status_77() {
	run "${as_nobody[@]}" "$binary"
	status_is 77 && one_line_on_stderr && out_is_empty
}

no_privileges_for_a_command_is_status_77() {
	run "${as_nobody[@]}" "$binary" -- touch "$scratch/ran"
	status_is 77 && one_line_on_stderr || return
	why="the command ran all the same"
	[ ! -e "$scratch/ran" ]
}

# --- text ---

# One process, without a pause.
cause_three_resets() {
	local i
	for i in 1 2 3; do
		{ :; } 3<>"/dev/tcp/127.0.0.1/$PORT"
	done 2>/dev/null
}

# One whole, and a line for the others as soon as no more come, while the trace goes on.
records_alike_are_counted() {
	start --port $PORT || { why="not ready"; return 1; }
	cause_three_resets
	why="expected one block and a count of two"
	await grep -q '2 more like' "$out" || return
	[ "$(grep -c '─RST→' "$out")" -eq 1 ] || return
	kill -INT "$pid"
	finish
	status_is 0 && [ "$(grep -c 'more like' "$out")" -eq 1 ]
}

records_alike_are_shown_by_all() {
	start --all --port $PORT || { why="not ready"; return 1; }
	cause_three_resets
	kill -INT "$pid"
	finish
	status_is 0 || return
	why="expected three blocks"
	[ "$(grep -c '─RST→' "$out")" -eq 3 ]
}

# --- the end ---

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

# --- the command form ---

command_status_is_passed_on() {
	run "$binary" -- false
	status_is 1 && no_complaint || return
	run "$binary" -- true
	status_is 0 && no_complaint || return
	run "$binary" -- sh -c 'exit 7'
	status_is 7 && no_complaint
}

command_gets_its_arguments() {
	run "$binary" -o "$scratch/records" -- printf '%s.' -n 1 --json
	status_is 0 || return
	why="expected the command's own output and nothing else"
	[ "$(cat "$out")" = "-n.1.--json." ]
}

command_is_all_that_is_traced() {
	run "$binary" --json -- bash -c "exec 3<>/dev/tcp/127.0.0.1/$PORT"
	status_is 1 || return
	why="expected the incident of the command"
	[ "$(incidents_in "$out")" -eq 1 ] || return
	# the reset comes from a process beside the command, while that runs
	mkfifo "$scratch/go"
	start --json -- cat "$scratch/go"
	cause_reset
	: >"$scratch/go"
	finish
	status_is 0 || return
	why="expected no incident of others"
	[ "$(incidents_in "$out")" -eq 0 ]
}

command_gets_its_user() {
	run "$binary" -u nobody -- sh -c 'id -un; id -Gn'
	status_is 0 && no_complaint || return
	why="expected the command to be nobody, with nobody's groups"
	[ "$(cat "$out")" = "$(id -un nobody; id -Gn nobody)" ]
}

# Whatever the tracer is sent, the command gets, and the run ends as the command ends.
command_gets_the_signals() {
	local signal
	for signal in INT TERM HUP QUIT USR1 USR2; do
		start -- bash -c "trap 'exit 9' $signal; echo set; while :; do read -r -t 60 <>\"$scratch/never\"; done"
		await grep -q set "$out" || { why="the command has not begun"; return 1; }
		kill -$signal "$pid"
		finish
		status_is 9 || { why="SIG$signal: $why"; return 1; }
	done
}

a_reset_that_hurts_is_status_3() {
	run "$binary" --fail-on-reset=hurt -- bash -c "exec 3<>/dev/tcp/127.0.0.1/$PORT"
	status_is 3 || return
	run "$binary" --fail-on-reset -- bash -c "exec 3<>/dev/tcp/127.0.0.1/$PORT"
	status_is 3 || return
	run "$binary" --fail-on-reset -- true
	status_is 0 || return
	# nobody looks: the connection is given up before its answer comes
	run "$binary" --fail-on-reset=hurt -- python3 -c "
import socket
a = socket.create_server(('127.0.0.1', 0))
b = socket.create_connection(a.getsockname())
c, _ = a.accept()
c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, bytes.fromhex('0100000000000000'))
c.close()
b.close()"
	status_is 0
}

# A parser of XML that is not ours, and what a CI server would count.
command_has_a_report_for_ci() {
	run "$binary" --junit "$scratch/report.xml" -- bash -c "exec 3<>/dev/tcp/127.0.0.1/$PORT"
	status_is 1 || return
	why="expected one failed case of bash, on port $PORT"
	python3 - "$scratch/report.xml" $PORT <<-'END' || return
	import sys, xml.etree.ElementTree as et
	suite, = et.parse(sys.argv[1]).getroot()
	case, = suite
	assert suite.get("tests") == suite.get("failures") == "1"
	assert case.get("classname") == "rsttrace.closed-port"
	assert "bash" in case.get("name") and case.get("name").endswith(", port " + sys.argv[2])
	assert "ECONNREFUSED" in case.find("failure").text
	END
	run "$binary" --junit "$scratch/report.xml" -- true
	status_is 0 || return
	why="expected one case, passed"
	[ "$(grep -c '<testcase' "$scratch/report.xml")" -eq 1 ] && grep -q 'failures="0"' "$scratch/report.xml"
}

command_has_a_page() {
	run "$binary" --html "$scratch/page.html" -- bash -c "exec 3<>/dev/tcp/127.0.0.1/$PORT"
	status_is 1 || return
	why="expected a page with one reset, of bash, refused"
	grep -q 'The one reset broke a call</strong>: <em>nobody listens there</em>.*→ bash' "$scratch/page.html" &&
		grep -q 'connect(3) = ECONNREFUSED' "$scratch/page.html" || return
	run "$binary" --html "$scratch/page.html" -- true
	status_is 0 || return
	why="expected a page without any reset"
	grep -q 'No connection was reset' "$scratch/page.html" || return
	run "$binary" --html /dev/full -- true
	why="expected failure and one line: no room for the page"
	[ "$status" -eq 1 ] && grep -q 'cannot write /dev/full' "$err"
}

unknown_command_is_said() {
	run "$binary" -- /nonexistent/command
	why="expected a failure"
	[ "$status" -ne 0 ] && one_complaint /nonexistent/command
}

# How often the tracer's threads went to sleep so far: each wake-up is one more.
sleeps() {
	awk '/^voluntary_ctxt_switches/ { n += $2 } END { print n }' /proc/"$pid"/task/*/status
}

# Where nothing is reset, nothing wakes it, but for the first moments, when hooks that wait for a
# module are tried again. One window of several has to be quiet: others may reset something.
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

# --- output that cannot be written ---

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

# --- recordings ---

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

# All but the end line: what was looked up in /proc while the processes lived is in the recording.
records_of() {
	grep '"kind"' "$1"
}

replay_says_the_same() {
	record || return
	run "${as_nobody[@]}" "$binary" --json --port $PORT --replay "$scratch/recording"
	status_is 0 && no_complaint || return
	why="expected the incidents that were printed live"
	[ "$(incidents_in "$scratch/live")" -eq 3 ] &&
		diff <(records_of "$scratch/live") <(records_of "$out") >"$err"
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

# --- the kernel ---

check_reports_hooks() {
	run "$binary" check
	status_is 0 && no_complaint || return
	why="expected the kernel, and a table on stdout"
	grep -q "^kernel       $(uname -r), $(uname -m)$" "$out" && grep -q '^PROBE ' "$out"
}

# What people read and what programs read say the same of each probe.
check_says_the_same_in_json() {
	run "$binary" check
	cp "$out" "$scratch/table"
	run "$binary" check --json
	status_is 0 && no_complaint || return
	why="expected the table's probes, ways and states"
	python3 - "$scratch/table" "$out" >"$err" <<-'END'
		import json, sys
		told = json.load(open(sys.argv[2]))
		words = {"missing": "MISSING", "waiting": "waiting"}
		of_json = {p["name"]: words.get(p["state"], p.get("by")) for p in told["probes"]}
		table = open(sys.argv[1]).read().split("\nPROBE")[1].split("\n\n")[0].split("\n")[1:]
		of_text = {line[:22].strip(): line[22:34].strip() for line in table if line}
		assert told["type"] == "check" and told["possible"] is True, told
		assert of_json == of_text and len(of_json) > 8, (of_json, of_text)
		for p in told["probes"]:
		    assert (p["state"] == "attached") != ("without" in p), p
		    assert p["state"] == "missing" or p["at"], p
		    assert p["state"] != "missing" or p["refused"], p
	END
}

check_without_privileges_is_status_77() {
	run "${as_nobody[@]}" "$binary" check
	status_is 77 && one_line_on_stderr && one_complaint 'lacks CAP_BPF and CAP_PERFMON' || return
	why="expected the kernel on stdout all the same"
	grep -q "^kernel " "$out" || return
	run "${as_nobody[@]}" "$binary" --json check
	status_is 77 && one_line_on_stderr || return
	why="expected JSON that says so"
	python3 -c 'import json, sys; d = json.load(sys.stdin); assert not d["possible"] and d["why"]' \
		<"$out" 2>>"$err"
}

check_that_cannot_be_written_is_status_1() {
	local form
	for form in --verbose --json; do
		"$binary" check $form >/dev/full 2>"$err"
		status=$?
		status_is 1 && one_complaint 'cannot write to standard output' || return
	done
}

# There is no room for another descriptor, if that was soon enough: the load begins after "ready".
second_load_failed() {
	start || return
	prlimit --pid "$pid" --nofile=4:4
	counts=$(grep -ls recursion_misses "/proc/$pid"/fdinfo/*)
	[ -z "$counts" ] || await grep -q 'second time' "$err"
	soon=$?
	kill -INT "$pid"
	finish
	return $soon
}

second_load_that_fails_is_said() {
	local counts soon
	why="expected a line on the second load"
	second_load_failed || second_load_failed || second_load_failed || return
	status_is 0 || return
	if [ -n "$counts" ]; then
		one_complaint 'second time (Too many open files)'
	else
		no_complaint
	fi
}

all=(help_goes_to_stdout bad_usage_is_status_2 message_is_explained log_is_explained
     processes_are_named records_alike_are_counted records_alike_are_shown_by_all
     no_privileges_is_status_77
     no_privileges_for_a_command_is_status_77 signals_end_with_status_0 count_ends_it
     duration_ends_it command_status_is_passed_on command_gets_its_arguments
     command_is_all_that_is_traced command_gets_its_user
     command_gets_the_signals a_reset_that_hurts_is_status_3 command_has_a_report_for_ci command_has_a_page
     unknown_command_is_said closed_pipe_is_quiet asleep_while_nothing_happens
     full_disk_is_status_1 full_disk_behind_o_is_status_1 full_disk_for_a_recording_is_status_1
     several_outputs_at_once
     output_that_cannot_be_opened_is_said replay_says_the_same missing_recording_is_said
     foreign_file_is_said truncated_recording_keeps_the_rest check_reports_hooks
     check_says_the_same_in_json check_without_privileges_is_status_77
     check_that_cannot_be_written_is_status_1 second_load_that_fails_is_said)
shift
for name in "${@:-${all[@]}}"; do
	check "$name"
done
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
