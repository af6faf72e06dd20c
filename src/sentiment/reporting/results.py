"""Reads the records of the grid's cells: all of them, or an error that names the missing one."""

from pathlib import Path

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


def _load_cell(path: Path, params: Params) -> pd.DataFrame:
    cell = f"{path.parent.name} {path.stem}"
    try:
        record = read_json(path)
    except FileNotFoundError:
        raise UserError(
            f"{path}: the cell {cell} has no results: run `sentiment run` to train and evaluate it"
        ) from None
    runs = pd.json_normalize(record, "seeds", CELL).drop(columns="history")
    if sorted(runs.seed) != sorted(params.seeds):
        raise UserError(
            f"{path}: the cell {cell} has seeds {sorted(runs.seed)}, params.yaml has "
            f"{sorted(params.seeds)}: run `sentiment run` to bring it up to date"
        )
    return runs
