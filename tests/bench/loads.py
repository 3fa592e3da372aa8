# SPDX-License-Identifier: GPL-2.0
"""The loads, on one core; the tools run on another."""

import ctypes
import fcntl
import os
import re
import shutil
import socket
import struct
import subprocess
import tempfile
import time

import stats
from subjects import Failed

CLONE_NEWNET = 0x40000000
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1
WEB_PORT = 8080
CLIENTS = 16

# name -> what it is, what a step of it is, and the share of the rate that rsttrace has to keep, compared
# with empty programs or with nothing
LOADS = {
    "rtt": ("1-byte ping-pong", "round trips", (.995, "empty programs")),
    "conn": ("connect, accept, close", "connections", (.98, "empty programs")),
    "ab": ("nginx under ab", "requests", (.98, "nothing")),
    "ab-k": ("nginx under ab, keep-alive", "requests", (.98, "nothing")),
    "wrk": ("nginx under wrk", "requests", (.98, "nothing")),
    "wrk-k": ("nginx under wrk, keep-alive", "requests", (.98, "nothing")),
    "refused": ("storm of refused connects", "connects", (.90, "nothing")),
    "refused6": ("the same over IPv6", "connects", (.90, "nothing")),
    "aborted": ("storm of aborts (SO_LINGER 0)", "connections", (.90, "nothing")),
    "aborted6": ("the same over IPv6", "connections", (.90, "nothing")),
    "udp": ("datagrams to a closed port", "datagrams", (.98, "nothing")),
    "syn": ("SYNs to a full queue", "connects", (.98, "nothing")),
}
WEB = ("ab", "ab-k", "wrk", "wrk-k")

CONF = """daemon off; worker_processes 1; pid {0}/pid; error_log {0}/log;
events {{ worker_connections 1024; }}
http {{ access_log off; keepalive_requests 100000000;
  client_body_temp_path {0}; proxy_temp_path {0}; fastcgi_temp_path {0};
  uwsgi_temp_path {0}; scgi_temp_path {0};
  server {{ listen 127.0.0.1:{1}; location / {{ return 200 "ok"; }} }} }}
"""


def fresh_network():
    """A new network namespace with loopback up, so that no TIME_WAIT socket is left from before."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET):
        raise Failed(f"cannot make a network namespace: {os.strerror(ctypes.get_errno())}")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        request = bytearray(struct.pack("16sh22x", b"lo", 0))
        fcntl.ioctl(s, SIOCGIFFLAGS, request)
        flags = struct.unpack_from("h", request, 16)[0]
        struct.pack_into("h", request, 16, flags | IFF_UP)
        fcntl.ioctl(s, SIOCSIFFLAGS, request)
    with open("/proc/sys/net/ipv4/ip_local_port_range", "w") as f:
        f.write("10000 65000")


def load_core():
    return max(os.sched_getaffinity(0))


def on_core(core):
    return lambda: os.sched_setaffinity(0, {core})


def missing(load):
    if load not in WEB:
        return None
    for word in ("nginx", load.split("-")[0]):
        if not shutil.which(word):
            return f"{word} is not there"
    return None


def run_pingpong(build, load, seconds):
    done = subprocess.run([f"{build}/bench/pingpong", load, str(load_core()), str(seconds)],
                          stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise Failed(f"the load {load} failed")
    return tuple(float(rate) for rate in done.stdout.split())


def run_pieces(build, load, seconds, pieces):
    """The median of several short runs, each in new processes: by where their memory
    happens to lie, runs differ more than by tracing."""
    runs = [run_pingpong(build, load, seconds / pieces) for _ in range(pieces)]
    return [stats.median(rates) for rates in zip(*runs)]


class Nginx:
    """One worker, on the core of the loads. Each load has a port, so that it meets no TIME_WAIT of another."""

    def __init__(self, load):
        self.port = WEB_PORT + WEB.index(load)

    def __enter__(self):
        self.dir = tempfile.mkdtemp(prefix="rsttrace-bench-")
        os.chmod(self.dir, 0o755)
        conf = os.path.join(self.dir, "conf")
        with open(conf, "w") as f:
            f.write(CONF.format(self.dir, self.port))
        self.process = subprocess.Popen(["nginx", "-c", conf, "-p", self.dir],
                                        stderr=subprocess.DEVNULL, preexec_fn=on_core(load_core()))
        end = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return self
            except OSError:
                if self.process.poll() is not None or time.monotonic() > end:
                    self.__exit__()
                    raise Failed("nginx does not start") from None

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.dir, ignore_errors=True)

    def cpu_sec(self):
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as f:
            workers = f.read().split()
        total = 0
        for pid in workers:
            with open(f"/proc/{pid}/schedstat") as f:
                total += int(f.read().split()[0])
        return total / 1e9


def web_client(load, port, seconds):
    url = f"http://127.0.0.1:{port}/"
    keep = load.endswith("-k")
    if load.startswith("ab"):
        return (["ab", "-q", "-c", str(CLIENTS), "-t", str(seconds), "-n", "100000000"] +
                (["-k"] if keep else []) + [url])
    return (["wrk", "-t", "1", "-c", str(CLIENTS), "-d", f"{seconds}s"] +
            ([] if keep else ["-H", "Connection: close"]) + [url])


def run_web(load):
    """Runs for one second, as neither client takes fractions. Returns requests per second, and per
    second of CPU time."""
    with Nginx(load) as nginx:
        before = nginx.cpu_sec()
        client = subprocess.Popen(web_client(load, nginx.port, 1), stdout=subprocess.PIPE, text=True,
                                  stderr=subprocess.DEVNULL, preexec_fn=on_core(load_core()))
        out = client.stdout.read()
        usage = os.wait4(client.pid, 0)[2]
        client.returncode = 0
        cpu = nginx.cpu_sec() - before + usage.ru_utime + usage.ru_stime
    rate = re.search(r"Requests(?: per second|/sec):\s+([\d.]+)", out)
    requests = re.search(r"Complete requests:\s+(\d+)|(\d+) requests in", out)
    if not rate or not requests or not cpu:
        raise Failed(f"{client.args[0]} said no rate")
    return float(rate.group(1)), int(requests.group(1) or requests.group(2)) / cpu


def run_load(args, load):
    """Rates per second and per second of CPU time."""
    if load in WEB:
        return run_web(load)
    return run_pieces(args.build, load, args.cell_sec, args.pieces)
