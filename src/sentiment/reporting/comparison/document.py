"""The tables for people: markdown, a section a protocol, never mixed."""

from collections.abc import Mapping

import pandas as pd

from sentiment.comparison import doubtful
from sentiment.comparison.gaps import FLATTERY
from sentiment.comparison.roles import MEASURED, TAUGHT
from sentiment.reporting.comparison import forms, tables

TITLES = {TAUGHT: "As taught", MEASURED: "As it should be measured"}
BASELINES = "Much simpler models, fitted and scored on the same reviews, once:"
FULL = f"{forms.FULL}: after a second fit, on every labelled review outside test."
NOTE = (
    f"{forms.UNDOUBTED}: without the test reviews whose label fewer than three of five people gave "
    "(Northcutt et al. 2021)."
)
PAIRS = (
    "Acc_test of the row less that of the column, in points, paired by seed. Bold is real (p "
    "below 5 % by Holm over all pairs of this table); the others cannot be told apart:"
)
SIMPLER = (
    "The same against the simpler models, each network as the ensemble of its seeds, on the very "
    "same test reviews (McNemar, Holm over all pairs of networks and simpler models):"
)
ABLATION = "The same networks on other vectors, paired by seed (Holm over these rows by metric):"
PRINTED = (
    "Validation accuracies that were printed for this recipe, one run each, beside the 95 % "
    "interval in which one further run of ours would fall:"
)
GAPS = (
    "In points with 95 % intervals over seeds; bold is real for these reviews (Holm by column). "
    "Drawing other reviews would move a gap as well, at most as far as the last row says."
)
LEAK = (
    " The two validations differ in their tokens and vectors too; in the last column, what "
    "validation flatters as taught less what it flatters without shared movies, those cancel."
)


def markdown(
    table: pd.DataFrame,
    counterparts: Mapping[str, str | None],
    baselines: pd.DataFrame,
    tested: pd.DataFrame,
    gaps: pd.DataFrame,
    runs: pd.DataFrame,
) -> str:
    """Everything: a section a protocol, then what validation flatters.

    `counterparts` names by model of the ablation, which stands in `table` as well, that of the
    grid, if any; `tested` holds all rows of differences.csv, `runs` those of the grid.
    """
    sections, printed = [], tables.printed_runs(runs)
    for protocol in table.protocol.unique():
        cells, simple, here = (
            part[part.protocol == protocol] for part in (table, baselines, tested)
        )
        parts = [networks(cells[~cells.model.isin(counterparts)], simple)]
        parts += pairs(cells, simple, here, counterparts)
        if protocol == TAUGHT and not printed.empty:
            parts += [PRINTED, forms.printed_runs(printed)]
        sections.append("\n\n".join(parts) + "\n")
    sections.append("## What validation flatters\n\n" + "\n\n".join(flattery(gaps)) + "\n")
    return "\n".join(sections)


def flattery(gaps: pd.DataFrame) -> list[str]:
    """The rows of gaps.csv, under what they say."""
    return [GAPS + (LEAK if gaps.minuend.str.endswith(FLATTERY).any() else ""), forms.gaps(gaps)]


def pairs(
    cells: pd.DataFrame,
    simple: pd.DataFrame,
    tested: pd.DataFrame,
    counterparts: Mapping[str, str | None],
) -> list[str]:
    """One protocol's differences, as far as there are any, each under what it says."""
    parts = []
    over_seeds = tested[(tested.metric == "test_acc") & ~tested.model_a.isin(counterparts)]
    if not over_seeds.empty:
        parts += [PAIRS, forms.matrix(over_seeds)]
    by_review = tested[tested.model_b.isin(simple.baseline) & tested.model_a.isin(cells.model)]
    if not by_review.empty:
        parts += [SIMPLER, forms.matrix(by_review)]
    if counterparts:
        parts += [ABLATION, forms.ablation(cells.set_index("model"), tested, counterparts)]
    return parts


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
