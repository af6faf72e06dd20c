"""How many stages fit side by side: by cores, and by memory."""

import os
from pathlib import Path

import psutil

from sentiment.running import times

# Megabytes that a stage is taken to need where none was measured.
UNKNOWN = 1500
# Where a container's limit stands, and what it uses of it: control groups of version 2.
LIMIT, USED = Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")


def workers(root: Path, jobs: int | None, threads: int) -> int:
    """As many as fit, at most `jobs`, at least one.

    `threads` times workers never exceed the cores that this process may use, nor workers times the
    most memory that a stage was measured to need the memory that is free.
    """
    peaks = [stage["peak_mb"] for stage in times.recorded(root).values()]
    by_memory = _free_megabytes() // max(peaks, default=UNKNOWN)
    most = max(1, min(_cores() // threads, by_memory))
    return min(jobs or most, most)


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        # macOS binds no process to cores.
        return os.cpu_count() or 1


def _free_megabytes() -> int:
    free = psutil.virtual_memory().available
    try:
        limited = int(LIMIT.read_text()) - int(USED.read_text())
    except (OSError, ValueError):
        # Without a container, or one without a limit.
        limited = free
    return min(free, limited) // 2**20
