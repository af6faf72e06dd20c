"""The questions of memory in tables, for markdown."""

from typing import Any

import numpy as np
import pandas as pd

from sentiment.comparison.statistics import differences, mean_interval, paired
from sentiment.reporting.comparison.forms import digits, points, shown_name
from sentiment.reporting.memory import claims


def influence(summary: pd.DataFrame, measure: str) -> str:
    """What `claims.summary` gave of one measure, one row for each model and direction."""
    rows = []
    some = summary[summary.measure == measure]
    for (model, direction), both in some.groupby(["model", "direction"], sort=False):
        trained, untrained = (both[both.training == name].iloc[0] for name in TRAININGS)
        rows.append(
            {
                "model": model,
                "direction": direction,
                "left after 2 words": _share(trained),
                "half-life, words": _lag(trained.half_life, trained.lags),
                "under 1 % after": _lag(trained.gone, trained.lags),
                "untrained: left": _share(untrained),
                "half-life": _lag(untrained.half_life, untrained.lags),
                "under 1 %": _lag(untrained.gone, untrained.lags),
            }
        )
    return pd.DataFrame(rows).to_markdown(index=False, disable_numparse=True)


TRAININGS = ("trained", "untrained")


def verdicts(summary: pd.DataFrame) -> list[str]:
    """A line a model and direction, of the trained ones' Jacobian."""
    some = summary[(summary.measure == "jacobian") & (summary.training == "trained")]
    return [
        f"- `{row.model}`, {row.direction}: {claims.verdict(*_interval(row))}"
        for row in some.itertuples()
    ]


def planted(fits: pd.DataFrame) -> str:
    """Mean accuracy of the seeds by cell (rows) and distance (columns), and how far it goes."""
    rows = []
    for (model, bias), some in fits.groupby(["model", "forget_bias"], sort=False, dropna=False):
        name = model if pd.isna(bias) else f"{model}, forget bias {bias:.0f}"
        means = some.groupby("distance").acc.mean()
        reached = claims.furthest(some)
        rows.append(
            {"": name, **{str(k): f"{acc:.3f}" for k, acc in means.items()}}
            | {"remembered up to": "none" if reached is None else str(reached)}
        )
    return pd.DataFrame(rows).to_markdown(index=False, disable_numparse=True)


def gates(found: pd.DataFrame) -> str:
    """Shares of words and units, mean of the seeds, trained beside untrained."""
    rows = []
    for (model, gate), some in found.groupby(["model", "gate"], sort=False):
        row: dict[str, Any] = {"model": model, "gate": gate}
        for name in TRAININGS:
            own = some[some.training == name]
            row[f"{name}: below 0.1"] = f"{own.closed.mean():.3f}"
            row[f"above 0.9 ({name})"] = f"{own.open.mean():.3f}"
            life = own.half_life.mean()
            row[f"half-life, words ({name})"] = "" if np.isnan(life) else f"{life:.2f}"
        rows.append(row)
    return pd.DataFrame(rows).to_markdown(index=False, disable_numparse=True)


def sentences(records: list[dict[str, Any]], number: int, of: str, at: str) -> str:
    """For sentence `number` how much of `of` is left at `at`, and which words move `at` most."""
    rows = []
    for record in records:
        read = [run["sentences"][number] for run in record["seeds"]]
        words, goal = read[0]["words"], read[0]["at"]
        first = words.index(of)
        for direction in ("forward", "backward"):
            if direction not in read[0]:
                continue
            moved = np.array([one[direction]["moved"] for one in read])
            own = np.array([one[direction]["own"] for one in read])
            left = moved[:, first] / own[:, first]
            beside = (moved / moved[:, [goal]]).mean(0)
            most = [i for i in np.argsort(-beside, kind="stable") if i != goal and beside[i] > 0]
            low, high = mean_interval(left.tolist())
            row = pd.Series({"left": left.mean(), "left_low": low, "left_high": high})
            told = ", ".join(f"“{words[i]}” {100 * beside[i]:.0f} %" for i in most[:3])
            reads = goal >= first if direction == "forward" else goal <= first
            rows.append(
                {
                    "model": record["model"],
                    "direction": direction,
                    f"of “{of}” left at “{at}”": _share(row) if reads else "not read by then",
                    f"moves “{at}” most, beside itself": told,
                }
            )
    return pd.DataFrame(rows).to_markdown(index=False, disable_numparse=True)


def read_outs(runs: pd.DataFrame) -> str:
    """A row a cell, means of the seeds with intervals."""
    rows = []
    for _, some in runs.groupby("model", sort=False):
        first = some.iloc[0]
        rows.append(
            {
                "layer": f"{shown_name(first.architecture)} {first.units}",
                "read-out": first.read_out,
                "parameters": f"{first.parameters:,}",
                **{name: _mean(some[metric]) for metric, name in METRICS.items()},
            }
        )
    return pd.DataFrame(rows).to_markdown(index=False, disable_numparse=True)


METRICS = {"acc": "Acc", "val_acc": "Acc_val", "test_acc": "Acc_test"}


def contrasts(runs: pd.DataFrame, pairs: list[tuple[str, str]]) -> str:
    """Test accuracy of the first of each pair less the second, in points, paired by seed."""
    rows = [
        {
            "": f"{row.model_a} less {row.model_b}",
            "points": _points(row),
            "p by Holm": "" if pd.isna(row.p_holm) else f"{row.p_holm:.4f}",
            "verdict": row.verdict.replace("a better", "better").replace("b better", "worse"),
        }
        for row in differences(runs, ["test_acc"], pairs).itertuples()
    ]
    return pd.DataFrame(rows).to_markdown(index=False, disable_numparse=True)


def gaps(runs: pd.DataFrame) -> list[str]:
    """How far the first two recurrent architectures lie apart on test, a sentence a read-out.

    None if there is but one.
    """
    names = [name for name in runs.architecture.unique() if name != "dense"][:2]
    by = runs.set_index(["architecture", "read_out", "seed"]).test_acc.sort_index()
    lines, flat = [], None
    if len(names) < 2:
        return []
    for read_out in runs[runs.architecture.isin(names)].read_out.unique():
        if not all((name, read_out) in by.index.droplevel("seed") for name in names):
            continue
        lower, upper = (by.loc[name, read_out] for name in names)
        gap = upper - lower
        told = f"- {read_out}: {shown_name(names[1])} less {shown_name(names[0])} is "
        told += f"{_points(paired(upper, lower))} points"
        if flat is not None:
            told += f", {_points(paired(gap, flat))} more than flattened"
        flat = gap if flat is None else flat
        lines.append(told)
    return lines


def orders(scores: pd.DataFrame) -> str:
    """Points lost against the reviews as written, paired by seed, one row for each order."""
    rows = []
    named = scores.assign(name=[order_name(row) for row in scores.itertuples()])
    for name, some in named.groupby("name", sort=False):
        row = {"order": name}
        for model, own in some.groupby("model", sort=False):
            whole = named[(named.model == model) & (named.name == AS_WRITTEN)]
            if name == AS_WRITTEN:
                row[model] = _mean(own.acc)
            else:
                lost = own.set_index("seed").acc - whole.set_index("seed").acc
                low, high = mean_interval(lost.tolist())
                row[model] = _points(
                    pd.Series({"difference": lost.mean(), "low": low, "high": high})
                )
        rows.append(row)
    return pd.DataFrame(rows).to_markdown(index=False, disable_numparse=True)


AS_WRITTEN = "as written"


def order_name(row: Any) -> str:
    """As `shuffled in pieces of 5`, or the order's own name."""
    if pd.isna(row.distance):
        return str(row.order)
    if row.distance == 1:
        return "all words shuffled"
    return f"shuffled in pieces of {row.distance:.0f} words"


def _share(row: Any) -> str:
    text = f"{100 * row.left:.1f} %"
    if pd.isna(row.left_low):
        return text
    return f"{text} [{100 * row.left_low:.1f}, {100 * row.left_high:.1f}]"


def _interval(row: Any) -> tuple[float, float]:
    return (row.left, row.left) if pd.isna(row.left_low) else (row.left_low, row.left_high)


def _lag(value: float, lags: int) -> str:
    return f"over {lags}" if np.isnan(value) else f"{value:.1f}"


def _mean(values: pd.Series) -> str:
    low, high = mean_interval(values.tolist())
    text = digits(values.mean())
    return text if np.isnan(low) else f"{text} [{digits(low)}, {digits(high)}]"


def _points(row: Any) -> str:
    if pd.isna(row.low):
        return points(row.difference)
    return f"{points(row.difference)} [{points(row.low)}, {points(row.high)}]"
