# SPDX-License-Identifier: GPL-2.0
"""What rsttrace itself costs: its programs, its start, its wake-ups, its memory."""

import json
import os
import re
import resource
import signal
import socket
import subprocess
import time

import stats
from subjects import Failed

REPEATS = 12            # how often runs of programs are counted; the least count is taken
STARTS = 9
SOCKETS = 100000
SPARE_FILES = 100
IDLE_SEC = 10


def count_programs(build, argv):
    """(load, program) -> (runs a step, nanoseconds a run), the least of several counts."""
    least = {}
    for _ in range(REPEATS):
        done = subprocess.run([f"{build}/bench/runs"] + argv, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True, check=False)
        if done.returncode:
            raise Failed(f"the programs of {argv[0]} cannot be counted")
        steps = {}
        for line in done.stdout.splitlines():
            load, name, runs, ns = line.split("\t") if line.count("\t") == 3 else (None,) * 4
            if load is None:
                _, load, n = line.split("\t")
                steps[load] = int(n)
                continue
            each = int(ns) / int(runs)
            had = least.get((load, name), (0, float("inf")))
            least[load, name] = (int(runs) / steps[load], min(had[1], each))
    return least


def programs(build, empty, rsttrace):
    """Rows of load, program, runs a step, nanoseconds a run, minus what the measuring itself takes.
    Of the refusals all but a few are counted only, as in a storm."""
    nothing = count_programs(build, empty.argv)
    measuring = min(ns for _, ns in nothing.values())
    return measuring, [(load, name, runs, ns - measuring)
                       for (load, name), (runs, ns) in sorted(count_programs(build, rsttrace.argv + ["--rate", "1"]).items())]


def hooks_without_empty(rsttrace, names):
    """The hooks that rsttrace attaches to but the empty programs do not."""
    done = subprocess.run([rsttrace, "check", "--json"], stdout=subprocess.PIPE, text=True, check=False)
    at = {hook for probe in json.loads(done.stdout)["probes"] if probe["state"] == "attached"
          for hook in probe.get("at", [])}
    return sorted(at - set(names))


class Sockets:
    """Opens so many TCP sockets in processes of their own."""

    def __init__(self, n):
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1] - SPARE_FILES
        self.pids = []
        while n > 0:
            self.pids.append(self.hold(min(n, most), most))
            n -= most

    @staticmethod
    def hold(n, most):
        ready, tell = os.pipe()
        pid = os.fork()
        if not pid:
            resource.setrlimit(resource.RLIMIT_NOFILE, (most + SPARE_FILES, most + SPARE_FILES))
            kept = [socket.socket() for _ in range(n)]
            os.write(tell, b"x" * bool(kept))
            signal.pause()
        os.close(tell)
        if os.read(ready, 1) != b"x":
            raise Failed(f"cannot hold {n} sockets")
        os.close(ready)
        return pid

    def close(self):
        for pid in self.pids:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def start_times(subject):
    times = []
    for _ in range(STARTS):
        times.append(1000 * subject.start())
        subject.stop()
    return {"median_ms": stats.median(times), "least_ms": min(times), "most_ms": max(times)}


def start_beside_sockets(subject):
    held = Sockets(SOCKETS)
    try:
        return start_times(subject)
    finally:
        held.close()


def switches(pid):
    total = 0
    for tid in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{tid}/status") as f:
            total += int(re.search(r"\nvoluntary_ctxt_switches:\s+(\d+)", f.read()).group(1))
    return total


def map_bytes(pid):
    total = 0
    for fd in os.listdir(f"/proc/{pid}/fdinfo"):
        with open(f"/proc/{pid}/fdinfo/{fd}") as f:
            found = re.search(r"map_type:.*memlock:\s+(\d+)", f.read(), re.S)
        total += int(found.group(1)) if found else 0
    return total


def at_rest(subject):
    """Wake-ups in some seconds without a reset, a while after the start; and memory."""
    subject.start()
    try:
        time.sleep(2)       # the programs' second load is loaded half a second after the start
        before = switches(subject.process.pid)
        time.sleep(IDLE_SEC)
        return {"wake_ups": switches(subject.process.pid) - before, "seconds": IDLE_SEC,
                "rss_kib": subject.rss_kib(), "maps_kib": map_bytes(subject.process.pid) // 1024}
    finally:
        subject.stop()
