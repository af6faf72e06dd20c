"""The questions of the study, each answered from one protocol's numbers by their verdicts."""

from collections.abc import Callable
from typing import NamedTuple

import pandas as pd

from sentiment.comparison.gaps import FLATTERY, POOLED
from sentiment.comparison.roles import MEASURED, TAUGHT
from sentiment.reporting.study.words import more, pair, scores, size

PLACES = {TAUGHT: "as taught", MEASURED: "split by movie"}
# Baselines that learn one weight a feature.
LINEAR = ("mean-vectors", "tfidf", "svm", "nbsvm")
HEADS = {
    "a better": "Yes",
    "b better": "No, worse",
    "cannot be told apart": "Not shown",
    "one seed": "Open, with one seed",
}


class Numbers(NamedTuple):
    """One protocol's rows of comparison.csv (cells of the grid), baselines.csv, differences.csv."""

    cells: pd.DataFrame
    baselines: pd.DataFrame
    differences: pd.DataFrame


def by_protocol(
    cells: pd.DataFrame, baselines: pd.DataFrame, differences: pd.DataFrame
) -> dict[str, Numbers]:
    """The numbers of each protocol from those of all, `cells` of the grid alone."""
    tables = (cells, baselines, differences)
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


def lstm(numbers: Numbers) -> Answer | None:
    """LSTM against BiRNN at 50 units, and against the BiRNN that validates best."""
    cells = numbers.cells
    if not {"lstm-50", "birnn-50"} <= set(cells.model):
        return None
    found = pair(numbers.differences, "lstm-50", "birnn-50")
    best, _ = _ends(cells[cells.architecture == "birnn"])
    further = ""
    if best != "birnn-50":
        other = scores(pair(numbers.differences, "lstm-50", best))
        further = f"; {other}, where {best} is the BiRNN that validates best"
    return Answer(HEADS[found.verdict], scores(found), further)


def birnn(numbers: Numbers) -> Answer | None:
    """BiRNN against RNN at 50 units."""
    if not {"birnn-50", "rnn-50"} <= set(numbers.cells.model):
        return None
    found = pair(numbers.differences, "birnn-50", "rnn-50")
    return Answer(HEADS[found.verdict], scores(found))


def units(numbers: Numbers) -> Answer | None:
    """The best against the worst BiRNN by validation, and 50 against 20 units."""
    series = numbers.cells[numbers.cells.architecture == "birnn"]
    if len(series) < 2:
        return None
    found = pair(numbers.differences, *_ends(series))
    said, further = f"of the BiRNNs that validate best and worst, {scores(found)}", ""
    if {"birnn-50", "birnn-20"} <= set(series.model):
        further = f"; {scores(pair(numbers.differences, 'birnn-50', 'birnn-20'))}"
    against = "Yes, though not as validation orders them"
    head = against if found.verdict == "b better" else HEADS[found.verdict]
    return Answer(head, said, further)


def linear(numbers: Numbers) -> Answer | None:
    """The best network against the best linear baseline, both by validation, on test."""
    baseline = best_linear(numbers.baselines)
    if baseline is None:
        return None
    network = numbers.cells.loc[numbers.cells.val_acc_mean.idxmax()]
    found = pair(numbers.differences, network.model, baseline.baseline, "ensemble_test_acc")
    head = "No" if found.verdict == "b better" else HEADS[found.verdict]
    if network.seeds == 1:
        return Answer(f"{head}, with one seed", f"in its one training {scores(found)}")
    single = network.test_acc_mean - baseline.test_acc
    if found.verdict == "a better" and single <= 0:
        head = "Only as an ensemble"
    said = f"as the ensemble of its {network.seeds} seeds, {scores(found)}"
    return Answer(head, said, f"; one training scores {more(single)} on average")


QUESTIONS: dict[str, Callable[[Numbers], Answer | None]] = {
    "Is the LSTM better than the BiRNN?": lstm,
    "Is the BiRNN better than the RNN?": birnn,
    "Do units matter?": units,
    "Does any network beat a linear model?": linear,
}
LEAK = "How much of the validation accuracy is the movie leak?"


def leak(gaps: pd.DataFrame) -> Answer:
    """How far validation lies above test in each protocol, and what of that movies give."""
    pooled = gaps[gaps.model == POOLED].set_index(["minuend", "subtrahend"])
    own = {a.split()[0]: row for (a, b), row in pooled.iterrows() if a.split()[0] == b.split()[0]}
    said = " and ".join(
        f"{size(row)} {'above' if row.difference > 0 else 'below'} test {PLACES.get(name, name)}"
        for name, row in own.items()
    )
    said = f"validation lies {said}, mean of all networks"
    names = [f"{name} {FLATTERY}" for name in (TAUGHT, MEASURED)]
    if tuple(names) not in pooled.index:
        return Answer("Not measurable without both protocols", said)
    found, direct = pooled.loc[tuple(names)], pooled.loc[("lecture val_acc", "bymovie val_acc")]
    head, verdict = _leak(found)
    higher = "higher" if direct.difference > 0 else "lower"
    return Answer(
        head,
        said,
        f"; the difference of {size(found)} {verdict}. Validation accuracy itself is "
        f"{size(direct)} {higher} as taught, where tokens and vectors differ too",
    )


def _leak(found: pd.Series) -> tuple[str, str]:
    within = f"other reviews would move it by up to {100 * found.sampling:.2f}"
    if found.verdict == "one seed":
        return (HEADS["one seed"], "comes from one seed, without a test")
    if found.verdict == "cannot be told apart":
        return ("None is shown", f"cannot be told from nothing ({within})")
    if abs(found.difference) <= found.sampling:
        return ("None is shown", f"is real for these reviews alone ({within})")
    if found.difference < 0:
        return ("None", f"is real, but the wrong way round ({within})")
    return (size(found), f"is real ({within})")


def best_linear(baselines: pd.DataFrame) -> pd.Series | None:
    """One protocol's linear baseline that validates best, if there is one."""
    linear = baselines[baselines.baseline.isin(LINEAR)]
    return None if linear.empty else linear.loc[linear.val_acc.idxmax()]


def _ends(cells: pd.DataFrame) -> tuple[str, str]:
    """Names of the cells with the highest and the lowest mean validation accuracy."""
    means = cells.set_index("model").val_acc_mean
    return str(means.idxmax()), str(means.idxmin())
