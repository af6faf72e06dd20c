"""Reads the records of the grid's cells: all of them, or an error that names the missing one."""

from pathlib import Path
from typing import Any

import pandas as pd

from sentiment.errors import UserError
from sentiment.files import read_json
from sentiment.params import Params

CELL = ["protocol", "model", "architecture", "units", "parameters"]


def load(folder: Path, params: Params) -> pd.DataFrame:
    """One row a run (protocol, model, seed), in the grid's order, from `<protocol>/<model>.json`.

    Files of cells that are not in the grid are not read.
    Raises UserError for a cell that is missing, or that lacks a seed of params.yaml.
    """
    cells = [
        _load_cell(folder / protocol / f"{model}.json", params)
        for protocol in params.grid.protocols
        for model in params.grid.models
    ]
    return pd.concat(cells, ignore_index=True)


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


def load_ensembles(folder: Path, params: Params) -> dict[str, dict[str, pd.DataFrame]]:
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


def _load_cell(path: Path, params: Params) -> pd.DataFrame:
    cell = f"{path.parent.name} {path.stem}"
    record = _read(path, f"cell {cell}")
    runs = pd.json_normalize(record, "seeds", CELL).drop(columns="history")
    if sorted(runs.seed) != sorted(params.seeds):
        raise UserError(
            f"{path}: the cell {cell} has seeds {sorted(runs.seed)}, params.yaml has "
            f"{sorted(params.seeds)}: run `sentiment run` to bring it up to date"
        )
    return runs


def _read(path: Path, what: str) -> dict[str, Any]:
    try:
        return read_json(path)
    except FileNotFoundError:
        raise UserError(
            f"{path}: the {what} has no results: run `sentiment run` to bring it up to date"
        ) from None
