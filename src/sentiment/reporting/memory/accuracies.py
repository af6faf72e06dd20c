"""Sections of the page on memory: what accuracy says of read-outs, layers and orders of words."""

import pandas as pd

from sentiment.comparison.statistics import DECISIVE
from sentiment.comparison.tested import over_seeds
from sentiment.reporting.memory import hypothesis, scored


def read_outs(runs: pd.DataFrame, seeds: int, margin: float) -> list[str]:
    """Which read-out, and whether recurrence is needed."""
    judged = hypothesis.parts(runs, margin)
    every = over_seeds(runs, [DECISIVE], margin, pairs(runs))
    return [
        "## Which read-out, and is there need of recurrence?",
        hypothesis.HYPOTHESIS,
        f"Means of {seeds} seeds with 95 % intervals; last epoch while training, validation, test:",
        scored.read_outs(runs),
        "What came of it, in AUC on test, over seeds (Welch's test, Holm over these comparisons; "
        f"equivalent is shown to be smaller than {100 * margin:g} points):",
        "\n".join(hypothesis.sentences(judged)),
        "And every pair of read-outs and of layers (Holm over these rows):",
        scored.contrasts(every),
    ]


def linear(linear: pd.DataFrame, margin: float) -> list[str]:
    """Whether the best of them is better than a linear model; nothing where that is not asked."""
    if linear.empty:
        return []
    return [
        "## Is the best of them better than a linear model?",
        "The mean of its seeds against much simpler models, on the same test reviews (DeLong's "
        "test for AUC, McNemar's for accuracy, Holm over each; equivalent is shown to be smaller "
        f"than {100 * margin:g} points). The intervals ask for other reviews, not for other seeds:",
        scored.contrasts(linear),
    ]


def pairs(runs: pd.DataFrame) -> list[tuple[str, str]]:
    """Recurrent cells against each other by read-out, then each against no recurrence."""
    cells = runs.drop_duplicates("model")
    found = []
    for _, same in cells.groupby("read_out", sort=False):
        names = same.model.tolist()
        found += [(b, a) for row, a in enumerate(names) for b in names[row + 1 :]]
    for _, same in cells.groupby(["architecture", "units"], sort=False):
        names = same.model.tolist()
        found += [(b, names[0]) for b in names[1:]]
    return found


def orders(scores: pd.DataFrame, seeds: int, margin: float) -> list[str]:
    """Whether the order of words matters."""
    named = scored.named_orders(scores)
    changes = hypothesis.orders(named, margin)
    sizes = scores.drop_duplicates("model")
    told = ", ".join(f"`{row.model}` {row.parameters:,}" for row in sizes.itertuples())
    return [
        "## Does the order of words matter?",
        f"Accuracy on {scores.reviews.iloc[0]:,} test reviews as written, mean of {seeds} seeds "
        "with its 95 % interval, and in points what another order of the same words changes; the "
        "same network reads both, so these are paired (bold is beyond chance by Holm over the "
        f"table, ≈ is smaller than {100 * margin:g} points). Pieces "
        "of so many words keep their order inside while they are shuffled, "
        f"so that context is lost beyond them. Parameters: {told}.",
        hypothesis.order_matters(changes, scored.SHUFFLED),
        scored.orders(named, changes),
        "![Accuracy by order](figures/orders.png)",
        "The horizontal axis is the length of the pieces, on a logarithmic scale, with the reviews "
        "reversed and as written at the sides; the vertical axis is test accuracy, the mean of the "
        "seeds with its 95 % interval.",
    ]
