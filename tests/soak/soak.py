#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""soak.py BUILD [SECONDS] - one tracer for a long time, in a mixture of all that the tests know to play.

What it holds is written to BUILD/soak/curve.csv again and again; after a warm-up it has to stay as it
is. At the end each reset that the kernel counted must have a record or be counted as having none.
"""
import collections
import csv
import json
import os
import signal
import statistics
import sys
import threading
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "live"))
import figures  # noqa: E402
import lab  # noqa: E402
import traffic  # noqa: E402

PORT = 9464
RATE = 100              # fewer than a burst of the traffic has: some resets are counted only
SAMPLES = 120           # ... of a soak, but none is shorter than a second
MEMORY_BOUND = 2048     # KiB between the second quarter and the last; spares of programs may be loaded meanwhile
SPARES_BOUND = 40       # their descriptors
KEPT = 8192             # incidents, and as many the tracer keeps: user/incident/chain.c
GONE_SOCKS = 4096       # sockets that are gone and still have an entry: bpf/owner.bpf.h
MARGIN = 64             # entries of a map: a kind of traffic may have some more at the moment
WARM_PORTS = range(100, 200)
PRINTED = 8
SENT = ("active", "reply")


class Records(threading.Thread):
    """Reads the tracer's records as they come, and keeps what is to be judged of them."""

    def __init__(self, lines, netns):
        super().__init__()
        self.lines, self.netns = lines, netns
        self.last = None
        self.n = self.elsewhere = self.sent = 0
        self.causes = collections.Counter()
        self.unexplained, self.wrong = [], []
        self.start()

    def run(self):
        for line in self.lines:
            r = self.last = json.loads(line)
            if r.get("rev") != 0 or "kind" not in r:
                continue
            self.n += 1
            if r.get("netns") != self.netns:
                self.elsewhere += 1
                continue
            self.sent += r["kind"] in SENT
            self.causes[r["cause"]] += 1
            if r["cause"] == "unknown" and "losses" not in r:
                self.unexplained.append(r)


def sample(pid, maps, begin, records):
    told = figures.metrics(PORT)
    return {
        "seconds": round(time.monotonic() - begin, 1), **figures.memory(pid), **figures.descriptors(pid),
        "threads": figures.threads(pid), "records": records.n, "events": int(told["rsttrace_events_total"]),
        "lost": int(told["rsttrace_lost_events_total"]), "missed": int(told["rsttrace_missed_runs_total"]),
        "ring": int(told["rsttrace_ring_used_bytes"]), **{name: m.entries() for name, m in sorted(maps.items())},
    }


def watch(pid, maps, begin, end, records, path):
    """Samples until the end: the curve. It is written as it grows, in case the machine dies."""
    curve, step = [], max(1, (end - begin) / SAMPLES)
    with open(path, "w", encoding="ascii", newline="") as f:
        out = None
        while time.monotonic() < end:
            curve.append(sample(pid, maps, begin, records))
            out = out or csv.DictWriter(f, curve[0])
            if len(curve) == 1:
                out.writeheader()
            out.writerow(curve[-1])
            f.flush()
            time.sleep(max(0, begin + step * len(curve) - time.monotonic()))
    return curve


def show(curve):
    names = [n for n in curve[0] if any(row[n] for row in curve)]
    rows = [curve[i * (len(curve) - 1) // (PRINTED - 1)] for i in range(PRINTED)]
    widths = {n: max(len(n), *(len(str(row[n])) for row in rows)) for n in names}
    print("soak: " + " ".join(n.rjust(widths[n]) for n in names))
    for row in rows:
        print("soak: " + " ".join(str(row[n]).rjust(widths[n]) for n in names))


def growth(curve, name):
    """Between the second quarter and the last, by medians: a moment's peak is no growth."""
    n = len(curve)
    before, after = curve[n // 4:n // 2], curve[3 * n // 4:]
    return statistics.median(r[name] for r in after) - statistics.median(r[name] for r in before)


def judge_curve(curve):
    # an LRU gets full and stays so; what finds no place in the map "counts" is counted beside it
    bounds = {"rss": MEMORY_BOUND, "pss": MEMORY_BOUND, "anonymous": MEMORY_BOUND, "bpf_fds": SPARES_BOUND,
              "other_fds": 1, "threads": 1, "listeners": MARGIN, "followed": 0, "socks": GONE_SOCKS}
    grown = {name: growth(curve, name) for name in bounds}
    print("soak: grew by: " + ", ".join(f"{name} {grown[name]:g} (at most {bounds[name]})" for name in bounds))
    return {f"{name}-is-flat": grown[name] <= bound for name, bound in bounds.items()}


def out_rsts():
    with open("/proc/self/net/snmp", encoding="ascii") as f:
        names, values = (line.split() for line in f if line.startswith("Tcp:"))
    return int(dict(zip(names, values))["OutRsts"])


def judge_totals(records, status, said, sent):
    """Nothing is unexplained where all traffic is this test's."""
    end = records.last
    account = next((row for row in end.get("namespaces", []) if row["netns"] == records.netns), {})
    untold = account.get("untold", 0)
    # what is counted beside "counts", as that is full, has neither a class nor a namespace
    crowded = sum(row["counted_only"] + row["lost"] for row in end["counts"] if row.get("other"))
    # these classes do not name a cause
    unclear = sum(row["counted_only"] for row in end["counts"] if row.get("netns") == records.netns and
                  row["event"] in ("sent-active", "sent-reply") and row["class"] in ("connection", "listener", "given-up"))
    print(f"soak: {sent} resets by OutRsts, {records.sent} of them with a record, {untold} counted only; {crowded} of "
          f"any namespace counted among others; {records.elsewhere} records of other namespaces; {end['lost']} events "
          f"lost, {end['missed']} runs missed")
    doubts = crowded + end["lost"] + end["missed"]
    return {
        "ends-with-status-0": status == 0 and end.get("type") == "end" and "rsttrace: " not in said,
        "the-total-is-the-kernels": account.get("out_rsts") == sent > 0,
        "every-reset-has-a-record-or-is-counted": 0 <= sent - records.sent - untold <= doubts,
        "all-have-an-explanation": 0 <= sent - account.get("explained", 0) - unclear <= doubts,
        "no-difference-is-without-a-source": "unknown" not in account.get("sources", ()),
        "records-have-a-cause": not records.unexplained,
        "some-have-a-record-and-some-not": records.sent > 0 and untold > 0,
    }


def warm_up(records):
    """As many incidents as the tracer keeps, of so many kinds that each has its record."""
    end = time.monotonic() + 60
    while records.n < KEPT and time.monotonic() < end:
        for port in WARM_PORTS:
            lab.refuse(10, port)


def play(seconds, scenarios):
    end = time.monotonic() + seconds
    kinds = (traffic.talk, traffic.churn, traffic.refuse, traffic.abort, traffic.programs)
    return end, [traffic.begin(kind, end) for kind in kinds] + [traffic.begin(traffic.scenarios, end, scenarios)]


def main():
    if os.geteuid():
        lab.skip("soak", "needs root")
    build = os.path.abspath(lab.build_folder())
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 1200
    os.makedirs(f"{build}/soak", exist_ok=True)
    lab.own_namespace()
    before = out_rsts()
    tracer, said = lab.start(f"{build}/rsttrace", "--json", "--rate", str(RATE), "--metrics", str(PORT))
    records = Records(tracer.stdout, lab.netns())
    maps = figures.maps(tracer.pid)
    warm_up(records)
    begin = time.monotonic()
    end, players = play(seconds, f"{build}/scenarios")
    curve = watch(tracer.pid, maps, begin, end, records, f"{build}/soak/curve.csv")
    played = [os.waitpid(pid, 0)[1] for pid in players]
    tracer.send_signal(signal.SIGINT)
    said = tracer.stderr.read()
    tracer.wait()
    records.join()
    show(curve)
    print(f"soak: causes: {dict(records.causes.most_common())}")
    lab.verdict("soak", {
        "all-was-played": not any(played),
        **judge_curve(curve),
        **judge_totals(records, tracer.returncode, said, out_rsts() - before),
    }, said, json.dumps(records.last)[:2000], *map(json.dumps, records.unexplained[:3]))


main()
