"""Hostile files: a declared error, and nothing is executed, written elsewhere or held in memory."""

import gzip
import pickle
import re
import tarfile
from collections.abc import Callable
from pathlib import Path

import cells
import numpy as np
import pytest
from tally import Tally

from sentiment.data import unpacking, vector_files
from sentiment.errors import UserError
from sentiment.networks import weights
from sentiment.settings import params
from sentiment.storage import tokens
from sentiment.tables import lines

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.timeout(300)
# Bytes by which a refusal may grow the process, and what a stage makes one line of.
MOST = 400_000_000
DECLARED = (UserError, unpacking.Unusable, ValueError, OSError, MemoryError)


class Payload:
    """What would leave a trace, were it unpickled."""

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return _touch, ("executed",)


def _touch(name: str) -> None:
    Path(name).touch()


def member(name: str, kind: bytes = tarfile.REGTYPE, size: int = 0) -> bytes:
    """The header of a member."""
    found = tarfile.TarInfo(name)
    found.type, found.size, found.linkname = kind, size, "/etc/passwd"
    return found.tobuf(tarfile.GNU_FORMAT)


def archive(*parts: bytes, zeros: int = 0) -> Callable[[Path], None]:
    """Write a packed archive of these headers, and so many MB of zeros."""

    def write(path: Path) -> None:
        with gzip.open(path, "wb", compresslevel=1) as file:
            for part in parts:
                file.write(part)
            for _ in range(zeros):
                file.write(bytes(2**20))
            file.write(bytes(1024))

    return write


def array(header: bytes) -> bytes:
    """An .npy file of this header alone."""
    length = len(header).to_bytes(2, "little")
    return b"\x93NUMPY\x01\x00" + length + header


def pickled_array(path: Path) -> None:
    np.save(path, np.array([Payload()], dtype=object), allow_pickle=True)


def content(of_file: bytes) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(of_file) and None


def read_archive(path: Path) -> None:
    for _ in unpacking.read_archive(path):
        pass


def read_tokens(path: Path) -> None:
    folder = path.parent / "tokens"
    folder.mkdir()
    path.rename(folder / "ids.npy")
    tokens.load(folder)


def read_vectors(path: Path) -> None:
    vector_files.read(path, params.load(ROOT / "params.yaml").vectors, path.name)


def read_weights(path: Path) -> None:
    weights.read(path, cells.kind("lstm-3"), length=cells.LENGTH, dimensions=cells.DIMENSIONS)


def read_table(path: Path) -> None:
    for _ in lines.rows(path, ["text"]):
        pass


def most_memory(*, anew: bool = False) -> int:
    """Bytes that this process has held at most, since it was asked to count anew; on Linux."""
    if anew:
        Path("/proc/self/clear_refs").write_text("5")
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return 1024 * int(found[1])


YAML = (ROOT / "params.yaml").read_bytes()
BOMB = b"a: &a [x, x]\n" + b"".join(
    b"%c: &%c [*%c, *%c, *%c]\n" % (98 + n, 98 + n, 97 + n, 97 + n, 97 + n) for n in range(20)
)
HUGE = b"{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000,), }\n"
# A file's name, what writes it, and what reads it.
CASES: dict[str, tuple[str, Callable[[Path], None], Callable[[Path], None]]] = {
    "a member with an absolute path": ("a", archive(member("/tmp/executed")), read_archive),
    "a member with a parent's path": ("a", archive(member("x/../../executed")), read_archive),
    "a symbolic link": ("a", archive(member("x/a", tarfile.SYMTYPE)), read_archive),
    "a hard link": ("a", archive(member("x/a", tarfile.LNKTYPE)), read_archive),
    "a device": ("a", archive(member("x/a", tarfile.CHRTYPE)), read_archive),
    "a member of 1 GB of zeros": (
        *("a", archive(member("x/a.txt", size=2**30), zeros=1024), read_archive),
    ),
    "a name of 1 GB": (
        *("a", archive(member("x", tarfile.GNUTYPE_LONGNAME, 2**30), zeros=1024), read_archive),
    ),
    "ten million members": ("a", archive(*[member("x/a")] * 10_000_000), read_archive),
    "a member whose name has 4,096 bytes and a device": (
        *("a", archive(member("x/" + 4094 * "a", tarfile.CHRTYPE)), read_archive),
    ),
    "an array with a pickle": ("a.npy", pickled_array, read_tokens),
    "an array of 4 TB": ("a.npy", content(array(HUGE)), read_tokens),
    "weights that are a pickle": ("a.h5", content(pickle.dumps(Payload())), read_weights),
    "a parquet file that is a pickle": ("a.parquet", content(pickle.dumps(Payload())), read_table),
    "vectors that are a pickle": ("a.bin", content(pickle.dumps(Payload())), read_vectors),
    "vectors of 10^9 words": ("a.bin", content(b"1000000000 300\nword 1 2 3\n"), read_vectors),
    "a line of 1 GB": (*("a.csv.gz", archive(b"text\n", zeros=1024), read_table),),
    "YAML of aliases of aliases": ("params.yaml", content(YAML + BOMB), params.load),
    "YAML with a tag that runs code": (
        *("params.yaml", content(YAML + b"x: !!python/object/apply:os.mkdir [executed]\n")),
        params.load,
    ),
}


@pytest.mark.parametrize("kind", CASES)
def test_a_hostile_file_is_refused_and_does_nothing(
    tally: Tally, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.chdir(tmp_path)
    name, write, read = CASES[kind]
    path, fault = tmp_path / "in" / name, tally.begin(kind)
    path.parent.mkdir()
    write(path)
    before = most_memory(anew=True)
    with pytest.raises(DECLARED) as refused:
        read(path)
    grown = most_memory() - before
    assert "\x1b" not in str(refused.value)
    assert not list(tmp_path.rglob("executed"))
    assert not Path("/tmp/executed").exists()
    assert grown < MOST
    fault.survives()
