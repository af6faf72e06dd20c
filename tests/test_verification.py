"""A verdict on a recomputed cell: identical, equal within the stated tolerance, or different."""

import json
from pathlib import Path

import pytest

from sentiment.errors import UserError
from sentiment.running import verification
from sentiment.settings.params import load

ROOT = Path(__file__).parents[1]


def cell(*accuracies: float) -> bytes:
    runs = [
        {"seed": seed, "val_acc": acc, "test_acc": acc - 0.01}
        for seed, acc in enumerate(accuracies)
    ]
    return json.dumps({"seeds": runs}).encode()


def test_equal_bytes_are_identical() -> None:
    verdict = verification.compare("lecture-rnn-50", cell(0.7, 0.8), cell(0.7, 0.8))
    assert verdict.agrees
    assert "identical" in verdict.words


def test_means_within_the_tolerance_agree_and_the_gap_is_told() -> None:
    verdict = verification.compare("lecture-rnn-50", cell(0.70, 0.80), cell(0.72, 0.79))
    assert verdict.agrees
    assert "mean val_acc +0.0050" in verdict.words


def test_means_beyond_the_tolerance_do_not_agree() -> None:
    verdict = verification.compare("lecture-rnn-50", cell(0.70, 0.80), cell(0.73, 0.80))
    assert not verdict.agrees
    assert "DIFFERENT" in verdict.words


def test_other_seeds_do_not_agree() -> None:
    assert not verification.compare("lecture-rnn-50", cell(0.7), cell(0.7, 0.7)).agrees


def test_cell_that_is_nowhere_is_refused_with_those_there_are() -> None:
    with pytest.raises(
        UserError, match=r"lecture-rnn-7: no such cell: .*lecture-rnn-50, .*bymovie-lstm-50-mean"
    ):
        verification.verify(ROOT, ["lecture-rnn-7"], load(ROOT / "params.yaml"))


def test_cell_without_committed_results_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"lecture/rnn-50\.json: not committed"):
        verification.verify(tmp_path, ["lecture-rnn-50"], load(ROOT / "params.yaml"))
