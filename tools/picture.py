#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Makes an SVG of what a terminal shows: text with the few colours that rsttrace uses, on standard
input. It is readable on a light page and on a dark one.

    picture.py [COLUMNS] <TEXT >PICTURE.svg
"""
import re
import sys
import unicodedata
from xml.sax.saxutils import escape

SIZE, LINE, CHAR, EDGE = 14, 19, 8.45, 14
STYLE = """
  text { font: %dpx ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #1f2328; white-space: pre; }
  rect { fill: #f6f8fa; stroke: #d1d9e0; }
  .s1 { font-weight: bold; } .s2 { fill: #59636e; } .s31 { fill: #b3261e; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; } rect { fill: #0d1117; stroke: #3d444d; }
    .s2 { fill: #9198a1; } .s31 { fill: #ff8a80; }
  }
""" % SIZE


def wrapped(line, columns):
    """The line as a terminal shows it: cut at the edge, without regard for words; escapes take no room."""
    rows, row, used = [], "", 0
    for piece in re.split("(\033\\[[0-9;]*m)", line):
        for c in [piece] if piece.startswith("\033") else piece:
            wide = 0 if c.startswith("\033") else 2 if unicodedata.east_asian_width(c) in "WF" else 1
            if used + wide > columns:
                rows.append(row)
                row, used = "", 0
            row, used = row + c, used + wide
    return rows + [row]


def spans(row):
    style = "0"
    for piece in re.split("(\033\\[[0-9;]*m)", row):
        if piece.startswith("\033"):
            style = piece[2:-1] or "0"
        elif piece:
            text = escape(piece)
            yield text if style == "0" else '<tspan class="s%s">%s</tspan>' % (style, text)


def main():
    columns = int(sys.argv[1]) if len(sys.argv) > 1 else 120
    rows = [row for line in sys.stdin.read().splitlines() for row in wrapped(line, columns)]
    width, height = round(columns * CHAR) + 2 * EDGE, len(rows) * LINE + 2 * EDGE
    print('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img">'
          % (width, height, width, height))
    print("<style>%s</style>" % STYLE)
    print('<rect x=".5" y=".5" width="%d" height="%d" rx="8"/>' % (width - 1, height - 1))
    for i, row in enumerate(rows):
        print('<text x="%d" y="%d" xml:space="preserve">%s</text>' % (EDGE, EDGE + i * LINE + SIZE, "".join(spans(row))))
    print("</svg>")


main()
