"""Seeds of a cell that are trained already, so that an interruption loses only the one under way.

They are kept outside the stage's output, which DVC removes before the stage starts, under a name
made from everything that decides them: inputs, settings and code.
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


class Store:
    """The finished seeds of one cell, until the cell is whole."""

    def __init__(self, inputs: Iterable[Path], settings: Iterable[Section]) -> None:
        """Open the store for these input files, settings, and the code loaded by now."""
        parts = [sha256(path) for path in inputs]
        parts += [section.model_dump_json() for section in settings]
        parts.append(code.digest())
        self.folder = FOLDER / hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]

    def __contains__(self, seed: int) -> bool:
        """Whether `seed` is trained."""
        return self._place(seed).is_dir()

    def save(self, seed: int, classifier: keras.Model, record: dict[str, Any]) -> str:
        """Keep the weights and `record` of a trained seed; sha256 of the weights file."""
        with atomic_path(self._place(seed)) as place:
            place.mkdir()
            classifier.save_weights(place / "seed.weights.h5")
            digest = sha256(place / "seed.weights.h5")
            write_json(place / "record.json", {"seed": seed, "weights": digest, **record})
        return digest

    def record(self, seed: int) -> dict[str, Any]:
        """What was kept with the weights of `seed`."""
        return read_json(self._place(seed) / "record.json")

    def assemble(self, seeds: Iterable[int], destination: Path) -> None:
        """Write the cell's output: the weights of each seed and one history.csv; then forget."""
        with atomic_path(destination) as cell:
            cell.mkdir()
            for seed in seeds:
                shutil.copyfile(self._place(seed) / "seed.weights.h5", weights(cell, seed))
            rows = [{"seed": seed, **row} for seed in seeds for row in self.record(seed)["history"]]
            columns = ["seed", "epoch", "acc", "loss", "val_acc", "val_loss"]
            pd.DataFrame(rows, columns=columns).to_csv(
                cell / "history.csv", index=False, lineterminator="\n"
            )
        shutil.rmtree(self.folder)

    def _place(self, seed: int) -> Path:
        return self.folder / f"seed-{seed}"


def weights(cell: Path, seed: int) -> Path:
    """Where a cell's output has the weights of `seed`."""
    return cell / f"seed-{seed}.weights.h5"
