"""Test accuracy without the reviews whose label people doubted."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from sentiment.errors import UserError
from sentiment.storage.files import NO_FILE, read_json

METRIC = "undoubted_test_acc"
# Of five people; fewer, and the given label did not win.
MAJORITY = 3


def load(path: Path) -> frozenset[str]:
    """Ids of the doubtful reviews in cleanlab's imdb_mturk.json (Northcutt et al. 2021).

    Five people judged each review there; it is doubtful where fewer than three of them gave it
    the label it has, so that another label won or none did.
    None for NO_FILE. Raises UserError for a file that is missing or of another form.
    """
    if path == NO_FILE:
        return frozenset()
    try:
        judged = {review["id"]: int(review["mturk"]["given"]) for review in read_json(path)}
    except FileNotFoundError:
        raise UserError(
            f"{path}: not found: bring cleanlab's imdb_mturk.json or set evaluation.doubtful to "
            "inputs/none in params.yaml"
        ) from None
    except (ValueError, TypeError, KeyError) as error:
        raise UserError(
            f"{path}: not a list of reviews with `id` and `mturk: given` ({error!r}): bring "
            "cleanlab's imdb_mturk.json or set evaluation.doubtful to inputs/none in params.yaml"
        ) from None
    return frozenset(name for name, given in judged.items() if given < MAJORITY)


def rescore(
    table: pd.DataFrame,
    key: list[str],
    cells: Mapping[str, Mapping[str, pd.DataFrame]],
    doubtful: frozenset[str],
) -> pd.DataFrame:
    """`table` of runs or baselines with the column METRIC, NaN where there are no test reviews.

    `key` names the columns for protocol and name, and for networks the seed; `cells` holds by
    protocol and name what `evaluate` and `baseline` gave for each review.
    Raises UserError where none of `doubtful` is among the test reviews.
    """
    values = [
        _accuracy(cells[protocol][name], f"seed_{seed[0]}" if seed else "predicted", doubtful)
        for protocol, name, *seed in table[key].itertuples(index=False)
    ]
    return table.assign(**{METRIC: values})


def _accuracy(cell: pd.DataFrame, column: str, doubtful: frozenset[str]) -> float:
    test = cell[cell.part == "test"]
    kept = test[~test.id.isin(doubtful)]
    if test.empty:
        return np.nan
    if len(kept) == len(test):
        raise UserError(
            "evaluation.doubtful: none of its reviews is among the test reviews: set it to null "
            "in params.yaml or bring the file that belongs to them"
        )
    return float(((kept[column] > 0.5) == kept.label).mean())
