"""Which weights the questions of memory were asked of, and whether the results still have them."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from sentiment.storage.files import read_json

COLUMNS = ["model", "seed", "weights"]


def present(results: Path, cells: Path) -> pd.DataFrame:
    """One row for each model and seed with its weights (hex sha256), in order of file name.

    `results` and `cells` are one protocol's folders of the grid's results and of memory's own.
    """
    records = [read_json(path) for folder in (results, cells) for path in _records(folder)]
    rows = [
        (record["model"], run["seed"], run["weights"])
        for record in records
        for run in record["seeds"]
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def changed(measured: Path, results: Path, cells: Path) -> list[str]:
    """Models of MEASURED, which stage `remember` writes, whose weights are others by now."""
    before, now = _by_model(pd.read_csv(measured)), _by_model(present(results, cells))
    return [model for model, weights in before.items() if weights != now.get(model)]


def note(models: Iterable[str]) -> str:
    """What is said above answers that are of other weights; empty if they are of these."""
    named = ", ".join(f"`{model}`" for model in models)
    return named and (
        f"> **Of other weights:** since this was measured, {named} came out with other weights "
        "than the tables of accuracy are of. `make study` measures anew."
    )


def _records(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.json"))


def _by_model(rows: pd.DataFrame) -> dict[str, dict[int, str]]:
    return {
        str(model): dict(zip(group.seed, group.weights, strict=True))
        for model, group in rows.groupby("model", sort=False)
    }
