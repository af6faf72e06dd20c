"""Single tables for people, in markdown: the lesson's form, and differences in points."""

from typing import Any

import pandas as pd

from sentiment.comparison import doubtful
from sentiment.comparison.gaps import POOLED
from sentiment.comparison.statistics import EQUIVALENT, ONE_SEED, UNDECIDED

SHOWN = {
    "rnn": "RNN",
    "birnn": "BiRNN",
    "lstm": "LSTM",
    "bilstm": "BiLSTM",
    "gru": "GRU",
    "bigru": "BiGRU",
    "dense": "dense",
}
METRICS = {"acc": "Acc", "val_acc": "Acc_val", "test_acc": "Acc_test"}
MEASURES = {"test_auc": "AUC", "test_acc": "Acc", "test_tuned_acc": "Acc, tuned threshold"}
MEASURES |= {"test_f1": "F1"}
LOSSES = {"test_loss": "log loss", "test_brier": "Brier", "test_ece": "calibration error"}
SHOWN_MEASURES = {"auc": "AUC", "acc": "accuracy", "tuned_acc": "accuracy, tuned threshold"}
SIMPLE = {"fitted_acc": "Acc, after fitting", "val_acc": "Acc_val", "test_acc": "Acc_test"}
SIMPLE |= {"test_auc": "AUC_test"}
UNDOUBTED = "Acc_test, undoubted"
# The published figures of the SVMs come from such a fit.
FULL = "Acc_test, fitted on all"


def shown_name(architecture: str) -> str:
    """As tables and pictures have it; one that is not known here keeps the name of its file."""
    return SHOWN.get(architecture, architecture)


def _layer(cell: pd.Series) -> str:
    """The architecture, with what the model's name says beside that and its units."""
    others = cell.model.removeprefix(f"{cell.architecture}-{cell.units}").strip("-")
    # A model may have a name of its own.
    added = f", {others}" if others and others != cell.model else ""
    return f"{shown_name(cell.architecture)}{added}"


def networks(cells: pd.DataFrame) -> str:
    """One protocol's cells of the grid, the best validation accuracy bold."""
    best = cells.val_acc_mean.idxmax()
    shown = pd.DataFrame({"arch": cells.apply(_layer, axis=1), "units": cells.units.astype(str)})
    for metric, name in METRICS.items():
        shown[name] = with_interval(cells, metric)
    shown.loc[best, "Acc_val"] = f"**{shown.Acc_val[best]}**"
    if f"{doubtful.METRIC}_mean" in cells:
        shown[UNDOUBTED] = cells[f"{doubtful.METRIC}_mean"].map(digits)
    if "lecture_acc" in cells and cells.lecture_acc.notna().any():
        shown["lesson Acc"] = cells.lecture_acc.map(digits)
        shown["lesson Acc_val"] = cells.lecture_val_acc.map(digits)
    return as_markdown(shown)


def simple(baselines: pd.DataFrame) -> str:
    """One protocol's baselines."""
    columns = SIMPLE | {doubtful.METRIC: UNDOUBTED, "full_test_acc": FULL}
    columns = {name: title for name, title in columns.items() if name in baselines}
    shown = baselines[["baseline", *columns]].copy()
    for column in columns:
        shown[column] = shown[column].map(digits)
    return as_markdown(shown.rename(columns=columns))


def measures(cells: pd.DataFrame, second: str | None) -> str:
    """One protocol's cells of the grid by every measure on test, the best AUC bold.

    The last column is the share of reviews called `second`; none where there are more classes.
    """
    best = cells.test_auc_mean.idxmax()
    shown = pd.DataFrame({"arch": cells.apply(_layer, axis=1), "units": cells.units.astype(str)})
    for metric, name in MEASURES.items():
        if f"{metric}_mean" in cells:
            shown[name] = with_interval(cells, metric)
    for metric, name in LOSSES.items():
        shown[name] = cells[f"{metric}_mean"].map(digits)
    if second is not None:
        shown[f"called {second}"] = [
            f"{100 * row.test_positive_least:.0f} to {100 * row.test_positive_most:.0f} %"
            for row in cells.itertuples()
        ]
    shown.loc[best, "AUC"] = f"**{shown.AUC[best]}**"
    return as_markdown(shown)


def contrasts(rows: pd.DataFrame) -> str:
    """The answers to one protocol's questions, a row for each pair or trend and measure."""
    shown = pd.DataFrame(
        {
            "question": rows.question.where(~rows.question.duplicated(), ""),
            "": [_compared(row) for row in rows.itertuples()],
            "measure": rows.measure.map(SHOWN_MEASURES),
            "points": [interval(row) for row in rows.itertuples()],
            "p by Holm": rows.p_holm.map(probability),
            "p, equivalent": rows.p_equivalent.map(probability),
            "detectable": rows.detectable.map(lambda value: points(value).lstrip("+")),
            "verdict": rows.verdict,
        }
    )
    return as_markdown(shown)


def _compared(row: Any) -> str:
    if pd.isna(row.model_b) or not row.model_b:
        return f"{row.model_a}, units doubled"
    return f"{row.model_a} less {row.model_b}"


def matrix(pairs: pd.DataFrame) -> str:
    """Differences of pairs in points, model_a in rows and model_b in columns.

    Bold if better or worse, with ≈ if equivalent.
    """
    text = [marked(points(row.difference), row.verdict) for row in pairs.itertuples()]
    rows, columns = pairs.model_a.unique(), pairs.model_b.unique()
    named = pairs.assign(text=text)
    shown = named.pivot(index="model_a", columns="model_b", values="text").loc[rows, columns]
    return as_markdown(shown.fillna("").rename_axis("").reset_index())


def printed_runs(printed: pd.DataFrame) -> str:
    """What `tables.printed_runs` gave."""
    ours = "[" + printed.low.map(digits) + ", " + printed.high.map(digits) + "]"
    words = {True: "inside", False: "outside", None: "one seed"}
    shown = pd.DataFrame(
        {
            "model": printed.model,
            "source": printed.source,
            "Acc_val": printed.val_acc.map(digits),
            "our mean": printed["mean"].map(digits),
            "one further run of ours": ours.where(printed.low.notna(), ""),
            "": printed.inside.map(words),
        }
    )
    return as_markdown(shown)


def gaps(gaps: pd.DataFrame) -> str:
    """One row for each model, one column for each protocol, and what other reviews would move."""
    columns = {}
    for protocol, rows in gaps.groupby("protocol", sort=False):
        shown = [marked(interval(row), row.verdict) for row in rows.itertuples()]
        text = pd.Series(shown, rows.model)
        pooled = rows.sampling[rows.model == POOLED].iloc[0]
        text["other reviews"] = f"± {points(pooled).lstrip('+')}"
        columns[f"Acc_val less Acc_test, {protocol}"] = text
    return as_markdown(pd.DataFrame(columns).rename_axis("").reset_index())


def with_interval(cells: pd.DataFrame, metric: str) -> pd.Series:
    """Mean and 95 % interval of `metric` in each row of the comparison, "0.8516 [0.84, 0.86]"."""
    text = cells[f"{metric}_mean"].map(digits)
    low, high = (cells[f"{metric}_{end}"].map(digits) for end in ("low", "high"))
    return text.where(low == "", text + " [" + low + ", " + high + "]")


def digits(share: float | None) -> str:
    """A share with the lesson's four digits; nothing where there is none."""
    return "" if pd.isna(share) else f"{share:.4f}"


def marked(text: str, verdict: str) -> str:
    """`text` in bold for a difference beyond chance, with ≈ for one smaller than the margin."""
    if verdict == EQUIVALENT:
        return f"{text} ≈"
    return text if verdict in (UNDECIDED, ONE_SEED) else f"**{text}**"


def probability(p: float) -> str:
    """A p-value; nothing where there was no test."""
    if pd.isna(p):
        return ""
    return "< 0.0001" if p < 0.0001 else f"{p:.4f}"


def points(share: float) -> str:
    """A difference of shares in points, with its sign."""
    return f"{100 * share:+.2f}"


def interval(row: Any) -> str:
    """A row's difference, low and high in points: "+1.20 [+0.80, +1.60]"."""
    if pd.isna(row.low):
        return points(row.difference)
    return f"{points(row.difference)} [{points(row.low)}, {points(row.high)}]"


def as_markdown(shown: pd.DataFrame) -> str:
    """A table of texts, as they are."""
    return shown.to_markdown(index=False, disable_numparse=True)
