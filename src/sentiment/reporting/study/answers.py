"""What the numbers answer, in sentences that follow the verdicts and so stay true."""

from collections.abc import Mapping

import pandas as pd

from sentiment.comparison import widths
from sentiment.comparison.roles import MEASURED
from sentiment.reporting.study.beside import LEAK_QUESTION as LEAK
from sentiment.reporting.study.beside import leak_answer
from sentiment.reporting.study.experiments import Experiments
from sentiment.reporting.study.questions import (
    FLATTERY,
    PLACES,
    Answer,
    Numbers,
    answers,
    flattery,
)
from sentiment.reporting.study.wide import QUESTION as WIDTH
from sentiment.reporting.study.wide import read_out_answer

# For which the README's first screen has room.
FINDINGS = 5
NOTE = (
    "Points are percentage points, on the test reviews; in brackets are 95 % intervals, over "
    "seeds, and for ensembles over reviews. Beyond chance is what Holm's correction over all of "
    "these questions leaves below 5 %; equivalent is a difference that is shown to be smaller than "
    "the margin, {:g} points. AUC decides, because it does not depend on where a network puts its "
    "threshold. Everything is said of `{}`{}."
)


def findings(numbers: Mapping[str, Numbers], gaps: pd.DataFrame, experiments: Experiments) -> str:
    """The first FINDINGS lines of `text` in short: each answer with what decides it alone."""
    asked = list(_asked(numbers, gaps, experiments).items())[:FINDINGS]
    return _lines(
        {
            question: {name: answer._replace(more="") for name, answer in found.items()}
            for question, found in asked
        }
    )


def text(
    numbers: Mapping[str, Numbers], gaps: pd.DataFrame, margin: float, experiments: Experiments
) -> str:
    """A line a question from `numbers`, by protocol, gaps.csv, and what was trained beside.

    Said of the protocol that splits by movie where it is there, and of the others where their
    answer is another.
    """
    first = min(numbers, key=_first)
    others = "; of the others where the answer differs" if len(numbers) > 1 else ""
    lines = _lines(_asked(numbers, gaps, experiments))
    return f"{lines}\n{NOTE.format(100 * margin, first, others)}\n"


def _first(protocol: str) -> bool:
    return protocol != MEASURED


def _asked(
    numbers: Mapping[str, Numbers], gaps: pd.DataFrame, experiments: Experiments
) -> dict[str, dict[str, Answer]]:
    """By question and protocol, that of which everything is said first, what can be answered."""
    protocols = sorted(numbers, key=_first)
    found: dict[str, dict[str, Answer]] = {}
    for protocol in protocols:
        for question, answer in answers(numbers[protocol]).items():
            found.setdefault(question, {})[protocol] = answer
    slopes = widths.trends(experiments.widths.read_outs, experiments.params.questions.margin)
    if not slopes.empty:
        found[WIDTH] = {protocols[0]: read_out_answer(slopes)}
    if not experiments.leak.empty:
        found[LEAK] = {protocols[0]: leak_answer(experiments)}
    return found | {FLATTERY: {protocols[0]: flattery(gaps)}}


def _lines(asked: Mapping[str, Mapping[str, Answer]]) -> str:
    return "".join(
        f"- **{question}** {_say(found)}\n" for question, found in asked.items() if found
    )


def _say(found: Mapping[str, Answer]) -> str:
    (_, first), *others = found.items()
    told = [str(first)]
    for name, answer in others:
        if answer.head != first.head:
            place, said = PLACES.get(name, name), str(answer)
            told.append(f"{place[0].upper()}{place[1:]}, {said[0].lower()}{said[1:]}")
    return " ".join(told)
