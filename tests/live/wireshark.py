#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
#
# What Wireshark makes of a capture file: tshark reads what rsttrace wrote of every recording in
# tests/data, and has to find in it what the JSON says: flows, flags, numbers, interfaces, comments,
# filters. Process blocks, which no released Wireshark knows, are read here as its development tree
# reads them (wiretap/pcapng-wireshark-custom.c). Then the interface list, and a capture through it.
#
#   wireshark.py [DIRECTORY WITH rsttrace]
#
# Skipped where there is no tshark; the live capture, which needs root, is skipped without.

import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
LUA = TOP / "contrib/wireshark/rsttrace.lua"
PEN_WIRESHARK = 32622
PATIENCE_S = 30

results = {"passed": 0, "failed": 0, "skipped": 0}


def result(name, complaints):
    results["failed" if complaints else "passed"] += 1
    print(f"{'FAIL' if complaints else 'ok  '} wireshark-{name}")
    for line in complaints[:10]:
        print(f"       {line}")


def run(*words, **options):
    return subprocess.run(
        [str(word) for word in words], capture_output=True, text=True, timeout=PATIENCE_S, check=False, **options
    )


def replay(rsttrace, recording, pcapng):
    """The incidents that the capture file has as packets, from the JSON output."""
    options = recording.with_suffix(".args")
    words = options.read_text().split() if options.exists() else []
    done = run(rsttrace, "--replay", recording, "--json", "-q", "--pcapng", pcapng, *words)
    if done.returncode or done.stderr:
        raise RuntimeError(f"{recording.name}: {done.stderr}")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return [i for i in lines if "id" in i and i["rev"] == 0 and i["kind"] != "timeout"]


# ---- the file, as the standard and Wireshark's development tree read it ----


def options_of(data, order):
    while len(data) >= 4:
        code, length = struct.unpack(order + "HH", data[:4])
        if code == 0:
            return
        yield code, data[4 : 4 + length]
        data = data[4 + (length + 3) // 4 * 4 :]


def blocks_of(data):
    while data:
        kind, length = struct.unpack("=II", data[:8])
        assert length >= 12 and length % 4 == 0 and struct.unpack("=I", data[length - 4 : length])[0] == length
        yield kind, data[8 : length - 4]
        data = data[length:]


def process_of(body):
    entry, length, pid = struct.unpack("<III", body[4:16])
    assert entry == 3 and length == len(body) - 12
    told = dict(options_of(body[16:], "<"))
    return pid, {2: told.get(2, b"").decode(), 3: told.get(3, b"").decode(), 6: told.get(6)}


def check_processes(incidents, pcapng):
    """Complaints about one file: every sender with a pid must have a process block and an option."""
    processes, senders = {}, []
    for kind, body in blocks_of(pcapng.read_bytes()):
        if kind == 0xBAD and struct.unpack("=I", body[:4])[0] == PEN_WIRESHARK:
            pid, told = process_of(body)
            processes[pid] = told
        elif kind == 6:
            size = struct.unpack("=I", body[12:16])[0]
            task = dict(options_of(body[20 + (size + 3) // 4 * 4 :], "=")).get(8)
            senders.append(struct.unpack("=II", task) if task else None)
    bad = []
    if len(senders) != len(incidents):
        return [f"{pcapng.name}: {len(senders)} packets of {len(incidents)} resets"]
    for incident, task in zip(incidents, senders):
        pid = incident.get("sender_pid")
        want = (pid, incident.get("sender_tid", 0)) if pid is not None else None
        if task != want:
            bad.append(f"{pcapng.name}: sender {task}, not {want}")
        elif task and task[0] == task[1] and processes[task[0]][2] != incident["sender_comm"]:
            bad.append(f"{pcapng.name}: process {task[0]} is {processes[task[0]]}")
        elif task and struct.unpack("<I", processes[task[0]][6])[0] != incident["sender_uid"]:
            bad.append(f"{pcapng.name}: uid {processes[task[0]][6]}")
    return bad


# ---- what tshark reads ----

FIELDS = (
    "rsttrace.id ip.src ip.dst ipv6.src ipv6.dst tcp.srcport tcp.dstport tcp.flags.reset tcp.flags.ack "
    "tcp.seq_raw tcp.ack_raw ip.ttl ipv6.hlim ip.id frame.time_epoch "
    "rsttrace.cause rsttrace.sender_comm communityid frame.packet_id ip.checksum.status tcp.checksum.status"
).split()


def tshark(*words, **options):
    done = run("tshark", "-n", "-X", f"lua_script:{LUA}", *words, **options)
    complaints = [
        line
        for line in done.stderr.splitlines()
        if line.strip() not in ("", "tshark:") and "root" not in line and "captured" not in line and "Capturing on" not in line
    ]
    return done.returncode, done.stdout, complaints


def expected(incident):
    """What tshark should print of an incident, by field."""
    v4 = incident["family"] == "ipv4"
    ack = incident.get("rst_ack")
    want = {
        "rsttrace.id": incident["id"],
        "ip.src" if v4 else "ipv6.src": incident["saddr"],
        "ip.dst" if v4 else "ipv6.dst": incident["daddr"],
        "tcp.srcport": str(incident["sport"]),
        "tcp.dstport": str(incident["dport"]),
        "tcp.flags.reset": "1",
        "tcp.flags.ack": "0" if ack is None else "1",
        "tcp.seq_raw": str(incident.get("rst_seq", 0)),
        "tcp.ack_raw": str(ack or 0),
        "frame.time_epoch": f"{incident['time_ns'] // 10**9}.{incident['time_ns'] % 10**9:09}",
        "rsttrace.cause": incident["cause"],
        "rsttrace.sender_comm": incident.get("sender_comm", ""),
        "tcp.checksum.status": "1",
        "communityid": incident["community_id"],
    }
    want["ip.ttl" if v4 else "ipv6.hlim"] = str(incident.get("rst_ttl", 0))
    if v4:
        want["ip.id"] = f"0x{incident.get('rst_ip_id', 0):04x}"
        want["ip.checksum.status"] = "1"
    return want


def check_fields(incidents, pcapng):
    words = [word for field in FIELDS for word in ("-e", field)]
    status, out, bad = tshark(
        "-r", pcapng, "-Y", "tcp", "-T", "fields", *words, "-o", "ip.check_checksum:TRUE",
        "-o", "tcp.check_checksum:TRUE", "--enable-protocol", "communityid",
    )
    rows = [dict(zip(FIELDS, line.split("\t"))) for line in out.splitlines()]
    if status or len(rows) != len(incidents):
        return bad + [f"{len(rows)} packets of {len(incidents)} resets, status {status}"]
    for incident, row in zip(incidents, rows):
        for field, want in expected(incident).items():
            if row[field] != want:
                bad.append(f"{incident['id']} ({incident['cause']}): {field} is {row[field]}, not {want}")
    ids = {row["frame.packet_id"] for row in rows}
    if len(ids) != len({(i["host"], i["id"]) for i in incidents}):
        bad.append(f"{len(ids)} packet ids")
    return bad


def check_filter(incidents, pcapng):
    cause = "close-with-unread"
    want = [i["id"] for i in incidents if i["cause"] == cause and i.get("sender_unread", 0) > 100]
    display = f'frame.comment contains "cause={cause}" && rsttrace.cause == "{cause}" && rsttrace.sender_unread > 100'
    _, out, bad = tshark("-r", pcapng, "-Y", display, "-T", "fields", "-e", "rsttrace.id")
    if out.split() != want or not want:
        bad.append(f"{display}: {out.split()}, not {want}")
    return bad


def check_interface(incident, pcapng):
    """Checks a file with one section: tshark 4.0 looks descriptions up in the first section only."""
    _, out, bad = tshark("-r", pcapng, "-Y", "tcp", "-T", "fields", "-e", "frame.interface_description")
    want = f"network namespace {incident['netns']} of {incident['host']}"
    return bad if out.strip() == want else bad + [f"{out.strip()!r}, not {want!r}"]


# ---- the interface list ----


def home_with_extcap(work, rsttrace):
    home = work / "home"
    for folder in (".config/wireshark/extcap", ".local/lib/wireshark/extcap"):
        (home / folder).mkdir(parents=True)
        (home / folder / "rsttrace").symlink_to(rsttrace)
    return dict(os.environ, HOME=str(home))


def check_list(env):
    done = run("tshark", "-D", env=env)
    found = "rsttrace (TCP resets, explained)" in done.stdout
    return [] if found else [f"not in the list: {done.stdout.splitlines()}"]


def check_replay_capture(env, recording):
    status, out, bad = tshark(
        "-i", "rsttrace", "-o", f"extcap.rsttrace.replay:{recording}", "-T", "fields", "-e", "rsttrace.cause",
        "-Y", "tcp", "-Q", env=env,
    )
    if status or out.split() != ["close-with-unread"]:
        bad.append(f"status {status}: {out.split()}")
    return bad


def closed_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def check_live_capture(env, work):
    """Connects to a closed port again and again until the capture has seen a refusal."""
    port = closed_port()
    words = ["tshark", "-n", "-i", "rsttrace", "-o", f"extcap.rsttrace.port:{port}", "-c", "1", "-Q"]
    words += ["-X", f"lua_script:{LUA}", "-T", "fields", "-e", "tcp.srcport", "-e", "rsttrace.cause"]
    with open(work / "live", "w+", encoding="utf-8") as out:
        with subprocess.Popen(words, stdout=out, stderr=subprocess.STDOUT, env=env) as capture:
            for _ in range(PATIENCE_S * 10):
                with socket.socket() as s:
                    s.connect_ex(("127.0.0.1", port))
                try:
                    capture.wait(0.1)
                    break
                except subprocess.TimeoutExpired:
                    pass
            else:
                capture.kill()
        out.seek(0)
        text = out.read()
    return [] if f"{port}\tclosed-port" in text else [f"port {port}: {text!r}"]


def main():
    rsttrace = Path(sys.argv[1] if len(sys.argv) > 1 else "build").resolve() / "rsttrace"
    if not shutil.which("tshark"):
        print("SKIP wireshark: no tshark\n0 passed, 0 failed, 1 skipped")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        everything, incidents, bad = work / "all.pcapng", [], []
        with everything.open("wb") as whole:
            for recording in sorted((TOP / "tests/data").glob("*.rec")):
                one = work / f"{recording.stem}.pcapng"
                told = replay(rsttrace, recording, one)
                bad += check_processes(told, one)
                whole.write(one.read_bytes())  # each file a section of its own
                incidents += told
                if recording.stem == "close-with-unread":
                    result("interface", check_interface(told[0], one))
        result("processes", bad)
        result("fields", check_fields(incidents, everything))
        result("filter", check_filter(incidents, everything))
        env = home_with_extcap(work, rsttrace)
        result("interface-list", check_list(env))
        result("replay-capture", check_replay_capture(env, TOP / "tests/data/close-with-unread.rec"))
        if os.geteuid() == 0:
            result("live-capture", check_live_capture(env, work))
        else:
            results["skipped"] += 1
    print("{passed} passed, {failed} failed, {skipped} skipped".format(**results))
    return 1 if results["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
