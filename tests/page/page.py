#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
page.py BUILD [--shots DIR]: the page of --html, read without its script, and used in a headless
Chromium: rendered, filtered, searched, incidents opened, both themes, narrow and wide, hostile names
in every field, a hundred thousand incidents. --shots only takes the pictures to look at. Any user.
Without Chromium what needs it is skipped. Ends with "N passed, N failed, N skipped".
"""
import base64
import glob
import hashlib
import html.parser
import json
import os
import re
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from browser import Browser, Failed, program  # noqa: E402

build = sys.argv[1]
data = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data")
passed, failed, skipped = 0, 0, 0


def expect(name, true, said=""):
    global passed, failed
    if true:
        passed += 1
    else:
        failed += 1
        print(f"FAIL page: {name}: {said!r}"[:1500], flush=True)


def report(out, *files):
    subprocess.run([f"{build}/rsttrace", "report", "-q", "--html", out, *files], check=True, stdout=subprocess.DEVNULL)
    return out


# ---- without a browser

class Reader(html.parser.HTMLParser):
    """What a reader without scripts sees of the page, and what the page could make a browser do."""

    def __init__(self, path):
        super().__init__()
        self.text, self.scripts, self.styles, self.attributes, self.open, self.tags = "", [], [], [], [], []
        with open(path, encoding="utf-8") as f:
            self.feed(f.read())

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, key, value) for key, value in attrs]
        if tag == "script":
            self.scripts.append([dict(attrs).get("type"), ""])
        elif tag == "style":
            self.styles.append("")
        self.open = [tag, dict(attrs)]

    def handle_endtag(self, tag):
        self.open = []

    def handle_data(self, text):
        if self.open and self.open[0] == "script":
            self.scripts[-1][1] += text
        elif self.open and self.open[0] == "style":
            self.styles[-1] += text
        else:
            self.text += text

    def policy(self):
        return next(v for t, k, v in self.attributes if t == "meta" and k == "content" and "default-src" in v)


def digest(text):
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def check_read(name, path, rows, resets):
    r = Reader(path)
    policy = r.policy()
    run = [text for kind, text in r.scripts if kind is None]
    expect(f"{name}: two scripts, named by the policy", len(run) == 2 and all(digest(t) in policy for t in run), policy)
    expect(f"{name}: two style sheets, named too", len(r.styles) == 2 and all(digest(t) in policy for t in r.styles), policy)
    expect(f"{name}: nothing else may run or load", re.fullmatch(
        r"default-src 'none'; script-src( 'sha256-[^']+'){2}; style-src( 'sha256-[^']+'){2}; base-uri 'none'; "
        r"form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'", policy), policy)
    bad = [a for a in r.attributes if a[1].startswith("on") or a[1] in ("src", "href", "style", "action", "srcdoc")]
    expect(f"{name}: no attribute loads, runs or leads elsewhere", not bad, bad)
    expect(f"{name}: a row for each of the first", r.tags.count("details") == rows, r.tags.count("details"))
    expect(f"{name}: the verdict says how many", f"{resets:,}" in r.text, r.text[:400])
    return r


def check_words(path):
    r = check_read("the report's example", path, 43, 43)
    for words in ("37 of 43 resets broke a call", "data arrived after the receiver closed, java → python3",
                  "Who resets whom", "rt-server", "nginx.service", "8080", "both ends seen, by two records",
                  "recvfrom(1) = ECONNRESET", "shutdown(SHUT_WR) and drain before close", "GPL, version 2"):
        expect("without a script it says: " + words, words in r.text, r.text[:3000])


# ---- hostile names

HOSTILE = [
    "</script><script>document.title='owned'</script>", "<img src=x onerror=document.title='owned'>",
    "\" onmouseover=\"document.title='owned'\" x=\"", "'><svg onload=document.title='owned'>", "<!--<script>",
    "]]></style><h1>owned", "\u202egnp.exe", "a\u0000b\u0007\u001b[31m", "{{constructor}}${1+1}", "__proto__", "javascript:owned",
    "a\rb\r\nc\td", "&lt;b&gt;&#34;", "\ufffe\u200b",
]


def hostile_lines(out):
    """Writes records in which each string of a real record is replaced by each of the above."""
    with open(f"{data}/close-with-unread.json", encoding="utf-8") as f:
        real = json.loads(f.readline())
    n = 0
    with open(out, "w", encoding="utf-8") as f:
        for bad in HOSTILE:
            for key in [None, *(k for k, v in real.items() if isinstance(v, str))]:
                keys = [key] if key else [k for k, v in real.items() if isinstance(v, str)]
                record = dict(real, **{k: bad for k in keys if k not in ("schema", "kind", "time", "family", "saddr", "daddr")})
                n += 1
                record.update(id=f"{bad} {n:x}" if key in (None, "id") else f"aa-{n:x}-0", time_ns=real["time_ns"] + n * 1000)
                record["errors"] = [dict(e, comm=bad, syscall=bad) for e in real["errors"]]
                f.write(json.dumps(record) + "\n")
    return n


def check_hostile(work):
    n = hostile_lines(f"{work}/hostile.jsonl")
    page = report(f"{work}/hostile.html", f"{work}/hostile.jsonl")
    r = check_read("hostile names", page, 200, n)
    expect("hostile names are elements of no kind", not set(r.tags) & {"img", "svg onload"} and r.tags.count("h1") == 1, r.tags)
    if not program():
        return
    with Browser(page) as b:
        ready(b)
        expect("hostile names: all rows", b.js("rows") == n, b.js("rows"))
        victims = b.js("document.querySelectorAll('#matrix td[data-victim]').length")
        for i in range(victims):
            b.js(f"document.querySelectorAll('#matrix td[data-victim]')[{i}].click()")
            cell = b.js(f"document.querySelectorAll('#matrix td[data-victim]')[{i}].textContent")
            expect(f"hostile names: cell {i} chooses its own", b.js("shown.length") == int(cell), b.js("[...filter.terms]"))
        b.js("document.getElementById('clear').click()")
        for at in range(0, n, 7):
            open_row(b, at)
        b.js("search.value = '<img'; search.dispatchEvent(new Event('input'))")
        expect("hostile names are found", b.js("shown.length") > 0, b.js("shown.length"))
        expect("hostile names do nothing", b.js("document.title").startswith("rsttrace: ") and
               b.js("document.querySelectorAll('img, iframe, script:not([type]):not(:nth-last-child(-n+3))').length") == 0,
               b.js("document.title"))
        check_quiet("hostile names", b, page)


# ---- in the browser

def ready(b):
    return b.wait("document.documentElement.dataset.ready === 'yes'", 90)


def open_row(b, at):
    b.js(f"openIncident({at})")
    b.wait(f"openAt === {at} && story.querySelector('svg.story, p')")


def check_quiet(name, b, page):
    expect(f"{name}: the console says nothing", not b.said, b.said)
    expect(f"{name}: nothing is asked for but the page", {u.split("#")[0] for u in b.asked} == {"file://" + os.path.abspath(page)}, b.asked)


def check_filters(b):
    text = "document.getElementById('count').textContent"
    expect("all rows are there", b.js(text) == "43 resets", b.js(text))
    b.js("causeBox.value = 'data-after-close'; causeBox.dispatchEvent(new Event('change'))")
    expect("by cause", b.js(text) == "20 of 43", b.js(text))
    b.js("outcomeBox.value = 'broke a call'; outcomeBox.dispatchEvent(new Event('change'))")
    expect("and by outcome", b.js(text) == "18 of 43", b.js(text))
    b.js("document.getElementById('clear').click(); search.focus()")
    b.type("NGINX econnreset :81")
    expect("by words, whatever their case", b.js(text) == "4 of 43" and b.js(
        "[...document.querySelectorAll('tr[data-at] td:nth-child(5)')].every((td) => td.textContent.includes(':81 '))"), b.js(text))
    b.js("search.value = '/^10\\\\.0\\\\.0\\\\.1:8[01] .*\\\\n/'; search.dispatchEvent(new Event('input'))")
    expect("by an expression", b.js(text) == "6 of 43", b.js(text))
    b.js("search.value = '/(/'; search.dispatchEvent(new Event('input'))")
    expect("an expression that is none is said", b.js("search.getAttribute('aria-invalid')") == "true", b.js(text))
    b.js("search.value = 'no such word'; search.dispatchEvent(new Event('input'))")
    expect("nothing found is said", "No reset" in b.js("list.textContent"), b.js(text))
    b.js("document.getElementById('clear').click()")
    b.js("document.querySelector('#matrix td[data-sender=java][data-victim=python3]').click()")
    expect("by a cell of the matrix", b.js(text) == "18 of 43", b.js(text))
    b.js("document.querySelector('[data-port=\"8080\"]').click()")
    expect("by a port", b.js(text) == "3 of 43", b.js(text))
    b.js("document.querySelector('[data-way=translated]').click()")
    expect("by what the ends show", b.js(text) == "4 of 43", b.js(text))
    b.js("document.querySelector('#chips button').click()")
    expect("and back", b.js(text) == "43 resets", b.js(text))
    b.js("setSpan(table.us[40], Infinity)")
    expect("by time", b.js(text) == "3 of 43", b.js(text))
    b.js("document.getElementById('clear').click(); sortBy('sender')")
    expect("in order of the sender", b.js("table.sender[shown[0]]") == "java", b.js("table.sender[shown[0]]"))
    b.js("sortBy('us')")


def check_story(b):
    b.js("[...document.querySelectorAll('tr[data-at]')][0].click()")
    b.wait("dialog.open && story.querySelector('svg.story')")
    drawn = b.js("story.querySelector('svg.story').textContent")
    for words in ("client", "server", "ab[1001]", "nginx[1000]", "10.0.0.1:80", "2 B", "RST", "recvfrom(1) = ECONNRESET", "+83 µs"):
        expect("the diagram has: " + words, words in drawn, drawn)
    expect("words and advice", "closed with 312 bytes unread" in b.js("story.textContent") and
           "drain before close" in b.js("story.textContent"), b.js("story.textContent"))
    expect("every key", "/system.slice/nginx.service" in b.js("story.textContent"), b.js("story.textContent"))
    b.js("[...dialog.querySelectorAll('button')][1].click()")
    b.wait("openAt === 1 && place.textContent === '2 of 43'")
    b.key("Escape")
    b.wait("!dialog.open")
    pair = b.js("table.other.findIndex((o) => o !== null)")
    open_row(b, pair)
    expect("a pair's ends are of two hosts", re.search("host0.*host1|host1.*host0", b.js("story.querySelector('svg').textContent")),
           b.js("story.querySelector('svg').textContent"))
    b.js("dialog.close()")


def check_themes(b):
    paper = "getComputedStyle(document.body).backgroundColor"
    light = b.js(paper)
    b.theme(True)
    dark = b.js(paper)
    expect("dark where that is preferred", dark != light, dark)
    b.js("document.getElementById('light').click()")
    expect("light where that is chosen", b.js(paper) == light, b.js(paper))
    b.theme(False)
    b.js("document.getElementById('dark').click()")
    expect("dark where that is chosen", b.js(paper) == dark, b.js(paper))
    b.js("document.getElementById('auto').click()")
    for width in (320, 390, 768, 1280, 1920):
        b.size(width, 800)
        wide = b.js("document.documentElement.scrollWidth")
        expect(f"{width} pixels are wide enough", wide <= width, wide)


def check_example(page):
    with Browser(page) as b:
        ready(b)
        expect("the chart is drawn", b.js("typeof uPlot === 'undefined' ? document.querySelectorAll('#chart path').length : "
                                          "document.querySelectorAll('#chart canvas').length"), b.js("chart.innerHTML"))
        expect("the plain rows made room", b.js("document.getElementById('first').hidden"))
        check_filters(b)
        check_story(b)
        check_themes(b)
        check_quiet("the example", b, page)


def check_stories(work):
    """Opens every incident whose story the tests know."""
    lines = [line for path in sorted(glob.glob(f"{data}/*.json")) for line in open(path, encoding="utf-8")]
    with open(f"{work}/all.jsonl", "w", encoding="utf-8") as out:
        out.writelines(lines)
    page = report(f"{work}/all.html", f"{work}/all.jsonl")
    if not program():
        return
    with Browser(page, width=390, height=800) as b:
        ready(b)
        bad = []
        for at in range(b.js("rows")):
            open_row(b, at)
            drawn = b.js("(story.querySelector('svg.story') || story).textContent")
            if not re.search("RST|no RST was sent", drawn) or re.search("undefined|NaN|null|\\[object", b.js("story.textContent")):
                bad.append(drawn)
        expect("each known incident has its story", not bad, bad)
        check_quiet("the known incidents", b, page)


def check_many(work):
    """A hundred thousand resets: prints how long they take; the limits allow for a busy machine."""
    files = []
    for host in (0, 1):
        files.append(f"{work}/many{host}.jsonl")
        with open(files[-1], "w", encoding="utf-8") as out:
            subprocess.run([f"{build}/bench/incidents", "55000", str(host), "2"], check=True, stdout=out)
    begin = time.monotonic()
    page = report(f"{work}/many.html", *files)
    made = time.monotonic() - begin
    if not program():
        return
    with Browser(page) as b:
        load = ready(b)
        expect("100,000 of 110,000 rows", b.js("rows") == 100000, b.js("rows"))
        frame = b.js("""new Promise((done) => { const at = []; let n = 0;
            const next = (t) => { at.push(t); list.scrollTop = (n += 1) * 20000; n < 60 ? requestAnimationFrame(next)
                : done(Math.max(...at.slice(1).map((t, i) => t - at[i]))); }; requestAnimationFrame(next); })""")
        expect("rows are drawn where it was scrolled to", b.js("Number(body.querySelector('tr[data-at]').dataset.at)") > 30000)
        timed = "(() => { const t = performance.now(); %s; return performance.now() - t; })()"
        first = b.js(timed % "search.value = 'java 10.0'; search.dispatchEvent(new Event('input'))")
        again = b.js(timed % "search.value = 'java 10.0.0'; search.dispatchEvent(new Event('input'))")
        expect("the search found some", 0 < b.js("shown.length") < 100000, b.js("shown.length"))
        cause = b.js(timed % "document.getElementById('clear').click(); setTerm('cause', 'linger-zero')")
        sort = b.js(timed % "document.getElementById('clear').click(); sortBy('victim')")
        one = b.js("(async () => { const t = performance.now(); await openIncident(77777); return performance.now() - t; })()")
        heap = b.js("performance.memory.usedJSHeapSize")
        print(f"page: 100,000 rows, {os.path.getsize(page) / 1e6:.1f} MB: made in {made:.1f} s, loaded in {load:.1f} s, "
              f"slowest frame of a scroll {frame:.0f} ms, first search {first:.0f} ms, next {again:.0f} ms, by cause {cause:.0f} ms, "
              f"sorted {sort:.0f} ms, opened {one:.0f} ms, {heap / 1e6:.0f} MB of heap")
        for name, took, most in (("loads", load * 1000, 60000), ("scrolls", frame, 2000), ("searches", first, 6000),
                                 ("searches again", again, 3000), ("filters", cause, 3000), ("sorts", sort, 6000), ("opens", one, 6000)):
            expect(f"100,000 rows: it {name} in time", took < most, took)
        check_quiet("100,000 rows", b, page)


# ---- pictures

def shots(work, where):
    os.makedirs(where, exist_ok=True)
    for name, page in (("report", example(work)), ("stories", f"{work}/all.html")):
        if name == "stories":
            check_stories(work)
        for theme in ("light", "dark"):
            with Browser(page, dark=theme == "dark") as b:
                ready(b)
                for size, width in (("wide", 1280), ("narrow", 390)):
                    b.size(width, 800)
                    b.size(width, min(4000, b.js("document.documentElement.scrollHeight")))
                    b.screenshot(f"{where}/{name}-{theme}-{size}.png")
                    b.size(width, 900)
                    open_row(b, 3)
                    b.screenshot(f"{where}/{name}-{theme}-{size}-story.png")
                    b.js("dialog.close()")
    print(f"pictures are in {where}")


def example(work):
    return report(f"{work}/example.html", *(f"{data}/report/{f}" for f in ("host0.jsonl", "host1.jsonl.gz", "testhost.rec.zst")))


def main():
    global skipped
    with tempfile.TemporaryDirectory() as work:
        if sys.argv[2:3] == ["--shots"]:
            shots(work, sys.argv[3])
            return
        page = example(work)
        check_words(page)
        if not program():
            print("skip page: no Chromium here")
            skipped += 1
        try:
            if program():
                check_example(page)
            check_hostile(work)
            check_stories(work)
            check_many(work)
        except Failed as e:
            expect("the browser goes on", False, str(e))
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    sys.exit(failed > 0)


main()
