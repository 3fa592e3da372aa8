#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What tracing costs, measured in pairs.

Each round runs the same loads once under every subject, in an order that
changes from round to round; ratios are taken within a round, so that a
machine that slows down for a second slows both sides of a ratio.

    bench.py            the tables, and BUILD/bench.json for machines
    bench.py --check    fails when rsttrace starts too slowly
"""

import argparse
import json
import os
import subprocess
import sys

import loads
import stats
import tool
from loads import LOADS
from subjects import Failed, all_subjects

EMPTY_READY_MS = 16      # of the empty programs on an ordinary machine
NOTHING, EMPTY, RSTTRACE = "nothing", "empty programs", "rsttrace"
TOO_WIDE = 0.04          # an interval this wide shows nothing
QUIET_SHARE = 0.97       # the share of its core that a load gets on a quiet machine


class Results:
    def __init__(self):
        self.rate = {}          # (load, subject) -> one number a round
        self.cpu_rate = {}      # the same, per second of CPU time
        self.ready = {}         # subject -> seconds, one a round
        self.cpu = {}           # subject -> seconds of CPU while the loads ran

    def add(self, table, key, value):
        table.setdefault(key, []).append(value)


def run_cell(args, subject, names, results):
    """subject: None for nothing."""
    name = subject.name if subject else NOTHING
    loads.fresh_network()
    if subject:
        results.add(results.ready, name, subject.start())
        before = subject.cpu_sec()
    try:
        for load in names:
            rate, cpu_rate = loads.run_load(args, load)
            results.add(results.rate, (load, name), rate)
            results.add(results.cpu_rate, (load, name), cpu_rate)
        if subject:
            results.add(results.cpu, name, subject.cpu_sec() - before)
    finally:
        if subject:
            subject.stop()


def run_round(number, args, subjects, names, results):
    turn = number // 2 % len(subjects)
    order = subjects[turn:] + subjects[:turn]
    for subject in reversed(order) if number % 2 else order:
        run_cell(args, subject, names, results)


def ratio(results, load, name, to):
    """Median and interval of what is kept, per second of CPU time."""
    each = stats.ratios(results.cpu_rate[load, name], results.cpu_rate[load, to])
    return (stats.median(each),) + stats.interval(each, .95)


def shown(of):
    middle, low, high = of
    if high - low > TOO_WIDE:
        return f"too noisy [{low:.2f}, {high:.2f}]" if high < 9 else "too few rounds"
    return f"{middle:.3f} [{low:.3f}, {high:.3f}]"


def share_had(results):
    """How much of its core the ping-pong had; the rest went to others."""
    return stats.median(stats.ratios(results.rate["rtt", NOTHING], results.cpu_rate["rtt", NOTHING]))


def row(results, load, names):
    return {
        "nothing_per_sec": stats.median(results.cpu_rate[load, NOTHING]),
        "of_nothing": {name: ratio(results, load, name, NOTHING) for name in names[1:]},
        "of_empty": {name: ratio(results, load, name, EMPTY) for name in names[2:]},
    }


def verdict(load, line):
    wanted, to = LOADS[load][2]
    middle, low, high = line["of_empty" if to == EMPTY else "of_nothing"][RSTTRACE]
    said = "met" if low >= wanted else "not met" if high < wanted else "cannot tell"
    return f"{said}: {wanted} of {to} wanted, {middle:.3f} [{low:.3f}, {high:.3f}]"


def print_load(load, line):
    what, step, _ = LOADS[load]
    print(f"\n{what}: {line['nothing_per_sec']:.0f} {step}/s beside nothing")
    print(f"  {'':15} {'of nothing':^24}  {'of empty programs':^24}")
    for name, of in line["of_nothing"].items():
        of_empty = line["of_empty"].get(name)
        print(f"  {name:15} {shown(of):^24}  {shown(of_empty) if of_empty else '':^24}".rstrip())
    print(f"  {verdict(load, line)}")


def print_tools(results, names):
    print("\nstart to ready in the rounds, ms, and CPU time beside the loads, % of a core")
    for name in names:
        ready = [1000 * t for t in results.ready[name]]
        spent = stats.median(results.cpu[name])
        print(f"  {name:15} {stats.median(ready):7.1f}  ({min(ready):5.1f} .. {max(ready):6.1f})"
              f"   {100 * spent / results.load_sec:6.2f}")


def print_programs(measuring, rows):
    print(f"\nrsttrace's programs by the kernel's statistics, least of {tool.REPEATS}, "
          f"less {measuring:.0f} ns of measuring a run")
    for load, name, runs, ns in rows:
        if runs >= .5:
            print(f"  {load:5} {name:16} {runs:5.1f} runs a step, {ns:6.0f} ns a run, "
                  f"{runs * ns:6.0f} ns a step")


def chosen_subjects(args):
    subjects = []
    for subject in all_subjects(args.build):
        why = subject.missing()
        if why and subject.name in (RSTTRACE, EMPTY):
            raise Failed(f"{why}: build it first")
        if why:
            print(f"bench: without {subject.name}: {why}", file=sys.stderr)
        else:
            subjects.append(subject)
    return subjects


def chosen_loads():
    names = []
    for load in LOADS:
        why = loads.missing(load)
        if why:
            print(f"bench: without {load}: {why}", file=sys.stderr)
        else:
            names.append(load)
    return names


def empty_hooks(subject):
    subject.start()
    subject.stop()
    return subject.stderr.decode(errors="replace").partition("ready on")[2].split()


def curve(args):
    replay = os.path.join(os.path.dirname(os.path.abspath(__file__)), "replay.py")
    done = subprocess.run([replay], env={**os.environ, "BUILD": args.build}, text=True,
                          stdout=subprocess.PIPE, check=False)
    return done.stdout if not done.returncode else "failed\n"


def print_tool(found):
    for n, start in (("0", found["start"]), (f"{tool.SOCKETS:,}", found["start_beside_sockets"])):
        print(f"start to ready beside {n} sockets: {start['median_ms']:.0f} ms "
              f"({start['least_ms']:.0f} .. {start['most_ms']:.0f})")
    rest = found["rest"]
    print(f"at rest: {rest['wake_ups']} wake-ups in {rest['seconds']} s; {rest['rss_kib'] / 1024:.1f} MiB "
          f"resident, {rest['maps_kib'] / 1024:.1f} MiB of maps")


def measure_tool(args, subjects):
    empty, rsttrace = subjects[:2]
    loads.fresh_network()
    measuring, rows = tool.programs(args.build, empty, rsttrace)
    print_programs(measuring, rows)
    found = {"programs": rows, "measuring_ns": measuring, "start": tool.start_times(rsttrace),
             "start_beside_sockets": tool.start_beside_sockets(rsttrace),
             "rest": tool.at_rest(rsttrace)}
    print()
    print_tool(found)
    found["replay"] = curve(args)
    print("\nreplay\n" + found["replay"])
    return found


def table(args):
    subjects, names, results = chosen_subjects(args), chosen_loads(), Results()
    results.load_sec = sum(1 if load in loads.WEB else args.cell_sec for load in names)
    lacking = tool.hooks_without_empty(subjects[1].argv[0], empty_hooks(subjects[0]))
    for number in range(args.rounds):
        progress(f"round {number + 1} of {args.rounds}")
        run_round(number, args, [None] + subjects, names, results)
    progress("")
    tools = [NOTHING] + [s.name for s in subjects]
    share = share_had(results)
    print(f"{args.rounds} rounds, {args.cell_sec:g} s a load in {args.pieces} runs (the web's: 1 s), "
          f"order rotated, {os.uname().release}, {os.cpu_count()} CPUs; the loads on one core, the "
          "tool on another\nratios: median of the ratios within a round [95 % interval], per second "
          "of CPU time of the load's\nprocesses, so that what else runs on the machine does not count")
    print("empty programs are on every hook that rsttrace attaches" if not lacking else
          "no empty program is on: " + " ".join(lacking))
    print(f"the loads had {share:.3f} of their core" + ("" if share >= QUIET_SHARE else
          ": this machine is not quiet, and no rate by the clock is worth anything"))
    lines = {load: row(results, load, tools) for load in names}
    for load, line in lines.items():
        print_load(load, line)
    print_tools(results, tools[1:])
    found = measure_tool(args, subjects)
    with open(f"{args.build}/bench.json", "w") as f:
        json.dump({"kernel": os.uname().release, "cpus": os.cpu_count(), "rounds": args.rounds,
                   "share_of_core": share, "quiet": share >= QUIET_SHARE,
                   "hooks_without_empty": lacking, "loads": lines, **found}, f, indent=1)
        f.write("\n")
    return 0


def progress(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def check(args):
    """Judges the lower quartile, as other work on the machine only delays a start. Where the empty
    programs, started in turn with rsttrace, are late as well, a late start proves nothing."""
    results = Results()
    for number in range(args.rounds):
        run_round(number, args, chosen_subjects(args)[:2], [], results)
    starts = [1000 * t for t in results.ready[RSTTRACE]]
    quick = stats.quantile(starts, .25)
    empty = stats.quantile([1000 * t for t in results.ready[EMPTY]], .25)
    late = empty > EMPTY_READY_MS
    said = "ok" if quick <= args.ready_ms else "SKIP" if late else "FAIL"
    print(f"{said:4} bench-ready: a quarter of {len(starts)} starts ready within {quick:.1f} ms, "
          f"half within {stats.median(starts):.1f}, wanted {args.ready_ms:g}; the empty programs "
          f"{empty:.1f}" + (f", not {EMPTY_READY_MS}: too slow a machine to tell"
                            if said == "SKIP" else ""))
    print("{} passed, {} failed, {} skipped".format(*((said == v) + 0 for v in ("ok", "FAIL", "SKIP"))))
    return 1 if said == "FAIL" else 0


def main():
    env = os.environ.get
    parser = argparse.ArgumentParser(description="What tracing costs, measured in pairs.")
    parser.add_argument("--check", action="store_true", help="pass or fail, no table")
    args = parser.parse_args()
    args.build = os.path.abspath(env("BUILD", "build"))
    args.rounds = int(env("ROUNDS", "15"))
    args.cell_sec = float(env("CELL_SEC", "0.5"))
    args.pieces = 5
    args.ready_ms = float(env("READY_MS", "60"))
    try:
        return check(args) if args.check else table(args)
    except Failed as e:
        print(f"bench: {e}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
