# SPDX-License-Identifier: GPL-2.0
"""Reads the facts that are compared out of rsttrace's JSON lines."""

import json

from .pcap import Reset
from .strace_log import Call

# An incident of these kinds is a segment on the wire.
ON_THE_WIRE = {"active", "reply", "netfilter", "received"}


# Keys that an inferred error must not have.
NAMES_A_CALL = {"syscall", "fd"}


class BadRecord(Exception):
    pass


def flow_at(record, side):
    sender = (record["saddr"], record["sport"])
    victim = (record["daddr"], record["dport"])
    return sender + victim if side == "sender" else victim + sender


def unseen(error):
    """Whether an error is inferred, and, as it has to be then, names no call."""
    return error.get("inferred") and not NAMES_A_CALL & error.keys()


class Records:
    """rsttrace's output about one network namespace: the last revision of each
    incident, and the end line."""

    def __init__(self, path, netns):
        self.incidents = {}
        self.end = None
        with open(path, encoding="utf-8") as f:
            for line in f:
                self.take(json.loads(line), netns)

    def take(self, record, netns):
        if record.get("schema") != "rsttrace/1":
            raise BadRecord(f"not of the schema rsttrace/1: {record}")
        if record.get("type") == "end":
            self.end = record
        elif "netns" not in record and "losses" not in record:
            raise BadRecord(f"an incident without its network namespace: {record}")
        elif record.get("netns") == netns:
            before = self.incidents.get(record["id"])
            if before and before["rev"] >= record["rev"]:
                raise BadRecord(f"revision {record['rev']} of {record['id']} after "
                                f"{before['rev']}")
            self.incidents[record["id"]] = record

    def resets(self):
        """A reset whose sequence number was not seen has None there."""
        return [Reset(r["saddr"], r["sport"], r["daddr"], r["dport"], r.get("rst_seq"))
                for r in self.incidents.values() if r["kind"] in ON_THE_WIRE]

    def all_errors(self, errors):
        return [(r, e) for r in self.incidents.values() for e in r.get("errors", [])
                if e.get("errno") in errors]

    def calls(self, errors):
        """The failing calls, each with the flow as its own end saw it."""
        return [Call(e.get("tid"), e.get("syscall"), e.get("fd"), e.get("errno"),
                     e.get("sigpipe", None if e.get("errno") == "EPIPE" else False),
                     flow_at(r, e.get("side")))
                for r, e in self.all_errors(errors) if not unseen(e)]

    def taken(self, errors):
        """The inferred errors: only that some call took the error is known, and perhaps in which
        thread: (errno, tid, flow)."""
        return [(e["errno"], e.get("tid"), flow_at(r, e.get("side")))
                for r, e in self.all_errors(errors) if unseen(e)]

    def silent_aborts(self):
        """Aborts without a segment and without a failing call: the other tools cannot see them."""
        return [r for r in self.incidents.values()
                if r["kind"] not in ON_THE_WIRE and not r.get("errors")]

    def lost(self):
        return self.end.get("lost", 0) if self.end else None
