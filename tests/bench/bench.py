#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What tracing costs, measured in pairs.

Each round runs the same loads once under every subject, in an order that
changes from round to round; ratios are taken within a round, so that a
machine that slows down for a second slows both sides of a ratio.

    bench.py            the table
    bench.py --check    fails when rsttrace costs more than empty programs on
                        the same hooks, or starts too slowly
"""

import argparse
import ctypes
import fcntl
import os
import socket
import struct
import subprocess
import sys

import stats
from subjects import Failed, all_subjects

CLONE_NEWNET = 0x40000000
EMPTY_READY_MS = 16      # of the empty programs, as the README has them
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1

LOADS = {
    "rtt": "1-byte ping-pong, both ends on one core: round trips/s",
    "conn": "connect, accept, close, on one core: connections/s",
}
NOTHING, EMPTY = "nothing", "empty programs"


def fresh_network():
    """A network namespace with loopback up: no TIME_WAIT left from the cell before."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET):
        raise Failed(f"cannot make a network namespace: {os.strerror(ctypes.get_errno())}")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        request = bytearray(struct.pack("16sh22x", b"lo", 0))
        fcntl.ioctl(s, SIOCGIFFLAGS, request)
        flags = struct.unpack_from("h", request, 16)[0]
        struct.pack_into("h", request, 16, flags | IFF_UP)
        fcntl.ioctl(s, SIOCSIFFLAGS, request)


def run_load(build, load, seconds):
    """Rates per second and per second of CPU time."""
    core = max(os.sched_getaffinity(0))
    done = subprocess.run([f"{build}/bench/pingpong", load, str(core), str(seconds)],
                          stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise Failed(f"the load {load} failed")
    return tuple(float(rate) for rate in done.stdout.split())


def run_pieces(build, load, seconds, pieces):
    """The median of several short runs, each in processes of its own: where their
    memory happens to lie makes runs differ by more than tracing does."""
    runs = [run_load(build, load, seconds / pieces) for _ in range(pieces)]
    return [stats.median(rates) for rates in zip(*runs)]


class Results:
    def __init__(self):
        self.rate = {}          # (load, subject) -> one number a round
        self.cpu_rate = {}      # the same, per second of CPU time
        self.ready = {}         # subject -> seconds, one a round
        self.cpu = {}           # subject -> share of one CPU while the loads ran
        self.rss = {}           # subject -> KiB

    def add(self, table, key, value):
        table.setdefault(key, []).append(value)


def run_cell(args, subject, loads, results):
    """subject: None for nothing."""
    name = subject.name if subject else NOTHING
    fresh_network()
    if subject:
        results.add(results.ready, name, subject.start())
        before = subject.cpu_sec()
    try:
        for load in loads:
            rate, cpu_rate = run_pieces(args.build, load, args.cell_sec, args.pieces)
            results.add(results.rate, (load, name), rate)
            results.add(results.cpu_rate, (load, name), cpu_rate)
        if subject:
            spent = subject.cpu_sec() - before
            results.add(results.cpu, name, spent / (args.cell_sec * len(loads)))
            results.add(results.rss, name, subject.rss_kib())
    finally:
        if subject:
            subject.stop()


def run_round(number, args, subjects, loads, results):
    turn = number // 2 % len(subjects)
    order = subjects[turn:] + subjects[:turn]
    for subject in reversed(order) if number % 2 else order:
        run_cell(args, subject, loads, results)


def against_empty(rates, load, name):
    ratios = stats.ratios(rates[load, name], rates[load, EMPTY])
    low, high = stats.interval(ratios, .95)
    return f"{stats.median(ratios):.3f} [{low:.3f}, {high:.3f}]"


def print_load(results, load, names):
    print(f"\n{LOADS[load]}")
    print(f"  {'':15} {'median':>8}   {'quartiles':^19} {'of nothing':>11}"
          f"   {'of empty programs':^20}   {'by CPU time':^20}")
    for name in names:
        rates = results.rate[load, name]
        of_nothing = stats.ratios(rates, results.rate[load, NOTHING])
        line = (f"  {name:15} {stats.median(rates):8.0f}   {stats.quantile(rates, .25):8.0f} .. "
                f"{stats.quantile(rates, .75):<8.0f} {stats.median(of_nothing):10.3f}")
        if EMPTY in names and name not in (NOTHING, EMPTY):
            line += (f"   {against_empty(results.rate, load, name):>20}"
                     f"   {against_empty(results.cpu_rate, load, name):>20}")
        print(line)


def print_tools(results, names):
    print("\nthe tools themselves")
    print(f"  {'':15} {'start to ready, ms':^26}   {'CPU, % of a core':>16}   {'RSS, MiB':>8}")
    for name in names:
        ready = [1000 * t for t in results.ready[name]]
        print(f"  {name:15} {stats.median(ready):7.1f}  ({min(ready):5.1f} .. {max(ready):6.1f})"
              f"   {100 * stats.median(results.cpu[name]):19.2f}"
              f"   {stats.median(results.rss[name]) / 1024:8.1f}")


def table(args):
    subjects = [None]
    for subject in all_subjects(args.build):
        why = subject.missing()
        if why and subject.name == "rsttrace":
            raise Failed(f"{why}: build it first")
        if why:
            print(f"bench: without {subject.name}: {why}", file=sys.stderr)
        else:
            subjects.append(subject)
    results = Results()
    for number in range(args.rounds):
        progress(f"round {number + 1} of {args.rounds}")
        run_round(number, args, subjects, LOADS, results)
    progress("")
    names = [s.name if s else NOTHING for s in subjects]
    print(f"{args.rounds} rounds, {args.cell_sec:g} s a cell in {args.pieces} runs, order rotated, "
          f"{os.uname().release}, {os.cpu_count()} CPUs\n"
          "ratios: median of the ratios within a round [95 % interval]; by CPU time: per second of\n"
          "CPU time of the two ends, so that what else runs on the machine does not count")
    for load in LOADS:
        print_load(results, load, names)
    print_tools(results, names[1:])
    return 0


def progress(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def judge(low, high, wanted, last):
    """None: more rounds. An interval that never becomes narrow proves nothing."""
    if low >= wanted:
        return "ok"
    if high < wanted:
        return "FAIL"
    if high - low < 0.02 and (low + high) / 2 >= wanted:
        return "ok"
    if not last:
        return None
    return "ok" if high - low < 0.04 else "SKIP"


def check_cost(args, results):
    empty, subject = all_subjects(args.build)[:2]
    for needed in (empty, subject):
        why = needed.missing()
        if why:
            raise Failed(f"{why}: build it first")
    verdict = None
    for number in range(args.max_rounds):
        run_round(number, args, [empty, subject], ["rtt"], results)
        if number + 1 < args.rounds:
            continue
        ratios = stats.ratios(results.cpu_rate["rtt", subject.name],
                              results.cpu_rate["rtt", empty.name])
        # 99 %: the question is put again after every round
        low, high = stats.interval(ratios, .99)
        verdict = judge(low, high, args.ratio, number + 1 == args.max_rounds)
        if verdict:
            break
    print(f"{verdict:4} bench-cost: {stats.median(ratios):.4f} of the round trips per CPU second "
          f"with empty programs [{low:.4f}, {high:.4f}], wanted {args.ratio}, {number + 1} rounds"
          + (": too noisy to tell" if verdict == "SKIP" else ""))
    return verdict


def check_ready(args, results):
    """Judges the lower quartile: other work on the machine only ever delays a start. Where
    the empty programs, started in turn with rsttrace, are late as well, too long says nothing."""
    starts = [1000 * t for t in results.ready["rsttrace"]]
    quick = stats.quantile(starts, .25)
    empty = stats.quantile([1000 * t for t in results.ready["empty programs"]], .25)
    late = empty > EMPTY_READY_MS
    verdict = "ok" if quick <= args.ready_ms else "SKIP" if late else "FAIL"
    print(f"{verdict:4} bench-ready: a quarter of {len(starts)} starts ready within {quick:.1f} ms, "
          f"half within {stats.median(starts):.1f}, wanted {args.ready_ms:g}; the empty programs "
          f"{empty:.1f}" + (f", not {EMPTY_READY_MS}: too slow a machine to tell"
                            if verdict == "SKIP" else ""))
    return verdict


def check(args):
    results = Results()
    verdicts = [check_cost(args, results), check_ready(args, results)]
    counts = [verdicts.count(v) for v in ("ok", "FAIL", "SKIP")]
    print("{} passed, {} failed, {} skipped".format(*counts))
    return 1 if counts[1] else 0


def main():
    env = os.environ.get
    parser = argparse.ArgumentParser(description="What tracing costs, measured in pairs.")
    parser.add_argument("--check", action="store_true", help="pass or fail, no table")
    args = parser.parse_args()
    args.build = os.path.abspath(env("BUILD", "build"))
    args.rounds = int(env("ROUNDS", "12" if args.check else "15"))
    args.max_rounds = max(int(env("MAX_ROUNDS", "150")), args.rounds)
    args.cell_sec = float(env("CELL_SEC", "0.05" if args.check else "0.5"))
    args.pieces = 1 if args.check else 5
    args.ready_ms = float(env("READY_MS", "60"))
    args.ratio = float(env("RATIO", "0.99"))
    try:
        return check(args) if args.check else table(args)
    except Failed as e:
        print(f"bench: {e}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
