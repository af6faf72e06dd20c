"""The comparison as tables for programs; `forms` shows them to people."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from sentiment.comparison import doubtful
from sentiment.comparison.results import CELL
from sentiment.comparison.roles import TAUGHT
from sentiment.comparison.statistics import ACCURACIES, mean_interval, prediction_interval
from sentiment.reporting.comparison import published
from sentiment.storage.files import write_text

# What is summed up of each cell, beside the three accuracies of the lesson's form.
SUMMED_UP = (
    *ACCURACIES,
    *("val_auc", "test_auc", "test_tuned_acc", "test_loss", "test_brier", "test_ece"),
)
FITTED = ("fitted_acc", "val_acc", "test_acc", "val_auc", "test_auc", "test_brier", "test_ece")


def comparison(runs: pd.DataFrame) -> pd.DataFrame:
    """One row a cell: means, standard deviations and 95 % t-intervals over its seeds.

    Intervals and deviations are missing with one seed; the lesson's columns are there only where
    its protocol is, and those without doubtful labels where runs have that metric. Rounded to the
    digits of `csv`, so that what is made from the file is what is made from the table.
    """
    # Of two classes F1 says of one alone what accuracy says of both.
    own = "test_positive" if "test_positive" in runs else "test_f1"
    metrics = [metric for metric in (*SUMMED_UP, own, doubtful.METRIC) if metric in runs]
    rows = []
    for cell, group in runs.groupby(CELL, sort=False):
        row = {**dict(zip(CELL, cell, strict=True)), "seeds": len(group)}
        for metric in metrics:
            row[f"{metric}_mean"] = group[metric].mean()
            row[f"{metric}_sd"] = group[metric].std()
            row[f"{metric}_low"], row[f"{metric}_high"] = mean_interval(group[metric].tolist())
        if own == "test_positive":
            row["test_positive_least"] = group.test_positive.min()
            row["test_positive_most"] = group.test_positive.max()
        if row["protocol"] == TAUGHT:
            row["lecture_acc"], row["lecture_val_acc"] = published.of_lesson(row["model"])
        rows.append(row)
    return pd.DataFrame(rows).round(6)


def csv(table: pd.DataFrame) -> str:
    """Fractions with six digits, empty where there is nothing to say."""
    return table.to_csv(index=False, float_format="%.6f", lineterminator="\n")


def save_all(written: Mapping[str, pd.DataFrame], folder: Path) -> None:
    """Write each table by its name to FOLDER, as `csv` has it."""
    for name, frame in written.items():
        write_text(folder / f"{name}.csv", csv(frame))


def runs(runs: pd.DataFrame) -> pd.DataFrame:
    """One row a run with all its metrics: what every mean, interval and test is made from."""
    named = ["protocol", "model", "architecture", "units", "seed"]
    rest = [name for name in runs.select_dtypes("number") if name not in {*named, "parameters"}]
    return runs[[*named, *rest]].round(6)


def baselines(records: pd.DataFrame) -> pd.DataFrame:
    """One row a protocol and baseline: its metrics, as far as there are any, rounded."""
    optional = [name for name in ("full_test_acc", doubtful.METRIC) if name in records]
    return records.reindex(columns=["protocol", "baseline", *FITTED, *optional]).round(6)


def printed_runs(runs: pd.DataFrame) -> pd.DataFrame:
    """The published runs beside the 95 % interval in which one further run of ours would fall.

    `inside` is missing where one seed leaves no interval; no rows without the lesson's protocol.
    """
    ours = runs[runs.protocol == TAUGHT].groupby("model").val_acc
    rows = []
    for model, source, _, val_acc in published.RUNS:
        if model in ours.groups:
            values = ours.get_group(model)
            low, high = prediction_interval(values.tolist())
            inside = None if pd.isna(low) else low <= val_acc <= high
            rows.append((model, source, val_acc, values.mean(), low, high, inside))
    columns = ["model", "source", "val_acc", "mean", "low", "high", "inside"]
    return pd.DataFrame(rows, columns=columns)
