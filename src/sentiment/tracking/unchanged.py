"""Whether the local store is as the last sync left it: told without MLflow, which takes seconds."""

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sentiment.running import code
from sentiment.storage.files import read_json, sha256, write_json
from sentiment.tracking.record import Record

STAMP = Path(".sentiment/mirrored.json")


def remember(root: Path, records: Sequence[Record]) -> None:
    """Note that the store has these records, and how its files look with them."""
    write_json(root / STAMP, _state(root, records))


def is_mirrored(root: Path, records: Sequence[Record]) -> bool:
    """Whether these records are what was noted, and nobody has written to the store since.

    Never of a server, whose store others may write to.
    """
    if os.environ.get("MLFLOW_TRACKING_URI"):
        return False
    try:
        noted = read_json(root / STAMP)
    except (OSError, ValueError):
        return False
    return noted["store"] != [] and noted == _state(root, records)


def _state(root: Path, records: Sequence[Record]) -> dict[str, Any]:
    mirrored = hashlib.sha256("\n".join(map(repr, records)).encode()).hexdigest()
    # Other code may mirror the same records otherwise.
    made_by = code.digest([Path(__file__).parent])
    # What the experiment says of itself comes from the parameters.
    given = sha256(root / "params.yaml")
    state = {"records": mirrored, "params": given, "code": made_by, "store": list(_files(root))}
    return json.loads(json.dumps(state))


def _files(root: Path) -> Iterator[tuple[str, int, int]]:
    """Name, size and time of the files of the database, and time of the folder of artifacts."""
    for path in sorted([*root.glob("mlflow.db*"), *root.glob("mlartifacts")]):
        found = path.stat()
        yield path.name, found.st_size if path.is_file() else 0, found.st_mtime_ns
