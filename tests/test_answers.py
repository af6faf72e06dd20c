"""The sentences at the top of the README say what the verdicts allow, whatever the numbers are."""

import math

import pandas as pd
import pytest

from sentiment.reporting.study import answers, questions, words
from sentiment.reporting.study.questions import Numbers

NAN = math.nan
APART = "cannot be told apart"


def row(a: str, b: str, difference: float, verdict: str, **more: float | str) -> dict:
    """A row of differences.csv, in points; its interval is one point to either side."""
    ends = {"low": (difference - 1) / 100, "high": (difference + 1) / 100, "p_holm": 0.01}
    named = {"model_a": a, "model_b": b, "metric": "test_acc", "verdict": verdict}
    return {**named, "difference": difference / 100, **ends, **more}


def numbers(*rows: dict, seeds: int = 5, nbsvm: float = 0.80, **val_acc: float) -> Numbers:
    """Cells named as in `birnn_50=0.75` with that accuracy, two baselines and differences."""
    cells = [
        {
            "model": name.replace("_", "-"),
            "architecture": name.split("_")[0],
            "seeds": seeds,
            "val_acc_mean": value,
            "test_acc_mean": value,
        }
        for name, value in val_acc.items()
    ]
    simple = {"baseline": ["majority", "nbsvm"], "val_acc": [0.99, nbsvm], "test_acc": [0.9, nbsvm]}
    return Numbers(pd.DataFrame(cells), pd.DataFrame(simple), pd.DataFrame(rows))


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (row("a", "b", 2, "a better"), "a scores 2.00 points [1.00, 3.00] more than b (real)"),
        (row("a", "b", -2, "b better"), "a scores 2.00 points [1.00, 3.00] less than b (real)"),
        (
            row("a", "b", -0.5, APART),
            "a scores 0.50 points [-0.50, 1.50] less than b (cannot be told apart)",
        ),
        (
            row("a", "b", 2, APART, p_holm=0.21),
            "a scores 2.00 points [1.00, 3.00] more than b (not beyond chance once all pairs are "
            "counted: p 0.21)",
        ),
        (
            row("a", "b", 2, "one seed", low=NAN, high=NAN, p_holm=NAN),
            "a scores 2.00 points more than b (one seed, no test)",
        ),
    ],
)
def test_a_difference_is_called_real_only_where_its_verdict_is(found: dict, said: str) -> None:
    assert words.scores(words.pair(pd.DataFrame([found]), "a", "b")) == said


def test_a_pair_that_stands_the_other_way_round_is_turned_with_its_verdict() -> None:
    table = pd.DataFrame([row("b", "a", -2, "b better", low=-0.04, high=-0.01)])
    turned = words.pair(table, "a", "b")
    assert (turned.difference, turned.low, turned.high) == (0.02, 0.01, 0.04)
    assert turned.verdict == "a better"


@pytest.mark.parametrize(
    ("verdict", "head"),
    [
        ("a better", "Yes"),
        ("b better", "No, worse"),
        (APART, "Not shown"),
        ("one seed", "Open, with one seed"),
    ],
)
def test_head_follows_the_verdict_at_fifty_units(verdict: str, head: str) -> None:
    here = numbers(
        row("birnn-50", "rnn-50", 1, verdict),
        row("lstm-50", "birnn-50", 1, verdict),
        rnn_50=0.7, birnn_50=0.7, lstm_50=0.8,
    )  # fmt: skip
    assert questions.birnn(here).head == head
    assert questions.lstm(here).head == head


def test_lstm_is_held_against_the_birnn_that_validates_best_as_well() -> None:
    here = numbers(
        row("lstm-50", "birnn-50", 9, "a better"),
        row("lstm-50", "birnn-5", 1, APART),
        birnn_50=0.7, birnn_5=0.8, lstm_50=0.8,
    )  # fmt: skip
    answer = questions.lstm(here)
    assert answer.head == "Yes"
    assert "than birnn-5 (cannot be told apart), where birnn-5 is the BiRNN that" in answer.more


@pytest.mark.parametrize(
    ("verdict", "head"),
    [
        ("a better", "Yes"),
        ("b better", "Yes, though not as validation orders them"),
        (APART, "Not shown"),
    ],
)
def test_units_matter_where_best_and_worst_by_validation_differ_on_test(
    verdict: str, head: str
) -> None:
    here = numbers(
        row("birnn-5", "birnn-50", 3, verdict),
        row("birnn-50", "birnn-20", 1, "a better"),
        birnn_50=0.7, birnn_20=0.75, birnn_5=0.8,
    )  # fmt: skip
    answer = questions.units(here)
    assert answer.head == head
    assert "birnn-5 scores" in answer.said
    assert answer.more == "; birnn-50 scores 1.00 points [0.00, 2.00] more than birnn-20 (real)"


@pytest.mark.parametrize(
    ("verdict", "nbsvm", "seeds", "head"),
    [
        ("a better", 0.80, 5, "Yes"),
        ("a better", 0.90, 5, "Only as an ensemble"),
        ("b better", 0.90, 5, "No"),
        (APART, 0.80, 5, "Not shown"),
        ("a better", 0.80, 1, "Yes, with one seed"),
        ("b better", 0.90, 1, "No, with one seed"),
    ],
)
def test_a_network_beats_linear_models_only_where_one_training_does(
    verdict: str, nbsvm: float, seeds: int, head: str
) -> None:
    found = row("lstm-50", "nbsvm", 1, verdict, metric="ensemble_test_acc")
    here = numbers(found, seeds=seeds, nbsvm=nbsvm, lstm_50=0.85, birnn_5=0.8)
    answer = questions.linear(here)
    assert answer.head == head
    assert ("one training scores" in answer.more) == (seeds > 1)


def gap(minuend: str, subtrahend: str, difference: float, verdict: str = APART) -> dict:
    found = row("", "", difference, verdict, sampling=0.012)
    return {**found, "model": "all networks", "minuend": minuend, "subtrahend": subtrahend}


def gaps(leak: float, verdict: str) -> pd.DataFrame:
    rows = [gap(f"{name} val_acc", f"{name} test_acc", 0.5) for name in ("lecture", "bymovie")]
    rows.append(gap("lecture val_acc", "bymovie val_acc", -2, "lower"))
    terms = [f"{name} val_acc less test_acc" for name in ("lecture", "bymovie")]
    return pd.DataFrame([*rows, gap(terms[0], terms[1], leak, verdict)])


@pytest.mark.parametrize(
    ("leak", "verdict", "head", "said"),
    [
        (3, "higher", "3.00 points [2.00, 4.00]: ", "is real (other reviews would move it"),
        (1.1, "higher", "None is shown: ", "is real for these reviews alone"),
        (-3, "lower", "None: ", "is real, but the wrong way round"),
        (3, APART, "None is shown: ", "cannot be told from nothing"),
        (3, "one seed", "Open, with one seed: ", "comes from one seed, without a test"),
    ],
)
def test_a_leak_is_shown_only_beyond_seeds_and_other_reviews(
    leak: float, verdict: str, head: str, said: str
) -> None:
    answer = str(questions.leak(gaps(leak, verdict)))
    assert answer.startswith(head)
    assert said in answer
    assert "2.00 points [1.00, 3.00] lower as taught" in answer


def test_without_both_protocols_the_leak_is_said_to_be_not_measurable() -> None:
    answer = questions.leak(gaps(1, APART).iloc[[0]])
    assert str(answer) == (
        "Not measurable without both protocols: validation lies 0.50 points [-0.50, 1.50] above "
        "test as taught, mean of all networks."
    )


def study(verdict: str) -> Numbers:
    return numbers(
        row("birnn-50", "rnn-50", 2, verdict),
        row("rnn-50", "nbsvm", -2, "b better", metric="ensemble_test_acc"),
        rnn_50=0.8, birnn_50=0.7,
    )  # fmt: skip


def test_what_is_taught_is_said_only_where_it_differs() -> None:
    same = answers.text({"lecture": study(APART), "bymovie": study(APART)}, gaps(1, APART))
    other = answers.text({"lecture": study("a better"), "bymovie": study(APART)}, gaps(1, APART))
    assert "As taught, yes: birnn-50 scores" in other
    assert "RNN?** Not shown: birnn-50 scores" in other
    assert "As taught, " not in same
    assert "Everything is said of `bymovie`; of the others where" in same


def test_findings_are_the_answers_up_to_what_decides_them() -> None:
    here = {"lecture": study("a better"), "bymovie": study(APART)}
    lines, short = (
        shown(here, gaps(1, APART)).splitlines() for shown in (answers.text, answers.findings)
    )
    assert len(short) == 3
    assert "As taught, yes: birnn-50 scores" in short[0]
    for whole, cut in zip(lines, short, strict=False):
        assert [said for said in cut.rstrip(".").split(". ") if said not in whole] == []
    assert "on average" in lines[1]
    assert "on average" not in short[1]


def test_one_protocol_is_answered_for_alone() -> None:
    text = answers.text({"lecture": study(APART)}, gaps(1, APART).iloc[[0]])
    assert "Everything is said of `lecture`." in text
    assert "LSTM" not in text
