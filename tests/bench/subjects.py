# SPDX-License-Identifier: GPL-2.0
"""The tools that are measured: how each is started, and when it is ready."""

import os
import re
import select
import shutil
import signal
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PATIENCE_SEC = 20


class Failed(Exception):
    pass


def on_first_core():
    """Runs this process on the first CPU, as the loads run on the last one."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


class Subject:
    """A tool to run beside the load. `ready` is a regex for its stderr; a tool
    that does not say when it is ready is watched through its descriptors."""

    def __init__(self, name, argv, ready=None, programs=0):
        self.name = name
        self.argv = argv
        self.ready = re.compile(ready) if ready else None
        self.programs = programs
        self.process = None
        self.stderr = b""

    def missing(self):
        for word in self.argv[:1] + [w for w in self.argv if w.endswith(".o")]:
            if not shutil.which(word) and not os.path.exists(word):
                return f"{word} is not there"
        return None

    def start(self):
        """Returns the seconds from exec until the tool was ready."""
        self.stderr = b""
        begin = time.monotonic()
        self.process = subprocess.Popen(self.argv, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                        preexec_fn=on_first_core)
        os.set_blocking(self.process.stderr.fileno(), False)
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() - begin > PATIENCE_SEC:
                self.stop()
                said = self.stderr.decode(errors="replace").strip()
                raise Failed(f"{self.name} did not start: {said}")
        return time.monotonic() - begin

    def is_ready(self):
        if select.select([self.process.stderr], [], [], 0.0005)[0]:
            self.stderr += self.process.stderr.read() or b""
        if self.ready:
            return self.ready.search(self.stderr.decode(errors="replace"))
        return self.loaded_programs() == self.programs and self.sleeps()

    def loaded_programs(self):
        fds = f"/proc/{self.process.pid}/fd"
        count = 0
        try:
            for fd in os.listdir(fds):
                count += os.readlink(f"{fds}/{fd}") == "anon_inode:bpf-prog"
        except OSError:
            return -1
        return count

    def sleeps(self):
        return self.read("stat").rpartition(")")[2].split()[:1] == ["S"]

    def read(self, name):
        try:
            with open(f"/proc/{self.process.pid}/{name}") as f:
                return f.read()
        except OSError:
            return ""

    def cpu_sec(self):
        """Time on a CPU since the start, all threads."""
        total = 0
        for tid in os.listdir(f"/proc/{self.process.pid}/task"):
            total += int((self.read(f"task/{tid}/schedstat") or "0").split()[0])
        return total / 1e9

    def rss_kib(self):
        found = re.search(r"VmRSS:\s+(\d+)", self.read("status"))
        return int(found.group(1)) if found else 0

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            rest = self.process.communicate(timeout=PATIENCE_SEC)[1]
        except subprocess.TimeoutExpired:
            self.process.kill()
            rest = self.process.communicate()[1]
        self.stderr += rest or b""


def all_subjects(build):
    script = os.path.join(HERE, "rst.bt")
    with open(script) as f:
        programs = len(re.findall(r"^tracepoint:", f.read(), re.M))
    return [
        Subject("empty programs", [f"{build}/bench/empty", f"{build}/bench/empty.bpf.o"],
                ready="empty: ready"),
        Subject("rsttrace", [f"{build}/rsttrace"], ready="rsttrace: ready"),
        Subject("tcpdump", ["tcpdump", "-i", "lo", "-w", "/dev/null",
                            "tcp[tcpflags] & tcp-rst != 0"], ready="listening on lo"),
        Subject("bpftrace", ["bpftrace", script], programs=programs),
    ]
