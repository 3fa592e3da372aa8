#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""rsttrace top on a real terminal, tmux's: what stands on it, what keys do, how it is left.

    top.py BUILD              ends with "N passed, N failed, N skipped"
    top.py BUILD --update     writes the screens in tests/data/top anew: look at them
    top.py BUILD --captures DIR    only writes what the screens look like there

Waits for what is to be on the screen, never for a time. The part about a storm plays in a network
namespace of its own, and wants root.
"""
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(HERE, "..", "data", "top")
RECORDING = os.path.join(DATA, "mixture.rec")
PATIENCE = 30       # seconds at most; each wait usually takes less than one


class Failed(Exception):
    pass


class Terminal:
    """A tmux server with one window, in which a shell runs the program."""

    def __init__(self, work, width, height, command, env=()):
        self.socket = os.path.join(work, f"tmux-{time.monotonic_ns()}")
        self.before, self.after, self.status = (self.socket + s for s in (".before", ".after", ".status"))
        script = (f"stty -g >{self.before}; {command}; echo $? >{self.status}.new; stty -g >{self.after}; "
                  f"mv {self.status}.new {self.status}; exec cat")
        for name in ("TMUX", "NO_COLOR", "COLUMNS", "LINES"):
            os.environ.pop(name, None)
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", str(width), "-y", str(height),
                  *(arg for pair in (("LC_ALL", "C"), ("TZ", "UTC0"), *env) for arg in ("-e", "=".join(pair))),
                  script)

    def tmux(self, *args):
        return subprocess.run(["tmux", "-S", self.socket, *args], check=True, stdout=subprocess.PIPE,
                              universal_newlines=True, encoding="utf-8").stdout

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["tmux", "-S", self.socket, "kill-server"], check=False, stderr=subprocess.DEVNULL)

    def text(self, colors=False):
        return self.tmux("capture-pane", "-p", *(["-e"] if colors else []))

    def wait(self, what, why):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            found = what()
            if found:
                return found
            time.sleep(0.02)
        raise Failed(f"{why}; on the screen is\n{self.text()}")

    def shows(self, *texts):
        self.wait(lambda: (lambda now: all(t in now for t in texts))(self.text()), f"waited for {texts}")
        return self.text()

    def hides(self, text):
        self.wait(lambda: text not in self.text(), f"'{text}' does not go")

    def keys(self, *keys):
        self.tmux("send-keys", *keys)

    def type(self, text):
        self.tmux("send-keys", "-l", text)

    def mode(self, name):
        return self.tmux("display-message", "-p", f"#{{{name}}}").strip()

    def pid(self):
        """The program's pid, once it runs: the shell's only child with its name."""
        shell = self.mode("pane_pid")
        found = subprocess.run(["pgrep", "-P", shell, "-x", "rsttrace"], check=False, stdout=subprocess.PIPE,
                               universal_newlines=True).stdout.split()
        return int(found[0]) if found else None

    def left_clean(self, status):
        """Checks that the program has ended with that status and restored the terminal."""
        self.wait(lambda: os.path.exists(self.status), "it does not end")
        with open(self.status) as f:
            got = f.read().strip()
        if got != str(status):
            raise Failed(f"status {got} instead of {status}; on the screen is\n{self.text()}")
        with open(self.before) as a, open(self.after) as b:
            if a.read() != b.read():
                raise Failed("the terminal's settings are others than before")
        if self.mode("alternate_on") != "0" or self.mode("cursor_flag") != "1":
            raise Failed("the other screen, or no cursor, is left behind")


class Suite:
    def __init__(self, build, work, update):
        self.program = os.path.join(os.path.abspath(build), "rsttrace")
        self.work, self.update = work, update
        self.passed = self.failed = self.skipped = 0

    def replay(self, width, height, options="", env=()):
        return Terminal(self.work, width, height,
                        f"cd {DATA} && {self.program} top -q --replay mixture.rec {options}", env)

    def check(self, fn):
        try:
            fn()
            self.passed += 1
            print(f"ok top {fn.__name__}")
        except Failed as e:
            self.failed += 1
            print(f"FAIL top {fn.__name__}: {e}")

    # ---- a recording

    def golden(self, name, text):
        path = os.path.join(DATA, name + ".screen")
        if self.update:
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
        with open(path, encoding="utf-8") as f:
            want = f.read()
        if text != want:
            raise Failed(f"{path} is\n{want}\nand the screen\n{text}")

    def screens(self):
        """Every view, at both sizes, to the last column."""
        for width, height in ((80, 24), (160, 40)):
            with self.replay(width, height) as t:
                self.golden(f"pair-{width}x{height}", t.shows("37 resets", "q quit", "mixture.rec\n"))
                t.keys("1")
                self.golden(f"cause-{width}x{height}", t.shows("by cause", "linger-zero"))
                t.keys("Enter")
                t.shows("the last 16 resets")
                self.golden(f"story-{width}x{height}", t.shows("q back"))
                t.keys("q", "e")
                self.golden(f"explain-{width}x{height}", t.shows("what close-with-unread means", "q back"))
                t.keys("q", "h")
                self.golden(f"help-{width}x{height}", t.shows("A row counts", "q back"))
                t.keys("q", "q")
                t.left_clean(0)

    def documented(self):
        """The screens in docs/top.md are those of the program."""
        for page, name in (("docs/top.md", "pair-80x24"), ("docs/top.md", "cause-160x40")):
            with open(os.path.join(DATA, name + ".screen"), encoding="utf-8") as f:
                want = "\n".join(line.rstrip() for line in f.read().split("\n") if line.strip())
            with open(os.path.join(HERE, "..", "..", page), encoding="utf-8") as f:
                text = f.read()
            if self.update and want not in text:
                text = re.sub("(```\n)rsttrace top  testhost[^`]*\n" + re.escape(want.split("\n")[3].split()[0]) +
                              "[^`]*?(\n```)", lambda m: m[1] + want + m[2], text)
                with open(os.path.join(HERE, "..", "..", page), "w", encoding="utf-8") as f:
                    f.write(text)
            if want not in text:
                raise Failed(f"{page} does not show\n{want}")

    def keys(self):
        """Sort, group, filter, choose, pause, write."""
        out = os.path.join(self.work, "written")
        with self.replay(80, 24) as t:
            t.shows("37 resets", "by pair, sorted by total")
            t.keys("s")
            t.shows("sorted by hurt")
            t.keys("Tab")
            t.shows("by process, sorted by hurt", "checkout[")
            t.keys("3", "/")
            t.type("cache|probe")
            t.shows("cache|probe_")
            t.keys("Enter")
            t.shows("only /cache|probe/: 2 of 6 rows", "kernel → probe", "cache → worker")
            t.hides("checkout")
            t.keys("Down", "Enter")
            t.shows("cache → worker: the last 6 resets", "─RST→ worker[")
            t.keys("Escape")
            t.shows("only /cache")
            t.keys("Escape")
            t.shows("checkout → web")
            t.keys("p")
            t.shows("PAUSED")
            t.keys("p")
            t.hides("PAUSED")
            t.keys("w", "C-u")
            t.type(out)
            t.keys("Enter")
            t.shows("written: ")
            t.keys("q")
            t.left_clean(0)
        with open(out, encoding="utf-8") as f:
            text = f.read()
        if "cache → worker" not in text or "\x1b" in text or text.count("\n") != 10:
            raise Failed(f"what was written is\n{text}")

    def resize(self):
        with self.replay(80, 24) as t:
            t.shows("HARML.", "q quit")
            t.tmux("resize-window", "-x", "200", "-y", "50")
            t.wait(lambda: t.text().split("\n")[0].rstrip().endswith("sorted by total") and
                   len(t.text().split("\n")[0].rstrip()) == 200, "it does not widen")
            t.shows("HARMLESS", "LATEST CONNECTION")
            t.tmux("resize-window", "-x", "40", "-y", "8")
            t.wait(lambda: "Enter story" in t.text().split("\n")[7], "the last line is not the eighth")
            t.tmux("resize-window", "-x", "80", "-y", "24")
            t.shows("HARML.", "q quit", "broker → pool")
            t.keys("q")
            t.left_clean(0)

    def killed(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
            with self.replay(80, 24) as t:
                t.shows("q quit")
                if t.mode("alternate_on") != "1":
                    raise Failed("not on the terminal's other screen")
                os.kill(t.wait(t.pid, "no process"), number)
                t.left_clean(0)
        with self.replay(80, 24) as t:
            t.shows("q quit")
            t.keys("C-c")
            t.left_clean(0)

    def color(self):
        sgr = re.compile("\x1b\\[([0-9]+;)*[349][0-7][;m]")
        for env, options, colored in (((), "", True), ((("NO_COLOR", "1"),), "", False),
                                      ((), "--color never", False),
                                      ((("NO_COLOR", "1"),), "--color always", True)):
            with self.replay(80, 24, options, env) as t:
                t.shows("q quit")
                if bool(sgr.search(t.text(colors=True))) != colored:
                    raise Failed(f"{env} {options}: {'no ' if colored else ''}colour")
                t.keys("q")
                t.left_clean(0)

    def dumb(self):
        for term in ("dumb", "no-such-terminal", ""):
            with Terminal(self.work, 80, 24, f"TERM={term} {self.program} top --replay {RECORDING}") as t:
                t.shows("cannot place its cursor", "once need none")
                t.left_clean(2)

    def no_terminal(self):
        p = subprocess.run([self.program, "top", "--replay", RECORDING], check=False, stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True)
        if p.returncode != 2 or p.stdout or "--batch" not in p.stderr or p.stderr.count("\n") != 1:
            raise Failed(f"status {p.returncode}, {p.stdout!r}, {p.stderr!r}")

    # ---- the kernel

    def once(self):
        """The text of --once from a live run that is ended by a signal."""
        p = subprocess.Popen([self.program, "top", "--once", "--by", "cause", "-d", "600"], stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True)
        while p.stderr.readline().strip() != "rsttrace: ready":
            if p.poll() is not None:
                raise Failed(f"status {p.returncode} instead of a ready line")
        subprocess.run([sys.executable, os.path.join(HERE, "mixture.py")], check=True)
        p.terminate()
        out, _ = p.communicate(timeout=PATIENCE)
        if p.returncode or not re.search("^37 resets ", out, re.M) or "kernel: 37 sent, 37 received" not in out or \
                not re.search("^closed-port  .* 8 ", out, re.M):
            raise Failed(f"status {p.returncode}:\n{out}")

    def storm(self):
        """In a storm of resets the figures go on changing, and keys work."""
        total = re.compile("^~?([0-9,]+) resets", re.M)

        def count(t):
            found = total.search(t.text())
            return int(found[1].replace(",", "")) if found else 0

        mixture = [sys.executable, os.path.join(HERE, "mixture.py"), "--storm"]
        with Terminal(self.work, 80, 24, f"{self.program} top -q --rate 50") as t:
            t.shows("no reset yet")
            players = [subprocess.Popen(mixture) for _ in range(2)]
            try:
                for _ in range(3):
                    seen = count(t)
                    t.wait(lambda was=seen: count(t) > was + 500, "it does not count on")
                    t.keys("g")
                    t.shows("by process")
                    t.keys("G")
                    t.shows("by pair")
                t.shows("counted only", "~")
                t.shows("kernel → storm", "closed-port")
                t.keys("c")
                t.shows("exact", "sent: nobody listens there", "received: a connect was refused; storm[")
                t.keys("q")
                t.shows("by pair")
            finally:
                for p in players:
                    p.kill()
                    p.wait()
            t.keys("q")
            t.left_clean(0)


def captures(suite, folder):
    os.makedirs(folder, exist_ok=True)
    for width, height in ((80, 24), (160, 40)):
        with suite.replay(width, height) as t:
            for name, keys, text in (("pair", "3", "by pair"), ("cause", "1", "by cause"),
                                     ("process", "4", "by process"), ("story", "\n", "the last"),
                                     ("explain", "qe", "means"), ("help", "qh", "A row counts")):
                t.type(keys)
                t.shows(text)
                for ending, colors in (("txt", False), ("ansi", True)):
                    with open(os.path.join(folder, f"{name}-{width}x{height}.{ending}"), "w") as f:
                        f.write(t.text(colors))
            t.type("qq")
            t.left_clean(0)
    print(f"{folder}: " + " ".join(sorted(os.listdir(folder))))


def main():
    build = sys.argv[1] if len(sys.argv) > 1 else "build"
    if not shutil.which("tmux"):
        print("SKIP top: needs tmux\n0 passed, 0 failed, 1 skipped")
        return 0
    root = os.geteuid() == 0
    if root and not os.environ.get("RSTTRACE_TOP_INSIDE"):
        os.environ["RSTTRACE_TOP_INSIDE"] = "1"
        os.execvp("unshare", ["unshare", "--net", sys.executable, *sys.argv])
    if root:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.TemporaryDirectory() as work:
        suite = Suite(build, work, "--update" in sys.argv)
        if "--captures" in sys.argv:
            captures(suite, sys.argv[sys.argv.index("--captures") + 1])
            return 0
        for fn in (suite.screens, suite.documented, suite.keys, suite.resize, suite.killed, suite.color, suite.dumb,
                   suite.no_terminal):
            suite.check(fn)
        if root:
            suite.check(suite.once)
            suite.check(suite.storm)
        else:
            suite.skipped += 2
            print("SKIP top once, storm: need root")
    print(f"{suite.passed} passed, {suite.failed} failed, {suite.skipped} skipped")
    return 1 if suite.failed or not suite.passed else 0


sys.exit(main())
