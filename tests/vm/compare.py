#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""compare.py [--docs FILE] DIR KERNEL/HOOKS... - the matrix, judged.

DIR/KERNEL/HOOKS is what matrix.sh leaves of each run. The incidents of each
ladder are held against those of auto on the same kernel, scenario by scenario
and field by field; what cannot be the same twice (ids, ports, times) need only
be there or not be there in both. What differs, and what a scenario complains
of, passes only where tests/vm/differences names it: by its key where a ladder
says nothing of what auto tells, and with both values where it says something
else. So a ladder that sees less fails no scenario by it, and one that says what
is not true does. --docs writes the table of what is seen how, from the same runs.
"""
import argparse
import collections
import fnmatch
import json
import os
import re
import sys

MARKER_PORT = 9         # tests/scenarios/scene.h: the record that ends a scenario
NOTHING = "nothing"
VOLATILE = re.compile(r"(^|[._])(id|rev|time|time_ns|host|netns|rst_seq|[sd]port|pid|tid|\w+_us|"
                      r"retrans)$")
FIGURES = {"cause_text", "advice"}


# Of another cause they say nothing: each cause has its own.
OF_CAUSE = FIGURES | {"confidence"}


def comparable(record):
    """The record, and the calls in its `errors`, without what differs from run to run."""
    plain = {}
    for key, value in record.items():
        if key == "errors":
            value = [comparable(call) for call in value]
        elif VOLATILE.search(key):
            value = "something"
        elif key in FIGURES:
            value = re.sub(r"\d+([.,]\d+)*( (µs|us|ms|s|min|h)\b)?", "N", value)
        plain[key] = value
    return plain


def read_told(path):
    """The incidents of each scenario, as the tracer gave them in the end."""
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
    """What `rsttrace check` says: (probe, way, symbol) for each, and the kernel."""
    probes, kernel, inside = [], "?", False
    with open(path, encoding="utf-8") as f:
        for line in f:
            if line.startswith("kernel "):
                kernel = line.split()[1].rstrip(",")
            if inside and not line.strip():
                break
            if inside:
                probes.append((line[:21].strip(), *line[21:].split(None, 2)[:2]))
            inside = inside or line.startswith("PROBE")
    return kernel, probes


class Run:
    def __init__(self, base, name):
        self.kernel, self.hooks = name.rsplit("/", 1)
        self.dir = os.path.join(base, name)
        self.results, self.told, self.probes, self.release = {}, {}, [], "?"
        self.in_part = 0        # scenarios told in part, as named
        self.status = self.read("status").strip()
        if os.path.exists(f"{self.dir}/check"):
            self.release, self.probes = read_probes(f"{self.dir}/check")
        self.complete = os.path.exists(f"{self.dir}/results")
        if self.complete:
            for line in self.read("results").splitlines():
                row = line.split("\t")
                self.results[row[0]] = row[1:]
            self.told = read_told(f"{self.dir}/told")

    def read(self, name):
        try:
            with open(f"{self.dir}/{name}", encoding="utf-8", errors="replace") as f:
                return f.read()
        except FileNotFoundError:
            return ""

    def absent(self):
        """The kernel has no hook of this kind at all, and said so."""
        return self.hooks != "auto" and not self.complete and bool(self.probes) and all(
            way != self.hooks for _, way, _ in self.probes)

    def verdicts(self):
        return collections.Counter(row[0] for row in self.results.values())


def match(reference, other):
    """Pairs of records, those first that agree in most; None where one has no counterpart."""
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
    """Each call with the first of auto's that it does not contradict, in order; None beside those
    that the other does not have."""
    rest = list(reference)
    for i, call in enumerate(calls):
        while len(rest) > len(calls) - i and any(call.get(k, v) != v for k, v in rest[0].items()):
            yield rest.pop(0), None
        yield rest.pop(0) if rest else None, call
    for a in rest:
        yield a, None


def differing(a, b, prefix=""):
    """(key, value in a, value in b) of two records, or of two calls."""
    skipped = {"errors"} | (OF_CAUSE if a.get("cause") != b.get("cause") else set())
    for key in sorted((a.keys() | b.keys()) - skipped):
        if a.get(key) != b.get(key):
            yield prefix + key, a.get(key), b.get(key)
    for x, y in pair_calls(a.get("errors", []), b.get("errors", [])):
        if x and y:
            yield from differing(x, y, "errors[].")
        else:
            yield "errors", x and x["errno"], y and y["errno"]


def differences(auto, run, failed):
    """(scenario, key, value by auto, value by this ladder), of all that both played to its end."""
    for scenario, row in run.results.items():
        if row[0] == "skip" or scenario in failed or auto.results.get(scenario, ["none"])[0] != "ok":
            continue
        for a, b in match(auto.told.get(scenario, []), run.told.get(scenario, [])):
            if a and b:
                for key, x, y in differing(a, b):
                    yield scenario, key, x, y
            else:
                yield scenario, "incident", a and a["cause"], b and b["cause"]


Named = collections.namedtuple("Named", "where scenario key old new reason")


def read_named(path):
    rows = []
    with open(path, encoding="utf-8") as f:
        for line in f:
            if not line.strip() or line.startswith("#"):
                continue
            where, what, reason = line.strip().split(None, 2)
            what, _, values = what.partition("=")
            old, _, new = (values or f"*->{NOTHING}").partition("->")
            scenario, _, key = what.rpartition(":")
            rows.append(Named(where, scenario or "*", key, old, new, reason))
    return rows


def text(value):
    """A value as tests/vm/differences has it."""
    return NOTHING if value is None else value if isinstance(value, str) else json.dumps(value)


def fits(value, patterns):
    return any(fnmatch.fnmatchcase(value, p) for p in patterns.split("|"))


def reason_for(rows, run, scenario, key, old, new):
    """old may be several values, as a scenario may take one for as good as the other."""
    for row in rows:
        if fits(f"{run.kernel}/{run.hooks}", row.where) and fits(scenario, row.scenario) and \
                fits(key.replace("[]", ""), row.key.replace("[]", "")) and \
                any(fits(o, row.old) for o in text(old).split("|")) and fits(text(new), row.new):
            return row.reason
    return None


def read_complaint(complaint):
    """(key, expected, got) of what a scenario found; None where it is no matter of a key."""
    m = re.match(r"incident: one more than expected: \w+ (\S+)", complaint)
    if m:
        return "incident", None, m[1]
    m = re.match(r"([a-z]\w*(?:\[\d+\]\.\w+)?): expected (.+), got (.+)$", complaint)
    if not m:
        return None
    key, old, new = re.sub(r"\[\d+\]", "[]", m[1]), m[2].strip('"'), m[3].strip('"')
    if key in ("incident", "errors"):       # how many
        more = int(new.split()[0]) > int(old)
        return (key, None, "more") if more else (key, "more", None)
    return key, None if old == NOTHING else old, None if new == NOTHING else new


def unnamed_complaints(rows, run):
    """What the suite found wrong and no row names: (scenario, complaint)."""
    unnamed = []
    for line in run.read("verdicts").splitlines():
        m = re.match(r"FAIL ([^:]+): (.*)", line)
        if not m or m[2] == "differences at a checkpoint:":     # which are named one by one
            continue
        found = read_complaint(m[2])
        if not found or reason_for(rows, run, m[1], *found) is None:
            unnamed.append((m[1], m[2]))
    return unnamed


def judge(runs, rows):
    """Prints what differs and is not named; returns figures, and all differences by run and key."""
    passed = failed = skipped = 0
    table = {}
    autos = {r.kernel: r for r in runs if r.hooks == "auto" and r.complete}
    for run in runs:
        name = f"{run.kernel}/{run.hooks}"
        if run.absent() or run.status == "77":
            print(f"skip matrix-{name}: " + (f"the kernel has no {run.hooks} hooks"
                                             if run.absent() else "no such kernel here"))
            skipped += 1
            continue
        if not run.complete:
            print(f"FAIL matrix-{name}: the guest ended with status {run.status or 'none'}")
            failed += 1
            continue
        v = run.verdicts()
        unnamed = unnamed_complaints(rows, run)
        failing = {sc for sc, _ in unnamed}
        run.in_part = v["FAIL"] - len(failing & run.results.keys())
        passed, skipped = passed + v["ok"], skipped + v["skip"]
        failed += v["FAIL"] - run.in_part
        for scenario, complaint in unnamed:
            print(f"{name}: FAIL {scenario}: {complaint}")
        if run.in_part:
            print(f"{name}: {run.in_part} scenarios told in part, as named")
        else:
            print(*(f"{name}: {line}\n" for line in run.read("verdicts").splitlines()
                    if line.startswith("again ")), sep="", end="")
        auto = autos.get(run.kernel)
        if not auto or run is auto:
            continue
        found = collections.defaultdict(list)
        for scenario, key, a, b in differences(auto, run, failing):
            reason = reason_for(rows, run, scenario, key, a, b)
            # what is merely absent is one difference, whatever it was
            change = (text(a) if b is not None else "", text(b))
            found[key, reason, change].append((scenario, a, b))
        bad = 0
        for (key, reason, change), where in sorted(found.items(), key=str):
            table[name, key, reason, change] = (len(where), where[0])
            if reason is None:
                bad += 1
                scenario, a, b = where[0]
                print(f"{name}: {key} in {len(where)} records, as in {scenario}: "
                      f"auto {a!r}, {run.hooks} {b!r}")
        print(f"{'FAIL' if bad else 'ok'} matrix-{name}: {len({k for k, *_ in found})} keys differ from auto, "
              f"{bad} of them unnamed")
        passed, failed = passed + (not bad), failed + bool(bad)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return failed, table


def write_probes(out, runs):
    out("## How each probe is attached", "")
    out("| probe | " + " | ".join(f"{r.kernel} {r.hooks}" for r in runs) + " |")
    out("|---" * (len(runs) + 1) + "|")
    names = list(dict.fromkeys(p for r in runs for p, _, _ in r.probes))
    for name in names:
        cells = [next((w for p, w, _ in r.probes if p == name), "?") for r in runs]
        out(f"| {name} | " + " | ".join("**none**" if c == "MISSING" else c for c in cells) + " |")
    out("")


def write_verdicts(out, runs):
    out("## The suite on each", "", "Told in part: what the ladder cannot show is missing, as named "
        "further below.", "", "| kernel | release | hooks | passed | told in part | failed | skipped |",
        "|---|---|---|---|---|---|---|")
    for r in runs:
        v = r.verdicts()
        if r.complete:
            figures = f"{v['ok']} | {r.in_part} | {v['FAIL'] - r.in_part} | {v['skip']}"
        else:
            figures = ("the kernel has none" if r.absent() else "not run") + " | | |"
        out(f"| {r.kernel} | {r.release} | {r.hooks} | {figures} |")
    skips = collections.defaultdict(set)
    for r in runs:
        for scenario, row in r.results.items():
            if row[0] == "skip":
                skips[row[-1], f"{r.kernel} {r.hooks}"].add(scenario)
    alike = collections.defaultdict(list)
    for (why, where), scenarios in skips.items():
        alike[why, tuple(sorted(scenarios))].append(where)
    out("", "Skipped:", "", "| why | where | scenarios |", "|---|---|---|")
    for (why, scenarios), where in sorted(alike.items()):
        out(f"| {why} | {', '.join(where)} | {', '.join(scenarios)} |")
    out("")


def write_differences(out, runs, table):
    """By reason; races come out differently each time and say nothing of a ladder."""
    out("## What a ladder does not see as auto does", "",
        "| kernel | hooks | keys | for example | why |", "|---|---|---|---|---|")
    for r in runs:
        by_reason = collections.defaultdict(list)
        for (name, key, reason, (old, new)), (_, example) in table.items():
            if name == f"{r.kernel}/{r.hooks}" and not (reason or "").startswith("a race:"):
                how = f"`{key}`" if new == NOTHING else f"`{key}`: {old} → {new}"
                by_reason[reason].append((how, key, example))
        for reason, found in by_reason.items():
            keys = ", ".join(dict.fromkeys(how for how, *_ in found))
            _, key, (scenario, a, b) = found[0]
            a, b = (f"`{text(x)}`" if x is not None else NOTHING for x in (a, b))
            out(f"| {r.kernel} | {r.hooks} | {keys} | `{key}` in {scenario}: {b}, by auto "
                f"{a} | {reason or '**not named**'} |")
    out("")


def by_cause(runs):
    """Each scenario with what it expects, as `cause (kind)`, ordered by that."""
    expected = {}
    for r in runs:
        for scenario, row in r.results.items():
            if len(row) > 1 and (row[1] or scenario not in expected):
                causes = (c.replace("|", " or ").partition(":") for c in row[1].split(",") if c)
                expected[scenario] = ", ".join(dict.fromkeys(f"{c} ({k})" for c, _, k in causes))
    return sorted(expected.items(), key=lambda item: (not item[1], item[1], item[0]))


def write_causes(out, runs):
    """Every scenario on every kernel, by the hooks that rsttrace chooses there."""
    autos = [r for r in runs if r.hooks == "auto" and r.complete]
    out("## Each scenario on each kernel", "",
        "What it makes happen, and how sure the record was; `no incident` where none is to be told.",
        "", "| cause (kind) | scenario | " + " | ".join(r.kernel for r in autos) + " |",
        "|---" * (len(autos) + 2) + "|")
    for scenario, causes in by_cause(autos):
        cells = []
        for r in autos:
            verdict, _, confidence, _ = (r.results.get(scenario, []) + [""] * 4)[:4]
            sure = ", ".join(dict.fromkeys(confidence.split(",")))
            cells.append((sure or "ok") if verdict == "ok" else verdict or "not played")
        out(f"| {causes or 'no incident'} | {scenario} | " + " | ".join(cells) + " |")
    out("")


def write_docs(path, runs, table):
    lines = []

    def out(*text):
        lines.extend(text)

    out("# What is seen where", "", "<!-- Made from the runs by tests/vm/matrix.sh --docs: do not "
        "edit. -->", "")
    write_probes(out, runs)
    write_verdicts(out, runs)
    write_differences(out, runs, table)
    write_causes(out, runs)
    with open(path, "w", encoding="utf-8") as f:
        f.write("\n".join(lines).rstrip("\n") + "\n")


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--docs")
    p.add_argument("dir")
    p.add_argument("runs", nargs="+")
    args = p.parse_args()
    here = os.path.dirname(os.path.abspath(__file__))
    runs = [Run(args.dir, name) for name in args.runs]
    failed, table = judge(runs, read_named(f"{here}/differences"))
    if args.docs:
        write_docs(args.docs, runs, table)
    sys.exit(1 if failed else 0)


main()
