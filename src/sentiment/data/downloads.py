"""Downloads over HTTP that go on where they broke off, and wait as long as a server asks."""

import time
from pathlib import Path

import requests
from requests.adapters import HTTPAdapter
from tqdm import tqdm
from urllib3.util import Retry

# Seconds to connect, and seconds without a byte before a transfer counts as stalled.
TIMEOUT = (10, 20)
# Times that a transfer begins or goes on, and seconds before the second time, doubled each time.
TRIES, PAUSE = 4, 1.0
# What a server says that is busy, and seconds that it is waited for at most, whatever it asks.
BUSY, PATIENCE = (429, 500, 502, 503, 504), 60
# Bytes that are received at a time.
CHUNK = 2**16
# The part that was asked for is not there: the file on the server has become another.
NO_SUCH_PART = 416


class Failed(Exception):
    """Why an address could not be downloaded."""


def download(address: str, destination: Path) -> None:
    """Put the file at an http(s) address at `destination`.

    Raises Failed with what the server did the last time, once TRIES are used up or an answer is
    final; `destination` may then hold a part.
    """
    transfer = _Transfer(address, destination)
    for attempt in range(TRIES):
        time.sleep(PAUSE * 2 ** (attempt - 1) if attempt else 0)
        try:
            transfer.go_on()
            return
        except requests.RequestException as error:
            failure, is_final = _failure(error)
        if is_final:
            break
    raise Failed(failure)


class _Transfer:
    """A download, as far as it has come."""

    def __init__(self, address: str, destination: Path) -> None:
        self.address, self.destination = address, destination
        # What tells this version of the file from another; without it nothing is gone on with.
        self.version: str | None = None

    def go_on(self) -> None:
        """Receive what is missing, or all if the file on the server has changed."""
        there = self.destination.stat().st_size if self.version else 0
        # Packed on the way, its bytes could not be counted.
        headers = {"Accept-Encoding": "identity"}
        if self.version and there:
            headers |= {"Range": f"bytes={there}-", "If-Range": self.version}
        with (
            _session() as session,
            session.get(self.address, headers=headers, stream=True, timeout=TIMEOUT) as answer,
        ):
            if answer.status_code == NO_SUCH_PART:
                self.version = None
            answer.raise_for_status()
            is_part = answer.status_code == requests.codes.partial_content
            self._receive(answer, there if is_part else 0)

    def _receive(self, answer: requests.Response, there: int) -> None:
        self.version = answer.headers.get("ETag") or answer.headers.get("Last-Modified")
        size = int(answer.headers.get("Content-Length", 0)) + there
        look = {"total": size or None, "unit": "B", "unit_scale": True, "disable": None}
        with (
            self.destination.open("ab" if there else "wb") as file,
            tqdm(initial=there, desc=self.destination.name, **look) as bar,
        ):
            for chunk in answer.iter_content(CHUNK):
                file.write(chunk)
                bar.update(len(chunk))


def _session() -> requests.Session:
    """One that asks a busy server again, when the server says."""
    again = Retry(
        connect=0,
        read=False,
        status=TRIES - 1,
        status_forcelist=BUSY,
        backoff_factor=PAUSE,
        retry_after_max=PATIENCE,
        raise_on_status=False,
    )
    session = requests.Session()
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(max_retries=again))
    return session


def _failure(error: requests.RequestException) -> tuple[str, bool]:
    """What the server did, and whether to ask again is of no use."""
    if isinstance(error, requests.HTTPError) and error.response is not None:
        status = error.response.status_code
        return f"the server answered {status}", status != NO_SUCH_PART
    if isinstance(error, requests.Timeout):
        return "the server did not answer in time", False
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the transfer broke off", False
    if isinstance(error, requests.ConnectionError):
        if "timed out" in str(error):
            return "the transfer stalled", False
        return "not reachable", True
    return "it leads to no file on the web", True
