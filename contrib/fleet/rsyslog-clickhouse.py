#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Gives the batches of rsyslog's omprog to ClickHouse (rsyslog-receiver.conf).

    rsyslog-clickhouse.py http://HOST:8123/?database=NAME

Each message is a line of standard input, and is answered by one. A batch is answered with OK once the store
has taken it, and until then is sent again and again.
"""
import select
import sys
import urllib.error
import urllib.request

INSERT = "&query=INSERT%20INTO%20incidents%20FORMAT%20JSONEachRow&input_format_skip_unknown_fields=1" \
    "&input_format_allow_errors_num=100"
TIMEOUT = 60
LONGEST_PAUSE_MS = 10000


def answer(word):
    print(word, flush=True)


def insert(url, lines):
    pause_ms = 250
    hangup = select.poll()
    hangup.register(sys.stdin, 0)
    while True:
        try:
            urllib.request.urlopen(url + INSERT, b"".join(lines), TIMEOUT).close()
            return
        except urllib.error.HTTPError as e:
            why = e.read(300).decode(errors="replace").strip()
        except OSError as e:
            why = str(e)
        print(f"{len(lines)} records wait: {why}", file=sys.stderr, flush=True)
        if hangup.poll(pause_ms):
            sys.exit("rsyslog is gone; it has these records still")
        pause_ms = min(2 * pause_ms, LONGEST_PAUSE_MS)


def main():
    if len(sys.argv) != 2 or "?database=" not in sys.argv[1]:
        sys.exit("rsyslog-clickhouse.py: expected the store's address, like http://127.0.0.1:8123/?database=rsttrace")
    lines = []
    answer("OK")
    for line in sys.stdin.buffer:
        if line == b"BEGIN TRANSACTION\n":
            lines = []
            answer("OK")
        elif line == b"COMMIT TRANSACTION\n":
            if lines:
                insert(sys.argv[1], lines)
            answer("OK")
        else:
            lines.append(line)
            answer("DEFER_COMMIT")


if __name__ == "__main__":
    main()
