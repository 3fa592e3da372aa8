#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A ring buffer that nobody empties: what finds no room in it is counted, not lost in silence.

    loss.py [DIRECTORY WITH rsttrace]

The tracer is stopped while more resets happen than its buffer holds, in a network namespace of
this test's own; then it must account for every one of them.
"""
import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import time

CLONE_NEWNET = 0x40000000
UNREAD_REFUSALS = 400   # records of 900 bytes and more: several times what a pipe holds
REFUSALS = 6000         # four events each, about 400 bytes an event: twice the buffer's 4 MiB
MARGIN = 10             # other resets of this host while the test runs


def own_namespace():
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET):
        sys.exit("loss.py: unshare: " + os.strerror(ctypes.get_errno()))
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def refuse(n):
    for _ in range(n):
        with socket.socket() as s:
            try:
                s.connect(("127.0.0.1", 9))
            except ConnectionRefusedError:
                pass


def out_rsts():
    with open("/proc/self/net/snmp") as f:
        names, values = (line.split() for line in f if line.startswith("Tcp:"))
    return int(dict(zip(names, values))["OutRsts"])


def start(rsttrace):
    """A tracer that is ready, and what it wrote to stderr until then."""
    tracer = subprocess.Popen([rsttrace, "--json", "--settle", "100", "--rate", "0"], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    said = []
    for line in tracer.stderr:
        said.append(line)
        if line == "rsttrace: ready\n":
            break
    return tracer, said


def wait_in_write(pid):
    """Until it sleeps in a write to stdout."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with open(f"/proc/{pid}/syscall") as f:
            call = f.read().split()
        if len(call) > 2 and call[1] == "0x1":
            return
    sys.exit("loss.py: the tracer does not come to write to stdout")


def slow_reader(rsttrace):
    """Nobody reads the records until it has been told to end: its records and exit status."""
    tracer, _ = start(rsttrace)
    refuse(UNREAD_REFUSALS)
    wait_in_write(tracer.pid)
    tracer.send_signal(signal.SIGINT)
    out, _ = tracer.communicate(timeout=60)
    return [json.loads(line) for line in out.splitlines()], tracer.returncode


def trace(rsttrace):
    """Runs the tracer around the refusals: its records, what it wrote to stderr, the kernel's count."""
    tracer, said = start(rsttrace)
    before = out_rsts()
    tracer.send_signal(signal.SIGSTOP)
    refuse(REFUSALS)
    sent = out_rsts() - before
    tracer.send_signal(signal.SIGCONT)
    tracer.send_signal(signal.SIGINT)
    out, err = tracer.communicate(timeout=60)
    records = [json.loads(line) for line in out.splitlines()]
    return records, "".join(said) + err, sent, tracer.returncode


def main():
    build = sys.argv[1] if len(sys.argv) > 1 else "build"
    if os.geteuid():
        print("0 passed, 0 failed, 1 skipped")
        return
    own_namespace()
    netns = os.stat("/proc/self/ns/net").st_ino
    records, said, sent, status = trace(os.path.join(build, "rsttrace"))
    late, late_status = slow_reader(os.path.join(build, "rsttrace"))
    end = records[-1]
    seen = sum(1 for r in records if r.get("netns") == netns and r.get("kind") == "reply")
    checks = {
        "ends-with-status-0": status == 0,
        "all-were-sent": sent == REFUSALS,
        "something-was-lost": end["type"] == "end" and end["lost"] > 0,
        "something-was-recorded": 0 < seen < REFUSALS,
        "loss-is-told-per-cpu": sum(end["lost_per_cpu"].values()) == end["lost"],
        "every-reset-is-recorded-or-lost": seen + end["lost"] >= sent,
        "the-total-is-the-kernels": sent <= end["sent"] <= sent + MARGIN,
        "a-slow-reader-misses-nothing": late_status == 0 and late[-1]["type"] == "end" and
        sum(1 for r in late if r.get("netns") == netns) == UNREAD_REFUSALS,
        "the-summary-says-it": f"lost: {end['lost']:,}" in said or f"lost: {end['lost']}" in said,
    }
    for name, good in checks.items():
        print(("ok loss-" if good else "FAIL loss-") + name)
    bad = list(checks.values()).count(False)
    if bad:
        print(f"    sent {sent}, records {seen}, end line {json.dumps(end)}\n    {said}")
    print(f"{len(checks) - bad} passed, {bad} failed, 0 skipped")
    sys.exit(1 if bad else 0)


main()
