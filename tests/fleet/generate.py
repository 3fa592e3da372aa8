#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Plays real records as a fleet's, as JSON Lines or into a ClickHouse.

    generate.py [--hosts N] [--count N] [--rate N] [--live] [--to URL] [RECORDS...]
    generate.py --count 100000 | zstd >fleet.jsonl.zst
    generate.py --live --to 'http://127.0.0.1:8123/?database=rsttrace'

Records are JSON Lines of rsttrace; without any, the goldens. --rate is how many incidents a second the
fleet has, by their time stamps; with --live they are also written at that pace, else as fast as can be.

Of a record are kept: what happened, and the size of each figure. New are the host, its boot and the id, which
is unique, time, addresses, ports, sequence numbers, process ids, names of processes and of what they run in
(services of a pod on one half of the hosts, of systemd on the other), and the figures' digits. A reset that
one host saw both ends of is played by two hosts every other time, each with its own end's record. One of
a hundred incidents is revised.
"""
import argparse
import base64
import hashlib
import json
import os
import random
import re
import struct
import sys
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
SERVICES = [f"{('api', 'web', 'job', 'db')[n % 4]}-{n:03d}" for n in range(200)]
VARIANTS = 1024     # of a record's figures, which are drawn once for many records
FIGURE = re.compile(r"_(us|unread|unsent|(bytes|segs)_\w+)$")
BATCH = 10000
QUERY = "&query=INSERT%20INTO%20incidents%20FORMAT%20JSONEachRow&input_format_skip_unknown_fields=1"
HEX = random.Random(2).randbytes(1 << 20).hex()     # ids of containers are pieces of it
# What a host does not know of a reset whose other end is on another.
OF_VICTIM = re.compile(r"^(victim|error|eof)_|^errors$|^accept_queue$")
OF_SENDER = re.compile(r"^(sender|killer|situation|advice)|^(reason|stage|follows)$")


class Template:
    """A record with places for what changes."""
    def __init__(self, record):
        self.ipv6 = record["family"] == "ipv6"
        self.is_local = record["sender_local"] and record["victim_local"]
        self.sent = record["kind"] in ("active", "reply", "netfilter")
        self.ports = [p if p < 32768 else 0 for p in (record["sport"], record["dport"])]
        self.figures, pids, names, self.ends = {}, set(), set(), []
        for end in ("sender", "victim"):
            if record.get(f"{end}_comm"):
                self.ends.append((end, f"name_{record[end + '_comm']}"))
        record = {k: self.place(k, v, pids, names) for k, v in record.items() if k != "follows"}
        text = json.dumps(record, separators=(",", ":"), ensure_ascii=False).replace("%", "%%")
        text = re.sub(r'"<<(\w+)>>"', r"%(\1)d", text)
        text = re.sub(r"<\[([^]]+)\]>", r"%(\1)s", text)
        self.parts = re.split(r"%\(figure_(\w+)\)d", text[:-1] + "".join(f"%({e}_runs_in)s" for e, _ in self.ends) + "}\n")
        self.pids, self.names, self.variants = sorted(pids), sorted(names), [None] * VARIANTS

    def place(self, key, value, pids, names):
        if key in ("host", "id", "time", "saddr", "daddr", "community_id"):
            return f"<[{key}]>"
        if key in ("rev", "time_ns", "sport", "dport") or key in ("rst_seq", "rst_ack") and value:
            return f"<<{key}>>"
        if key == "errors":
            return [{k: self.place("error_" + k, v, pids, names) for k, v in e.items()} for e in value]
        if re.search("_[pt]id$", key) and value:
            pids.add(f"pid_{value}")
            return f"<<pid_{value}>>"
        if re.search("_(comm|process)$", key):
            names.add(f"name_{value}")
            return f"<[name_{value}]>"
        if FIGURE.search(key) and value > 1:
            low = 10 ** (len(str(value)) - 1)
            self.figures[f"{key}_{value}"] = low, 10 * low - 1
            return f"<<figure_{key}_{value}>>"
        return value

    def variant(self):
        """The text with other figures of the same sizes."""
        n = int(random.random() * VARIANTS)
        if not self.variants[n]:
            drawn = {name: str(random.randint(*bounds)) for name, bounds in self.figures.items()}
            self.variants[n] = "".join(drawn[p] if i % 2 else p for i, p in enumerate(self.parts))
        return self.variants[n]


def halves(record):
    """The records of two hosts in place of one's that saw both ends."""
    sender = {k: v for k, v in record.items() if not OF_VICTIM.search(k)}
    victim = {k: v for k, v in record.items() if not OF_SENDER.search(k)}
    return ({**sender, "victim_local": False, "outcome": "remote"},
            {**victim, "kind": "received", "cause": "peer-reset", "confidence": "likely", "sender_local": False,
             "victim_local": True, "cause_text": "the peer reset the connection, with no data on the way to it"})


def address(host, ipv6):
    """Of that host, or, of one below 0, somewhere that no tracer is: as bytes, and as text."""
    n = random.getrandbits(17) if host < 0 else host
    top = "2001:db8::" if host < 0 else "fd00::"
    if ipv6:
        return (bytes.fromhex("20010db8" if host < 0 else "fd000000") + bytes(8) + struct.pack(">I", n),
                f"{top}{n >> 16:x}:{n & 0xffff:x}" if n >> 16 else f"{top}{n:x}")
    n |= 0xc6120000 if host < 0 else 10 << 24
    return struct.pack(">I", n), f"{n >> 24}.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}"


def community_id(a, b, sport, dport):
    if (a, sport) > (b, dport):
        a, b, sport, dport = b, a, dport, sport
    digest = hashlib.sha1(b"\0\0" + a + b + b"\x06\0" + struct.pack(">HH", sport, dport)).digest()
    return "1:" + base64.b64encode(digest).decode()


def runs_in(end, host, service):
    """Where that service's process runs on that host."""
    name = SERVICES[service]
    if host % 2:
        return (f',"{end}_exe":"/usr/bin/{name}","{end}_cgroup":"/system.slice/{name}.service",'
                f'"{end}_unit":"{name}.service"')
    at = (host * len(SERVICES) + service) * 0x9e3779b1 % (len(HEX) - 64)
    container, uid = HEX[at:at + 64], HEX[at + 7:at + 39]
    uid = "_".join((uid[:8], uid[8:12], uid[12:16], uid[16:20], uid[20:]))
    return (f',"{end}_exe":"/app/{name}","{end}_cgroup":"/kubepods.slice/kubepods-burstable.slice/'
            f'kubepods-burstable-pod{uid}.slice/cri-containerd-{container}.scope","{end}_container":"{container}",'
            f'"{end}_container_name":"{name}","{end}_pod":"shop/{name}-{uid[:5]}"')


class Fleet:
    def __init__(self, records, hosts, rate, begin_ns):
        random.seed(1)
        self.hosts, self.step, self.begin, self.n = hosts, 10**9 / rate, begin_ns, 0
        self.second, self.text, self.random = 0, "", random.random
        self.whole = [Template(r) for r in records]
        self.apart = {w: [Template(h) for h in halves(r)] for w, r in zip(self.whole, records)
                      if w.is_local and w.sent and "rst_seq" in r and "victim_owner" in r}

    def time_text(self, ns):
        if ns // 10**9 != self.second:
            self.second = ns // 10**9
            self.text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(self.second))
        return f"{self.text}.{ns % 10**9:09d}Z"

    def incident(self):
        """The lines of the next one."""
        whole = self.whole[int(self.random() * len(self.whole))]
        ns = self.begin + int(self.n * self.step)
        self.n += 1
        one, other = int(self.random() * self.hosts), int(self.random() * self.hosts)
        apart = self.apart.get(whole) if self.n % 2 and one != other else None
        here = address(one, whole.ipv6)
        far = here if whole.is_local and not apart else address(other if apart else -1, whole.ipv6)
        source, target = (here, far) if whole.sent else (far, here)
        sport, dport = (p or 32768 + int(self.random() * 28000) for p in whole.ports)
        values = {"saddr": source[1], "daddr": target[1], "sport": sport, "dport": dport,
                  "community_id": community_id(source[0], target[0], sport, dport),
                  "rst_seq": random.getrandbits(32) or 1, "rst_ack": random.getrandbits(32) or 1, "rev": 0}
        lines = []
        for host, template in zip((one, other), apart or (whole,)):
            lines.append(self.line(template, host, ns, values))
        if self.n % 100 == 0:
            lines.append(lines[0].replace('"rev":0', '"rev":1', 1))
        return lines

    def line(self, t, host, ns, values):
        values["host"], values["time_ns"], values["time"] = f"node{host:05d}", ns, self.time_text(ns)
        values["id"] = f"{host * 2654435761 & 0xffffffff:08x}-{ns:x}-{self.n & 7}"
        for name in t.pids:
            values[name] = 300 + int(self.random() * 4000000)
        service = {}
        for name in t.names:
            n = service[name] = int(len(SERVICES) * self.random() * self.random())
            values[name] = SERVICES[n]
        for end, name in t.ends:
            values[f"{end}_runs_in"] = runs_in(end, host, service[name])
        return t.variant() % values

    def batches(self, count):
        """Bytes of about BATCH lines, and how many, until so many incidents were played."""
        lines, end = [], self.n + count
        while self.n < end:
            lines += self.incident()
            if len(lines) >= BATCH or self.n == end:
                yield "".join(lines).encode(), len(lines)
                lines = []


def records_of(paths):
    found = []
    for path in paths:
        with open(path) as f:
            for line in f:
                if line.startswith('{"schema"') and '"type"' not in line:
                    found.append(json.loads(line))
    return found


def goldens():
    folder = os.path.join(HERE, "..", "data")
    return [os.path.join(folder, name) for name in sorted(os.listdir(folder)) if name.endswith(".json")]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--hosts", type=int, default=10000)
    parser.add_argument("--count", type=int, default=1000000, help="incidents")
    parser.add_argument("--rate", type=float, default=1000000 / 60, help="incidents a second (a million a minute)")
    parser.add_argument("--live", action="store_true", help="keep that pace")
    parser.add_argument("--to", metavar="URL", help="the store's HTTP address, with ?database=NAME; else lines are printed")
    parser.add_argument("records", nargs="*", help="files of JSON Lines (default: the goldens)")
    options = parser.parse_args()
    records = records_of(options.records or goldens())
    if not records or options.hosts < 1 or options.rate <= 0:
        parser.error("there have to be records, hosts and a rate")
    ago = 0 if options.live else options.count / options.rate
    fleet = Fleet(records, options.hosts, options.rate, int((time.time() - ago) * 10**9))
    for data, _ in fleet.batches(options.count):
        if options.to:
            urllib.request.urlopen(options.to + QUERY, data).close()
        else:
            sys.stdout.buffer.write(data)
        if options.live:
            time.sleep(max(0, (fleet.begin + fleet.n * fleet.step) / 10**9 - time.time()))


if __name__ == "__main__":
    main()
