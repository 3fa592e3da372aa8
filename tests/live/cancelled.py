#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Connects that are given up before any answer: counted always, told one by one on request.

    cancelled.py [DIRECTORY WITH rsttrace]

The queue of a listener is full, so that its kernel drops each SYN; the client closes at once.
"""
import errno
import json
import os
import socket
import subprocess
import tempfile

import lab

CONNECTS = 100


class FullQueue:
    """A listener that takes no more: connects to it stay without an answer."""

    def __init__(self):
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(0)
        self.first = socket.create_connection(self.listener.getsockname())

    def give_up(self, n):
        for _ in range(n):
            with socket.socket() as s:
                s.setblocking(False)
                if s.connect_ex(self.listener.getsockname()) != errno.EINPROGRESS:
                    raise SystemExit("the queue is not full")


def traced(build, queue, *options):
    """What was written while CONNECTS connects were given up, and the end line."""
    tracer, _ = lab.start(f"{build}/rsttrace", "--json", "--netns", str(lab.netns()), *options)
    queue.give_up(CONNECTS)
    lines, _ = lab.end(tracer)
    return lines[:-1], lines[-1]


def events(lines):
    return [line for line in lines if line.get("event") == "connect-cancelled"]


def main():
    if os.geteuid():
        lab.skip("cancelled", "tracing needs root")
    build = lab.build_folder()
    lab.own_namespace()
    queue = FullQueue()
    _, end = traced(build, queue)
    shown, end_shown = traced(build, queue, "--events")
    with tempfile.TemporaryDirectory() as folder:
        recording = os.path.join(folder, "rec")
        _, end_recorded = traced(build, queue, "--record", recording)
        tracer = subprocess.run([f"{build}/rsttrace", "--replay", recording, "--json"], text=True,
                                    stdout=subprocess.PIPE, check=True)
        replayed = json.loads(tracer.stdout.splitlines()[-1])
    lab.verdict("cancelled", {
        "counted": end.get("cancelled") == CONNECTS,
        "not-told": end["events"] == 0,
        "told-with-events": len(events(shown)) == end_shown.get("cancelled") == CONNECTS,
        "recorded": end_recorded.get("cancelled") == replayed.get("cancelled") == end_recorded["events"] == CONNECTS,
    }, str(end), str(end_shown), str(end_recorded), str(replayed))


main()
