"""The lesson's claims against the measurements: numbers with intervals, and verdicts in words."""

from typing import Any

import numpy as np
import pandas as pd

from sentiment.comparison.statistics import mean_interval

# The claim is about two words later. Its source (Lane, Howard and Hapke 2019, chapter 9) says
# "almost completely lost", the lesson "diluted": below a tenth, and below a half.
LAG, LOST, DILUTED = 2, 0.1, 0.5
HALF, GONE = 0.5, 0.01
# Of new sequences right, for a planted word to count as remembered.
LEARNT = 0.95


def summary(curves: pd.DataFrame) -> pd.DataFrame:
    """Over seeds, one row for each model, direction, training and measure.

    Value at two words with its 95 % interval (`left`, `left_low`, `left_high`), and medians over
    seeds of the lag at which a half is left (`half_life`) and a hundredth (`gone`), infinite where
    half of the seeds' curves stay above; `half_life_seeds` and `gone_seeds` of `seeds` come down.
    """
    rows = []
    keys = ["model", "direction", "training", "measure"]
    for key, some in curves.groupby(keys, sort=False):
        values = np.array(some["values"].tolist())
        left = values[:, LAG] if values.shape[1] > LAG else np.full(len(values), np.nan)
        row = dict(zip(keys, key, strict=True)) | _spread("left", left)
        for name, level in (("half_life", HALF), ("gone", GONE)):
            lags = [reach(curve, level) for curve in values]
            row[name] = float(np.median([np.inf if lag is None else lag for lag in lags]))
            row[f"{name}_seeds"] = sum(lag is not None for lag in lags)
        rows.append(row | {"seeds": len(values), "lags": values.shape[1] - 1})
    return pd.DataFrame(rows)


def _spread(name: str, values: np.ndarray) -> dict[str, float]:
    low, high = mean_interval(values.tolist())
    return {name: float(values.mean()), f"{name}_low": low, f"{name}_high": high}


def reach(curve: np.ndarray, level: float) -> float | None:
    """The lag at which `curve` first is down to `level`, between two lags on a straight line.

    The line is one of logarithms. None if the curve stays above.
    """
    below = np.flatnonzero(curve <= level)
    if not len(below):
        return None
    lag = int(below[0])
    if lag == 0:
        return 0.0
    with np.errstate(divide="ignore"):
        before, after, wanted = np.log([curve[lag - 1], curve[lag], level])
    return lag - 1 + float((before - wanted) / (before - after))


def verdict(low: float, high: float) -> str:
    """Whether the effect of a word has gone by two words later, from the interval of what is left.

    One value, without an interval, is taken for what it is.
    """
    if high < LOST:
        return "the claim holds: almost completely lost"
    if low > DILUTED:
        return "the claim does not hold: more than half is left"
    if high < DILUTED and low > LOST:
        return "the claim holds as far as it says diluted, and not as far as it says lost"
    return "cannot be told from these seeds"


def longer(gated: Any, plain: Any) -> str:
    """What is left in a network with gates beside a plain one, rows of `summary`.

    Of the former the lesson says that it remembers longer. More or less is said of what is left
    after two words where the 95 % intervals of both do not meet.
    """
    if gated.left_low > plain.left_high:
        head = "more"
    elif gated.left_high < plain.left_low:
        head = "less"
    else:
        head = "not shown to be more or less"
    return (
        f"after two words {100 * gated.left:.0f} % of a word's effect are left, {head} than in "
        f"`{plain.model}` ({100 * plain.left:.0f} %); under 1 % is left after "
        f"{_words(gated)}, there after {_words(plain)}"
    )


def _words(row: Any) -> str:
    return f"more than {row.lags} words" if np.isinf(row.gone) else f"{row.gone:.0f} words"


def furthest(fits: pd.DataFrame) -> int | None:
    """The furthest planted distance up to which every seed of `fits` has learnt; None for none."""
    worst = fits.groupby("distance").acc.min()
    failed = worst.index[worst < LEARNT]
    reached = worst.index[worst.index < failed.min()] if len(failed) else worst.index
    return int(reached.max()) if len(reached) else None
