#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A mixture of resets between processes with names, for a table to sort.

    mixture.py [PAUSE]      what tests/data/top/mixture.rec is made of; seconds between two of a kind
    mixture.py --storm      the same refused connect, until it is killed

Plays on the loopback of the network namespace it is started in, and ends by itself. Each end is a
process of its own.
"""
import os
import select
import socket
import struct
import sys
import time

LINGER_ZERO = struct.pack("ii", 1, 0)


def name(text):
    with open("/proc/self/comm", "wb") as f:
        f.write(text)


def listener(port):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("127.0.0.1", port))
    s.listen(16)
    return s


def quietly(fn):
    """Goes on after a reset, which is what this program is to cause."""
    try:
        return fn()
    except OSError:
        return None


def closes_unread(s):
    """Accepts and closes without reading the request."""
    c, _ = s.accept()
    c.recv(1, socket.MSG_PEEK)
    c.close()


def lingers_not(s):
    c, _ = s.accept()
    c.recv(64)
    c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_ZERO)
    c.close()


def answers(s):
    """... to a client that may have gone, and reads what comes of it."""
    c, _ = s.accept()
    c.recv(64)
    quietly(lambda: c.send(b"1"))
    quietly(lambda: c.recv(64))
    quietly(lambda: c.send(b"2"))
    c.close()


def asks(port):
    c = socket.create_connection(("127.0.0.1", port))
    c.send(b"GET / HTTP/1.0\r\n\r\n")
    quietly(lambda: c.recv(64))
    c.close()


def leaves(port):
    """... without a look at the answer that is there."""
    c = socket.create_connection(("127.0.0.1", port))
    c.send(b"GET / HTTP/1.0\r\n\r\n")
    c.recv(1, socket.MSG_PEEK)
    c.close()


def looks_away(port):
    """... from what the server did, and closes."""
    c = socket.create_connection(("127.0.0.1", port))
    c.send(b"GET / HTTP/1.0\r\n\r\n")
    gone = select.poll()
    gone.register(c, 0)
    gone.poll()
    c.close()


def refused(port):
    quietly(lambda: socket.create_connection(("127.0.0.1", port)))


# server's name, its port, what it does; client's name, what it does; how often
SCENES = [
    (b"checkout", 8080, closes_unread, b"web", asks, 12),
    (b"cache", 6379, lingers_not, b"worker", asks, 6),
    (b"broker", 5672, lingers_not, b"pool", looks_away, 5),
    (b"catalog", 8443, answers, b"crawler", leaves, 4),
    (None, 9000, None, b"probe", refused, 8),
    (b"\x1b[31mred", 7000, closes_unread, "\u202eevil\u5de5".encode(), asks, 2),
]


def play(scene, pause):
    server, port, serves, client, calls, times = scene
    s = listener(port) if server else None
    pid = os.fork() if server else 0
    if server and not pid:
        name(server)
        for _ in range(times):
            serves(s)
        os._exit(0)
    if s:
        s.close()
    name(client)
    for _ in range(times):
        calls(port)
        time.sleep(pause * 12 / times)
    if pid:
        os.waitpid(pid, 0)


def main():
    if "--storm" in sys.argv:
        name(b"storm")
        while True:
            refused(9000)
    pause = float(sys.argv[1]) if len(sys.argv) > 1 else 0
    for scene in SCENES:
        if not os.fork():
            play(scene, pause)
            os._exit(0)
    try:
        while True:
            os.wait()
    except ChildProcessError:
        pass


main()
