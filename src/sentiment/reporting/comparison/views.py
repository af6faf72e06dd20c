"""What DVC's own views show: `dvc metrics` and `dvc plots` read these files."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from sentiment.comparison import best
from sentiment.storage import files

LABELS = {0: "negative", 1: "positive"}


def write_metrics(path: Path, cells: pd.DataFrame) -> None:
    """Write mean validation and test accuracy of the grid's models, by protocol and model.

    DVC shows each number as a column of its own, so there are no others.
    """
    metrics: dict[str, dict[str, dict[str, float]]] = {}
    for row in cells.itertuples():
        means = {"val_acc": row.val_acc_mean, "test_acc": row.test_acc_mean}
        metrics.setdefault(row.protocol, {})[row.model] = means
    files.write_json(path, metrics)


def confusion(
    runs: pd.DataFrame, reviews: Mapping[str, Mapping[str, pd.DataFrame]]
) -> pd.DataFrame:
    """How many test reviews of each label the champion gives each label; a row for each pair.

    `reviews` holds by protocol and model what `evaluate` gave for each review.
    """
    run = best.of_study(runs)
    cell = reviews[run.protocol][run.model]
    test = cell[cell.part == "test"]
    # As `evaluate` decides.
    predicted = (test[f"seed_{run.seed}"] > 0.5).astype(int)
    pairs = pd.MultiIndex.from_product([LABELS, LABELS], names=["label", "predicted"])
    counts = test.groupby(["label", predicted.rename("predicted")]).size()
    counted = counts.reindex(pairs, fill_value=0).rename("reviews").reset_index()
    counted[["label", "predicted"]] = counted[["label", "predicted"]].replace(LABELS)
    named = {"protocol": run.protocol, "model": run.model, "seed": run.seed}
    return pd.DataFrame({**named, **counted})
