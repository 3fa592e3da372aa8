#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Makes test data from a recording (rsttrace --record): without the host's name, and no larger than needed.

    adopt.py SOURCE.rec NAME.rec [--netns INODE]... [--without-port PORT] [--first N]
             [--reason OLD=NEW] [--unseen]

Keeps the events of some network namespaces (default: the one with most events), drops those of
a port, and all after the first N. The events themselves stay as the kernel side wrote them.
--reason gives one of the kernel's reasons another name, as a later kernel might. --unseen leaves
out the events of the sending, as if they had been lost.
"""
import argparse
import collections
import struct
import sys

sys.dont_write_bytecode = True

import recording

# see bpf/wire.h: offsets in struct rst_head, and where the sections begin
WIRE, TYPE, SECTIONS = 2, 3, 24
SEC_FLOW, FRONT = 3, 8
FIXED_FLOW = 192           # where the first wire has the flow
SENT = (1, 2)              # EV_SENT_ACTIVE, EV_SENT_REPLY


def flow(event):
    """The offset of the flow in an event; None: it has none."""
    if event[WIRE] == 1:
        return FIXED_FLOW
    at = SECTIONS
    while at < len(event):
        kind, size = struct.unpack_from("=HH", event, at)
        if kind == SEC_FLOW:
            return at + FRONT
        at += (size + 7) & ~7
    return None


def ports(event):
    at = flow(event)
    return struct.unpack_from("=HH", event, at + 32) if at else ()


def netns(event):
    at = flow(event)
    return struct.unpack_from("=I", event, at + 40)[0] if at else None


def main():
    p = argparse.ArgumentParser()
    p.add_argument("source")
    p.add_argument("dest")
    p.add_argument("--netns", type=int, action="append")
    p.add_argument("--without-port", type=int, default=9)
    p.add_argument("--first", type=int)
    p.add_argument("--reason", metavar="OLD=NEW")
    p.add_argument("--unseen", action="store_true")
    args = p.parse_args()

    meta, found = recording.load(args.source)
    meta["host"] = "testhost"
    meta.pop("boot", None)
    meta["release"] = meta["release"].split("-")[0]
    if args.reason:
        old, new = args.reason.split("=")
        meta["reasons"][meta["reasons"].index(old)] = new
    if not args.netns and found:
        args.netns = [collections.Counter(filter(None, map(netns, found))).most_common(1)[0][0]]
    kept = [e for e in found if netns(e) in args.netns and args.without_port not in ports(e)]
    if args.unseen:
        kept = [e for e in kept if e[TYPE] not in SENT]
    kept = kept[:args.first]
    recording.save(args.dest, meta, kept)
    print(f"{args.dest}: {len(kept)} of {len(found)} events", file=sys.stderr)


if __name__ == "__main__":
    main()
