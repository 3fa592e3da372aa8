#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The two ends of a connection for context.sh, and look-ups in rsttrace's records of them.

  context_ends.py serve ADDRESS PORT HOW    accept, let the data lie unread, then HOW:
                                            close: close and stay; kill: die of SIGKILL
  context_ends.py connect ADDRESS PORT      send, read until the reset; stay until told
  context_ends.py field FILE NETNS N KEY    a member of the Nth incident sent in NETNS
  context_ends.py account FILE NETNS KEY    a member of the namespace's row in the end line

Each end prints one word as soon as the next may act.
"""
import json
import os
import signal
import socket
import sys


def serve(address, port, how):
    listener = socket.create_server((address, int(port)))
    print("listening", flush=True)
    conn, _ = listener.accept()
    conn.recv(1, socket.MSG_PEEK)
    if how == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    conn.close()
    print("closed", flush=True)
    signal.pause()


def connect(address, port):
    with socket.create_connection((address, int(port))) as sock:
        sock.sendall(b"a request that nobody reads")
        try:
            sock.recv(100)
            print("end", flush=True)
        except ConnectionResetError:
            print("reset", flush=True)
        sys.stdin.read()


def lines(file):
    with open(file, encoding="utf-8") as records:
        for line in records:
            if line.endswith("\n"):
                yield json.loads(line)


def show(value):
    print(json.dumps(value) if isinstance(value, (bool, list, dict)) else value)


def field(file, netns, nth, key):
    found = {}
    for line in lines(file):
        if line.get("type") != "end" and line.get("netns") == int(netns):
            found[line["id"]] = line  # a later revision replaces
    records = sorted(found.values(), key=lambda line: line["time_ns"])
    if key == "count":
        show(len(records))
    elif len(records) > int(nth):
        show(records[int(nth)].get(key, "(absent)"))


def account(file, netns, key):
    for line in lines(file):
        for row in line.get("namespaces", []):
            if row["netns"] == int(netns):
                show(row.get(key, "(absent)"))


if __name__ == "__main__":
    {"serve": serve, "connect": connect, "field": field, "account": account}[sys.argv[1]](
        *sys.argv[2:])
