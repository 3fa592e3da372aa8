#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""compare.py [--again | --docs FILE] DIR KERNEL/HOOKS... - judges the matrix.

DIR/KERNEL/HOOKS is what matrix.sh leaves of each run. The incidents of each
ladder are compared with those of auto on the same kernel, scenario by scenario
and field by field; of values that are never the same twice (ids, ports, times)
only the presence is compared. A difference, or a complaint about a scenario,
passes only if tests/vm/differences names it: by its key if the ladder lacks
what auto has, and with both values if it has another value. So a ladder that
sees less passes, and one that says something untrue fails. A scenario that
failed is played again, alone, in a fresh guest, and by auto as well if it
differed from auto: --again prints these, a line KERNEL/HOOKS SCENARIO... for
each run. A wrong cause, owner or process has failed at once; anything else has
failed if it fails twice, or if an event was missing though the run says that
none was. verdict.c has the same rules for scenarios that are judged in the
guest. --docs writes the table of what each ladder sees, from the same runs.
"""
import argparse
import collections
import json
import os
import re
import sys

sys.dont_write_bytecode = True

import coverage_page
from coverage_page import NOTHING
from named import FIGURES, OF_CAUSE, OF_SITUATION, read_named, reason_for, text

MARKER_PORT = 9         # tests/scenarios/scene.h: the record that ends a scenario
VOLATILE = re.compile(r"(^|[._])(id|rev|time|time_ns|host|netns|rst_seq|rst_ack|[sd]port|pid|tid|\w+_us|"
                      r"retrans|follows|segs_in|segs_out|ended_unsent)$")
# Whether data was sent in one segment or in several depends on timing.
WITH_DATA = {"post-data", "later"}
# Looked up in /proc and the cgroup tree: only a guest that judges while it plays has these.
LOOKED_UP = re.compile(r"_(exe|cgroup|unit|container|process)$")
# How many scenarios of a run may not come about, in both plays; and how many may differ, in one.
MAX_UNPLAYED, MAX_OTHERWISE = 2, 2
# Before 5.12 no kernel counts the runs that it refuses to a kprobe (bpf_prog_info.recursion_misses):
# so a missing event may be one of those, and counts as a difference in one play.
COUNTS_NO_REFUSALS = {"5.10"}
GRADES = ["none", "unplayed", "less", "otherwise", "missing", "wrong"]    # complaint.h


# These are of the owner: they are not compared if one ladder knows none, which counts as one difference.
OF_OWNER = ("pid", "tid", "uid", "comm", "fd")


def comparable(record):
    """The record, and the calls in its `errors`, without what differs from run to run."""
    plain = {}
    for key, value in record.items():
        if LOOKED_UP.search(key):
            continue
        if key == "errors":
            value = [comparable(call) for call in value]
        elif VOLATILE.search(key):
            value = "something"
        elif key in FIGURES:
            value = re.sub(r"\d+([.,]\d+)*( (µs|us|ms|s|min|h)\b)?", "N", value)
            # only said of waits of a millisecond or more, which depends on timing
            value = re.sub(r" N after its last word,?|, idle for N|, having heard nothing for N|"
                           r"(?<=answered nothing) for N", "", value)
        elif key == "stage" and value in WITH_DATA:
            value = "with data"
        plain[key] = value
    return plain


def read_told(path):
    """The incidents of each scenario, in their last revision."""
    told = collections.defaultdict(list)
    with open(path, encoding="utf-8", errors="replace") as f:
        for line in f:
            m = re.match(r"([a-z0-9.-]+): (\{.*\})$", line)
            if not m:
                continue
            record = json.loads(m[2])
            if record.get("sport") != MARKER_PORT:
                told[m[1]].append(comparable(record))
    return told


def read_probes(path):
    """What `rsttrace check` says: the kernel, and (probe, way) for each probe."""
    with open(path, encoding="utf-8") as f:
        check = json.load(f)
    return check["kernel"], [(p["name"], p.get("by", "**none**")) for p in check["probes"]]


class Run:
    def __init__(self, base, name, part=""):
        self.kernel, self.hooks = name.rsplit("/", 1)
        self.dir = os.path.join(base, name, part)
        self.results, self.told, self.probes, self.release = {}, {}, [], "?"
        self.in_part = self.failed = 0
        self.gaps = 0           # runs and events that the tracer says it missed or lost
        self.problems = 0       # what the tracer itself did wrong
        self.status = self.read("status").strip()
        for where in self.dir, os.path.join(base, self.kernel, "auto"):
            if not self.probes and os.path.exists(f"{where}/check-{self.hooks}"):
                self.release, self.probes = read_probes(f"{where}/check-{self.hooks}")
        self.complete = self.read_results() and self.status in ("0", "1")
        self.again = Run(base, name, "again") if self.complete and not part else None

    def read(self, name):
        try:
            with open(f"{self.dir}/{name}", encoding="utf-8", errors="replace") as f:
                return f.read()
        except FileNotFoundError:
            return ""

    def read_results(self):
        rows = [json.loads(line) for line in self.read("results").splitlines()]
        if not rows or "gaps" not in rows[-1]:
            return False
        self.gaps, self.problems = rows[-1]["gaps"], rows[-1]["problems"]
        self.results = {row["scenario"]: row for row in rows[:-1]}
        self.told = read_told(f"{self.dir}/told")
        return True

    def absent(self):
        """Whether the kernel has no hook of this kind, as its check says."""
        return self.hooks != "auto" and not self.complete and bool(self.probes) and all(
            way != self.hooks for _, way in self.probes)

    def verdict(self, scenario):
        return self.results.get(scenario, {}).get("verdict", "none")

    def verdicts(self):
        return collections.Counter(row["verdict"] for row in self.results.values())


def match(reference, other):
    """Pairs of records, those that agree in most keys first; None for a record without a counterpart."""
    rest, alone = list(reference), list(other)
    alike = [(sum(b.get(k) == v for k, v in a.items()), i, j)
             for i, a in enumerate(reference) for j, b in enumerate(other)]
    for _, i, j in sorted(alike, key=lambda pair: -pair[0]):
        if rest[i] is not None and alone[j] is not None:
            yield rest[i], alone[j]
            rest[i] = alone[j] = None
    yield from ((a, None) for a in rest if a is not None)
    yield from ((None, b) for b in alone if b is not None)


def pair_calls(reference, calls):
    """Pairs of calls, in order: each call with the first of auto's that it does not contradict; None
    for a call that the other side lacks."""
    rest = list(reference)
    for i, call in enumerate(calls):
        while len(rest) > len(calls) - i and any(call.get(k, v) != v for k, v in rest[0].items()):
            yield rest.pop(0), None
        yield rest.pop(0) if rest else None, call
    for a in rest:
        yield a, None


def of_nobody(record):
    """The keys that an end without an owner does not have."""
    return {f"{end}_{key}" for end in ("sender", "victim") if record.get(f"{end}_owner") == "none"
            for key in OF_OWNER}


def differing(a, b, prefix=""):
    """(key, value in a, value in b) for each difference between two records, or two calls."""
    skipped = {"errors"} | (OF_CAUSE if a.get("cause") != b.get("cause") else
                            OF_SITUATION if a.get("situation") != b.get("situation") else set())
    skipped |= of_nobody(a) | of_nobody(b)
    for key in sorted((a.keys() | b.keys()) - skipped):
        if a.get(key) != b.get(key):
            yield prefix + key, a.get(key), b.get(key)
    for x, y in pair_calls(a.get("errors", []), b.get("errors", [])):
        if x and y:
            yield from differing(x, y, "errors[].")
        else:
            yield "errors", x and x["errno"], y and y["errno"]


def differences(auto, run, failed):
    """(scenario, key, auto's value, this ladder's value, whether one of the two records names a loss), of
    the scenarios that both played to the end."""
    for scenario in run.results:
        if run.verdict(scenario) == "skip" or scenario in failed or auto.verdict(scenario) != "ok":
            continue
        for a, b in match(auto.told.get(scenario, []), run.told.get(scenario, [])):
            if a and b:
                lossy = "losses" in a or "losses" in b
                for key, x, y in differing(a, b):
                    yield scenario, key, x, y, lossy
            else:
                yield scenario, "incident", a and a["cause"], b and b["cause"], False


def what_differs(complaint):
    """(key, expected, got), as rows of differences name them; None if it is not about a key."""
    kind, got = complaint["kind"], complaint.get("got", "").strip('"')
    if kind == "value":
        old = complaint["expected"].strip('"')
        return (re.sub(r"\[\d+\]", "[]", complaint["key"]), None if old == NOTHING else old,
                got if "got" in complaint else None)
    if kind == "more-incidents":
        return "incident", None, json.loads(complaint["got"])["cause"]
    if kind == "more-calls":
        return "errors", None, "more"
    if kind in ("incidents", "calls"):
        return complaint["key"], "more", None
    return None


def sentence(complaint):
    if "expected" in complaint:
        return "{key}: expected {expected}, got {got}".format(**{"got": NOTHING, **complaint})
    return ": ".join(complaint[k] for k in ("key", "got") if k in complaint) or complaint["kind"]


def unnamed_complaints(rows, run, scenario):
    """The complaints about the scenario that no row of differences names."""
    unnamed = []
    told = run.told.get(scenario, [])
    lossy = any("losses" in record for record in told)
    nobody = set().union(*(of_nobody(record) for record in told))
    for complaint in run.results[scenario].get("complaints", []):
        found = what_differs(complaint)
        if complaint["kind"] == "checkpoint":       # its complaints follow, one by one
            continue
        if found and found[2] is None and found[0] in nobody:     # the owner has a complaint of its own
            continue
        if not found or reason_for(rows, run, scenario, *found, lossy) is None:
            unnamed.append(complaint)
    return unnamed


def worst(complaints):
    grades = {c["grade"] for c in complaints}
    if "unplayed" in grades and len(complaints) > 1:
        grades.add("otherwise")
    return max(grades, key=GRADES.index, default="none")


class Judged:
    """A run, with complaints and differences that are not named."""
    def __init__(self, rows, run, auto):
        self.run, self.auto, self.rows = run, auto, rows
        self.complaints = {}    # of scenarios that fail
        for scenario in run.results:
            if run.verdict(scenario) in ("FAIL", "again", "unplayed"):
                unnamed = unnamed_complaints(rows, run, scenario)
                if unnamed or not run.results[scenario].get("complaints"):
                    self.complaints[scenario] = unnamed
                else:
                    run.in_part += 1
        self.found = collections.defaultdict(list)      # how it differs from auto
        self.unlike = collections.defaultdict(set)      # scenario: the changes that are not named
        if auto and auto is not run:
            self.compare()

    def compare(self):
        for scenario, key, a, b, lossy in differences(self.auto, self.run, self.complaints):
            reason = reason_for(self.rows, self.run, scenario, key, a, b, lossy)
            # all keys that are merely absent count as one difference
            change = (text(a) if b is not None else "", text(b))
            self.found[key, reason, change].append((scenario, a, b))
            if reason is None:
                self.unlike[scenario].add((key, reason, change))

    def grade(self, scenario):
        complaints = self.complaints[scenario]
        return worst(complaints) if complaints else "wrong"

    def to_play_again(self):
        return [s for s in self.complaints if self.grade(s) != "wrong"] + list(self.unlike)

    def second_try(self):
        """The second play. If auto was played again too, it may agree with auto's first or second play."""
        second = Judged(self.rows, self.run.again, self.auto)
        if self.auto and self.auto.again and self.auto.again.complete:
            other = Judged(self.rows, self.run.again, self.auto.again)
            for scenario in self.auto.again.results:
                if self.auto.again.verdict(scenario) == "ok" and scenario not in other.unlike:
                    second.unlike.pop(scenario, None)
        return second

    def failed(self):
        """{scenario: why}, to be called when the second play is over."""
        second = self.second_try() if self.run.again.complete else None
        failed, by_chance, unplayed = {}, [], []
        for scenario in list(self.complaints) + list(self.unlike):
            grade = self.grade(scenario) if scenario in self.complaints else "otherwise"
            again = second.run.verdict(scenario) if second else "none"
            if grade == "wrong":
                failed[scenario] = "at once"
            elif again == "none":
                failed[scenario] = "and was not played again"
            elif grade == "unplayed" and scenario in second.complaints and \
                    second.grade(scenario) == "unplayed":
                unplayed.append(scenario)
            elif scenario in second.complaints or scenario in second.unlike:
                failed[scenario] = "twice"
            elif grade == "missing" and not self.run.gaps and \
                    self.run.kernel not in COUNTS_NO_REFUSALS:
                failed[scenario] = "once: an event was missing, and the run says that none was"
            elif grade == "otherwise" or (grade in ("less", "missing") and not self.run.gaps):
                by_chance.append(scenario)
        for many, most in (by_chance, MAX_OTHERWISE), (unplayed, MAX_UNPLAYED):
            if len(many) > most:
                failed.update({s: f"as more than {most} did" for s in many})
        self.run.unplayed = [s for s in unplayed if s not in failed]
        return failed


def print_complaints(judged, failed):
    name = f"{judged.run.kernel}/{judged.run.hooks}"
    for scenario, complaints in judged.complaints.items():
        word = "FAIL" if scenario in failed else \
            "unplayed" if scenario in judged.run.unplayed else "again"
        for complaint in complaints:
            print(f"{name}: {word} {scenario}: {sentence(complaint)}")
        if word == "FAIL":
            print(f"{name}: FAIL {scenario}: failed {failed[scenario]}")
    if judged.run.unplayed:
        print(f"{name}: {len(judged.run.unplayed)} scenes never came about, {MAX_UNPLAYED} may")
    if judged.run.in_part:
        print(f"{name}: {judged.run.in_part} scenarios told in part, as named")


def print_differences(judged, failed, table):
    """Prints the differences that are not named; returns how many kinds of them failed a scenario."""
    run, bad = judged.run, 0
    name = f"{run.kernel}/{run.hooks}"
    for (key, reason, change), where in sorted(judged.found.items(), key=str):
        table[name, key, reason, change] = (len(where), where[0])
        if reason is not None:
            continue
        counts = [w for w in where if w[0] in failed]
        bad += bool(counts)
        scenario, a, b = (counts or where)[0]
        print(f"{name}: {'FAIL' if counts else 'again'} {key} in {len(where)} records, as in "
              f"{scenario}: auto {a!r}, {run.hooks} {b!r}")
    return bad


def judge(judged, table):
    """Prints what is wrong with a run; returns how many passed, failed and were skipped."""
    run, failed = judged.run, judged.failed()
    print_complaints(judged, failed)
    bad = print_differences(judged, failed, table)
    v = run.verdicts()
    run.failed = len(failed.keys() & judged.complaints.keys())
    passed = sum(v.values()) - v["skip"] - run.failed - run.in_part - len(run.unplayed)
    skipped = v["skip"] + len(run.unplayed)
    print(*(f"{run.kernel}/{run.hooks}: {line}\n" for line in run.read("verdicts").splitlines()
            if line.startswith("FAIL tracer")), sep="", end="")
    if judged.auto and judged.auto is not run:
        print(f"{'FAIL' if bad else 'ok'} matrix-{run.kernel}/{run.hooks}: "
              f"{len({k for k, *_ in judged.found})} keys differ from auto, {bad} of them unnamed")
        passed += not bad
    return passed, run.failed + bool(bad) + run.problems, skipped


def judge_all(runs, rows):
    """Prints what is wrong with all runs; returns how many failed, and all differences by run and key."""
    sums, table = [0, 0, 0], {}
    autos = {r.kernel: r for r in runs if r.hooks == "auto" and r.complete}
    for run in runs:
        name = f"{run.kernel}/{run.hooks}"
        if run.absent() or run.status == "77":
            print(f"skip matrix-{name}: " + (f"the kernel has no {run.hooks} hooks"
                                             if run.absent() else "no such kernel here"))
            counts = 0, 0, 1
        elif not run.complete:
            print(f"FAIL matrix-{name}: the guest ended with status {run.status or 'none'}")
            counts = 0, 1, 0
        else:
            counts = judge(Judged(rows, run, autos.get(run.kernel)), table)
        sums = [a + b for a, b in zip(sums, counts)]
    print("{} passed, {} failed, {} skipped".format(*sums))
    return sums[1], table


def print_again(runs, rows):
    autos = {r.kernel: r for r in runs if r.hooks == "auto" and r.complete}
    again = collections.defaultdict(list)       # run: scenarios
    for run in runs:
        judged = Judged(rows, run, autos.get(run.kernel)) if run.complete else None
        names = judged.to_play_again() if judged else []
        # more failures are not by chance, and playing them all again would take long
        if 0 < len(names) <= 4 + len(run.results) // 50:
            again[run].extend(names)
            again[autos.get(run.kernel, run)].extend(judged.unlike)
    for run, names in again.items():
        if names:       # without any, the whole suite would be played
            print(f"{run.kernel}/{run.hooks}", *sorted(set(names)))


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--docs")
    p.add_argument("--again", action="store_true")
    p.add_argument("dir")
    p.add_argument("runs", nargs="+")
    args = p.parse_args()
    here = os.path.dirname(os.path.abspath(__file__))
    runs = [Run(args.dir, name) for name in args.runs]
    rows = read_named(f"{here}/differences")
    if args.again:
        print_again(runs, rows)
        return
    failed, table = judge_all(runs, rows)
    if args.docs:
        coverage_page.write(args.docs, runs, table)
    sys.exit(1 if failed else 0)


main()
