"""The pictures of the comparison: one dot for each seed, means with 95 % intervals, in grey too.

All take `runs`, one row for each run, and `table`, one row for each cell, of the same cells.
"""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import matplotlib
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from PIL import Image

from sentiment.comparison.roles import TAUGHT
from sentiment.reporting.comparison import published
from sentiment.reporting.comparison.document import TITLES
from sentiment.reporting.comparison.forms import shown_name
from sentiment.storage.files import atomic_path

Lines = Literal["x", "y", "both"]
METRICS = {"val_acc": "validation", "test_acc": "test"}
DARK = "#1b5e8c"
# Validation stands on the one side of its place, test on the other, dots outside of the means.
SIDES = {"val_acc": -1, "test_acc": 1}
FILLS = {"val_acc": DARK, "test_acc": "white"}
MARKERS = {"rnn": "s", "birnn": "o", "lstm": "^", "bilstm": "v", "gru": "D", "bigru": "P"}
MARKERS["dense"] = "X"
# Of an architecture that is not named here.
OTHER = "*"
DOTS: dict[str, Any] = {
    "marker": ".",
    "linestyle": "",
    "color": "0.65",
    "markersize": 4,
    "zorder": 1,
}
CROSS: dict[str, Any] = {
    "marker": "x",
    "linestyle": "",
    "color": "#c2410c",
    "markeredgewidth": 1.8,
    "zorder": 4,
}


def comparison(runs: pd.DataFrame, table: pd.DataFrame) -> Figure:
    """Accuracy of every model, a panel for each protocol: validation filled, test hollow."""
    rows = {model: row for row, model in enumerate(table.model.unique())}
    protocols = table.protocol.unique()
    size = (2.2 + 3.4 * len(protocols), 1.7 + 0.42 * len(rows))
    figure = Figure(figsize=size, layout="constrained")
    panels = figure.subplots(1, len(protocols), sharex=True, sharey=True, squeeze=False)[0]
    for panel, protocol in zip(panels, protocols, strict=True):
        cells, here = (frame[frame.protocol == protocol] for frame in (table, runs))
        for metric, side in SIDES.items():
            panel.plot(here[metric], here.model.map(rows) + 0.29 * side, **DOTS)
            at = cells.model.map(rows) + 0.12 * side
            _means(panel, cells, metric, at, "o", METRICS[metric], True)
        if protocol == TAUGHT:
            _lesson(panel, _printed(cells), cells.model.map(rows) - 0.12)
        panel.xaxis.set_major_locator(MaxNLocator(4))
        panel.set_xlabel("accuracy after the last epoch")
    panels[0].set_yticks(list(rows.values()), list(rows))
    panels[0].invert_yaxis()
    finish(figure, list(panels), protocols, "x")
    return figure


def by_units(runs: pd.DataFrame, table: pd.DataFrame) -> Figure:
    """Accuracy by units, a panel for each protocol: the series of BiRNNs beside other models."""
    protocols = table.protocol.unique()
    figure = Figure(figsize=(8.6, 1.3 + 3.2 * len(protocols)), layout="constrained")
    panels = figure.subplots(len(protocols), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    others = [name for name in table.architecture.unique() if name != "birnn"]
    # A step aside on the log axis, where units are equal.
    aside = {"birnn": 1.0} | {name: 1.14 ** (row + 1) for row, name in enumerate(others)}
    for panel, protocol in zip(panels, protocols, strict=True):
        cells, here = (frame[frame.protocol == protocol] for frame in (table, runs))
        at, dots = (frame.units * frame.architecture.map(aside) for frame in (cells, here))
        for metric, side in SIDES.items():
            panel.plot(dots * 1.058**side, here[metric], **DOTS)
        for architecture, some in cells.groupby("architecture", sort=False):
            for metric, side in SIDES.items():
                label = f"{shown_name(architecture)}, {METRICS[metric]}"
                where = at[some.index] * 1.024**side
                _means(panel, some, metric, where, MARKERS.get(architecture, OTHER), label, False)
        if protocol == TAUGHT:
            _lesson(panel, at / 1.024, _printed(cells))
        panel.set_ylabel("accuracy after the last epoch")
    units = sorted(table.units.unique())
    panels[0].set_xscale("log")
    panels[-1].set_xticks(units, [str(number) for number in units])
    panels[-1].minorticks_off()
    panels[-1].set_xlabel("units of one direction, log scale; equal units stand side by side")
    finish(figure, list(panels), protocols, "y")
    return figure


def validation_test(runs: pd.DataFrame, table: pd.DataFrame) -> Figure:
    """Validation against test accuracy of each cell, and the line on which they are equal."""
    figure = Figure(figsize=(6, 6.3), layout="constrained")
    panel = figure.subplots()
    panel.plot(runs.val_acc, runs.test_acc, **DOTS)
    fills = dict(zip(table.protocol.unique(), (DARK, "white", "0.6"), strict=False))
    for architecture, some in table.groupby("architecture", sort=False):
        for protocol, cells in some.groupby("protocol", sort=False):
            style: dict[str, Any] = {
                "color": DARK,
                "markerfacecolor": fills[protocol],
                "markersize": 7,
            }
            marker, name = (
                MARKERS.get(architecture, OTHER),
                f"{shown_name(architecture)}, {protocol}",
            )
            panel.plot(cells.val_acc_mean, cells.test_acc_mean, marker, label=name, **style)
    shares = pd.concat([runs.val_acc, runs.test_acc])
    limits = (shares.min() - 0.01, shares.max() + 0.01)
    panel.plot(limits, limits, "--", color="0.5", linewidth=1, label="equal", zorder=0)
    panel.set(xlim=limits, ylim=limits, aspect="equal")
    panel.set(xlabel="validation accuracy", ylabel="test accuracy")
    finish(figure, [panel], [], "both")
    return figure


def save(figure: Figure, path: Path) -> None:
    """Write the picture, PNG or SVG by its name; equal figures give equal bytes."""
    with atomic_path(path) as temporary, matplotlib.rc_context({"svg.hashsalt": "sentiment"}):
        if path.suffix == ".svg":
            figure.savefig(temporary, metadata={"Date": None})
            return
        # The page holds all pictures, as text: a palette makes them a third as large.
        drawn = io.BytesIO()
        figure.savefig(drawn, format="png", dpi=150)
        few = Image.open(drawn).convert("RGB").quantize(256, dither=Image.Dither.NONE)
        few.save(temporary, "png", optimize=True)


def save_all(shown: Mapping[str, Figure], folder: Path) -> None:
    """Write each picture by its name to FOLDER, as PNG and as SVG."""
    for name, figure in shown.items():
        for kind in ("png", "svg"):
            save(figure, folder / f"{name}.{kind}")


def finish(figure: Figure, panels: Sequence[Axes], titles: Sequence[str], grid: Lines) -> None:
    """Titles, grid, and one legend of all panels below them."""
    for panel, protocol in zip(panels, titles, strict=False):
        panel.set_title(_title(protocol), fontsize="medium")
    labelled: dict[str, Artist] = {}
    for panel in panels:
        panel.grid(axis=grid, color="0.92")
        panel.set_axisbelow(True)
        handles, labels = panel.get_legend_handles_labels()
        labelled |= dict(zip(labels, handles, strict=True))
    where: dict[str, Any] = {
        "loc": "outside lower center",
        "ncols": 4,
        "frameon": False,
        "fontsize": "small",
    }
    figure.legend(labelled.values(), labelled.keys(), **where)


def _means(
    panel: Axes,
    cells: pd.DataFrame,
    metric: str,
    at: pd.Series,
    marker: str,
    label: str,
    across: bool,
) -> None:
    """Means and intervals of `metric`; accuracy runs along x if `across`, else along y."""
    mean = cells[f"{metric}_mean"]
    x, y = (mean, at) if across else (at, mean)
    if cells[f"{metric}_low"].notna().any():
        spread = [mean - cells[f"{metric}_low"], cells[f"{metric}_high"] - mean]
        bars: dict[str, Any] = {"xerr" if across else "yerr": spread}
        panel.errorbar(x, y, fmt="none", color=DARK, capsize=2.5, linewidth=1.2, zorder=2, **bars)
    style: dict[str, Any] = {
        "color": DARK,
        "markerfacecolor": FILLS[metric],
        "markersize": 6,
        "zorder": 3,
    }
    panel.plot(x, y, marker, label=label, **style)


def _lesson(panel: Axes, x: pd.Series, y: pd.Series) -> None:
    panel.plot(x, y, label="lesson, validation", **CROSS)


def _printed(cells: pd.DataFrame) -> pd.Series:
    """The lesson's validation accuracy of each cell; NaN where it printed none."""
    return cells.model.map(lambda model: published.of_lesson(model)[1]).astype(float)


def _title(protocol: str) -> str:
    return TITLES.get(protocol, f"protocol {protocol}")
