"""What can be said of a mean over seeds, and what cannot."""

from collections.abc import Sequence

import numpy as np
from scipy import stats

LEVEL = 0.95


def mean_interval(values: Sequence[float]) -> tuple[float, float]:
    """Two-sided 95 % t-interval for the mean of `values`; NaN with fewer than two."""
    if len(values) < 2:
        return np.nan, np.nan
    mean, error = float(np.mean(values)), float(stats.sem(values))
    if error == 0:
        return mean, mean
    low, high = stats.t.interval(LEVEL, len(values) - 1, loc=mean, scale=error)
    return float(low), float(high)
