"""The champion behind MLflow's own server."""

import contextlib
import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from servers import free_port, running

from sentiment.tracking.champion import ALIAS, NAME


class Server:
    """Where it answers."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"

    def answer(self, body: object) -> tuple[int, dict]:
        """Status and content of the answer to a request, JSON unless it is bytes."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        header = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.address}/invocations", data, header)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def texts(self, *texts: object) -> tuple[int, dict]:
        data = [[text] for text in texts]
        return self.answer({"dataframe_split": {"columns": ["text"], "data": data}})

    def is_up(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/ping", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False


@contextlib.contextmanager
def served(store: str, folder: Path) -> Iterator[Server]:
    """Serve the champion of an MLflow store, from a place where this project is not to be found."""
    package = folder / "elsewhere/sentiment/__init__.py"
    package.parent.mkdir(parents=True)
    package.write_text("raise ImportError('the model must not need this')")
    found = Server(free_port())
    command = [sys.executable, "-m", "mlflow", "models", "serve", "-m", f"models:/{NAME}@{ALIAS}"]
    command += ["--env-manager", "local", "--port", found.address.rpartition(":")[2]]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(package.parents[1]))
        patch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
        patch.setenv("MLFLOW_TRACKING_URI", store)
        with running(command, found.is_up, folder / "log"):
            yield found


def memory_of_descendants() -> int:
    """Bytes that all processes hold which this one has started."""
    total = 0
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            total += process.memory_info().rss
    return total
