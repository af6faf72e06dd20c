"""Reads the records of the grid's cells: all of them, or an error that names the missing one."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from sentiment.errors import UserError
from sentiment.settings.params import Params
from sentiment.storage.files import read_json

CELL = ["protocol", "model", "architecture", "units", "parameters", "vectors"]


def load(folder: Path, params: Params) -> pd.DataFrame:
    """One row a run (protocol, model, seed), from `<protocol>/<model>.json`.

    In the grid's order. Files of cells that are not in it are not read.
    Raises UserError for a cell that is missing, that lacks a seed of params.yaml, or that another
    version of the code made.
    """
    cells = [
        _load_cell(folder / protocol / f"{model}.json", params)
        for protocol in params.grid.protocols
        for model in params.grid.models
    ]
    runs = pd.concat(cells, ignore_index=True)
    _check_code(runs)
    return runs.drop(columns="code")


def histories(folder: Path, params: Params) -> pd.DataFrame:
    """One row a protocol, model of the grid, seed and epoch, with the accuracies after it.

    Raises UserError for a cell that is missing.
    """
    columns = ["protocol", "model", "seed", "epoch", "acc", "val_acc"]
    cells = [
        _read(folder / protocol / f"{model}.json", f"cell {protocol} {model}")
        for protocol in params.grid.protocols
        for model in params.grid.models
    ]
    rows = pd.json_normalize(cells, ["seeds", "history"], ["protocol", "model", ["seeds", "seed"]])
    return rows.rename(columns={"seeds.seed": "seed"})[columns].astype({"seed": int})


def load_baselines(folder: Path, params: Params) -> pd.DataFrame:
    """One row a protocol and baseline, from `<protocol>/baselines/<baseline>.json`.

    Raises UserError for one that is missing.
    """
    paths = [
        folder / protocol / "baselines" / f"{baseline}.json"
        for protocol in params.grid.protocols
        for baseline in params.grid.baselines
    ]
    return pd.DataFrame([_read(path, f"baseline {path.stem}") for path in paths])


def load_reviews(folder: Path, params: Params) -> dict[str, dict[str, pd.DataFrame]]:
    """By protocol and name what each cell and baseline gave for each review.

    Read from `<protocol>/<model>.parquet` and `<protocol>/baselines/<baseline>.parquet`.
    """
    names = [*params.grid.models, *(f"baselines/{name}" for name in params.grid.baselines)]
    return {
        protocol: {
            Path(name).name: pd.read_parquet(folder / protocol / f"{name}.parquet")
            for name in names
        }
        for protocol in params.grid.protocols
    }


def seeds_of(cell: pd.DataFrame) -> list[int]:
    """The seeds whose probabilities `cell` has, as `evaluate` wrote them; none of a baseline."""
    found = cell.columns.to_series().str.extract(r"^seed_(\d+)")[0].dropna().astype(int)
    return sorted(set(found))


def count(reviews: Mapping[str, Mapping[str, pd.DataFrame]]) -> dict[tuple[str, str], int]:
    """How many reviews each (protocol, "val_acc" or "test_acc") is a share of."""
    first = {protocol: next(iter(cells.values())) for protocol, cells in reviews.items()}
    return {
        (protocol, metric): int((cell.part == part).sum())
        for protocol, cell in first.items()
        for part, metric in (("validation", "val_acc"), ("test", "test_acc"))
    }


def _load_cell(path: Path, params: Params) -> pd.DataFrame:
    cell = f"{path.parent.name} {path.stem}"
    record = _read(path, f"cell {cell}")
    runs = pd.json_normalize(record, "seeds", CELL).drop(columns="history")
    if sorted(runs.seed) != sorted(params.seeds):
        raise UserError(
            f"{path}: the cell {cell} has seeds {sorted(runs.seed)}, params.yaml has "
            f"{sorted(params.seeds)}: run `sentiment run` to bring it up to date"
        )
    return runs.assign(code=record.get("code", "")).astype({"units": int, "parameters": int})


def _check_code(runs: pd.DataFrame) -> None:
    """Cells that most others disagree with are not averaged or compared with them."""
    usual = runs.code.mode().iloc[0]
    others = runs[runs.code != usual].drop_duplicates(["protocol", "model"])
    if not others.empty:
        cells = ", ".join(others.protocol + " " + others.model)
        raise UserError(f"{cells}: made by another version of the code: run `sentiment run`")


def _read(path: Path, what: str) -> dict[str, Any]:
    try:
        return read_json(path)
    except FileNotFoundError:
        raise UserError(
            f"{path}: the {what} has no results: run `sentiment run` to bring it up to date"
        ) from None
