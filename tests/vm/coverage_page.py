# SPDX-License-Identifier: GPL-2.0
"""Writes docs/coverage.md from the runs that compare.py has judged."""
import collections
import json

NOTHING = "nothing"


def text(value):
    """A value as it is written in tests/vm/differences."""
    return NOTHING if value is None else value if isinstance(value, str) else json.dumps(value)


def write_probes(out, runs):
    out("## How each probe is attached", "")
    out("| probe | " + " | ".join(f"{r.kernel} {r.hooks}" for r in runs) + " |")
    out("|---" * (len(runs) + 1) + "|")
    names = list(dict.fromkeys(p for r in runs for p, _ in r.probes))
    for name in names:
        cells = [next((w for p, w in r.probes if p == name), "?") for r in runs]
        out(f"| {name} | " + " | ".join(cells) + " |")
    out("")


def write_verdicts(out, runs):
    out("## The suite on each", "", "Told in part: what the ladder cannot show is missing, as named "
        "further below.", "", "| kernel | release | hooks | passed | told in part | failed | skipped |",
        "|---|---|---|---|---|---|---|")
    for r in runs:
        v = r.verdicts()
        if r.complete:
            figures = f"{sum(v.values()) - v['skip'] - r.in_part - r.failed} | {r.in_part} | " \
                      f"{r.failed} | {v['skip']}"
        else:
            figures = ("the kernel has none" if r.absent() else "not run") + " | | |"
        out(f"| {r.kernel} | {r.release} | {r.hooks} | {figures} |")
    skips = collections.defaultdict(set)
    for r in runs:
        for scenario, row in r.results.items():
            if row["verdict"] == "skip":
                skips[row["reason"], f"{r.kernel} {r.hooks}"].add(scenario)
    alike = collections.defaultdict(list)
    for (why, where), scenarios in skips.items():
        alike[why, tuple(sorted(scenarios))].append(where)
    out("", "Skipped:", "", "| why | where | scenarios |", "|---|---|---|")
    for (why, scenarios), where in sorted(alike.items()):
        out(f"| {why} | {', '.join(where)} | {', '.join(scenarios)} |")
    out("")


def write_differences(out, runs, table):
    """By reason, without races: these come out differently each time and say nothing of a ladder."""
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
            if row["expected"] or scenario not in expected:
                causes = (c.replace("|", " or ").partition(":")
                          for c in row["expected"].split(",") if c)
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
            row = r.results.get(scenario, {"verdict": "not played", "confidence": ""})
            sure = ", ".join(dict.fromkeys(row["confidence"].split(",")))
            cells.append((sure or "ok") if row["verdict"] == "ok" else row["verdict"])
        out(f"| {causes or 'no incident'} | {scenario} | " + " | ".join(cells) + " |")
    out("")


def write(path, runs, table):
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
