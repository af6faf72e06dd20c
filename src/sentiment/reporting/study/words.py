"""A row of differences in words, as far as its verdict allows."""

from typing import Any

import pandas as pd

from sentiment.comparison.statistics import EQUIVALENT, ONE_SEED, UNDECIDED

UNITS = {"auc": "AUC", "acc": "accuracy", "tuned_acc": "accuracy at the tuned threshold"}


def apart(row: Any) -> str:
    """One row of contrasts.csv: who, how much more or less than whom, and what that allows."""
    measure, said, judged = UNITS[row.measure], size(row), _judged(row)
    if pd.isna(row.model_b) or not row.model_b:
        change = "raise" if row.difference > 0 else "lower"
        return f"twice as many units {change} the {measure} of {row.model_a} by {said} {judged}"
    relation = "above" if row.difference > 0 else "below"
    kind = "the ensemble of " if row.metric.startswith("ensemble") else ""
    return (
        f"{kind}{row.model_a} lies {size(row)} of {measure} {relation} {row.model_b} {_judged(row)}"
    )


def _judged(row: Any) -> str:
    if row.verdict == ONE_SEED:
        return "(one seed, no test)"
    if row.verdict == UNDECIDED:
        return f"(undecided; {100 * row.detectable:.1f} points would have been found)"
    return f"({row.verdict})" if row.verdict == EQUIVALENT else f"({row.verdict}, beyond chance)"


def size(row: Any) -> str:
    """A difference without its sign, "1.20 points [0.80, 1.60]", with an interval if it has one."""
    low, high = (row.low, row.high) if row.difference > 0 else (-row.high, -row.low)
    said = f"{100 * abs(row.difference):.2f} points"
    return said if pd.isna(low) else f"{said} [{100 * low:.2f}, {100 * high:.2f}]"
