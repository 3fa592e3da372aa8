#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A ring buffer that nobody empties: every event that finds no room in it is counted.

    loss.py [DIRECTORY WITH rsttrace]

The tracer is stopped while more resets happen than its buffer holds, in a network namespace of
this test's own; then it must account for every one of them. Where a part of a reset's events was
lost, its record must still be true.
"""
import json
import os
import signal
import socket
import sys
import time

from lab import CLOSED_PORT, build_folder, end, netns, own_namespace, refuse, skip, start, verdict

OPTIONS = ("--json", "--settle", "100", "--rate", "0")
UNREAD_REFUSALS = 400   # records of 900 bytes and more: several times what a pipe holds
REFUSALS = 6000         # four events each, about 400 bytes an event: twice the buffer's 4 MiB
MARGIN = 10             # other resets of this host while the test runs
HELD_UP = 10            # how often the tracer is stopped in a storm
A_STORM = 2500          # refusals while it is stopped: more than the buffer holds


def out_rsts():
    with open("/proc/self/net/snmp") as f:
        names, values = (line.split() for line in f if line.startswith("Tcp:"))
    return int(dict(zip(names, values))["OutRsts"])


def wait_in_write(pid):
    """Waits until the tracer sleeps in a write to stdout."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with open(f"/proc/{pid}/syscall") as f:
            call = f.read().split()
        if len(call) > 2 and call[1] == "0x1":
            return
    sys.exit("loss.py: the tracer does not come to write to stdout")


def slow_reader(rsttrace):
    """Runs a tracer whose records nobody reads until it is to end: its records and exit status."""
    tracer, _ = start(rsttrace, *OPTIONS)
    refuse(UNREAD_REFUSALS)
    wait_in_write(tracer.pid)
    return end(tracer)[0], tracer.returncode


def trace(rsttrace):
    """Runs the tracer around the refusals: its records, what it wrote to stderr, the kernel's count."""
    tracer, said = start(rsttrace, *OPTIONS)
    before = out_rsts()
    tracer.send_signal(signal.SIGSTOP)
    refuse(REFUSALS)
    sent = out_rsts() - before
    tracer.send_signal(signal.SIGCONT)
    records, rest = end(tracer)
    return records, said + rest, sent, tracer.returncode


def refuse_each(net):
    """Connects that are refused, each from an address and port of its own, so that no flow comes twice."""
    for port in range(20000, 20000 + A_STORM):
        with socket.socket() as s:
            s.bind((f"127.1.{net}.1", port))
            try:
                s.connect(("127.0.0.1", CLOSED_PORT))
            except ConnectionRefusedError:
                pass


def storm(rsttrace):
    """Stops the tracer again and again in a storm, so that many resets lose a part of their events:
    the last revision of each record, and the end line."""
    tracer, _ = start(rsttrace, *OPTIONS)
    for net in range(HELD_UP):
        tracer.send_signal(signal.SIGSTOP)
        refuse_each(net)
        tracer.send_signal(signal.SIGCONT)
        refuse_each(100 + net)
    lines, _ = end(tracer)
    records = {r["id"]: r for r in lines if r.get("daddr", "").startswith("127.1.")}
    return list(records.values()), lines[-1]


def may_be_told(record):
    """Whether a record is true of a connect that a closed port refused."""
    if record["cause"] == "closed-port":
        return record["kind"] in ("reply", "received")
    return record["cause"] in ("peer-refused", "unknown") and record["confidence"] == "guess" and \
        "lost" in record["cause_text"] + record["advice"]


def storm_checks(rsttrace):
    records, total = storm(rsttrace)
    flows = [(r["daddr"], r["dport"]) for r in records]
    wrong = [r for r in records if not may_be_told(r)]
    unharmed = [r for r in records if r.get("outcome", "error") != "error"]
    strangers = [r for r in records if r.get("victim_pid", os.getpid()) != os.getpid()]
    failures = [r for r in records for e in r.get("errors", []) if e["errno"] != "ECONNREFUSED"]
    for r in (wrong + unharmed + strangers + failures)[:5]:
        print("    " + json.dumps(r))
    return {
        "a-storm-loses-events": total["lost"] > HELD_UP,
        "a-storm-has-records": len(records) > A_STORM,
        "a-storm-has-incomplete-records": any("losses" in r for r in records),
        "a-storm-tells-one-record-a-reset": len(flows) == len(set(flows)),
        "a-storm-tells-no-wrong-cause": not wrong,
        "a-storm-tells-no-outcome-by-absence": not unharmed,
        "a-storm-tells-no-wrong-process": not strangers and not failures,
    }


def main():
    rsttrace = os.path.join(build_folder(), "rsttrace")
    if os.geteuid():
        skip("loss", "needs root")
    own_namespace()
    records, said, sent, status = trace(rsttrace)
    late, late_status = slow_reader(rsttrace)
    total = records[-1]
    seen = sum(1 for r in records if r.get("netns") == netns() and r.get("kind") == "reply")
    verdict("loss", {
        "ends-with-status-0": status == 0,
        "all-were-sent": sent == REFUSALS,
        "something-was-lost": total["type"] == "end" and total["lost"] > 0,
        "something-was-recorded": 0 < seen < REFUSALS,
        "loss-is-told-per-cpu": sum(total["lost_per_cpu"].values()) == total["lost"],
        "every-reset-is-recorded-or-lost": seen + total["lost"] >= sent,
        "the-total-is-the-kernels": sent <= total["sent"] <= sent + MARGIN,
        "a-slow-reader-misses-nothing": late_status == 0 and late[-1]["type"] == "end" and
        sum(1 for r in late if r.get("netns") == netns()) == UNREAD_REFUSALS,
        "the-summary-says-it": f"lost: {total['lost']:,}" in said or f"lost: {total['lost']}" in said,
        **storm_checks(rsttrace),
    }, f"sent {sent}, records {seen}, end line {json.dumps(total)}", said)


main()
