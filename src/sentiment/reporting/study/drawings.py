"""The pictures that only the page shows, in the style of the comparison's."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sentiment.comparison.statistics import COMPARED
from sentiment.reporting.comparison.figures import DARK, finish

CURVES: dict[str, dict[str, Any]] = {
    "acc": {"color": "0.6", "linestyle": "--", "label": "training, with dropout"},
    "val_acc": {"color": DARK, "linestyle": "-", "label": "validation"},
}


def differences(pairs: pd.DataFrame) -> Figure:
    """Every row of `pairs`, of differences.csv, in points with its interval.

    Those that are better or worse are filled.
    """
    named = pairs.assign(name=pairs.model_a + " less " + pairs.model_b)
    rows = {name: row for row, name in enumerate(named.name.unique())}
    protocols = named.protocol.unique()
    size = (2.4 + 3.3 * len(protocols), 1.5 + 0.21 * len(rows))
    figure = Figure(figsize=size, layout="constrained")
    panels = figure.subplots(1, len(protocols), sharex=True, sharey=True, squeeze=False)[0]
    for panel, protocol in zip(panels, protocols, strict=True):
        here = named[named.protocol == protocol]
        for differs, some in here.groupby(here.verdict.isin(COMPARED)):
            _intervals(panel, some, some.name.map(rows), bool(differs))
        panel.axvline(0, color="0.4", linewidth=1, zorder=0)
        panel.set_xlabel("points of AUC on test")
        panel.set_ylim(len(rows) - 0.5, -0.5)
    panels[0].set_yticks(list(rows.values()), list(rows), fontsize="small")
    finish(figure, list(panels), protocols, "both")
    return figure


def _intervals(panel: Axes, some: pd.DataFrame, at: pd.Series, differs: bool) -> None:
    if some.low.notna().any():
        spread = [100 * (some.difference - some.low), 100 * (some.high - some.difference)]
        bars: dict[str, Any] = {"fmt": "none", "color": DARK, "capsize": 2, "linewidth": 1.1}
        panel.errorbar(100 * some.difference, at, xerr=spread, **bars)
    face, label = (DARK, "beyond chance") if differs else ("white", "equivalent or undecided")
    style: dict[str, Any] = {"markerfacecolor": face, "markersize": 5, "zorder": 3}
    panel.plot(100 * some.difference, at, "o", color=DARK, label=label, **style)


def curves(histories: pd.DataFrame) -> Figure:
    """Accuracy from first to last epoch, a line for each seed and a panel for each protocol.

    `histories` has one row for each protocol, model, seed and epoch.
    """
    models = {model: place for place, model in enumerate(histories.model.unique())}
    protocols = histories.protocol.unique()
    size = (2 + 0.85 * len(models), 1.3 + 2.7 * len(protocols))
    figure = Figure(figsize=size, layout="constrained")
    panels = figure.subplots(len(protocols), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    for panel, protocol in zip(panels, protocols, strict=True):
        here = histories[histories.protocol == protocol]
        for (model, _), run in here.groupby(["model", "seed"], sort=False):
            # The epochs of a model stand between its place less 0.35 and its place plus 0.35.
            at = models[model] + 0.7 * (run.epoch - 1) / max(run.epoch.max() - 1, 1) - 0.35
            for metric, style in CURVES.items():
                panel.plot(at, run[metric], marker=".", linewidth=0.9, markersize=4, **style)
        panel.set_ylabel("accuracy")
    epochs = histories.epoch.max()
    panels[-1].set_xticks(list(models.values()), list(models))
    panels[-1].set_xlabel(f"of each model the epochs, 1 to {epochs}")
    finish(figure, list(panels), protocols, "y")
    return figure
