# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-2.0
#
# rsttrace check, and what the kernel refuses.

check_reports_hooks() {
	run "$binary" check
	status_is 0 && no_complaint || return
	why="expected the kernel, and a table on stdout"
	grep -q "^kernel       $(uname -r), $(uname -m)$" "$out" && grep -q '^PROBE ' "$out"
}

# The text and the JSON of `rsttrace check` say the same of each probe.
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

# No descriptor is left for the second load, if the limit is set early enough: it begins after "ready".
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

all+=(check_reports_hooks check_says_the_same_in_json check_without_privileges_is_status_77
     check_that_cannot_be_written_is_status_1 second_load_that_fails_is_said)
