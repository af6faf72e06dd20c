"""How much of an accuracy is knowing the movie: the same reviews, folded with and without."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from sentiment.comparison.ensembles import placements
from sentiment.comparison.statistics import Difference, judge

RESAMPLES, RESAMPLING_SEED = 2_000, 0
# The fold that shares movies with what was trained on, then the one that shares none.
KINDS = ("random", "grouped")
COLUMNS = ["measure", "model", "random", "grouped"]


class Scored(NamedTuple):
    """One model on the folds of one kind, by one measure."""

    values: np.ndarray  # float64 [seeds, folds]
    pulls: np.ndarray  # float64 [reviews], how far each review moves the mean of `values`


def read(folder: Path) -> dict[str, pd.DataFrame]:
    """What stage `leak` wrote to `folder`, by kind; empty where it has not run."""
    paths = {kind: folder / f"{kind}.parquet" for kind in KINDS}
    if not all(path.is_file() for path in paths.values()):
        return {}
    return {kind: pd.read_parquet(path).set_index("id") for kind, path in paths.items()}


def measure(
    answers: Mapping[str, pd.DataFrame], models: Sequence[str], margin: float
) -> pd.DataFrame:
    """What random folds score above folds by movie, in accuracy and in AUC.

    `answers` is what `read` gave; `models` names its networks and baselines. Columns: measure,
    model, random and grouped (the mean over folds and seeds), and what `judge` makes of the
    difference; a measure is one family. Its interval counts both which movies there are, by a
    bootstrap of whole movies, and that another training would have given another network.
    """
    rows = []
    movies = answers[KINDS[0]].movie
    for name, score in (("acc", _accuracy), ("auc", _auc)):
        for model in models:
            found = {kind: score(answers[kind], model) for kind in KINDS}
            pulls = found["random"].pulls - found["grouped"].pulls
            error = np.hypot(of_movies(pulls, movies), _of_training(list(found.values())))
            means = [float(found[kind].values.mean()) for kind in KINDS]
            tested = Difference.from_error(means[0] - means[1], error, np.inf, margin)
            rows.append((name, model, *means, *tested))
    table = pd.DataFrame(rows, columns=[*COLUMNS, *Difference._fields])
    return judge(table, ["measure"], ("higher", "lower")).round(6)


def of_movies(pulls: np.ndarray, movies: pd.Series) -> float:
    """Standard error of a sum of `pulls` [reviews] when whole movies are drawn anew (bootstrap)."""
    by_movie = pd.Series(pulls).groupby(movies.to_numpy()).sum().to_numpy()
    return float((_drawn(len(by_movie), RESAMPLES) @ by_movie).std(ddof=1))


@lru_cache(maxsize=1)
def _drawn(movies: int, resamples: int) -> np.ndarray:
    """How often each movie is drawn, int64 [resamples, movies]; the same for whatever is summed."""
    chances = np.full(movies, 1 / movies)
    return np.random.default_rng(RESAMPLING_SEED).multinomial(movies, chances, resamples)


def _of_training(found: Sequence[Scored]) -> float:
    """Standard error of a difference of means of folds when every network is trained anew."""
    seeded = [scored.values for scored in found if len(scored.values) > 1]
    return float(sum(values.var(axis=0, ddof=1).mean() / values.size for values in seeded) ** 0.5)


def _accuracy(rows: pd.DataFrame, model: str) -> Scored:
    right = [labels == rows.label for labels in _labels(rows, model)]
    values = np.array([some.groupby(rows.fold).mean() for some in right])
    sizes, folds = rows.fold.map(rows.groupby("fold").size()), rows.fold.nunique()
    mean = np.mean(right, axis=0) - rows.fold.map(pd.Series(values.mean(0))).to_numpy()
    return Scored(values, mean / sizes.to_numpy() / folds)


def _auc(rows: pd.DataFrame, model: str) -> Scored:
    scores, folds = _scores(rows, model), rows.fold.to_numpy()
    values, pulls = np.zeros((len(scores), len(np.unique(folds)))), np.zeros(len(rows))
    for seed, score in enumerate(scores):
        for fold in np.unique(folds):
            here = np.flatnonzero(folds == fold)
            labels = rows.label.iloc[here]
            sides = placements(labels, score.iloc[here])
            values[seed, fold] = sides[0].mean()
            for is_positive, side in zip((True, False), sides, strict=True):
                own = here[(labels.to_numpy() > 0) == is_positive]
                pulls[own] += (side - side.mean()) / len(own) / values.size
    return Scored(values, pulls)


def _scores(rows: pd.DataFrame, model: str) -> list[pd.Series]:
    """Of each seed of a network, or of a baseline."""
    if model in rows:
        return [rows[model]]
    return [rows[name] for name in rows if name.rpartition(" ")[0] == model]


def _labels(rows: pd.DataFrame, model: str) -> list[pd.Series]:
    if model in rows:
        return [rows[f"{model} predicted"]]
    # Thousandths.
    return [(score > 500).astype(np.int8) for score in _scores(rows, model)]
