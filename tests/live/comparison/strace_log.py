# SPDX-License-Identifier: GPL-2.0
"""Reads failing calls on TCP sockets, and those that take an error without failing,
out of what `strace -ff -yy` wrote: one file a thread, each with its calls and
signals in order."""

import glob
import ipaddress
import re
from collections import namedtuple

# The errors that a reset (or the lack of any answer) leaves behind.
ERRORS = {"ECONNRESET", "EPIPE", "ECONNREFUSED", "ETIMEDOUT", "EHOSTUNREACH"}

# fd: the first argument that is a TCP socket; sigpipe: True or False;
# flow: (own address, own port, peer's address, peer's port), or None
Call = namedtuple("Call", "tid syscall fd errno sigpipe flow")

# calls: (Call, the probe of rsttrace that alone shows it, or None);
# short: (tid, fd, flow) of each sendmmsg() that sent less than it was given
Log = namedtuple("Log", "calls short")

CALL = re.compile(r"^(?P<name>\w+)\((?P<args>.*)\)\s+= (?:-1 (?P<errno>E\w+)|(?P<result>\d+))")
SOCKET = re.compile(r"(?P<fd>\d+)<TCP(?:v6)?:\[(?P<what>.*?)\]>")
FLOW = re.compile(r"(.+):(\d+)->(.+):(\d+)$")
SIGPIPE = re.compile(r"^--- SIGPIPE ")
TAKEN = re.compile(r"SOL_SOCKET, SO_ERROR, \[(E\w+)\]")
MESSAGES = re.compile(r", (\d+), [\w|]+$")


class BadLog(Exception):
    pass


def plain(address):
    """Without brackets, and v4 where it is v4 mapped into v6."""
    ip = ipaddress.ip_address(address.strip("[]"))
    return str(getattr(ip, "ipv4_mapped", None) or ip)


def flow_of(what):
    """None where strace knew the socket by its inode only."""
    flow = FLOW.match(what)
    return (plain(flow[1]), int(flow[2]), plain(flow[3]), int(flow[4])) if flow else None


def error_of(call):
    """The error that a call gave its program: as its result, or by SO_ERROR."""
    taken = call["name"] == "getsockopt" and TAKEN.search(call["args"])
    return taken[1] if taken else call["errno"]


def probe_for(name, socket, again):
    """The probe of rsttrace's that shows this call. Without it, rsttrace sees only that the error
    was taken, or, for a second connect(), not whether that call took it."""
    if name in ("getsockopt", "recvmmsg") or name == "connect" and again:
        return "error taken"
    if name == "splice" and socket.start() == 0:
        return "splice in failed"
    return None


def is_short(call):
    asked = call["name"] == "sendmmsg" and call["result"] and MESSAGES.search(call["args"])
    return asked and int(call["result"]) < int(asked[1])


def read_thread(path, tid, log):
    """Adds what one thread did on TCP sockets to the log."""
    last = None    # the last call that failed, on whatever descriptor
    in_progress = set()    # descriptors that connect in the background
    with open(path, encoding="utf-8", errors="replace") as f:
        for line in f:
            call = CALL.match(line)
            if call:
                socket = SOCKET.search(call["args"])
                flow = flow_of(socket["what"]) if socket else None
                errno = error_of(call)
                if errno:
                    fd = int(socket["fd"]) if socket else None
                    last = [Call(tid, call["name"], fd, errno, False, flow),
                            probe_for(call["name"], socket, fd in in_progress) if socket else None]
                    log.calls.append(last)
                    in_progress.discard(fd)
                    if errno == "EINPROGRESS":
                        in_progress.add(fd)
                elif socket and is_short(call):
                    log.short.append((tid, int(socket["fd"]), flow))
            elif SIGPIPE.match(line):
                # the kernel raises it inside the call that has just been shown
                if not last or last[0].errno != "EPIPE" or last[0].sigpipe:
                    raise BadLog(f"{path}: SIGPIPE without a call that failed: {line.strip()}")
                last[0] = last[0]._replace(sigpipe=True)


def read_log(prefix):
    """What failed with one of ERRORS, or took one."""
    log = Log([], [])
    for path in glob.glob(glob.escape(prefix) + ".*"):
        read_thread(path, int(path.rpartition(".")[2]), log)
    return log._replace(calls=[(call, probe) for call, probe in log.calls
                               if call.fd is not None and call.errno in ERRORS])
