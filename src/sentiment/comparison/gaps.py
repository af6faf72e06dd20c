"""What validation flatters: how much better it looks than the official test reviews."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.proportion import std_prop

from sentiment.comparison.statistics import LEVEL, Difference, judge, paired

POOLED = "all networks"


def measure(
    runs: pd.DataFrame, reviews: Mapping[tuple[str, str], int], margin: float
) -> pd.DataFrame:
    """Validation less test accuracy of the same networks: each model's, then the mean of all.

    Columns: protocol, model, what `judge` makes of it, and `sampling`: half the width of a 95 %
    interval for drawing other reviews, at most, which the interval over seeds knows nothing of.
    `reviews` counts those of each (protocol, "val_acc" or "test_acc"). The models of a protocol are
    one family, the mean of all models another.
    """
    metrics = ["val_acc", "test_acc"]
    pooled = runs.groupby(["protocol", "seed"], sort=False)[metrics].mean().reset_index()
    tables = [_gaps(frame, reviews, margin) for frame in (runs, pooled.assign(model=POOLED))]
    judged = [judge(table, ["protocol"], ("higher", "lower")) for table in tables]
    return pd.concat(judged, ignore_index=True)


def _gaps(
    runs: pd.DataFrame, reviews: Mapping[tuple[str, str], int], margin: float
) -> pd.DataFrame:
    rows = []
    for (protocol, model), here in runs.groupby(["protocol", "model"], sort=False):
        result = paired(here.val_acc.tolist(), here.test_acc.tolist(), margin)
        rows.append((protocol, model, *result, _sampling(str(protocol), here, reviews)))
    return pd.DataFrame(rows, columns=["protocol", "model", *Difference._fields, "sampling"])


def _sampling(protocol: str, runs: pd.DataFrame, reviews: Mapping[tuple[str, str], int]) -> float:
    """At most: a mean over seeds counts as one seed."""
    metrics = ("val_acc", "test_acc")
    variance = sum(
        std_prop(runs[metric].mean(), reviews[protocol, metric]) ** 2 for metric in metrics
    )
    return float(stats.norm.ppf((1 + LEVEL) / 2) * np.sqrt(variance))
