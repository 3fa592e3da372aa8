# SPDX-License-Identifier: GPL-2.0
"""What a running rsttrace holds: memory, descriptors, threads, and how full its BPF maps are."""
import ctypes
import http.client
import os
import platform
import re
import struct

SYS_BPF = {"x86_64": 321, "aarch64": 280}[platform.machine()]
BPF_MAP_GET_NEXT_KEY, BPF_MAP_GET_FD_BY_ID, BPF_OBJ_GET_INFO_BY_FD = 4, 14, 15
# enum bpf_map_type of those whose entries come and go
HASHES = {1: "hash", 5: "percpu hash", 9: "LRU"}
LIBC = ctypes.CDLL(None, use_errno=True)


def bpf(command, *words):
    """bpf(2), its attributes given as 64-bit words: the result, or -errno."""
    attr = ctypes.create_string_buffer(struct.pack(f"{len(words)}Q", *words))
    got = LIBC.syscall(SYS_BPF, command, attr, 8 * len(words))
    return got if got >= 0 else -ctypes.get_errno()


def address(buffer):
    return ctypes.addressof(buffer) if buffer else 0


class Map:
    """A hash map of the tracer's, whose keys can be counted."""

    def __init__(self, fd):
        info = ctypes.create_string_buffer(88)
        bpf(BPF_OBJ_GET_INFO_BY_FD, fd | 88 << 32, address(info))
        self.fd = fd
        self.type, _, self.key_size, self.value_size, self.max = struct.unpack_from("IIIII", info)
        self.name = info.raw[24:40].split(b"\0")[0].decode()

    def entries(self):
        """Only keys are read: to look at a value would make an LRU keep it."""
        keys = [ctypes.create_string_buffer(self.key_size) for _ in range(2)]
        found, last = set(), None
        # a key that goes meanwhile begins the walk again
        for step in range(2 * self.max):
            if bpf(BPF_MAP_GET_NEXT_KEY, self.fd, address(last), address(keys[step % 2])):
                break
            last = keys[step % 2]
            found.add(last.raw)
        return min(len(found), self.max)


def fdinfo(pid):
    for fd in os.listdir(f"/proc/{pid}/fdinfo"):
        try:
            with open(f"/proc/{pid}/fdinfo/{fd}", encoding="ascii") as f:
                yield f.read()
        except FileNotFoundError:
            pass


def maps(pid):
    """Its hash maps, by name."""
    found = {}
    for text in fdinfo(pid):
        number = re.search(r"^map_id:\t(\d+)$", text, re.M)
        fd = bpf(BPF_MAP_GET_FD_BY_ID, int(number.group(1))) if number else -1
        if fd < 0:
            continue
        m = Map(fd)
        if m.type in HASHES and m.name not in found:
            found[m.name] = m
        else:
            os.close(fd)
    return found


def memory(pid):
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as f:
        text = f.read()
    return {name.lower(): int(re.search(rf"^{name}:\s+(\d+)", text, re.M).group(1))
            for name in ("Rss", "Pss", "Anonymous")}


def descriptors(pid):
    """Those of BPF objects, of which some come when the kernel has first refused a run; and all others."""
    ours = others = 0
    for text in fdinfo(pid):
        bpfs = re.search(r"^(?:map|prog|link)_id:", text, re.M)
        ours, others = ours + bool(bpfs), others + (not bpfs)
    return {"bpf_fds": ours, "other_fds": others}


def threads(pid):
    return len(os.listdir(f"/proc/{pid}/task"))


def metrics(port):
    """The figures of --metrics that have no labels, and the sum of those that have."""
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    c.request("GET", "/metrics")
    sums = {}
    for line in c.getresponse().read().decode().splitlines():
        if line and line[0] != "#":
            name, value = re.match(r"(\w+)(?:\{.*\})? (\S+)$", line).groups()
            sums[name] = sums.get(name, 0) + float(value)
    c.close()
    return sums
