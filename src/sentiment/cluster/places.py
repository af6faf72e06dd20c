"""Where a worker has its clones: on its own disk, one for each task at a time and each commit."""

import contextlib
import itertools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import psutil
from filelock import FileLock, Timeout
from platformdirs import user_cache_path

# Names another folder, for machines whose home is small or read-only.
VARIABLE = "SENTIMENT_SCRATCH"


@contextlib.contextmanager
def taken(commit: str) -> Iterator[Path]:
    """Yield a folder for work on `commit` that no other worker has until the block ends.

    What an earlier task left in it is there, and is worth having: the clone, and seeds that were
    trained. What a worker that died left running in it is ended; other commits' folders go.
    """
    scratch = _scratch()
    for number in itertools.count():
        place = scratch / commit[:16] / str(number)
        place.mkdir(parents=True, exist_ok=True)
        lock = FileLock(place / "lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            continue
        try:
            _end_what_is_left_in(place)
            _forget_other_commits(scratch, commit[:16])
            yield place
        finally:
            lock.release()
        return


def _scratch() -> Path:
    """This machine's own: homes may be shared, and locks are of one machine."""
    named = os.environ.get(VARIABLE)
    base = Path(named) if named else user_cache_path("sentiment") / "workers"
    scratch = base / os.uname().nodename
    scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    return scratch


def _end_what_is_left_in(place: Path) -> None:
    left = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if Path(process.cwd()).is_relative_to(place) and process.pid != os.getpid():
                left.append(process)
    for process in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(left, timeout=10)


def _forget_other_commits(scratch: Path, commit: str) -> None:
    for other in scratch.iterdir():
        if other.name not in (commit, "cache"):
            for place in other.glob("*"):
                with contextlib.suppress(Timeout, OSError), FileLock(place / "lock").acquire(0):
                    shutil.rmtree(place)
            with contextlib.suppress(OSError):
                other.rmdir()
