"""What the numbers answer, in sentences that follow the verdicts and so stay true."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import pandas as pd

from sentiment.gaps import FLATTERY, POOLED
from sentiment.reporting.words import more, pair, scores, size

TAUGHT, MEASURED = "lecture", "bymovie"
PLACES = {TAUGHT: "as taught", MEASURED: "split by movie"}
# Baselines that learn one weight a feature.
LINEAR = ("mean-vectors", "tfidf", "svm", "nbsvm")
HEADS = {
    "a better": "Yes",
    "b better": "No, worse",
    "cannot be told apart": "Not shown",
    "one seed": "Open, with one seed",
}
NOTE = (
    "Points are percentage points of accuracy, on the test reviews unless validation is named; in "
    "brackets are 95 % intervals, over seeds, and for ensembles over reviews. Real is what Holm's "
    "correction over all pairs of the table leaves below 5 %. Everything is said of `{}`{}."
)


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
    """A word or two, and the numbers behind them."""

    head: str
    said: str


def text(numbers: Mapping[str, Numbers], gaps: pd.DataFrame) -> str:
    """A line a question from `numbers`, by protocol, and gaps.csv.

    Said of the protocol that splits by movie where it is there, and of the others where their
    answer is another. Questions about models that are not there are left out.
    """
    protocols = sorted(numbers, key=lambda name: name != MEASURED)
    lines = []
    for question, answer in QUESTIONS.items():
        found = {name: answer(numbers[name]) for name in protocols}
        lines += [f"- **{question}** {said}" for said in [_say(found)] if said]
    lines.append(f"- **How much of the validation accuracy is the movie leak?** {leak(gaps)}")
    others = "; of the others where the answer differs" if len(protocols) > 1 else ""
    return "\n".join(lines) + "\n\n" + NOTE.format(protocols[0], others) + "\n"


def _say(found: Mapping[str, Answer | None]) -> str:
    answers = {name: answer for name, answer in found.items() if answer}
    if not answers:
        return ""
    first, *others = answers
    told = [f"{answers[first].head}: {answers[first].said}."]
    for name in others:
        head, said = answers[name]
        if head != answers[first].head:
            place = PLACES.get(name, name)
            told.append(f"{place[0].upper()}{place[1:]}, {head[0].lower()}{head[1:]}: {said}.")
    return " ".join(told)


def lstm(numbers: Numbers) -> Answer | None:
    """LSTM against BiRNN at 50 units, and against the BiRNN that validates best."""
    cells = numbers.cells
    if not {"lstm-50", "birnn-50"} <= set(cells.model):
        return None
    found = pair(numbers.differences, "lstm-50", "birnn-50")
    said = scores(found)
    best, _ = _ends(cells[cells.architecture == "birnn"])
    if best != "birnn-50":
        other = scores(pair(numbers.differences, "lstm-50", best))
        said += f"; {other}, where {best} is the BiRNN that validates best"
    return Answer(HEADS[found.verdict], said)


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
    said = f"of the BiRNNs that validate best and worst, {scores(found)}"
    if {"birnn-50", "birnn-20"} <= set(series.model):
        said += f"; {scores(pair(numbers.differences, 'birnn-50', 'birnn-20'))}"
    against = "Yes, though not as validation orders them"
    return Answer(against if found.verdict == "b better" else HEADS[found.verdict], said)


def linear(numbers: Numbers) -> Answer | None:
    """The best network against the best linear baseline, both by validation, on test."""
    simple = numbers.baselines[numbers.baselines.baseline.isin(LINEAR)]
    if simple.empty:
        return None
    network = numbers.cells.loc[numbers.cells.val_acc_mean.idxmax()]
    baseline = simple.loc[simple.val_acc.idxmax()]
    found = pair(numbers.differences, network.model, baseline.baseline, "ensemble_test_acc")
    head = "No" if found.verdict == "b better" else HEADS[found.verdict]
    if network.seeds == 1:
        return Answer(f"{head}, with one seed", f"in its one training {scores(found)}")
    single = network.test_acc_mean - baseline.test_acc
    if found.verdict == "a better" and single <= 0:
        head = "Only as an ensemble"
    said = f"as the ensemble of its {network.seeds} seeds, {scores(found)}"
    return Answer(head, f"{said}; one training scores {more(single)} on average")


QUESTIONS: dict[str, Callable[[Numbers], Answer | None]] = {
    "Is the LSTM better than the BiRNN?": lstm,
    "Is the BiRNN better than the RNN?": birnn,
    "Do units matter?": units,
    "Does any network beat a linear model?": linear,
}


def leak(gaps: pd.DataFrame) -> str:
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
        return f"Not measurable without both protocols: {said}."
    found, direct = pooled.loc[tuple(names)], pooled.loc[("lecture val_acc", "bymovie val_acc")]
    head, verdict = _leak(found)
    higher = "higher" if direct.difference > 0 else "lower"
    return (
        f"{head}: {said}; the difference of {size(found)} {verdict}. Validation accuracy itself "
        f"is {size(direct)} {higher} as taught, where tokens and vectors differ too."
    )


def _leak(found: pd.Series) -> Answer:
    within = f"other reviews would move it by up to {100 * found.sampling:.2f}"
    if found.verdict == "one seed":
        return Answer(HEADS["one seed"], "comes from one seed, without a test")
    if found.verdict == "cannot be told apart":
        return Answer("None is shown", f"cannot be told from nothing ({within})")
    if abs(found.difference) <= found.sampling:
        return Answer("None is shown", f"is real for these reviews alone ({within})")
    if found.difference < 0:
        return Answer("None", f"is real, but the wrong way round ({within})")
    return Answer(size(found), f"is real ({within})")


def _ends(cells: pd.DataFrame) -> tuple[str, str]:
    """Names of the cells with the highest and the lowest mean validation accuracy."""
    means = cells.set_index("model").val_acc_mean
    return str(means.idxmax()), str(means.idxmin())
