#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""memory.py [--all] [BUILD] - memory refused: each allocation of a short replay, and of a report, fails once.

Then the program has said so in one line and failed, or has told all it would have told. Without
--all every eleventh allocation is tried. Needs no privileges.
"""
import concurrent.futures
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(HERE, "..", "data")
ALL = "--all" in sys.argv
ARGS = [a for a in sys.argv[1:] if a != "--all"]
BUILD = os.path.abspath(ARGS[0] if ARGS else "build")
RECORDING = f"{DATA}/wire2-close-with-unread.rec"
RUNS = {
    "text": ["-v", "--replay", RECORDING],
    "json": ["--json", "--events", "--replay", RECORDING],
    "files": ["-q", "--json-file=/dev/null", "--pcapng=/dev/null", "--junit=/dev/stdout", "--html=/dev/null",
              "--replay", RECORDING],
    "top": ["top", "--once", "--replay", RECORDING],
    "report": ["report", f"{DATA}/wire2-close-with-unread.json", RECORDING],
}
passed, failures = 0, []


def run(args, **env):
    done = subprocess.run([f"{BUILD}/rsttrace", *args], capture_output=True, timeout=60, check=False,
                          env={"PATH": os.environ["PATH"], "TZ": "UTC0", "LC_ALL": "C.UTF-8", "TERM": "dumb",
                               "LD_PRELOAD": f"{BUILD}/nomem.so", **env})
    return done.returncode, done.stdout, done.stderr


def judge(name, at, whole, got):
    global passed
    status, out, err = got
    told = [line for line in err.split(b"\n") if line.startswith(b"rsttrace: ")]
    # without its locale top escapes what is no ASCII; a report says of what it could not pair
    less = b"close-with-unread" in out and (name == "top" or b"\n         1  not paired: " in out)
    if (status == 0 and (out == whole[1] or less) and not told) or (status in (1, 2) and len(told) == 1):
        passed += 1
        return
    failures.append(at)
    print(f"FAIL faults memory {name}: allocation {at} refused: status {status}, {err[-300:]!r}"
          f"{'' if out == whole[1] else ', less was told'}")


def main():
    with tempfile.TemporaryDirectory(prefix="rsttrace-memory-") as scratch:
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for name, args in RUNS.items():
                whole = run(args, NOMEM_COUNT=f"{scratch}/count")
                with open(f"{scratch}/count", encoding="ascii") as f:
                    n = int(f.read())
                numbers = range(1, n + 1, 1 if ALL else 11)
                for at, got in zip(numbers, pool.map(lambda at: run(args, NOMEM_AT=str(at)), numbers)):
                    judge(name, at, whole, got)
    print(f"{passed} passed, {len(failures)} failed, 0 skipped")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
