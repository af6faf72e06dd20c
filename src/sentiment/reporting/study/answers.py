"""What the numbers answer, in sentences that follow the verdicts and so stay true."""

from collections.abc import Mapping

import pandas as pd

from sentiment.comparison.roles import MEASURED
from sentiment.reporting.study.questions import (
    LEAK,
    PLACES,
    QUESTIONS,
    Answer,
    Numbers,
    leak,
)

NOTE = (
    "Points are percentage points of accuracy, on the test reviews unless validation is named; in "
    "brackets are 95 % intervals, over seeds, and for ensembles over reviews. Real is what Holm's "
    "correction over all pairs of the table leaves below 5 %. Everything is said of `{}`{}."
)


def findings(numbers: Mapping[str, Numbers], gaps: pd.DataFrame) -> str:
    """The same as `text` in short: each answer with what decides it alone."""
    asked = _asked(numbers, gaps).items()
    return _lines(
        {
            question: {name: answer._replace(more="") for name, answer in found.items()}
            for question, found in asked
        }
    )


def text(numbers: Mapping[str, Numbers], gaps: pd.DataFrame) -> str:
    """A line a question from `numbers`, by protocol, and gaps.csv.

    Said of the protocol that splits by movie where it is there, and of the others where their
    answer is another. Questions about models that are not there are left out.
    """
    first = min(numbers, key=_first)
    others = "; of the others where the answer differs" if len(numbers) > 1 else ""
    return f"{_lines(_asked(numbers, gaps))}\n{NOTE.format(first, others)}\n"


def _first(protocol: str) -> bool:
    return protocol != MEASURED


def _asked(numbers: Mapping[str, Numbers], gaps: pd.DataFrame) -> dict[str, dict[str, Answer]]:
    """By question and protocol, that of which everything is said first, what can be answered."""
    protocols = sorted(numbers, key=_first)
    found = {
        question: {name: said for name in protocols if (said := answer(numbers[name]))}
        for question, answer in QUESTIONS.items()
    }
    return found | {LEAK: {protocols[0]: leak(gaps)}}


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
