"""Models compared review by review: for what was trained here, what would other reviews give?"""

from itertools import combinations

import numpy as np
import pandas as pd
from scipy.stats import rankdata
from statsmodels.stats import contingency_tables

from sentiment.comparison.by_review import Answers
from sentiment.comparison.statistics import LEVEL, Difference, judge

RESAMPLES, RESAMPLING_SEED = 10_000, 0


ACC, AUC = "ensemble_test_acc", "ensemble_test_auc"


# Of reviews of a class, then of the others.
Placements = tuple[np.ndarray, np.ndarray]


def accuracy(found: Answers, a: str, b: str, margin: float) -> Difference:
    """Accuracy of `a` less that of `b`: McNemar's exact test, and an interval by bootstrap."""
    right_a, right_b = (found.predicted[name] == found.labels for name in (a, b))
    outcomes = right_a.to_numpy().astype(int) - right_b
    difference, error = float(outcomes.mean()), float(outcomes.std(ddof=1) / len(outcomes) ** 0.5)
    rough = Difference.from_error(difference, error, np.inf, margin)
    low, high = bootstrap_interval(right_a.to_numpy(), right_b.to_numpy())
    return rough._replace(low=low, high=high, p=mcnemar(right_a.to_numpy(), right_b.to_numpy()))


def auc(found: Answers, a: str, b: str, margin: float) -> Difference:
    """AUC of `a` less that of `b` on the same reviews (DeLong, DeLong and Clarke-Pearson 1988).

    Of more than two classes it is the mean of each class against the rest.
    """
    first, second = (_placed(found, name) for name in (a, b))
    return _apart(first, second, margin)


def _placed(found: Answers, name: str) -> dict[int, tuple[np.ndarray, Placements]]:
    """By class that is held against the rest: whether reviews are of it, and their placements."""
    scores, labels = found.scores[name], found.labels
    if isinstance(scores, pd.Series):
        return {1: (labels.to_numpy() == 1, placements(labels, scores))}
    # A class without a test review has no AUC.
    return {
        int(number): (labels.to_numpy() == number, placements(labels == number, scores[number]))
        for number in scores
        if 0 < (labels == number).sum() < len(labels)
    }


def _apart(
    a: dict[int, tuple[np.ndarray, Placements]],
    b: dict[int, tuple[np.ndarray, Placements]],
    margin: float,
) -> Difference:
    apart = [
        (is_own, [np.subtract(*pair) for pair in zip(own, b[number][1], strict=True)])
        for number, (is_own, own) in a.items()
    ]
    difference = float(np.mean([positives.mean() for _, (positives, _) in apart]))
    if len(apart) == 1:
        ((_, (positives, negatives)),) = apart
        variance = positives.var(ddof=1) / len(positives) + negatives.var(ddof=1) / len(negatives)
        return Difference.from_error(difference, float(variance**0.5), np.inf, margin)
    # One review has a part in the AUC of every class, so that these are added up review by review.
    pulls = np.zeros(len(apart[0][0]))
    for is_own, sides in apart:
        for rows, side in zip((is_own, ~is_own), sides, strict=True):
            pulls[rows] += (side - side.mean()) / len(side) / len(apart)
    variance = (pulls**2).sum() * len(pulls) / (len(pulls) - 1)
    return Difference.from_error(difference, float(variance**0.5), np.inf, margin)


def placements(labels: pd.Series, scores: pd.Series) -> Placements:
    """For each review of the class the share of others below it, for each other the reverse.

    `labels` are above 0, or True, for reviews of the class.

    Ties count one half. The mean of either is the AUC.
    """
    is_positive = labels.to_numpy() > 0
    ranks = rankdata(scores)
    above, below = scores.to_numpy()[is_positive], scores.to_numpy()[~is_positive]
    positives = (ranks[is_positive] - rankdata(above)) / len(below)
    negatives = 1 - (ranks[~is_positive] - rankdata(below)) / len(above)
    return positives, negatives


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


def differences(protocol: str, found: Answers, margin: float) -> pd.DataFrame:
    """All pairs of models (seed-ensembles) and baselines of a protocol, on its test reviews.

    Columns as in `tested.differences`. All pairs by one metric are a family.
    """
    pairs = list(combinations(found.predicted, 2))
    placed = {name: _placed(found, name) for name in found.predicted}
    rows = [(protocol, a, b, ACC, *accuracy(found, a, b, margin)) for a, b in pairs]
    rows += [(protocol, a, b, AUC, *_apart(placed[a], placed[b], margin)) for a, b in pairs]
    columns = ["protocol", "model_a", "model_b", "metric", *Difference._fields]
    return judge(pd.DataFrame(rows, columns=columns), ["protocol", "metric"])
