"""What DVC's own views show is what the tables say, and no choice looks at test reviews."""

from pathlib import Path

import cells
import numpy as np
import pandas as pd

from sentiment.comparison import best
from sentiment.reporting.comparison import views
from sentiment.storage.files import read_json


def a_run(protocol: str, model: str, seed: int, val_acc: float, test_acc: float = 0.5) -> tuple:
    return protocol, model, seed, val_acc, test_acc


def runs(*rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["protocol", "model", "seed", "val_acc", "test_acc"])


def test_the_champion_is_the_best_seed_of_the_best_mean_on_validation() -> None:
    study = runs(
        a_run("lecture", "rnn-5", 0, 0.99),
        # The best single run, of a model that is worse in the mean.
        a_run("bymovie", "rnn-5", 0, 0.90),
        a_run("bymovie", "rnn-5", 1, 0.60),
        # The best on test, for which nobody asks.
        a_run("bymovie", "lstm-5", 0, 0.79, test_acc=0.99),
        a_run("bymovie", "lstm-5", 1, 0.81),
        a_run("bymovie", "gru-5", 0, 0.70, test_acc=1.00),
    )
    chosen = best.of_study(study)
    assert (chosen.protocol, chosen.model, chosen.seed) == ("bymovie", "lstm-5", 1)


def test_without_its_protocol_the_champion_comes_from_the_first() -> None:
    study = runs(a_run("snippets", "rnn-5", 0, 0.6), a_run("lecture", "rnn-5", 0, 0.9))
    assert best.of_study(study).protocol == "snippets"


def test_the_confusion_matrix_counts_the_champions_test_reviews() -> None:
    random = np.random.default_rng(0)
    cell = pd.DataFrame(
        {
            "part": ["validation"] * 50 + ["test"] * 200,
            "label": random.integers(0, 2, 250),
            "seed_0": random.random(250),
            # Exactly a half is negative, as `evaluate` has it.
            "seed_1": np.where(np.arange(250) % 5 == 0, 0.5, random.random(250)),
        }
    )
    study = runs(a_run("bymovie", "rnn-5", 0, 0.6), a_run("bymovie", "rnn-5", 1, 0.7))
    table = views.confusion(study, {"bymovie": {"rnn-5": cell}}, cells.CLASSES)
    assert set(table.seed) == {1}
    assert table.reviews.sum() == 200
    test = cell[cell.part == "test"]
    right = ((test.seed_1 > 0.5) == test.label).sum()
    assert table[table.label == table.predicted].reviews.sum() == right
    positive = table[table.label == "positive"].reviews.sum()
    assert positive == test.label.sum()


def test_a_pair_of_labels_that_does_not_occur_is_counted_as_none() -> None:
    cell = pd.DataFrame({"part": ["test"], "label": [1], "seed_0": [0.9]})
    study = runs(a_run("bymovie", "rnn-5", 0, 0.6))
    table = views.confusion(study, {"bymovie": {"rnn-5": cell}}, cells.CLASSES)
    assert table.reviews.tolist() == [0, 0, 0, 1]


def test_the_metrics_are_means_of_validation_and_test_and_no_more(tmp_path: Path) -> None:
    means = {"acc_mean": 0.9, "val_acc_mean": 0.8, "test_acc_mean": 0.7, "val_acc_low": 0.75}
    rows = [("lecture", "rnn-5"), ("lecture", "lstm-5"), ("bymovie", "rnn-5")]
    means_of = pd.DataFrame([{"protocol": p, "model": m, **means} for p, m in rows])
    views.write_metrics(tmp_path / "metrics.json", means_of)
    shown = {"val_acc": 0.8, "test_acc": 0.7}
    assert read_json(tmp_path / "metrics.json") == {
        "lecture": {"rnn-5": shown, "lstm-5": shown},
        "bymovie": {"rnn-5": shown},
    }


def test_the_confusion_matrix_of_three_classes_has_their_names() -> None:
    cell = pd.DataFrame(
        {
            **{"part": ["test"] * 3, "label": [0, 1, 2]},
            **{
                "seed_0_0": [0.6, 0.1, 0.2],
                "seed_0_1": [0.3, 0.2, 0.3],
                "seed_0_2": [0.1, 0.7, 0.5],
            },
        }
    )
    study = runs(a_run("own", "rnn-5", 0, 0.6))
    table = views.confusion(study, {"own": {"rnn-5": cell}}, ["a", "b", "c"])
    counted = table[table.reviews > 0]
    assert list(zip(counted.label, counted.predicted, strict=True)) == [
        ("a", "a"),
        ("b", "c"),
        ("c", "c"),
    ]
    assert len(table) == 9
