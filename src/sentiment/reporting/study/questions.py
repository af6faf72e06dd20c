"""The questions of the study, each answered from one protocol's numbers by their verdicts."""

from collections.abc import Iterable
from typing import NamedTuple

import pandas as pd

from sentiment.comparison.gaps import POOLED
from sentiment.comparison.roles import MEASURED, TAUGHT
from sentiment.comparison.statistics import EQUIVALENT, ONE_SEED, UNDECIDED
from sentiment.reporting.study.words import apart, size

PLACES = {TAUGHT: "as taught", MEASURED: "split by movie"}
# Baselines that learn one weight a feature.
LINEAR = ("mean-vectors", "tfidf", "svm", "nbsvm")
HEADS = {
    "better": "Yes",
    "worse": "No, worse",
    EQUIVALENT: "No, equivalent",
    UNDECIDED: "Not shown",
    ONE_SEED: "Open, with one seed",
}
MIXED = "It depends"


class Numbers(NamedTuple):
    """One protocol's rows of comparison.csv, baselines.csv and contrasts.csv."""

    cells: pd.DataFrame
    baselines: pd.DataFrame
    contrasts: pd.DataFrame


def by_protocol(
    cells: pd.DataFrame, baselines: pd.DataFrame, contrasts: pd.DataFrame
) -> dict[str, Numbers]:
    """The numbers of each protocol from those of all."""
    tables = (cells, baselines, contrasts)
    return {
        protocol: Numbers(*(table[table.protocol == protocol] for table in tables))
        for protocol in cells.protocol.unique()
    }


class Answer(NamedTuple):
    """A word or two, the numbers behind them, and what else there is to say."""

    head: str
    said: str
    more: str = ""

    def __str__(self) -> str:
        """The whole sentence."""
        return f"{self.head}: {self.said}{self.more}."


def answers(numbers: Numbers) -> dict[str, Answer]:
    """By question, in the order in which they were asked, what AUC says, and then accuracy."""
    rows = numbers.contrasts
    found = {}
    for question, some in rows.groupby("question", sort=False):
        decisive = some[some.measure == "auc"]
        others = some[some.measure == "acc"]
        further = "; ".join(apart(row) for row in others.itertuples())
        said = "; ".join(apart(row) for row in decisive.itertuples())
        found[str(question)] = Answer(head(decisive.verdict), said, f". By accuracy, {further}")
    return found


def head(verdicts: Iterable[str]) -> str:
    """The word for verdicts that agree; otherwise that they do not."""
    different = set(verdicts)
    return HEADS[different.pop()] if len(different) == 1 else MIXED


FLATTERY = "How much does validation flatter?"


def flattery(gaps: pd.DataFrame) -> Answer:
    """How far validation lies above test in each protocol."""
    pooled = gaps[gaps.model == POOLED]
    said = " and ".join(
        f"{size(row)} {'above' if row.difference > 0 else 'below'} test "
        f"{PLACES.get(row.protocol, row.protocol)}, where other reviews would move it by up to "
        f"{100 * row.sampling:.2f}"
        for row in pooled.itertuples()
    )
    beyond = any(abs(row.difference) > row.sampling for row in pooled.itertuples())
    verdict = "More than other reviews would" if beyond else "Not beyond what other reviews would"
    return Answer(verdict, f"validation accuracy lies {said}, mean of all networks")


def best_linear(baselines: pd.DataFrame) -> pd.Series | None:
    """One protocol's linear baseline that validates best, if there is one."""
    linear = baselines[baselines.baseline.isin(LINEAR)]
    return None if linear.empty else linear.loc[linear.val_acc.idxmax()]
