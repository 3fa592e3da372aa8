#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The cases of mixed.py, many times over and all at once: several processes,
each with several threads, on ports and descriptors that are used again and
again. Nothing here waits for quiet between two resets."""

import random
import sys
import threading

import mixed
from ends import child_status, start_child

PROCESSES = 4
THREADS = 3
ROUNDS = 25

# Cases that neither fork nor change the process's signals, so that threads can run them.
CALM = [mixed.refused, mixed.refused_nonblocking, mixed.each_way_to_read,
        mixed.each_way_to_write, mixed.read_then_written, mixed.data_before_the_reset,
        mixed.blocked_reader, mixed.listener_closed, mixed.unnoticed,
        mixed.data_after_shutdown, mixed.many_writes_before_the_reset, mixed.not_tcp]


def work(seed, failed):
    chosen = random.Random(seed)
    try:
        for _ in range(ROUNDS):
            chosen.choice(CALM)()
    except BaseException as e:
        failed.append(e)
        raise


def process(number):
    failed = []
    threads = [threading.Thread(target=work, args=(f"{number}.{n}", failed))
               for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


def main():
    children = [start_child(lambda number=n: process(number)) for n in range(PROCESSES)]
    return 1 if any([child_status(c) for c in children]) else 0


if __name__ == "__main__":
    sys.exit(main())
