"""Influence by lag in pictures: what is left after a word to the right, before it to the left."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sentiment.reporting.memory.panels import STYLES, legend

STROKES = {"trained": "-", "untrained": "--"}
# What is below is not drawn.
FLOOR = 1e-3
LEVELS = {0.5: "a half", 0.01: "1 %"}


def influence(curves: pd.DataFrame) -> Figure:
    """Influence by lag, a panel for the Jacobian and one for the exchanged word."""
    titles = {
        "jacobian": "moved a little: norm of d h(t+k) / d x(t)",
        "state": "exchanged for another word: change of h(t+k)",
    }
    figure = Figure(figsize=(11, 4.6), layout="constrained")
    panels = figure.subplots(1, 2, sharex=True, sharey=True)
    for panel, (measure, title) in zip(panels, titles.items(), strict=True):
        _wings(panel, curves[curves.measure == measure])
        panel.set_title(title, fontsize="medium")
        panel.set_xlabel("k: the state's place, in words after the word (before: left)")
    _log(panels[0])
    legend(figure, panels[0])
    return figure


def read_outs(curves: pd.DataFrame, runs: pd.DataFrame) -> Figure:
    """The Jacobian by lag, a panel for each architecture of `runs`."""
    cells = runs.drop_duplicates("model")
    some = curves[(curves.measure == "jacobian") & curves.model.isin(cells.model)]
    cells = cells[cells.model.isin(some.model)]
    groups = list(cells.groupby(["architecture", "units"], sort=False))
    figure = Figure(figsize=(1 + 5 * len(groups), 4.4), layout="constrained")
    panels = figure.subplots(1, len(groups), sharex=True, sharey=True, squeeze=False)[0]
    for panel, (_, group) in zip(panels, groups, strict=True):
        names = dict(zip(group.model, group.read_out, strict=True))
        own = some[some.model.isin(names)]
        _wings(panel, own.assign(model=own.model.map(names)))
        panel.set_title(group.model.iloc[0], fontsize="medium")
        panel.set_xlabel("k: words from the word to the state")
    _log(panels[0])
    legend(figure, panels[0])
    return figure


def _wings(panel: Axes, curves: pd.DataFrame) -> None:
    """Mean over seeds and their range, forward to the right, backward to the left."""
    models: Iterable[str] = curves.model.unique()
    for style, model in zip(STYLES, models, strict=False):
        for (direction, training), some in curves[curves.model == model].groupby(
            ["direction", "training"], sort=False
        ):
            values = np.array(some["values"].tolist())
            at = np.arange(values.shape[1]) * (-1 if direction == "backward" else 1)
            label = f"{model}, {training}" if direction == "forward" else None
            # What is below the floor would only widen the picture.
            shown = values.mean(0) >= FLOOR
            low, high, means = values.min(0)[shown], values.max(0)[shown], values.mean(0)[shown]
            at = at[shown]
            if training == "trained":
                panel.fill_between(at, low, high, color=style["color"], alpha=0.15, linewidth=0)
            line: dict[str, Any] = {"linestyle": STROKES[training], "linewidth": 1.2, **style}
            panel.plot(at, means, label=label, markersize=4, markevery=4, **line)


def _log(panel: Axes) -> None:
    """Levels by name, and an axis that ends where nothing is left."""
    panel.set_yscale("log")
    panel.set_ylim(FLOOR, 2)
    panel.set_ylabel("share of the effect at k = 0")
    for shared in panel.figure.axes:
        for level, name in LEVELS.items():
            shared.axhline(level, color="0.7", linewidth=0.8, linestyle=":")
            shared.annotate(
                name,
                (0.995, level * 1.08),
                xycoords=("axes fraction", "data"),
                fontsize="x-small",
                ha="right",
            )
        shared.axvline(2, color="0.7", linewidth=0.8, linestyle=":")
