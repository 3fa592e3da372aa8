#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Three hosts as network namespaces, a tracer on each: what records of both ends prove.

    crosshost.py [DIRECTORY WITH rsttrace]

web asks db through router, which forwards, translates addresses, rejects, drops, forgets connections
and forges resets. What is found has to be what was done; with a tracer missing, or one whose clock is
off, less may be found, nothing else.
"""
import itertools
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile

import clickhouse

sys.path.insert(0, os.path.join(clickhouse.HERE, "..", "live"))
sys.path.insert(0, os.path.join(clickhouse.HERE, "..", "data"))
import adopt  # noqa: E402  pylint: disable=wrong-import-position
import recording  # noqa: E402  pylint: disable=wrong-import-position
import lab  # noqa: E402  pylint: disable=wrong-import-position

HOSTS = ("web", "router", "db")
WEB, DB, OUTSIDE, INSIDE = "10.66.1.2", "10.66.2.2", "10.66.2.1", "10.66.1.1"
WEB6, DB6, OUTSIDE6, INSIDE6 = "fd66:1::2", "fd66:2::2", "fd66:2::1", "fd66:1::1"
OWN_PORT = 7        # nobody listens there: each host meets resets of its own
PATIENCE = 20
SEC_PEER = 7
checks, notes = {}, []


def name(host):
    return f"rstfleet{os.getpid()}-{host}"


def sh(*words, **options):
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options).stdout.decode()


def on(host, *words, **options):
    return sh("ip", "netns", "exec", name(host), *words, **options)


def acts_as(host):
    """What this process does from now on, that host's does: records tell them apart by name."""
    with open("/proc/self/comm", "w") as f:
        f.write(f"at-{host}")


class Inside:
    """With it, sockets are made on that host; the thread is back where it was at the end."""
    def __init__(self, host):
        self.path = f"/run/netns/{name(host)}"
        acts_as(host)

    def __enter__(self):
        self.back = os.open("/proc/self/ns/net", os.O_RDONLY)
        with open(self.path) as ns:
            os_setns(ns.fileno())

    def __exit__(self, *_):
        os_setns(self.back)
        os.close(self.back)


def os_setns(fd):
    if lab.ctypes.CDLL(None, use_errno=True).setns(fd, lab.CLONE_NEWNET):
        sys.exit("setns: " + os.strerror(lab.ctypes.get_errno()))


def build_net():
    for host in HOSTS:
        sh("ip", "netns", "add", name(host))
        on(host, "ip", "link", "set", "lo", "up")
    for host, own, gateway, own6, gateway6 in (("web", WEB, INSIDE, WEB6, INSIDE6), ("db", DB, OUTSIDE, DB6, OUTSIDE6)):
        sh("ip", "link", "add", "eth0", "netns", name(host), "type", "veth", "peer", "name", host,
           "netns", name("router"))
        on(host, "ip", "address", "add", own + "/24", "dev", "eth0")
        on("router", "ip", "address", "add", gateway + "/24", "dev", host)
        on(host, "ip", "link", "set", "eth0", "up")
        on("router", "ip", "link", "set", host, "up")
        on(host, "ip", "route", "add", "default", "via", gateway)
        on(host, "ip", "address", "add", own6 + "/64", "dev", "eth0", "nodad")
        on("router", "ip", "address", "add", gateway6 + "/64", "dev", host, "nodad")
        on(host, "ip", "route", "add", "default", "via", gateway6)
    on("router", "sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")


def without_peer(event):
    """What the kernel side adds to a receipt about the other end is known on one kernel alone."""
    if event[adopt.WIRE] == 1:
        sys.exit("crosshost.py: an old wire")
    kept, at = b"", adopt.SECTIONS
    while at < len(event):
        kind, size = struct.unpack_from("=HH", event, at)
        step = (size + 7) & ~7
        if kind != SEC_PEER:
            kept += event[at:at + step]
        at += step
    event = event[:adopt.SECTIONS] + kept
    return struct.pack("=H", len(event)) + event[2:]


def replayed(build, path):
    out = sh(f"{build}/rsttrace", "-q", "--replay", path, "--json")
    return [json.loads(x) for x in out.splitlines() if '"type"' not in x]


def ids_are_unique(build, records, scratch):
    """Over hosts and boots: the same events under another boot's id have other ids, every one."""
    ids = [r["id"] for some in records.values() for r in some if not r["rev"]]
    meta, events = recording.load(f"{scratch}/web.rec")
    recording.save(f"{scratch}/boot.rec", dict(meta, boot="f" * 32), events)
    again = [r["id"] for r in replayed(build, f"{scratch}/boot.rec")]
    checks["ids-unique"] = len(set(ids)) == len(ids) and again and not set(again) & set(ids)


def ids_after_a_restart(build):
    """A tracer that is started again on the same boot gives out no id of the one before."""
    ids = []
    for _ in range(2):
        tracer, _ = lab.start(f"{build}/rsttrace", "--json", "--netns", str(lab.netns()))
        lab.refuse(3)
        records, _ = lab.end(tracer)
        ids.append([r["id"] for r in records if "id" in r and not r["rev"]])
    checks["ids-after-restart"] = all(len(some) == 3 for some in ids) and len(set(itertools.chain(*ids))) == 6
    notes.append(f"restart: {ids}")


def told(build, everything, scratch):
    """
    What a tracer on each host alone would have told. One kernel has all of these hosts, and shows a
    tracer both ends of what goes between them, so each gets the events of its own namespace only.
    """
    meta, events = recording.load(everything)
    records = {}
    for n, host in enumerate(HOSTS):
        inode = os.stat(f"/run/netns/{name(host)}").st_ino
        own = [without_peer(e) for e in events if adopt.netns(e) == inode]
        path = f"{scratch}/{host}.rec"
        recording.save(path, dict(meta, host=host, boot=f"{n:032x}"), own)
        records[host] = replayed(build, path)
        with open(f"{scratch}/{host}.jsonl", "w") as f:
            f.write("".join(json.dumps(r) + "\n" for r in records[host]))
    return records


def iptables(*words):
    on("router", "iptables", *words)


def ip6tables(*words):
    on("router", "ip6tables", *words)


def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def listener(host, address, port):
    with Inside(host):
        s = socket.socket(family(address))
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((address, port))
    s.listen()
    s.settimeout(PATIENCE)
    return s


def connected(port, address=DB):
    """A connection from web to db: both ends, and the one that db gave out."""
    server = listener("db", address, port)
    with Inside("web"):
        client = socket.socket(family(address))
    client.settimeout(PATIENCE)
    client.connect((address, port))
    acts_as("db")
    peer, _ = server.accept()
    peer.settimeout(PATIENCE)
    server.close()
    return client, peer


def abort(host, s):
    acts_as(host)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()


def reset_at(host, s):
    """Reads until the reset is there."""
    acts_as(host)
    try:
        s.recv(1)
    except OSError:
        pass
    s.close()


def refused(host, address, port):
    with Inside(host), socket.socket(family(address)) as s:
        s.settimeout(PATIENCE)
        s.connect_ex((address, port))


def own_resets():
    """Each host meets one of its own: so one knows that its tracer was at work then."""
    for host, *addresses in (("web", WEB, WEB6), ("router", INSIDE, OUTSIDE, INSIDE6, OUTSIDE6), ("db", DB, DB6)):
        for address in addresses:
            refused(host, address, OWN_PORT)


def both_seen(port=5001, address=DB):
    client, peer = connected(port, address)
    abort("web", client)
    reset_at("db", peer)


def translate(tables, source, port, to):
    tables("-t", "nat", "-A", "POSTROUTING", "-s", source, "-p", "tcp", "--dport", str(port), "-j", "SNAT", "--to", to)


def translated():
    translate(iptables, WEB, 5002, OUTSIDE)
    both_seen(5002)


def lost(tables=iptables, port=5003, address=DB):
    client, peer = connected(port, address)
    tables("-A", "FORWARD", "-p", "tcp", "--dport", str(port), "--tcp-flags", "RST", "RST", "-j", "DROP")
    abort("web", client)
    return peer


def rejected(tables=iptables, port=5004, address=DB):
    tables("-A", "FORWARD", "-p", "tcp", "--dport", str(port), "-j", "REJECT", "--reject-with", "tcp-reset")
    refused("web", address, port)


def both_seen_v6():
    both_seen(5011, DB6)


def translated_v6():
    translate(ip6tables, WEB6, 5012, OUTSIDE6)
    both_seen(5012, DB6)


def lost_v6():
    return lost(ip6tables, 5013, DB6)


def rejected_v6():
    rejected(ip6tables, 5014, DB6)


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xffff)
    return ~(total + (total >> 16)) & 0xffff


def next_number(host, port):
    """What the socket at that local port expects next, by what its peer sent: data that it echoes."""
    with Inside("router"):
        tap = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
    tap.bind((host, 0x0800))
    tap.settimeout(PATIENCE)

    def number():
        while True:
            packet = tap.recv(2000)
            tcp = packet[20:]
            if packet[9] == 6 and struct.unpack("!H", tcp[:2])[0] == port:
                return struct.unpack("!I", tcp[8:12])[0]
    return number


def forged():
    """The router sends web a RST in db's name, with the number that web waits for."""
    client, peer = connected(5005)
    number = next_number("web", client.getsockname()[1])
    acts_as("web")
    client.send(b"x")
    seq = number()
    here = client.getsockname()[1]
    head = struct.pack("!HHIIBBHHH", 5005, here, seq, 0, 5 << 4, 4, 0, 0, 0)
    pseudo = socket.inet_aton(DB) + socket.inet_aton(WEB) + struct.pack("!BBH", 0, 6, len(head))
    head = head[:16] + struct.pack("!H", checksum(pseudo + head)) + head[18:]
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40, 0, 0, 64, 6, 0, socket.inet_aton(DB), socket.inet_aton(WEB))
    with Inside("router"), socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw:
        raw.sendto(ip + head, (WEB, 0))
    reset_at("web", client)
    return peer


def forgotten():
    """The router forgets a connection that it translates: what comes for it now, it resets itself."""
    translate(iptables, WEB, 5006, OUTSIDE)
    client, peer = connected(5006)
    on("router", "conntrack", "-D", "-p", "tcp", "--dport", "5006")
    peer.send(b"late")
    peer.settimeout(PATIENCE)
    reset_at("db", peer)
    return client


# What is done, the server's port, and what is true of it: way, host, other host, the sender's and the victim's
# process. A REJECT rule's own RST is seen where its hook can be had, else nobody is found to have sent it.
BOTH = {("paired", "web", "db", "at-web", "at-db")}
NAT = {("translated", "web", "db", "at-web", "at-db")}
LOST = {("not-received", "web", "web", "at-web", "")}
REJECTED = {("paired", "router", "web", "", "at-web"), ("not-sent", "web", "web", "", "at-web")}
STORIES = (
    (both_seen, 5001, BOTH), (translated, 5002, NAT), (lost, 5003, LOST), (rejected, 5004, REJECTED),
    (forged, 5005, {("not-sent", "web", "web", "", "at-web")}),
    (forgotten, 5006, {("paired", "router", "db", "", "at-db")}),
    (both_seen_v6, 5011, BOTH), (translated_v6, 5012, NAT), (lost_v6, 5013, LOST), (rejected_v6, 5014, REJECTED),
)


def play(build, scratch):
    everything, kept = f"{scratch}/everything.rec", []
    tracer, _ = lab.start(f"{build}/rsttrace", "--json", "--record", everything, stdout=subprocess.DEVNULL)
    try:
        own_resets()
        for do, *_ in STORIES:
            kept.append(do())
        own_resets()
    finally:
        lab.end(tracer)
    for s in kept:
        if s:
            s.close()
    return told(build, everything, scratch)


def ways(server, db, records):
    """What the store says of each story, by the server's port."""
    server.ask(f"CREATE DATABASE {db}")
    server.define("1-local.sql", "3-views.sql", database=db)
    server.ask("DROP TABLE span", database=db)
    server.ask("CREATE VIEW span AS SELECT toInt64(0) AS since_ns, toInt64(4000000000000000000) AS until_ns", database=db)
    server.insert("\n".join(json.dumps(r) for r in records).encode(), database=db)
    found = {}
    for row in server.rows("SELECT way, host, other_host, sender, other_victim, greatest(if(sport < 6000, sport, 0), if(dport < 6000, dport, 0)) "
                           "AS port FROM resets", db):
        found.setdefault(row["port"], set()).add(
            tuple(row[k] for k in ("way", "host", "other_host", "sender", "other_victim")))
    return found


def ends(build, paths):
    run = subprocess.run([f"{build}/rsttrace", "report", "--json", *paths], check=True, stdout=subprocess.PIPE)
    return json.loads(run.stdout)["ends"]


def sampled(records):
    """What a host tells whose storm hid all but resets of its own, and those are samples."""
    return [dict(r, sampled=64) for r in records if OWN_PORT in (r["sport"], r["dport"])]


def without_some(server, records):
    """
    Without one of the tracers, or with one that told of samples only, less may be found, and never something
    else. What the router translates for web, without a record of web's, was truly not sent by the host of that
    address. No record tells it from what somebody forges in the router's name (docs/report.md).
    """
    passed_on = {(port, ("not-sent", "db", "db", "", "at-db")) for port in (5002, 5012)}
    for label, left in (("without", lambda some: []), ("sampled", sampled)):
        for one in HOSTS:
            some = [r for h in HOSTS for r in (left(records[h]) if h == one else records[h])]
            found = ways(server, f"{label}_{one}", some)
            wrong = [(port, w) for _, port, true in STORIES for w in found.get(port, ())
                     if w[0] not in ("elsewhere", "here") and w not in true]
            if one == "web":
                wrong = [w for w in wrong if w not in passed_on]
            checks[f"{label}-{one}"] = not wrong
            notes.append(f"{label} {one}: {wrong}")


def judge(build, server, records, scratch):
    everything = list(itertools.chain(*records.values()))
    found = ways(server, "everything", everything)
    for do, port, true in STORIES:
        got = found.get(port, set())
        checks[do.__name__] = bool(got) and got <= true
        notes.append(f"{do.__name__}: {sorted(got)}")
    count, = server.rows("SELECT count() AS n FROM resets", "everything")
    shown = ends(build, [f"{scratch}/{host}.jsonl" for host in HOSTS])
    named = {r["name"]: r["count"] for r in server.rows("SELECT way AS name, count() AS count FROM resets GROUP BY way", "everything")}
    checks["report-agrees"] = shown == named and sum(shown.values()) == count["n"]
    notes.append(f"report {shown}, store {named}")
    without_some(server, records)
    late = [dict(r, time_ns=r["time_ns"] + (4 * 10**9 if r["host"] == "db" else 0)) for r in everything]
    found = ways(server, "late", late)
    checks["clock-off"] = all(found.get(p, set()) & true for _, p, true in STORIES)
    notes.append(f"clock off: {found}")


def main():
    for tool in ("clickhouse-server", "iptables", "conntrack"):
        if not clickhouse.shutil.which(tool):
            lab.skip("fleet-crosshost", f"no {tool} here")
    build = os.path.abspath(lab.build_folder())
    lab.own_namespace()
    with tempfile.TemporaryDirectory() as scratch:
        server = clickhouse.Server(os.path.join(scratch, "clickhouse"))
        try:
            build_net()
            records = play(build, scratch)
            ids_are_unique(build, records, scratch)
            ids_after_a_restart(build)
            judge(build, server.start(), records, scratch)
        finally:
            if server.process:
                server.stop()
            for host in HOSTS:
                subprocess.run(["ip", "netns", "delete", name(host)], check=False, stderr=subprocess.DEVNULL)
    lab.verdict("fleet-crosshost", checks, *notes)


if __name__ == "__main__":
    main()
