"""What can be said of means over seeds and of differences between models, and what cannot.

Everything here asks: on these very reviews, what would other seeds give? An interval over seeds
knows nothing of the choice of reviews; `ensembles` asks for that.
"""

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.multitest import multipletests

from sentiment.errors import UserError

LEVEL, ALPHA = 0.95, 0.05
ACCURACIES = ("acc", "val_acc", "test_acc")


def mean_interval(values: Sequence[float]) -> tuple[float, float]:
    """Two-sided 95 % t-interval for the mean of `values`; NaN with fewer than two."""
    return _t_interval(values, 1 / max(len(values), 1))


def prediction_interval(values: Sequence[float]) -> tuple[float, float]:
    """Two-sided 95 % t-interval for one further value like `values`; NaN with fewer than two."""
    return _t_interval(values, 1 + 1 / max(len(values), 1))


def _t_interval(values: Sequence[float], variances: float) -> tuple[float, float]:
    """`variances` is the variance about the mean of `values`, counted in variances of one."""
    if len(values) < 2:
        return np.nan, np.nan
    mean, spread = float(np.mean(values)), float(np.std(values, ddof=1) * np.sqrt(variances))
    if spread == 0:
        return mean, mean
    low, high = stats.t.interval(LEVEL, len(values) - 1, loc=mean, scale=spread)
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
    mean, low_high = float(differences.mean()), mean_interval(differences.tolist())
    if len(differences) < 2:
        return Paired(mean, *low_high, np.nan, np.nan)
    if np.allclose(differences, mean, rtol=0, atol=1e-12):
        return Paired(mean, mean, mean, 1.0, np.nan)
    test = stats.ttest_1samp(differences, 0)
    return Paired(mean, *low_high, float(test.pvalue), float(mean / differences.std(ddof=1)))


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
    """`table` (columns difference, p and those of `family`) with columns p_holm and verdict.

    Rows that agree in all columns of `family` are one family for Holm.
    """
    adjusted = table.p.astype(np.float64)
    for _, rows in table.groupby(family):
        adjusted[rows.index] = holm(rows.p)
    verdicts = [verdict(*row, words) for row in zip(table.difference, adjusted, strict=True)]
    return table.assign(p_holm=adjusted, verdict=verdicts)


def differences(runs: pd.DataFrame, metrics: Sequence[str] = ACCURACIES) -> pd.DataFrame:
    """All pairs of models, paired over seeds; a protocol and metric is one family for Holm.

    `runs` has a row a run: protocol, model, seed and the metrics. The result has protocol,
    model_a, model_b, metric, the fields of Paired (a less b), p_holm and verdict.
    Raises UserError for a model that lacks a seed which another model of its protocol has.
    """
    rows = []
    for protocol, here in runs.groupby("protocol", sort=False):
        for metric in metrics:
            values = _by_seed(here, "model", metric)
            for a, b in combinations(values, 2):
                rows.append((protocol, a, b, metric, *paired(values[a], values[b])))
    columns = ["protocol", "model_a", "model_b", "metric", *Paired._fields]
    return judge(pd.DataFrame(rows, columns=columns), ["protocol", "metric"])


def gaps(runs: pd.DataFrame) -> pd.DataFrame:
    """What validation flatters, each model's runs paired by seed; a contrast is one family.

    Lecture's validation less bymovie's, for models that have both (what knowing the movie gives),
    and validation less test in each protocol. Columns: model, minuend and subtrahend ("protocol
    metric"), the fields of Paired, p_holm, verdict. A gap is one between these reviews: the
    sampling error of 5,000 validation reviews, about a point, is not in its interval.
    Raises UserError for a model that lacks a seed in one of the protocols.
    """
    contrasts = [(("lecture", "val_acc"), ("bymovie", "val_acc"))]
    contrasts += [((name, "val_acc"), (name, "test_acc")) for name in runs.protocol.unique()]
    rows = []
    for a, b in contrasts:
        for model, here in runs.groupby("model", sort=False):
            both = here[here.protocol.isin([a[0], b[0]])]
            if {a[0], b[0]} <= set(both.protocol):
                left, right = (_by_seed(both, "protocol", metric)[name] for name, metric in (a, b))
                rows.append((model, " ".join(a), " ".join(b), *paired(left, right)))
    table = pd.DataFrame(rows, columns=["model", "minuend", "subtrahend", *Paired._fields])
    return judge(table, ["minuend", "subtrahend"], ("higher", "lower"))


def _by_seed(runs: pd.DataFrame, column: str, metric: str) -> pd.DataFrame:
    """`metric`, a row a seed, a column each value of `column` in the order of `runs`."""
    values = runs.pivot(index="seed", columns=column, values=metric)[runs[column].unique()]
    for name, missing in values.isna().items():
        if missing.any():
            cells = sorted({*runs.protocol, *runs.model})
            raise UserError(
                f"{metric} of {name}: seed {missing.idxmax()} is missing among the runs of "
                f"{', '.join(cells)}: run `sentiment run` to train and evaluate it"
            )
    return values
