"""The first look at a run, for a terminal: one seed of each model, beside the lesson."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from sentiment.reporting.comparison import published
from sentiment.reporting.comparison.forms import as_markdown, digits


def table(protocol: str, histories: Mapping[str, Path]) -> str:
    """Accuracies after the last epoch of one seed, from each model's history.csv."""
    rows = []
    for model, path in histories.items():
        last = pd.read_csv(path).iloc[-1]
        lesson = published.of_lesson(model)
        ours = (digits(last.acc), digits(last.val_acc))
        rows.append((model, *ours, *map(digits, lesson)))
    columns = ["model", "Acc", "Acc_val", "lesson Acc", "lesson Acc_val"]
    shown = as_markdown(pd.DataFrame(rows, columns=columns))
    return (
        f"A first look: one seed of each model, protocol `{protocol}`. It is no result yet: other "
        f"seeds, tests and intervals follow.\n{shown}"
    )
