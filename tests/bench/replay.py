#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What a replay to JSON costs for each event, however long the recording is.

    replay.py [RECORDING]         the curve: user time and memory from 1,000 to 5 million events
    replay.py --check             the same in instructions, by valgrind; ends with "N passed, ..."

A long recording is a short one repeated: each repetition begins a second after the end of the one
before, with the same sockets, as addresses are used again. Without RECORDING the short one is all
recordings of tests/data, one after another. rsttrace reads it from a pipe, so that no disk is
measured; what making it costs is not counted.
"""

import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "data"))

import recording

BUILD = os.environ.get("BUILD", os.path.join(TOP, "build"))
RSTTRACE = os.path.join(BUILD, "rsttrace")
SIZES = (1000, 10000, 100000, 1000000, 5000000)

TIME = 8                    # offsetof(struct rst_head, time_ns); see bpf/wire.h
SECOND = 1000000000

# Guarded in CI. The recordings of tests/data have one incident for every three events.
MOST_INSTRUCTIONS = 20000   # for an event; 11,000 with gcc 12
MOST_GROWTH = 1.05          # of that from the shorter recording to the longer
CHECKED = (2000, 4000, 16000)


def time_of(event):
    return struct.unpack_from("<Q", event, TIME)[0]


def load(paths):
    """One recording of several: (the first's meta, its events in the order of their time)."""
    meta, events, at = None, [], SECOND
    for path in paths:
        its_meta, its_events = recording.load(path)
        meta = meta or its_meta
        first = min(map(time_of, its_events))
        events += shifted(its_events, at - first)
        at = max(map(time_of, events)) + SECOND
    return meta, events


def shifted(events, by):
    moved = []
    for event in events:
        event = bytearray(event)
        struct.pack_into("<Q", event, TIME, time_of(event) + by)
        moved.append(bytes(event))
    return moved


class Tape:
    """A recording as bytes, that can be written again and again at later times."""

    def __init__(self, meta, events):
        self.meta, self.count = meta, len(events)
        self.data, self.places = bytearray(), []
        for event in events:
            self.data += struct.pack("<I", len(event))
            self.places.append((len(self.data), time_of(event)))
            self.data += event
        times = [time for _, time in self.places]
        self.span = max(times) - min(times) + SECOND

    def write(self, f, count):
        """Writes count events."""
        with tempfile.TemporaryDirectory(prefix="rsttrace-replay-") as scratch:
            head = os.path.join(scratch, "head")
            recording.save(head, self.meta, [])
            f.write(open(head, "rb").read())
        pack = struct.Struct("<Q").pack_into
        for turn in range(-(-count // self.count)):
            for at, time in self.places:
                pack(self.data, at + TIME, time + turn * self.span)
            left = count - turn * self.count
            end = self.places[left][0] - 4 if left < self.count else len(self.data)
            f.write(memoryview(self.data)[:end])


def peak_of(pid):
    """KiB; what getrusage() tells includes the memory of the process that started it."""
    with open(f"/proc/{pid}/status") as f:
        return int(re.search(r"VmHWM:\s+(\d+)", f.read()).group(1))


def replay(tape, count, before=(), options=()):
    """Replays count events to /dev/null: (user seconds, peak KiB, incidents, what was said on stderr)."""
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as told:
        child = subprocess.Popen([*before, RSTTRACE, "--replay", "/dev/stdin", "--json", *options],
                                 stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said)
        try:
            tape.write(child.stdin, count)
            child.stdin.flush()
            peak = peak_of(child.pid)   # while it waits for more
            child.stdin.close()
        except BrokenPipeError:
            peak = 0
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        text = said.read().decode()
        if child.returncode:
            sys.exit(f"replay.py: rsttrace ended with {child.returncode}: {text}")
        found = re.search(r"^(\d+) reset", text, re.M)
        return usage.ru_utime, peak, int(found.group(1)) if found else 0, text


def curve(tape):
    print(f"{'events':>9} {'user s':>8} {'events/s':>10} {'µs/event':>9} {'µs/incident':>12} {'peak MiB':>9}")
    for count in SIZES:
        seconds, peak, incidents, _ = min(replay(tape, count) for _ in range(3 if count < 1000000 else 1))
        print(f"{count:9} {seconds:8.2f} {count / max(seconds, 1e-9):10.0f} {seconds * 1e6 / count:9.2f} "
              f"{seconds * 1e6 / max(incidents, 1):12.2f} {peak / 1024:9.1f}", flush=True)
    print("\nthe same with records that wait 10 s for their error instead of 0.3 s, so that more are pending:")
    seconds, peak, _, _ = replay(tape, SIZES[3], options=("--settle", "10000"))
    print(f"{SIZES[3]:9} {seconds:8.2f} {SIZES[3] / seconds:10.0f} {seconds * 1e6 / SIZES[3]:9.2f} "
          f"{'':12} {peak / 1024:9.1f}")


def instructions(tape, count):
    with tempfile.TemporaryDirectory(prefix="rsttrace-replay-") as scratch:
        *_, text = replay(tape, count, options=("-q",), before=(
            "valgrind", "--tool=callgrind", f"--callgrind-out-file={scratch}/out"))
    return int(re.search(r"Collected : (\d+)", text).group(1))


def check(tape):
    if not shutil.which("valgrind"):
        print("valgrind is not here: nothing to count with\n0 passed, 0 failed, 1 skipped")
        return 0
    start, short, long = (instructions(tape, count) for count in CHECKED)
    per_short = (short - start) / (CHECKED[1] - CHECKED[0])
    per_long = (long - short) / (CHECKED[2] - CHECKED[1])
    tests = {
        "replay-instructions": (per_long <= MOST_INSTRUCTIONS,
                                f"{per_long:.0f} instructions an event, at most {MOST_INSTRUCTIONS}"),
        "replay-linear": (per_long <= per_short * MOST_GROWTH,
                          f"{per_short:.0f} an event at first, {per_long:.0f} later"),
    }
    for name, (good, why) in tests.items():
        print(f"{'ok' if good else 'FAIL'} {name}: {why}")
    failed = sum(not good for good, _ in tests.values())
    print(f"{len(tests) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


def main():
    arguments = [a for a in sys.argv[1:] if a != "--check"]
    if any(a.startswith("-") for a in arguments) or len(arguments) > 1:
        sys.exit(__doc__)
    data = os.path.join(TOP, "tests", "data")
    paths = arguments or sorted(os.path.join(data, f) for f in os.listdir(data) if f.endswith(".rec"))
    tape = Tape(*load(paths))
    if "--check" in sys.argv:
        return check(tape)
    curve(tape)
    return 0


if __name__ == "__main__":
    sys.exit(main())
