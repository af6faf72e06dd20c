"""The pictures of memory: lines told apart by marker and stroke, so that they read in grey."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from sentiment.comparison.statistics import mean_interval
from sentiment.reporting.comparison.figures import DARK
from sentiment.reporting.memory.hypothesis import AS_WRITTEN
from sentiment.settings.investigations import Sentence

STYLES: Sequence[dict[str, Any]] = (
    {"color": DARK, "marker": "o"},
    {"color": "#c2410c", "marker": "s"},
    {"color": "black", "marker": "^"},
    {"color": "0.5", "marker": "D"},
    {"color": "#15803d", "marker": "v"},
)


def planted(fits: pd.DataFrame) -> Figure:
    """Accuracy by distance of the planted word, a panel for each number of epochs.

    A line for each model and bias, a band for its seeds.
    """
    budgets = sorted(fits.epochs.unique())
    figure = Figure(figsize=(1.5 + 5 * len(budgets), 4.4), layout="constrained")
    panels = figure.subplots(1, len(budgets), sharex=True, sharey=True, squeeze=False)[0]
    for panel, epochs in zip(panels, budgets, strict=True):
        _learnt(panel, fits[fits.epochs == epochs])
        panel.set_title(f"{epochs} epochs", fontsize="medium")
        panel.set_xlabel("words after the planted one")
    panels[0].set_ylabel("accuracy on new sequences")
    legend(figure, panels[0])
    return figure


def _learnt(panel: Axes, fits: pd.DataFrame) -> None:
    groups = fits.groupby(["model", "forget_bias"], sort=False, dropna=False)
    for style, ((model, bias), some) in zip(STYLES, groups, strict=False):
        name = model if pd.isna(bias) else f"{model}, forget bias {bias:.0f}"
        by = some.groupby("distance").acc
        panel.fill_between(by.mean().index, by.min(), by.max(), color=style["color"], alpha=0.15)
        panel.plot(by.mean(), label=name, markersize=5, **style)
    panel.axhline(0.5, color="0.6", linewidth=1, linestyle=":")
    panel.set_xscale("symlog", linthresh=1)
    distances = sorted(fits.distance.unique())
    panel.set_xlim(-0.2, 1.2 * distances[-1])
    panel.set_xticks(distances, [str(distance) for distance in distances])
    panel.minorticks_off()


def sentences(records: Sequence[dict[str, Any]], asked: Sequence[Sentence]) -> Figure:
    """How much each word moves the state at one place, in a panel for each sentence."""
    figure = Figure(figsize=(11, 2.7 * len(asked)), layout="constrained")
    panels = figure.subplots(len(asked), 1, sharey=True, squeeze=False)[:, 0]
    hatches = ("", "///", "xxx", "...", "++")
    for number, (panel, sentence) in enumerate(zip(panels, asked, strict=True)):
        bars = [
            (f"{record['model']}, {direction}", *_moved(record, number, direction))
            for record in records
            for direction in ("forward", "backward")
            if direction in record["seeds"][0]["sentences"][number]
        ]
        width = 0.8 / len(bars)
        for place, (name, words, beside) in enumerate(bars):
            style, hatch = STYLES[place % len(STYLES)], hatches[place % len(hatches)]
            at = np.arange(len(words)) + (place - (len(bars) - 1) / 2) * width
            fill: dict[str, Any] = {"edgecolor": style["color"], "hatch": hatch}
            panel.bar(at, beside, width, label=name, color="white", **fill)
        goal = records[0]["seeds"][0]["sentences"][number]["at"]
        labels = [f"[{w}]" if i == goal else w for i, w in enumerate(bars[0][1])]
        panel.set_xticks(range(len(labels)), labels, rotation=30, ha="right")
        panel.set_ylabel(f"share of “{sentence.at}”")
        panel.yaxis.set_major_formatter(PercentFormatter(1))
        panel.set_ylim(0, 1.05)
    legend(figure, panels[0])
    return figure


def _moved(record: dict[str, Any], number: int, direction: str) -> tuple[list[str], np.ndarray]:
    read = [run["sentences"][number] for run in record["seeds"]]
    moved = np.array([one[direction]["moved"] for one in read])
    return read[0]["words"], (moved / moved[:, [read[0]["at"]]]).mean(0)


def gates(record: dict[str, Any]) -> Figure:
    """The last sentence gate by gate, in the first seed of a gated model's record."""
    read = record["seeds"][0]["sentences"][-1]
    own, words = read["forward"], read["words"]
    size = (1.5 + 0.5 * len(words), 6.4)
    figure = Figure(figsize=size, layout="constrained")
    rows = figure.subplots(3, 1, sharex=True, height_ratios=(3, 1, 1.2))
    for style, (name, values) in zip(STYLES, own["gates"].items(), strict=False):
        rows[0].plot(values, label=name, markersize=5, **style)
    rows[0].set_ylabel("mean over units")
    rows[0].axhline(0, color="0.8", linewidth=1)
    rows[1].plot(own.get("cell", own["state"]), "o-", color=DARK, markersize=4)
    rows[1].set_ylabel("norm of c" if "cell" in own else "norm of h")
    rows[2].plot(read["probability"], "o-", color="black", markersize=4)
    rows[2].axhline(0.5, color="0.6", linewidth=1, linestyle=":")
    rows[2].set(ylim=(0, 1), ylabel="probability\nof positive")
    rows[2].set_xticks(range(len(words)), words, rotation=45, ha="right")
    legend(figure, rows[0])
    return figure


def orders(scores: pd.DataFrame) -> Figure:
    """Accuracy by length of the pieces that stay whole, one line for each model."""
    figure = Figure(figsize=(7.5, 4.4), layout="constrained")
    panel = figure.subplots()
    distances = sorted(scores.distance.dropna().unique())
    sides = {"reversed": distances[0] / 2, AS_WRITTEN: distances[-1] * 2}
    where = scores.distance.fillna(scores.order.map(sides)).astype(float)
    for row, (style, (model, some)) in enumerate(
        zip(STYLES, scores.assign(at=where).groupby("model", sort=False), strict=False)
    ):
        by = some.groupby("at").acc
        spread = np.array([mean_interval(values.tolist()) for _, values in by])
        means = by.mean()
        aside = means.index.to_numpy() * 1.05**row
        errors = None if np.isnan(spread).any() else np.abs(spread.T - means.to_numpy())
        inner = slice(1, -1)
        panel.plot(aside[inner], means.to_numpy()[inner], color=style["color"], linewidth=1)
        dots: dict[str, Any] = {"markersize": 5, "capsize": 2.5, "linestyle": ""}
        panel.errorbar(aside, means, yerr=errors, label=model, **dots, **style)
    panel.set_xscale("log")
    ticks = [sides["reversed"], *distances, sides[AS_WRITTEN]]
    panel.set_xticks(ticks, ["reversed", *(f"{d:.0f}" for d in distances), AS_WRITTEN])
    panel.minorticks_off()
    panel.set(xlabel="words in a piece that stays whole while pieces are shuffled")
    panel.set_ylabel("test accuracy")
    legend(figure, panel)
    return figure


def legend(figure: Figure, panel: Axes) -> None:
    """One legend below all panels."""
    where: dict[str, Any] = {
        "loc": "outside lower center",
        "ncols": 4,
        "frameon": False,
        "fontsize": "small",
    }
    figure.legend(*panel.get_legend_handles_labels(), **where)
