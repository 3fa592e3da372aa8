# SPDX-License-Identifier: GPL-2.0
"""What the soak plays: each kind of traffic is a process that ends by itself at a given time.

All but the scenarios play on the loopback of the network namespace they are started in. The rates
are bounded, so that the machine is used for other things as well; the bursts are as fast as it goes.
"""
import ctypes
import os
import random
import signal
import socket
import struct
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
LIVE = os.path.join(HERE, "..", "live")
LINGER_ZERO = struct.pack("ii", 1, 0)
KEPT = 32               # connections that live as long as the soak
BURST = 300             # refused connects, and a third as many aborts, at once: more than --rate tells
BETWEEN_BURSTS = 1.5    # seconds
CHUNK = 40              # scenarios that are played together
PR_SET_PDEATHSIG = 1


class Pace:
    """Gives every turn its time: so many in a second, until the end."""

    def __init__(self, end, per_second):
        self.end, self.step, self.next = end, 1 / per_second, time.monotonic()

    def __iter__(self):
        while time.monotonic() < self.end:
            yield
            self.next = max(self.next + self.step, time.monotonic() - 1)
            time.sleep(max(0, self.next - time.monotonic()))


def pair(listener):
    client = socket.create_connection(listener.getsockname())
    return client, listener.accept()[0]


def quietly(call, *args):
    """The error that the reset makes of the call is what this is about."""
    try:
        call(*args)
    except OSError:
        pass


def talk(end):
    """Healthy connections that stay: a question and an answer at a time."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        kept = [pair(listener) for _ in range(KEPT)]
        for turn, _ in enumerate(Pace(end, 100)):
            client, server = kept[turn % KEPT]
            for a, b in ((client, server), (server, client)):
                a.send(b"x" * 100)
                b.recv(100)
        for client, server in kept:
            client.close()
            server.close()


def churn(end):
    """Healthy connections that come and go, and listeners."""
    for turn, _ in enumerate(Pace(end, 100)):
        if turn % 20 == 0:
            listener = socket.create_server(("127.0.0.1", 0))
        for s in pair(listener):
            s.close()


def refuse(end):
    """Storms of refused connects."""
    for _ in Pace(end, 1 / BETWEEN_BURSTS):
        for _ in range(BURST):
            with socket.socket() as s:
                s.connect_ex(("127.0.0.1", 9))


def abort(end):
    """Storms of aborted connections; every other client sees it, the others close first."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        for _ in Pace(end, 1 / BETWEEN_BURSTS):
            for n in range(BURST // 3):
                client, server = pair(listener)
                if n % 3:
                    server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_ZERO)
                else:
                    client.send(b"never read")
                server.close()
                if n % 2:
                    quietly(client.recv, 1)
                client.close()


def programs(end):
    """The live tests' programs: new processes, with names, threads and ways to fail of their own."""
    words = ((f"{LIVE}/workloads/mixed.py",), (f"{LIVE}/mixture.py", "0.05"), (f"{LIVE}/workloads/storm.py",))
    played = failed = 0
    for _ in Pace(end, 0.5):
        # two of the same kind may meet at a port: what each expects of its calls is not judged here
        done = subprocess.run([sys.executable, *words[played % len(words)]], stderr=subprocess.DEVNULL, check=False)
        played, failed = played + 1, failed + (done.returncode != 0)
    print(f"soak: {played} programs, {failed} of them complained", flush=True)
    return int(failed > played / 10)


def scenarios(end, program):
    """All scenarios, in another order each time, in namespaces of their own: how many came about."""
    done = subprocess.run([program, "--list"], capture_output=True, text=True, check=True)
    names, left, played, failed = [line.split()[0] for line in done.stdout.splitlines()], [], 0, 0
    while time.monotonic() < end:
        if not left:
            left = random.sample(names, len(names))
        chunk, left = left[:CHUNK], left[CHUNK:]
        done = subprocess.run([program, "--no-trace", "--jobs", "8", *chunk], capture_output=True, text=True, check=False)
        passed, _, bad = done.stdout.splitlines()[-1].split()[:3]
        played, failed = played + int(passed), failed + int(bad)
    print(f"soak: {played} scenarios came about, {failed} did not", flush=True)
    return int(failed > played / 10)


def begin(kind, *args):
    """Starts a process that plays this, and dies with the one that began it."""
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return pid
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    try:
        os._exit(kind(*args) or 0)
    except BaseException as e:
        print(f"soak: {kind.__name__}: {e!r}", flush=True)
        os._exit(1)
