"""What validation flatters: the part of its accuracy that other movies would not give."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.proportion import std_prop

from sentiment.comparison.roles import MEASURED, TAUGHT
from sentiment.comparison.statistics import LEVEL, Paired, by_seed, judge, paired

# How much better validation looks than test; a metric of runs made from theirs.
FLATTERY = "val_acc less test_acc"
POOLED = "all networks"


def measure(runs: pd.DataFrame, reviews: Mapping[tuple[str, str], int]) -> pd.DataFrame:
    """What validation flatters, runs paired by seed: each model's, then the mean of all models'.

    Validation less test in each protocol; lecture's validation less bymovie's, in which their
    tokens and vectors differ too; and lecture's validation less test less bymovie's, in which
    those cancel: what knowing the movie gives. Columns: model, minuend and subtrahend ("protocol
    metric"), the fields of Paired, p_holm, verdict, and `sampling`: half the width of a 95 %
    interval for drawing other reviews, at most, which the interval over seeds knows nothing of.
    `reviews` counts those of each (protocol, "val_acc" or "test_acc"). A contrast is one family,
    the mean of all models another.
    Raises UserError for a model that lacks a seed in one of the protocols.
    """
    runs = runs.assign(**{FLATTERY: runs.val_acc - runs.test_acc})
    metrics = ["val_acc", "test_acc", FLATTERY]
    pooled = runs.groupby(["protocol", "seed"], sort=False)[metrics].mean().reset_index()
    tables = [_contrasts(frame, reviews) for frame in (runs, pooled.assign(model=POOLED))]
    families = [judge(table, ["minuend", "subtrahend"], ("higher", "lower")) for table in tables]
    return pd.concat(families, ignore_index=True)


def _contrasts(runs: pd.DataFrame, reviews: Mapping[tuple[str, str], int]) -> pd.DataFrame:
    contrasts = [((name, "val_acc"), (name, "test_acc")) for name in runs.protocol.unique()]
    contrasts += [((TAUGHT, metric), (MEASURED, metric)) for metric in ("val_acc", FLATTERY)]
    rows = []
    for a, b in contrasts:
        for model, here in runs.groupby("model", sort=False):
            both = here[here.protocol.isin([a[0], b[0]])]
            if {a[0], b[0]} <= set(both.protocol):
                left, right = (by_seed(both, "protocol", metric)[name] for name, metric in (a, b))
                result, error = paired(left, right), _sampling(both, {a, b}, reviews)
                rows.append((model, " ".join(a), " ".join(b), *result, error))
    columns = ["model", "minuend", "subtrahend", *Paired._fields, "sampling"]
    return pd.DataFrame(rows, columns=columns)


def _sampling(
    runs: pd.DataFrame, terms: set[tuple[str, str]], reviews: Mapping[tuple[str, str], int]
) -> float:
    """At most: parts that share reviews count as independent, a mean over seeds as one seed."""
    parts = {(name, part) for name, metric in terms for part in metric.split(" less ")}
    means = runs.groupby("protocol")[["val_acc", "test_acc"]].mean()
    variance = sum(std_prop(means.at[part], reviews[part]) ** 2 for part in sorted(parts))
    return float(stats.norm.ppf((1 + LEVEL) / 2) * np.sqrt(variance))
