"""Models compared review by review: for what was trained here, what would other reviews give?"""

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import pandas as pd
from statsmodels.stats import contingency_tables

from sentiment.comparison.statistics import LEVEL, judge
from sentiment.errors import UserError

RESAMPLES, RESAMPLING_SEED = 10_000, 0
COLUMNS = ["protocol", "model_a", "model_b", "metric", "difference", "low", "high", "p", "cohen_g"]


def predictions(probabilities: pd.DataFrame) -> pd.Series:
    """Labels int8 [reviews] of one part, by mean probability over seeds above one half.

    `probabilities` is what `evaluate` or `baseline` wrote; a baseline's labels stand there.
    """
    if "predicted" in probabilities:
        return probabilities.predicted
    return (probabilities.filter(regex=r"^seed_\d+$").mean(axis=1) > 0.5).astype(np.int8)


def mcnemar(right_a: np.ndarray, right_b: np.ndarray) -> float:
    """Exact two-sided p of McNemar's test; bool [reviews], whether each model is right."""
    table = [
        [np.sum((right_a == a) & (right_b == b)) for b in (True, False)] for a in (True, False)
    ]
    return float(contingency_tables.mcnemar(table, exact=True).pvalue)


def bootstrap_interval(right_a: np.ndarray, right_b: np.ndarray) -> tuple[float, float]:
    """95 % percentile interval for the difference in accuracy, reviews resampled in pairs.

    A review counts 1, 0 or -1, so that n reviews drawn with replacement are one draw of a
    multinomial: the same distribution as `scipy.stats.bootstrap` draws from, which takes two
    seconds for a pair on 25,000 reviews, and there are hundreds of pairs.
    """
    outcomes = right_a.astype(int) - right_b
    shares = [np.mean(outcomes == value) for value in (1, 0, -1)]
    drawn = np.random.default_rng(RESAMPLING_SEED).multinomial(len(outcomes), shares, RESAMPLES)
    resampled = (drawn[:, 0] - drawn[:, 2]) / len(outcomes)
    low, high = np.quantile(resampled, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def differences(protocol: str, cells: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """All pairs of models (seed-ensembles) and baselines of a protocol on its test reviews.

    `cells` holds by name what `evaluate` and `baseline` wrote; those without test reviews are
    left out. Columns: protocol, model_a, model_b, metric, difference (a less b) with its
    bootstrap interval low, high, McNemar's p, cohen_g (share of a among the reviews on which only
    one is right, less one half), p_holm over all pairs, verdict.
    Raises UserError for a cell whose test reviews are not those of the first.
    """
    right = _right(cells)
    rows = []
    for a, b in combinations(right, 2):
        only_a, only_b = (int((right[x] & ~right[y]).sum()) for x, y in ((a, b), (b, a)))
        size = only_a / (only_a + only_b) - 0.5 if only_a + only_b else 0.0
        difference = (only_a - only_b) / len(right)
        interval = bootstrap_interval(right[a].to_numpy(), right[b].to_numpy())
        p = mcnemar(right[a].to_numpy(), right[b].to_numpy())
        rows.append((protocol, a, b, "ensemble_test_acc", difference, *interval, p, size))
    return judge(pd.DataFrame(rows, columns=COLUMNS), ["protocol"])


def _right(cells: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Whether each model is right, bool [test reviews, models], in the order of `cells`."""
    right: dict[str, pd.Series] = {}
    for name, cell in cells.items():
        test = cell[cell.part == "test"].set_index("id")
        if test.empty:
            continue
        if right and not test.index.equals(next(iter(right.values())).index):
            raise UserError(
                f"{name}: its test reviews are not those of {next(iter(right))}: "
                "run `sentiment run` to bring both up to date"
            )
        right[name] = predictions(test) == test.label
    return pd.DataFrame(right)
