#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Makes test data of a recording (rsttrace --record): names no host, keeps only what matters.

    adopt.py SOURCE.rec NAME.rec [--netns INODE]... [--without-port PORT] [--first N]
             [--reason OLD=NEW] [--unseen]

Keeps the events of some network namespaces (default: the one with most events), drops those of
a port, and all after the first N. The events themselves stay as the kernel side wrote them.
--reason gives one of the kernel's reasons another name, as a kernel to come might. --unseen leaves
out the events of the sending, as if they had been lost.
"""
import argparse
import collections
import struct
import sys

sys.dont_write_bytecode = True

import recording

TYPE, FLOW = 3, 192        # offsetof(struct rst_event, type), flow; see bpf/event.h
SENT = (1, 2)              # EV_SENT_ACTIVE, EV_SENT_REPLY


def ports(event):
    return struct.unpack_from("=HH", event, FLOW + 32)


def netns(event):
    return struct.unpack_from("=I", event, FLOW + 40)[0]


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
        args.netns = [collections.Counter(map(netns, found)).most_common(1)[0][0]]
    kept = [e for e in found if netns(e) in args.netns and args.without_port not in ports(e)]
    if args.unseen:
        kept = [e for e in kept if e[TYPE] not in SENT]
    kept = kept[:args.first]
    recording.save(args.dest, meta, kept)
    print(f"{args.dest}: {len(kept)} of {len(found)} events", file=sys.stderr)


if __name__ == "__main__":
    main()
