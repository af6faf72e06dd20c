"""The comparison as tables for programs; `page` shows them to people."""

import pandas as pd

from sentiment.comparison import doubtful
from sentiment.comparison.results import CELL
from sentiment.comparison.roles import TAUGHT
from sentiment.comparison.statistics import ACCURACIES, mean_interval, prediction_interval
from sentiment.reporting.comparison import published


def comparison(runs: pd.DataFrame) -> pd.DataFrame:
    """One row a cell: means, standard deviations and 95 % t-intervals over its seeds.

    Intervals and deviations are missing with one seed; the lesson's columns are there only where
    its protocol is, and those without doubtful labels where runs have that metric. Rounded to the
    digits of `csv`, so that what is made from the file is what is made from the table.
    """
    metrics = [metric for metric in (*ACCURACIES, doubtful.METRIC) if metric in runs]
    rows = []
    for cell, group in runs.groupby(CELL, sort=False):
        row = {**dict(zip(CELL, cell, strict=True)), "seeds": len(group)}
        for metric in metrics:
            row[f"{metric}_mean"] = group[metric].mean()
            row[f"{metric}_sd"] = group[metric].std()
            row[f"{metric}_low"], row[f"{metric}_high"] = mean_interval(group[metric].tolist())
        if row["protocol"] == TAUGHT:
            row["lecture_acc"], row["lecture_val_acc"] = published.of_lesson(row["model"])
        rows.append(row)
    return pd.DataFrame(rows).round(6)


def csv(table: pd.DataFrame) -> str:
    """Fractions with six digits, empty where there is nothing to say."""
    return table.to_csv(index=False, float_format="%.6f", lineterminator="\n")


def baselines(records: pd.DataFrame) -> pd.DataFrame:
    """One row a protocol and baseline: its accuracies, as far as there are any, rounded."""
    optional = [name for name in ("full_test_acc", doubtful.METRIC) if name in records]
    return records.reindex(columns=["protocol", "baseline", *ACCURACIES, *optional]).round(6)


def counterparts(table: pd.DataFrame, ablated: tuple[str, ...]) -> dict[str, str | None]:
    """By name in `ablated` the grid's model of the same architecture and units, or None."""
    models = table.drop_duplicates("model").set_index("model")
    grid = models.drop(index=list(ablated))
    found: dict[str, str | None] = {}
    for model in ablated:
        described = models.loc[model, ["architecture", "units"]]
        same = grid.index[(grid[["architecture", "units"]] == described).all(axis=1)]
        found[model] = None if same.empty else same[0]
    return found


def printed_runs(runs: pd.DataFrame) -> pd.DataFrame:
    """The published runs beside the 95 % interval in which one further run of ours would fall.

    `inside` is missing where one seed leaves no interval; no rows without the lesson's protocol.
    """
    ours = runs[runs.protocol == TAUGHT].groupby("model").val_acc
    rows = []
    for model, source, _, val_acc in published.RUNS:
        if model in ours.groups:
            low, high = prediction_interval(ours.get_group(model).tolist())
            inside = None if pd.isna(low) else low <= val_acc <= high
            rows.append((model, source, val_acc, low, high, inside))
    return pd.DataFrame(rows, columns=["model", "source", "val_acc", "low", "high", "inside"])
