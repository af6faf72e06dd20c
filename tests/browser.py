"""Headless Chromium, spoken to in the WebDriver protocol by way of ChromeDriver."""

import base64
import contextlib
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests
from servers import free_port

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")
# Chromium looks for its makers' servers unless told not to; as root it has no sandbox.
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --disable-quic "
    "--no-first-run --disable-background-networking --disable-component-update --disable-sync"
)


class Browser:
    """One window."""

    def __init__(self, session: str) -> None:
        """`session` is the address that ChromeDriver gave it."""
        self.session = session

    def open(self, address: str) -> None:
        """Go there."""
        self._post("url", {"url": address})

    def run(self, script: str, *arguments: Any) -> Any:
        """What a function with this JavaScript body and these arguments returns."""
        return self._post("execute/sync", {"script": script, "args": arguments})

    def wait_for(self, script: str, *arguments: Any, seconds: float = 60) -> Any:
        """What `run` returns as soon as that is true."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := self.run(script, *arguments):
                return found
            time.sleep(0.2)
        raise AssertionError(f"not so after {seconds} s: {script} {arguments}\n{self.text()}")

    def text(self) -> str:
        """All that the page shows in words."""
        return self.run("return document.body.innerText")

    def screenshot(self, path: Path) -> None:
        """Write the window as PNG."""
        answer = requests.get(f"{self.session}/screenshot", timeout=60)
        path.write_bytes(base64.b64decode(answer.json()["value"]))

    def emulate(self, width: int, scheme: str) -> None:
        """Be as wide as that, in a "light" or "dark" scheme of colours."""
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
        liked = [{"name": "prefers-color-scheme", "value": scheme}]
        for command, parameters in (
            ("Emulation.setDeviceMetricsOverride", size),
            ("Emulation.setEmulatedMedia", {"features": liked}),
        ):
            self._post("goog/cdp/execute", {"cmd": command, "params": parameters})

    def console(self) -> list[dict[str, Any]]:
        """What the pages have written to the console since the last call."""
        return self._post("se/log", {"type": "browser"})

    def _post(self, what: str, body: dict[str, Any]) -> Any:
        answer = requests.post(f"{self.session}/{what}", json=body, timeout=120)
        assert answer.ok, answer.text
        return answer.json()["value"]


@contextlib.contextmanager
def chromium(width: int = 1500, height: int = 900) -> Iterator[Browser]:
    """A window of that size, closed with everything else in the end."""
    port = free_port()
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile,
        subprocess.Popen([str(DRIVER), f"--port={port}"], stdout=subprocess.DEVNULL) as driver,
    ):
        try:
            session = _session(f"http://127.0.0.1:{port}", profile, f"{width},{height}")
            yield Browser(session)
            requests.delete(session, timeout=60)
        finally:
            driver.terminate()


def _session(driver: str, profile: str, size: str) -> str:
    flags = [*FLAGS.split(), f"--user-data-dir={profile}", f"--window-size={size}"]
    options: dict[str, Any] = {"goog:chromeOptions": {"binary": CHROMIUM, "args": flags}}
    options["goog:loggingPrefs"] = {"browser": "ALL"}
    wanted = {"capabilities": {"alwaysMatch": options}}
    deadline = time.monotonic() + 30
    while True:
        try:
            answer = requests.post(f"{driver}/session", json=wanted, timeout=120)
        except requests.ConnectionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            assert answer.ok, answer.text
            return f"{driver}/session/{answer.json()['value']['sessionId']}"
