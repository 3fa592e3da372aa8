# SPDX-License-Identifier: GPL-2.0
"""Chromium without a window, controlled through a pair of pipes (--remote-debugging-pipe)."""
import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

NAMES = ("chromium", "chromium-browser", "chromium-headless")


def program():
    """The path of the browser, or None."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


class Failed(Exception):
    pass


class Browser:
    """One page in a browser. Keeps what its console says and what it asks the network for."""

    def __init__(self, path, script=True, width=1280, height=900, dark=False):
        self.said, self.asked, self.next_id, self.rest, self.session = [], [], 0, b"", None
        self.profile = tempfile.mkdtemp()
        down_read, self.down = os.pipe()
        self.up, up_write = os.pipe()

        def pipes():    # the browser has them as 3 and 4
            read, write = os.dup(down_read), os.dup(up_write)
            os.dup2(read, 3)
            os.dup2(write, 4)

        self.process = subprocess.Popen(
            [program(), "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu",
             "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run", "--disable-extensions",
             "--disable-background-networking", "--disable-component-update", "--disable-sync",
             f"--user-data-dir={self.profile}", "about:blank"],
            close_fds=False, preexec_fn=pipes, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        os.close(down_read)
        os.close(up_write)
        try:
            self.open(path, script, width, height, dark)
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        os.close(self.down)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.up)
        shutil.rmtree(self.profile, ignore_errors=True)

    def open(self, path, script, width, height, dark):
        target = next(t for t in self.call("Target.getTargets")["targetInfos"] if t["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")
        self.call("Emulation.setScriptExecutionDisabled", value=not script)
        self.size(width, height)
        self.theme(dark)
        self.call("Page.navigate", url="file://" + os.path.abspath(path))
        if script:
            self.wait("document.readyState === 'complete'")

    def take(self, seconds):
        """The next message."""
        end = time.monotonic() + seconds
        while b"\0" not in self.rest:
            if not select.select([self.up], [], [], max(0, end - time.monotonic()))[0]:
                raise Failed(f"the browser said nothing for {seconds} s")
            more = os.read(self.up, 1 << 20)
            if not more:
                raise Failed("the browser ended")
            self.rest += more
        line, self.rest = self.rest.split(b"\0", 1)
        return json.loads(line)

    def call(self, method, **params):
        self.next_id += 1
        message = {"id": self.next_id, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.down, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.take(120)
            if answer.get("id") == self.next_id:
                if "error" in answer:
                    raise Failed(f"{method}: {answer['error']}")
                return answer["result"]
            self.note(answer)

    def note(self, event):
        params = event.get("params", {})
        if event["method"] == "Runtime.consoleAPICalled":
            self.said.append(f"{params['type']}: {[a.get('value') for a in params['args']]}")
        elif event["method"] == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.said.append(details.get("exception", {}).get("description") or details["text"])
        elif event["method"] == "Log.entryAdded":
            self.said.append(params["entry"]["text"])
        elif event["method"] == "Network.requestWillBeSent":
            self.asked.append(params["request"]["url"])
        elif event["method"] == "Page.javascriptDialogOpening":
            self.said.append("a box opened: " + params["message"])

    def js(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise Failed(f"{expression}: {details.get('exception', {}).get('description', details['text'])}")
        return answer["result"].get("value")

    def wait(self, condition, seconds=60):
        """Waits until the expression is true, evaluating it every 15 ms; returns the seconds that took."""
        begin = time.monotonic()
        done = self.js(f"""new Promise((done) => {{
            const end = performance.now() + {seconds * 1000};
            const ask = () => ({condition}) ? done(true) : performance.now() > end ? done(false) : setTimeout(ask, 15);
            ask(); }})""")
        if not done:
            raise Failed(f"not within {seconds} s: {condition}")
        return time.monotonic() - begin

    def size(self, width, height):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)

    def theme(self, dark):
        self.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def key(self, key):
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode={"Escape": 27, "Enter": 13}.get(key, 0))

    def type(self, text):
        self.call("Input.insertText", text=text)

    def screenshot(self, path, whole=False):
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        with open(path, "wb") as out:
            out.write(base64.b64decode(shot["data"]))
