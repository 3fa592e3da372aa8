#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Every query of the dashboards of contrib/grafana, asked of what they are meant for.

    dashboards.py [DIRECTORY WITH rsttrace]

Those of the metrics of a Prometheus that scrapes a tracer, those of the store of a ClickHouse that holds the
made records and the goldens. Each must be taken, and come to something. What Grafana puts in place of its
variables is put there by this test; no Grafana runs.
"""
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

import clickhouse
import store

sys.path.insert(0, os.path.join(clickhouse.HERE, "..", "live"))
import lab      # noqa: E402  pylint: disable=wrong-import-position
import metrics  # noqa: E402  pylint: disable=wrong-import-position

ROOT = os.path.join(clickhouse.HERE, "..", "..")
BOARDS = os.path.join(ROOT, "contrib", "grafana")
SUPPRESSED, UNREAD = 10, 4242
PATIENCE = 60
# What not every machine has: services and containers, a call that comes long after its reset,
# kernel.bpf_stats_enabled.
MAY_BE_EMPTY = {"Units", "Containers and pods", "Outcomes that came after the record",
                "Processors' time in the programs"}
checks, notes = {}, []


def check(name, good, what=""):
    checks[name] = bool(good)
    if not good:
        notes.append(f"{name}: {what}")


def board(name):
    """The panels' queries, each with its panel's title, and whether it is one moment's."""
    with open(os.path.join(BOARDS, f"rsttrace-{name}.json")) as f:
        made = json.load(f)
    source, = [v for v in made["templating"]["list"] if v["type"] == "datasource"]
    asked = []
    for panel in made["panels"]:
        for target in panel["targets"]:
            chosen = target["datasource"] == panel["datasource"] == {
                "type": source["query"], "uid": "${" + source["name"] + "}"}
            check(f"{name}-{panel['title']}-{target['refId']}", chosen, "another data source")
            asked.append((panel["title"], target))
    return asked


def with_values(query, values):
    """The query with Grafana's variables filled in; one that is not known fails the test."""
    def value(found):
        return values[found.group(1) or found.group(2)]
    return re.sub(r"\$(?:\{(\w+)\}|(\w+))", value, query)


# ---- metrics

def traffic():
    """Refused connects, two of them by a rule that hides them, and a close with data unread."""
    lab.refuse(5)
    lab.refuse(2, SUPPRESSED)
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", UNREAD))
        listener.listen()
        with socket.create_connection(("127.0.0.1", UNREAD)) as client:
            server, _ = listener.accept()
            client.sendall(b"nobody reads this")
            server.recv(1, socket.MSG_PEEK)
            server.close()
            try:
                client.recv(1)
            except ConnectionResetError:
                pass


def ask_prometheus(target):
    """The error, if it is refused, and the series that it comes to."""
    now = time.time()
    query = {"query": with_values(target["expr"], {
        "instance": ".+", "__rate_interval": "4s", "__range": "60s"})}
    path = "query"
    if target["range"]:
        path, query = "query_range", {**query, "start": now - 30, "end": now, "step": 1}
    _, _, body = metrics.get(metrics.PROMETHEUS, f"/api/v1/{path}?{urllib.parse.urlencode(query)}")
    answer = json.loads(body or "{}")
    if answer.get("status") != "success":
        return answer.get("error", "no answer"), []
    values = [v for s in answer["data"]["result"] for _, v in s.get("values") or [s["value"]]]
    return None, [v for v in values if v != "NaN"]


def known_metrics(asked):
    """Names that the program has: a misspelt one would only come to nothing."""
    with open(os.path.join(ROOT, "user", "output", "metrics.c")) as f:
        names = set(re.findall(r'"((?:rsttrace|system_network)_\w+)"', f.read()))
    for title, target in asked:
        wrong = {n for n in re.findall(r"\b(?:rsttrace|system_network)_\w+", target["expr"])
                 if n not in names and re.sub("_total$", "", n) not in names}
        check(f"names-{title}-{target['refId']}", not wrong, wrong)


def ask_all(asked):
    left = {(title, target["refId"]): target for title, target in asked}
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and any(title not in MAY_BE_EMPTY for title, _ in left):
        traffic()
        for key, target in list(left.items()):
            error, rows = ask_prometheus(target)
            if error or rows:
                check("-".join(key), not error, f"{error} of {target['expr']}")
                del left[key]
        time.sleep(0.2)
    for title, ref in left:
        check(f"{title}-{ref}", title in MAY_BE_EMPTY, "comes to nothing")


def of_metrics(build, scratch):
    asked = board("metrics")
    known_metrics(asked)
    tracer, _ = lab.start(os.path.join(build, "rsttrace"), "--json", "-o", f"{scratch}/records", "--metrics",
                          str(metrics.OURS), "--metrics-by", "process,unit,container,port",
                          "--suppress", f"port={SUPPRESSED}", stdout=subprocess.DEVNULL)
    server = metrics.http.server.ThreadingHTTPServer(("127.0.0.1", metrics.THEIRS), metrics.NodeExporter)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    prometheus = metrics.prometheus(scratch)
    try:
        ready = metrics.await_("starts", lambda: metrics.get(metrics.PROMETHEUS, "/-/ready")[0] == 200)
        check("prometheus", ready, "does not start")
        if ready:
            ask_all(asked)
    finally:
        prometheus.terminate()
        prometheus.wait()
        server.shutdown()
        lab.end(tracer)


# ---- store

def filled(build, server):
    """The made records and the goldens, all of the last hours, and the hours counted."""
    server.define("1-local.sql", "3-views.sql", "4-questions.sql", "5-rollup.sql")
    lines, hosts = store.made(build)
    lines = store.now(lines, 7200)
    begin = (int(time.time()) - 3600) * 10**9
    for n, line in enumerate(store.goldens()):
        lines.append(re.sub(rb'"time_ns":\d+', b'"time_ns":%d' % (begin + n * 10**9), line))
    store.fill(server, "default", lines, hosts)
    for statement in clickhouse.statements(os.path.join(clickhouse.SQL, "6-fill.sql")):
        server.ask(statement)


def of_store(build, server):
    filled(build, server)
    ms = int(time.time()) * 1000
    values = {"__from": str(ms - 86400000), "__to": str(ms)}
    for title, target in board("store"):
        name = f"asked-{title}"
        try:
            rows = server.rows(with_values(target["rawSql"], values))
            check(name, rows, "comes to nothing")
        except clickhouse.Refused as e:
            check(name, False, e)


def main():
    lab.own_namespace()
    for tool in ("prometheus", "clickhouse-server"):
        if not shutil.which(tool):
            lab.skip("fleet-dashboards", f"no {tool} here")
    build = lab.build_folder()
    made = subprocess.run([os.path.join(BOARDS, "make.py"), "--check"], check=False, stdout=subprocess.PIPE)
    check("generated", made.returncode == 0, made.stdout.decode())
    with tempfile.TemporaryDirectory() as scratch:
        of_metrics(build, scratch)
        server = clickhouse.Server(os.path.join(scratch, "clickhouse"))
        try:
            of_store(build, server.start())
        finally:
            server.stop()
    lab.verdict("fleet-dashboards", checks, *notes)


if __name__ == "__main__":
    main()
