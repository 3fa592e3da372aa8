# SPDX-License-Identifier: GPL-2.0
"""Both ways from a tracer's file to the store, with the configuration that is shipped and a test's folders in it."""
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
CONFIGS = os.path.join(HERE, "..", "..", "contrib", "fleet")


def unpacked():
    """Where syslog-ng and rsyslog are, or None if they cannot be had."""
    run = subprocess.run([os.path.join(HERE, "shippers.sh")], check=False, stdout=subprocess.PIPE)
    return run.stdout.decode().strip() if run.returncode == 0 else None


class Program:
    """A program of that tree, started, killed and started again; its own words are in a file beside its folder."""
    def __init__(self, tree, *words):
        lib = f"{tree}/usr/lib"
        self.env = dict(os.environ, LD_LIBRARY_PATH=f"{lib}/x86_64-linux-gnu:{tree}/lib/x86_64-linux-gnu:{lib}/syslog-ng")
        self.words, self.process = [f"{tree}/usr/sbin/{words[0]}", *words[1:]], None

    def start(self):
        self.process = subprocess.Popen(self.words, env=self.env, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def end(self, how):
        if self.process:
            getattr(self.process, how)()
            self.process.wait()
            self.process = None


def configure(name, to, changes):
    """Writes a shipped configuration with other paths; each of the old ones has to be in it."""
    with open(os.path.join(CONFIGS, name)) as f:
        text = f.read()
    for old, new in changes:
        if old not in text:
            sys.exit(f"shippers.py: {old} is not in {name}")
        text = text.replace(old, new)
    with open(to, "w") as f:
        f.write(text)


class Way:
    """A file that the tracer writes, the programs that bring it to the database of the way's name."""
    def __init__(self, name, folder):
        self.name, self.folder, self.log = name, os.path.join(folder, name), os.path.join(folder, name, "rsttrace.jsonl")
        os.makedirs(self.folder)
        open(self.log, "w").close()
        self.programs = []

    def start(self):
        for program in self.programs:
            program.start()

    def end(self, how="terminate"):
        for program in reversed(self.programs):
            program.end(how)

    def holds(self, _):
        """Whether what was written is in its care, so many records, while the store is away."""
        return self.has_read()

    def has_read(self):
        """Whether its reader is at the end of the file. (imfile has it open twice, and reads one.)"""
        pid, size, at = self.programs[-1].process.pid, os.stat(self.log).st_size, [0]
        for fd in os.listdir(f"/proc/{pid}/fd"):
            try:
                if os.path.samefile(f"/proc/{pid}/fd/{fd}", self.log):
                    with open(f"/proc/{pid}/fdinfo/{fd}") as f:
                        at.append(int(f.readline().split()[1]))
            except OSError:
                pass    # closed meanwhile
        return max(at) == size


class SyslogNg(Way):
    def __init__(self, tree, folder):
        super().__init__("syslog_ng", folder)
        at = self.folder
        configure("syslog-ng.conf", f"{at}/conf", (
            ("/var/log/rsttrace/rsttrace.jsonl", self.log), ("/var/lib/syslog-ng", at), ("=rsttrace&", f"={self.name}&")))
        self.programs = [Program(tree, "syslog-ng", "-F", "--no-caps", f"--module-path={tree}/usr/lib/syslog-ng/3.38",
                                 "-f", f"{at}/conf", "-R", f"{at}/persist", "-p", f"{at}/pid", "-c", f"{at}/control")]


class Rsyslog(Way):
    def __init__(self, tree, folder):
        super().__init__("rsyslog", folder)
        for part in ("receiver", "host"):
            at = f"{self.folder}/{part}"
            os.makedirs(at)
            own = (("/usr/local/lib/rsttrace", CONFIGS), ("=rsttrace\"", f"={self.name}\"")) if part == "receiver" else \
                (("/var/log/rsttrace/rsttrace.jsonl", self.log),)
            configure(f"rsyslog-{part}.conf", f"{at}.conf", (("/var/lib/rsyslog", at), *own))
            self.programs.append(Program(tree, "rsyslogd", "-n", "-f", f"{at}.conf", "-i", f"{at}.pid",
                                         "-M", f"{tree}/usr/lib/x86_64-linux-gnu/rsyslog"))

    def holds(self, records):
        """What the receiver has not got rid of is counted in its queue's own file."""
        try:
            with open(f"{self.folder}/receiver/store.qi") as f:
                size = re.search(r"iQueueSize:2:\d+:(\d+):", f.read())
        except OSError:
            return False
        return self.has_read() and size is not None and int(size.group(1)) >= records
