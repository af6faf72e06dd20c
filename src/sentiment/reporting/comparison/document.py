"""The tables for people: markdown, a section a protocol, never mixed."""

from itertools import combinations

import numpy as np
import pandas as pd

from sentiment.comparison import doubtful, ensembles
from sentiment.comparison.roles import MEASURED, TAUGHT
from sentiment.comparison.statistics import DECISIVE
from sentiment.reporting.comparison import forms, tables
from sentiment.reporting.comparison.wording import Wording
from sentiment.settings.investigations import Questions

TITLES = {
    TAUGHT: "As taught",
    MEASURED: "As it should be measured",
    "snippets": "The demo, on short snippets of reviews",
}
BASELINES = (
    "Much simpler models, fitted once and scored on the same reviews. Their first accuracy is "
    "that on the reviews they were fitted on, after fitting; Acc of a network is a running mean "
    "while it trains, with dropout on:"
)
FULL = f"{forms.FULL}: after a second fit, on every labelled review outside test."
NOTE = (
    f"{forms.UNDOUBTED}: without the test reviews whose label fewer than three of five people gave "
    "(Northcutt et al. 2021)."
)
VERDICTS = (
    "Better or worse: beyond chance, p below 5 % by Holm over all questions of a measure. "
    "Equivalent: the difference is shown to be smaller than {:g} points, by two one-sided tests, "
    "corrected alike. Undecided: neither."
)
QUESTIONS = (
    "The questions were written down before the run. Networks are compared over seeds by Welch's "
    "test, a network with a linear model as the ensemble of its seeds over the test reviews, AUC "
    "by DeLong's test and accuracy by McNemar's. Points of AUC or accuracy, with 95 % intervals; "
    "detectable is the difference that would have been found with a power of 80 %."
)
PAIRS = "{} on test of the row less that of the column, in points, over seeds (Welch's test). "
MARKS = "Bold is better or worse, ≈ is equivalent, the others are undecided (Holm over this table):"
SIMPLER = (
    "AUC on test of the row less that of the column, each network as the ensemble of its seeds, "
    "over the test reviews (DeLong's test). Marks as above (Holm over all pairs of networks and "
    "simpler models):"
)
PRINTED = (
    "Validation accuracies that were printed for this recipe, one run each, beside the 95 % "
    "interval in which one further run of ours would fall, with another seed, but the same split "
    "and vectors:"
)
GAPS = (
    "In points with 95 % intervals over seeds; bold is beyond chance for these reviews, ≈ smaller "
    "than the margin (Holm by protocol). Drawing other reviews would move a gap as well, at most "
    "as far as the last row says."
)


def markdown(
    table: pd.DataFrame,
    baselines: pd.DataFrame,
    tested: pd.DataFrame,
    contrasts: pd.DataFrame,
    gaps: pd.DataFrame,
    runs: pd.DataFrame,
    asked: Questions,
    wording: Wording,
) -> str:
    """Everything: a section a protocol, then what validation flatters.

    `tested` holds all rows of differences.csv, `contrasts` those of contrasts.csv.
    """
    sections, printed = [], tables.printed_runs(runs)
    for protocol in table.protocol.unique():
        cells, simple, here, answered, own = (
            part[part.protocol == protocol] for part in (table, baselines, tested, contrasts, runs)
        )
        parts = [networks(cells, simple), *measures(protocol, cells, own, wording)]
        parts += questions(answered, asked) + pairs(cells, simple, here, own)
        if protocol == TAUGHT and not printed.empty:
            parts += [PRINTED, forms.printed_runs(printed), lesson(printed)]
        sections.append("\n\n".join(parts) + "\n")
    sections.append("## What validation flatters\n\n" + "\n\n".join(flattery(gaps)) + "\n")
    return "\n".join(sections)


def flattery(gaps: pd.DataFrame) -> list[str]:
    """The rows of gaps.csv, under what they say."""
    return [GAPS, forms.gaps(gaps)]


def questions(rows: pd.DataFrame, asked: Questions) -> list[str]:
    """One protocol's answers to what was asked before, if anything was."""
    if rows.empty:
        return []
    said = VERDICTS.format(100 * asked.margin)
    return [f"{QUESTIONS} {said}", forms.contrasts(rows)]


def pairs(
    cells: pd.DataFrame, simple: pd.DataFrame, tested: pd.DataFrame, runs: pd.DataFrame
) -> list[str]:
    """One protocol's differences of every pair, as far as there are any, under what they say."""
    parts, marks = [], f"{unpaired(runs)}{MARKS}"
    for metric, name in ((DECISIVE, "AUC"), ("test_acc", "Accuracy")):
        over_seeds = tested[tested.metric == metric]
        if not over_seeds.empty:
            parts += [PAIRS.format(name) + marks, forms.matrix(over_seeds)]
            marks = "Marks as above:"
    by_review = tested[(tested.metric == ensembles.AUC) & tested.model_a.isin(cells.model)]
    by_review = by_review[by_review.model_b.isin(simple.baseline)]
    if not by_review.empty:
        parts += [SIMPLER, forms.matrix(by_review)]
    return parts


def unpaired(runs: pd.DataFrame) -> str:
    """How seeds of one number agree between models, which decides how they are compared."""
    by_seed = runs.pivot(index="seed", columns="model", values=DECISIVE)
    if len(by_seed) < 3 or by_seed.shape[1] < 2:
        return ""
    found = by_seed.corr().to_numpy()
    mean = np.nanmean([found[a, b] for a, b in combinations(range(len(found)), 2)])
    return (
        f"Seeds are not paired: the correlation between two models over seeds is {mean:.2f} in the "
        "mean of all pairs. "
    )


def measures(protocol: str, cells: pd.DataFrame, runs: pd.DataFrame, wording: Wording) -> list[str]:
    """One protocol's cells by every measure, under what these say, and what threshold does."""
    shown = [wording.measures(protocol), forms.measures(cells, wording.second)]
    return shown if wording.second is None else [*shown, *threshold(protocol, runs, wording)]


def threshold(protocol: str, runs: pd.DataFrame, wording: Wording) -> list[str]:
    """How far a network's accuracy depends on how many reviews it calls of the second class."""
    if runs.seed.nunique() < 3:
        return []
    share = wording.shares[protocol]
    away = runs.assign(away=(runs.test_positive - share).abs())
    found = {
        str(model): some.test_acc.corr(some.away)
        for model, some in away.groupby("model", sort=False)
    }
    strong = [value for value in found.values() if value < -0.8]
    text = (
        f"Accuracy at one half depends on how far the share called {wording.second} lies from "
        f"{'one half' if share == 0.5 else 'theirs'}: "
        f"over seeds the two are correlated at {max(found.values()):.2f} to "
        f"{min(found.values()):.2f}, below -0.8 in {len(strong)} of {len(found)} models. So AUC "
        f"answers which network tells {wording.second} from {wording.classes[0]}, and accuracy "
        "what one training is worth as it comes."
    )
    return [text.replace(" -", " −")]


def lesson(printed: pd.DataFrame) -> str:
    """How many of the lesson's accuracies lie inside, and how far they lie off in the mean."""
    rows = printed[printed.source == "lesson"]
    if rows.empty or rows.inside.isna().any():
        return ""
    apart = (rows.val_acc - rows["mean"]).mean()
    return (
        f"Of the lesson's {len(rows)} accuracies {int(rows.inside.sum())} lie inside; in the mean "
        f"they are {forms.points(abs(apart)).lstrip('+')} points "
        f"{'above' if apart > 0 else 'below'} our means."
    )


def networks(cells: pd.DataFrame, baselines: pd.DataFrame) -> str:
    """One protocol's networks in the lesson's form and its baselines, under its title."""
    (protocol,) = cells.protocol.unique()
    parts = [f"## {title(protocol)}", caption(cells), forms.networks(cells)]
    if f"{doubtful.METRIC}_mean" in cells:
        parts.append(NOTE)
    return "\n\n".join([*parts, BASELINES, *simpler(baselines)])


def simpler(baselines: pd.DataFrame) -> list[str]:
    """One protocol's baselines, and what a column says that is not of all of them."""
    full = "full_test_acc" in baselines and baselines.full_test_acc.notna().any()
    return [forms.simple(baselines), *([FULL] if full else [])]


def title(protocol: str) -> str:
    """The protocol's name, in words first where there are any."""
    named = f"{TITLES[protocol]}: protocol" if protocol in TITLES else "Protocol"
    return f"{named} `{protocol}`"


def caption(cells: pd.DataFrame) -> str:
    """What one protocol's table shows."""
    seeds = int(cells.seeds.iloc[0])
    if seeds == 1:
        return "One seed: no interval can be given, and nothing told apart over seeds."
    return f"Mean of {seeds} seeds with its 95 % interval."
