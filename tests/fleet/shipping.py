#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Shipping without loss: the store is stopped, killed and full, the shipper killed, and all arrives once.

    shipping.py [DIRECTORY WITH rsttrace]

The shipped configuration of syslog-ng, with this test's folder and port in it, in front of a ClickHouse.
"""
import ctypes
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

import clickhouse

sys.path.insert(0, os.path.join(clickhouse.HERE, "..", "live"))
import lab  # noqa: E402  pylint: disable=wrong-import-position

CONFIG = os.path.join(clickhouse.HERE, "..", "..", "contrib", "fleet", "syslog-ng.conf")
CLONE_NEWNS = 0x20000
PATIENCE = 90
DISK_MB = 200
checks, notes = {}, []


def own_disk(folder):
    """A small file system that only this test sees, to be filled."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS):
        sys.exit("shipping.py: unshare: " + os.strerror(ctypes.get_errno()))
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    os.makedirs(folder, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "rstfleet", folder], check=True)


class Shipper:
    def __init__(self, scratch, log):
        self.scratch, self.process = scratch, None
        text = open(CONFIG).read()
        for theirs, ours in (("/var/log/rsttrace/rsttrace.jsonl", log), ("/var/lib/syslog-ng", scratch),
                             ("database=rsttrace", "database=default")):
            if theirs not in text:
                sys.exit(f"shipping.py: {theirs} is not in {CONFIG}")
            text = text.replace(theirs, ours)
        with open(f"{scratch}/syslog-ng.conf", "w") as f:
            f.write(text)

    def start(self):
        s = self.scratch
        self.process = subprocess.Popen(
            ["syslog-ng", "-F", "--no-caps", "-f", f"{s}/syslog-ng.conf", "-R", f"{s}/persist", "-p", f"{s}/pid",
             "-c", f"{s}/control"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def end(self, how="terminate"):
        getattr(self.process, how)()
        self.process.wait()


def arrived(server):
    """Ids with their last revision, as the views have them; None while the store does not answer."""
    try:
        return {(r["host"], r["id"]): r["rev"] for r in
                server.rows("SELECT host, id, max(rev) AS rev FROM incidents GROUP BY host, id")}
    except (OSError, clickhouse.Refused):
        return None


def awaited(name, condition):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if condition():
            checks[name] = True
            return
        time.sleep(0.2)
    checks[name] = False


def refuses(server, lines):
    """Whether the store answers, and has no room for what the shipper is about to send as well."""
    try:
        server.insert(b"\n".join(lines))
        return False
    except clickhouse.Refused as e:
        return "space" in str(e) or "Cannot write" in str(e)
    except OSError:
        return False


class Story:
    """The lines, a quarter at a time, and what has to have arrived of them."""
    def __init__(self, build, log):
        out = subprocess.run([f"{build}/bench/incidents", "5000", "0", "2"], check=True, stdout=subprocess.PIPE).stdout
        self.lines, self.log, self.wanted = out.splitlines(), log, {}
        self.step = len(self.lines) // 5

    def write(self):
        some, self.lines = self.lines[:self.step], self.lines[self.step:]
        with open(self.log, "ab") as f:
            f.write(b"".join(line + b"\n" for line in some))
            f.write(b'{"schema":"rsttrace/1","type":"end","incidents":1}\n')
        for line in some:
            r = json.loads(line)
            key = r["host"], r["id"]
            self.wanted[key] = max(r["rev"], self.wanted.get(key, 0))
        return some


def play(build, server, disk, scratch):
    log = f"{scratch}/rsttrace.jsonl"
    story, shipper = Story(build, log), Shipper(scratch, log)
    open(log, "w").close()
    here = lambda: arrived(server) == story.wanted     # noqa: E731
    server.define("1-local.sql", "3-views.sql")
    try:
        shipper.start()
        story.write()
        awaited("plain", here)
        server.kill()
        story.write()
        server.start()
        awaited("store-killed", here)
        filler = f"{disk}/filler"
        with open(filler, "wb") as f:
            try:
                while True:
                    f.write(b"\0" * 65536)
                    f.flush()
            except OSError:
                pass
        last = story.write()
        awaited("store-full-refuses", lambda: refuses(server, last) and not here())
        os.remove(filler)
        awaited("store-full", here)
        server.kill()
        story.write()
        shipper.end("kill")
        story.write()
        shipper.start()
        server.start()
        awaited("shipper-killed", here)
        rows, = server.rows("SELECT count() AS n FROM incidents")
        checks["at-least-once"] = rows["n"] >= len(story.wanted)
        found = arrived(server) or {}
        notes.append(f"{len(found)} of {len(story.wanted)} incidents in {rows['n']} rows, "
                     f"{len(set(story.wanted) - set(found))} missing; {server.log()[-600:]}")
    finally:
        shipper.end()


def main():
    for tool in ("clickhouse-server", "syslog-ng"):
        if not shutil.which(tool):
            lab.skip("fleet-shipping", f"no {tool} here")
    lab.own_namespace()
    with tempfile.TemporaryDirectory() as scratch:
        disk = f"{scratch}/disk"
        own_disk(disk)
        server = clickhouse.Server(f"{disk}/clickhouse")
        try:
            play(lab.build_folder(), server.start(), disk, scratch)
        finally:
            server.stop()
            subprocess.run(["umount", disk], check=False)
    lab.verdict("fleet-shipping", checks, *notes)


if __name__ == "__main__":
    main()
