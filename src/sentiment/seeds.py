"""Seeds of a cell that are trained already: none of them is trained again for another seed's sake.

So an interruption loses only the seed under way, and a new seed trains alone. They are kept outside
the stage's output, which DVC removes before the stage starts, under a name made from everything
that decides them: inputs, settings and code.
"""

import hashlib
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import keras
import pandas as pd

from sentiment import code
from sentiment.files import atomic_path, read_json, sha256, write_json
from sentiment.sections import Section

FOLDER = Path(".sentiment/seeds")
WEIGHTS = "seed.weights.h5"


class Store:
    """The finished seeds of one cell."""

    def __init__(self, cell: str, inputs: Iterable[Path], settings: Iterable[Section]) -> None:
        """Open the cell's store for these input files, settings, and the code loaded by now."""
        parts = [sha256(path) for path in inputs]
        parts += [section.model_dump_json() for section in settings]
        parts.append(code.digest())
        self.folder = FOLDER / cell / hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]

    def __contains__(self, seed: int) -> bool:
        """Whether `seed` is trained, and its weights are as they were saved."""
        kept = self._place(seed) / WEIGHTS
        return kept.is_file() and sha256(kept) == self.record(seed)["weights"]

    def save(self, seed: int, classifier: keras.Model, record: dict[str, Any]) -> str:
        """Keep the weights and `record` of a trained seed; sha256 of the weights file."""
        with atomic_path(self._place(seed)) as place:
            place.mkdir()
            classifier.save_weights(place / WEIGHTS)
            digest = sha256(place / WEIGHTS)
            write_json(place / "record.json", {"seed": seed, "weights": digest, **record})
        return digest

    def record(self, seed: int) -> dict[str, Any]:
        """What was kept with the weights of `seed`."""
        return read_json(self._place(seed) / "record.json")

    def assemble(self, seeds: Iterable[int], destination: Path) -> None:
        """Write the cell's output: the weights of each seed and one history.csv.

        What is kept of other inputs, settings or code is then forgotten.
        """
        with atomic_path(destination) as cell:
            cell.mkdir()
            for seed in seeds:
                shutil.copyfile(self._place(seed) / WEIGHTS, weights(cell, seed))
            rows = [{"seed": seed, **row} for seed in seeds for row in self.record(seed)["history"]]
            columns = ["seed", "epoch", "acc", "loss", "val_acc", "val_loss"]
            pd.DataFrame(rows, columns=columns).to_csv(
                cell / "history.csv", index=False, lineterminator="\n"
            )
        for other in self.folder.parent.iterdir():
            if other != self.folder:
                shutil.rmtree(other)

    def _place(self, seed: int) -> Path:
        return self.folder / f"seed-{seed}"


def weights(cell: Path, seed: int) -> Path:
    """Where a cell's output has the weights of `seed`."""
    return cell / f"seed-{seed}.weights.h5"
