# SPDX-License-Identifier: GPL-2.0
"""Calls that Python does not offer, made through libc or, for the 32-bit ABI, in machine code."""

import ctypes
import mmap
import os
import platform
import socket
import struct

libc = ctypes.CDLL(None, use_errno=True)
SO_ATTACH_FILTER = 26
MSG_WAITFORONE = 0x10000
MAP_32BIT = 0x40
NUMBERS = {"x86_64": {"splice": 275, "readv": 19, "sendmmsg": 307},
           "aarch64": {"splice": 76, "readv": 65, "sendmmsg": 269}}


def checked(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def wait_in_call(tid, name):
    """Waits until the thread sleeps in that call."""
    want = str(NUMBERS[platform.machine()][name])
    while True:
        with open(f"/proc/self/task/{tid}/syscall", encoding="ascii") as f:
            if f.read().split()[0] == want:
                return


class Iovec(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("len", ctypes.c_size_t)]


class Header(ctypes.Structure):
    """struct msghdr"""
    _fields_ = [("name", ctypes.c_void_p), ("namelen", ctypes.c_uint),
                ("iov", ctypes.POINTER(Iovec)), ("iovlen", ctypes.c_size_t),
                ("control", ctypes.c_void_p), ("controllen", ctypes.c_size_t),
                ("flags", ctypes.c_int)]


class Message(ctypes.Structure):
    """struct mmsghdr"""
    _fields_ = [("header", Header), ("done", ctypes.c_uint)]


def messages(texts):
    """An array of one message for each text, and what it points to."""
    buffers = [ctypes.create_string_buffer(text, len(text)) for text in texts]
    parts = (Iovec * len(texts))(*((ctypes.addressof(b), len(b)) for b in buffers))
    array = (Message * len(texts))()
    for n, message in enumerate(array):
        message.header.iov, message.header.iovlen = ctypes.pointer(parts[n]), 1
    return array, (buffers, parts)


def sendmmsg(sock, texts=(b"a", b"gain")):
    array, _kept = messages(texts)
    return checked(libc.sendmmsg(sock.fileno(), array, len(texts), 0))


def recvmmsg(sock):
    array, _kept = messages([b" " * 10, b" " * 10])
    return checked(libc.recvmmsg(sock.fileno(), array, 2, MSG_WAITFORONE, None))


def recv_nothing(sock):
    """recv() of 0 bytes through libc, as socket.recv(0) makes no system call."""
    return checked(libc.recv(sock.fileno(), None, 0, 0))


def deafen(sock):
    """A filter that drops each segment before the socket sees it."""
    drop_all = ctypes.create_string_buffer(struct.pack("=HBBI", 6, 0, 0, 0))
    sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER,
                    struct.pack("@HP", 1, ctypes.addressof(drop_all)))


class Low:
    """A function that makes a 32-bit call, and a buffer, at addresses of 32 bits."""

    # push rbx; mov eax, edi; mov ebx, esi; xchg ecx, edx; int 0x80; pop rbx; ret
    CODE = bytes.fromhex("53 89f8 89f3 87d1 cd80 5b c3")

    def __init__(self):
        self.page = mmap.mmap(-1, mmap.PAGESIZE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | MAP_32BIT,
                              mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        self.page.write(self.CODE)
        self.start = ctypes.addressof(ctypes.c_char.from_buffer(self.page))
        self.function = ctypes.CFUNCTYPE(ctypes.c_int, *[ctypes.c_long] * 4)(self.start)

    def call(self, number, *args):
        result = self.function(number, *args, *[0] * (3 - len(args)))
        if result < 0:
            raise OSError(-result, os.strerror(-result))
        return result

    def buffer(self):
        return self.start + 1024


READ_32, WRITE_32, GETPID_32 = 3, 4, 20


def has_32_bit():
    """Tries a 32-bit call in a child, as the instruction kills where there are none."""
    if platform.machine() != "x86_64":
        return False
    pid = os.fork()
    if not pid:
        os._exit(0 if Low().call(GETPID_32) == os.getpid() else 1)
    return os.waitpid(pid, 0)[1] == 0


def read_32(sock):
    low = Low()
    return low.call(READ_32, sock.fileno(), low.buffer(), 16)


def write_32(sock):
    low = Low()
    return low.call(WRITE_32, sock.fileno(), low.buffer(), 16)
