#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Resets of many kinds, and the calls that fail by them, one case a function.

Each case says which error it expects where, so that the workload is known to
have happened; what was seen of it is for the comparison to find out.

Left out, by name, because no tracepoint shows them and the tool says so where
functions cannot be hooked: splice(2) from a socket, getsockopt(SO_ERROR).
"""

import errno
import os
import platform
import select
import signal
import socket
import struct
import sys
import tempfile
import threading

LINGER_0 = struct.pack("ii", 1, 0)
RECVFROM = {"x86_64": 45, "aarch64": 207}
SENDTO = {"x86_64": 44, "aarch64": 206}
CASES = []


def case(function):
    CASES.append(function)
    return function


def fails(name, call, *args):
    try:
        call(*args)
    except OSError as e:
        got = errno.errorcode.get(e.errno, str(e.errno))
        assert got == name, f"expected {name}, got {got}"
        return
    raise AssertionError(f"expected {name}, the call succeeded")


def listener(family=socket.AF_INET, host="127.0.0.1"):
    s = socket.socket(family, socket.SOCK_STREAM)
    s.bind((host, 0))
    s.listen(16)
    return s


def pair(family=socket.AF_INET, host="127.0.0.1"):
    """A connection over loopback: the end that connected, the one accepted."""
    with listener(family, host) as lst:
        client = socket.socket(family, socket.SOCK_STREAM)
        client.connect(lst.getsockname())
        return client, lst.accept()[0]


def wait_gone(sock):
    """Until the reset has arrived."""
    poll = select.poll()
    poll.register(sock, 0)
    assert poll.poll(10000), "no reset came"


def close_unread(victim, sender):
    victim.send(b"never read")
    assert select.select([sender], [], [], 10)[0]
    sender.close()
    wait_gone(victim)


def close_linger(victim, sender):
    sender.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_0)
    sender.close()
    wait_gone(victim)


def write_after_close(victim, sender):
    """The peer closed cleanly; the first write provokes the reset."""
    sender.close()
    assert victim.send(b"first") == 5
    wait_gone(victim)


def wait_in_call(tid, numbers):
    want = str(numbers[platform.machine()])
    while True:
        with open(f"/proc/self/task/{tid}/syscall", encoding="ascii") as f:
            if f.read().split()[0] == want:
                return


def closed_port(family, host):
    """An address that nobody listens on and nobody else can take."""
    s = socket.socket(family, socket.SOCK_STREAM)
    s.bind((host, 0))
    return s, s.getsockname()


def in_child(function):
    """Runs function in a child; returns its wait status."""
    pid = os.fork()
    if not pid:
        try:
            function()
            os._exit(0)
        except BaseException as e:
            print(f"in the child: {e}", file=sys.stderr)
            os._exit(1)
    return os.waitpid(pid, 0)[1]


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
    victim.close()


@case
def blocked_reader():
    victim, sender = pair()
    victim.send(b"never read")
    failed = []

    def read():
        try:
            victim.recv(10)
        except ConnectionResetError:
            failed.append(True)

    thread = threading.Thread(target=read)
    thread.start()
    wait_in_call(thread.native_id, RECVFROM)
    sender.close()
    thread.join()
    assert failed
    victim.close()


@case
def blocked_writer():
    victim, sender = pair()
    failed = []

    def write():
        try:
            while True:
                victim.send(b"x" * 100000)
        except ConnectionResetError:
            failed.append(True)

    thread = threading.Thread(target=write)
    thread.start()
    while select.select([], [victim], [], 0)[1]:
        pass
    wait_in_call(thread.native_id, SENDTO)
    sender.close()
    thread.join()
    assert failed
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
    for c in clients:       # the third never learns
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
    """Each segment that reaches the closed socket is answered."""
    victim, sender = pair()
    sender.close()
    for _ in range(3):
        try:
            victim.send(b"x")
        except BrokenPipeError:
            break
    else:
        raise AssertionError("no EPIPE")
    victim.close()


@case
def killed_peer():
    lst = listener()
    pid = os.fork()
    if not pid:
        conn = lst.accept()[0]
        conn.send(b"r")
        signal.pause()
    victim = socket.create_connection(lst.getsockname())
    lst.close()
    assert victim.recv(1) == b"r"
    victim.send(b"never read")
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    wait_gone(victim)
    fails("ECONNRESET", victim.recv, 1)
    victim.close()


@case
def fails_in_the_child():
    victim, sender = pair()
    close_unread(victim, sender)
    assert in_child(lambda: fails("ECONNRESET", victim.recv, 1)) == 0
    fails("EPIPE", victim.send, b"x")
    victim.close()


@case
def killed_by_sigpipe():
    victim, sender = pair()

    def write():
        sender.close()
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        while True:
            victim.send(b"x")

    pid = os.fork()
    if not pid:
        write()
    sender.close()
    status = os.waitpid(pid, 0)[1]
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
