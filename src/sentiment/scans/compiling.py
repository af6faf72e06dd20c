"""How Numba compiles the scans, and where it keeps what it compiled."""

import functools
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
from llvmlite import binding

FOLDER = Path(".sentiment/numba")
# The rooms whose functions call each other once they are compiled.
SOURCES = ("scans", "architectures")

AVX512 = ("avx512f", "avx512vl", "avx512bw", "avx512dq")


def _has_avx512() -> bool:
    try:
        here = binding.get_host_cpu_features()
    except RuntimeError:  # LLVM cannot tell on this kind of processor
        return False
    return all(here.get(name, False) for name in AVX512)


# Whether this processor has these wide vectors.
HAS_AVX512 = _has_avx512()

# Sums may be taken in another order; what is not a number stays so, and shows in the loss. Roots
# and quotients are exact: LLVM's flags `arcp` and `afn` allow the processor's own estimates of
# them, which kinds of processors round differently.
OPTIONS: dict[str, Any] = {
    "nogil": True,
    "error_model": "numpy",
    "fastmath": {"reassoc", "contract", "nsz"},
}

# What is called is compiled into its caller, always: otherwise a process that compiles would run
# another copy of it, differently rounded, than one that finds the caller kept on disk.
compiled = numba.njit(forceinline=True, **OPTIONS)


def kept(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile `function`, which Python calls, and keep the machine code on disk.

    Numba looks only at the file of the function itself to see whether what it kept is still right,
    and misses a change in a function that is called. So the folder has the digest of all that can
    be called in its name, and whether it may use AVX-512, which Numba's own index does not tell.
    Without a place to write, nothing is kept.
    """
    folder = FOLDER / (f"{_digest()}-avx512" if HAS_AVX512 else _digest())
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
