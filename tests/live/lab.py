# SPDX-License-Identifier: GPL-2.0
"""What the live tests share: a network namespace of their own, a tracer, the closing line."""
import ctypes
import json
import os
import signal
import socket
import subprocess
import sys

CLONE_NEWNET = 0x40000000
CLOSED_PORT = 9


def skip(name, why):
    print(f"SKIP {name}: {why}\n0 passed, 0 failed, 1 skipped")
    sys.exit()


def build_folder():
    return sys.argv[1] if len(sys.argv) > 1 else "build"


def own_namespace():
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET):
        sys.exit("unshare: " + os.strerror(ctypes.get_errno()))
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def netns():
    return os.stat("/proc/self/ns/net").st_ino


def refuse(n, port=CLOSED_PORT):
    for _ in range(n):
        with socket.socket() as s:
            try:
                s.connect(("127.0.0.1", port))
            except ConnectionRefusedError:
                pass


def start(*words, stdout=subprocess.PIPE):
    """Starts a tracer: it, once it is ready, and what it wrote to stderr until then."""
    tracer = subprocess.Popen(words, text=True, stdout=stdout, stderr=subprocess.PIPE)
    said = ""
    for line in tracer.stderr:
        said += line
        if line == "rsttrace: ready\n":
            return tracer, said
    sys.exit(f"{words[0]} does not start: {said}")


def end(tracer):
    """Stops a tracer: its records, and what it wrote to stderr after start()."""
    tracer.send_signal(signal.SIGINT)
    out, err = tracer.communicate(timeout=120)
    return [json.loads(line) for line in (out or "").splitlines()], err


def verdict(name, checks, *details):
    """Prints the result of each check, details where one failed, and the closing line."""
    for check, good in checks.items():
        print(f"{'ok' if good else 'FAIL'} {name}-{check}")
    bad = list(checks.values()).count(False)
    for text in details if bad else ():
        print("    " + text)
    print(f"{len(checks) - bad} passed, {bad} failed, 0 skipped")
    sys.exit(bad > 0)
