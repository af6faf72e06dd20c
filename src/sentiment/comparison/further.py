"""Where one further run would fall that has another seed, another split and other vectors."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from sentiment.comparison.statistics import LEVEL
from sentiment.storage.files import read_json


class Spread(NamedTuple):
    """What a cause adds to the variance of a run, beside the seed (Searle 1971, chapter 9)."""

    between: float  # mean square between its draws
    within: float  # mean square of seeds within a draw
    seeds: int  # of each draw
    freedom: int  # of `between`

    @property
    def variance(self) -> float:
        """The cause's own variance; nothing where draws differ less than seeds do."""
        return max(0.0, (self.between - self.within) / self.seeds)


def spread(draws: Sequence[Sequence[float]]) -> Spread:
    """One-way analysis of variance of `draws`, each with the same number of seeds."""
    values = np.array(draws)
    count, seeds = values.shape
    between = seeds * values.mean(1).var(ddof=1)
    return Spread(float(between), float(values.var(axis=1, ddof=1).mean()), seeds, count - 1)


def interval(values: Sequence[float], causes: Sequence[Spread]) -> tuple[float, float]:
    """95 % interval for a run that differs from those of `values` in the seed and in all causes.

    `values` are seeds of one draw of every cause, so that the distance of another draw from it has
    twice the cause's variance. Degrees of freedom after Satterthwaite 1946. NaN with one seed.
    """
    if len(values) < 2:
        return np.nan, np.nan
    count, own = len(values), float(np.var(values, ddof=1))
    parts = [(own * (1 + 1 / count), count - 1)]
    variance = parts[0][0]
    for cause in causes:
        if cause.variance > 0:
            variance += 2 * cause.variance
            parts.append((2 * cause.variance, cause.freedom))
    if variance == 0:
        return float(values[0]), float(values[0])
    freedom = variance**2 / sum(part**2 / degrees for part, degrees in parts)
    half = stats.t.ppf((1 + LEVEL) / 2, freedom) * variance**0.5
    mean = float(np.mean(values))
    return mean - float(half), mean + float(half)


def causes(runs: pd.DataFrame, folder: Path, model: str, metric: str) -> list[Spread]:
    """The spreads by split and by vectors of `model`, from the records of stage `resplit`.

    `runs` are those of the study's own draw, from which the same seeds are taken. Empty where the
    stage has not run for this model.
    """
    draws: dict[str, list[list[float]]] = {}
    seeds: list[int] = []
    for path in sorted(folder.glob("*.json")):
        record = read_json(path)
        found = {run["seed"]: run[metric] for run in record["runs"] if run["model"] == model}
        seeds = list(found)
        if found:
            draws.setdefault(record["draw"].partition("-")[0], []).append(list(found.values()))
    own = runs[(runs.model == model) & runs.seed.isin(seeds)]
    return [spread([own[metric].tolist(), *others]) for others in draws.values()]
