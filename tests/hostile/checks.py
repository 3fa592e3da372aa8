# SPDX-License-Identifier: GPL-2.0
"""What each kind of output has to be, whatever is in it. Each check raises what is wrong."""
import html.parser
import json
import re
import struct
import unicodedata
import xml.etree.ElementTree

COLOURS = re.compile(r"\x1b\[[0-9;]*m")
IGNORABLE = {0x34f, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x2800, 0x3164, 0xffa0, *range(0x180b, 0x1810),
             *range(0xfe00, 0xfe10), *range(0xe0000, 0xe1000)}


class Wrong(Exception):
    """What is wrong with an output."""


def want(condition, what):
    if not condition:
        raise Wrong(what)


def utf8(data):
    try:
        return data.decode()
    except UnicodeDecodeError as e:
        raise Wrong(f"no UTF-8 at byte {e.start}: {data[max(0, e.start - 20):e.start + 20]!r}") from e


def hidden(c):
    return unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") or ord(c) in IGNORABLE


def terminal(data):
    """Nothing that moves the cursor, changes colours or directions, or cannot be seen."""
    text = utf8(data)
    for i, c in enumerate(text):
        want(c == "\n" or not hidden(c), f"U+{ord(c):04X} in {text[max(0, i - 30):i + 30]!r}")


def coloured(data):
    """The same, with the program's own colours, and the last of them reset."""
    text = utf8(data)
    terminal(COLOURS.sub("", text).encode())
    found = COLOURS.findall(text)
    want(not found or found[-1] in ("\x1b[0m", "\x1b[m"), "colours stay on")


def lines(data):
    """JSON Lines, no key twice, and fit for a terminal."""
    def pairs(found):
        want(len({k for k, _ in found}) == len(found), f"a key twice: {[k for k, _ in found]}")
        return dict(found)

    terminal(data)
    want(data.endswith(b"\n"), "the last line has no end")
    for line in data.decode().split("\n")[:-1]:
        try:
            want(isinstance(json.loads(line, object_pairs_hook=pairs), dict), "a line is no object")
        except ValueError as e:
            raise Wrong(f"{e}: {line[:200]!r}") from e


def junit(data):
    utf8(data)
    try:
        suites = xml.etree.ElementTree.fromstring(data)
    except xml.etree.ElementTree.ParseError as e:
        raise Wrong(f"no XML: {e}") from e
    tags = {e.tag for e in suites.iter()}
    want(tags <= {"testsuites", "testsuite", "testcase", "failure", "system-out"}, f"elements {tags}")
    want(len(list(suites.iter("testcase"))) >= 1, "no test case")


class Elements(html.parser.HTMLParser):
    """Which elements and attributes a page has, and what is in its scripts."""

    def __init__(self):
        super().__init__()
        self.found, self.scripts, self.open = set(), [], None

    def handle_starttag(self, tag, attrs):
        self.found.add((tag, *sorted(name for name, _ in attrs)))
        if tag == "script":
            self.scripts.append([dict(attrs).get("type", ""), ""])
            self.open = True

    def handle_endtag(self, tag):
        self.open = self.open and tag != "script"

    def handle_data(self, data):
        if self.open:
            self.scripts[-1][1] += data


def elements(data):
    e = Elements()
    e.feed(utf8(data))
    e.close()
    return e


def page(known):
    """A page with no elements or attributes but those of an ordinary one, and two scripts that run."""
    def check(data):
        got = elements(data)
        want(got.found <= known.found, f"elements that no page has: {got.found - known.found}")
        run = [text for kind, text in got.scripts if not kind]
        want(run == [text for kind, text in known.scripts if not kind], "other scripts than the page's own")
        for kind, text in got.scripts:
            if kind == "application/json":
                json.loads(text)
    return check


def blocks(data):
    at = 0
    while at < len(data):
        want(len(data) - at >= 12, "a block is cut")
        kind, size = struct.unpack_from("=II", data, at)
        want(size % 4 == 0 and 12 <= size <= len(data) - at, f"a block of {size} bytes at {at}")
        want(struct.unpack_from("=I", data, at + size - 4)[0] == size, f"two sizes of the block at {at}")
        yield kind, data[at + 8:at + size - 4]
        at += size


def options(body):
    at = 0
    while at < len(body):
        code, size = struct.unpack_from("=HH", body, at)
        want(size <= len(body) - at - 4, "an option is longer than its block")
        yield code, body[at + 4:at + 4 + size]
        at += 4 + ((size + 3) & ~3)
        if not code:
            break


def pcapng(data):
    """Whole blocks; texts in UTF-8 and fit for a terminal; each key of a record on one line."""
    kinds = {0x0a0d0d0a: (16, {2, 3, 4}), 1: (8, {2, 3, 12}), 5: (12, set()), 6: (None, set())}
    packets = 0
    for kind, body in blocks(data):
        if kind not in kinds:
            continue
        begin, texts = kinds[kind]
        if kind == 6:
            length = struct.unpack_from("=I", body, 12)[0]
            begin, packets = 20 + ((length + 3) & ~3), packets + 1
        for code, value in options(body[begin:]):
            if code == 1 or code in texts:
                terminal(value)
            if code == 1 and kind == 6 and b"\ncause=" in value:
                want(value.count(b"\ncause=") == 1, "two causes")
    return packets


SAMPLE = re.compile(r'[a-z_]+(\{([a-z_]+="([^"\\\n]|\\["\\n])*"(,(?!\})|(?=\})))*\})? -?[0-9.e+]+')


def open_metrics(data):
    terminal(data)
    text = utf8(data)
    want(text.endswith("\n# EOF\n") and text.count("# EOF\n") == 1, "no # EOF at the end, or two")
    prometheus(data)


def prometheus(data):
    terminal(data)
    for line in utf8(data).split("\n")[:-1]:
        want(line.startswith("# ") or SAMPLE.fullmatch(line), f"no sample: {line!r}")
