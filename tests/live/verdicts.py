#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""verdicts.py BUILD - whether the scenarios' verdicts fail when they should.

Plays some scenarios, keeps their scenes, and has them judged by the recording: as they are, and
with one expectation at a time made wrong. Then applies the rules by which compare.py lets a play
that failed once pass to made-up runs.
"""
import copy
import json
import os
import subprocess
import sys
import tempfile

BUILD = sys.argv[1] if len(sys.argv) > 1 else "build"
HERE = os.path.dirname(os.path.abspath(__file__))
NAMES = ["linger-zero", "close-with-unread", "closed-port", "epipe-nosignal", "healthy"]
passed, failed = 0, 0


def expect(what, expected, got):
    global passed, failed
    if expected == got:
        passed += 1
    else:
        failed += 1
        print(f"FAIL verdicts: {what}: expected {expected}, got {got}")


def scenarios(*args):
    return subprocess.run([f"{BUILD}/scenarios", "--rsttrace", f"{BUILD}/rsttrace", *args],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def field(scene, key):
    return next(f for f in scene["expects"][0]["fields"] if f["key"] == key)


def other_cause(scene):
    field(scene, "cause")["str"] = "socket-killed"


def other_process(scene):
    field(scene, "sender_pid")["num"] += 1


def other_owner(scene):
    field(scene, "sender_owner")["str"] = "kernel"


def other_evidence(scene):
    field(scene, "sender_unread")["num"] += 1


def one_more(scene):
    scene["expects"].append(copy.deepcopy(scene["expects"][0]))


def another_before(scene):
    """Expects, before this reset, another one on the same connection; there is no record of that one."""
    scene["expects"].insert(0, copy.deepcopy(scene["expects"][0]))
    field(scene, "kind")["str"] = "reply"
    field(scene, "cause")["str"] = "stray-segment"


def one_less(scene):
    scene["expects"] = []


def one_call_more(scene):
    errors = scene["expects"][0]["errors"]
    errors.append(copy.deepcopy(errors[0]))


def one_call_less(scene):
    scene["expects"][0]["errors"].pop()


def never_came_about(scene):
    scene["done"] = False
    scene["complaints"] = [{"kind": "scene", "absent": False, "key": "", "expected": "",
                            "got": "a socket's state"}]


# what is altered in close-with-unread: the verdict, and its grade
ALTERED = {
    other_cause: ("FAIL", "wrong"),
    other_process: ("FAIL", "wrong"),
    other_owner: ("FAIL", "wrong"),
    other_evidence: ("again", "otherwise"),
    one_more: ("again", "missing"),
    another_before: ("again", "missing"),
    one_less: ("FAIL", "wrong"),
    one_call_more: ("again", "missing"),
    one_call_less: ("FAIL", "wrong"),
    never_came_about: ("again", "unplayed"),
}


def judge(scratch, lines, recording):
    """{scenario: (verdict, grade)}, and the exit status."""
    kept, results = f"{scratch}/kept", f"{scratch}/results"
    with open(kept, "w", encoding="utf-8") as f:
        f.writelines(json.dumps(line) + "\n" for line in lines)
    if os.path.exists(results):
        os.remove(results)
    done = scenarios("--judge", kept, "--replay", recording, "--results", results)
    with open(results, encoding="utf-8") as f:
        rows = [json.loads(line) for line in f]
    return {r["scenario"]: (r["verdict"], r["grade"]) for r in rows[:-1]}, done.returncode


def check_judge(scratch):
    rec = f"{scratch}/rec"
    if scenarios("--record", rec, "--keep", f"{scratch}/scenes", *NAMES).returncode:
        print("FAIL verdicts: the scenarios were not played")
        return 1
    with open(f"{scratch}/scenes", encoding="utf-8") as f:
        lines = [json.loads(line) for line in f]
    good = {name: ("ok", "none") for name in NAMES}
    expect("as it was", (good, 0), judge(scratch, lines, rec))
    for alter, verdict in ALTERED.items():
        altered = copy.deepcopy(lines)
        alter(next(s for s in altered if s.get("scenario") == "close-with-unread"))
        expect(alter.__name__, ({**good, "close-with-unread": verdict}, int(verdict[0] == "FAIL")),
               judge(scratch, altered, rec))
    lines[-1]["problems"] = ["lost: expected 0, got 1"]
    expect("what the tracer itself did wrong", (good, 1), judge(scratch, lines, rec))
    with open(rec, "rb") as f:
        meta = f.readline()
    with open(f"{scratch}/empty", "wb") as f:
        f.write(meta)
    verdicts, _ = judge(scratch, lines, f"{scratch}/empty")
    expect("nothing recorded", {"missing"}, {grade for _, grade in verdicts.values()})
    return 0


def row(grade, verdict="again", **complaint):
    kinds = {"unplayed": "scene", "missing": "incidents", "wrong": "value", "otherwise": "value",
             "less": "value"}
    complaint = {"kind": kinds[grade], "grade": grade, "key": "made_up", "expected": "1",
                 **({} if grade == "less" else {"got": "2"}), **complaint}
    return {"verdict": verdict, "grade": grade, "expected": "", "confidence": "", "reason": "",
            "second": False, "complaints": [complaint]}


def write_run(where, rows, gaps):
    os.makedirs(where)
    with open(f"{where}/results", "w", encoding="utf-8") as f:
        f.writelines(json.dumps({"scenario": f"made-up-{i}", **r}) + "\n"
                     for i, r in enumerate(rows))
        f.write(json.dumps({"gaps": gaps, "problems": 0}) + "\n")
    with open(f"{where}/status", "w", encoding="utf-8") as f:
        f.write("0\n")
    with open(f"{where}/told", "w", encoding="utf-8"):
        pass


GOOD = {"verdict": "ok", "grade": "none", "expected": "", "confidence": "", "reason": "",
        "second": False}
# the first result, how many gaps the run knows of, the second result: how many failed
RULES = [
    ("a wrong cause", [row("wrong", "FAIL", key="cause")], 9, [GOOD], 1),
    ("an event is missing, and one was missed", [row("missing")], 1, [GOOD], 0),
    ("an event is missing, and none was missed", [row("missing")], 0, [GOOD], 1),
    ("an event is missing twice", [row("missing")], 9, [row("missing")], 1),
    ("evidence differs", [row("otherwise")], 0, [GOOD], 0),
    ("evidence differs twice", [row("otherwise")], 0, [row("otherwise")], 1),
    ("evidence differs in three", [row("otherwise")] * 3, 9, [GOOD] * 3, 3),
    ("evidence is not told in three, and an event was missed", [row("less")] * 3, 1, [GOOD] * 3, 0),
    ("evidence is not told in three, and none was missed", [row("less")] * 3, 0, [GOOD] * 3, 3),
    ("a scene never came about", [row("unplayed")], 0, [GOOD], 0),
    ("three came about the second time", [row("unplayed")] * 3, 0, [GOOD] * 3, 0),
    ("two never came about, twice", [row("unplayed")] * 2, 0, [row("unplayed")] * 2, 0),
    ("three never came about, twice", [row("unplayed")] * 3, 0, [row("unplayed")] * 3, 3),
    ("an event is missing where nothing counts", [row("missing")], 0, [GOOD], 0, "5.10"),
    ("three are missing where nothing counts", [row("missing")] * 3, 0, [GOOD] * 3, 3, "5.10"),
    ("it was not played again", [row("otherwise")], 0, [], 1),
]


def check_rules(scratch):
    for i, (what, first, gaps, second, wanted, *kernel) in enumerate(RULES):
        run = f"{kernel[0] if kernel else '6.12'}/auto"
        where = f"{scratch}/rules-{i}/{run}"
        write_run(where, first, gaps)
        if second:
            write_run(f"{where}/again", second, 0)
        done = subprocess.run([f"{HERE}/../vm/compare.py", f"{scratch}/rules-{i}", run],
                              stdout=subprocess.PIPE, text=True)
        line = done.stdout.splitlines()[-1]
        expect(what, (f"{wanted} failed", bool(wanted)), (line.split(", ")[1], bool(done.returncode)))


def main():
    with tempfile.TemporaryDirectory(prefix="rsttrace-verdicts-") as scratch:
        if os.geteuid():
            print("0 passed, 0 failed, 1 skipped")
            return 0
        if check_judge(scratch):
            print("0 passed, 1 failed, 0 skipped")
            return 1
        check_rules(scratch)
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


sys.exit(main())
