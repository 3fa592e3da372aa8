# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-2.0
#
# The command form: rsttrace -- COMMAND.

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

# Signals to the tracer are passed on to the command, and the run ends when the command does.
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
	# no call meets the reset: the command closes the connection before the answer comes
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

# The number of all connections is the kernel's, and other processes may open some meanwhile, so it is
# not compared. Where a filter hides a part of what happened, there is no verdict.
command_has_a_verdict() {
	run "$binary" -- bash -c "exec 3<>/dev/tcp/127.0.0.1/$PORT"
	status_is 1 || return
	why="expected a sentence on the one connection, and that a call failed"
	grep -qE '^(At least )?1 (of [1-9][0-9,]* )?connections? was refused: nobody listens there\.$' "$err" &&
		grep -q '^A call failed by that, or took it for the end of the data\.$' "$err" || return
	run "$binary" --port $PORT -- bash -c "exec 3<>/dev/tcp/127.0.0.1/$PORT"
	status_is 1 || return
	why="expected no sentence on what a filter may hide"
	! grep -q 'was refused:' "$err"
}

# Reads the report with an XML library, and counts as a CI server would.
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

all+=(command_status_is_passed_on command_gets_its_arguments command_is_all_that_is_traced
     command_gets_its_user command_gets_the_signals a_reset_that_hurts_is_status_3
     command_has_a_verdict command_has_a_report_for_ci
     command_has_a_page unknown_command_is_said)
