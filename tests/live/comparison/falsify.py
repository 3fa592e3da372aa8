# SPDX-License-Identifier: GPL-2.0
"""Makes records wrong, in one place each: a comparison that passes with any of them
compares nothing. A way that a workload has no fitting record for (StopIteration) is
left out for that workload."""

import copy

from .records import ON_THE_WIRE, unseen


def on_the_wire(incidents):
    return next(r for r in incidents.values() if r["kind"] in ON_THE_WIRE)


def abort(incidents):
    return next(r for r in incidents.values() if r["kind"] == "timeout" and r.get("errors"))


def errors(incidents):
    return ((r, e) for r in incidents.values() for e in r.get("errors", []))


def call(incidents):
    return next(e for _, e in errors(incidents) if "fd" in e)


def inferred(incidents):
    return next((r, e) for r, e in errors(incidents) if unseen(e))


def drop_incident(incidents):
    incidents.popitem()


def invent_incident(incidents):
    incidents["invented"] = dict(on_the_wire(incidents), errors=[])


def wrong_sequence(incidents):
    record = next(r for r in incidents.values() if "rst_seq" in r)
    record["rst_seq"] ^= 1


def wrong_direction(incidents):
    record = on_the_wire(incidents)
    record["saddr"], record["daddr"] = record["daddr"], record["saddr"]
    record["sport"], record["dport"] = record["dport"], record["sport"]


def drop_call(incidents):
    record, error = next((r, e) for r, e in errors(incidents) if "fd" in e)
    record["errors"].remove(error)


def wrong_errno(incidents):
    error = call(incidents)
    error["errno"] = "EPIPE" if error["errno"] == "ECONNRESET" else "ECONNRESET"


def wrong_call(incidents):
    call(incidents)["syscall"] = "ioctl"


def wrong_descriptor(incidents):
    call(incidents)["fd"] += 1


def wrong_thread(incidents):
    call(incidents)["tid"] += 1


def wrong_sigpipe(incidents):
    error = call(incidents)
    error["sigpipe"] = not error.get("sigpipe", False)


def wrong_end(incidents):
    """Of all: strace does not always know whose a socket was."""
    for _, error in errors(incidents):
        error["side"] = "victim" if error.get("side") == "sender" else "sender"


def abort_as_reset(incidents):
    abort(incidents)["kind"] = "received"


def abort_with_another_errno(incidents):
    error = abort(incidents)["errors"][0]
    error["errno"] = "EHOSTUNREACH" if error["errno"] == "ETIMEDOUT" else "ETIMEDOUT"


def invent_abort(incidents):
    incidents["invented"] = dict(abort(incidents), errors=[])


def drop_inferred(incidents):
    record, error = inferred(incidents)
    record["errors"].remove(error)


def repeat_inferred(incidents):
    record, error = inferred(incidents)
    record["errors"].append(error)


def inferred_with_another_errno(incidents):
    error = inferred(incidents)[1]
    error["errno"] = "EPIPE" if error["errno"] == "ECONNRESET" else "ECONNRESET"


def inferred_not_marked(incidents):
    del inferred(incidents)[1]["inferred"]


def inferred_with_a_name(incidents):
    inferred(incidents)[1]["syscall"] = "recvfrom"


def inferred_of_another_thread(incidents):
    error = inferred(incidents)[1]
    error["tid"] = error.get("tid", 0) + 1


def ring_request_of_another(incidents):
    error = next(e for _, e in errors(incidents) if e.get("syscall") == "io_uring_enter")
    error["tid"] += 1


def swallowed_by_another(incidents):
    error = next(e for _, e in errors(incidents) if e.get("syscall") == "sendmmsg")
    error["fd"] += 1


WAYS = (drop_incident, invent_incident, wrong_sequence, wrong_direction, drop_call, wrong_errno,
        wrong_call, wrong_descriptor, wrong_thread, wrong_sigpipe, wrong_end, abort_as_reset,
        abort_with_another_errno, invent_abort, drop_inferred, repeat_inferred,
        inferred_with_another_errno, inferred_not_marked, inferred_with_a_name,
        inferred_of_another_thread, ring_request_of_another, swallowed_by_another)


def accounts(records):
    """Yields (what is wrong, the records with that wrong)."""
    for falsify in WAYS:
        false = copy.deepcopy(records)
        try:
            falsify(false.incidents)
        except StopIteration:
            continue
        yield falsify.__name__, false
