#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The metrics: what they count, in both formats, and that Prometheus takes them and fires the alerts.

    metrics.py [DIRECTORY WITH rsttrace]

All of it in a network namespace of this test's own: the resets, the tracer, a Prometheus, and a
stand-in for node_exporter that claims resets which nobody sent.
"""
import ctypes
import http.client
import http.server
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

CLONE_NEWNET = 0x40000000
OURS, THEIRS, PROMETHEUS = 9464, 9100, 9090
REFUSED = 20
PATIENCE = 60
RULES = os.path.join(os.path.dirname(__file__), "..", "..", "contrib", "prometheus", "rsttrace.rules.yml")
OPEN_METRICS = "application/openmetrics-text;version=1.0.0,text/plain;q=0.5"
passed = failed = skipped = 0


def check(name, ok, what=""):
    global passed, failed
    passed, failed = passed + bool(ok), failed + (not ok)
    print(f"{'ok  ' if ok else 'FAIL'} metrics-{name}{'' if ok else ': ' + str(what)}", flush=True)


def own_namespace():
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET):
        sys.exit("metrics.py: unshare: " + os.strerror(ctypes.get_errno()))
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def await_(name, condition):
    """Waits until the condition's value is true; returns it, or None if it never is."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        got = condition()
        if got:
            return got
        time.sleep(0.05)
    check(name, False, "waited in vain")
    return None


def get(port, path="/metrics", method="GET", accept="text/plain"):
    try:
        c = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        c.request(method, path, headers={"Accept": accept})
        r = c.getresponse()
        return r.status, r.getheader("Content-Type", ""), r.read().decode()
    except OSError:
        return 0, "", ""


def figure(text, sample):
    """The value of a sample, given by its name and labels as they are in the text."""
    found = re.search("^" + re.escape(sample) + r" (\S+)$", text, re.M)
    return float(found.group(1)) if found else None


def refused(n):
    for _ in range(n):
        with socket.socket() as s:
            s.connect_ex(("127.0.0.1", 1))


def out_rsts():
    lines = [line.split() for line in open("/proc/net/snmp") if line.startswith("Tcp:")]
    return int(dict(zip(*lines))["OutRsts"])


COUNTED = {
    "records": 'rsttrace_records_total{cause="closed-port",situation="",kind="reply",direction="sent",outcome="error"}',
    "calls": 'rsttrace_failed_calls_total{errno="ECONNREFUSED",call="connect",side="victim"}',
    "process": 'rsttrace_process_records_total{process="python3",part="victim"}',
    "port": 'rsttrace_port_records_total{port="1"}',
}


def counted():
    """Some refused connects, and by how much each figure grew with them."""
    base = {name: figure(get(OURS)[2], sample) or 0 for name, sample in COUNTED.items()}
    refused(REFUSED)
    end = time.monotonic() + 15
    while time.monotonic() < end:
        got = get(OURS)
        grown = {name: (figure(got[2], sample) or 0) - base[name] for name, sample in COUNTED.items()}
        if grown["records"] == REFUSED:
            break
        time.sleep(0.05)
    return got, grown


def counts(before):
    # A kernel that withholds a single run of a program leaves a record with less in it.
    for _ in range(3):
        got, grown = counted()
        if all(n == REFUSED for n in grown.values()):
            break
        print(f"again metrics-counted: {grown} of {REFUSED}")
    for name, n in grown.items():
        check(name, n == REFUSED, f"{n} of {REFUSED}\n{got[2]}")
    status, kind, text = got
    check("text", status == 200 and kind.startswith("text/plain; version=0.0.4"), kind)
    check("unasked", "rsttrace_unit_records" not in text)
    sent = figure(text, 'rsttrace_sent_resets_total{namespace="host"}')
    check("reconciles", sent == out_rsts() - before, f"{sent} sent, OutRsts {out_rsts() - before}")
    check("otel", figure(text, 'system_network_tcp_resets_total{network_tcp_reset_cause="refused"}') == sent, text)
    check("build", f'kernel="{os.uname().release}"' in text)
    status, kind, text = get(OURS, accept=OPEN_METRICS)
    check("openmetrics", kind.startswith("application/openmetrics-text; version=1.0.0") and
          text.endswith("# EOF\n") and "# TYPE rsttrace_records counter\n" in text, text)
    check("head", get(OURS, method="HEAD")[::2] == (200, ""))
    check("elsewhere", get(OURS, "/secret")[0] == 404 and get(OURS, method="POST")[0] == 405)
    check("only-loopback", listens() == f"127.0.0.1:{OURS}", listens())
    if shutil.which("promtool"):
        run = subprocess.run(["promtool", "check", "metrics"], input=get(OURS)[2].encode(),
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        check("promtool", run.returncode == 0, run.stdout.decode())


def listens():
    ss = subprocess.run(["ss", "-Hltn", f"sport = :{OURS}"], stdout=subprocess.PIPE, check=True)
    return ss.stdout.decode().split()[3]


def storm(before):
    """More resets than --rate lets through: the totals have them all."""
    refused(3000)
    text = get(OURS)[2]
    sent = figure(text, 'rsttrace_sent_resets_total{namespace="host"}')
    unrecorded = figure(text, 'rsttrace_unrecorded_resets_total{why="rate"}')
    check("storm", sent == out_rsts() - before > 3000 and unrecorded, f"{before}, {sent}, {unrecorded}")


class NodeExporter(http.server.BaseHTTPRequestHandler):
    claimed = 0

    def do_GET(self):   # pylint: disable=invalid-name
        NodeExporter.claimed += 100000
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"# TYPE node_netstat_Tcp_OutRsts untyped\nnode_netstat_Tcp_OutRsts %d\n" %
                         NodeExporter.claimed)

    def log_message(self, *_):
        pass


def prometheus(scratch):
    """Starts Prometheus with the shipped rules, without their "for:", and with a target that is down."""
    rules = re.sub(r"^ *for: .*\n", "", open(RULES).read(), flags=re.M)
    with open(os.path.join(scratch, "rules.yml"), "w") as f:
        f.write(rules)
    with open(os.path.join(scratch, "prometheus.yml"), "w") as f:
        f.write(f"""
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: [rules.yml]
scrape_configs:
  - job_name: rsttrace
    static_configs: [{{targets: ['127.0.0.1:{OURS}', '127.0.0.1:1']}}]
  - job_name: node
    static_configs: [{{targets: ['127.0.0.1:{THEIRS}']}}]
""")
    return subprocess.Popen(["prometheus", f"--config.file={scratch}/prometheus.yml",
                             f"--storage.tsdb.path={scratch}/data",
                             f"--web.listen-address=127.0.0.1:{PROMETHEUS}"],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def firing():
    refused(10)     # the calls that fail go on failing
    body = get(PROMETHEUS, "/api/v1/alerts")[2]
    alerts = json.loads(body)["data"]["alerts"] if body.startswith("{") else []
    return {a["labels"]["alertname"] for a in alerts if a["state"] == "firing"}


def alerts(scratch):
    global skipped
    if not shutil.which("prometheus"):
        print("SKIP metrics-alerts: no prometheus here")
        skipped += 1
        return
    server = http.server.ThreadingHTTPServer(("127.0.0.1", THEIRS), NodeExporter)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    proc = prometheus(scratch)
    try:
        wanted = {"RsttraceDown", "TcpResetsHurt", "TcpResetsUnexplained"}
        if await_("alerts", lambda: wanted <= firing()):
            check("alerts", True)
            check("no-false-alert", "RsttraceLosesEvents" not in firing())
    finally:
        proc.terminate()
        proc.wait()
        server.shutdown()


def refuses(rsttrace):
    """A wrong or impossible --metrics ends with one line that says why."""
    for name, args, word in (
            ("bad-port", ["--metrics", "http"], "neither PORT nor ADDR:PORT"),
            ("bad-address", ["--metrics", "nowhere:80"], "neither PORT nor ADDR:PORT"),
            ("taken", ["--metrics", f"{OURS}"], "Address already in use"),
            ("not-ours", ["--metrics", "192.0.2.1:9464"], "annot assign requested address"),
            ("bad-word", ["--metrics", "1", "--metrics-by", "colour"], "process, unit, container, port")):
        run = subprocess.run([rsttrace, "-d", "0.1", *args], stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, check=False)
        said = run.stdout.decode()
        check(name, run.returncode in (1, 2) and word in said, said)


def main():
    build = sys.argv[1] if len(sys.argv) > 1 else "build"
    rsttrace = os.path.join(build, "rsttrace")
    own_namespace()
    scratch = tempfile.mkdtemp()
    tracer = subprocess.Popen([rsttrace, "-q", "--metrics", str(OURS), "--metrics-by", "process,port"],
                              stdout=subprocess.DEVNULL)
    try:
        # until it listens, each attempt is refused, which may be before or after its programs run
        text = await_("serves", lambda: get(OURS)[2])
        if text:
            before = out_rsts() - figure(text, 'rsttrace_sent_resets_total{namespace="host"}')
            counts(before)
            storm(before)
            refuses(rsttrace)
            alerts(scratch)
    finally:
        tracer.send_signal(signal.SIGINT)
        status = tracer.wait()
        shutil.rmtree(scratch)
    check("ends", status == 0, status)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
