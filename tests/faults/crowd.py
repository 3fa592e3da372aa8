# SPDX-License-Identifier: GPL-2.0
"""crowd.py COUNT NAME - so many short processes of that name, fifty at a time; each is refused once."""
import os
import socket
import sys

AT_A_TIME = 50


def main():
    with open("/proc/self/comm", "w", encoding="ascii") as f:
        f.write(sys.argv[2])
    for n in range(int(sys.argv[1])):
        if n >= AT_A_TIME:
            os.wait()
        if not os.fork():
            socket.socket().connect_ex(("127.0.0.1", 9))
            os._exit(0)
    try:
        while True:
            os.wait()
    except ChildProcessError:
        sys.exit(7)


main()
