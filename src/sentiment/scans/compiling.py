"""How Numba compiles the scans, and where it keeps what it compiled."""

import functools
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba

FOLDER = Path(".sentiment/numba")
# The rooms whose functions call each other once they are compiled.
SOURCES = ("scans", "architectures")

# Sums may be taken in another order; what is not a number stays so, and shows in the loss.
OPTIONS: dict[str, Any] = {
    "nogil": True,
    "error_model": "numpy",
    "fastmath": {"reassoc", "contract", "arcp", "afn", "nsz"},
}

# What is called is compiled into its caller, always: otherwise a process that compiles would run
# another copy of it, differently rounded, than one that finds the caller kept on disk.
compiled = numba.njit(forceinline=True, **OPTIONS)


def kept(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile `function`, which Python calls, and keep the machine code on disk.

    Numba looks only at the file of the function itself to see whether what it kept is still right,
    and misses a change in a function that is called. So the folder has the digest of all that can
    be called in its name. Without a place to write, nothing is kept.
    """
    folder = FOLDER / _digest()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return numba.njit(**OPTIONS)(function)
    # Numba asks for the folder while it decorates, and for no other function should it be this.
    settings: Any = numba.config
    before, settings.CACHE_DIR = settings.CACHE_DIR, str(folder.absolute())
    try:
        return numba.njit(cache=True, **OPTIONS)(function)
    finally:
        settings.CACHE_DIR = before


@functools.cache
def _digest() -> str:
    """Hex digits from the sha256 over the names and contents of all files of SOURCES."""
    package = Path(__file__).parents[1]
    total = hashlib.sha256()
    for file in sorted(file for room in SOURCES for file in (package / room).glob("*.py")):
        total.update(f"{file.relative_to(package).as_posix()}\0".encode())
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()[:16]
