"""What Numba kept on disk is run only as it was written: a bit of machine code decides results.

Numba itself would run whatever lies there. So each file is sealed with its digest when the process
that wrote it ends, and a process begins by removing what has no seal of its own; it then compiles
anew.
"""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

from sentiment.storage.files import sha256, write_text

# As `scans.compiling` has it, whose import takes half a second.
FOLDER = Path(".sentiment/numba")


@contextlib.contextmanager
def checked(root: Path = Path()) -> Iterator[None]:
    """Let a block find only whole files in the project `root`, and seal those that it writes."""
    remove_damaged(root)
    started = time.time()
    try:
        yield
    finally:
        seal_written_since(started, root)


def remove_damaged(root: Path) -> None:
    """Remove each file that is not as it was sealed, and what was never sealed."""
    for file in _files(root):
        seal = _seal(file)
        try:
            is_whole = seal.read_text(encoding="utf-8").strip() == sha256(file)
        except (OSError, UnicodeDecodeError):
            is_whole = False
        if not is_whole:
            file.unlink(missing_ok=True)
            seal.unlink(missing_ok=True)


def seal_written_since(moment: float, root: Path) -> None:
    """Seal each file that was written after `moment`, in seconds since the epoch."""
    for file in _files(root):
        # Another process may write or remove it meanwhile, and seals what it leaves.
        try:
            if file.stat().st_mtime >= moment:
                write_text(_seal(file), f"{sha256(file)}\n")
        except FileNotFoundError:
            continue


def _files(root: Path) -> Iterator[Path]:
    """Numba's indices and machine code."""
    for ending in ("nbi", "nbc"):
        yield from sorted((root / FOLDER).rglob(f"*.{ending}"))


def _seal(file: Path) -> Path:
    return file.with_name(f"{file.name}.sha256")
