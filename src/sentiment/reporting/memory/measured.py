"""Reads the records of one protocol's questions of memory, a table each."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from sentiment.comparison import by_review
from sentiment.comparison.by_review import Answers
from sentiment.errors import UserError
from sentiment.settings.params import Params
from sentiment.storage.files import read_json

CURVE = ["model", "seed", "training", "direction", "measure"]


def probes(folder: Path, models: Iterable[str]) -> list[dict[str, Any]]:
    """Records of `probe`, in the order of `models`; those without recurrence left out.

    UserError for one that is missing.
    """
    found = [_read(folder / f"{model}.json", "probe") for model in models]
    return [record for record in found if "gates" in record]


def curves(records: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """Influence by lag, one row for each curve: those of CURVE, and `values`, a list by lag.

    `training` is trained or untrained, `direction` forward or backward, `measure` jacobian, state
    or cell.
    """
    rows = [
        (record["model"], run["seed"], training, direction, measure, values)
        for record in records
        for run in record["seeds"]
        for training in ("trained", "untrained")
        for direction, measured in run[training].items()
        for measure, values in measured["influence"].items()
    ]
    return pd.DataFrame(rows, columns=[*CURVE, "values"])


def gates(records: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """How often gates are nearly closed or open, one row for each model, seed, training and gate.

    `half_life` is the median over units, of the gate that keeps the state, else NaN.
    """
    rows = [
        {"model": record["model"], "seed": run["seed"], "training": training, "gate": gate, **share}
        | ({"half_life": pd.Series(found["half_lives"]).median()} if gate in KEEPING else {})
        for record in records
        for run in record["seeds"]
        for training in ("trained", "untrained")
        for found in (measured["gates"] for measured in run[training].values())
        for gate, share in found.items()
        if gate != "half_lives"
    ]
    columns = ["model", "seed", "training", "gate", "closed", "open", "half_life"]
    return pd.DataFrame(rows, columns=columns)


KEEPING = ("forget", "update")


def fits(folder: Path, models: Iterable[str]) -> list[dict[str, Any]]:
    """Records of `plant`, in the order of `models`; UserError for one that is missing."""
    return [_read(folder / f"{model}.json", "plant") for model in models]


def planted(records: Iterable[dict[str, Any]], epochs: Iterable[int]) -> pd.DataFrame:
    """One row for each fit on planted words and each of `epochs` after which accuracy is told.

    `records` have a model and its fits. Columns: model, forget_bias or NaN, distance, seed, epochs
    and acc.
    """
    rows = [
        {"model": record["model"], **fit, "epochs": count, "acc": fit["acc"][count - 1]}
        for record in records
        for fit in record["fits"]
        for count in epochs
    ]
    return pd.DataFrame(rows)


def rescaled(folder: Path, models: Iterable[str]) -> list[dict[str, Any]]:
    """Records of `rescale`, in the order of `models`; UserError for one that is missing."""
    return [_read(folder / f"{model}.json", "rescale") for model in models]


def saturation(records: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """Share of saturated units: one row for each model, seed, training and direction."""
    rows = [
        (record["model"], run["seed"], training, direction, measured["saturated"])
        for record in records
        for run in record["seeds"]
        for training in ("trained", "untrained")
        for direction, measured in run[training].items()
    ]
    return pd.DataFrame(rows, columns=["model", "seed", "training", "direction", "saturated"])


def answers(
    networks: Path, probabilities: Path, pairs: Iterable[tuple[str, str]]
) -> Answers | None:
    """What the models and baselines of `pairs` say of the test reviews; None without a pair.

    A model's file lies in the folder `networks` or, of the grid, in `probabilities`.
    """
    cells = {}
    for model, baseline in pairs:
        own = networks / f"{model}.parquet"
        path = own if own.is_file() else probabilities / f"{model}.parquet"
        cells[model] = _table(path, "evaluate")
        cells[baseline] = _table(probabilities / f"baselines/{baseline}.parquet", "baseline")
    return by_review.answers(cells) if cells else None


def orders(folder: Path, models: Iterable[str]) -> pd.DataFrame:
    """One row for each score on reordered reviews.

    Columns: model, parameters, reviews, seed, order, distance, acc.
    """
    records = [_read(folder / f"{model}.json", "reorder") for model in models]
    shared = ("model", "parameters", "reviews")
    rows = [
        {**{name: record[name] for name in shared}, **score}
        for record in records
        for score in record["scores"]
    ]
    return pd.DataFrame(rows)


def read_outs(results: Path, cells: Path, params: Params) -> pd.DataFrame:
    """Runs of the read-outs compared, one row for each run, the grid's models first.

    `results` and `cells` are the folders of the grid's and of memory's own results. Of
    `memory.models` those with another read-out or without recurrence, of the grid those that
    differ from one of them in the read-out alone.
    """
    of_grid = [_read(results / f"{name}.json", "evaluate") for name in params.grid.models]
    of_memory = [_read(cells / f"{name}.json", "evaluate") for name in params.memory.models]
    asked = [
        record
        for record in of_memory
        if record["read_out"] != "flatten" or record["architecture"] == "dense"
    ]
    sizes = {(record["architecture"], record["units"]) for record in asked}
    first = [record for record in of_grid if (record["architecture"], record["units"]) in sizes]
    shared = ("protocol", "model", "architecture", "units", "read_out", "parameters")
    rows = [
        {**{key: record[key] for key in shared}, **_scores(run)}
        for record in (*first, *asked)
        for run in record["seeds"]
    ]
    return pd.DataFrame(rows)


def _scores(run: dict[str, Any]) -> dict[str, Any]:
    return {key: run[key] for key in ("seed", "acc", "val_acc", "test_acc", "test_auc")}


def _read(path: Path, stage: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = read_json(path)
    except FileNotFoundError:
        raise _missing(path, stage) from None
    return found


def _table(path: Path, stage: str) -> pd.DataFrame:
    try:
        return pd.read_parquet(path)
    except FileNotFoundError:
        raise _missing(path, stage) from None


def _missing(path: Path, stage: str) -> UserError:
    return UserError(f"{path}: not found: run `sentiment run {stage}` to make it")
