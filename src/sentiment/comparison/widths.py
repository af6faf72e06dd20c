"""Whether width costs: other read-outs by units, and losses over more epochs."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from sentiment.comparison.statistics import DECISIVE, Difference, judge, trend, welch
from sentiment.storage.files import read_json

KEYS = ["model", "architecture", "units", "read_out", "seed"]
FLATTEN = "flatten"


class Widths(NamedTuple):
    """What stage `width` wrote, beside the table's own; empty where it has not run."""

    read_outs: pd.DataFrame  # a row a run: KEYS and DECISIVE, after as many epochs as the table's
    longer: pd.DataFrame  # a row for each model, seed and epoch: acc, loss, val_acc, val_loss
    scores: pd.DataFrame  # a row for each of these models and seeds: KEYS, epochs and DECISIVE


def read(paths: Sequence[Path], grid: pd.DataFrame, epochs: int) -> Widths:
    """The records at `paths`, and of the grid's runs those that they are held against.

    `grid` has the runs of the protocol, which are flattened and trained for `epochs`.
    """
    records = [read_json(path) for path in paths if path.is_file()]
    short = [run for record in records if record["epochs"] == epochs for run in record["runs"]]
    long = [
        {**run, "epochs": record["epochs"]}
        for record in records
        if record["epochs"] != epochs
        for run in record["runs"]
    ]
    widened = {run["architecture"] for run in short}
    own = grid[grid.architecture.isin(widened)].assign(read_out=FLATTEN)
    read_outs = pd.DataFrame(short, columns=[*KEYS, DECISIVE])
    histories = [
        {"model": run["model"], "seed": run["seed"], **epoch}
        for run in long
        for epoch in run["history"]
    ]
    if short:
        read_outs = pd.concat([own[[*KEYS, DECISIVE]], read_outs], ignore_index=True)
    again = grid[grid.model.isin([run["model"] for run in long])]
    again = again[again.seed.isin([run["seed"] for run in long])]
    scores = pd.DataFrame(long, columns=[*KEYS, "epochs", DECISIVE])
    if long:
        own = again.assign(read_out=FLATTEN, epochs=epochs)[[*KEYS, "epochs", DECISIVE]]
        scores = pd.concat([own, scores], ignore_index=True)
    return Widths(read_outs, pd.DataFrame(histories), scores)


def trends(read_outs: pd.DataFrame, margin: float) -> pd.DataFrame:
    """What twice the units change in AUC, for each architecture and read-out that has several.

    Columns: architecture, read_out, and what `judge` makes of it; one family.
    """
    rows = [
        (*key, *trend(np.log2(some.units), some[DECISIVE].tolist(), margin))
        for key, some in read_outs.groupby(["architecture", "read_out"], sort=False)
        if some.units.nunique() > 1
    ]
    return _judged(rows, ["architecture", "read_out"])


def against_flatten(read_outs: pd.DataFrame, margin: float) -> pd.DataFrame:
    """Each other read-out less the flattened one, in AUC over seeds, at equal units.

    Columns: architecture, units, read_out, and what `judge` makes of it; one family.
    """
    own = {
        (str(architecture), int(units)): some[DECISIVE].tolist()
        for (architecture, units), some in read_outs[read_outs.read_out == FLATTEN].groupby(
            ["architecture", "units"]
        )
    }
    others = read_outs[read_outs.read_out != FLATTEN]
    rows = [
        (*key, *welch(some[DECISIVE].tolist(), own[str(key[0]), int(key[1])], margin))
        for key, some in others.groupby(["architecture", "units", "read_out"], sort=False)
        if (str(key[0]), int(key[1])) in own
    ]
    return _judged(rows, ["architecture", "units", "read_out"])


def longer(scores: pd.DataFrame, margin: float) -> pd.DataFrame:
    """What more epochs change in AUC, for each model: Welch's test over equal seeds.

    Columns: model, epochs, and what `judge` makes of it; one family.
    """
    rows = []
    for model, some in scores.groupby("model", sort=False):
        short, *others = (values for _, values in some.groupby("epochs"))
        for more in others:
            values = more[DECISIVE].tolist(), short[DECISIVE].tolist()
            rows.append((model, more.epochs.iloc[0], *welch(*values, margin)))
    return _judged(rows, ["model", "epochs"])


def _judged(rows: Sequence[tuple[object, ...]], keys: list[str]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=[*keys, *Difference._fields])
    return judge(table.assign(family=0), ["family"]).drop(columns="family").round(6)
