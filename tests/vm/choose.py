#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""choose.py DIR KERNEL HOOKS - prints the scenarios that may differ between a ladder and auto.

DIR/KERNEL/auto is what matrix.sh leaves of auto: what `rsttrace check` says of each ladder, the
recording, and the incidents of each scenario. If the ladder attaches a probe in another way than
auto does, that probe's events are taken out of auto's recording: the scenarios whose incidents
then change depend on the probe, and have to be played. The others would only run the same programs
again. The IPv6 twin of a scenario is played as well if one of these probes has functions of its
own for IPv6.

Prints "all" if nothing can be left out: there is no recording, or a probe differs that has no
events of its own. Exit status 3 if the kernel has no such ladder.
"""
import collections
import json
import os
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "data"))

import recording

BUILD = os.environ.get("BUILD", "build")
MARKER_PORT = 9         # tests/scenarios/scene.h: the record that ends a scenario
CALLS = {"send failed", "receive failed", "splice in failed", "error taken", "connect failed"}
# Whether a raw event, as --events prints it, comes from the probe.
EVENTS = {
    "reset sent actively": lambda e: e["event"] == "sent-active",
    "reset sent in reply": lambda e: e["event"] == "sent-reply",
    "firewall reject": lambda e: e["event"] == "sent-netfilter",
    "reset received": lambda e: e["event"] == "received" and e.get("state") != "SYN_RECV",
    "reset of handshake": lambda e: e["event"] == "received" and e.get("state") == "SYN_RECV",
    "reset dropped": lambda e: e["event"] == "ignored",
    "socket state": lambda e: e["event"] == "aborted",
    "socket destroyed": lambda e: e["event"] == "destroy",
    **{name: lambda e: e["event"] == "call" for name in CALLS},
}
# Keys that differ from one replay to the next.
VOLATILE = {"id", "rev"}


def read_check(path):
    """{probe: (way, functions)}, of the probes that are attached."""
    with open(path, encoding="utf-8") as f:
        check = json.load(f)
    return {p["name"]: (p.get("by"), tuple(p.get("at", ()))) for p in check["probes"]}


def has_ladder(probes, hooks):
    return any(by == hooks for by, _ in probes.values())


def other_ways(auto, ladder):
    return [name for name in auto if auto[name] != ladder.get(name)]


def replay(path, *options):
    done = subprocess.run([os.path.join(BUILD, "static", "rsttrace"), "--replay", path, "--json",
                           "-q", "--settle", "500", *options], stdout=subprocess.PIPE, text=True,
                          check=True)
    return map(json.loads, done.stdout.splitlines())


def incidents(path):
    """{namespace: the newest revision of each incident}; None: events were missing, so it is not known"""
    newest = {r["id"]: r for r in replay(path) if "type" not in r and r["sport"] != MARKER_PORT}
    told = collections.defaultdict(list)
    for record in newest.values():
        told[record.get("netns")].append({k: v for k, v in record.items() if k not in VOLATILE})
    return told


def times_of(path, probes):
    """The times of these probes' events, as bytes of the recording."""
    return {e["mono_ns"].to_bytes(8, "little") for e in replay(path, "--events")
            if e.get("type") == "event" and any(EVENTS[p](e) for p in probes)}


def read_scenes(path):
    """[(scenario, its namespaces)], from its incidents; every scenario has at least a marker."""
    scenes = collections.defaultdict(set)
    with open(path, encoding="utf-8", errors="replace") as f:
        for line in f:
            m = re.match(r"([a-z0-9.-]+): (\{.*\})$", line)
            if m:
                scenes[m[1]] |= {json.loads(m[2]).get("netns")} - {None}
    return scenes.items()


def resting_on(where, probes):
    """The scenarios of auto's recording whose incidents change without these probes' events."""
    path = os.path.join(where, "rec")
    meta, events = recording.load(path)
    gone = times_of(path, probes)
    with tempfile.TemporaryDirectory(prefix="rsttrace-choose-") as scratch:
        without = os.path.join(scratch, "rec")
        recording.save(without, meta, [e for e in events if not any(t in e for t in gone)])
        whole, part = incidents(path), incidents(without)
    changed = {n for n in whole.keys() | part.keys() if whole.get(n) != part.get(n)}
    return [name for name, netns in read_scenes(os.path.join(where, "told")) if netns & changed]


def with_own_v6(probes, *checks):
    """The probes that have functions of their own for IPv6."""
    return [p for p in probes
            if any(re.search(r"v6|6$", f) for check in checks for f in check.get(p, (0, ()))[1])]


def without_twins(names, reach):
    """Leaves out IPv6 twins that run no other functions; `reach` names those that do."""
    have = set(names)
    for name in names:
        base = re.sub(r"-(v6|mapped.*)$", "", name)
        if base == name or base not in have or name in reach:
            yield name


def main():
    base, kernel, hooks = sys.argv[1:]
    where = os.path.join(base, kernel, "auto")
    try:
        auto = read_check(f"{where}/check-auto")
        ladder = read_check(f"{where}/check-{hooks}")
    except FileNotFoundError:
        print("all")
        return 0
    if not has_ladder(ladder, hooks):
        return 3
    differing = other_ways(auto, ladder)
    if not os.path.exists(f"{where}/rec") or not os.path.exists(f"{where}/told"):
        print("all")
        return 0
    every = [name for name, _ in read_scenes(f"{where}/told")]
    if set(differing) <= EVENTS.keys():
        chosen = resting_on(where, differing)
    else:
        chosen = every
    own = [p for p in with_own_v6(differing, auto, ladder) if p in EVENTS]
    reach = set(resting_on(where, own)) if own else set()
    print(*without_twins(chosen, reach), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
