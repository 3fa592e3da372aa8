#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""compare.py [--docs FILE] DIR KERNEL/HOOKS... - the matrix, judged.

DIR/KERNEL/HOOKS is what matrix.sh leaves of each run. The incidents of each
ladder are held against those of auto on the same kernel, scenario by scenario
and field by field; what cannot be the same twice (ids, ports, times) need only
be there or not be there in both. A difference passes where tests/vm/differences
names it, and so does a scenario's complaint of that field: a ladder that sees
less fails no scenario by it. The file has lines of KERNEL/HOOKS [SCENARIO:]KEY
REASON, the first two may be patterns; the key "incident" stands for a whole
record. --docs writes the table of what is seen how, from the same runs.
"""
import argparse
import collections
import fnmatch
import json
import os
import re
import sys

MARKER_PORT = 9         # tests/scenarios/scene.h: the record that ends a scenario
LADDERS = ["auto", "fentry", "tracepoint", "kprobe"]
VOLATILE = re.compile(r"(^|[._])(id|rev|time|time_ns|host|netns|rst_seq|[sd]port|pid|tid|\w+_us|"
                      r"retrans)$")
FIGURES = {"cause_text", "advice"}


def flatten(record):
    """One flat dictionary; the calls in `errors` by their number."""
    flat = {}
    for key, value in record.items():
        if key == "errors":
            for i, call in enumerate(value):
                flat.update({f"errors[{i}].{k}": v for k, v in call.items()})
        else:
            flat[key] = value
    for key, value in flat.items():
        if VOLATILE.search(key):
            flat[key] = "something"
        elif key in FIGURES:
            flat[key] = re.sub(r"\d+([.,]\d+)*( (µs|us|ms|s|min|h)\b)?", "N", value)
    return flat


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
                told[m[1]].append(flatten(record))
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
    """Pairs of records that agree in most; None where one has no counterpart."""
    rest = list(other)
    for a in reference:
        if not rest:
            yield a, None
            continue
        best = max(rest, key=lambda b: sum(b.get(k) == v for k, v in a.items()))
        rest.remove(best)
        yield a, best
    for b in rest:
        yield None, b


def differences(auto, run):
    """(scenario, key, value by auto, value by this ladder), of what both played and passed."""
    for scenario, row in run.results.items():
        if row[0] != "ok" or auto.results.get(scenario, ["none"])[0] != "ok":
            continue
        for a, b in match(auto.told.get(scenario, []), run.told.get(scenario, [])):
            if a is None or b is None:
                yield scenario, "incident", a and a["cause"], b and b["cause"]
                continue
            for key in sorted(a.keys() | b.keys()):
                if a.get(key) != b.get(key):
                    yield scenario, key, a.get(key), b.get(key)


def read_named(path):
    rows = []
    with open(path, encoding="utf-8") as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                rows.append(tuple(line.split(None, 2)))
    return rows


def literal(text):
    """Brackets are no pattern here."""
    return text.replace("[", "<").replace("]", ">")


def reason_for(rows, run, scenario, key):
    for where, pattern, reason in rows:
        name = f"{scenario}:{key}" if ":" in pattern else key
        if fnmatch.fnmatchcase(f"{run.kernel}/{run.hooks}", where) and \
                fnmatch.fnmatchcase(literal(name), literal(pattern)):
            return reason.strip()
    return None


def unnamed_complaints(rows, run):
    """What the suite found wrong and no row names: (scenario, complaint)."""
    unnamed = []
    for line in run.read("verdicts").splitlines():
        m = re.match(r"FAIL ([^:]+): (.*)", line)
        if not m:
            continue
        key = re.match(r"([a-z]\w*(\[\d+\]\.\w+)?): ", m[2])
        key = re.sub(r"\[\d+\]", "[]", key[1]) if key else ""
        if not key or reason_for(rows, run, m[1], key) is None:
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
        run.in_part = v["FAIL"] - len({sc for sc, _ in unnamed if sc in run.results})
        passed, skipped = passed + v["ok"], skipped + v["skip"]
        failed += v["FAIL"] - run.in_part
        for scenario, complaint in unnamed:
            print(f"{name}: FAIL {scenario}: {complaint}")
        if run.in_part:
            print(f"{name}: {run.in_part} scenarios told in part, as named")
        auto = autos.get(run.kernel)
        if not auto or run is auto:
            continue
        found = collections.defaultdict(list)
        for scenario, key, a, b in differences(auto, run):
            key = re.sub(r"\[\d+\]", "[]", key)
            found[key, reason_for(rows, run, scenario, key)].append((scenario, a, b))
        bad = 0
        for (key, reason), where in sorted(found.items(), key=str):
            table[name, key, reason] = (len(where), where[0])
            if reason is None:
                bad += 1
                scenario, a, b = where[0]
                print(f"{name}: {key} in {len(where)} records, as in {scenario}: "
                      f"auto {a!r}, {run.hooks} {b!r}")
        print(f"{'FAIL' if bad else 'ok'} matrix-{name}: {len({k for k, _ in found})} keys differ from auto, "
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
        for (name, key, reason), (_, example) in table.items():
            if name == f"{r.kernel}/{r.hooks}" and not (reason or "").startswith("a race:"):
                by_reason[reason].append((key, example))
        for reason, found in by_reason.items():
            keys = ", ".join(f"`{k}`" for k, _ in found)
            scenario, a, b = found[0][1]
            a, b = (f"`{x}`" if x is not None else "nothing" for x in (a, b))
            out(f"| {r.kernel} | {r.hooks} | {keys} | `{found[0][0]}` in {scenario}: {b}, by auto "
                f"{a} | {reason or '**not named**'} |")
    out("")


def by_cause(runs):
    """Each scenario with what it expects, as `cause (kind)`, ordered by that."""
    expected = {}
    for r in runs:
        for scenario, row in r.results.items():
            if len(row) > 1 and (row[1] or scenario not in expected):
                causes = (c.partition(":") for c in row[1].split(",") if c)
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
