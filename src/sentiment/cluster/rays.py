"""Tasks on a Ray cluster; the only file that imports Ray."""

import contextlib
import io
import logging
import os
import socket
import tarfile
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sentiment.cluster import work
from sentiment.cluster.head import Lost
from sentiment.cluster.news import News
from sentiment.cluster.work import Outcome, Task
from sentiment.errors import UserError

# Times that a task whose worker is lost starts again elsewhere.
RETRIES = 3


class Rays:
    """An engine (see `head.Engine`) on a cluster that runs already."""

    def __init__(self, address: str, threads: int, peaks: dict[str, int]) -> None:
        """Connect to the cluster at `address`, as `ray.init` takes it.

        A task takes as many processors as a stage has `threads`, and the memory that its stages
        were measured to need; `peaks` has MB by stage. Raises UserError without Ray or a cluster.
        """
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        try:
            import ray
        except ImportError:
            raise UserError(
                "Ray is not installed: `python -m pip install 'ray'`, here and on all machines of "
                "the cluster, of one version"
            ) from None
        self.ray, self.threads, self.peaks = ray, threads, peaks
        try:
            _knock(address)
            ray.init(
                address,
                log_to_driver=False,
                logging_level=logging.ERROR,
                configure_logging=False,
            )
        except (ConnectionError, RuntimeError, ValueError, OSError) as error:
            reason = str(error).strip().splitlines()[0]
            raise UserError(
                f"--address {address}: no Ray cluster answers there ({reason}): `ray start --head` "
                "starts one"
            ) from None
        self.do = ray.remote(_do)
        self.board: Any = ray.remote(Board).options(num_cpus=0, max_restarts=-1).remote()
        self.asked: Any = None

    def begin(self, repository: bytes) -> None:
        """Put the repository where each machine fetches it once."""
        self.repository = self.ray.put(repository)

    def slots(self) -> int:
        """By the processors of all machines that are there now."""
        return max(1, int(self.ray.cluster_resources().get("CPU", 0) // self.threads))

    def submit(self, task: Task) -> Any:
        """Start a task, now or when a machine has room."""
        megabytes = max(self.peaks.get(stage, 0) for stage in task.stages)
        options = self.do.options(
            num_cpus=self.threads,
            memory=megabytes * 2**20,
            max_retries=RETRIES,
            retry_exceptions=False,
            name=task.stages[0],
        )
        return options.remote(self.repository, task, self.board)

    def result(self, handle: Any) -> Outcome | None:
        """What came of it."""
        done, _ = self.ray.wait([handle], timeout=0)
        if not done:
            return None
        try:
            return self.ray.get(handle)
        except self.ray.exceptions.RayTaskError as error:
            raise UserError(str(error.cause or error)) from None
        except self.ray.exceptions.RayError as error:
            raise Lost(type(error).__name__) from None

    def news(self) -> list[News]:
        """What came since the last call; never waits."""
        if self.asked is None:
            self.asked = self.board.take.remote()
        done, _ = self.ray.wait([self.asked], timeout=0)
        if not done:
            return []
        asked, self.asked = self.asked, None
        with contextlib.suppress(self.ray.exceptions.RayError):
            return self.ray.get(asked)
        return []

    def stop(self, handles: Iterable[Any]) -> None:
        """Interrupt the tasks, wait until they have stopped what they started, and leave."""
        left = list(handles)
        for handle in left:
            self.ray.cancel(handle)
        if left:
            self.ray.wait(left, num_returns=len(left), timeout=30)
        self.ray.shutdown()


def _knock(address: str) -> None:
    """Raise OSError where nothing listens at a `host:port`: Ray itself would try for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if host and port.isdecimal():
        socket.create_connection((host, int(port)), timeout=10).close()


class Board:
    """An actor to which workers say what their trainings say."""

    def __init__(self) -> None:
        """Empty."""
        self.news: list[News] = []

    def put(self, news: list[News]) -> None:
        """Add."""
        self.news += news

    def take(self) -> list[News]:
        """All that was put since the last call."""
        news, self.news = self.news, []
        return news


def _do(packed: bytes, task: Task, board: Any) -> Outcome:
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            archive.extractall(folder, filter="data")
        (repository,) = Path(folder).iterdir()
        return work.do(str(repository), task, board.put.remote)
