"""Models compared review by review: for what was trained here, what would other reviews give?"""

from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from scipy.stats import rankdata
from statsmodels.stats import contingency_tables

from sentiment.comparison.statistics import LEVEL, Difference, judge
from sentiment.errors import UserError
from sentiment.storage.files import atomic_path

RESAMPLES, RESAMPLING_SEED = 10_000, 0
# Digits of a probability or a score; what is said of ensembles is said of these.
DIGITS = 3
ACC, AUC = "ensemble_test_acc", "ensemble_test_auc"


# Of reviews of a class, then of the others.
Placements = tuple[np.ndarray, np.ndarray]


class Answers(NamedTuple):
    """What each model says of the test reviews of one protocol, in the order of their ids."""

    labels: pd.Series  # int8 by id, numbers of classes
    # Float64 [reviews, models], higher for the second of two classes; of more [reviews, (model,
    # class)], higher for that class.
    scores: pd.DataFrame
    predicted: pd.DataFrame  # int8 [reviews, models]

    def save(self, path: Path) -> None:
        """Write parquet that takes little room: id, label, and a column for each model.

        Of more than two classes it is one for each model and class, `<model> <class>`. Scores are
        integers, in thousandths. `<model> predicted` stands beside those of a baseline that calls
        another class than the scores alone would.
        """
        thousandths = (self.scores * 10**DIGITS).round().astype(np.int32)
        thousandths.columns = [_flat(name) for name in thousandths]
        differing = [
            name
            for name in self.predicted
            if not np.array_equal(self.predicted[name], called(self.scores[name].to_numpy()))
        ]
        others = self.predicted[differing].add_suffix(" predicted").assign(label=self.labels)
        with atomic_path(path) as temporary:
            pq.write_table(
                pa.Table.from_pandas(thousandths.join(others).reset_index(), preserve_index=False),
                temporary,
                compression="zstd",
                use_dictionary=False,
                column_encoding=dict.fromkeys(thousandths, "BYTE_STREAM_SPLIT"),
            )


def answers(cells: Mapping[str, pd.DataFrame]) -> Answers:
    """The answers of models, by the mean of their seeds' probabilities, and of baselines.

    `cells` holds by name what `evaluate` and `baseline` wrote; those without test reviews are left
    out. Raises UserError for a cell whose test reviews are not those of the first.
    """
    tests = {name: cell[cell.part == "test"].set_index("id") for name, cell in cells.items()}
    tests = {name: test for name, test in tests.items() if not test.empty}
    first = next(iter(tests))
    for name, test in tests.items():
        if not test.index.equals(tests[first].index):
            raise UserError(
                f"{name}: its test reviews are not those of {first}: "
                "run `sentiment run` to bring both up to date"
            )
    scores = {name: _scores(test) for name, test in tests.items()}
    # Series become columns by model, frames by model and class.
    frame = pd.concat(scores, axis=1).astype(np.float64).round(DIGITS)
    predicted = {
        name: test.predicted if "predicted" in test else called(frame[name].to_numpy())
        for name, test in tests.items()
    }
    index = tests[first].index
    return Answers(tests[first].label, frame, pd.DataFrame(predicted, index=index).astype(np.int8))


def _scores(test: pd.DataFrame) -> pd.Series | pd.DataFrame:
    """What a model gives for each review, or for each review and class, by its number."""
    if "score" in test:
        return test.score
    seeds = test.filter(regex=r"^seed_\d+$")
    if not seeds.empty:
        return seeds.mean(axis=1)
    by_class = test.filter(regex=r"^(seed_\d+|score)_\d+$")
    classes = [int(str(name).rpartition("_")[2]) for name in by_class]
    return by_class.T.groupby(classes).mean().T


def called(chances: np.ndarray) -> np.ndarray:
    """The class called by probabilities [reviews] or [reviews, classes], int8 [reviews].

    The second of two classes is called above one half alone.
    """
    found = chances > 0.5 if chances.ndim == 1 else chances.argmax(1)
    return found.astype(np.int8)


def _flat(name: object) -> str:
    return " ".join(map(str, name)) if isinstance(name, tuple) else str(name)


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
