"""Seeds of a cell that are trained already: none of them is trained again for another seed's sake.

So an interruption loses only the seed under way, and a new seed trains alone. They are kept outside
the stage's output, which DVC removes before the stage starts, under a name made from everything
that decides them: inputs, settings, code, engine, and the versions of what computes.
"""

import contextlib
import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import keras
import pandas as pd

from sentiment.networks import weights
from sentiment.networks.descriptions import Description, Trained
from sentiment.running import code, host
from sentiment.settings.sections import Train
from sentiment.storage.files import atomic_path, read_json, sha256, write_json, write_text

FOLDER = Path(".sentiment/seeds")
WEIGHTS = "seed.weights.h5"
# What a training gave beside its weights, and the sha256 of that file.
RECORD, SEAL = "record.json", "record.sha256"
COLUMNS = ["seed", "epoch", "acc", "loss", "val_acc", "val_loss"]


class Store:
    """The finished seeds of one cell."""

    def __init__(
        self, cell: str, inputs: Iterable[Path], settings: Mapping[str, Any], trained: Trained
    ) -> None:
        """Open the cell's store for these input files and settings, and what else decides.

        `trained` has the model, the engine, the target and the digests of the code.
        """
        self.trained, self.machine = trained, host.describe()
        versions = {name: self.machine["versions"][name] for name in host.DECISIVE}
        parts = [sha256(path) for path in inputs]
        parts += [json.dumps(part, sort_keys=True) for part in (settings, vars(trained), versions)]
        self.folder = FOLDER / cell / hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]

    def __contains__(self, seed: int) -> bool:
        """Whether `seed` is trained, and its weights and its record are as they were saved."""
        place = self._place(seed)
        try:
            is_whole = (place / SEAL).read_text(encoding="utf-8").strip() == sha256(place / RECORD)
            return is_whole and sha256(place / WEIGHTS) == self._record(seed)["weights"]
        except (FileNotFoundError, UnicodeDecodeError):
            return False

    def save(self, seed: int, classifier: keras.Model, record: Mapping[str, Any]) -> str:
        """Keep the weights and `record` of a trained seed, with this machine and its code.

        Returns the sha256 of the weights file.
        """
        with atomic_path(self._place(seed)) as place:
            place.mkdir()
            classifier.save_weights(place / WEIGHTS)
            digest = sha256(place / WEIGHTS)
            about = {"seed": seed, "weights": digest, "code": self.trained.code, **self.machine}
            write_json(place / RECORD, {**about, **record})
            write_text(place / SEAL, f"{sha256(place / RECORD)}\n")
        return digest

    def weights(self, seed: int) -> Path:
        """The file with the weights of a trained seed."""
        return self._place(seed) / WEIGHTS

    def history(self, seed: int) -> list[dict[str, float]]:
        """For each epoch of a trained seed: epoch, acc, loss, val_acc, val_loss."""
        return self._record(seed)["history"]

    def facts(self, seed: int) -> dict[str, Any]:
        """When, where and by which code `seed` was trained, and the sha256 of its weights."""
        record = self._record(seed)
        return {key: value for key, value in record.items() if key != "history"}

    def assemble(self, seeds: Iterable[int], destination: Path) -> None:
        """Write the cell's output: the weights of each seed, history.csv and model.json.

        What is kept of other inputs, settings or code is then forgotten.
        """
        with atomic_path(destination) as cell:
            cell.mkdir()
            for seed in seeds:
                shutil.copyfile(self.weights(seed), weights.path(cell, seed))
            records = map(self._record, seeds)
            rows = [{"seed": kept["seed"], **row} for kept in records for row in kept["history"]]
            table = pd.DataFrame(rows, columns=COLUMNS)
            table.to_csv(cell / "history.csv", index=False, lineterminator="\n")
            self.trained.write(cell / "model.json")
        for other in self.folder.parent.iterdir():
            if other != self.folder:
                shutil.rmtree(other)

    def _record(self, seed: int) -> dict[str, Any]:
        return read_json(self._place(seed) / RECORD)

    def _place(self, seed: int) -> Path:
        return self.folder / f"seed-{seed}"


def beside_the_table(name: str, about: Path, recipe: Train, inputs: str) -> Store:
    """The store of an experiment's model, which ABOUT describes; `name` says of which experiment.

    `inputs` is the digest of tokens and vectors.
    """
    described = Description.read(about)
    trained = Trained(**vars(described), code=code.of_training())
    return Store(name, [], recipe.model_dump() | {"inputs": inputs}, trained)


@contextlib.contextmanager
def timed() -> Iterator[dict[str, str]]:
    """Yield a mapping that has `started` and `ended`, ISO 8601 in UTC, once the block is over."""
    times = {"started": _now()}
    yield times
    times["ended"] = _now()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
