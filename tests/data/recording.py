# SPDX-License-Identifier: GPL-2.0
"""A recording (rsttrace --record): a line of JSON, then events, each with its size before it."""

import json
import struct


def load(path):
    """Returns (what the first line says, the events as bytes)."""
    with open(path, "rb") as f:
        meta = json.loads(f.readline())
        data = f.read()
    events, at = [], 0
    while at < len(data):
        size, = struct.unpack_from("<I", data, at)
        events.append(data[at + 4:at + 4 + size])
        at += 4 + size
    return meta, events


def save(path, meta, events):
    with open(path, "wb") as f:
        f.write(json.dumps(meta, separators=(",", ":")).encode() + b"\n")
        for event in events:
            f.write(struct.pack("<I", len(event)) + event)
