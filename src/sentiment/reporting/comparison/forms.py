"""Single tables for people, in markdown: the lesson's form, and differences in points."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from sentiment.comparison import doubtful
from sentiment.comparison.gaps import FLATTERY, POOLED
from sentiment.comparison.statistics import ALPHA

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
    columns = METRICS | {doubtful.METRIC: UNDOUBTED, "full_test_acc": FULL}
    columns = {name: title for name, title in columns.items() if name in baselines}
    shown = baselines[["baseline", *columns]].copy()
    for column in columns:
        shown[column] = shown[column].map(digits)
    return as_markdown(shown.rename(columns=columns))


def matrix(pairs: pd.DataFrame) -> str:
    """Differences of pairs in points, model_a in rows and model_b in columns; real ones bold."""
    text = pairs.difference.map(points)
    pairs = pairs.assign(text=text.where(~(pairs.p_holm < ALPHA), "**" + text + "**"))
    rows, columns = pairs.model_a.unique(), pairs.model_b.unique()
    shown = pairs.pivot(index="model_a", columns="model_b", values="text").loc[rows, columns]
    return as_markdown(shown.fillna("").rename_axis("").reset_index())


def ablation(
    cells: pd.DataFrame, pairs: pd.DataFrame, counterparts: Mapping[str, str | None]
) -> str:
    """Each model of the ablation beside its counterpart, if any; one row for each accuracy."""
    rows = []
    for row in pairs[pairs.model_a.isin(counterparts)].itertuples():
        pair = cells.loc[[row.model_a, row.model_b]]
        ours, theirs = with_interval(pair, row.metric)
        vectors = cells.vectors[row.model_a]
        p = "" if pd.isna(row.p_holm) else f"{row.p_holm:.4f}"
        verdict = row.verdict.replace("a better", "better").replace("b better", "worse")
        rows.append(
            (row.model_b, METRICS[row.metric], vectors, ours, theirs, interval(row), p, verdict)
        )
    for model in (name for name, other in counterparts.items() if other is None):
        for metric, shown in METRICS.items():
            ours = with_interval(cells.loc[[model]], metric).iloc[0]
            rows.append((model, shown, cells.vectors[model], ours, *[""] * 3, "stands alone"))
    columns = ["model", "", "vectors", "on these", "in the table", "points", "p by Holm", "verdict"]
    return as_markdown(pd.DataFrame(rows, columns=columns))


def printed_runs(printed: pd.DataFrame) -> str:
    """What `tables.printed_runs` gave."""
    ours = "[" + printed.low.map(digits) + ", " + printed.high.map(digits) + "]"
    words = {True: "inside", False: "outside", None: "one seed"}
    shown = pd.DataFrame(
        {
            "model": printed.model,
            "source": printed.source,
            "Acc_val": printed.val_acc.map(digits),
            "ours": ours.where(printed.low.notna(), ""),
            "": printed.inside.map(words),
        }
    )
    return as_markdown(shown)


def gaps(gaps: pd.DataFrame) -> str:
    """One row for each model, one column for each contrast, and what other reviews would move."""
    columns = {}
    for (minuend, subtrahend), rows in gaps.groupby(["minuend", "subtrahend"], sort=False):
        text = pd.Series([interval(row) for row in rows.itertuples()], rows.model)
        real = rows.set_index("model").p_holm < ALPHA
        pooled = rows.sampling[rows.model == POOLED]
        column = text.where(~real, "**" + text + "**")
        column["other reviews"] = f"± {points(pooled.iloc[0]).lstrip('+')}"
        columns[_contrast(minuend, subtrahend)] = column
    return as_markdown(pd.DataFrame(columns).rename_axis("").reset_index())


def _contrast(minuend: str, subtrahend: str) -> str:
    (left, metric), (right, other) = (term.split(" ", 1) for term in (minuend, subtrahend))
    if metric == FLATTERY:
        return "what movies give"
    if left == right:
        return f"{left}: {METRICS[metric]} less {METRICS[other]}"
    return f"{METRICS[metric]}: {left} less {right}"


def with_interval(cells: pd.DataFrame, metric: str) -> pd.Series:
    """Mean and 95 % interval of `metric` in each row of the comparison, "0.8516 [0.84, 0.86]"."""
    text = cells[f"{metric}_mean"].map(digits)
    low, high = (cells[f"{metric}_{end}"].map(digits) for end in ("low", "high"))
    return text.where(low == "", text + " [" + low + ", " + high + "]")


def digits(share: float | None) -> str:
    """A share with the lesson's four digits; nothing where there is none."""
    return "" if pd.isna(share) else f"{share:.4f}"


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
