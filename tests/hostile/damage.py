#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""damage.py [--all] [BUILD] - damaged recordings and JSON Lines: cut, flipped, reordered, of other versions, huge.

What can be read is told as it would be of the whole file; one line says at which byte the file is
wrong; the exit status says so too. Without --all every thirteenth cut is tried, and those around the
ends of events. Needs no privileges.
"""
import concurrent.futures
import gzip
import json
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import checks  # noqa: E402
import made  # noqa: E402

ALL = "--all" in sys.argv
ARGS = [a for a in sys.argv[1:] if a != "--all"]
BUILD = os.path.abspath(ARGS[0] if ARGS else "build")
ENV = {**os.environ, "TZ": "UTC0", "UBSAN_OPTIONS": "halt_on_error=1"}
SEED, FLIPS, SHUFFLES = 14, 120, 10
failures = []
passed = 0


def expect(what, ok, got=""):
    global passed
    if ok:
        passed += 1
        return
    failures.append(what)
    print(f"FAIL hostile damage: {what}: {str(got)[:400]}")


def run(*args):
    done = subprocess.run([f"{BUILD}/rsttrace", *args], capture_output=True, env=ENV, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr.decode(errors="replace")


def replay(path):
    return run("--json", "--events", "-q", "--replay", path)


def report(path):
    return run("report", "--json", "-q", path)


class Cases:
    """Runs a command for many variants of a file, two at a time."""

    def __init__(self, scratch, name, command):
        self.scratch, self.name, self.command, self.made = scratch, name, command, 0
        self.pool = concurrent.futures.ThreadPoolExecutor(2)

    def one(self, number, what, data):
        path = f"{self.scratch}/{number}.{self.name}"
        with open(path, "wb") as f:
            f.write(data)
        got = self.command(path)
        os.remove(path)
        return what, data, got

    def results(self, variants):
        return self.pool.map(lambda v: self.one(*v), ((i, what, data) for i, (what, data) in enumerate(variants)))


def offsets(size, ends):
    near = {e + d for e in ends for d in (-1, 0, 1) if 0 <= e + d <= size}
    return sorted(near | set(range(0, size + 1, 1 if ALL else 13)))


def said_at(err):
    """The byte that the one line names, or None."""
    found = re.fullmatch(r"rsttrace: \S+: .*\bbyte (\d+)\b.*\n", err)
    return int(found.group(1)) if found else None


def event_ends(data):
    at = data.index(b"\n") + 1
    ends = [at]
    while at < len(data):
        at += 4 + struct.unpack_from("<I", data, at)[0]
        ends.append(at)
    return ends


def is_beginning(part, whole):
    """All but what comes at the end of a run: the incidents that were pending, and the totals."""
    def events(text):
        return [line for line in text.splitlines() if b'"type":"event"' in line]
    return events(whole)[:len(events(part))] == events(part)


def json_ok(out):
    try:
        if out:
            checks.lines(out)
        return True
    except checks.Wrong:
        return False


# ---- recordings

def cut_recordings(scratch, data):
    ends, whole = event_ends(data), None
    whole = Cases(scratch, "rec", replay).one(0, "whole", data)[2]
    expect("whole", whole[0] == 0 and not whole[2], whole)
    for at, cut, (status, out, err) in Cases(scratch, "rec", replay).results((n, data[:n]) for n in offsets(len(data), ends)):
        if at in ends:
            expect(f"cut at {at}, an event's end", status == 0 and not err, (status, err))
        elif at > ends[0]:
            begin = max(e for e in ends if e < at)
            expect(f"cut at {at}", status == 1 and said_at(err) == begin, (status, err))
        elif at >= 29:
            expect(f"cut at {at}, in the first line", status == 1 and said_at(err) == len(cut) and not out, (status, err))
        else:
            expect(f"cut at {at}, before it is a recording", status == 1 and err.count("\n") == 1 and not out, (status, err))
        expect(f"cut at {at}: what came before", json_ok(out) and is_beginning(out, whole[1]), out)


def flipped(data, rng, n):
    for _ in range(n):
        at, bit = rng.randrange(len(data)), rng.randrange(8)
        yield f"bit {bit} of byte {at}", data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1:]


def flipped_recordings(scratch, data, rng):
    for what, bad, (status, out, err) in Cases(scratch, "rec", replay).results(flipped(data, rng, FLIPS)):
        line = err.count("\n") == 1 and err.startswith("rsttrace: ")
        expect(f"flipped {what}", (status == 0 and not err) or (status == 1 and line), (status, err))
        if status == 1 and bad.startswith(b'{"schema":"rsttrace-events/1"') and "recorded " not in err:
            expect(f"flipped {what}: where", said_at(err) is not None, err)
        expect(f"flipped {what}: JSON", json_ok(out), out)


def put_events(meta, events):
    return meta + b"".join(struct.pack("<I", len(e)) + e for e in events)


def other_recordings(scratch, data, rng):
    end = data.index(b"\n") + 1
    meta, events = data[:end], []
    ends = event_ends(data)
    for begin, stop in zip(ends, ends[1:]):
        events.append(data[begin + 4:stop])
    cases = []
    for i in range(SHUFFLES):
        shuffled = events * 2
        rng.shuffle(shuffled)
        cases.append((f"shuffled {i}", put_events(meta, shuffled)))
    later = [e[:2] + b"\x09" + e[3:] for e in events]
    cases += [("events of a later version", put_events(meta, later)),
              ("many events", put_events(meta, events * 3000))]
    for what, _, (status, out, err) in Cases(scratch, "rec", replay).results(cases):
        expect(what, status == 0 and not err and json_ok(out), (status, err))
    wrong = [("a later version", meta.replace(b'"wire":2', b'"wire":3'), "another version"),
             ("the other byte order", meta.replace(b"little", b"big").replace(b'"big"', b'"big"'), "other byte order"),
             ("a first line without an end", meta[:-2] + b'"' + b"x" * 10**7, "goes on for too long"),
             ("an event of 4 GiB", meta + b"\xff\xff\xff\xff" + b"x" * 100, f"byte {end}"),
             ("an event of no size", meta + bytes(10**6), f"byte {end}"),
             ("zeroes", bytes(10**7), "not a recording")]
    for what, bad, words in wrong:
        _, _, (status, out, err) = Cases(scratch, "rec", replay).one(0, what, bad)
        expect(what, status == 1 and err.count("\n") == 1 and words in err, (status, err))


# ---- JSON Lines

def records(out):
    return json.loads(out)["read"] if out else 0


def cut_lines(scratch, data, name, pack):
    """Cut within a line, the lines before it are counted; one line says which byte is wrong."""
    packed = pack(data)
    ends = [i + 1 for i, c in enumerate(data) if c == 10] if packed is data else []
    for at, cut, (status, out, err) in Cases(scratch, name, report).results((n, packed[:n]) for n in offsets(len(packed), ends)):
        whole = not at or at == len(packed) or at in ends or at + 1 in ends
        if whole and (packed is data or at == len(packed)):
            expect(f"{name} cut at {at}, whole", status == 0 and not err, (status, err))
        elif at:
            expect(f"{name} cut at {at}", status == 1 and err.count("\n") == 1 and said_at(err) is not None and
                   said_at(err) <= at, (status, err))
        expect(f"{name} cut at {at}: counted", json_ok(out) and
               (packed is not data or records(out) >= sum(e <= at for e in ends[:-1])), out)


def flipped_lines(scratch, data, rng, name, pack):
    for what, _, (status, out, err) in Cases(scratch, name, report).results(flipped(pack(data), rng, FLIPS)):
        lines = err.splitlines()
        expect(f"{name} flipped {what}", status in (0, 1) and bool(lines) == (status == 1) and len(lines) <= (1 if name == "json" else 8) and
               all(line.startswith("rsttrace: ") for line in lines), (status, err))
        expect(f"{name} flipped {what}: JSON", json_ok(out), out)


def other_lines(scratch, data, rng):
    lines = data.splitlines(True)
    shuffled = lines * 3
    rng.shuffle(shuffled)
    good = [("shuffled", b"".join(shuffled)), ("no line", b""), ("keys of a later version",
            b"".join(line.replace(b"{", b'{"new":{"a":[1,null,true]},', 1) for line in lines)),
            ("without its last newline", data[:-1])]
    for what, bad in good:
        _, _, (status, out, err) = Cases(scratch, "json", report).one(0, what, bad)
        expect(f"lines: {what}", status == 0 and not err and json_ok(out), (status, err))
    wrong = [("another schema", data.replace(b"rsttrace/1", b"rsttrace/2"), "byte 0"),
             ("a line of 8 MB", data + b'{"a":"' + b"x" * 8000000 + b'"}\n', "longer than any record"),
             ("zeroes", bytes(3 * 10**7), "longer than any record"),
             ("depth", data + b'{"a":' + b"[" * 100000 + b"\n", "too deep"),
             ("two documents in a line", data[:-1] + b"{}\n", "more follows")]
    for what, bad, words in wrong:
        _, _, (status, out, err) = Cases(scratch, "json", report).one(0, what, bad)
        expect(f"lines: {what}", status == 1 and words in err and json_ok(out), (status, err))


def zstd(data):
    return subprocess.run(["zstd", "-q"], input=data, capture_output=True, check=True).stdout


def main():
    rng = random.Random(SEED)
    with open(os.path.join(made.DATA, "wire2-closed-port.rec"), "rb") as f:
        recording = f.read()
    with open(os.path.join(made.DATA, "wire2-closed-port.json"), "rb") as f:
        lines = f.read()
    with tempfile.TemporaryDirectory(prefix="rsttrace-damage-") as scratch:
        cut_recordings(scratch, recording)
        flipped_recordings(scratch, recording, rng)
        other_recordings(scratch, recording, rng)
        for name, pack in (("json", lambda data: data), ("gz", lambda data: gzip.compress(data, mtime=0)),
                           *([("zst", zstd)] if shutil.which("zstd") else [])):
            cut_lines(scratch, lines, name, pack)
            flipped_lines(scratch, lines, rng, name, pack)
        other_lines(scratch, lines, rng)
    print(f"{passed} passed, {len(failures)} failed, 0 skipped")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
