"""The sentences at the top of the README say what the verdicts allow, whatever the numbers are."""

import math
from types import SimpleNamespace

import pandas as pd
import pytest

from sentiment.comparison import widths
from sentiment.reporting.study import answers, questions, words
from sentiment.reporting.study.questions import Numbers

NAN = math.nan
NOTHING = SimpleNamespace(
    leak=pd.DataFrame(),
    widths=widths.read([], pd.DataFrame(columns=[*widths.KEYS, "test_auc"]), 2),
    params=SimpleNamespace(questions=SimpleNamespace(margin=0.01)),
)


def row(a: str, b: str, difference: float, verdict: str, **more: float | str) -> dict:
    """A row of contrasts.csv, in points; its interval is one point to either side."""
    ends = {"low": (difference - 1) / 100, "high": (difference + 1) / 100, "p_holm": 0.01}
    named = {"question": "Is a better than b?", "model_a": a, "model_b": b, "verdict": verdict}
    measured = {"measure": "auc", "metric": "test_auc", "detectable": 0.015}
    return {**named, **measured, "difference": difference / 100, **ends, **more}


def numbers(*rows: dict) -> Numbers:
    """Rows as `row` gives them, and the same by accuracy."""
    both = [dict(found, measure=m) for found in rows for m in ("auc", "acc")]
    return Numbers(pd.DataFrame(), pd.DataFrame(), pd.DataFrame(both))


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (
            row("a", "b", 2, "better"),
            "a lies 2.00 points [1.00, 3.00] of AUC above b (better, beyond chance)",
        ),
        (
            row("a", "b", -2, "worse"),
            "a lies 2.00 points [1.00, 3.00] of AUC below b (worse, beyond chance)",
        ),
        (
            row("a", "b", -0.5, "undecided"),
            "a lies 0.50 points [-0.50, 1.50] of AUC below b "
            "(undecided; 1.5 points would have been found)",
        ),
        (
            row("a", "b", 0.1, "equivalent"),
            "a lies 0.10 points [-0.90, 1.10] of AUC above b (equivalent)",
        ),
        (
            row("a", "b", 2, "one seed", low=NAN, high=NAN, p_holm=NAN),
            "a lies 2.00 points of AUC above b (one seed, no test)",
        ),
        (
            row("a", "svm", -2, "worse", metric="ensemble_test_auc"),
            "the ensemble of a lies 2.00 points [1.00, 3.00] of AUC below svm "
            "(worse, beyond chance)",
        ),
        (
            row("birnn", NAN, -2, "worse", measure="acc"),
            "twice as many units lower the accuracy of birnn by 2.00 points [1.00, 3.00] "
            "(worse, beyond chance)",
        ),
    ],
)
def test_a_difference_is_told_as_far_as_its_verdict_allows(found: dict, said: str) -> None:
    (only,) = pd.DataFrame([found]).itertuples()
    assert words.apart(only) == said


@pytest.mark.parametrize(
    ("verdicts", "head"),
    [
        (["better"], "Yes"),
        (["worse", "worse"], "No, worse"),
        (["equivalent"], "No, equivalent"),
        (["undecided"], "Not shown"),
        (["one seed"], "Open, with one seed"),
        (["worse", "equivalent"], "It depends"),
    ],
)
def test_head_follows_the_verdicts_where_they_agree(verdicts: list[str], head: str) -> None:
    here = numbers(*(row("a", f"b-{n}", 1, verdict) for n, verdict in enumerate(verdicts)))
    (answer,) = questions.answers(here).values()
    assert answer.head == head


def test_auc_decides_and_accuracy_is_told_beside() -> None:
    rows = [row("a", "b", 2, "better"), row("a", "b", 1, "undecided", measure="acc")]
    here = Numbers(pd.DataFrame(), pd.DataFrame(), pd.DataFrame(rows))
    (answer,) = questions.answers(here).values()
    assert str(answer).startswith("Yes: a lies 2.00 points")
    assert ". By accuracy, a lies 1.00 points" in str(answer)


def gaps(difference: float, sampling: float) -> pd.DataFrame:
    rows = [
        {"protocol": name, "model": "all networks", "difference": difference, "sampling": sampling}
        | {"low": difference - 0.001, "high": difference + 0.001}
        for name in ("lecture", "bymovie")
    ]
    return pd.DataFrame(rows)


@pytest.mark.parametrize(
    ("difference", "sampling", "head"),
    [
        (0.02, 0.012, "More than other reviews would: "),
        (0.005, 0.012, "Not beyond what other reviews would: "),
    ],
)
def test_validation_flatters_only_beyond_other_reviews(
    difference: float, sampling: float, head: str
) -> None:
    answer = str(questions.flattery(gaps(difference, sampling)))
    assert answer.startswith(head)
    assert f"{100 * difference:.2f} points [" in answer
    assert "above test as taught, where other reviews would move it by up to 1.20" in answer


def study(verdict: str) -> dict[str, Numbers]:
    """As taught b is better than a; split by movie the verdict is this one."""
    return {
        "lecture": numbers(row("a", "b", -1, "worse")),
        "bymovie": numbers(row("a", "b", -1, verdict)),
    }


def test_what_is_taught_is_said_only_where_it_differs() -> None:
    same, other = (
        answers.text(study(verdict), gaps(0, 0.01), 0.01, NOTHING)
        for verdict in ("worse", "undecided")
    )
    assert "Not shown: a lies 1.00 points" in other
    assert "As taught, no, worse: a lies 1.00 points" in other
    assert "As taught, " not in same
    assert "Everything is said of `bymovie`; of the others where" in same
    assert "margin, 1 points" in same


def test_findings_are_the_answers_without_what_goes_beside() -> None:
    found = answers.findings(study("undecided"), gaps(0, 0.01), NOTHING)
    assert "By accuracy" not in found
    assert found.count("- **") == 2


def test_one_protocol_is_answered_for_alone() -> None:
    here = {"lecture": study("worse")["lecture"]}
    text = answers.text(here, gaps(0, 0.01).iloc[[0]], 0.01, NOTHING)
    assert "Everything is said of `lecture`." in text
