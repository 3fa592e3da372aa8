#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A storm of resets is counted to the last one, sampled by whole chains, and hides no other kind.

    sampled.py [DIRECTORY WITH rsttrace] [REFUSALS]

In a network namespace of this test's own one process is refused again and again, more often than
--rate lets through; meanwhile others close connections to ports of their own with SO_LINGER 0, are
refused on other ports, and on the storm's.
"""
import collections
import json
import os
import socket
import struct
import sys

import lab

RATE = 20
REFUSALS = int(sys.argv[2]) if len(sys.argv) > 2 else 20000
FIRST_PORT = 20000
SCATTERED = 100
ALSO_CLOSED = [*range(10, 20), *range(50000, 50040)]     # ... where clients have theirs
OTHERS = 20             # programs refused once each where the storm is


def close_with_linger_zero(port):
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen()
        with socket.create_connection(("127.0.0.1", port)) as client:
            server, _ = listener.accept()
            server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            server.close()
            try:
                client.recv(1)
            except ConnectionResetError:
                pass


def forked(fn, *args):
    child = os.fork()
    if not child:
        fn(*args)
        os._exit(0)
    return child


def storm():
    """Plays the storm in a process of its own, and meanwhile the other resets."""
    children = [forked(lab.refuse, REFUSALS)]
    for i in range(SCATTERED):
        close_with_linger_zero(FIRST_PORT + i)
    for port in ALSO_CLOSED:
        lab.refuse(1, port)
    children += [forked(lab.refuse, 1) for _ in range(OTHERS)]
    return sum(os.waitpid(child, 0)[1] for child in children)


def trace(rsttrace):
    """Runs the tracer around the storm: its records and what it wrote to stderr."""
    tracer, _ = lab.start(rsttrace, "--json", "--settle", "300", "--rate", str(RATE))
    child = storm()
    records, said = lab.end(tracer)
    return records, said, tracer.returncode, child


def last_revisions(records, netns):
    return list({r["id"]: r for r in records if r.get("netns") == netns and "id" in r}.values())


def sum_of(rows, key, **want):
    return sum(row[key] for row in rows if all(row.get(k) == v for k, v in want.items()))


def main():
    if os.geteuid():
        lab.skip("sampled", "needs root")
    lab.own_namespace()
    netns = lab.netns()
    records, said, status, child = trace(os.path.join(lab.build_folder(), "rsttrace"))
    end = records[-1]
    incidents = last_revisions(records, netns)
    refused = [r for r in incidents if r["cause"] == "closed-port" and r["sport"] == lab.CLOSED_PORT]
    elsewhere = [r for r in incidents if r["cause"] == "closed-port" and r["sport"] != lab.CLOSED_PORT]
    by = collections.Counter(r.get("victim_pid") for r in refused if "sampled" not in r)
    total = REFUSALS + len(ALSO_CLOSED) + OTHERS
    scattered = [r for r in incidents if r["cause"] == "linger-zero"]
    counts = [row for row in end["counts"] if row.get("netns") == netns]
    account = next(row for row in end["namespaces"] if row["netns"] == netns)
    lab.verdict("sampled", {
        "all-ended-well": status == 0 and child == 0,
        "nothing-was-lost": end["lost"] == 0,
        "every-refusal-is-counted": sum_of(counts, "count", **{"class": "closed-port"}) == total,
        "every-receipt-is-counted": sum_of(counts, "count", **{"class": "refused"}) == total,
        "a-record-or-counted-only":
        len(incidents) - len(scattered) + sum_of(counts, "counted_only", **{"class": "closed-port"})
        == total,
        "most-are-counted-only": RATE <= len(refused) < REFUSALS / 4,
        "some-are-sampled": any(r.get("sampled", 0) > 1 for r in refused),
        "the-first-are-not": sum("sampled" not in r for r in refused) >= RATE,
        "chains-are-whole": all(r["outcome"] == "error" and r.get("victim_pid") for r in refused),
        "no-call-is-left-over": end["unmatched_errors"] == 0,
        "the-kernel-counted-as-many": account["difference"] == 0,
        "all-have-an-explanation": account["explained"] == account["out_rsts"],
        "no-other-kind-is-hidden": len({r["sport"] for r in scattered}) == SCATTERED and
        all("sampled" not in r and r["outcome"] == "error" and r.get("sender_syscall") == "close"
            for r in scattered),
        "no-other-port-is-hidden": sorted(r["sport"] for r in elsewhere) == ALSO_CLOSED and
        all("sampled" not in r and r["outcome"] == "error" for r in elsewhere),
        # some may be counted with the storm: in a softirq another program may be running
        "nor-are-most-other-programs": len(by) - 1 > OTHERS / 2,
        "the-summary-says-it": "only counted (--rate)" in said,
    }, f"refused {len(refused)} {by}, elsewhere {len(elsewhere)}, scattered {len(scattered)}, "
        f"{collections.Counter(r['outcome'] for r in incidents)}, end line {json.dumps(end)}", said)


main()
