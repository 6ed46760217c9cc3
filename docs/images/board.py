#!/usr/bin/env python3
"""Takes a picture of the board while a command trains: python3 docs/images/board.py OUT.png lockstep train --http 127.0.0.1:0 ...

When a quarter of the steps are done, the newest process that the command started is killed; the picture is what a browser shows when half of
them are done. Then the run is stopped. Linux, with Chromium; only Python's standard library.
"""

import base64
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from urllib.request import urlopen

KILL_AT, SHOW_AT = 0.25, 0.5
WIDTH, HEIGHT = 1200, 1280
# The curves are there, and the mark of the worker that was lost.
DRAWN = "document.querySelectorAll('.chart polyline').length >= 4 && document.querySelector('.lanes .mark.bad') !== null"


def wait_for_share(board, share):
    """Returns the name of the run of this process when it has done a share of its steps."""
    while True:
        with urlopen(f"{board}/api/runs") as answer:
            run = next((run for run in json.load(answer) if run["isLive"]), None)
        if run:
            with urlopen(f"{board}/api/runs/{run['name']}") as answer:
                moments = json.load(answer)["moments"]
            if moments and moments[-1]["step"] >= share * run["totalSteps"]:
                return run["name"]
        time.sleep(0.1)


class Page:
    """A page of a Chromium without a window, which is told what to do through two pipes (the DevTools protocol)."""

    def __init__(self, browser, profile):
        (commands, self.commands), (self.answers, answers) = os.pipe(), os.pipe()
        self.process = subprocess.Popen(
            ["sh", "-c", f'exec "$@" 3<&{commands} 4>&{answers}', "sh", browser, "--headless", "--remote-debugging-pipe", "--no-sandbox",
             "--disable-dev-shm-usage", "--hide-scrollbars", f"--user-data-dir={profile}", f"--window-size={WIDTH},{HEIGHT}"],
            pass_fds=(commands, answers), stderr=subprocess.DEVNULL)
        os.close(commands)
        os.close(answers)
        self.number, self.session, self.pending = 0, {}, b""
        page = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = {"sessionId": self.call("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]}
        self.call("Emulation.setDeviceMetricsOverride", width=WIDTH, height=HEIGHT, deviceScaleFactor=1, mobile=False)

    def call(self, method, **parameters):
        self.number += 1
        os.write(self.commands, json.dumps({"id": self.number, "method": method, "params": parameters, **self.session}).encode() + b"\0")
        while True:
            while b"\0" not in self.pending:
                read = os.read(self.answers, 1 << 20)
                if not read:
                    sys.exit("The browser has ended.")
                self.pending += read
            answer, self.pending = self.pending.split(b"\0", 1)
            answer = json.loads(answer)
            if answer.get("id") == self.number:
                return answer["result"] if "result" in answer else sys.exit(f"{method}: {answer['error']}")


def photograph(address, out):
    browser = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None)
    if browser is None:
        sys.exit("There is no Chromium (Debian: apt-get install chromium).")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        page = Page(browser, profile)
        page.call("Page.navigate", url=address)
        while not page.call("Runtime.evaluate", expression=DRAWN)["result"].get("value"):
            time.sleep(0.1)
        picture = page.call("Page.captureScreenshot")["data"]
        page.process.terminate()
        page.process.wait()
    with open(out, "wb") as file:
        file.write(base64.b64decode(picture))


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    with subprocess.Popen(sys.argv[2:], stderr=subprocess.PIPE, text=True) as train:
        try:
            board = next((found[0] for line in train.stderr if (found := re.search(r"https?://127\.0\.0\.1:\d+", line))), None)
            if board is None:
                sys.exit("The command shows no board on 127.0.0.1: give it --http 127.0.0.1:0.")
            wait_for_share(board, KILL_AT)
            started = subprocess.run(["pgrep", "-n", "-P", str(train.pid)], capture_output=True, text=True, check=True).stdout
            os.kill(int(started), signal.SIGKILL)
            photograph(f"{board}/#/run/{wait_for_share(board, SHOW_AT)}", sys.argv[1])
        finally:
            train.terminate()
            train.communicate()
    print(f"wrote {sys.argv[1]}")


if __name__ == "__main__":
    main()
