#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Shipping without loss: the store is halted, killed and full, the shippers are killed, and all arrives once.

    shipping.py [DIRECTORY WITH rsttrace] [--short]

Both ways at once, each with a file and a database of its own, in front of one ClickHouse. Each time that the store
is away it is so until the shippers have all that was written, which is --short, or for two minutes more.
"""
import ctypes
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

import clickhouse
import shippers

sys.path.insert(0, os.path.join(clickhouse.HERE, "..", "live"))
import lab  # noqa: E402  pylint: disable=wrong-import-position

CLONE_NEWNS = 0x20000
PATIENCE = 120
AWAY = 120
DISK_MB = 200
INCIDENTS, FEW = 12000, 4000
STEPS = 6
checks, notes = {}, []


def own_disk(folder):
    """A small file system that only this test sees, to be filled."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS):
        sys.exit("shipping.py: unshare: " + os.strerror(ctypes.get_errno()))
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    os.makedirs(folder, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "rstfleet", folder], check=True)


def awaited(name, condition):
    end = time.monotonic() + PATIENCE
    good = condition()
    while not good and time.monotonic() < end:
        time.sleep(0.1)
        good = condition()
    checks[name] = good


def refuses(server, lines):
    """Whether the store answers, and has no room for as much as the shippers are about to send."""
    try:
        server.insert(b"\n".join(lines), database="trial")
    except clickhouse.Refused as e:
        return "space" in str(e) or "Cannot write" in str(e)
    except OSError:
        pass
    return False


def fill(path):
    """Until there is no room, to the last page. (A buffer would be written once more when it is closed.)"""
    with open(path, "wb", buffering=0) as f:
        try:
            while True:
                f.write(b"\0" * 4096)
        except OSError:
            pass


class Story:
    """The ways, the lines, some at a time, and what has to have arrived of them."""
    def __init__(self, build, server, ways, incidents):
        out = subprocess.run([f"{build}/bench/incidents", str(incidents), "0", "2"], check=True,
                             stdout=subprocess.PIPE).stdout
        self.lines, self.server, self.ways, self.wanted = out.splitlines(), server, ways, {}
        self.step = -(-len(self.lines) // STEPS)
        for name in ["trial"] + [w.name for w in ways]:
            server.ask(f"CREATE DATABASE {name}")
            server.define("1-local.sql", "3-views.sql", database=name)
            server.ask("DROP TABLE span", database=name)
            server.ask("CREATE VIEW span AS SELECT toInt64(0) AS since_ns, toInt64(4000000000000000000) AS until_ns",
                       database=name)

    def write(self):
        some, self.lines = self.lines[:self.step], self.lines[self.step:]
        for line in some:
            r = json.loads(line)
            key = r["host"], r["id"]
            self.wanted[key] = max(r["rev"], self.wanted.get(key, 0))
        for way in self.ways:
            with open(way.log, "ab") as f:
                f.write(b"".join(line + b"\n" for line in some))
                f.write(b'{"schema":"rsttrace/1","type":"end","incidents":1}\n')
        return some

    def arrived(self, way):
        """Ids with their last revision; None while the store does not answer."""
        try:
            return {(r["host"], r["id"]): r["rev"] for r in
                    self.server.rows("SELECT host, id, max(rev) AS rev FROM incidents GROUP BY host, id", way.name)}
        except (OSError, clickhouse.Refused):
            return None

    def all_arrive(self, step):
        for way in self.ways:
            awaited(f"{way.name}-{step}", lambda way=way: self.arrived(way) == self.wanted)

    def all_hold(self, step, lines):
        """
        The outage is one for the shippers only when they have what is to be sent. A batch that was on its way
        then, or all the others together, have half of it at least.
        """
        for way in self.ways:
            awaited(f"{way.name}-{step}-held", lambda way=way: way.holds(len(lines)))

    def once(self, way):
        """The views have each incident once; so has the table when the engine has merged it."""
        db, n = way.name, len(self.wanted)
        rows, = self.server.rows("SELECT count() AS n FROM incidents", db)
        batch, = self.server.rows("SELECT max(rows) AS n FROM system.parts WHERE table = 'incidents' AND level = 0 "
                                  f"AND database = '{db}'", db)
        current, = self.server.rows("SELECT count() AS n, uniqExact(key) AS ids FROM current", db)
        checks[f"{db}-views-once"] = (current["n"], current["ids"]) == (n, n)
        checks[f"{db}-batches"] = batch["n"] >= self.step // 2
        for part in self.server.rows("SELECT DISTINCT partition FROM system.parts WHERE table = 'incidents' "
                                     f"AND database = '{db}'"):
            self.server.ask(f"OPTIMIZE TABLE incidents PARTITION '{part['partition']}' FINAL", database=db)
        kept = sorted((r["host"], r["id"], r["rev"]) for r in self.server.rows("SELECT host, id, rev FROM incidents", db))
        checks[f"{db}-replaced"] = kept == sorted((*key, rev) for key, rev in self.wanted.items())
        found = self.arrived(way)
        notes.append(f"{db}: {len(found)} of {n} incidents in {rows['n']} rows, {len(set(self.wanted) - set(found))} "
                     f"missing, largest batch {batch['n']}; then {len(kept)} rows; current {current}")
        print(f"{db}: {len(found)} of {n} incidents in {rows['n']} rows, {batch['n']} in one insert")


def away(story, server, short):
    """The store does not answer, is gone, has no room."""
    server.process.send_signal(signal.SIGSTOP)
    story.all_hold("halted", story.write())
    if not short:
        time.sleep(AWAY)
    server.process.send_signal(signal.SIGCONT)
    story.all_arrive("halted")
    server.kill()
    story.all_hold("killed", story.write())
    if not short:
        time.sleep(AWAY)
    server.start()
    story.all_arrive("killed")


def full(story, server, disk, short):
    fill(f"{disk}/filler")
    last = story.write()
    story.all_hold("full", last)
    awaited("store-full-refuses", lambda: refuses(server, last))
    if not short:
        time.sleep(AWAY)
    checks["store-full-lacks"] = all(story.arrived(way) != story.wanted for way in story.ways)
    os.remove(f"{disk}/filler")
    story.all_arrive("full")


def play(build, server, ways, disk, short):
    story = Story(build, server, ways, FEW if short else INCIDENTS)
    for way in ways:
        way.start()
    story.write()
    story.all_arrive("plain")
    away(story, server, short)
    full(story, server, disk, short)
    server.kill()
    story.all_hold("shippers-killed", story.write())
    for way in ways:
        way.end("kill")
    story.write()
    for way in ways:
        way.start()
    server.start()
    story.all_arrive("shippers-killed")
    for way in ways:
        story.once(way)
    checks["all-written"] = not story.lines
    notes.append(server.log()[-600:])


def main():
    if not clickhouse.installed():
        lab.skip("fleet-shipping", "no clickhouse-server here")
    tree = shippers.unpacked()
    if not tree:
        lab.skip("fleet-shipping", "syslog-ng and rsyslog cannot be had here")
    lab.own_namespace()
    with tempfile.TemporaryDirectory() as scratch:
        disk, ways = f"{scratch}/disk", []
        own_disk(disk)
        server = clickhouse.Server(f"{disk}/clickhouse")
        try:
            ways = [shippers.SyslogNg(tree, scratch), shippers.Rsyslog(tree, scratch)]
            play(lab.build_folder(), server.start(), ways, disk, "--short" in sys.argv)
        finally:
            for way in ways:
                way.end("kill")
            server.stop()
            subprocess.run(["umount", disk], check=False)
    lab.verdict("fleet-shipping", checks, *notes)


if __name__ == "__main__":
    main()
