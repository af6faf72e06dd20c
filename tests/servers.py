"""Servers that a test starts and ends."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import requests


def free_port() -> int:
    """A port of this computer that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answering(port: int) -> Callable[[], bool]:
    """Whether something listens on a port of this computer."""

    def does() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    return does


@contextlib.contextmanager
def running(command: list[str], ready: str | Callable[[], bool], output: Path) -> Iterator[None]:
    """Run `command`, wait until it is `ready`, in the end stop it and what it started.

    An address is ready when it answers.
    """
    with (
        output.open("w") as file,
        subprocess.Popen(command, stdout=file, stderr=file, start_new_session=True) as process,
    ):
        try:
            _wait_for(ready, process, output)
            yield
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)


def _wait_for(
    ready: str | Callable[[], bool], process: subprocess.Popen[bytes], output: Path
) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(requests.ConnectionError):
            if requests.get(ready, timeout=10).ok if isinstance(ready, str) else ready():
                return
        time.sleep(0.2)
    raise AssertionError(f"{process.args} does not answer: {output.read_text()}")
