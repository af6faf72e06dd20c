"""Pictures of what accuracy hides: where a network puts its threshold, and what it is worth."""

from typing import Any

import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from sentiment.reporting.comparison.figures import MARKERS, OTHER, finish
from sentiment.reporting.comparison.wording import Wording

# From few units to many, in grey too.
SHADES, LIGHTEST = colormaps["Blues"], 0.4


def threshold(runs: pd.DataFrame, wording: Wording) -> Figure:
    """Test accuracy of every run against the share of reviews that it calls of the second class."""
    protocols = runs.protocol.unique()
    figure, panels = _panels(protocols)
    colors = _colors(runs)
    for panel, protocol in zip(panels, protocols, strict=True):
        here = runs[runs.protocol == protocol]
        for model, some in here.groupby("model", sort=False):
            style = _style(str(model), colors) | {"linestyle": "", "markersize": 5, "alpha": 0.9}
            panel.plot(some.test_positive, some.test_acc, label=model, **style)
        panel.axvline(wording.shares[protocol], color="0.6", linewidth=1, linestyle=":", zorder=0)
        panel.set_xlabel(f"share of test reviews called {wording.second}")
    panels[0].set_ylabel("test accuracy at a threshold of one half")
    finish(figure, panels, protocols, "both")
    return figure


def calibration(bins: pd.DataFrame, wording: Wording) -> Figure:
    """How often reviews are of the second class, against the probability that they were given.

    Of more than two classes it is how often the class that is called is right.
    """
    asked = wording.second or "the class called"
    right = f"are {wording.second}" if wording.second else "are of that class"
    protocols = bins.protocol.unique()
    figure, panels = _panels(protocols)
    colors = _colors(bins)
    for panel, protocol in zip(panels, protocols, strict=True):
        for model, some in bins[bins.protocol == protocol].groupby("model", sort=False):
            style = _style(str(model), colors) | {"linewidth": 1.1, "markersize": 4}
            panel.plot(some.probability, some.positive, label=model, **style)
        panel.plot((0, 1), (0, 1), "--", color="0.5", linewidth=1, label="as it says", zorder=0)
        panel.set_xlabel(f"mean probability of {asked} in a bin")
        panel.set_aspect("equal")
    panels[0].set_ylabel(f"share of its reviews that {right}")
    finish(figure, panels, protocols, "both")
    return figure


def _panels(protocols: Any) -> tuple[Figure, list[Axes]]:
    figure = Figure(figsize=(1.5 + 4.2 * len(protocols), 5), layout="constrained")
    return figure, list(figure.subplots(1, len(protocols), sharey=True, squeeze=False)[0])


def _colors(rows: pd.DataFrame) -> dict[str, str]:
    """A shade for each model, by its place among those of its architecture, the largest darkest."""
    found = {}
    names = pd.Series(rows.model.unique())
    for _, some in names.groupby(names.str.partition("-")[0], sort=False):
        for place, name in enumerate(some):
            found[name] = to_hex(SHADES(1 - (1 - LIGHTEST) * place / max(len(some) - 1, 1)))
    return found


def _style(model: str, colors: dict[str, str]) -> dict[str, Any]:
    marker = MARKERS.get(model.partition("-")[0], OTHER)
    return {"color": colors[model], "marker": marker, "markeredgewidth": 0}
