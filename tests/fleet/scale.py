#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Measures the store as it grows: how fast rows go in, what they take, how long each question takes.

    scale.py [--millions N...] [--hosts N] [--folder FOLDER]

A ClickHouse of its own is filled by generate.py with a fleet's records, a million incidents a minute by their
time stamps, one connection, batches of 10,000. At each of the sizes every question is asked once. Prints
tables in Markdown; docs/fleet.md has figures measured once. Needs about 0.5 KB of disk for each row.
"""
import argparse
import multiprocessing
import os
import platform
import subprocess
import sys
import tempfile
import time

import clickhouse
import generate

sys.path.insert(0, os.path.join(clickhouse.HERE, "..", "live"))
import lab  # noqa: E402  pylint: disable=wrong-import-position

RATE = 1000000 / 60
SAMPLE = 20     # batches whose lines are packed as files are
QUESTIONS = "who_resets_whom causes situations new_since_yesterday services kernels worst_pairs " \
            "refused_services firewall_rejects hurt unexplained ways keepalive_races".split()


def produce(queue, hosts, begin_ns):
    """In a process of its own, so that what is timed is the store alone."""
    fleet = generate.Fleet(generate.records_of(generate.goldens()), hosts, RATE, begin_ns)
    while True:
        for batch in fleet.batches(1000000):
            queue.put(batch)


def packed(sample):
    """Bytes a line: plain, and by what log rotation packs with."""
    lines = sum(n for _, n in sample)
    data = b"".join(d for d, _ in sample)
    row = {"plain": len(data) / lines}
    for name, command in (("gzip", ["gzip", "-6"]), ("zstd", ["zstd", "-q", "-3"])):
        row[name] = len(subprocess.run(command, input=data, check=True, stdout=subprocess.PIPE).stdout) / lines
    return row


def asked(server, view):
    """Seconds until the question is answered, or what the server said instead."""
    begin = time.monotonic()
    try:
        server.ask(f"SELECT * FROM {view} LIMIT 100 FORMAT Null")
    except (clickhouse.Refused, OSError) as e:
        return str(e).split("\n", maxsplit=1)[0][:60]
    return time.monotonic() - begin


def stored(server):
    row, = server.rows("SELECT sum(rows) AS rows, sum(bytes) AS bytes, sum(data_uncompressed_bytes) AS plain, "
                       "count() AS parts FROM system.parts WHERE active AND table = 'incidents'")
    return row


def fill(server, queue, rows, sample):
    """Inserts until there are so many: how many came, how many of them incidents, and the inserts' seconds."""
    done, incidents, seconds = 0, 0, 0.0
    while done < rows:
        data, lines = queue.get()
        if len(sample) < SAMPLE:
            sample.append((data, lines))
        begin = time.monotonic()
        server.insert(data)
        seconds += time.monotonic() - begin
        done += lines
        incidents += data.count(b'"rev":0,')
    return done, incidents, seconds


def cell(value):
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def measure(server, queue, millions):
    sample, total, incidents = [], 0, 0
    times = {view: [] for view in QUESTIONS}
    for size in millions:
        done, new, seconds = fill(server, queue, int(size * 1e6) - total, sample)
        total, incidents = total + done, incidents + new
        now = stored(server)
        print(f"{total} rows: the last {done} in {seconds:.1f} s of inserts, {done / seconds:.0f} a second; on disk "
              f"{now['bytes'] / now['rows']:.0f} bytes a row ({now['plain'] / now['rows']:.0f} unpacked), "
              f"{now['parts']} parts", flush=True)
        for view in QUESTIONS:
            times[view].append(asked(server, view))
            print(f"    {view}: {cell(times[view][-1])}", flush=True)
    print(f"{incidents} incidents were sent, {server.ask('SELECT uniqExact(key) FROM incidents').strip()} are there")
    print("bytes a line: " + ", ".join(f"{k} {v:.0f}" for k, v in packed(sample).items()))
    print("\n| question, s | " + " | ".join(f"{m:g} million rows" for m in millions) + " |")
    print("|---" * (len(millions) + 1) + "|")
    for view, row in times.items():
        print(f"| {view} | " + " | ".join(map(cell, row)) + " |")


def machine():
    with open("/proc/cpuinfo") as f:
        model = [line.split(":", 1)[1].strip() for line in f if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 30
    return f"{len(model)} × {model[0] if model else platform.machine()}, {memory} GiB, Linux {platform.release()}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--millions", type=float, nargs="+", default=[1, 3, 10])
    parser.add_argument("--hosts", type=int, default=10000)
    parser.add_argument("--folder", help="where the store's data go (default: a temporary folder)")
    options = parser.parse_args()
    lab.own_namespace()
    print(machine(), flush=True)
    queue = multiprocessing.Queue(8)
    begin_ns = int((time.time() - 3600 - options.millions[-1] * 60) * 10**9)
    producer = multiprocessing.Process(target=produce, args=(queue, options.hosts, begin_ns), daemon=True)
    with tempfile.TemporaryDirectory(dir=options.folder) as scratch:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") * 2 // 3
        server = clickhouse.Server(os.path.join(scratch, "clickhouse"), memory=memory)
        try:
            server.start()
            server.define("1-local.sql", "3-views.sql", "4-questions.sql")
            server.insert("".join(f'{{"host":"node{n:05d}","kernel":"6.{n % 9}.0"}}\n' for n in
                                  range(options.hosts)).encode(), "hosts")
            producer.start()
            measure(server, queue, options.millions)
        finally:
            if producer.pid:
                producer.terminate()
            server.stop()


if __name__ == "__main__":
    main()
