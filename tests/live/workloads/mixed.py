#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Resets of many kinds, and the calls that fail by them, one case a function.

Each case checks the errors that it expects, so that it has certainly happened;
the comparison then checks what rsttrace saw of it.
"""

import os
import select
import signal
import socket
import sys
import tempfile

from ends import (RECVFROM, SENDTO, Failing, child_status, close_linger, close_unread, closed_port,
                  fails, listener, pair, start_child, wait_gone, wait_in_call, write_after_close)

CASES = []


def case(function):
    CASES.append(function)
    return function


@case
def refused():
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"),
                         (socket.AF_INET6, "::ffff:127.0.0.1")):
        holder, addr = closed_port(family, host)
        with holder, socket.socket(family, socket.SOCK_STREAM) as s:
            fails("ECONNREFUSED", s.connect, addr)


@case
def refused_nonblocking():
    holder, addr = closed_port(socket.AF_INET, "127.0.0.1")
    with holder, socket.socket() as s:
        s.setblocking(False)
        fails("EINPROGRESS", s.connect, addr)
        wait_gone(s)
        fails("ECONNREFUSED", s.connect, addr)


@case
def each_way_to_read():
    reads = (
        lambda s: s.recv(100),
        lambda s: os.read(s.fileno(), 100),
        lambda s: os.readv(s.fileno(), [bytearray(50), bytearray(50)]),
        lambda s: s.recvmsg(100),
        lambda s: s.recv(100, socket.MSG_PEEK),
    )
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        for read in reads:
            victim, sender = pair(family, host)
            close_unread(victim, sender)
            fails("ECONNRESET", read, victim)
            assert victim.recv(1) == b""
            victim.close()


@case
def each_way_to_write():
    with tempfile.TemporaryFile() as f:
        f.write(b"x" * 100)
        f.flush()
        writes = (
            lambda s: s.send(b"again"),
            lambda s: s.send(b"again", socket.MSG_NOSIGNAL),
            lambda s: os.write(s.fileno(), b"again"),
            lambda s: os.writev(s.fileno(), [b"a", b"gain"]),
            lambda s: s.sendmsg([b"again"]),
            lambda s: os.sendfile(s.fileno(), f.fileno(), 0, 100),
        )
        for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            for write in writes:
                victim, sender = pair(family, host)
                write_after_close(victim, sender)
                fails("EPIPE", write, victim)
                victim.close()
                victim, sender = pair(family, host)
                close_linger(victim, sender)
                fails("ECONNRESET", write, victim)
                fails("EPIPE", write, victim)
                victim.close()


@case
def read_then_written():
    victim, sender = pair(socket.AF_INET6, "::ffff:127.0.0.1")
    close_linger(victim, sender)
    fails("ECONNRESET", victim.recv, 10)
    fails("EPIPE", victim.send, b"x")
    fails("EPIPE", victim.send, b"x")
    victim.close()


@case
def data_before_the_reset():
    victim, sender = pair()
    sender.send(b"data")
    close_unread(victim, sender)
    assert victim.recv(10) == b"data"
    fails("ECONNRESET", victim.recv, 10)
    assert victim.recv(10) == b""
    victim.close()


@case
def blocked_reader():
    victim, sender = pair()
    victim.send(b"never read")
    thread = Failing("ECONNRESET", victim.recv, 10)
    wait_in_call(thread.native_id, RECVFROM)
    sender.close()
    thread.check()
    victim.close()


@case
def blocked_writer():
    victim, sender = pair()

    def write():
        while True:
            victim.send(b"x" * 100000)

    thread = Failing("ECONNRESET", write)
    while select.select([], [victim], [], 0)[1]:
        pass
    wait_in_call(thread.native_id, SENDTO)
    sender.close()
    thread.check()
    victim.close()


@case
def listener_closed():
    lst = listener()
    clients = [socket.create_connection(lst.getsockname()) for _ in range(3)]
    lst.close()
    for c in clients:
        wait_gone(c)
    fails("ECONNRESET", clients[0].recv, 1)
    fails("ECONNRESET", clients[1].send, b"x")
    for c in clients:       # the third closes without a call that could fail
        c.close()


@case
def unnoticed():
    victim, sender = pair()
    close_unread(victim, sender)
    victim.close()


@case
def data_after_shutdown():
    victim, sender = pair()
    sender.shutdown(socket.SHUT_RDWR)
    victim.send(b"unwelcome")
    wait_gone(victim)
    fails("EPIPE", victim.send, b"x")
    victim.close()
    sender.close()


@case
def many_writes_before_the_reset():
    victim, sender = pair()
    sender.close()

    def write():
        while True:
            victim.send(b"x")

    fails("EPIPE", write)
    victim.close()


@case
def killed_peer():
    lst = listener()

    def serve():
        conn = lst.accept()[0]
        conn.send(b"r")
        signal.pause()

    child = start_child(serve)
    victim = socket.create_connection(lst.getsockname())
    lst.close()
    assert victim.recv(1) == b"r"
    victim.send(b"never read")
    os.kill(child, signal.SIGKILL)
    child_status(child)
    wait_gone(victim)
    fails("ECONNRESET", victim.recv, 1)
    victim.close()


@case
def fails_in_the_child():
    victim, sender = pair()
    close_unread(victim, sender)
    child = start_child(lambda: fails("ECONNRESET", victim.recv, 1))
    assert child_status(child) == 0
    fails("EPIPE", victim.send, b"x")
    victim.close()


@case
def killed_by_sigpipe():
    victim, sender = pair()

    def write():
        sender.close()
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        # if the byte came before this close, it would be unread, and the close would send a RST
        assert victim.recv(1) == b""
        while True:
            victim.send(b"x")

    child = start_child(write)
    sender.close()
    status = child_status(child)
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGPIPE
    victim.close()


@case
def handled_sigpipe():
    caught = []
    before = signal.signal(signal.SIGPIPE, lambda *_: caught.append(True))
    victim, sender = pair()
    write_after_close(victim, sender)
    fails("EPIPE", os.write, victim.fileno(), b"x")
    assert caught
    signal.signal(signal.SIGPIPE, before)
    victim.close()


@case
def sigpipe_of_another_file():
    """A SIGPIPE from a pipe or a local socket must not be reported for the next call on
    a connection, even if that call fails with the same error."""
    def pipe_breaks():
        reader, writer = os.pipe()
        os.close(reader)
        fails("EPIPE", os.write, writer, b"x")
        os.close(writer)

    def local_socket_breaks():
        a, b = socket.socketpair()
        b.close()
        fails("EPIPE", a.send, b"x")
        a.close()

    for breaks in (pipe_breaks, local_socket_breaks):
        victim, sender = pair()
        close_linger(victim, sender)
        breaks()
        fails("ECONNRESET", victim.recv, 1)
        breaks()
        fails("EPIPE", victim.send, b"x", socket.MSG_NOSIGNAL)
        victim.close()


@case
def not_tcp():
    """The same errors on sockets that no reset can reach: not to be reported."""
    a, b = socket.socketpair()
    b.close()
    fails("EPIPE", a.send, b"x")
    a.close()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder, \
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        holder.bind(("127.0.0.1", 0))
        addr = holder.getsockname()
        holder.close()
        s.connect(addr)
        s.send(b"x")
        fails("ECONNREFUSED", s.recv, 1)


def main():
    for function in CASES:
        try:
            function()
        except AssertionError as e:
            print(f"mixed: {function.__name__}: {e}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
