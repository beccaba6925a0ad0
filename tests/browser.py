"""A headless Chromium for tests of pages, driven through the DevTools protocol.

https://chromedevtools.github.io/devtools-protocol/ says what the commands and events are. The
browser belongs to the test run: its profile is in a temporary folder, it looks nothing up and
updates nothing.
"""

import base64
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
INSTALL_COMMAND = "sudo apt-get install chromium"
START_SECONDS = 60
ANSWER_SECONDS = 30

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
    "about:blank",
)


def chromium_missing() -> str | None:
    """Say how to install Chromium; None where it is there."""
    if any(shutil.which(name) for name in PROGRAMS):
        return None
    return f"Chromium not found; install with: {INSTALL_COMMAND}"


@dataclass(slots=True)
class Page:
    """One open page: what it said and asked for since it was opened."""

    connection: ClientConnection
    session: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    _last: int = 0

    def send(self, method: str, **params: object) -> dict[str, Any]:
        """Send a command and return its result; AssertionError where the browser refuses it."""
        self._last += 1
        message = {"id": self._last, "method": method, "params": params, "sessionId": self.session}
        self.connection.send(json.dumps(message))
        while True:
            answer = json.loads(self.connection.recv(timeout=ANSWER_SECONDS))
            if answer.get("id") == self._last and answer.get("sessionId") == self.session:
                assert "error" not in answer, (method, answer["error"])
                return answer["result"]
            self._note(answer)

    def open(self, url: str) -> None:
        """Load a page and wait until it stands."""
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.send(f"{domain}.enable")
        self.send("Page.navigate", url=url)
        end = time.monotonic() + ANSWER_SECONDS
        while (
            self.evaluate("document.readyState") != "complete"
            or self.evaluate("location.href") == "about:blank"
        ):
            assert time.monotonic() < end, f"{url} did not load"
            time.sleep(0.05)

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression."""
        result = self.send("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def resize(self, width: int, height: int, *, phone: bool = False) -> None:
        """Give the page another size (CSS pixels), on a phone with its viewport rules."""
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=2 if phone else 1,
            mobile=phone,
        )

    def prefer(self, scheme: str) -> None:
        """Ask for `light` or `dark` colours."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.send("Emulation.setEmulatedMedia", features=features)

    def screenshot(self, *, whole: bool = True) -> bytes:
        """The page as PNG."""
        result = self.send("Page.captureScreenshot", captureBeyondViewport=whole)
        return base64.b64decode(result["data"])

    def printed(self) -> bytes:
        """The page as PDF, on the paper that its style asks for."""
        result = self.send("Page.printToPDF", preferCSSPageSize=True, printBackground=False)
        return base64.b64decode(result["data"])

    def _note(self, event: dict[str, Any]) -> None:
        if event.get("sessionId") != self.session:
            return
        params = event.get("params", {})
        match event.get("method"):
            case "Network.requestWillBeSent":
                self.requests.append(params["request"]["url"])
            case "Runtime.consoleAPICalled":
                self.complaints.append(f"console.{params['type']}: {params['args']}")
            case "Runtime.exceptionThrown":
                self.complaints.append(str(params["exceptionDetails"]))
            case "Log.entryAdded":
                self.complaints.append(str(params["entry"]))
            case _:
                pass


@dataclass(frozen=True, slots=True)
class Browser:
    """A running browser, by the address of its DevTools."""

    address: str

    @contextmanager
    def page(self) -> Iterator[Page]:
        """A new, empty page; closed at the end of the block."""
        with connect(self.address, max_size=None) as connection:
            target = _command(connection, 1, "Target.createTarget", url="about:blank")["targetId"]
            session = _command(
                connection, 2, "Target.attachToTarget", targetId=target, flatten=True
            )["sessionId"]
            yield Page(connection, session)
            _command(connection, 3, "Target.closeTarget", targetId=target)


@contextmanager
def running_chromium(profile: Path) -> Iterator[Browser]:
    """Start a browser with an empty profile; it ends with the block."""
    program = next(path for name in PROGRAMS if (path := shutil.which(name)))
    process = subprocess.Popen(
        [program, f"--user-data-dir={profile}", *_FLAGS],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield Browser(_address(process, profile / "DevToolsActivePort"))
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _address(process: subprocess.Popen[bytes], written: Path) -> str:
    """The browser writes its port and its path into a file when it is ready."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        lines = written.read_text().splitlines() if written.exists() else []
        if len(lines) == 2:
            return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
        time.sleep(0.05)
    raise AssertionError("Chromium did not start")


def _command(connection: ClientConnection, number: int, method: str, **params: object) -> Any:
    """Send a command to the browser itself and return its result."""
    connection.send(json.dumps({"id": number, "method": method, "params": params}))
    while True:
        answer = json.loads(connection.recv(timeout=ANSWER_SECONDS))
        if answer.get("id") == number and "sessionId" not in answer:
            assert "error" not in answer, (method, answer["error"])
            return answer["result"]
