# SPDX-License-Identifier: GPL-2.0
"""Reads failing calls on TCP sockets out of what `strace -ff -Z -yy` wrote: one
file a thread, each with its calls and signals in order."""

import glob
import ipaddress
import re
from collections import namedtuple

# The errors that a reset (or the lack of any answer) leaves behind.
ERRORS = {"ECONNRESET", "EPIPE", "ECONNREFUSED", "ETIMEDOUT"}

# fd: the first argument that is a TCP socket; sigpipe: True or False;
# flow: (own address, own port, peer's address, peer's port), or None
Call = namedtuple("Call", "tid syscall fd errno sigpipe flow")

CALL = re.compile(r"^(?P<name>\w+)\((?P<args>.*)\)\s+= -1 (?P<errno>E\w+)")
SOCKET = re.compile(r"(?P<fd>\d+)<TCP(?:v6)?:\[(?P<what>.*?)\]>")
FLOW = re.compile(r"(.+):(\d+)->(.+):(\d+)$")
SIGPIPE = re.compile(r"^--- SIGPIPE ")


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


def thread_calls(path, tid):
    """The failing calls of one thread; those on other descriptors have fd None."""
    calls = []
    with open(path, encoding="utf-8", errors="replace") as f:
        for line in f:
            call = CALL.match(line)
            if call:
                socket = SOCKET.search(call["args"])
                calls.append(Call(tid, call["name"], int(socket["fd"]) if socket else None,
                                  call["errno"], False,
                                  flow_of(socket["what"]) if socket else None))
            elif SIGPIPE.match(line):
                # the kernel raises it inside the call that has just been shown
                if not calls or calls[-1].errno != "EPIPE" or calls[-1].sigpipe:
                    raise BadLog(f"{path}: SIGPIPE without a call that failed: {line.strip()}")
                calls[-1] = calls[-1]._replace(sigpipe=True)
    return calls


def failing_calls(prefix):
    """Every call on a TCP socket that failed with one of ERRORS."""
    found = []
    for path in glob.glob(glob.escape(prefix) + ".*"):
        found += thread_calls(path, int(path.rpartition(".")[2]))
    return [call for call in found if call.fd is not None and call.errno in ERRORS]
