"""The comparison table: for programs as CSV, for people in the lesson's own form."""

import pandas as pd

from sentiment.reporting import published
from sentiment.reporting.results import CELL
from sentiment.statistics import mean_interval, prediction_interval

SHOWN = {
    "rnn": "RNN",
    "birnn": "BiRNN",
    "lstm": "LSTM",
    "bilstm": "BiLSTM",
    "gru": "GRU",
    "bigru": "BiGRU",
}

PRINTED = (
    "Validation accuracies that were printed for this recipe, one run each, beside the 95 % "
    "interval in which one further run of ours would fall:"
)


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


def printed_runs(runs: pd.DataFrame) -> pd.DataFrame:
    """The published runs beside the 95 % interval in which one further run of ours would fall.

    `inside` is missing where one seed leaves no interval; no rows without the lesson's protocol.
    """
    ours = runs[runs.protocol == published.PROTOCOL].groupby("model").val_acc
    rows = []
    for model, source, _, val_acc in published.RUNS:
        if model in ours.groups:
            low, high = prediction_interval(ours.get_group(model).tolist())
            inside = None if pd.isna(low) else low <= val_acc <= high
            rows.append((model, source, val_acc, low, high, inside))
    return pd.DataFrame(rows, columns=["model", "source", "val_acc", "low", "high", "inside"])


def markdown(table: pd.DataFrame, baselines: pd.DataFrame, printed: pd.DataFrame) -> str:
    """A section a protocol: networks in the lesson's form, baselines, and what was printed."""
    sections = []
    for protocol, cells in table.groupby("protocol", sort=False):
        simple = baselines[baselines.protocol == protocol]
        parts = [f"Protocol `{protocol}`, {_caption(cells)}", _form(cells)]
        parts += ["Fitted and scored on the same reviews, once:", _simple(simple)]
        if protocol == published.PROTOCOL and not printed.empty:
            parts += [PRINTED, _printed(printed)]
        sections.append("\n\n".join(parts) + "\n")
    return "\n".join(sections)


def _caption(cells: pd.DataFrame) -> str:
    seeds = int(cells.seeds.iloc[0])
    if seeds == 1:
        return "one seed: no interval can be given."
    return f"mean of {seeds} seeds with its 95 % interval."


def _simple(baselines: pd.DataFrame) -> str:
    columns = {"acc": "Acc", "val_acc": "Acc_val", "test_acc": "Acc_test"}
    # Published figures of the SVMs come from a fit on every labelled review outside test.
    columns |= {"full_test_acc": "Acc_test, all 25,000"} if "full_test_acc" in baselines else {}
    shown = baselines.reindex(columns=["baseline", *columns])
    for column in columns:
        shown[column] = shown[column].map(_digits)
    return shown.rename(columns=columns).to_markdown(index=False, disable_numparse=True)


def _printed(printed: pd.DataFrame) -> str:
    words = {True: "inside", False: "outside", None: "one seed"}
    shown = pd.DataFrame(
        {
            "model": printed.model,
            "source": printed.source,
            "Acc_val": printed.val_acc.map(_digits),
            "ours": "[" + printed.low.map(_digits) + ", " + printed.high.map(_digits) + "]",
            "": printed.inside.map(words),
        }
    )
    return shown.to_markdown(index=False, disable_numparse=True)


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
