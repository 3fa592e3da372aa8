#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""rsttrace as a service: what it tells its manager and the journal, what SIGHUP reloads.

    service.py [DIRECTORY WITH rsttrace]

The manager is this test's own socket; the journal is a real systemd-journald, in a mount namespace
with a /run of its own.
"""
import ctypes
import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time

import lab

CLONE_NEWNS = 0x20000
PR_SET_NAME = 15
CAP_SYS_PTRACE = 19
JOURNALD = "/lib/systemd/systemd-journald"
PATIENCE = 30
OLDER = '{"type":"end"}\n'
HOSTILE = b"x\nPRIORITY=0\n"
checks, details = {}, []


def check(name, good, what=""):
    checks[name] = bool(good)
    if not good:
        details.append(f"{name}: {what}")


def wait_for(condition):
    """The condition's value once it is true, or the last one it had."""
    end = time.monotonic() + PATIENCE
    while True:
        got = condition()
        if got or time.monotonic() > end:
            return got
        time.sleep(0.05)


def own_run():
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS):
        sys.exit("unshare: " + os.strerror(ctypes.get_errno()))
    for words in (["--make-rprivate", "/"], ["-t", "tmpfs", "tmpfs", "/run"], ["-t", "tmpfs", "tmpfs", "/var/log"]):
        subprocess.run(["mount", *words], check=True)
    for folder in ("systemd/journal", "log/journal", "udev"):
        os.makedirs("/run/" + folder)


def start_journal():
    daemon = subprocess.Popen([JOURNALD], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if not wait_for(lambda: os.path.exists("/run/systemd/journal/socket")):
        sys.exit("systemd-journald does not start")
    return daemon


def journal(*matches):
    run = subprocess.run(["journalctl", "--no-pager", "-a", "-o", "json", *matches], stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL, check=False)
    return [json.loads(line) for line in run.stdout.splitlines()]


def plain(value):
    """A field's text; journalctl writes one with control characters as a list of bytes."""
    return bytes(value).decode() if isinstance(value, list) else value


class Manager:
    """The other end of NOTIFY_SOCKET."""
    def __init__(self, folder):
        self.path = os.path.join(folder, "notify")
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(self.path)
        self.sock.settimeout(PATIENCE)

    def told(self, word, times=1):
        """Reads until a message with that word has come so often: all messages."""
        messages = []
        while times:
            try:
                messages.append(self.sock.recv(4096).decode())
            except TimeoutError:
                break
            times -= word in messages[-1]
        return messages


class Service:
    """A tracer with a configuration file and a manager."""
    def __init__(self, rsttrace, folder, *words, **env):
        self.folder, self.said = folder, b""
        self.manager = Manager(folder)
        self.proc = subprocess.Popen([rsttrace, "--config", self.path("conf"), *words], stdout=subprocess.DEVNULL,
                                     stderr=subprocess.PIPE,
                                     env={**os.environ, "NOTIFY_SOCKET": self.manager.path, **env})
        os.set_blocking(self.proc.stderr.fileno(), False)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.proc.poll() is None:
            self.proc.kill()
            self.proc.wait()

    def path(self, name):
        return os.path.join(self.folder, name)

    def says(self, text):
        """Whether the text has come on standard error so far, or comes in time."""
        def look():
            if select.select([self.proc.stderr], [], [], 0)[0]:
                self.said += self.proc.stderr.read() or b""
            return text in self.said.decode()
        return wait_for(look)

    def records(self, name="out.jsonl"):
        try:
            with open(self.path(name)) as f:
                return [json.loads(line) for line in f if line.endswith("\n")]
        except FileNotFoundError:
            return []

    def resets(self, port, name="out.jsonl"):
        return [r for r in self.records(name) if r.get("sport") == port and r["rev"] == 0]

    def stop(self):
        self.proc.send_signal(signal.SIGTERM)
        return self.proc.wait(timeout=60)


def config(folder, *lines):
    with open(os.path.join(folder, "conf"), "w") as f:
        f.write("\n".join(lines) + "\n")


def refused_hostile(port):
    """A refused connect by a process whose name would begin a field of its own."""
    pid = os.fork()
    if not pid:
        ctypes.CDLL(None).prctl(PR_SET_NAME, HOSTILE, 0, 0, 0)
        lab.refuse(1, port)
        os._exit(0)
    os.waitpid(pid, 0)


def manages(service):
    told = service.manager.told("READY=1")
    check("ready", told == ["READY=1"], told)
    told = service.manager.told("WATCHDOG=1", 3)
    check("watchdog", len(told) == 3 and all("STATUS=0 resets recorded" in t for t in told), told)


def status(pid):
    with open(f"/proc/{pid}/status") as f:
        return dict(re.findall(r"^(\w+):\s*(.*)$", f.read(), re.M))


def confined(service):
    """No capability is left but that of a child that can only read links; files are still named by it."""
    own = status(service.proc.pid)
    check("no-capabilities", own["CapEff"] == own["CapPrm"] == own["CapInh"] == "0" * 16, own)
    check("seccomp", own["Seccomp"] == "2" and own["NoNewPrivs"] == "1", own)
    with open(f"/proc/{service.proc.pid}/task/{service.proc.pid}/children") as f:
        children = f.read().split()
    child = status(children[0])
    check("reader", len(children) == 1 and int(child["CapPrm"], 16) == 1 << CAP_SYS_PTRACE and
          child["Seccomp"] == "2" and len(os.listdir(f"/proc/{children[0]}/fd")) == 1, child)
    threads = [status(f"{service.proc.pid}/task/{t}") for t in os.listdir(f"/proc/{service.proc.pid}/task")]
    check("threads", all(t["CapPrm"] == "0" * 16 and t["Seccomp"] == "2" for t in threads), threads)


def keeps_journal():
    lab.refuse(2, 9)
    refused_hostile(11)
    found = wait_for(lambda: len(journal("RSTTRACE_CAUSE=closed-port", "RSTTRACE_SPORT=9", "RSTTRACE_REV=0")) == 2)
    check("journal", found, journal())
    entries = wait_for(lambda: journal("RSTTRACE_SPORT=11"))
    entry = entries[0] if entries else {}
    check("hostile-name", plain(entry.get("RSTTRACE_VICTIM_COMM")) == HOSTILE.decode() and
          entry["PRIORITY"] == "4", entries)
    message = plain(entry.get("MESSAGE", ""))
    check("message", message.startswith("127.0.0.1:11 resets x\\x0aPRIORITY=0\\x0a[") and
          message.endswith(": nobody listens on port 11 (closed-port)"), message)
    ours = [e.get("RSTTRACE_VICTIM_EXE") for e in journal("RSTTRACE_SPORT=9")]
    check("names-programs", set(ours) == {os.readlink("/proc/self/exe")}, ours)
    check("message-id", len(journal("MESSAGE_ID=" + entry.get("MESSAGE_ID", "x"))) >= 3, entry)


def reloads(service):
    wait_for(lambda: len(service.resets(9)) == 2)
    os.rename(service.path("out.jsonl"), service.path("old.jsonl"))
    config(service.folder, "output = " + service.path("out.jsonl"), "json", "journal", "append",
           "confine", "settle = 60",
           "suppress = cause=closed-port,port=9", "cause = closed-port")
    service.proc.send_signal(signal.SIGHUP)
    told = service.manager.told("RELOADING=1") + service.manager.told("READY=1")
    check("reload-told", told[-1] == "READY=1" and any("MONOTONIC_USEC=" in t for t in told), told)
    check("needs-restart", service.says("reloaded; a restart is needed for settle\n"), service.said)
    check("appends", open(service.path("old.jsonl")).readline() == OLDER, "the file was begun anew")
    before = len(service.records("old.jsonl"))
    lab.refuse(3, 9)
    lab.refuse(1, 10)
    check("new-file", wait_for(lambda: len(service.resets(10)) == 1), service.records())
    check("suppressed", not service.resets(9), service.records())
    check("old-file-done", len(service.records("old.jsonl")) == before, "it was written to")
    config(service.folder, "json", "colour = always")
    service.proc.send_signal(signal.SIGHUP)
    check("bad-config", service.says(f"not reloaded, all stays as it was: {service.path('conf')}:2: "
                                     "there is no option 'colour'"), service.said)
    lab.refuse(1, 12)
    check("goes-on", wait_for(lambda: len(service.resets(12)) == 1), service.records())


def stops(service):
    status = service.stop()
    check("stops", status == 0 and "STOPPING=1" in service.manager.told("STOPPING=1")[-1], status)
    end = service.records()[-1]
    check("accounts", end["counters"].get("OutRsts", 0) >= 8 and end["explained"] == end["of"], end)
    check("counted", end["type"] == "end" and end["suppressed_by_rule"] == {"cause=closed-port,port=9": 3}, end)


def main():
    rsttrace = os.path.abspath(os.path.join(lab.build_folder(), "rsttrace"))
    if not os.path.exists(JOURNALD):
        lab.skip("service", "no systemd-journald here")
    lab.own_namespace()
    own_run()
    daemon = start_journal()
    try:
        with tempfile.TemporaryDirectory() as folder:
            config(folder, "output = " + os.path.join(folder, "out.jsonl"), "json", "journal", "append",
                   "confine", "settle = 50")
            with open(os.path.join(folder, "out.jsonl"), "w") as f:
                f.write(OLDER)
            with Service(rsttrace, folder, WATCHDOG_USEC="400000") as service:
                manages(service)
                confined(service)
                keeps_journal()
                reloads(service)
                stops(service)
    finally:
        daemon.terminate()
        daemon.wait()
    lab.verdict("service", checks, *details)


if __name__ == "__main__":
    main()
