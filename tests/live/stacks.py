#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Stacks of programs built in many ways: each has the names of the functions that were called.

    stacks.py [DIRECTORY WITH rsttrace]

One tracer looks at all of them, in a network namespace of this test's own; what it says of
a program is compared with the functions in resetter.c.
"""
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import tempfile

import lab

CLOSES = ["give_up", "shop::Order::cancel", "shop::cart::drop", "handle", "serve", "main"]
FAILS = ["ask", "serve", "main"]
FRAME = re.compile(r"(?P<mark>\? )?(?P<name>.*)\+0x[0-9a-f]+ \((?P<file>.*)\)")
DEBUG = "/usr/lib/debug"

build = lab.build_folder()
rsttrace = os.path.abspath(build + "/rsttrace")
checks, details = {}, []


class Tracer:
    def __init__(self, *options):
        self.process, _ = lab.start(rsttrace, "--json", *options)

    def record_of(self, pid):
        for line in self.process.stdout:
            record = json.loads(line)
            if record.get("sender_pid") == pid:
                return record
        sys.exit("stacks: the tracer ended")

    def pause(self):
        """Stops the tracer: it takes in later events only after go()."""
        self.process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self.process.pid, os.WSTOPPED)

    def go(self):
        self.process.send_signal(signal.SIGCONT)

    def end(self):
        lab.end(self.process)


def run(tracer, program, *args, root=None, before=None, lives=True):
    """The record of a program's reset. The tracer reads it while the program lives, or after its end."""
    late = before or not lives
    if late:
        tracer.pause()
    p = subprocess.Popen([program, *args], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                         preexec_fn=(lambda: os.chroot(root)) if root else None)
    if p.stdout.readline() != "done\n":
        sys.exit("stacks: %s resets nothing" % program)
    if before:
        before()
    if not lives:
        p.communicate("")
    if late:
        tracer.go()
    record = tracer.record_of(p.pid)
    if lives:
        p.communicate("")
    return record


def names(stack):
    return [m["name"] if (m := FRAME.fullmatch(f)) else f for f in stack or []]


def judge(what, good, told=None):
    checks[what] = good
    if not good:
        details.append(json.dumps(told))


def has(stack, wanted):
    """Whether the stack has the wanted functions, one right after another."""
    got = names(stack)
    return any(got[i:i + len(wanted)] == wanted for i in range(len(got)))


def judge_whole(what, record, closes=CLOSES):
    judge(what, has(record.get("sender_stack"), closes) and has(record.get("victim_stack"), FAILS) and
          not any(f.startswith("? ") for f in record["victim_stack"]), record)


def strip(source, target, debug):
    """Makes a program without names, and a debug file that has them."""
    subprocess.run(["objcopy", "--only-keep-debug", source, debug], check=True)
    subprocess.run(["objcopy", "--strip-all", source, target], check=True)


def build_id(program):
    notes = subprocess.run(["readelf", "-n", program], check=True, capture_output=True, text=True).stdout
    return re.search(r"Build ID: ([0-9a-f]+)", notes)[1]


def debug_file(folder, program):
    number = build_id(program)
    return "%s/.build-id/%s/%s.debug" % (folder, number[:2], number[2:])


def kernel_stack(record):
    stack = record.get("sender_kstack", [])
    functions = [f.split("+")[0] for f in stack]
    judge("kernel", "__tcp_close" in functions and
          functions[0].startswith("tcp_send_active_reset") and
          any("close" in f and "sys" in f for f in functions), record)


def with_debuglink(tracer, work):
    program, debug = work + "/linked", work + "/.debug/linked.debug"
    os.mkdir(work + "/.debug")
    strip(build + "/stacks/plain", program, debug)
    subprocess.run(["objcopy", "--add-gnu-debuglink=" + debug, program], check=True)
    judge_whole("debuglink", run(tracer, program))


def in_a_root(tracer, work):
    """A program in a root of its own, with debug files that are not reachable outside."""
    root = work + "/root"
    debug = debug_file(root + DEBUG, build + "/stacks/static")
    os.makedirs(os.path.dirname(debug))
    strip(build + "/stacks/static", root + "/program", debug)
    judge_whole("own-root", run(tracer, "/program", root=root))


def deleted(tracer, work):
    program = work + "/deleted"
    shutil.copy(build + "/stacks/plain", program)
    judge_whole("deleted", run(tracer, program, before=lambda: os.unlink(program)))


def compiled(tracer):
    if platform.machine() != "x86_64":
        return
    record = run(tracer, build + "/stacks/plain", "compiled")
    stack = record.get("sender_stack", [])
    judge("perf-map", has(stack, ["give_up", "Shop.checkout"]) and
          any(f.startswith("? handle+") for f in stack), record)
    os.unlink("/tmp/perf-%d.map" % record["sender_pid"])


def gone(tracer):
    """Of a program that has ended there are only the frames that the kernel found by frame pointers; the
    caller of the library's function is not among them."""
    record = run(tracer, build + "/stacks/pointer", lives=False)
    stack = record.get("sender_stack", [])
    judge("gone",
          has(stack, ["shop::Order::cancel", "shop::cart::drop", "handle", "serve", "main"]) and
          all(f.startswith("? ") for f in stack[1:]), record)


def replayed(rec, live, stripped, original):
    """A replay gives the same stacks, and more names where there are debug files."""
    def replay(*command):
        out = subprocess.run([*command, rsttrace, "--json", "--replay", rec], check=True,
                             capture_output=True, text=True).stdout
        return {r["id"]: r for r in map(json.loads, out.splitlines()) if "id" in r}

    def stacks(record):
        return {k: v for k, v in record.items() if "stack" in k}

    told = replay()
    judge("replayed", all(stacks(told[r["id"]]) == stacks(r) for r in live), told)
    made = not os.path.isdir(DEBUG)
    if made:
        os.mkdir(DEBUG)
    debug = debug_file(DEBUG, original)
    told = replay("unshare", "--mount", "sh", "-ec", 'mount -t tmpfs none "$1"; mkdir -p "${2%/*}"; '
                  'objcopy --only-keep-debug "$3" "$2"; shift 3; exec "$@"', "sh", DEBUG, debug, original)
    if made:
        os.rmdir(DEBUG)
    judge_whole("replayed-with-debug-files", told[stripped["id"]])


def main():
    check = subprocess.run([rsttrace, "check", "--json"], capture_output=True, text=True).stdout
    if json.loads(check)["program_stacks"] != "names":
        lab.skip("stacks", "built without libdw")
    lab.own_namespace()
    with tempfile.TemporaryDirectory() as work:
        rec = work + "/events.rec"
        tracer = Tracer("--stacks", "--record", rec)
        live = [run(tracer, build + "/stacks/pointer"), run(tracer, build + "/stacks/plain")]
        judge_whole("frame-pointers", live[0])
        judge_whole("no-frame-pointers", live[1])
        kernel_stack(live[0])
        with_debuglink(tracer, work)
        in_a_root(tracer, work)
        deleted(tracer, work)
        compiled(tracer)
        gone(tracer)
        strip(build + "/stacks/plain", work + "/stripped", work + "/unused")
        stripped = run(tracer, work + "/stripped")
        own = [f for f in stripped["sender_stack"] if f.endswith("(stripped)")]
        judge("stripped", len(own) >= len(CLOSES) and
              all(n in ("", "_start") for n in names(own)), stripped)
        tracer.end()
        replayed(rec, live, stripped, build + "/stacks/plain")
        tracer = Tracer()
        record = run(tracer, build + "/stacks/plain")
        judge("not-asked-for", not any("stack" in key for key in record), record)
        tracer.end()
    lab.verdict("stacks", checks, *details)


if __name__ == "__main__":
    main()
