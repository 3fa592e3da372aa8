# SPDX-License-Identifier: GPL-2.0
"""Which differences between ladders pass: those that tests/vm/differences names, and what a record leaves
out near a loss."""
import collections
import fnmatch

from coverage_page import NOTHING, text

FIGURES = {"cause_text", "situation_text", "advice"}
# These follow from the cause, or from the situation: they are not compared if that differs.
OF_CAUSE = FIGURES | {"confidence", "situation", "situation_confidence"}
OF_SITUATION = FIGURES - {"cause_text"} | {"situation_confidence"}
NEAR_A_LOSS = "a race: near a loss a record claims less, and names the loss"

Named = collections.namedtuple("Named", "where scenario key old new reason")


def read_named(path):
    rows = []
    with open(path, encoding="utf-8") as f:
        for line in f:
            if not line.strip() or line.startswith("#"):
                continue
            where, what, reason = line.strip().split(None, 2)
            what, _, values = what.partition("=")
            old, _, new = (values or f"*->{NOTHING}").partition("->")
            scenario, _, key = what.rpartition(":")
            rows.append(Named(where, scenario or "*", key, old, new, reason))
    return rows


def fits(value, patterns):
    return any(fnmatch.fnmatchcase(value, p) for p in patterns.split("|"))


def reason_for(rows, run, scenario, key, old, new, lossy=False):
    """`old` may have alternatives, as a scenario may allow several values."""
    if lossy and key != "incident" and (old is None or new is None or key in OF_CAUSE):
        return NEAR_A_LOSS
    for row in rows:
        if fits(f"{run.kernel}/{run.hooks}", row.where) and fits(scenario, row.scenario) and \
                fits(key.replace("[]", ""), row.key.replace("[]", "")) and \
                any(fits(o, row.old) for o in text(old).split("|")) and fits(text(new), row.new):
            return row.reason
    return None
