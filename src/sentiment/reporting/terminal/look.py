"""The first look at a run, for a terminal: one seed of each model, beside the lesson."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from sentiment.comparison.roles import TAUGHT
from sentiment.reporting.comparison import published
from sentiment.reporting.comparison.forms import as_markdown, digits


def table(protocol: str, histories: Mapping[str, Path]) -> str:
    """Accuracies after the last epoch of one seed, from each model's history.csv.

    With the lesson's beside them where the protocol is the lesson's.
    """
    rows = []
    for model, path in histories.items():
        last = pd.read_csv(path).iloc[-1]
        row = {"model": model, "Acc": digits(last.acc), "Acc_val": digits(last.val_acc)}
        if protocol == TAUGHT:
            lesson = map(digits, published.of_lesson(model))
            row |= dict(zip(("lesson Acc", "lesson Acc_val"), lesson, strict=True))
        rows.append(row)
    shown = as_markdown(pd.DataFrame(rows))
    return (
        f"A first look: one seed of each model, protocol `{protocol}`. It is no result yet: other "
        f"seeds, tests and intervals follow.\n{shown}"
    )
