"""The pictures of the comparison."""

from pathlib import Path

import matplotlib
import pandas as pd
from matplotlib.figure import Figure

from sentiment.files import atomic_path
from sentiment.reporting import published


def comparison(runs: pd.DataFrame, table: pd.DataFrame) -> Figure:
    """Accuracy of every model, a panel a protocol: seeds as dots, means with 95 % intervals.

    Validation is filled, test is hollow; crosses are the lesson's validation accuracies.
    """
    protocols = list(dict.fromkeys(table.protocol))
    figure = Figure(figsize=(7, 0.8 + 0.42 * len(table)), layout="constrained")
    panels = figure.subplots(len(protocols), 1, sharex=True, squeeze=False)[:, 0]
    for panel, protocol in zip(panels, protocols, strict=True):
        cells = table[table.protocol == protocol].reset_index(drop=True)
        rows = {model: row for row, model in enumerate(cells.model)}
        here = runs[runs.protocol == protocol]
        for metric, shift, fill in (("val_acc", -0.14, "C0"), ("test_acc", 0.14, "white")):
            _draw(panel, cells, here, rows, metric, shift, fill)
        if protocol == published.PROTOCOL:
            marks = [published.of_lesson(model)[1] for model in rows]
            panel.plot(marks, list(rows.values()), "x", color="C1", label="lesson, validation")
        panel.set_yticks(list(rows.values()), list(rows))
        panel.invert_yaxis()
        panel.set_title(f"protocol {protocol}", loc="left")
        panel.grid(axis="x", color="0.9")
    panels[-1].set_xlabel("accuracy after the last epoch")
    panels[0].legend(frameon=False, fontsize="small")
    return figure


def _draw(panel, cells, runs, rows, metric, shift, fill) -> None:  # type: ignore[no-untyped-def]
    height = runs.model.map(rows) + shift
    panel.plot(runs[metric], height, ".", color="0.6", markersize=4, zorder=1)
    mean = cells[f"{metric}_mean"]
    if cells[f"{metric}_low"].notna().any():
        spread = [mean - cells[f"{metric}_low"], cells[f"{metric}_high"] - mean]
        panel.errorbar(mean, cells.index + shift, xerr=spread, fmt="none", color="C0", capsize=2)
    label = {"val_acc": "validation", "test_acc": "test"}[metric]
    panel.plot(mean, cells.index + shift, "o", color="C0", markerfacecolor=fill, label=label)


def save(figure: Figure, path: Path) -> None:
    """Write the picture; equal figures give equal bytes."""
    with atomic_path(path) as temporary, matplotlib.rc_context({"svg.hashsalt": "sentiment"}):
        figure.savefig(temporary, dpi=150, metadata={"Software": None})
