#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The client of the demo: sends one request to a port on loopback, and prints the
little that a program sees of a reset.

    demo_client.py get|twice PORT
"""

import socket
import sys


def get(conn):
    """An ordinary request."""
    conn.sendall(b"GET / HTTP/1.0\r\nHost: demo\r\nCookie: " + b"c" * 300 + b"\r\n\r\n")
    conn.recv(4096)


def twice(conn):
    """Goes on writing although the server has closed."""
    conn.sendall(b"GET / HTTP/1.0\r\n\r\n")
    conn.recv(4096)
    conn.sendall(b"one more line\r\n")
    conn.sendall(b"and another\r\n")


def main():
    do = {"get": get, "twice": twice}[sys.argv[1]]
    try:
        with socket.create_connection(("127.0.0.1", int(sys.argv[2]))) as conn:
            do(conn)
            print("no error")
    except OSError as e:
        print(f"{type(e).__name__}: {e.strerror}")


if __name__ == "__main__":
    main()
