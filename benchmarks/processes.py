"""Starting the processes that are measured, and asking them."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import implementations

from sentiment.networks import runtime

HERE = Path(__file__).parent
THREADS = {
    name: "1"
    for name in (
        "OMP_NUM_THREADS",
        "MKL_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "TF_NUM_INTRAOP_THREADS",
        "TF_NUM_INTEROP_THREADS",
    )
}
# What the C library does unasked, and how the stages of the pipeline have it.
ALLOCATORS = {"default": {}, "tuned": runtime.ALLOCATOR}
# What a process must not have from the one that starts it.
ASIDE = {**runtime.environment("portable"), **runtime.ALLOCATOR}.keys()


class Failure(Exception):
    """A process that ended before it had answered; the message is the last it said, and how."""


class Worker:
    """A process of its own: clean memory figures, backend, allocator, and one core."""

    def __init__(
        self, name: str, allocator: str, architecture: str, units: int, folder: Path, core: int
    ) -> None:
        """Start on `core` and wait until it is built and warm."""
        self.name, self.allocator = name, allocator
        self._said = tempfile.TemporaryFile("w+")  # noqa: SIM115
        # What one compiles for its target, another must not find.
        place = folder / name
        place.mkdir(exist_ok=True)
        command = [str(HERE / "worker.py"), name, architecture, str(units), str(folder)]
        self._process = subprocess.Popen(
            [sys.executable, *command],
            cwd=place,
            env=environment(name, allocator),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            text=True,
            bufsize=1,
        )
        self.pin(core)
        try:
            self._answer()
        except BaseException:
            self.close()
            raise

    def ask(self, kind: str, times: int) -> dict[str, Any]:
        """`step` or `forward`, this often: {"seconds": [...], "peak_mb": ...}."""
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(f"{kind} {times}\n")
        return self._answer()

    def pin(self, core: int) -> None:
        """Move all threads to one core, where the system can."""
        tasks = Path(f"/proc/{self._process.pid}/task")
        for task in tasks.iterdir() if tasks.exists() else ():
            with contextlib.suppress(ProcessLookupError):
                os.sched_setaffinity(int(task.name), {core})

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()
        self._said.close()

    def _answer(self) -> dict[str, Any]:
        line = self._process.stdout.readline()
        if not line:
            self._said.seek(0)
            said = [text for text in self._said.read().splitlines() if text.strip()]
            last, code = said[-1] if said else "no word", self._process.wait()
            raise Failure(f"killed by signal {-code} after: {last}" if code < 0 else last)
        return json.loads(line)


def environment(name: str, allocator: str) -> dict[str, str]:
    """Variables of a process: one thread, the implementation's, and the allocator's."""
    source = str(HERE.parent / "src")
    kept = {key: value for key, value in os.environ.items() if key not in ASIDE}
    given = {"PYTHONPATH": source, "TF_CPP_MIN_LOG_LEVEL": "3"} | implementations.load(
        name
    ).environment
    given = {key: value for key, value in given.items() if key not in runtime.ALLOCATOR}
    return {**kept, **THREADS, **given, **ALLOCATORS[allocator]}


def cores() -> list[int]:
    """Cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def close(workers: Iterable[Worker]) -> None:
    """End them all."""
    for worker in workers:
        worker.close()
