#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""live.py BUILD [CONNECTIONS] - a live trace under faults: disks, signals, ids that are used again, churn.

Afterwards every reset has its record, or the run has failed and said so in one line. What stops or
slows the reader is in tests/live/loss.py, closed pipes and /dev/full in tests/live/cli/output.sh.
Runs in a network and a mount namespace of its own.
"""
import ctypes
import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "live"))
import lab  # noqa: E402

CLONE_NEWNET, CLONE_NEWNS, SYS_CLONE3 = 0x40000000, 0x20000, 435
CONNECTIONS = int(sys.argv[2]) if len(sys.argv) > 2 else 20000
PATIENCE = 60
LIBC = ctypes.CDLL(None, use_errno=True)
OPTIONS = ("--json", "--rate", "0", "--settle", "100")
results = {}


def check(name, good, *details):
    results[name] = bool(good)
    print(f"{'ok  ' if good else 'FAIL'} faults-{name}{'' if good else ': ' + ' '.join(map(str, details))[:600]}",
          flush=True)


def until(condition):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def here(records):
    """The records of this network namespace."""
    return [r for r in records if r.get("netns") == lab.netns() and r.get("rev") == 0 and "kind" in r]


def said(err):
    return [line for line in err.splitlines() if line.startswith("rsttrace: ")]


# ---- disks

def fill(rsttrace, what, *options):
    tracer, _ = lab.start(rsttrace, *OPTIONS, *options)
    while tracer.poll() is None:
        lab.refuse(20)
    err = tracer.stderr.read()
    check(f"disk-full-of-{what}-is-one-line", tracer.returncode == 1 and len(said(err)) == 1 and
          "No space left" in err, err)


def disk_fills(rsttrace, folder):
    """A disk of 64 KiB: the run ends with one line, and what is on the disk can be read."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", folder], check=True)
    fill(rsttrace, "lines", "-o", f"{folder}/lines")
    with open(f"{folder}/lines", "rb") as f:
        lines = f.read().split(b"\n")
    check("disk-full-keeps-whole-lines", [json.loads(line) for line in lines[:-1]])
    os.remove(f"{folder}/lines")
    fill(rsttrace, "recording", "-o", "/dev/null", "--record", f"{folder}/rec")
    done = subprocess.run([rsttrace, "--json", "-q", "--replay", f"{folder}/rec"], capture_output=True, text=True,
                          check=False)
    check("disk-full-keeps-the-recording", len(done.stdout.splitlines()) > 1 and len(said(done.stderr)) <= 1 and
          done.returncode == bool(done.stderr), done.stderr)
    os.remove(f"{folder}/rec")
    tracer, _ = lab.start(rsttrace, *OPTIONS, "-o", f"{folder}/lines")
    lab.refuse(3)
    lab.end(tracer)
    with open(f"{folder}/lines", encoding="utf-8") as f:
        check("disk-emptied-is-used", len(here(map(json.loads, f))) == 3)
    subprocess.run(["umount", folder], check=True)


# ---- signals and other tracers

def programs(pid):
    """Ids of the BPF programs and links that the process holds."""
    found = set()
    for fd in os.listdir(f"/proc/{pid}/fdinfo"):
        try:
            with open(f"/proc/{pid}/fdinfo/{fd}", encoding="ascii") as f:
                found |= set(re.findall(r"^(?:prog|link)_id:\t(\d+)$", f.read(), re.M))
        except FileNotFoundError:
            pass
    return found


def alive(ids):
    done = subprocess.run(["bpftool", "-j", "prog", "show"], capture_output=True, text=True, check=True)
    return ids & {str(p["id"]) for p in json.loads(done.stdout)}


def killed(rsttrace):
    """SIGKILL: nothing stays attached, nothing is pinned."""
    pinned = set(os.listdir("/sys/fs/bpf")) if os.path.isdir("/sys/fs/bpf") else set()
    tracer, _ = lab.start(rsttrace, *OPTIONS)
    ids = programs(tracer.pid)
    check("programs-are-there", len(ids) > 5 and alive(ids), ids)
    tracer.kill()
    tracer.communicate()
    check("killed-leaves-nothing-attached", until(lambda: not alive(ids)), alive(ids))
    check("killed-leaves-nothing-pinned",
          not os.path.isdir("/sys/fs/bpf") or not {n for n in set(os.listdir("/sys/fs/bpf")) - pinned if "rst" in n})


def two_tracers(rsttrace):
    a, _ = lab.start(rsttrace, *OPTIONS)
    b, _ = lab.start(rsttrace, *OPTIONS)
    lab.refuse(50)
    records = [here(lab.end(t)[0]) for t in (a, b)]
    check("two-tracers-tell-the-same", [len(r) for r in records] == [50, 50], [len(r) for r in records])


def little_memory(rsttrace):
    """An address space too small for the maps' pages: one line, no crash."""
    for size in ("24M", "40M", "60M"):
        done = subprocess.run(["prlimit", f"--as={1048576 * int(size[:-1])}", rsttrace, *OPTIONS, "-d", "0.2"],
                              capture_output=True, text=True, check=False)
        good = done.returncode == 0 or (done.returncode in (1, 77, 127) and len(done.stderr.splitlines()) == 1)
        check(f"address-space-of-{size}", good, done.returncode, done.stderr)


# ---- what is used again

def namespace_goes_away(rsttrace):
    tracer, _ = lab.start(rsttrace, *OPTIONS)
    pid = os.fork()
    if not pid:
        lab.own_namespace()
        lab.refuse(5)
        inode = lab.netns()
        os._exit(0 if inode else 1)
    inode = None
    os.waitpid(pid, 0)
    lab.refuse(1)
    records, err = lab.end(tracer)
    away = {r["netns"] for r in records if r.get("dport") and r.get("victim_pid") == pid}
    mine = [r for r in records if r.get("victim_pid") == pid and r.get("cause") == "closed-port"]
    check("a-namespace-that-ended-is-told", tracer.returncode == 0 and len(mine) == 5 and len(away) == 1 and
          not said(err), inode, records[-1], err)


def clone_as(pid):
    """fork() with a chosen process id: 0 in the child."""
    ids = struct.pack("i", pid)
    array = ctypes.create_string_buffer(ids)
    args = struct.pack("QQQQQQQQQQQ", 0, 0, 0, 0, signal.SIGCHLD, 0, 0, 0, ctypes.addressof(array), 1, 0)
    return LIBC.syscall(SYS_CLONE3, ctypes.create_string_buffer(args, len(args)), len(args))


def refused_as(name):
    LIBC.prctl(15, name.encode(), 0, 0, 0)
    lab.refuse(1)
    os._exit(0)


def pid_used_again(rsttrace):
    """Two processes with the same id, one after another: each reset has the name of its own."""
    tracer, _ = lab.start(rsttrace, *OPTIONS)
    first = os.fork()
    if not first:
        refused_as("first-user")
    os.waitpid(first, 0)
    again = clone_as(first)
    if not again:
        refused_as("second-user")
    if again < 0:
        lab.end(tracer)
        print(f"skip faults-pid-used-again: clone3: {os.strerror(ctypes.get_errno())}")
        return
    os.waitpid(again, 0)
    names = [r.get("victim_comm") for r in here(lab.end(tracer)[0]) if r.get("victim_pid") == first]
    check("a-pid-used-again", sorted(names) == ["first-user", "second-user"], names)


def pair_of_sockets():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname())
        return client, listener.accept()[0]


def abort(server):
    server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    server.close()


def fd_used_again(rsttrace):
    """A descriptor closed with its reset unseen, and used again at once: only the second call failed."""
    tracer, _ = lab.start(rsttrace, *OPTIONS)
    client, server = pair_of_sockets()
    fd, port = client.fileno(), client.getsockname()[1]
    abort(server)
    client.close()
    client, server = pair_of_sockets()
    same = client.fileno() == fd
    abort(server)
    failed = False
    try:
        client.recv(1)
    except ConnectionResetError:
        failed = True
    again = client.getsockname()[1]
    client.close()
    records = {r["dport"]: r for r in here(lab.end(tracer)[0])}
    check("a-descriptor-used-again", same and failed and records[port]["outcome"] == "unnoticed" and
          records[again]["outcome"] == "error" and records[again]["error_fd"] == fd, records)


# ---- churn

def state_of(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        rss = int(re.search(r"^VmRSS:\s+(\d+)", f.read(), re.M).group(1))
    return rss, len(os.listdir(f"/proc/{pid}/fd"))


def churn(n):
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        where = listener.getsockname()
        for _ in range(n):
            with socket.create_connection(where), listener.accept()[0]:
                pass


def many_connections(rsttrace):
    """
    Short healthy connections: no record, and nothing is kept of each. The tracer may load spares of its
    programs meanwhile, when the kernel has refused a run.
    """
    tracer, _ = lab.start(rsttrace, *OPTIONS)
    churn(CONNECTIONS // 10)
    lab.refuse(10)
    rss, fds = state_of(tracer.pid)
    churn(CONNECTIONS)
    lab.refuse(10)
    later, fds_later = state_of(tracer.pid)
    records, err = lab.end(tracer)
    check("churn-has-no-record", len(here(records)) == 20 and tracer.returncode == 0, len(here(records)), err)
    check("churn-keeps-memory-flat", later <= rss + 2048 and fds_later < fds + 40, rss, later, fds, fds_later)


def main():
    if os.geteuid():
        lab.skip("faults", "needs root")
    rsttrace = os.path.abspath(os.path.join(lab.build_folder(), "rsttrace"))
    if LIBC.unshare(CLONE_NEWNS):
        sys.exit("unshare: " + os.strerror(ctypes.get_errno()))
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    lab.own_namespace()
    with tempfile.TemporaryDirectory(prefix="rsttrace-faults-") as folder:
        disk_fills(rsttrace, folder)
    for fault in (killed, two_tracers, little_memory, namespace_goes_away, pid_used_again, fd_used_again,
                  many_connections):
        fault(rsttrace)
    bad = list(results.values()).count(False)
    print(f"{len(results) - bad} passed, {bad} failed, 0 skipped")
    sys.exit(bad > 0)


main()
