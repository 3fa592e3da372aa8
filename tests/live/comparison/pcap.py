# SPDX-License-Identifier: GPL-2.0
"""Reads the resets out of a capture file, as tcpdump wrote it, frame by frame."""

import ipaddress
import struct
from collections import namedtuple

Reset = namedtuple("Reset", "saddr sport daddr dport seq")

RST = 0x04
ETH_P_IP, ETH_P_IPV6 = 0x0800, 0x86DD
DLT_EN10MB = 1
# extension headers of IPv6 that carry their own length, in units of 8 octets
IPV6_EXTENSIONS = {0, 43, 60}


class BadCapture(Exception):
    pass


def frames(data):
    """The frames of a classic capture file that are complete. A capture that is
    still being written may end in the middle of one."""
    if len(data) < 24:
        return
    order = {b"\xd4\xc3\xb2\xa1": "<", b"\xa1\xb2\xc3\xd4": ">"}.get(data[:4])
    if not order:
        raise BadCapture("not a capture file with microseconds")
    link = struct.unpack_from(order + "I", data, 20)[0]
    if link != DLT_EN10MB:
        raise BadCapture(f"link type {link}, expected Ethernet, as on loopback")
    at = 24
    while at + 16 <= len(data):
        length = struct.unpack_from(order + "I", data, at + 8)[0]
        if at + 16 + length > len(data):
            return
        yield data[at + 16:at + 16 + length]
        at += 16 + length


def transport(frame):
    """(protocol, source, destination, payload) of an IP packet, else None."""
    kind = struct.unpack_from("!H", frame, 12)[0]
    packet = frame[14:]
    if kind == ETH_P_IP and len(packet) >= 20:
        fragment = struct.unpack_from("!H", packet, 6)[0] & 0x1FFF
        header = (packet[0] & 15) * 4
        if fragment:
            return None
        return (packet[9], str(ipaddress.ip_address(packet[12:16])),
                str(ipaddress.ip_address(packet[16:20])), packet[header:])
    if kind == ETH_P_IPV6 and len(packet) >= 40:
        protocol, at = packet[6], 40
        while protocol in IPV6_EXTENSIONS and at + 2 <= len(packet):
            protocol, at = packet[at], at + (packet[at + 1] + 1) * 8
        return (protocol, str(ipaddress.ip_address(packet[8:24])),
                str(ipaddress.ip_address(packet[24:40])), packet[at:])
    return None


def resets(path):
    with open(path, "rb") as f:
        data = f.read()
    found = []
    for frame in frames(data):
        ip = transport(frame)
        if not ip or ip[0] != 6 or len(ip[3]) < 20:
            continue
        sport, dport, seq = struct.unpack_from("!HHI", ip[3])
        if ip[3][13] & RST:
            found.append(Reset(ip[1], sport, ip[2], dport, seq))
    return found


def has_udp_to(path, port):
    """Whether the capture has the marker, and so everything that was sent before it."""
    with open(path, "rb") as f:
        data = f.read()
    for frame in frames(data):
        ip = transport(frame)
        if ip and ip[0] == 17 and struct.unpack_from("!H", ip[3], 2)[0] == port:
            return True
    return False
