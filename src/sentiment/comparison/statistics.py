"""What can be said of means over seeds and of differences between models, and what cannot.

Everything here asks: on these very reviews, what would other seeds give? An interval over seeds
knows nothing of the choice of reviews; `ensembles` asks for that.

A difference has two tests. One asks whether it is beyond chance, the other whether it is smaller
than a margin that was fixed before (two one-sided tests, Schuirmann 1987). Each is corrected for
the number of questions in its family (Holm 1979).
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, Self

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW
from statsmodels.tools import add_constant

LEVEL, ALPHA, POWER = 0.95, 0.05, 0.8
ACCURACIES = ("acc", "val_acc", "test_acc")
# What the questions are answered by, and what stands beside it: AUC does not depend on where a
# network puts its threshold, which varies from seed to seed.
DECISIVE = "test_auc"
MEASURES = (DECISIVE, "test_acc", "test_tuned_acc")
# Words for a difference above and below nothing.
COMPARED = ("better", "worse")
EQUIVALENT, UNDECIDED, ONE_SEED = "equivalent", "undecided", "one seed"


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


class Difference(NamedTuple):
    """A difference, its 95 % interval, and the p-values of both tests.

    `p_equivalent` is that of the two one-sided tests, whether the difference lies within the
    margin. `error` is the standard error and `freedom` its degrees of freedom.
    """

    difference: float
    low: float
    high: float
    p: float
    p_equivalent: float
    error: float
    freedom: float

    @classmethod
    def from_error(cls, difference: float, error: float, freedom: float, margin: float) -> Self:
        """Both tests and the interval by Student's t; the normal distribution's for infinity."""
        if not error > 0:
            return cls(difference, *_without_spread(difference, error))
        half = error * stats.t.ppf((1 + LEVEL) / 2, freedom)
        p = 2 * stats.t.sf(abs(difference) / error, freedom)
        p_equivalent = stats.t.sf((margin - abs(difference)) / error, freedom)
        ends = float(difference - half), float(difference + half)
        return cls(difference, *ends, float(p), float(p_equivalent), float(error), float(freedom))


def _without_spread(difference: float, error: float) -> tuple[float, ...]:
    """No test where there is one seed, and none that finds anything where all seeds agree."""
    if np.isnan(error):
        return (np.nan,) * 6
    return difference, difference, 1.0, 1.0, np.nan, np.nan


def welch(a: Sequence[float], b: Sequence[float], margin: float) -> Difference:
    """Mean of `a` less that of `b`, which are seeds of two models (Welch 1947).

    Seeds are not paired: two models with the same seed share the order of their batches, but
    neither weights nor dropout, and their results are not correlated.
    """
    return combination([(1, a), (-1, b)], margin)


def combination(terms: Sequence[tuple[float, Sequence[float]]], margin: float) -> Difference:
    """Sum of the means of independent groups, each times its factor, of unequal spread.

    With the degrees of freedom of Welch 1947 and Satterthwaite 1946.
    """
    estimate = float(sum(factor * np.mean(values) for factor, values in terms))
    if min(len(values) for _, values in terms) < 2:
        return Difference(estimate, *_without_spread(estimate, np.nan))
    parts = np.array([(factor * stats.sem(values)) ** 2 for factor, values in terms])
    if np.isclose(parts.sum(), 0, atol=1e-24):
        return Difference(estimate, *_without_spread(estimate, 0.0))
    own = [len(values) - 1 for _, values in terms]
    freedom = parts.sum() ** 2 / (parts**2 / own).sum()
    return Difference.from_error(estimate, float(parts.sum() ** 0.5), float(freedom), margin)


def paired(a: Sequence[float], b: Sequence[float], margin: float) -> Difference:
    """Mean of a - b, where a pair is one network, measured twice."""
    differences = np.subtract(a, b)
    error = stats.sem(differences) if len(differences) > 1 else np.nan
    error = 0.0 if np.isclose(error, 0, atol=1e-12) else error
    return Difference.from_error(float(differences.mean()), error, len(differences) - 1, margin)


def trend(x: Sequence[float], y: Sequence[float], margin: float) -> Difference:
    """Slope of `y` over `x` by least squares, with errors that allow unequal spread (HC3).

    MacKinnon and White 1985. The margin is one of `y` from the smallest `x` to the largest.
    """
    if len(set(x)) < 2 or len(x) == len(set(x)):
        return Difference(np.nan, *_without_spread(np.nan, np.nan))
    fit = OLS(np.asarray(y), add_constant(np.asarray(x, float))).fit(cov_type="HC3")
    span = max(x) - min(x)
    return Difference.from_error(
        float(fit.params[1]), float(fit.bse[1]), fit.df_resid, margin / span
    )


def holm(p: Sequence[float]) -> np.ndarray:
    """p-values of one family, adjusted by Holm (1979); NaN where there was no test."""
    adjusted = np.array(p, dtype=np.float64)
    tested = ~np.isnan(adjusted)
    if tested.any():
        adjusted[tested] = multipletests(adjusted[tested], method="holm")[1]
    return adjusted


def verdict(
    difference: float, p_holm: float, p_equivalent: float, words: tuple[str, str] = COMPARED
) -> str:
    """What the adjusted p-values of both tests at 5 % allow to say.

    Equivalent comes first: a difference may be beyond chance and yet too small to matter.
    """
    if np.isnan(p_holm):
        return ONE_SEED
    if p_equivalent < ALPHA:
        return EQUIVALENT
    if p_holm >= ALPHA:
        return UNDECIDED
    return words[0] if difference > 0 else words[1]


def judge(
    table: pd.DataFrame, family: list[str], words: tuple[str, str] = COMPARED
) -> pd.DataFrame:
    """`table`, which has the fields of Difference, with `p_holm`, `verdict` and `detectable`.

    Rows that agree in all columns of `family` are one family for Holm, in both tests.
    `detectable` is the difference that would have been found beyond chance with a power of 80 %,
    at the strictest step of Holm's correction. `error` and `freedom` are left out.
    """
    adjusted = table.assign(p_holm=np.nan, detectable=np.nan)
    for _, rows in table.groupby(family):
        adjusted.loc[rows.index, "p_holm"] = holm(rows.p)
        adjusted.loc[rows.index, "p_equivalent"] = holm(rows.p_equivalent)
        adjusted.loc[rows.index, "detectable"] = _detectable(rows, int(rows.p.notna().sum()))
    columns = (adjusted.difference, adjusted.p_holm, adjusted.p_equivalent)
    verdicts = [verdict(*row, words) for row in zip(*columns, strict=True)]
    shown = [*("difference", "low", "high", "p", "p_holm", "p_equivalent"), "detectable"]
    before = list(table.loc[:, :"difference"].columns[:-1])
    rest = [name for name in table if name not in {*before, *Difference._fields}]
    return adjusted.assign(verdict=verdicts)[[*before, *shown, "verdict", *rest]]


def _detectable(rows: pd.DataFrame, tests: int) -> Any:
    freedom = rows.freedom.replace(np.inf, 1e9)
    steps = stats.t.ppf(1 - ALPHA / 2 / max(tests, 1), freedom) + stats.t.ppf(POWER, freedom)
    return steps * rows.error


def cohen_d(a: Sequence[float], b: Sequence[float]) -> float:
    """Difference of means in pooled standard deviations (Cohen 1988); NaN without spread."""
    if min(len(a), len(b)) < 2:
        return np.nan
    spread = CompareMeans(
        DescrStatsW(np.asarray(a)), DescrStatsW(np.asarray(b))
    ).std_meandiff_pooledvar
    pooled = spread / np.sqrt(1 / len(a) + 1 / len(b))
    return float((np.mean(a) - np.mean(b)) / pooled) if pooled > 1e-12 else np.nan
