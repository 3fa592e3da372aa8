#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Many sockets of several processes: each reset of a sample has the right process at either end.

    owners.py [DIRECTORY WITH rsttrace] [SOCKETS]

Half of the connections are older than the tracer. All stay open; then some of each half are
reset, by either end, and nobody makes a call that would give the other end away.
"""
import json
import os
import random
import resource
import socket
import struct
import sys

import lab

PAIRS = 5               # of processes, at least: one listens and accepts, the other connects
SPARE_FILES = 100
SAMPLE = 500            # resets
BYTES_A_SOCKET = 8192   # of kernel memory, about, with its file and what Python keeps
PORT = 20000


class Worker:
    """A process that holds one end of its connections, and carries out commands."""

    def __init__(self, body, *args):
        ours, theirs = socket.socketpair()
        self.pid = os.fork()
        if not self.pid:
            ours.close()
            try:
                body(theirs.makefile("rw"), *args)
            finally:
                os._exit(0)
        theirs.close()
        self.pipe = ours.makefile("rw")

    def tell(self, **what):
        print(json.dumps(what), file=self.pipe, flush=True)

    def answer(self):
        return json.loads(self.pipe.readline())


def serve(pipe, port, accept, held):
    """Carries out commands: accepts or connects so many and returns the clients' ports; or aborts one."""
    lfd = None
    if accept:
        lfd = socket.create_server(("127.0.0.1", port), backlog=4096)
    print(json.dumps("ready"), file=pipe, flush=True)
    for line in pipe:
        what = json.loads(line)
        if "abort" in what:
            s = held.pop(what["abort"])
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            s.close()
            answer = "aborted"
        else:
            answer = []
            for _ in range(what["open"]):
                if accept:
                    s, (_, number) = lfd.accept()
                else:
                    s = socket.create_connection(("127.0.0.1", port))
                    number = s.getsockname()[1]
                held[number] = s
                answer.append(number)
        print(json.dumps(answer), file=pipe, flush=True)


class Pair:
    def __init__(self, n):
        self.port = PORT + n
        self.server = Worker(serve, self.port, True, {})
        self.server.answer()
        self.client = Worker(serve, self.port, False, {})
        self.client.answer()

    def begin_open(self, n):
        self.server.tell(open=n)
        self.client.tell(open=n)

    def end_open(self):
        self.server.answer()
        return self.client.answer()

    def abort(self, number, by_client):
        """Returns the reset's ports, and the processes that its record has to name."""
        by, other = (self.client, self.server) if by_client else (self.server, self.client)
        by.tell(abort=number)
        by.answer()
        ports = (number, self.port) if by_client else (self.port, number)
        return ports, (by.pid, other.pid)


def own_namespace():
    lab.own_namespace()
    for name, value in (("ipv4/ip_local_port_range", "30000 65000"), ("core/somaxconn", "4096")):
        with open("/proc/sys/net/" + name, "w") as f:
            f.write(value)


def open_all(pairs, each):
    for p in pairs:
        p.begin_open(each)
    return [(p, number) for p in pairs for number in p.end_open()]


def wrong_ends(records, expected):
    """The pids of records that differ from the true ones."""
    netns = lab.netns()
    seen = {(r["sport"], r["dport"]): (r.get("sender_pid"), r.get("victim_pid"))
            for r in records if r.get("netns") == netns}
    return {ports: seen.get(ports) for ports, pids in expected.items() if seen.get(ports) != pids}


def enough_memory(sockets):
    with open("/proc/meminfo") as f:
        available = next(int(line.split()[1]) for line in f if line.startswith("MemAvailable"))
    return available * 1024 > sockets * BYTES_A_SOCKET


def main():
    sockets = int(sys.argv[2]) if len(sys.argv) > 2 else 50000
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1] - SPARE_FILES
    n_pairs = max(PAIRS, -(-sockets // 2 // most))
    each = sockets // n_pairs // 4      # connections, older and younger
    if os.geteuid() or not enough_memory(sockets):
        lab.skip("owners", "needs root, and memory for so many sockets")
    own_namespace()
    resource.setrlimit(resource.RLIMIT_NOFILE, (most + SPARE_FILES, most + SPARE_FILES))
    pairs = [Pair(n) for n in range(n_pairs)]
    older = open_all(pairs, each)
    tracer, _ = lab.start(os.path.join(lab.build_folder(), "rsttrace"), "--json", "--settle", "100")
    younger = open_all(pairs, each)
    failed = 0
    seed = random.randrange(1 << 30)
    random.seed(seed)
    expected = {}
    for which in (older, younger):
        expected[id(which)] = dict(p.abort(number, i % 2 == 0) for i, (p, number) in
                                   enumerate(random.sample(which, SAMPLE // 2)))
    records, _ = lab.end(tracer)
    for name, which in (("older", older), ("younger", younger)):
        wrong = wrong_ends(records, expected[id(which)])
        failed += bool(wrong)
        print(f"{'FAIL' if wrong else 'ok'} owners-{name} ({len(which) * 2} sockets)")
        for ports, pids in list(wrong.items())[:5]:
            print(f"    {ports}: expected {expected[id(which)][ports]}, got {pids}")
        if wrong:
            print(f"    {len(wrong)} of {SAMPLE // 2} are wrong, seed {seed}")
    for p in pairs:
        for w in (p.server, p.client):
            w.pipe.close()
            os.kill(w.pid, 9)
            os.waitpid(w.pid, 0)
    print(f"{2 - failed} passed, {failed} failed, 0 skipped")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
