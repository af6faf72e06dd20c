"""What was expected of read-outs and of word order, before the result, and what came of it."""

from collections.abc import Iterable

import pandas as pd

from sentiment.comparison.statistics import (
    DECISIVE,
    EQUIVALENT,
    Difference,
    combination,
    judge,
    paired,
    welch,
)
from sentiment.reporting.comparison.forms import interval

HYPOTHESIS = """\
Written down before the result: the flattened read-out sees every state with weights of its own, so
it hides forgetting. (1) With the last state alone the plain RNN falls far below the LSTM, since
nothing else carries the review to its end. (2) Flattening narrows that gap. (3) A layer without any
recurrence, flattened or averaged, comes close to both."""
AS_WRITTEN = "as written"


def parts(runs: pd.DataFrame, margin: float) -> pd.DataFrame:
    """A row for each comparison that a part of HYPOTHESIS names, as far as its models are there.

    Columns: part, said, and what `judge` makes of it, in AUC over seeds; one family.
    """
    by = {
        (str(architecture), str(read_out)): some[DECISIVE].tolist()
        for (architecture, read_out), some in runs.groupby(["architecture", "read_out"])
    }
    asked: list[tuple[int, str, Difference]] = []
    last, flat = [("lstm", "last"), ("rnn", "last")], [("lstm", "flatten"), ("rnn", "flatten")]
    if set(last) <= set(by):
        said = "LSTM less RNN, the last state alone"
        asked.append((1, said, welch(by[last[0]], by[last[1]], margin)))
    if set(last + flat) <= set(by):
        terms = zip((1, -1, -1, 1), (by[key] for key in last + flat), strict=True)
        said = "this gap less the gap when flattened"
        asked.append((2, said, combination(list(terms), margin)))
    for read_out in ("flatten", "mean"):
        for name in ("rnn", "lstm"):
            pair = ("dense", read_out), (name, read_out)
            if set(pair) <= set(by):
                said = f"dense less {name.upper()}, {read_out}"
                asked.append((3, said, welch(by[pair[0]], by[pair[1]], margin)))
    rows = [(part, said, *found) for part, said, found in asked]
    table = pd.DataFrame(rows, columns=["part", "said", *Difference._fields])
    return judge(table.assign(family=0), ["family"]).drop(columns="family")


def sentences(found: pd.DataFrame) -> list[str]:
    """A line for each part: whether it holds, by the verdicts of its comparisons."""
    lines = []
    for part, rows in found.groupby("part"):
        fits = rows.verdict.isin({"better", EQUIVALENT} if part == 3 else {"better"})
        head = "holds" if fits.all() else "does not hold" if not fits.any() else "holds in part"
        if (rows.verdict == "undecided").any() and not fits.any():
            head = "is not shown"
        said = "; ".join(
            f"{row.said} {interval(row)} points of AUC, {row.verdict}" for row in rows.itertuples()
        )
        lines.append(f"- Part {part} {head}: {said}.")
    return lines


def orders(named: pd.DataFrame, margin: float) -> pd.DataFrame:
    """What another order of the words changes in accuracy, for each model and order.

    `named` has model, name (of the order), seed and acc. Paired, since the same network reads the
    same reviews twice. Columns: model, name, and what `judge` makes of it; one family.
    """
    rows = []
    for model, some in named.groupby("model", sort=False):
        by_seed = some.pivot(index="seed", columns="name", values="acc")
        for name in (name for name in some.name.unique() if name != AS_WRITTEN):
            result = paired(by_seed[name].tolist(), by_seed[AS_WRITTEN].tolist(), margin)
            rows.append((model, name, *result))
    table = pd.DataFrame(rows, columns=["model", "name", *Difference._fields])
    return judge(table.assign(family=0), ["family"]).drop(columns="family")


def order_matters(found: pd.DataFrame, shuffled: str) -> str:
    """The answer for words that are shuffled as a whole, which `shuffled` names."""
    rows = found[found.name == shuffled]
    told = [f"`{row.model}` {interval(row)} points, {row.verdict}" for row in rows.itertuples()]
    heads = {"worse": "Yes", "better": "Yes, against expectation", EQUIVALENT: "No"}
    head = _agreed(heads.get(verdict, "Not shown") for verdict in rows.verdict)
    return f"{head}. With all words shuffled: {'; '.join(told)}."


def _agreed(heads: Iterable[str]) -> str:
    different = set(heads)
    return different.pop() if len(different) == 1 else "It depends on the network"
