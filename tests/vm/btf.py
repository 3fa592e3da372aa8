#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""btf.py NAME OUT - saves a kernel's type information to the file OUT.

NAME is as for run.sh. Nothing is booted: the BTF is in the kernel that the image
has compressed, and is what the guest would show in /sys/kernel/btf/vmlinux.
Exit status 77 if the kernel, or a program to unpack it, is not available here.
"""
import lzma
import os
import shutil
import struct
import subprocess
import sys
import zlib

# struct btf_header (linux/btf.h): magic 0xeb9f, version 1, no flags, 24 bytes long
MAGIC = struct.pack("<HBBI", 0xEB9F, 1, 0, 24)


def payload(image):
    """The compressed kernel, found by the headers of Linux's boot protocols; or the image itself."""
    if image[0x202:0x206] == b"HdrS":                       # x86: Documentation/arch/x86/boot.rst
        sectors = image[0x1F1] or 4
        offset, size = struct.unpack_from("<II", image, 0x248)
        offset += (sectors + 1) * 512
        return image[offset:offset + size]
    if image[:8] == b"MZ\0\0zimg":                          # EFI zboot, as of arm64
        offset, size = struct.unpack_from("<II", image, 8)
        return image[offset:offset + size]
    return image


def unpack(data):
    """The length may follow the compressed stream: each of these stops before that."""
    if data[:6] == b"\xfd7zXZ\0":
        return lzma.LZMADecompressor().decompress(data)
    if data[:2] == b"\x1f\x8b":
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data)
    for magic, tool in (b"\x28\xb5\x2f\xfd", "zstd"), (b"\x02\x21\x4c\x18", "lz4"):
        if data[:4] != magic:
            continue
        if not shutil.which(tool):
            print(f"btf.py: no {tool} on this machine", file=sys.stderr)
            sys.exit(77)
        # complains about the length, but has written everything by then
        return subprocess.run([tool, "-dcq"], input=data, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    return data


def find_btf(kernel):
    """The largest piece that begins like BTF and whose sections fit into it."""
    best = b""
    at = kernel.find(MAGIC)
    while at >= 0:
        types, types_len, strings, strings_len = struct.unpack_from("<4I", kernel, at + 8)
        end = at + 24 + strings + strings_len
        if types == 0 and strings == types_len and end <= len(kernel) and end - at > len(best):
            best = kernel[at:end]
        at = kernel.find(MAGIC, at + 1)
    return best


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: btf.py NAME OUT")
    here = os.path.dirname(os.path.abspath(__file__))
    found = subprocess.run([f"{here}/kernel.sh", sys.argv[1]], stdout=subprocess.PIPE, text=True)
    if found.returncode:
        sys.exit(77 if found.returncode == 1 else found.returncode)
    with open(found.stdout.splitlines()[0], "rb") as f:
        btf = find_btf(unpack(payload(f.read())))
    if not btf:
        sys.exit(f"btf.py: no BTF in the kernel {sys.argv[1]}")
    with open(sys.argv[2], "wb") as f:
        f.write(btf)


main()
