#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Ways in which a program meets an error that mixed.py does not have: each family of calls,
calls that take an error without failing, and connections that end without a reset.

    surfaces.py WITNESS

When a request of an io_uring fails, no system call does: such results are written to the
file WITNESS, and so are the cases that this kernel does not allow.
"""

import json
import os
import select
import socket
import subprocess
import sys
import threading

import abi
from ends import (Failing, close_linger, close_unread, closed_port, fails, listener, pair,
                  wait_gone, write_after_close)
from uring import Ring

FAMILIES = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))
TCP_USER_TIMEOUT = 18
CASES = []


def case(function):
    CASES.append(function)
    return function


class LeftOut(Exception):
    """What this kernel does not allow."""


def tell(**what):
    with open(sys.argv[1], "a", encoding="utf-8") as f:
        f.write(json.dumps(what) + "\n")


def known_pair(family=socket.AF_INET, host="127.0.0.1"):
    """As pair(), with a call that shows strace the socket while it is connected, as later it cannot
    find out its addresses."""
    victim, sender = pair(family, host)
    victim.getpeername()
    return victim, sender


def reset_pair(family=socket.AF_INET, host="127.0.0.1", how=close_linger):
    victim, sender = known_pair(family, host)
    how(victim, sender)
    return victim


def so_error(sock):
    return os.strerror(sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))


def splice_in(sock):
    reader, writer = os.pipe()
    try:
        os.splice(sock.fileno(), writer, 100)
    finally:
        os.close(reader)
        os.close(writer)


def splice_out(sock):
    reader, writer = os.pipe()
    os.write(writer, b"again")
    try:
        os.splice(reader, sock.fileno(), 5)
    finally:
        os.close(reader)
        os.close(writer)


@case
def each_way_to_read():
    reads = (abi.recvmmsg, splice_in, abi.recv_nothing,
             lambda s: s.recv_into(bytearray(10)), lambda s: s.recvfrom(10),
             lambda s: s.recv(10, socket.MSG_PEEK), lambda s: os.readv(s.fileno(), [bytearray(9)]))
    for family, host in FAMILIES:
        for how in (close_linger, close_unread):
            for read in reads:
                with reset_pair(family, host, how) as victim:
                    fails("ECONNRESET", read, victim)
                    assert victim.recv(1) == b""


@case
def each_way_to_write():
    for family, host in FAMILIES:
        for write in (abi.sendmmsg, splice_out, lambda s: s.sendmsg([b"a", b"gain"]),
                      lambda s: os.writev(s.fileno(), [b"a", b"gain"])):
            with reset_pair(family, host) as victim:
                fails("ECONNRESET", write, victim)
                fails("EPIPE", write, victim)
            with reset_pair(family, host, write_after_close) as victim:
                fails("EPIPE", write, victim)


@case
def taken_before_the_data():
    """recvmmsg returns the error first; the data that came before comes with the next call."""
    victim, sender = known_pair()
    sender.send(b"data")
    close_unread(victim, sender)
    with victim:
        fails("ECONNRESET", abi.recvmmsg, victim)
        assert victim.recv(10) == b"data"
        assert victim.recv(10) == b""


@case
def nothing_asked_for():
    """A read of no bytes neither fails nor takes the error."""
    with reset_pair() as victim:
        assert os.read(victim.fileno(), 0) == b""
        fails("ECONNRESET", victim.recv, 1)


@case
def taken_by_so_error():
    for family, host in FAMILIES:
        with reset_pair(family, host) as victim:
            assert so_error(victim) == "Connection reset by peer"
            assert so_error(victim) == "Success"
            assert victim.recv(1) == b""
    with reset_pair() as victim:
        assert so_error(victim) == "Connection reset by peer"
        fails("EPIPE", victim.send, b"x")


@case
def shown_by_poll():
    """poll and epoll show the error but do not take it."""
    with reset_pair() as victim, select.epoll() as epoll:
        epoll.register(victim, select.EPOLLIN)
        for _ in range(2):
            assert epoll.poll(10)[0][1] & select.EPOLLERR
            wait_gone(victim)
        fails("ECONNRESET", victim.recv, 1)


@case
def swallowed_by_sendmmsg():
    """The error comes between two messages: the call tells how many it had sent, and the error
    is gone."""
    victim, sender = known_pair()
    messages = [b"x" * 1000000] * 100
    sent = []
    thread = threading.Thread(target=lambda: sent.append(abi.sendmmsg(victim, messages)))
    thread.start()
    while select.select([], [victim], [], 0)[1]:
        pass
    abi.wait_in_call(thread.native_id, "sendmmsg")
    close_linger(victim, sender)
    thread.join()
    assert 0 < sent[0] < len(messages), sent
    victim.close()


@case
def reset_before_accept():
    with listener() as lst:
        client = socket.create_connection(lst.getsockname())
        assert select.select([lst], [], [], 10)[0]
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client.close()
        with lst.accept()[0] as child:
            wait_gone(child)
            fails("ECONNRESET", child.recv, 1)


@case
def blocked_in_splice_and_readv():
    for call, blocked in ((splice_in, "splice"), (lambda s: os.readv(s.fileno(), [bytearray(9)]),
                                                  "readv")):
        victim, sender = known_pair()
        victim.send(b"never read")
        thread = Failing("ECONNRESET", call, victim)
        abi.wait_in_call(thread.native_id, blocked)
        sender.close()
        thread.check()
        victim.close()


@case
def refused_in_the_background():
    for family, host in FAMILIES:
        for asked in (so_error, None):
            holder, addr = closed_port(family, host)
            with holder, socket.socket(family, socket.SOCK_STREAM) as s:
                s.setblocking(False)
                fails("EINPROGRESS", s.connect, addr)
                wait_gone(s)
                if asked:
                    assert asked(s) == "Connection refused"
                else:
                    fails("ECONNREFUSED", s.recv, 1)


@case
def deaf_peer():
    """TCP_USER_TIMEOUT runs out, and no reset is sent."""
    for family, host in FAMILIES:
        for call in (lambda s: s.recv(1), lambda s: s.send(b"x")):
            victim, sender = known_pair(family, host)
            abi.deafen(sender)
            with sender, victim:
                victim.setsockopt(socket.IPPROTO_TCP, TCP_USER_TIMEOUT, 100)
                victim.send(b"unheard")
                wait_gone(victim)
                fails("ETIMEDOUT", call, victim)
                victim.close()
                sender.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


@case
def deaf_listener():
    with listener() as lst, socket.socket() as s:
        abi.deafen(lst)
        s.setsockopt(socket.IPPROTO_TCP, TCP_USER_TIMEOUT, 100)
        fails("ETIMEDOUT", s.connect, lst.getsockname())


@case
def nobody_at_that_address():
    """Nobody answers the ARP request, so the kernel sends itself an ICMP message."""
    for command in ("link add near type veth peer name far", "addr add 10.99.0.1/24 dev near",
                    "link set far up", "link set near up"):
        subprocess.run(["ip", *command.split()], check=True)
    with open("/proc/sys/net/ipv4/neigh/near/retrans_time_ms", "w", encoding="ascii") as f:
        f.write("20")
    with socket.socket() as s:
        fails("EHOSTUNREACH", s.connect, ("10.99.0.2", 7000))
    subprocess.run(["ip", "link", "del", "near"], check=True)


@case
def calls_of_32_bit():
    if not abi.has_32_bit():
        raise LeftOut("no 32-bit calls in this kernel")
    with reset_pair() as victim:
        fails("ECONNRESET", abi.read_32, victim)
        fails("EPIPE", abi.write_32, victim)


@case
def requests_of_a_ring():
    try:
        ring = Ring()
    except OSError as e:
        raise LeftOut(f"no io_uring: {e.strerror}") from e
    for request, errors in ((ring.recv, ["ECONNRESET"]), (ring.send, ["ECONNRESET", "EPIPE"])):
        victim, sender = known_pair()
        flow = (*victim.getsockname(), *victim.getpeername())
        with victim:
            close_linger(victim, sender)
            for error in errors:
                fails(error, request, victim)
                tell(tid=threading.get_native_id(), syscall="io_uring_enter", errno=error,
                     flow=flow)
    ring.close()


def main():
    for function in CASES:
        try:
            function()
        except LeftOut as e:
            tell(left_out=f"{function.__name__}: {e}")
        except AssertionError as e:
            print(f"surfaces: {function.__name__}: {e}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
