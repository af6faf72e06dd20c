"""The comparison table: for programs as CSV, for people in the lesson's own form."""

import pandas as pd

from sentiment.reporting import published
from sentiment.reporting.results import CELL
from sentiment.statistics import mean_interval

SHOWN = {
    "rnn": "RNN",
    "birnn": "BiRNN",
    "lstm": "LSTM",
    "bilstm": "BiLSTM",
    "gru": "GRU",
    "bigru": "BiGRU",
}


def comparison(runs: pd.DataFrame) -> pd.DataFrame:
    """One row a cell: means, standard deviations and 95 % intervals over its seeds.

    Intervals and deviations are missing with one seed; the lesson's columns are there only where
    its protocol is.
    """
    rows = []
    for cell, group in runs.groupby(CELL, sort=False):
        row = {**dict(zip(CELL, cell, strict=True)), "seeds": len(group)}
        for metric in ("acc", "val_acc", "test_acc"):
            row[f"{metric}_mean"] = group[metric].mean()
            row[f"{metric}_sd"] = group[metric].std()
            if metric != "acc":
                row[f"{metric}_low"], row[f"{metric}_high"] = mean_interval(group[metric])
        if row["protocol"] == published.PROTOCOL:
            row["lecture_acc"], row["lecture_val_acc"] = published.of_lesson(row["model"])
        rows.append(row)
    return pd.DataFrame(rows)


def csv(table: pd.DataFrame) -> str:
    """Fractions with six digits, empty where there is nothing to say."""
    return table.to_csv(index=False, float_format="%.6f", lineterminator="\n")


def markdown(table: pd.DataFrame) -> str:
    """A table a protocol, best validation accuracy in bold, with what its numbers are."""
    parts = []
    for protocol, cells in table.groupby("protocol", sort=False):
        parts.append(f"Protocol `{protocol}`, {_caption(cells)}\n\n{_form(cells)}\n")
    return "\n".join(parts)


def _caption(cells: pd.DataFrame) -> str:
    seeds = int(cells.seeds.iloc[0])
    if seeds == 1:
        return "one seed: no interval can be given."
    return f"mean of {seeds} seeds with its 95 % interval."


def _form(cells: pd.DataFrame) -> str:
    best = cells.val_acc_mean.idxmax()
    shown = pd.DataFrame(
        {
            "arch": cells.architecture.map(SHOWN),
            "units": cells.units.astype(str),
            "Acc": cells.acc_mean.map("{:.4f}".format),
            "Acc_val": [
                f"**{text}**" if row == best else text
                for row, text in _with_interval(cells, "val_acc").items()
            ],
            "Acc_test": _with_interval(cells, "test_acc"),
        }
    )
    if "lecture_acc" in cells and cells.lecture_acc.notna().any():
        shown["lesson Acc"] = cells.lecture_acc.map(_digits)
        shown["lesson Acc_val"] = cells.lecture_val_acc.map(_digits)
    return shown.to_markdown(index=False, disable_numparse=True)


def _with_interval(cells: pd.DataFrame, metric: str) -> pd.Series:
    text = cells[f"{metric}_mean"].map(_digits)
    low, high = (cells[f"{metric}_{end}"].map(_digits) for end in ("low", "high"))
    return text.where(low == "", text + " [" + low + ", " + high + "]")


def _digits(value: float | None) -> str:
    return "" if pd.isna(value) else f"{value:.4f}"
