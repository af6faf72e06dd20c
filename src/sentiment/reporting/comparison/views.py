"""What DVC's own views show: `dvc metrics` and `dvc plots` read these files."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from sentiment.comparison import best
from sentiment.comparison.by_review import called
from sentiment.measures import scores
from sentiment.storage import files


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
    runs: pd.DataFrame, reviews: Mapping[str, Mapping[str, pd.DataFrame]], classes: Sequence[str]
) -> pd.DataFrame:
    """How many test reviews of each label the champion gives each label; a row for each pair.

    `reviews` holds by protocol and model what `evaluate` gave for each review; `classes` are the
    names of the labels, in the order of their numbers.
    """
    run = best.of_study(runs)
    cell = reviews[run.protocol][run.model]
    test = cell[cell.part == "test"]
    # As `evaluate` decides.
    predicted = called(scores.probabilities_of(test, run.seed))
    labels = dict(enumerate(classes))
    pairs = pd.MultiIndex.from_product([labels, labels], names=["label", "predicted"])
    counts = test.groupby(["label", pd.Series(predicted, test.index, name="predicted")]).size()
    counted = counts.reindex(pairs, fill_value=0).rename("reviews").reset_index()
    for column in ("label", "predicted"):
        counted[column] = counted[column].map(labels)
    named = {"protocol": run.protocol, "model": run.model, "seed": run.seed}
    return pd.DataFrame({**named, **counted})
