"""What Numba kept on disk is run only as it was written: a bit of machine code decides results.

Numba itself would run whatever lies there. So each file is sealed with its digest as soon as it is
written, and a process begins by removing what is not as it was sealed; it then compiles anew.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sentiment.storage.files import sha256, write_text

# As `scans.compiling` has it, whose import takes half a second.
FOLDER = Path(".sentiment/numba")


@contextlib.contextmanager
def checked(root: Path = Path(), *, compiles: bool = True) -> Iterator[None]:
    """Let a block find only whole files in the project `root`, and seal those that it writes.

    One that never `compiles` need not wait until Numba is imported.
    """
    for file in _files(root):
        if not _is_whole(file):
            file.unlink(missing_ok=True)
            _seal(file).unlink(missing_ok=True)
    with _sealing() if compiles else contextlib.nullcontext():
        yield


@contextlib.contextmanager
def _sealing() -> Iterator[None]:
    """Numba's files are sealed as they are written, by way of what it writes them with."""
    from numba.core.caching import IndexDataCacheFile

    kind: Any = IndexDataCacheFile
    write = kind._open_for_write

    @contextlib.contextmanager
    def write_and_seal(self: Any, path: str) -> Iterator[Any]:
        with write(self, path) as file:
            yield file
        # Another process may write it too, and seals it then.
        with contextlib.suppress(FileNotFoundError):
            write_text(_seal(Path(path)), f"{sha256(Path(path))}\n")

    kind._open_for_write = write_and_seal
    try:
        yield
    finally:
        kind._open_for_write = write


def _files(root: Path) -> Iterator[Path]:
    """Numba's indices and machine code."""
    for ending in ("nbi", "nbc"):
        yield from sorted((root / FOLDER).rglob(f"*.{ending}"))


def _is_whole(file: Path) -> bool:
    try:
        return _seal(file).read_text(encoding="utf-8").strip() == sha256(file)
    except (FileNotFoundError, UnicodeDecodeError):
        return False


def _seal(file: Path) -> Path:
    return file.with_name(f"{file.name}.sha256")
