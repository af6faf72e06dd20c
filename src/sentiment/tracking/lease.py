"""One writer at a time for a tracking server, wherever the writers are.

MLflow has no lock that computers share, but a registered model has a name that only one can create.
Whoever created it holds the lease; those who wait take it over where it is not renewed.
"""

import contextlib
import os
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import psutil

NAME = "sentiment-writes"
# Seconds between two renewals, seconds after which a lease that was not renewed is void, and
# seconds between two tries to get it.
RENEWAL, VOID, PAUSE = 10.0, 60.0, 0.5
BEAT = "beat"
PURPOSE = "Held while runs are written: `sentiment sync` removes it."


class Lease:
    """The lease on one server; the same process may take it again while it holds it."""

    def __init__(self, client: Any, refusal: type[Exception], patience: float) -> None:
        """`client` is an MlflowClient, and `refusal` what it raises where the server says no.

        `patience` is how many seconds `taken` waits at most.
        """
        self.client, self.refusal, self.patience = client, refusal, patience
        self.depth = 0

    @contextlib.contextmanager
    def taken(self) -> Iterator[None]:
        """Hold it for the length of the block. Raises TimeoutError where another holds on."""
        if self.depth == 0:
            self._take()
        self.depth += 1
        over = threading.Event()
        renewal = threading.Thread(target=self._renew, args=(over,), daemon=True)
        if self.depth == 1:
            renewal.start()
        try:
            yield
        finally:
            self.depth -= 1
            over.set()
            if self.depth == 0:
                renewal.join()
                self.client.delete_registered_model(NAME)

    def _take(self) -> None:
        deadline = time.monotonic() + self.patience
        last, since = "", time.monotonic()
        while True:
            with contextlib.suppress(self.refusal):
                # An earlier holder of this process may have had it as long.
                tags = {"holder": process_name(), BEAT: f"{time.time_ns()}"}
                self.client.create_registered_model(NAME, tags, PURPOSE)
                return
            holder, beat = self._look()
            if beat != last:
                last, since = beat, time.monotonic()
            elif is_gone(holder) or time.monotonic() - since > VOID:
                with contextlib.suppress(self.refusal):
                    self.client.delete_registered_model(NAME)
            if time.monotonic() > deadline:
                raise TimeoutError(f"another process writes to the server: {holder}")
            time.sleep(PAUSE)

    def _look(self) -> tuple[str, str]:
        """Who holds it, and that with how often they renewed it; empty if nobody does."""
        try:
            tags = self.client.get_registered_model(NAME).tags
        except self.refusal:
            return "", ""
        holder = tags.get("holder", "")
        return holder, f"{holder} {tags.get(BEAT)}"

    def _renew(self, over: threading.Event) -> None:
        while not over.wait(RENEWAL):
            # What is wrong with the server, the write itself says.
            with contextlib.suppress(Exception):
                self.client.set_registered_model_tag(NAME, BEAT, f"{time.time_ns()}")


def process_name() -> str:
    """This process, among those of all computers."""
    return f"{socket.gethostname()}:{os.getpid()}"


def is_gone(process: str) -> bool:
    """Whether the process with this `process_name` ran on this computer and is over."""
    host, _, number = process.rpartition(":")
    return host == socket.gethostname() and not psutil.pid_exists(int(number))
