# SPDX-License-Identifier: GPL-2.0
"""An io_uring, with only what is needed for one request at a time."""

import ctypes
import mmap
import os
import struct

from abi import checked, libc

SETUP, ENTER = 425, 426            # the same on all architectures
OP_SEND, OP_RECV = 26, 27
ENTER_GETEVENTS = 1
FEAT_SINGLE_MMAP = 1
SQES_AT = 0x10000000
SQE_SIZE, CQE_SIZE, PARAMS_SIZE = 64, 16, 120
# struct io_uring_params: cq_entries, features, then from these places the offsets
ENTRIES_AT, FEATURES_AT, SQ_AT, CQ_AT = 4, 20, 40, 80


class Ring:
    def __init__(self):
        params = ctypes.create_string_buffer(PARAMS_SIZE)
        self.fd = checked(libc.syscall(SETUP, 1, params))
        features, = struct.unpack_from("=I", params, FEATURES_AT)
        if not features & FEAT_SINGLE_MMAP:
            raise OSError(0, "its two rings are apart")
        entries, = struct.unpack_from("=I", params, ENTRIES_AT)
        _, self.sq_tail, _, _, _, _, array = struct.unpack_from("=7I", params, SQ_AT)
        self.cq_head, _, self.cq_mask, _, _, self.cqes = struct.unpack_from("=6I", params, CQ_AT)
        size = max(self.cqes + entries * CQE_SIZE, array + 4)
        self.rings = mmap.mmap(self.fd, size, mmap.MAP_SHARED)
        self.sqes = mmap.mmap(self.fd, SQE_SIZE, mmap.MAP_SHARED, offset=SQES_AT)
        struct.pack_into("=I", self.rings, array, 0)

    def advance(self, at):
        value, = struct.unpack_from("=I", self.rings, at)
        struct.pack_into("=I", self.rings, at, (value + 1) & 0xffffffff)
        return value

    def request(self, op, sock):
        buf = ctypes.create_string_buffer(16)
        self.sqes[:] = struct.pack("=BBHiQQI", op, 0, 0, sock.fileno(), 0, ctypes.addressof(buf),
                                   len(buf)).ljust(SQE_SIZE, b"\0")
        self.advance(self.sq_tail)
        checked(libc.syscall(ENTER, self.fd, 1, 1, ENTER_GETEVENTS, None, 0))
        mask, = struct.unpack_from("=I", self.rings, self.cq_mask)
        at = self.cqes + (self.advance(self.cq_head) & mask) * CQE_SIZE
        result, = struct.unpack_from("=i", self.rings, at + 8)
        if result < 0:
            raise OSError(-result, os.strerror(-result))
        return result

    def recv(self, sock):
        return self.request(OP_RECV, sock)

    def send(self, sock):
        return self.request(OP_SEND, sock)

    def close(self):
        self.rings.close()
        self.sqes.close()
        os.close(self.fd)
