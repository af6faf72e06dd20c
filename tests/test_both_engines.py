"""The README's sentence on the engines says no more than the record of stage `engines`."""

from pathlib import Path
from typing import Any

from sentiment.reporting.readme import both_engines
from sentiment.storage.files import write_json


def sentence(folder: Path, **probabilities: float) -> str:
    """What is said where the models differ so far in the probability of a review."""
    models: list[dict[str, Any]] = [
        {
            "model": name,
            "engines": ["numba", "keras"],
            "loss": 0.1,
            "val_acc": 0.2,
            "probability": p,
        }
        for name, p in probabilities.items()
    ]
    write_json(folder / "e.json", {"protocol": "lecture", "seed": 0, "models": models})
    return both_engines.sentence(folder / "e.json", {})


def test_the_largest_differences_are_named_and_the_models_that_agree(tmp_path: Path) -> None:
    said = sentence(tmp_path, lstm=0.00002, gru=0.0001, rnn=0.9)
    assert "at most 0.1 in loss, 0.2 in validation accuracy and 0.9 in probability" in said
    assert "Of `lstm`, `gru` no probability differs by more than 0.0001;" in said


def test_where_all_models_agree_or_none_does_none_is_told_apart(tmp_path: Path) -> None:
    assert "no probability" not in sentence(tmp_path, lstm=0.00002)
    assert "no probability" not in sentence(tmp_path, rnn=0.9)
