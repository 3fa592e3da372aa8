#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The central store: its definitions, on a ClickHouse of this test's own, answer as the report does.

    store.py [DIRECTORY WITH rsttrace]

The same records go to both: made ones of three hosts (some revised, some through a NAT, some of one
end), every golden, some of them twice, revisions before what they replace. Every question has to come to
the same names and figures.
"""
import glob
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

import clickhouse

sys.path.insert(0, os.path.join(clickhouse.HERE, "..", "live"))
import lab  # noqa: E402  pylint: disable=wrong-import-position

QUESTIONS = "who-resets-whom causes situations services kernels worst-pairs refused-services " \
            "firewall-rejects hurt unexplained"
BEGIN_NS = 1790000000 * 10**9      # of the made records: tests/bench/incidents.c
ALL = (0, 4000000000 * 10**9)
MADE = 1000     # incidents of each host, 3.6 s apart
# Senders, how many resets each has in the span before and in the span, and what that is: half as much again is
# not enough for few, nor is what chance does not explain for many.
CHANGES = (("fresh", 0, 3, "new"), ("ended", 4, 0, "gone"), ("louder", 10, 40, "worse"), ("quieter", 40, 10, "better"),
           ("steady", 20, 20, "same"), ("few", 4, 8, "same"), ("many", 200, 280, "same"))
checks = {}
notes = []


def check(name, good, what=""):
    checks[name] = bool(good)
    if not good:
        notes.append(f"{name}: {what}")


def made(build):
    """What three hosts told, and what they say of themselves; one ran two kernels."""
    lines = []
    for host in range(3):
        out = subprocess.run([f"{build}/bench/incidents", str(MADE), str(host), "3"], check=True,
                             stdout=subprocess.PIPE).stdout
        lines += out.splitlines()
    hosts = [{"host": "host0", "kernel": "6.1.0-1"}, {"host": "host1", "kernel": "6.12.5"},
             {"host": "host2", "kernel": "5.10.0"}, {"host": "host2", "kernel": "6.1.0-1"}]
    return lines, hosts


def goldens():
    lines = []
    for path in sorted(glob.glob(os.path.join(clickhouse.HERE, "..", "data", "*.json"))):
        lines += [line.rstrip(b"\n") for line in open(path, "rb") if line.startswith(b'{"schema"') and
                  b'"type"' not in line]
    return lines


def mixed(lines):
    """In another order, a tenth of them twice."""
    chance = random.Random(1)
    lines = lines + chance.sample(lines, len(lines) // 10)
    chance.shuffle(lines)
    return lines


def report(build, path, *words):
    run = subprocess.run([f"{build}/rsttrace", "report", "--json", "--top", "100000", *words, path],
                         check=False, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if run.returncode:
        raise clickhouse.Refused(run.stderr.decode())
    return json.loads(run.stdout)


def rfc(ns):
    return subprocess.run(["date", "-u", "-d", f"@{ns // 10**9}", "+%Y-%m-%dT%H:%M:%SZ"], check=True,
                          stdout=subprocess.PIPE).stdout.decode().strip()


def set_span(server, db, since_ns, until_ns):
    server.ask("DROP TABLE IF EXISTS span", database=db)
    server.ask(f"CREATE VIEW span AS SELECT toInt64({since_ns}) AS since_ns, toInt64({until_ns}) AS until_ns",
               database=db)


def alike(name, theirs, ours):
    order = json.dumps
    a, b = sorted(theirs, key=order), sorted(ours, key=order)
    differ = [x for x in a if x not in b][:3], [x for x in b if x not in a][:3]
    check(name, a and a == b, f"report {len(a)} rows, store {len(b)}; {differ}")


def compare(build, server, db, path, questions, label, *times):
    """Questions of the same records, and what the ends show."""
    for question in questions.split():
        view = question.replace("-", "_")
        theirs = report(build, path, "--ask", question, *times)["rows"]
        if not theirs and question in ("firewall-rejects", "unexplained"):
            check(f"{label}-{question}", not server.rows(f"SELECT * FROM {view}", db))
            continue
        alike(f"{label}-{question}", theirs, server.rows(f"SELECT * FROM {view}", db))
    theirs = report(build, path, *times)["ends"]
    ours = {row["name"]: row["count"] for row in server.rows("SELECT * FROM ways", db)}
    check(f"{label}-ends", theirs == ours, f"{theirs} {ours}")


def fill(server, db, lines, hosts):
    # each piece is a part of its own, so that nothing is replaced before it is asked for
    for n in range(4):
        server.insert(b"\n".join(lines[n::4]), database=db)
    server.insert("\n".join(json.dumps(h) for h in hosts).encode(), "hosts", db)


def write(path, lines, hosts):
    with open(path, "wb") as f:
        f.write(b"\n".join(lines) + b"\n")
        for h in hosts:
            f.write(json.dumps({"type": "check", "schema": "rsttrace/1", **h}).encode() + b"\n")


def rollup(server, db, lines):
    """Counted again and again, and after revisions, an hour has each incident once."""
    last = {}
    for line in lines:
        r = json.loads(line)
        if r["rev"] >= last.get((r["host"], r["id"]), {"rev": -1})["rev"]:
            last[r["host"], r["id"]] = r
    hurt = sum(r.get("outcome") in ("error", "eof") for r in last.values())
    shift = 0
    for round_ in range(3):
        for statement in clickhouse.statements(os.path.join(clickhouse.SQL, "6-fill.sql")):
            server.ask(statement, database=db)
        row, = server.rows("SELECT sum(records) AS n, sum(hurt) AS hurt, sum(cause = 'revised') AS rows FROM hours", db)
        check(f"rollup-{round_}", (row["n"], row["hurt"]) == (len(last), hurt - shift), f"{row} of {len(last)}, {hurt}")
        if round_ == 0:     # a revision that moves an incident to another row, and takes its error back
            r = dict(next(r for r in last.values() if r.get("outcome") == "error"))
            r.update(rev=r["rev"] + 7, cause="revised", outcome="pending")
            server.insert(json.dumps(r).encode(), database=db)
            shift = 1
        else:
            check(f"rollup-{round_}-moves", row["rows"] == 1, row)


def now(lines, ago_s):
    """The same records, the first of them so long ago."""
    shift = int(subprocess.run(["date", "+%s"], check=True, stdout=subprocess.PIPE).stdout) - ago_s
    shift = shift * 10**9 - BEGIN_NS
    return [re.sub(rb'"time_ns":(\d+)', lambda m: b'"time_ns":%d' % (int(m.group(1)) + shift), line)
            for line in lines]


def changing(template, since_ns, until_ns):
    """Resets of known senders in the span before and in the span; some of another before, and after, both."""
    length, lines = until_ns - since_ns, []

    def some(sender, count, begin_ns):
        for n in range(count):
            number = len(lines)
            lines.append(json.dumps(dict(template, sender_comm=sender, victim_comm="peer", id=f"0-{number:x}-0", rev=0,
                                         rst_seq=number + 1, dport=20000 + number, time_ns=begin_ns + n * length // count)))

    for sender, before, after, _ in CHANGES:
        some(sender, before, since_ns - length)
        some(sender, after, since_ns)
    some("outside", 5, since_ns - 2 * length)
    some("outside", 5, until_ns)
    return [line.encode() for line in lines]


def what_is_new(build, server, lines, scratch):
    """Every kind of change is found, by both, and nothing from outside of the two spans."""
    since, until = BEGIN_NS + 1200 * 10**9, BEGIN_NS + 2400 * 10**9
    template = next(r for r in map(json.loads, lines) if r["kind"] == "active" and r.get("victim_comm"))
    some = changing(template, since, until)
    path = f"{scratch}/changing"
    write(path, mixed(some), [])
    server.ask("CREATE DATABASE changing")
    server.define("1-local.sql", "3-views.sql", "4-questions.sql", database="changing")
    server.insert(b"\n".join(mixed(some)), database="changing")
    set_span(server, "changing", since, until)
    wanted = [{"name": f"{sender} → peer", "before": before, "after": after, "change": change}
              for sender, before, after, change in CHANGES]
    theirs = report(build, path, "--ask", "new-since-yesterday", "--since", rfc(since), "--until", rfc(until))["rows"]
    alike("new-since-yesterday-report", theirs, wanted)
    alike("new-since-yesterday-store", wanted,
          server.rows("SELECT name, before, after, change FROM new_since_yesterday", "changing"))


def is_the_record(server, db):
    """The table has a column for each key that the program writes."""
    keys = set()
    for line in goldens():
        keys |= set(json.loads(line))
    columns = {row["name"] for row in
               server.rows(f"SELECT name FROM system.columns WHERE database = '{db}' AND table = 'incidents'", db)}
    missing = keys - columns - {"schema", "time", "errors"}
    check("columns", not missing and len(keys) > 60, missing)
    run = subprocess.run([os.path.join(clickhouse.SQL, "..", "make.py"), "--check"], check=False,
                         stdout=subprocess.PIPE)
    check("generated", run.returncode == 0, run.stdout.decode())


def differ_as_said(text):
    """A current server's definitions as 18.16 has them: types of words, a codec, errors beyond the first, TTL."""
    text = text.replace("LowCardinality(String)", "String").replace(" CODEC(Delta, ZSTD)", "")
    text = text.replace(",\n\terrors String", "")
    return text.replace("TTL day + INTERVAL 90 DAY\n", "").replace(", ttl_only_drop_parts = 1", "")


def dialects():
    """What 18.16 runs here is what current servers are given, but for that; so the rest of it is SQL that runs."""
    for path in sorted(glob.glob(os.path.join(clickhouse.SQL, "*.sql"))):
        name = os.path.basename(path)
        with open(path) as ours, open(os.path.join(clickhouse.SQL, "..", "current", name)) as theirs:
            ours, theirs = ours.read(), theirs.read()
        check(f"dialect-{name}", ours == differ_as_said(theirs), "they differ in more")


def retention(server, lines):
    """Days beyond the given number go, the others stay; without a number nothing is done."""
    script = [os.path.join(clickhouse.SQL, "retention.sh")]
    if not shutil.which("clickhouse-client"):
        return notes.append("retention.sh was not tried: no clickhouse-client here")
    server.ask("CREATE DATABASE retained")
    server.define("1-local.sql", database="retained")
    for days in (0, 89, 91, 200):
        server.insert(b"\n".join(now(lines[:10], days * 86400 + 60)), database="retained")
    days_kept = "SELECT count(), uniqExact(toDate(now()) - day) FROM incidents WHERE day >= today() - 90"
    before, kept = server.ask(days_kept, database="retained"), server.ask("SELECT count() FROM incidents", database="retained")
    run = subprocess.run([*script, "many", "-d", "retained"], check=False, stderr=subprocess.PIPE)
    check("retention-needs-days", run.returncode == 2 and server.ask("SELECT count() FROM incidents", database="retained") == kept)
    run = subprocess.run([*script, "90", "-h", "127.0.0.1", "-d", "retained"], check=False, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT)
    check("retention", run.returncode == 0 and before == server.ask(days_kept, database="retained") and
          server.ask("SELECT count() FROM incidents", database="retained") == before.split()[0] + "\n", run.stdout.decode())


def is_replaced(server, db):
    """In the end the engine itself keeps the last revision alone."""
    before, = server.rows("SELECT count() AS n FROM incidents", db)
    current, = server.rows("SELECT count() AS n FROM current", db)
    parts = server.rows(f"SELECT DISTINCT partition FROM system.parts WHERE database = '{db}' AND table = 'incidents'")
    for part in parts:
        server.ask(f"OPTIMIZE TABLE incidents PARTITION '{part['partition']}' FINAL", database=db)
    after, = server.rows("SELECT count() AS n FROM incidents", db)
    check("replaces", before["n"] > after["n"] == current["n"], f"{before} {current} {after}")


def on_a_cluster(build, server, lines, hosts, path):
    """Two shards, each a database of the one server: pairs meet, whichever shard a record came to."""
    for shard in ("shard0", "shard1"):
        server.ask(f"CREATE DATABASE {shard}")
        text = open(os.path.join(clickhouse.SQL, "1-replicated.sql")).read()
        text = re.sub(r"Replicated(\w+)\('[^']*', '[^']*'(?:, )?(\w*)\)", r"\1(\2)", text)     # no ZooKeeper here
        for statement in [s for s in re.sub(r"^--.*\n", "", text, flags=re.M).split(";") if s.strip()]:
            server.ask(statement, database=shard)
    server.ask("CREATE DATABASE front")
    for statement in clickhouse.statements(os.path.join(clickhouse.SQL, "2-distributed.sql")):
        statement = re.sub(r"AS (\w+_local)", r"AS shard0.\1", statement)
        server.ask(statement, database="front")
    server.define("3-views.sql", "4-questions.sql", database="front")
    set_span(server, "front", *ALL)
    server.insert(b"\n".join(lines), "incidents_write", "front", insert_distributed_sync=1)
    server.insert("\n".join(json.dumps(h) for h in hosts).encode(), "hosts", "front", insert_distributed_sync=1)
    shares = [int(server.ask("SELECT count() FROM incidents_local", database=s)) for s in ("shard0", "shard1")]
    check("shards-share", sum(shares) == len(lines) and min(shares) > len(lines) // 3, shares)
    for question in ("causes", "kernels"):
        alike(f"shards-{question}", report(build, path, "--ask", question)["rows"],
              server.rows(f"SELECT * FROM {question}", "front"))


def run(build, server, scratch, short):
    lines, hosts = made(build)
    lines, gold = mixed(lines), mixed(goldens())
    for db, some in (("made", lines), ("gold", gold)):
        server.ask(f"CREATE DATABASE {db}")
        server.define("1-local.sql", "3-views.sql", "4-questions.sql", "5-rollup.sql", database=db)
        fill(server, db, some, hosts)
        write(f"{scratch}/{db}", some, hosts)
        set_span(server, db, *ALL)
        few = "refused-services firewall-rejects unexplained" if short else \
              "situations services refused-services firewall-rejects unexplained"
        compare(build, server, db, f"{scratch}/{db}", QUESTIONS if db == "made" else few, db)
    since, until = BEGIN_NS + 1200 * 10**9, BEGIN_NS + 2400 * 10**9
    set_span(server, "made", since, until)
    times = ("--since", rfc(since), "--until", rfc(until))
    compare(build, server, "made", f"{scratch}/made", "causes", "span", *times)
    theirs = report(build, f"{scratch}/made", "--ask", "new-since-yesterday", *times)["rows"]
    ours = server.rows("SELECT name, before, after, change FROM new_since_yesterday", "made")
    alike("new-since-yesterday", theirs, ours)
    what_is_new(build, server, lines, scratch)
    is_the_record(server, "gold")
    dialects()
    retention(server, lines)
    set_span(server, "made", *ALL)
    is_replaced(server, "made")
    server.ask("CREATE DATABASE lately")
    server.define("1-local.sql", "3-views.sql", "5-rollup.sql", database="lately")
    some = now(lines, 7200)
    fill(server, "lately", some, hosts)
    rollup(server, "lately", some)
    if not short:
        on_a_cluster(build, server, lines, hosts, f"{scratch}/made")


def main():
    if not clickhouse.installed():
        lab.skip("fleet-store", "no clickhouse-server here")
    lab.own_namespace()
    with tempfile.TemporaryDirectory() as scratch:
        server = clickhouse.Server(os.path.join(scratch, "clickhouse"))
        try:
            run(lab.build_folder(), server.start(), scratch, "--short" in sys.argv)
        finally:
            server.stop()
    lab.verdict("fleet-store", checks, *notes)


if __name__ == "__main__":
    main()
