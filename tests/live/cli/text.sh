# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-2.0
#
# The text output: names of processes, and records that are alike.

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

# One process, without a pause.
cause_three_resets() {
	local i
	for i in 1 2 3; do
		{ :; } 3<>"/dev/tcp/127.0.0.1/$PORT"
	done 2>/dev/null
}

# The first is shown whole, the others in one line once no more come, while the trace goes on.
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

all+=(processes_are_named records_alike_are_counted records_alike_are_shown_by_all)
