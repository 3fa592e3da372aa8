#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""clock.py BUILD [KERNEL] - the clock is set, and the machine sleeps, while rsttrace traces in a guest.

Each record has the time of day at which its connect was refused, by the clock as it was set then, and a
replay of the recording has the same. BUILD/static has the programs.
"""
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
NEAR = 60       # seconds: an emulated processor may be held up; the clock is set by hours
SLEPT = 3       # seconds of which the monotonic clock knows nothing, at least


def lines(path):
    with open(path, encoding="utf-8") as f:
        return f.read().splitlines()


def records(text):
    return [r["time_ns"] // 10**9 for r in map(json.loads, text) if "kind" in r]


def main():
    build, kernel = os.path.abspath(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "newest"
    checks = {}
    with tempfile.TemporaryDirectory(prefix="rsttrace-clock-") as out:
        done = subprocess.run([f"{HERE}/../vm/run.sh", kernel, "--exec", ". /bin/clock.sh", "--add", f"{HERE}/clock.sh",
                               "--add", f"{build}/static/rsttrace", "--timeout", "220", "--out", out],
                              env={**os.environ, "BUILD": f"{build}/static"}, check=False)
        if done.returncode == 77:
            print("skip clock: no such guest here\n0 passed, 0 failed, 1 skipped")
            return 0
        refused = [(what, int(wall), int(mono)) for what, wall, mono in map(str.split, lines(f"{out}/refused"))]
        told = records(lines(f"{out}/lines"))
        replay = subprocess.run([f"{build}/rsttrace", "--json", "-q", "--replay", f"{out}/rec"], capture_output=True,
                                text=True, check=True)
    checks["ends-with-status-0"] = done.returncode == 0
    checks["tells-each-reset"] = len(told) == len(refused) >= 3
    for (what, wall, _), time in zip(refused, told):
        checks[f"time-after-{what}" if what != "before" else "time-before"] = abs(time - wall) < NEAR
    checks["replay-has-the-same-times"] = records(replay.stdout.splitlines()) == told
    skipped = refused[-1][0] != "sleep"
    if not skipped:
        walls, monos = zip(*((wall, mono) for _, wall, mono in refused[-2:]))
        slept = walls[1] - walls[0] - (monos[1] - monos[0])
        checks["the-guest-slept"] = slept >= SLEPT
        print(f"clock: the guest slept for {slept} s")
    for name, good in checks.items():
        print(f"{'ok  ' if good else 'FAIL'} clock-{name}")
    if not all(checks.values()):
        print(refused, told)
    if skipped:
        print("skip clock-sleep: the guest cannot sleep")
    bad = list(checks.values()).count(False)
    print(f"{len(checks) - bad} passed, {bad} failed, {int(skipped)} skipped")
    return 1 if bad else 0


sys.exit(main())
