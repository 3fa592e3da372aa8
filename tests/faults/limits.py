#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""limits.py BUILD [all] - a live trace at its limits: a control group's memory, full maps, slow readers, crowds.

Afterwards each reset has its record or is counted as lost, or the run has ended and what it recorded
can be read. With "all" the reader stops for ten seconds, not for one, and the crowds are larger. Runs in
a network namespace of its own.
"""
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "live"), os.path.join(HERE, "..", "soak")]
import figures  # noqa: E402
import lab  # noqa: E402

OPTIONS = ["--json", "--rate", "0", "--settle", "100"]
ALL = "all" in sys.argv[2:]
STOPPED = 10 if ALL else 1      # seconds
FIRST = 400             # refusals: their records are more than a pipe holds
PAIRS = 400             # connections, with two sockets each
A_STORM = 6000          # refusals: their events are more than the ring buffer holds
CROWD = 3000 if ALL else 500    # short processes
A_CROWD = (sys.executable, "-I", "-S", os.path.join(HERE, "crowd.py"), str(CROWD), "short-lived")
PATIENCE = 60
BPF_MAP_UPDATE_BATCH = 26
BATCH = 512
with open("/sys/devices/system/cpu/possible", encoding="ascii") as cpus:
    POSSIBLE_CPUS = int(cpus.read().strip().split("-")[-1]) + 1
MIB = 1 << 20
checks, details = {}, []


def check(name, good, *what):
    checks[name] = bool(good)
    if not good:
        details.append(f"{name}: " + " ".join(map(str, what))[:1500])


def until(condition):
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def mine(records):
    return [r for r in records if r.get("netns") == lab.netns() and r.get("rev") == 0 and r.get("kind") == "reply"]


def account(end):
    return next((row for row in end["namespaces"] if row["netns"] == lab.netns()), {})


# ---- memory that a control group refuses

class Group:
    """A control group of this test's own, of version 1 or 2, below the one that it runs in."""

    def __init__(self):
        with open("/proc/self/cgroup", encoding="ascii") as f:
            paths = {line.split(":", 2)[1]: line.rstrip("\n").split(":", 2)[2] for line in f}
        if "memory" in paths:
            parent, names = "/sys/fs/cgroup/memory" + paths["memory"], ("memory.limit_in_bytes", "memory.usage_in_bytes")
        else:
            parent, names = "/sys/fs/cgroup" + paths.get("", "/"), ("memory.max", "memory.current")
        self.path = f"{parent}/rsttrace-limits-{os.getpid()}"
        os.mkdir(self.path)
        self.limit_file, self.usage_file = (f"{self.path}/{name}" for name in names)
        if not os.path.exists(self.limit_file):
            self.remove()
            raise FileNotFoundError(self.limit_file)

    def limit(self, size):
        with open(self.limit_file, "w", encoding="ascii") as f:
            f.write(str(size))

    def usage(self):
        with open(self.usage_file, encoding="ascii") as f:
            return int(f.read())

    def enter(self):
        """To be called by the tracer-to-be, so that all that it takes is counted here."""
        with open(f"{self.path}/cgroup.procs", "w", encoding="ascii") as f:
            f.write(str(os.getpid()))

    def remove(self):
        until(lambda: not open(f"{self.path}/cgroup.procs", encoding="ascii").read())
        os.rmdir(self.path)


def refused_at_the_start(rsttrace, group):
    for size in (8, 24):
        group.limit(size * MIB)
        done = subprocess.run([rsttrace, *OPTIONS, "-d", "0.1"], capture_output=True, text=True, check=False,
                              preexec_fn=group.enter)
        # 24 MiB may be enough with few processors
        check(f"control-group-of-{size}-mib-is-one-line", done.returncode == 0 and size > 8 or
              done.returncode in (1, 77) and len(done.stderr.splitlines()) == 1 and "memory" in done.stderr,
              done.returncode, done.stderr)


def refused_later(rsttrace, group, folder):
    """Where the kernel ends the tracer for its memory, what it had recorded can be read."""
    recording = f"{folder}/rec"
    group.limit(256 * MIB)
    tracer = subprocess.Popen([rsttrace, *OPTIONS, "-o", "/dev/null", "--record", recording], text=True,
                              stderr=subprocess.PIPE, preexec_fn=group.enter)
    until(lambda: tracer.stderr.readline() == "rsttrace: ready\n")
    lab.refuse(100)
    group.limit(group.usage() + 2 * MIB)
    for _ in range(200):
        lab.refuse(100)
        if tracer.poll() is not None:
            break
    err = tracer.communicate()[1]
    done = subprocess.run([rsttrace, "--json", "-q", "--replay", recording], capture_output=True, text=True, check=False)
    told = mine(map(json.loads, done.stdout.splitlines()))
    check("control-group-full-ends-the-run", tracer.returncode == -signal.SIGKILL or tracer.returncode == 1 and
          len(err.splitlines()) == 1, tracer.returncode, err)
    check("control-group-full-keeps-the-recording", len(told) > 100 and done.returncode in (0, 1) and
          done.returncode == len(done.stderr.splitlines()), len(told), done.returncode, done.stderr)


def control_group(rsttrace):
    try:
        group = Group()
    except OSError as e:
        print(f"skip limits-control-group: no group can be made here: {e}")
        return
    try:
        refused_at_the_start(rsttrace, group)
        with tempfile.TemporaryDirectory(prefix="rsttrace-limits-") as folder:
            refused_later(rsttrace, group, folder)
    finally:
        group.remove()


# ---- maps that are full

class Filler:
    """Entries of nobody's in a map, until it takes no more."""

    def __init__(self, m):
        self.map, self.n = m, 0
        self.values = figures.ctypes.create_string_buffer((m.value_size + 7) // 8 * 8 * BATCH * POSSIBLE_CPUS)

    def fill(self):
        for _ in range(self.map.max // BATCH + 1):
            # at an odd address there is no socket
            keys = figures.ctypes.create_string_buffer(b"".join(
                (2 * i + 1).to_bytes(8, "little").ljust(self.map.key_size, b"\0") for i in range(self.n, self.n + BATCH)))
            self.n += BATCH
            if figures.bpf(BPF_MAP_UPDATE_BATCH, 0, 0, figures.address(keys), figures.address(self.values),
                           BATCH | self.map.fd << 32, 0, 0):
                return True
        return False


def pairs(n):
    with socket.create_server(("127.0.0.1", 0), backlog=n) as listener:
        clients = [socket.create_connection(listener.getsockname()) for _ in range(n)]
        return [(client, listener.accept()[0]) for client in clients]


def abort(client, server):
    server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    server.close()
    try:
        client.recv(1)
    except ConnectionResetError:
        client.close()


def full_maps(rsttrace):
    """No room for sockets and listeners, nor for kinds of resets: records lack owners, and have nothing wrong."""
    tracer, _ = lab.start(rsttrace, *OPTIONS)
    maps = figures.maps(tracer.pid)
    fillers = {name: Filler(maps[name]) for name in ("socks", "listeners", "counts")}
    filled = {name: filler.fill() for name, filler in fillers.items()}
    for pair in pairs(PAIRS):
        abort(*pair)
    records, err = lab.end(tracer)
    told, end = [r for r in records if r.get("netns") == lab.netns() and r.get("rev") == 0], records[-1]
    lost, row = end["lost"] + end["missed"], account(end)
    wrong = [r for r in told if {r.get("sender_pid", os.getpid()), r.get("victim_pid", os.getpid())} != {os.getpid()} or
             r["cause"] != "linger-zero"]
    check("maps-can-be-filled", all(filled.values()), filled)
    check("full-maps-lose-no-record", PAIRS - lost <= len(told) <= PAIRS, len(told), end)
    check("full-maps-tell-nothing-wrong", lost or not wrong, os.getpid(), wrong[:3])
    check("full-maps-are-told", end.get("owners_unkept", 0) > 0 and "found no room in the map of owners" in err and
          any(c.get("other") for c in end["counts"]), end.get("owners_unkept"), err)
    check("full-maps-reconcile", row.get("out_rsts") == PAIRS and 0 <= row["difference"] <= lost, row)


# ---- readers that are slow, or stop

class Reader(threading.Thread):
    """Reads a little at a time, with a rest in between."""

    def __init__(self, pipe, rest):
        super().__init__()
        self.pipe, self.rest, self.text = pipe, rest, b""
        self.start()

    def run(self):
        while chunk := os.read(self.pipe.fileno(), 16384):
            self.text += chunk
            time.sleep(self.rest)


def judge(name, tracer, text, sent):
    err = tracer.stderr.read()
    records = [json.loads(line) for line in text.splitlines()]
    told, end = mine(records), records[-1]
    row = account(end)
    check(f"{name}-ends-well", tracer.wait() == 0 and "rsttrace: " not in err, tracer.returncode, err)
    check(f"{name}-tells-or-counts-each-reset", row.get("out_rsts") == sent and
          0 <= sent - len(told) <= end["lost"] + end["missed"] and row["difference"] <= end["missed"], len(told), row, end["lost"])
    return records


def slow_pipe(rsttrace):
    tracer, _ = lab.start(rsttrace, *OPTIONS)
    reader = Reader(tracer.stdout, 0.01)
    lab.refuse(1000)
    tracer.send_signal(signal.SIGINT)
    reader.join()
    judge("a-slow-pipe", tracer, reader.text, 1000)


def waits_in_write(pid):
    with open(f"/proc/{pid}/syscall", encoding="ascii") as f:
        call = f.read().split()
    return len(call) > 2 and call[1] == "0x1"


def stopped_reader(rsttrace):
    """Whoever reads the records stops: the tracer waits in a write, and the ring buffer overflows."""
    tracer, _ = lab.start(rsttrace, *OPTIONS)
    with tempfile.TemporaryFile() as kept:
        reader = subprocess.Popen(["cat"], stdin=tracer.stdout, stdout=kept)
        tracer.stdout.close()
        reader.send_signal(signal.SIGSTOP)
        begin = time.monotonic()
        lab.refuse(FIRST)
        until(lambda: waits_in_write(tracer.pid))
        lab.refuse(A_STORM)
        time.sleep(max(0, begin + STOPPED - time.monotonic()))
        reader.send_signal(signal.SIGCONT)
        tracer.send_signal(signal.SIGINT)
        reader.wait()
        kept.seek(0)
        records = judge("a-stopped-reader", tracer, kept.read(), FIRST + A_STORM)
    check("a-stopped-reader-makes-losses", records[-1]["lost"] > 0, records[-1])


# ---- crowds of processes

def judge_crowd(name, lines, status, wanted):
    records = [json.loads(line) for line in lines]
    told, end = mine(records), records[-1]
    lost = end["lost"] + end["missed"] + end.get("unfollowed", 0)
    named = {r["victim_pid"] for r in told if "victim_pid" in r}
    check(f"{name}-ends-with-its-status", status == wanted, status)
    check(f"{name}-is-told-or-counted", 0 <= CROWD - len(told) <= lost, len(told), end)
    check(f"{name}-has-each-process-once", len(named) == sum("victim_pid" in r for r in told) >= len(told) - lost,
          len(named), len(told))


def crowd_of_a_command(rsttrace):
    done = subprocess.run([rsttrace, *OPTIONS, "-q", "--", *A_CROWD], capture_output=True, text=True, check=False)
    judge_crowd("a-crowd-of-a-command", done.stdout.splitlines(), done.returncode, 7)


def crowd_by_name(rsttrace):
    with tempfile.TemporaryFile("w+", encoding="utf-8") as kept:
        tracer, _ = lab.start(rsttrace, *OPTIONS, "-c", "short-lived", stdout=kept)
        subprocess.run(A_CROWD, check=False)
        lab.refuse(20)
        lab.end(tracer)
        kept.seek(0)
        judge_crowd("a-crowd-by-name", kept.read().splitlines(), tracer.returncode, 0)


def main():
    if os.geteuid():
        lab.skip("limits", "needs root")
    rsttrace = os.path.abspath(os.path.join(lab.build_folder(), "rsttrace"))
    lab.own_namespace()
    OPTIONS.extend(("--netns", str(lab.netns())))   # so that what else is reset here has no part in it
    for limit in (control_group, full_maps, slow_pipe, stopped_reader, crowd_of_a_command, crowd_by_name):
        begin = time.monotonic()
        limit(rsttrace)
        print(f"limits: {limit.__name__}: {time.monotonic() - begin:.1f} s", flush=True)
    lab.verdict("limits", checks, *details)


main()
