"""What can be said of means over seeds and of differences between models, and what cannot.

Everything here asks: on these very reviews, what would other seeds give? An interval over seeds
knows nothing of the choice of reviews; `ensembles` asks for that.
"""

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.weightstats import DescrStatsW

from sentiment.errors import UserError

LEVEL, ALPHA = 0.95, 0.05
ACCURACIES = ("acc", "val_acc", "test_acc")


def mean_interval(values: Sequence[float]) -> tuple[float, float]:
    """Two-sided 95 % t-interval for the mean of `values`; NaN with fewer than two."""
    if len(values) < 2:
        return np.nan, np.nan
    low, high = DescrStatsW(np.asarray(values)).tconfint_mean(ALPHA)
    return float(low), float(high)


def prediction_interval(values: Sequence[float]) -> tuple[float, float]:
    """Two-sided 95 % t-interval for one further value like `values`; NaN with fewer than two."""
    if len(values) < 2:
        return np.nan, np.nan
    constant = OLS(np.asarray(values), np.ones(len(values))).fit()
    ((low, high),) = constant.get_prediction([1.0]).conf_int(obs=True, alpha=ALPHA)
    return float(low), float(high)


class Paired(NamedTuple):
    """A difference over seeds: its mean, 95 % interval, p of the paired t-test, and size.

    `d_z` is Cohen's d for pairs: mean over standard deviation of the differences, not corrected
    for few seeds (with ten it is 9 % too large on average, Hedges 1981).
    """

    difference: float
    low: float
    high: float
    p: float
    d_z: float


def paired(a: Sequence[float], b: Sequence[float]) -> Paired:
    """Mean of a - b over pairs; interval, p and d_z are NaN with fewer than two.

    Differences that are all the same, which happens with few seeds on few reviews, have no spread
    to be tested against: p is 1 and d_z NaN.
    """
    differences = np.subtract(a, b)
    mean = float(differences.mean())
    if len(differences) < 2:
        return Paired(mean, np.nan, np.nan, np.nan, np.nan)
    if np.allclose(differences, mean, rtol=0, atol=1e-12):
        return Paired(mean, mean, mean, 1.0, np.nan)
    described = DescrStatsW(differences)
    low, high = map(float, described.tconfint_mean(ALPHA))
    _, p, _ = described.ttest_mean()
    return Paired(mean, low, high, float(p), float(mean / differences.std(ddof=1)))


def holm(p: Sequence[float]) -> np.ndarray:
    """p-values of one family, adjusted by Holm (1979); NaN where there was no test."""
    adjusted = np.array(p, dtype=np.float64)
    tested = ~np.isnan(adjusted)
    if tested.any():
        adjusted[tested] = multipletests(adjusted[tested], method="holm")[1]
    return adjusted


def verdict(
    difference: float, p_holm: float, words: tuple[str, str] = ("a better", "b better")
) -> str:
    """What an adjusted p at 5 % allows to say; `words` for a difference above and below 0."""
    if np.isnan(p_holm):
        return "one seed"
    if p_holm >= ALPHA:
        return "cannot be told apart"
    return words[0] if difference > 0 else words[1]


def judge(
    table: pd.DataFrame, family: list[str], words: tuple[str, str] = ("a better", "b better")
) -> pd.DataFrame:
    """`table` (columns difference, p and those of `family`) with p_holm and verdict after p.

    Rows that agree in all columns of `family` are one family for Holm.
    """
    adjusted = table.p.astype(np.float64)
    for _, rows in table.groupby(family):
        adjusted[rows.index] = holm(rows.p)
    verdicts = [verdict(*row, words) for row in zip(table.difference, adjusted, strict=True)]
    before = table.loc[:, :"p"]
    after = table.drop(columns=before.columns)
    return before.assign(p_holm=adjusted, verdict=verdicts).join(after)


def differences(
    runs: pd.DataFrame,
    metrics: Sequence[str] = ACCURACIES,
    pairs: Sequence[tuple[str, str]] | None = None,
) -> pd.DataFrame:
    """`pairs` of models, all if None, paired over seeds.

    A protocol and metric is one family for Holm: what is said of models is said of one metric,
    and protocols are tables of their own. `runs` has one row for each run:
    protocol, model, seed and the
    metrics. The result has protocol, model_a, model_b, metric, the fields of Paired (a less b),
    p_holm and verdict.
    Raises UserError for a model that lacks a seed which another model of its protocol has.
    """
    rows = []
    for protocol, here in runs.groupby("protocol", sort=False):
        for metric in metrics:
            values = by_seed(here, "model", metric)
            for a, b in combinations(values, 2) if pairs is None else pairs:
                rows.append((protocol, a, b, metric, *paired(values[a], values[b])))
    columns = ["protocol", "model_a", "model_b", "metric", *Paired._fields]
    return judge(pd.DataFrame(rows, columns=columns), ["protocol", "metric"])


def by_seed(runs: pd.DataFrame, column: str, metric: str) -> pd.DataFrame:
    """`metric`, rows by seed and columns by the values of `column`, in the order of `runs`.

    Raises UserError for a value of `column` that lacks a seed which another has.
    """
    values = runs.pivot(index="seed", columns=column, values=metric)[runs[column].unique()]
    for name, missing in values.isna().items():
        if missing.any():
            cells = sorted({*runs.protocol, *runs.model})
            raise UserError(
                f"{metric} of {name}: seed {missing.idxmax()} is missing among the runs of "
                f"{', '.join(cells)}: run `sentiment run` to train and evaluate it"
            )
    return values
