# SPDX-License-Identifier: GPL-2.0
"""Accounts that are wrong in one place each: a comparison that lets any of them
pass compares nothing."""

import copy


def with_error(incidents):
    return next(r for r in incidents.values() if r.get("errors"))


def drop_incident(incidents):
    incidents.popitem()


def invent_incident(incidents):
    incidents["invented"] = dict(next(iter(incidents.values())), errors=[])


def wrong_sequence(incidents):
    record = next(r for r in incidents.values() if "rst_seq" in r)
    record["rst_seq"] ^= 1


def wrong_direction(incidents):
    record = next(iter(incidents.values()))
    record["saddr"], record["daddr"] = record["daddr"], record["saddr"]
    record["sport"], record["dport"] = record["dport"], record["sport"]


def drop_call(incidents):
    with_error(incidents)["errors"].pop()


def wrong_errno(incidents):
    call = with_error(incidents)["errors"][0]
    call["errno"] = "EPIPE" if call["errno"] == "ECONNRESET" else "ECONNRESET"


def wrong_descriptor(incidents):
    with_error(incidents)["errors"][0]["fd"] += 1


def wrong_thread(incidents):
    with_error(incidents)["errors"][0]["tid"] += 1


def wrong_sigpipe(incidents):
    call = with_error(incidents)["errors"][0]
    call["sigpipe"] = not call.get("sigpipe", False)


WAYS = (drop_incident, invent_incident, wrong_sequence, wrong_direction, drop_call, wrong_errno,
        wrong_descriptor, wrong_thread, wrong_sigpipe)


def accounts(records):
    """Yields (what is wrong, the records with that wrong)."""
    for falsify in WAYS:
        false = copy.deepcopy(records)
        falsify(false.incidents)
        yield falsify.__name__, false
