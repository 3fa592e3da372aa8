#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What a host pays: processor, memory and bytes, at so many resets a second.

    hostcost.py [DIRECTORY WITH rsttrace] [--rates N...] [--seconds N]

A tracer as the fleet has it writes JSON to a file while connects to a closed port of loopback are refused at
that pace, in a network namespace of their own. Counted are the tracer's own time (the scheduler's figure), the
programs' runs and time in the kernel (kernel.bpf_stats_enabled, which is set for that and adds to it), and the
file. Prints a table in Markdown; docs/fleet.md has one. Other work on the machine runs the programs, too: the row
of 0 says how much.
"""
import argparse
import os
import re
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "live"))
import lab  # noqa: E402  pylint: disable=wrong-import-position

SWITCH = "/proc/sys/kernel/bpf_stats_enabled"
SLICE_S = 0.01      # connects are made so often, as many as are due
HEAD = ("resets a second", "the tracer, % of a core", "its programs, % of a core", "runs a second", "records a second",
        "written, kB/s", "resident, MiB", "maps, MiB", "lost")


class Tracer:
    def __init__(self, build, folder):
        self.file = os.path.join(folder, "rsttrace.jsonl")
        self.process, _ = lab.start(f"{build}/rsttrace", "--json", "--output", self.file, "--netns", str(lab.netns()))
        self.proc = f"/proc/{self.process.pid}"

    def cpu_ns(self):
        total = 0
        for task in os.listdir(f"{self.proc}/task"):
            with open(f"{self.proc}/task/{task}/schedstat") as f:
                total += int(f.read().split()[0])
        return total

    def bpf(self):
        """Runs and nanoseconds of its programs, and the bytes of its maps."""
        programs, maps = {}, {}
        for fd in os.listdir(f"{self.proc}/fdinfo"):
            with open(f"{self.proc}/fdinfo/{fd}") as f:
                had = dict(re.findall(r"^(\w+):\s*(\d+)$", f.read(), re.M))
            if "run_cnt" in had:
                programs[had["prog_id"]] = int(had["run_cnt"]), int(had["run_time_ns"])
            elif "map_id" in had:
                maps[had["map_id"]] = int(had["memlock"])
        return sum(n for n, _ in programs.values()), sum(ns for _, ns in programs.values()), sum(maps.values())

    def resident_kib(self):
        with open(f"{self.proc}/status") as f:
            return int(re.search(r"^VmHWM:\s*(\d+)", f.read(), re.M).group(1))

    def end(self):
        """Events that found no room, by the end line."""
        lab.end(self.process)
        with open(self.file) as f:
            last = f.readlines()[-1]
        return int(re.search(r'"lost":(\d+)', last).group(1))


def refuse(rate, seconds):
    """So many connects a second, as far as one core can: how many were refused, in how long."""
    begin, done, now = time.monotonic(), 0, 0.0
    while now < seconds:
        for _ in range(int(rate * now) - done):
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", lab.CLOSED_PORT)) == 0:
                    sys.exit(f"hostcost.py: somebody listens on port {lab.CLOSED_PORT}")
            done += 1
        time.sleep(SLICE_S)
        now = time.monotonic() - begin
    return done, now


def measure(build, rate, seconds):
    with tempfile.TemporaryDirectory() as folder:
        tracer = Tracer(build, folder)
        cpu, (runs, ns, _) = tracer.cpu_ns(), tracer.bpf()
        done, took = refuse(rate, seconds)
        cpu, (all_runs, all_ns, maps) = tracer.cpu_ns() - cpu, tracer.bpf()
        resident = tracer.resident_kib()
        lost = tracer.end()
        with open(tracer.file) as f:
            records = [line for line in f if '"type"' not in line]
    return (f"{done / took:,.0f}", f"{cpu / took / 1e7:.2f}", f"{(all_ns - ns) / took / 1e7:.2f}",
            f"{(all_runs - runs) / took:,.0f}", f"{len(records) / took:,.0f}",
            f"{sum(map(len, records)) / took / 1e3:,.1f}", f"{resident / 1024:.0f}", f"{maps / 2**20:.0f}", lost)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("build", nargs="?", default="build", help="directory with rsttrace (default: build)")
    parser.add_argument("--rates", type=int, nargs="+", default=[0, 1, 100, 10000], help="resets a second")
    parser.add_argument("--seconds", type=int, default=30, help="of each")
    options = parser.parse_args()
    with open(SWITCH) as f:
        was = f.read()
    lab.own_namespace()
    try:
        subprocess.run(["sysctl", "-qw", "kernel.bpf_stats_enabled=1"], check=True)
        print("| " + " | ".join(HEAD) + " |\n" + "|---" * len(HEAD) + "|")
        for rate in options.rates:
            print("| " + " | ".join(map(str, measure(options.build, rate, options.seconds))) + " |", flush=True)
    finally:
        with open(SWITCH, "w") as f:
            f.write(was)


if __name__ == "__main__":
    main()
