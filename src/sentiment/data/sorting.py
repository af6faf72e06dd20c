"""Reviews in order of id, however many there are: sorted in parts that lie on disk."""

import contextlib
import heapq
import tempfile
from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path
from typing import Any

import pyarrow as pa

# Reviews that are sorted in memory at a time, and those of each part that are read back together.
PART, BATCH = 50_000, 500


@contextlib.contextmanager
def sorter(schema: pa.Schema, path: Path) -> Iterator["Sorter"]:
    """Yield a Sorter of reviews that are to be written to `path`, beside which its parts lie.

    An OSError that names no file, as PyArrow's of a full disk, then names `path`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".writing-") as folder:
        try:
            yield Sorter(schema, Path(folder))
        except OSError as error:
            error.filename = error.filename or str(path)
            raise


class Sorter:
    """Takes reviews in any order and gives them back in order of id."""

    def __init__(self, schema: pa.Schema, folder: Path) -> None:
        """Reviews have the columns of `schema`, id among them; `folder` is for the parts."""
        self.schema, self.folder = schema, folder
        self._waiting: list[dict[str, Any]] = []
        self._parts: list[Path] = []

    def add(self, review: dict[str, Any]) -> None:
        """Take one more."""
        self._waiting.append(review)
        if len(self._waiting) == PART:
            self._put_away()

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """All of them; of two with one id the one that came first is the first."""
        self._put_away()
        return heapq.merge(*map(_read, self._parts), key=itemgetter("id"))

    def _put_away(self) -> None:
        part = self.folder / f"{len(self._parts)}.arrow"
        ordered = sorted(self._waiting, key=itemgetter("id"))
        with pa.OSFile(str(part), "wb") as file, pa.ipc.new_file(file, self.schema) as writer:
            for start in range(0, len(ordered), BATCH):
                some = ordered[start : start + BATCH]
                writer.write_batch(pa.RecordBatch.from_pylist(some, self.schema))
        self._parts.append(part)
        self._waiting = []


def _read(part: Path) -> Iterator[dict[str, Any]]:
    # Not a memory map: what was read of one would stay in memory.
    with pa.OSFile(str(part)) as file, pa.ipc.open_file(file) as reader:
        for number in range(reader.num_record_batches):
            yield from reader.get_batch(number).to_pylist()
