"""The questions of memory in tables, for markdown."""

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd

from sentiment.comparison.statistics import mean_interval
from sentiment.reporting.memory import claims
from sentiment.settings.params import Params


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
                "left after 2 words": share(trained),
                "half-life, words": lag(trained, "half_life"),
                "under 1 % after": lag(trained, "gone"),
                "untrained: left": share(untrained),
                "half-life": lag(untrained, "half_life"),
                "under 1 %": lag(untrained, "gone"),
            }
        )
    return pd.DataFrame(rows).to_markdown(index=False, disable_numparse=True)


TRAININGS = ("trained", "untrained")


def verdicts(summary: pd.DataFrame, gated: Collection[str]) -> list[str]:
    """A line a model and direction, of the trained ones' Jacobian, in the lesson's own terms.

    Models with gates, which `gated` names, are said to remember longer than the first without.
    """
    some = summary[(summary.measure == "jacobian") & (summary.training == "trained")]
    plain = next((row for row in some.itertuples() if row.model not in gated), None)
    lines = []
    for row in some.itertuples():
        said = verdict(row)
        if row.model in gated and plain is not None:
            said = claims.longer(row, plain)
        lines.append(f"- `{row.model}`, {row.direction}: {said}")
    return lines


def steps(params: Params) -> int:
    """Steps of an epoch on planted words."""
    return -(-params.memory.planted.sequences // params.train.batch_size)


def planted(fits: pd.DataFrame, steps: int) -> str:
    """Mean accuracy of the seeds by cell (rows) and distance (columns), and how far it goes.

    `steps` are those of an epoch.
    """
    rows = []
    keys = ["model", "forget_bias", "epochs"]
    for (model, bias, epochs), some in fits.groupby(keys, sort=False, dropna=False):
        name = model if pd.isna(bias) else f"{model}, forget bias {bias:.0f}"
        means = some.groupby("distance").acc.mean()
        reached = claims.furthest(some)
        rows.append(
            {"": name, "steps": f"{epochs * steps:,}"}
            | {str(k): f"{acc:.3f}" for k, acc in means.items()}
            | {"learnt up to": "none" if reached is None else str(reached)}
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
                    f"of “{of}” left at “{at}”": share(row) if reads else "not read by then",
                    f"moves “{at}” most, beside itself": told,
                }
            )
    return pd.DataFrame(rows).to_markdown(index=False, disable_numparse=True)


def share(row: Any) -> str:
    """What is left after two words, in per cent with its interval."""
    text = f"{100 * row.left:.1f} %"
    if pd.isna(row.left_low):
        return text
    return f"{text} [{100 * row.left_low:.1f}, {100 * row.left_high:.1f}]"


def verdict(row: Any) -> str:
    """`claims.verdict` of a row of `claims.summary`."""
    ends = (row.left, row.left) if pd.isna(row.left_low) else (row.left_low, row.left_high)
    return claims.verdict(*ends)


def lag(row: Any, name: str) -> str:
    """The median of the seeds, and how many of them come so far where not all do."""
    value, reached = row[name], row[f"{name}_seeds"]
    text = f"over {row.lags}" if np.isinf(value) else f"{value:.1f}"
    return text if reached in (0, row.seeds) else f"{text} ({reached} of {row.seeds} seeds)"
