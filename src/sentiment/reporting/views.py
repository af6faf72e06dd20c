"""What DVC's own views show: `dvc metrics` and `dvc plots` read these files."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from sentiment import files
from sentiment.reporting import best
from sentiment.statistics import ACCURACIES

LABELS = {0: "negative", 1: "positive"}


def write_metrics(folder: Path, table: pd.DataFrame, simple: pd.DataFrame) -> None:
    """Write `<protocol>/<model>.json` and `<protocol>/baselines/<baseline>.json` to FOLDER.

    Each has the accuracies of a row of `tables.comparison` or `tables.baselines`, those that are
    there: DVC shows a file as a row, so that all files together are one table. What else was in
    FOLDER is gone.
    """
    means = table.set_index(["protocol", "model"])[[f"{name}_mean" for name in ACCURACIES]]
    fitted = simple.assign(baseline="baselines/" + simple.baseline)
    fitted = fitted.set_index(["protocol", "baseline"])[list(ACCURACIES)]
    with files.atomic_path(folder) as whole:
        for rows in (means.set_axis(ACCURACIES, axis=1), fitted):
            for (protocol, name), row in rows.iterrows():
                files.write_json(whole / protocol / f"{name}.json", row.dropna().to_dict())


def confusion(
    runs: pd.DataFrame, reviews: Mapping[str, Mapping[str, pd.DataFrame]]
) -> pd.DataFrame:
    """How many test reviews of each label the champion gives each label; a row a pair of labels.

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
