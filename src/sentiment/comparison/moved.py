"""What other words and vectors do to the table: the records of stage `inputs` beside the grid."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from sentiment.comparison.statistics import DECISIVE, Difference, judge, welch
from sentiment.storage.files import read_json

# The words and vectors of the grid itself.
OWN = "as in the study"


def runs(
    grid: pd.DataFrame, paths: Sequence[Path], models: Sequence[str], norm: float | None
) -> pd.DataFrame:
    """One row for each run: variant, norm, model, seed and its metrics, the grid's own first.

    `grid` has the runs of the protocol, whose vectors have the mean `norm`; of them the seeds that
    the variants have. Empty where the stage has not run.
    """
    records = [read_json(path) for path in paths if path.is_file()]
    rows = [{"variant": record["variant"], **run} for record in records for run in record["runs"]]
    if not rows:
        return pd.DataFrame()
    found = pd.DataFrame(rows).drop(columns="history")
    own = grid[grid.model.isin(list(models)) & grid.seed.isin(found.seed.unique())]
    return pd.concat([own.assign(variant=OWN, norm=norm), found], ignore_index=True)


def trained_norm(folder: Path) -> float:
    """The mean norm of the study's vectors as they were trained; NaN where nothing says so."""
    path = folder / "reviews.json"
    return float(read_json(path)["trained_norm"]) if path.is_file() else float("nan")


def differences(found: pd.DataFrame, margin: float) -> pd.DataFrame:
    """What each variant and norm changes in AUC against the grid's own, for each model.

    Columns: variant, norm, model, and what `judge` makes of it over seeds; all are one family.
    """
    own = found[found.variant == OWN]
    others = found[found.variant != OWN]
    rows = [
        (*key, *welch(some[DECISIVE].tolist(), own[DECISIVE][own.model == key[2]].tolist(), margin))
        for key, some in others.groupby(["variant", "norm", "model"], sort=False, dropna=False)
        if (own.model == key[2]).any()
    ]
    table = pd.DataFrame(rows, columns=["variant", "norm", "model", *Difference._fields])
    return judge(table.assign(family=0), ["family"]).drop(columns="family").round(6)
