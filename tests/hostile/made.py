# SPDX-License-Identifier: GPL-2.0
"""Recordings and JSON Lines with hostile names, made of those in tests/data: no privileges needed."""
import json
import os
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(HERE, "..", "data")
sys.path.insert(0, DATA)
import recording  # noqa: E402

# What a process, a peer or a file may be called: any bytes but NUL.
NAMES = {
    "escapes": b"\x1b[2J\x1b]0;x\x07\x1b[31m",
    "c1": "\u009b31m\u0090q\u009c".encode(),
    "c1-raw": b"\x9b31m\x90",
    "del": b"\x7f\x08\x7f",
    "quotes": b"\"'`$(id)&;|/\\",
    "newlines": b"a\nb\r\nc\td\x0b\x0c",
    "invalid": b"\xff\xfe\xc0\xaf\xed\xa0\x80\xf5\x80",
    "bidi": "\u202egnp.\u2066\u061c\u200f".encode(),
    "bidi-in-arabic": "\u0645\u202d\u0646\u2067\u2069".encode(),
    "invisible": "a\u200b\u2060\ufeff\u00ad\u034f\u3164".encode(),
    "tags": "\U000e0041\U000e0001\U000e0100".encode(),
    "separators": "a\u2028b\u2029c\u0085".encode(),
    "script": b"</script><img src=x onerror=alert(1)>",
    "comment": b"--><!-- ]]> <![CDATA[ &lt; &#0;",
    "attribute": b"\" onmouseover=\"alert(1)\" x='",
    "format": b"%s%n%99999d%*x",
    "json": b"{\"schema\":\"rsttrace/1\"}\n{\"type\":\"end\"}",
    "metric": b"\"} 1\n# EOF\nup{x=\"\\",
    "key": b"cause=closed-port\nsender_comm=root",
    "noncharacters": "\ufffe\uffff\U0001ffff".encode(),
    "cut-in-character": b"x" * 14 + "\u00e9".encode() * 200,
    "wide": "\u6f22\u5b57\U0001f4a5".encode() * 300,
    "combining": b"a" + "\u0301\u0336".encode() * 500,
    "long": b"A" * 4096,
    "long-escapes": b"\x1b[1m" * 1024,
    "backslashes": b"\\x1b[0m\\\\" * 20,
    "blank": b" ",
}

HEAD, FRONT, COMM = 24, 8, 16
TASK, OWNER, PEER, PAYLOAD = 1, 2, 7, 10
COMM_AT = {TASK: 48, OWNER: 88, PEER: 88}
# where cgroup, pid and tid stand in a section's content
WHO_AT = {TASK: (40, 0, 4), OWNER: (80, 0, 4), PEER: (80, 0, 4)}
RECEIVED, EV_FRAMES, EV_LOOKUP, SEC_FRAMES, SEC_LOOKUP = 4, 254, 255, 254, 255


def sections(event):
    """(kind, where its content begins, where it ends) of each."""
    at = HEAD
    while at < len(event):
        kind, size = struct.unpack_from("=HH", event, at)
        yield kind, at + FRONT, at + size
        at += (size + 7) & ~7


def padded(name, size):
    return name[:size - 1].ljust(size, b"\0")


def head(kind, like, body):
    cpu, time = struct.unpack_from("=IQ", like, 4)
    return struct.pack("=HBBIQIi", HEAD + len(body), 2, kind, cpu, time, 0, 0) + body


def lookup(like, who, name):
    """What /proc said of a process: its program, control group, container and unit."""
    strings = [name[:255], b"/" + name[:254], name[:71], name[:127]]
    body = who + padded(name, COMM) + b"".join(s + b"\0" for s in strings)
    return head(EV_LOOKUP, like, struct.pack("=HHI", SEC_LOOKUP, FRONT + len(body), 0) + body)


def frames(like, name):
    """The stack of the thread whose event comes next."""
    text = name[:199]
    frame = struct.pack("=Q20sBBH", 16, b"\1" * 20, 2, 0, len(text)) + text
    frame = frame.ljust((len(frame) + 7) & ~7, b"\0")
    return head(EV_FRAMES, like, struct.pack("=HHI", SEC_FRAMES, FRONT + 2 * len(frame), 0) + 2 * frame)


def renamed(event, name):
    """The event with other names, the stack before it, and what is looked up after it."""
    event, answers = bytearray(event), []
    for kind, begin, _ in list(sections(event)):
        if kind not in COMM_AT:
            continue
        at = begin + COMM_AT[kind]
        event[at:at + COMM] = padded(name, COMM)
        cgroup, pid, tid = (begin + off for off in WHO_AT[kind])
        answers.append(lookup(event, bytes(event[cgroup:cgroup + 8] + event[pid:pid + 4] + event[tid:tid + 4] +
                                           event[at:at + COMM]), name))
    if event[3] == RECEIVED:
        text = name[:255]
        event += struct.pack("=HHII", PAYLOAD, FRONT + 264, 0, len(text)) + padded(text, 256) + bytes(4)
        struct.pack_into("=H", event, 0, len(event))
    return [frames(event, name), bytes(event), *answers]


def hostile_recording(path, name, source="wire2-close-with-unread.rec", shift=0):
    meta, events = recording.load(os.path.join(DATA, source))
    text = name.decode("utf-8", "replace")
    meta.update(host=text, release=text, reasons=[text[:200]] * len(meta["reasons"]))
    out = []
    for event in events:
        if event[3] == EV_LOOKUP:
            continue
        event = bytearray(event)
        struct.pack_into("=Q", event, 8, struct.unpack_from("=Q", event, 8)[0] + shift)
        out += renamed(event, name)
    with open(path, "wb") as f:
        f.write(json.dumps(meta, separators=(",", ":")).encode() + b"\n")
        for event in out:
            f.write(struct.pack("<I", len(event)) + event)


def hostile_line(line, name):
    """A record with every string of it replaced: what JSON takes, unpaired surrogates and all."""
    record, text = json.loads(line), name.decode("utf-8", "surrogateescape")
    if record.get("type") == "end":
        return line
    for key, value in record.items():
        if isinstance(value, str) and key not in ("schema", "type", "saddr", "daddr", "kind", "outcome"):
            record[key] = text
    record.update({key: text for key in ("host", "sender_container_name", "sender_pod", "victim_unit", "rst_text",
                                         "follows", "situation")})
    return json.dumps(record, separators=(",", ":")).encode()


def hostile_lines(path, name, source="wire2-close-with-unread.json"):
    with open(os.path.join(DATA, source), "rb") as f:
        lines = f.read().splitlines()
    with open(path, "wb") as f:
        for line in lines:
            f.write(hostile_line(line, name) + b"\n")
            # the same with bytes as they are, which JSON does not allow
            f.write(hostile_line(line, b"RAW").replace(b"RAW", name.replace(b'"', b"").replace(b"\\", b"")
                                                       .replace(b"\n", b"").replace(b"\r", b"")) + b"\n")
