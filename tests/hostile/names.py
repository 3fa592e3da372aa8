#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""names.py [BUILD] - hostile names of processes, peers, hosts and files, through every sink.

A name of NAMES (made.py) takes the place of every name in a recording, and in a file of JSON Lines.
Each row of the tables below is a command and what its output has to be (checks.py), whatever the
name. Needs no privileges. tshark reads the captures where there is one.
"""
import os
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import checks  # noqa: E402
import made  # noqa: E402

BUILD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "build")
BYS = ["cause", "pair", "process", "container"]
ENV = {**os.environ, "TZ": "UTC0", "LC_ALL": "C.UTF-8", "COLUMNS": "160", "UBSAN_OPTIONS": "halt_on_error=1"}
failures = []
passed = 0

# what is printed, by a command line: (arguments, what standard output has to be)
REPLAYED = [
    (["-v", "--all"], checks.terminal),
    (["-v", "--all", "--events"], checks.terminal),
    (["--color=always"], checks.coloured),
    (["--json", "--events"], checks.lines),
    *[(["top", "--once", "--by", by], checks.terminal) for by in BYS],
]
REPORTED = [
    *[(["--by", by], checks.terminal) for by in ["cause", "situation", "pair", "process", "unit", "host"]],
    *[(["--json", "--by", by], checks.lines) for by in ["cause", "process", "host"]],
]


def run(args, stdin=b""):
    done = subprocess.run(args, input=stdin, capture_output=True, env=ENV, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


def expect(what, check, data, status=0, statuses=(0,)):
    """Passes when the check finds nothing wrong with the data, and the program has ended as it should."""
    global passed
    try:
        checks.want(status in statuses, f"exit status {status}")
        check(data)
        passed += 1
    except checks.Wrong as e:
        failures.append(f"FAIL hostile {what}: {e}")
        print(failures[-1])


def printed(what, args, check, statuses=(0,), stdin=b""):
    status, out, err = run([f"{BUILD}/rsttrace", *args], stdin)
    expect(what, check, out, status, statuses)
    expect(f"{what}, standard error", checks.terminal, err)
    return err


def from_recording(name, path, scratch, page):
    for args, check in REPLAYED:
        printed(f"{name}: {' '.join(args)}", [*args, "--replay", path], check)
    files = {"json-file": checks.lines, "pcapng": checks.pcapng, "junit": checks.junit, "html": page}
    args = [f"--{kind}={scratch}/{kind}" for kind in files]
    printed(f"{name}: all files", [*args, "--replay", path], checks.terminal)
    for kind, check in files.items():
        with open(f"{scratch}/{kind}", "rb") as f:
            expect(f"{name}: --{kind}", check, f.read())
    for form, check in (("", checks.prometheus), ("open", checks.open_metrics)):
        status, out, _ = run([f"{BUILD}/hostile_metrics", path, *([form] if form else [])])
        expect(f"{name}: metrics {form}", check, out, status)


def from_lines(name, paths, scratch, page):
    """The files have lines that are no JSON among good ones, hence the status."""
    for args, check in REPORTED:
        printed(f"{name}: report {' '.join(args)}", ["report", *args, *paths], check, (0, 1))
    printed(f"{name}: report, files", ["report", f"--pcapng={scratch}/r.pcapng", f"--html={scratch}/r.html", *paths],
            checks.terminal, (0, 1))
    for path, check in ((f"{scratch}/r.pcapng", checks.pcapng), (f"{scratch}/r.html", page)):
        with open(path, "rb") as f:
            expect(f"{name}: {os.path.basename(path)}", check, f.read())
    printed(f"{name}: compare", ["report", "--compare", "--by", "pair", *paths[:2]], checks.terminal, (0, 1))


def file_names(name, raw, scratch):
    """The name is a file's: whatever is said of the file stays one line."""
    path = os.path.join(scratch.encode(), raw.replace(b"/", b"_")[:200])
    if os.path.basename(path) in (b".", b".."):
        return
    shutil.copy(os.path.join(made.DATA, "wire2-closed-port.rec"), path)
    with open(path, "r+b") as f:
        f.truncate(1600)
    for what, args, status in (
            ("damaged", ["--replay", path, "-q"], 1), ("damaged, in a report", ["report", path], 1),
            ("damaged, in top", ["top", "--once", "--replay", path], 1),
            ("missing", ["--replay", path + b"x"], 1), ("missing, in a report", ["report", path + b"x"], 1),
            ("not to be written", ["--replay", path, "--json-file", path + b"/x"], 1)):
        err = printed(f"{name}: a file's name, {what}", args, checks.terminal, (status,))
        expect(f"{name}: a file's name, {what}: one line",
               lambda data: checks.want(data.count(b"\n") == 1, f"not one line: {data!r}"),
               b"\n".join(line for line in err.split(b"\n") if line.startswith(b"rsttrace: ") or not line))
    os.remove(path)


def words(name, raw):
    """The name is a word on the command line, or a line of a log."""
    printed(f"{name}: an option's value", ["--port", raw], checks.terminal, (2,))
    printed(f"{name}: no option", [b"--" + raw], checks.terminal, (2,))
    printed(f"{name}: explain", ["explain", raw], checks.terminal, (0, 2))
    printed(f"{name}: explain a log", ["explain", "-"], checks.terminal,
            stdin=raw + b" read ECONNRESET\n" + raw + b": Broken pipe\n")


def with_tshark(what, path, packets):
    if not shutil.which("tshark"):
        return 1
    status, out, err = run(["tshark", "-r", path, "-T", "fields", "-e", "frame.number", "-e", "frame.comment"])
    expect(f"tshark: {what}", lambda data: checks.want(b"malformed" not in data.lower() and b"damaged" not in data and
                                                       len(data.splitlines()) >= packets, f"{data[-300:]!r} {err!r}"),
           out, status)
    return 0


def ordinary_page(scratch, plain):
    """The elements of pages with ordinary names: of one reset, and of as many as the tests have."""
    known = checks.elements(b"")
    for args in (["--replay", plain], ["report", plain, f"{scratch}/plain.json"], ["report", made.DATA]):
        run([f"{BUILD}/rsttrace", f"--html={scratch}/plain.html", *args])
        with open(f"{scratch}/plain.html", "rb") as f:
            one = checks.elements(f.read())
        known.found |= one.found
        known.scripts = one.scripts
    return known


def main():
    with tempfile.TemporaryDirectory(prefix="rsttrace-hostile-") as scratch:
        plain, paths = f"{scratch}/plain.rec", []
        made.hostile_recording(plain, b"plain")
        made.hostile_lines(f"{scratch}/plain.json", b"plain")
        page = checks.page(ordinary_page(scratch, plain))
        for i, (name, raw) in enumerate(made.NAMES.items()):
            rec, lines = f"{scratch}/{name}.rec", f"{scratch}/{name}.json"
            made.hostile_recording(rec, raw, shift=i * 10**9)
            made.hostile_lines(lines, raw)
            from_recording(name, rec, scratch, page)
            from_lines(name, [lines, f"{scratch}/json-file", rec], scratch, page)
            file_names(name, raw, scratch)
            words(name, raw)
            paths.append(rec)
        run([f"{BUILD}/rsttrace", "report", f"--pcapng={scratch}/all.pcapng", *paths])
        skipped = with_tshark("all of them", f"{scratch}/all.pcapng", len(paths))
    print(f"{passed} passed, {len(failures)} failed, {skipped} skipped")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
