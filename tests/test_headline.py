"""The first table of the README: every accuracy once, with what it can be relied on."""

import math

import pandas as pd

from sentiment.reporting.readme import headline
from sentiment.reporting.study.questions import Numbers


def numbers(*cells: tuple[str, float, float], seeds: int = 3, **lesson: float) -> Numbers:
    """Cells as (model, mean, half its interval) in both metrics, and three baselines."""
    rows = [
        {
            "model": model,
            "seeds": seeds,
            **{f"{metric}_mean": mean for metric in headline.METRICS},
            **{f"{metric}_low": mean - half for metric in headline.METRICS},
            **{f"{metric}_high": mean + half for metric in headline.METRICS},
            "lecture_val_acc": lesson.get(model.replace("-", "_"), math.nan),
        }
        for model, mean, half in cells
    ]
    baselines = {
        "baseline": ["majority", "tfidf", "nbsvm", "mean-vectors"],
        "val_acc": [0.99, 0.9, 0.8, 0.6],
        "test_acc": [0.99, 0.7, 0.75, 0.6],
        "test_auc": [0.5, 0.8, 0.85, 0.65],
    }
    return Numbers(pd.DataFrame(rows), pd.DataFrame(baselines), pd.DataFrame())


def rows(text: str) -> dict[str, list[str]]:
    lines = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    return {first.strip(): [cell.strip() for cell in cells] for first, *cells in lines}


def test_a_row_holds_lesson_and_both_protocols_side_by_side() -> None:
    taught = numbers(("rnn-50", 0.75, 0.02), ("lstm-50", 0.85, 0.011), lstm_50=0.8678)
    split = numbers(("rnn-50", 0.76, 0.01), ("lstm-50", 0.86, 0.004))
    text = headline.table({"lecture": taught, "bymovie": split})
    assert text.startswith(
        "Accuracy and test AUC in %, mean of 3 seeds ± half its 95 % interval:\n"
    )
    shown = rows(text)
    assert shown[""] == [
        *("lesson, validation", "validation, as taught", "test, as taught", "AUC, as taught"),
        *("validation, split by movie", "test, split by movie", "AUC, split by movie"),
    ]
    assert shown["rnn-50"] == ["", *["75.0 ± 2.0"] * 3, *["76.0 ± 1.0"] * 3]
    assert shown["lstm-50"] == ["86.8", *["85.0 ± 1.1"] * 3, *["86.0 ± 0.4"] * 3]


def test_of_the_linear_baselines_the_best_and_the_mean_of_vectors_are_shown() -> None:
    shown = rows(headline.table({"bymovie": numbers(("rnn-50", 0.75, 0.02))}))
    assert shown["tfidf, no network"] == ["90.0", "70.0", "80.0"]
    assert shown["mean-vectors, no network"] == ["60.0", "60.0", "65.0"]
    assert len(shown) == 5


def test_one_seed_has_no_interval_and_the_table_says_so() -> None:
    text = headline.table({"bymovie": numbers(("rnn-50", 0.75, math.nan), seeds=1)})
    assert text.startswith("Accuracy and test AUC in %, one seed:\n")
    assert rows(text)["rnn-50"] == ["75.0", "75.0", "75.0"]
