"""Files that are either whole or not there at all."""

import contextlib
import hashlib
import io
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

# What params.yaml names where there is no file: a path that exists, since DVC asks for it.
NO_FILE = Path("inputs/none")


@contextlib.contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a temporary sibling of `path` (file or folder) that takes its place on success.

    On any failure, a full disk and Ctrl-C included, the sibling is removed and what stood at
    `path` before stays as it was. An OSError then names `path`, not the sibling.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # The name keeps its endings: writers such as Keras choose the format by them. What a killed
    # process leaves behind is in .dvcignore, so that it is no part of a folder that DVC tracks.
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".writing-") as folder:
        temporary = Path(folder) / path.name
        try:
            yield temporary
        except OSError as error:
            where = error.filename2 or error.filename
            if where is None or Path(where).is_relative_to(folder):
                error.filename, error.filename2 = str(path), None
            raise
        if path.is_dir():
            # A folder does not take the place of another: for a moment there is none.
            before = path.rename(Path(folder) / f"{path.name}.before")
            try:
                temporary.rename(path)
            except OSError:
                before.rename(path)
                raise
        else:
            os.replace(temporary, path)


def write_text(path: Path, text: str) -> None:
    """Write `text` as UTF-8 with Unix line ends, whole or not at all."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: Path, data: Any) -> None:
    """Write `data` as indented JSON in the order given; NaN is refused with ValueError."""
    write_text(path, json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def write_array(path: Path, values: np.ndarray) -> None:
    """Write `values` as an .npy file, whole or not at all; equal values give equal bytes.

    By way of memory: NumPy hands the end of a file to the C library, which loses it in silence
    where the disk is full.
    """
    written = io.BytesIO()
    np.save(written, values)
    with atomic_path(path) as temporary:
        temporary.write_bytes(written.getbuffer())


def read_json(path: Path) -> Any:
    """What `write_json` wrote."""
    return json.loads(path.read_text(encoding="utf-8"))


def sha256(path: Path) -> str:
    """Hex sha256 of the file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
