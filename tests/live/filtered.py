#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A filter that the kernel side applies leaves out nothing that is asked for, and counts the rest.

    filtered.py [BUILD [KERNEL...]]

filtered.sh traces on this machine and in guests with these kernels: several tracers with a filter
each, which the kernel side applies, and one that records everything, whose recording is filtered in
user space. Both ways have to give the same records. Where the kernel refused runs, or the ring buffer
was full, a record may be missing on one side; such a run is played once more.
"""
import collections
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
STORM = 400
GUEST_FILTERS = "none port addr netns"
# Keys that differ between two tracers: each reads the clock and looks up processes by itself.
VOLATILE = re.compile(r"^(id|rev|time|time_ns)$|_us$|_(exe|cgroup|unit|process|container\w*|pod\w*|image)$")
# Filters that the kernel side cannot apply: it has to leave nothing out.
NOT_IN_KERNEL = {"cause"}


def read(lines):
    """The last revision of each record, and the end line."""
    records, end = {}, None
    for line in map(json.loads, lines):
        if line.get("type") == "end":
            end = line
        elif "type" not in line:
            records[line["id"]] = line
    return list(records.values()), end


def plain(value, key=""):
    if isinstance(value, list):
        return tuple(plain(v) for v in value)
    if isinstance(value, dict):
        return tuple(sorted((k, plain(v, k)) for k, v in value.items() if not VOLATILE.search(k)))
    if key == "follows":        # an id
        return True
    if key in ("cause_text", "situation_text", "advice"):
        return re.sub(r"\d+([.,]\d+)*( ?(µs|us|ms|s|min|h)\b)?", "N", value)
    return value


def replay(rsttrace, recording, args):
    done = subprocess.run([rsttrace, "--replay", recording, "--json", "-q", "--settle", "500", *args],
                          stdout=subprocess.PIPE, text=True, check=True)
    return read(done.stdout.splitlines())[0]


def within(where, records):
    """The records of the time when all were tracing: other processes may have resets before and after."""
    begin, end = (os.stat(f"{where}/{name}").st_mtime_ns for name in ("begin", "end"))
    return [r for r in records if begin <= r["time_ns"] <= end]


def difference(name, live, replayed):
    """A sentence for the first record that one side has and the other has not."""
    a, b = collections.Counter(map(plain, live)), collections.Counter(map(plain, replayed))
    alone = [("live", r) for r in (a - b)] + [("replayed", r) for r in (b - a)]
    if not alone:
        return None
    words = "\n    ".join(f"{side}: {json.dumps(dict(r), default=str)[:1500]}" for side, r in alone[:4])
    return f"{len(alone)} of {len(live)} and {len(replayed)} records differ with {name}:\n    {words}"


def left_out(end):
    return end["sent_filtered"] + end["received_filtered"]


def whole(end):
    """Whether every reset that the kernel side counted was told, or is in one of the other figures."""
    return all(row["count"] >= row["counted_only"] + row["lost"] + row.get("filtered", 0)
               for row in end["counts"]) and left_out(end) == sum(
                   row.get("filtered", 0) for row in end["counts"]
                   if row.get("event") in ("sent-active", "sent-reply", "received"))


def judge(rsttrace, where, live_run):
    """[(name of a check, None or what is wrong)], and whether events were missing."""
    found, missing, any_record = [], 0, False
    for path in sorted(glob.glob(f"{where}/*.args")):
        name = os.path.basename(path)[:-len(".args")]
        with open(path, encoding="ascii") as f:
            args = f.read().split()
        with open(f"{where}/{name}.json", encoding="utf-8") as f:
            live, end = read(f)
        missing += end["lost"] + end["missed"]
        any_record |= bool(live)
        replayed = replay(rsttrace, f"{where}/all.rec", args)
        if live_run:
            live, replayed = within(where, live), within(where, replayed)
        found.append((f"{name}-same-records", difference(" ".join(args), live, replayed)))
        in_kernel = name not in NOT_IN_KERNEL
        found.append((f"{name}-counted", None if bool(left_out(end)) == in_kernel and whole(end) else
                      f"end line {json.dumps(end)[:2000]}"))
    with open(f"{where}/all.json", encoding="utf-8") as f:
        end = read(f)[1]
    missing += end["lost"] + end["missed"]
    found.append(("a-recording-has-all", f"{left_out(end)} were left out" if left_out(end) else None))
    found.append(("some-records", None if any_record else "no filter let anything through"))
    return found, missing


def trace_here(build, out):
    subprocess.run([f"{HERE}/filtered.sh", os.path.abspath(build), out], check=True,
                   env={**os.environ, "STORM": str(STORM)})


def trace_in_guest(build, kernel, out):
    """Returns False where there is no such guest."""
    static = os.path.join(build, "static")
    done = subprocess.run(
        [f"{HERE}/../vm/run.sh", kernel, "--timeout", "300", "--out", out, "--add", f"{static}/rsttrace",
         "--add", f"{static}/scenarios", "--add", f"{HERE}/filtered.sh", "--exec",
         f"STORM={STORM // 2} filtered.sh /bin /out {GUEST_FILTERS}"],
        env={**os.environ, "BUILD": static}, check=False)
    if done.returncode not in (0, 77):
        sys.exit(f"filtered.py: guest {kernel}: status {done.returncode}")
    return not done.returncode


def play(build, kernel):
    """What judge() found: in a second run if events were missing in the first. None: no such guest."""
    for last in False, True:
        with tempfile.TemporaryDirectory(prefix="rsttrace-filtered-") as out:
            if not kernel:
                trace_here(build, out)
            elif not trace_in_guest(build, kernel, out):
                return None
            found, missing = judge(os.path.join(build, "rsttrace"), out, not kernel)
        if last or not missing or not any(why for _, why in found):
            return found
        print(f"again filtered: {missing} runs and events were missing")


def main():
    build, kernels = sys.argv[1] if len(sys.argv) > 1 else "build", sys.argv[2:]
    counts = collections.Counter()
    for kernel in [None, *kernels] if not os.geteuid() else kernels:
        found = play(build, kernel)
        if found is None:
            counts["skipped"] += 1
            continue
        for name, why in found:
            name = f"{kernel}-{name}" if kernel else name
            print(f"FAIL filtered-{name}: {why}" if why else f"ok filtered-{name}")
            counts["failed" if why else "passed"] += 1
    counts["skipped"] += bool(os.geteuid())
    print("{} passed, {} failed, {} skipped".format(*(counts[k] for k in ("passed", "failed", "skipped"))))
    sys.exit(1 if counts["failed"] else 0)


main()
