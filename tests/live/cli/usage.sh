# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-2.0
#
# Options, `rsttrace explain`, and the messages without privileges.

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

all+=(help_goes_to_stdout bad_usage_is_status_2 message_is_explained log_is_explained
     no_privileges_is_status_77 no_privileges_for_a_command_is_status_77)
