# SPDX-License-Identifier: GPL-2.0
"""Both ends of connections over loopback, and the ways in which one end resets the other."""

import errno
import os
import platform
import select
import socket
import struct
import sys
import threading

LINGER_0 = struct.pack("ii", 1, 0)
RECVFROM = {"x86_64": 45, "aarch64": 207}
SENDTO = {"x86_64": 44, "aarch64": 206}


def fails(name, call, *args):
    got = "success"
    try:
        call(*args)
    except OSError as e:
        got = errno.errorcode.get(e.errno, str(e.errno))
    assert got == name, f"expected {name}, got {got}"


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
    """Waits until the reset has arrived."""
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


class Failing(threading.Thread):
    """A call that has to fail, in a thread of its own."""

    def __init__(self, name, call, *args):
        super().__init__()
        self.wanted = (name, call, *args)
        self.failed = False
        self.start()

    def run(self):
        fails(*self.wanted)
        self.failed = True

    def check(self):
        self.join()
        assert self.failed


def closed_port(family, host):
    """A bound address that nobody listens on, and that no other process can take meanwhile."""
    s = socket.socket(family, socket.SOCK_STREAM)
    s.bind((host, 0))
    return s, s.getsockname()


def start_child(function):
    """Runs function in a child; returns its pid."""
    pid = os.fork()
    if not pid:
        try:
            function()
            os._exit(0)
        except BaseException as e:
            print(f"in the child: {type(e).__name__}: {e}", file=sys.stderr)
            os._exit(1)
    return pid


def child_status(pid):
    return os.waitpid(pid, 0)[1]
