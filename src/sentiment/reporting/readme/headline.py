"""The whole comparison in one table that is taken in at a glance: both protocols side by side."""

from collections.abc import Mapping

import pandas as pd

from sentiment.reporting.comparison.forms import as_markdown
from sentiment.reporting.study.questions import PLACES, Numbers, best_linear

METRICS = {"val_acc": "validation", "test_acc": "test", "test_auc": "AUC"}
LESSON = "lesson, validation"


def table(numbers: Mapping[str, Numbers]) -> str:
    """Accuracies and AUC of all networks and of two linear baselines, in per cent.

    Of the baselines the one that validates best, and the mean of word vectors.

    With half their 95 % intervals where there are several seeds, and with the lesson's figures
    where its protocol is among `numbers`.
    """
    columns: dict[str, dict[str, str]] = {}
    for protocol, here in numbers.items():
        if "lecture_val_acc" in here.cells and here.cells.lecture_val_acc.notna().any():
            columns[LESSON] = _by(here.cells.model, here.cells.lecture_val_acc.map(_percent))
        for metric, name in METRICS.items():
            column = _by(here.cells.model, _with_half_interval(here.cells, metric))
            for row in _simple(here.baselines):
                column[f"{row.baseline}, no network"] = _percent(row[metric])
            columns[f"{name}, {PLACES.get(protocol, protocol)}"] = column
    shown = pd.DataFrame(columns).fillna("").rename_axis("").reset_index()
    seeds = sorted({int(seeds) for here in numbers.values() for seeds in here.cells.seeds})
    caption = f"Accuracy and test AUC in %, mean of {' or '.join(map(str, seeds))} seeds"
    caption = (
        f"{caption} ± half its 95 % interval:"
        if seeds[-1] > 1
        else "Accuracy and test AUC in %, one seed:"
    )
    return f"{caption}\n\n{as_markdown(shown)}\n"


def _simple(baselines: pd.DataFrame) -> list[pd.Series]:
    best = best_linear(baselines)
    means = [row for _, row in baselines[baselines.baseline == "mean-vectors"].iterrows()]
    rest = [best] if best is not None and best.baseline != "mean-vectors" else []
    return [*means, *rest]


def _with_half_interval(cells: pd.DataFrame, metric: str) -> pd.Series:
    mean, half = cells[f"{metric}_mean"], (cells[f"{metric}_high"] - cells[f"{metric}_low"]) / 2
    return mean.map(_percent).where(half.isna(), mean.map(_percent) + " ± " + half.map(_percent))


def _percent(share: float) -> str:
    return "" if pd.isna(share) else f"{100 * share:.1f}"


def _by(names: pd.Series, values: pd.Series) -> dict[str, str]:
    return dict(zip(names, values, strict=True))
