"""Starts what runs on this computer beside each other, and stops it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from sentiment.running.quiet import RUNNER

LOGS = Path(".sentiment/logs")
# Seconds that a stage has to stop after each signal.
PATIENCE = 10
DVC = [sys.executable, "-m", "dvc", "--wait-for-lock"]


class Local:
    """Processes of one project, by name; what each says goes to `.sentiment/logs/<name>.log`."""

    def __init__(self, root: Path) -> None:
        """`root` is the project's folder."""
        self.root = root
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def __len__(self) -> int:
        """How many have not ended."""
        return len(self.processes)

    def start(
        self,
        name: str,
        command: Sequence[str],
        where: Path | None = None,
        more: Mapping[str, str] | None = None,
    ) -> None:
        """Start `command` in the folder `where`, else the project's, with `more` environment."""
        log = log_of(self.root, name)
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            self.processes[name] = subprocess.Popen(
                command,
                cwd=where or self.root,
                env={**environment(), **(more or {})},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # A session of its own, so that an interruption reaches it once, from `stop`.
                start_new_session=True,
            )

    def ended(self) -> list[tuple[str, bool]]:
        """Names of those that ended since the last call, and whether they succeeded."""
        over = [name for name, process in self.processes.items() if process.poll() is not None]
        return [(name, self.processes.pop(name).returncode == 0) for name in over]

    def stop(self) -> None:
        """Stop all, and what they started; wait for them."""
        stop(self.processes.values())


def log_of(root: Path, name: str) -> Path:
    """Where the output of a process goes."""
    return root / LOGS / f"{name}.log"


def environment() -> dict[str, str]:
    """Stages say `python` and `sentiment`: those beside this Python, activated or not."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, RUNNER: "1"}


def stop(processes: Iterable[subprocess.Popen[bytes]]) -> None:
    """Stop processes, each with its session: by SIGINT, and if that is not heeded by force."""
    for sent in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        alive = [process for process in processes if process.poll() is None]
        for process in alive:
            os.killpg(process.pid, sent)
        deadline = time.monotonic() + PATIENCE
        while any(process.poll() is None for process in alive) and time.monotonic() < deadline:
            time.sleep(0.05)
