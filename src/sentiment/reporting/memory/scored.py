"""What accuracy says of models of memory in tables, for markdown."""

from typing import Any

import numpy as np
import pandas as pd

from sentiment.comparison.statistics import mean_interval
from sentiment.reporting.comparison.forms import (
    SHOWN_MEASURES,
    digits,
    interval,
    marked,
    probability,
    shown_name,
)
from sentiment.reporting.memory.hypothesis import AS_WRITTEN


def read_outs(runs: pd.DataFrame) -> str:
    """A row a cell, means of the seeds with intervals."""
    rows = []
    for _, some in runs.groupby("model", sort=False):
        first = some.iloc[0]
        rows.append(
            {
                "layer": f"{shown_name(first.architecture)} {first.units}",
                "read-out": first.read_out,
                "parameters": f"{first.parameters:,}",
                **{name: _mean(some[metric]) for metric, name in METRICS.items()},
            }
        )
    return pd.DataFrame(rows).to_markdown(index=False, disable_numparse=True)


METRICS = {"acc": "Acc", "val_acc": "Acc_val", "test_acc": "Acc_test", "test_auc": "AUC_test"}


def contrasts(found: pd.DataFrame) -> str:
    """A row for each pair of `tested`, with what it is measured by where there are several."""
    shown = pd.DataFrame(
        {
            "": found.model_a + " less " + found.model_b,
            **({"measure": found.measure.map(SHOWN_MEASURES)} if "measure" in found else {}),
            "points": [interval(row) for row in found.itertuples()],
            "p by Holm": found.p_holm.map(probability),
            "p, equivalent": found.p_equivalent.map(probability),
            "verdict": found.verdict,
        }
    )
    return shown.to_markdown(index=False, disable_numparse=True)


def named_orders(scores: pd.DataFrame) -> pd.DataFrame:
    """`scores` with the column `name`, what the order of words is called."""
    return scores.assign(name=[order_name(row) for row in scores.itertuples()])


def orders(named: pd.DataFrame, changes: pd.DataFrame) -> str:
    """Accuracy as written, then what other orders change, in points; one row for each order.

    `changes` is what `hypothesis.orders` gave: bold if better or worse, with ≈ if equivalent.
    """
    rows = []
    for name in named.name.unique():
        row = {"order": name}
        for model, some in named.groupby("model", sort=False):
            if name == AS_WRITTEN:
                row[str(model)] = _mean(some.acc[some.name == name])
                continue
            (change,) = changes[(changes.model == model) & (changes.name == name)].itertuples()
            row[str(model)] = marked(interval(change), change.verdict)
        rows.append(row)
    return pd.DataFrame(rows).to_markdown(index=False, disable_numparse=True)


SHUFFLED = "all words shuffled"


def order_name(row: Any) -> str:
    """As `shuffled in pieces of 5`, or the order's own name."""
    if pd.isna(row.distance):
        return str(row.order)
    if row.distance == 1:
        return SHUFFLED
    return f"shuffled in pieces of {row.distance:.0f} words"


def _mean(values: pd.Series) -> str:
    low, high = mean_interval(values.tolist())
    text = digits(values.mean())
    return text if np.isnan(low) else f"{text} [{digits(low)}, {digits(high)}]"
