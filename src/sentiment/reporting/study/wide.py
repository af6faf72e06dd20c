"""Whether width costs with any read-out, in words, tables and pictures."""

from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from sentiment.comparison import widths
from sentiment.comparison.statistics import DECISIVE, EQUIVALENT, mean_interval
from sentiment.comparison.widths import FLATTEN, Widths
from sentiment.reporting.comparison.figures import DARK
from sentiment.reporting.comparison.forms import (
    as_markdown,
    digits,
    interval,
    marked,
    probability,
    shown_name,
)
from sentiment.reporting.study.questions import Answer

QUESTION = "Do wider BiRNNs do worse with any read-out?"
READ_OUTS = (
    "AUC on test, mean of seeds with its 95 % interval, where the sigmoid unit sees all states "
    "(flatten, {many} seeds), their mean or the last alone ({few} seeds), each a BiRNN of so many "
    "units, trained as in the table; in brackets behind it what that read-out gives against the "
    "flattened one, in points (Welch's test, Holm over these; bold is beyond chance, ≈ smaller "
    "than {margin:g} points):"
)
TRENDS = (
    "What twice the units change, in points of AUC, by read-out (least squares on the logarithm "
    "of units, errors after HC3, Holm over these):"
)
LONGER = (
    "The same models trained for {epochs} epochs instead of {short}: log loss while training (with "
    "dropout) and on validation after each epoch, mean of {seeds} seeds; the last column is what "
    "the further epochs change in AUC on test, in points (Welch's test over the same seeds, Holm "
    "over these):"
)


def sections(found: Widths, pictures: dict[str, str], margin: float) -> list[str]:
    """Tables under what they say, and both pictures; empty where the stage has not run."""
    parts: list[str] = []
    if not found.read_outs.empty:
        parts += _read_outs(found.read_outs, pictures["read-outs"], margin)
    if not found.longer.empty:
        parts += _longer(found, pictures["losses"], margin)
    return parts


def _read_outs(runs: pd.DataFrame, picture: str, margin: float) -> list[str]:
    slopes = widths.trends(runs, margin)
    answer = read_out_answer(slopes)
    changes = widths.against_flatten(runs, margin)
    seeds = runs.groupby("read_out").seed.nunique()
    shown = pd.DataFrame(
        {
            "read-out": f"{shown_name(row.architecture)}, {row.read_out}",
            "twice the units": interval(row),
            "p by Holm": probability(row.p_holm),
            "p, equivalent": probability(row.p_equivalent),
            "verdict": row.verdict,
        }
        for row in slopes.itertuples()
    )
    many, few = seeds[FLATTEN], seeds.drop(FLATTEN).min()
    return [
        "# Is it the read-out?",
        f"{answer}",
        READ_OUTS.format(many=many, few=few, margin=100 * margin),
        as_markdown(_by_units(runs, changes)),
        TRENDS,
        as_markdown(shown),
        f"![AUC by units for each read-out]({picture})",
        "The horizontal axis is the units of one direction, on a logarithmic scale; the vertical "
        "axis is AUC on test. Lines are read-outs, means over seeds; bands are their range.",
    ]


def read_out_answer(slopes: pd.DataFrame) -> Answer:
    """Whether width costs with the flattened read-out alone, from what `widths.trends` gave."""
    said = {
        str(row.read_out): f"{interval(row)} points ({row.verdict})" for row in slopes.itertuples()
    }
    verdicts = {str(row.read_out): row.verdict for row in slopes.itertuples()}
    others = [name for name in verdicts if name != FLATTEN]
    told = "; ".join(f"{name} {text}" for name, text in said.items())
    free = all(verdicts[name] in {"better", EQUIVALENT} for name in others)
    if verdicts.get(FLATTEN) == "worse" and others and free:
        head = "No, with the flattened one alone"
    elif verdicts.get(FLATTEN) == "worse" and any(verdicts[n] == "worse" for n in others):
        head = "Not with the flattened one alone"
    else:
        head = "Not shown"
    return Answer(head, f"twice the units change the AUC, by read-out, {told}")


def _by_units(runs: pd.DataFrame, changes: pd.DataFrame) -> pd.DataFrame:
    keys = ["architecture", "units", "read_out"]
    verdicts = {tuple(row[key] for key in keys): row for _, row in changes.iterrows()}
    rows: dict[str, dict[str, str]] = {}
    ordered = runs.sort_values("units", ascending=False, kind="stable")
    for key, some in ordered.groupby(keys, sort=False):
        architecture, units, read_out = key
        name = f"{shown_name(str(architecture))} {units}"
        text = _mean(some[DECISIVE])
        if key in verdicts:
            row = verdicts[key]
            text += f" ({marked(interval(row), row.verdict)})"
        rows.setdefault(name, {"": name})[str(read_out)] = text
    return pd.DataFrame(rows.values()).fillna("")


def _longer(found: Widths, picture: str, margin: float) -> list[str]:
    epochs, short = found.longer.epoch.max(), found.scores.epochs.min()
    changes = widths.longer(found.scores, margin).set_index("model")
    means = found.longer.groupby(["model", "epoch"], sort=False)[["loss", "val_loss"]].mean()
    asked = sorted({1, int(short), int(epochs)})
    shown: list[dict[str, Any]] = []
    for model in found.longer.model.unique():
        own = means.loc[model]
        row: dict[str, Any] = {"model": model}
        for epoch in asked:
            row[f"loss, epoch {epoch}"] = digits(own.loss[epoch])
            row[f"validation, epoch {epoch}"] = digits(own.val_loss[epoch])
        row["lowest on validation"] = f"{digits(own.val_loss.min())}, epoch {own.val_loss.idxmin()}"
        change = changes.loc[model]
        row[f"{epochs} less {short} epochs"] = marked(interval(change), change.verdict)
        shown.append(row)
    seeds = found.longer.seed.nunique()
    return [
        "# Is it the training?",
        LONGER.format(epochs=epochs, short=short, seeds=seeds),
        as_markdown(pd.DataFrame(shown)),
        f"![Log loss by epoch of each model]({picture})",
        "Each panel is a model; the horizontal axis is the epoch, the vertical axis log loss in "
        "nats. Dashed is the running mean while training, with dropout; solid is validation after "
        "the epoch; means over seeds, with bands for their range.",
    ]


def _mean(values: pd.Series) -> str:
    low, high = mean_interval(values.tolist())
    text = digits(values.mean())
    return text if pd.isna(low) else f"{text} [{digits(low)}, {digits(high)}]"


STYLES = {"flatten": ("o", "-", DARK), "mean": ("s", "--", "black"), "last": ("^", ":", "0.5")}


def by_units(runs: pd.DataFrame) -> Figure:
    """AUC by units, a line for each read-out of the architecture that has several widths."""
    figure = Figure(figsize=(7.5, 4.4), layout="constrained")
    panel = figure.subplots()
    many = runs.groupby(["architecture", "read_out"]).units.transform("nunique") > 1
    for read_out, some in runs[many].groupby("read_out", sort=False):
        by = some.groupby("units")[DECISIVE]
        marker, line, color = STYLES[str(read_out)]
        panel.fill_between(by.mean().index, by.min(), by.max(), color=color, alpha=0.15)
        panel.plot(by.mean(), color=color, marker=marker, linestyle=line, label=read_out)
    panel.set_xscale("log")
    units = sorted(runs[many].units.unique())
    panel.set_xticks(units, [str(number) for number in units])
    panel.minorticks_off()
    panel.set(xlabel="units of one direction", ylabel="AUC on test")
    panel.legend(frameon=False)
    return figure


def losses(histories: pd.DataFrame) -> Figure:
    """Log loss by epoch, a panel for each model."""
    models = histories.model.unique()
    figure = Figure(figsize=(1 + 2.4 * len(models), 3.4), layout="constrained")
    panels = figure.subplots(1, len(models), sharex=True, sharey=True, squeeze=False)[0]
    strokes = {"loss": ("0.5", "--", "training"), "val_loss": (DARK, "-", "validation")}
    for panel, model in zip(panels, models, strict=True):
        by = histories[histories.model == model].groupby("epoch")
        for metric, (color, line, label) in strokes.items():
            values = by[metric]
            panel.fill_between(
                values.mean().index, values.min(), values.max(), color=color, alpha=0.2
            )
            panel.plot(values.mean(), color=color, linestyle=line, label=label)
        panel.set_title(model, fontsize="medium")
        panel.set_xlabel("epoch")
    panels[0].set_ylabel("log loss, nats")
    panels[0].legend(frameon=False, fontsize="small")
    return figure
