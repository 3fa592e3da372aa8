# SPDX-License-Identifier: GPL-2.0
"""The three tools that are compared, and the network namespace without other traffic."""

import json
import os
import re
import signal
import socket
import subprocess
import time

from . import pcap

PATIENCE_SEC = 20
MARKER_PORT = 9
TRACED = "%network,read,write,readv,writev,sendfile,splice"


class Failed(Exception):
    pass


def wait_for(what, condition):
    end = time.monotonic() + PATIENCE_SEC
    while not condition():
        if time.monotonic() > end:
            raise Failed(f"waited {PATIENCE_SEC} s for {what}")
        time.sleep(0.002)


def read(path):
    with open(path, encoding="utf-8", errors="replace") as f:
        return f.read()


class Witness:
    """A tool that runs beside the workload and says on stderr when it is ready."""

    def __init__(self, argv, ready, scratch, name):
        self.name = name
        self.out = os.path.join(scratch, f"{name}.out")
        self.err = os.path.join(scratch, f"{name}.err")
        with open(self.out, "wb") as out, open(self.err, "wb") as err:
            self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL,
                                            stdout=out, stderr=err)
        try:
            wait_for(f"{name} to be ready", lambda: self.is_ready(ready))
        except Failed:
            self.kill()
            raise

    def is_ready(self, ready):
        if self.process.poll() is not None:
            raise Failed(f"{self.name} ended at once: {read(self.err).strip()}")
        return ready in read(self.err)

    def stop(self, signum):
        """Ends the tool by a signal, upon which it writes out what it still holds."""
        self.process.send_signal(signum)
        try:
            status = self.process.wait(PATIENCE_SEC)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Failed(f"{self.name} did not end on {signal.Signals(signum).name}")
        if status:
            raise Failed(f"{self.name} ended with {status}: {read(self.err).strip()}")

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def start_tcpdump(scratch, capture):
    return Witness(["tcpdump", "-i", "lo", "-n", "-U", "--immediate-mode", "-Z", "root",
                    "-s", "128", "-B", "16384", "-w", capture, "tcp or udp"],
                   "listening on lo", scratch, "tcpdump")


def stop_tcpdump(witness, capture):
    """Stops tcpdump once it has seen everything, by waiting for a datagram that is sent last."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.sendto(b"marker", ("127.0.0.1", MARKER_PORT))
    wait_for("the marker in the capture", lambda: pcap.has_udp_to(capture, MARKER_PORT))
    witness.stop(signal.SIGINT)
    dropped = re.search(r"(\d+) packets? dropped by kernel", read(witness.err))
    if not dropped or int(dropped[1]):
        raise Failed(f"tcpdump lost packets: {read(witness.err).strip()}")


def start_rsttrace(scratch, binary):
    return Witness([binary, "--json"], "rsttrace: ready", scratch, "rsttrace")


def missing_probes(binary):
    """The names of the probes that rsttrace says it lacks here."""
    done = subprocess.run([binary, "check", "--json"], stdout=subprocess.PIPE, check=True)
    return {p["name"] for p in json.loads(done.stdout)["probes"] if p["state"] == "missing"}


def run_under_strace(argv, prefix, err):
    """Returns the workload's exit status. All calls are kept (no -Z): one that takes an error
    may succeed."""
    strace = ["strace", "-ff", "--seccomp-bpf", "-yy", "-s", "0", "-e", f"trace={TRACED}",
              "-e", "signal=SIGPIPE", "-o", prefix, "--"]
    with open(err, "wb") as stderr:
        return subprocess.run(strace + argv, stdin=subprocess.DEVNULL, stdout=stderr,
                              stderr=stderr, timeout=300, check=False).returncode


def tcp_counter(name):
    with open("/proc/net/snmp", encoding="ascii") as f:
        names, values = [line.split() for line in f if line.startswith("Tcp:")]
    return int(values[names.index(name)])


def this_netns():
    return os.stat("/proc/self/ns/net").st_ino
