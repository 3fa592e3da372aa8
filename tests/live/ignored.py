#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Resets that arrive and end nothing: no incident, but counted, and shown with --events.

    ignored.py [DIRECTORY WITH rsttrace]

Forged RSTs go to every kind of socket, in a network namespace of this test's own. What rsttrace
makes of them is compared with what a packet socket saw and with the kernel's own counters.
"""
import collections
import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile

import lab

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454ca, 1, 0x1000
TCP_REPAIR, TCP_REPAIR_QUEUE, TCP_QUEUE_SEQ = 19, 20, 21
REPAIR_ON, REPAIR_OFF, RECV_QUEUE = 1, -1, 1
IPV6_CHECKSUM = 7
SYN, RST, ACK = 2, 4, 16
NO_PORT = 10
SILENT, HERE = "10.99.0.9", "10.99.0.1"     # a neighbour that is not there, and this end
FLOOD = 20000
LOCAL = {socket.AF_INET: "127.0.0.1", socket.AF_INET6: "::1"}


def own_namespace():
    lab.own_namespace()
    tun = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", b"far0", IFF_TUN | IFF_NO_PI))
    for command in f"addr add {HERE}/24 dev far0", "link set far0 up":
        subprocess.run(["ip"] + command.split(), check=True)


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


class Forger:
    """Sends segments from any address and port."""

    def __init__(self, family):
        self.family = family
        self.raw = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_TCP)
        if family == socket.AF_INET6:
            self.raw.setsockopt(socket.IPPROTO_IPV6, IPV6_CHECKSUM, 16)
        else:
            self.raw.setsockopt(socket.IPPROTO_IP, socket.IP_HDRINCL, 1)

    def send(self, source, dest, flags, seq, ack=0):
        def tcp(check):
            return struct.pack("!HHIIBBHHH", source[1], dest[1], seq % 2**32, ack, 5 << 4, flags,
                               1024, check, 0)
        if self.family == socket.AF_INET6:
            self.raw.sendto(tcp(0), (dest[0], 0))
            return
        ends = socket.inet_aton(source[0]) + socket.inet_aton(dest[0])
        body = tcp(checksum(ends + struct.pack("!HH", socket.IPPROTO_TCP, 20) + tcp(0)))
        head = struct.pack("!BBHHHBBH", 0x45, 0, 40, 0, 0, 64, socket.IPPROTO_TCP, 0) + ends
        self.raw.sendto(head + body, (dest[0], 0))


class Witness:
    """Counts the RSTs that come in by the loopback device."""

    def __init__(self):
        self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.sock.bind(("lo", 3))
        self.sock.setblocking(False)

    def resets(self):
        n = 0
        while True:
            try:
                packet, (_, _, direction, _, _) = self.sock.recvfrom(200)
            except BlockingIOError:
                return n
            head = 40 if packet[0] >> 4 == 6 else (packet[0] & 15) * 4
            if direction == socket.PACKET_HOST:
                n += bool(packet[head + 13] & RST)


def expected_seq(sock):
    """The number that the socket's next segment must have."""
    sock.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, REPAIR_ON)
    sock.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR_QUEUE, RECV_QUEUE)
    seq = sock.getsockopt(socket.IPPROTO_TCP, TCP_QUEUE_SEQ) % 2**32
    sock.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, REPAIR_OFF)
    return seq


def to_connection(forger, client, accepted):
    """Sends RSTs: one that is challenged, some out of the window, last one that ends the connection."""
    here, there, seq = client.getsockname(), client.getpeername(), expected_seq(client)
    forger.send(there, here, RST, seq + 100)
    forger.send(there, here, RST | ACK, seq + 200)
    forger.send(there, here, RST, seq + 2**30)
    forger.send(there, here, RST, seq - 1000)
    accepted.send(b"x")
    alive = client.recv(1) == b"x"
    forger.send(there, here, RST, expected_seq(client))
    try:
        client.recv(1)
        alive = False
    except ConnectionResetError:
        pass
    accepted.close()    # its FIN finds no socket any more, so the kernel answers it with a RST
    return alive


def to_timewait(forger, client, accepted):
    here, there = client.getsockname(), client.getpeername()
    seq = expected_seq(client) + 1      # after the FIN
    client.shutdown(socket.SHUT_WR)
    accepted.recv(1)
    accepted.close()
    client.recv(1)
    client.close()
    forger.send(there, here, RST, seq)


def forge_all(family):
    """Returns whether the connection lived until the exact number came."""
    address, forger = LOCAL[family], Forger(family)
    with socket.create_server((address, 0), family=family) as server:
        def pair():
            client = socket.create_connection(server.getsockname()[:2])
            return client, server.accept()[0]
        good = to_connection(forger, *pair())
        to_timewait(forger, *pair())
        for flags in RST, RST | ACK:
            forger.send((address, NO_PORT), server.getsockname(), flags, 1000)
        for flags in RST, RST | ACK, RST:
            forger.send((address, NO_PORT), (address, lab.CLOSED_PORT), flags, 1000)
        # This host knows of no connection, so it resets the handshake that the SYN begins.
        forger.send((address, NO_PORT), server.getsockname(), SYN, 1000)
    return good


def forge_for_connect():
    """RSTs for a connect() that nobody answers: only one that acknowledges the SYN ends it."""
    with socket.socket() as s:
        s.setblocking(False)
        s.connect_ex((SILENT, 80))
        forger = Forger(socket.AF_INET)
        for flags in RST, RST | ACK:
            forger.send((SILENT, 80), (HERE, s.getsockname()[1]), flags, 1, 1)
        return s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0


def counters():
    values = {}
    for name in "snmp", "netstat":
        with open(f"/proc/self/net/{name}") as f:
            lines = [line.split() for line in f]
        for names, numbers in zip(lines[::2], lines[1::2]):
            values.update(zip(names[1:], map(int, numbers[1:])))
    return values


def trace(rsttrace, what, *options):
    """Runs the tracer around a call: its JSON lines, its stderr, what the call returned."""
    # to a file: nobody reads meanwhile, and the host's other traffic could fill a pipe
    with tempfile.NamedTemporaryFile("r", encoding="utf-8") as out:
        tracer, _ = lab.start(rsttrace, "--json", "--settle", "100", "-o", out.name, *options,
                              stdout=None)
        result = what()
        _, err = lab.end(tracer)
        return [json.loads(line) for line in out], err, result


def forge():
    return [forge_all(family) for family in LOCAL] + [forge_for_connect()]


def flood():
    forger = Forger(socket.AF_INET)
    for _ in range(FLOOD):
        forger.send((LOCAL[socket.AF_INET], NO_PORT), (LOCAL[socket.AF_INET], lab.CLOSED_PORT), RST, 1)


def of_events(rsttrace):
    netns, witness, before = lab.netns(), Witness(), counters()
    lines, said, lived = trace(rsttrace, forge, "--events")
    grown = {k: v - before[k] for k, v in counters().items()}
    end = lines[-1]
    events = [r for r in lines if r.get("event") == "ignored"]
    mine = collections.Counter(r["fate"] for r in events if r.get("netns") == netns)
    received = [r for r in lines if r.get("event") == "received" and r["netns"] == netns]
    incidents = [r for r in lines if "type" not in r and r.get("netns") == netns]
    owners = {r.get("owner_pid") for r in events if r["fate"] == "challenge-ack" and r["netns"] == netns}
    seen = witness.resets()
    want = {"challenge-ack": 4, "out-of-window": 4, "handshake": 2, "connecting": 2, "listener": 4,
            "time-wait": 2, "no-socket": 6}
    print(f"    {dict(mine)}, {len(received)} obeyed, {seen} seen to arrive", file=sys.stderr)
    return {
        "only-the-exact-number-ends-it": lived == [True] * 3,
        "fates": mine == want,
        "every-reset-is-obeyed-or-ignored": seen == sum(mine.values()) + len(received),
        "obeyed": len(received) == 4,
        "no-incident-of-the-ignored": collections.Counter(r["kind"] for r in incidents) ==
                                      {"received": 2, "reply": 4},
        "owner": owners == {os.getpid()},
        "end-line-counts-the-events": end["lost"] > 0 or end.get("ignored", {}) ==
                                      dict(collections.Counter(r["fate"] for r in events)),
        "as-the-kernel-challenged": grown["TCPChallengeACK"] + grown["TCPACKSkippedChallenge"] -
                                    grown["TCPSYNChallenge"] == mine["challenge-ack"],
        "as-the-kernel-took-back": grown["EmbryonicRsts"] == mine["handshake"],
        "the-summary-says-it": "ignored: " in said and " for no socket" in said,
    }


def of_flood(rsttrace):
    """Counts in a recording what came out of the ring buffer, without the host's other events."""
    with tempfile.NamedTemporaryFile() as recording:
        lines, _, _ = trace(rsttrace, flood, "--record", recording.name)
        replay = subprocess.run([rsttrace, "--replay", recording.name, "--events", "--json"],
                                text=True, stdout=subprocess.PIPE, check=True).stdout
    return {
        "flood-is-counted": lines[-1].get("ignored", {}).get("no-socket", 0) >= FLOOD,
        "flood-makes-no-events": '"event":"ignored"' not in replay and '"type":"end"' in replay,
    }


def main():
    rsttrace = os.path.join(lab.build_folder(), "rsttrace")
    if os.geteuid():
        lab.skip("ignored", "needs root")
    probes = subprocess.run([rsttrace, "check"], text=True, stdout=subprocess.PIPE).stdout
    if any(p.startswith(("reset dropped", "reset of")) and "MISSING" in p for p in probes.splitlines()):
        lab.skip("ignored", "this kernel does not show them all")
    own_namespace()
    lab.verdict("ignored", {**of_events(rsttrace), **of_flood(rsttrace)})


main()
