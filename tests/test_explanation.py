"""Contributions of words add up to the change in log odds, or there is no explanation."""

from pathlib import Path

import cells
import numpy as np
import pytest
from scipy.special import logit

from sentiment.errors import UserError
from sentiment.prediction import explanation
from sentiment.prediction.explanation import Explainer
from sentiment.prediction.predictor import Predictor

TEXT = "The bad film is great, not dull. " * 2


def predictor(
    folder: Path, model: str, scale: float = 1.0, classes: tuple[str, ...] = cells.CLASSES
) -> Predictor:
    outputs = 1 if len(classes) == 2 else len(classes)
    cells.write_words(folder)
    cells.write_weights(folder / "seed.weights.h5", model, scale=scale, outputs=outputs)
    kind = cells.kind(model, classes=classes)
    names = ("vocabulary.txt", "vectors.npy", "seed.weights.h5")
    vocabulary, vectors, weights = (folder / name for name in names)
    return Predictor(kind, vocabulary=vocabulary, vectors=vectors, weights=weights)


@pytest.mark.parametrize("model", ["birnn-3", "lstm-2", "gru-2"])
def test_contributions_add_up_to_the_change_in_log_odds(tmp_path: Path, model: str) -> None:
    judge = predictor(tmp_path, model)
    reason = Explainer(judge).explain(TEXT)
    assert sum(reason.contributions) == pytest.approx(reason.score - reason.baseline, abs=1e-3)
    (prediction,) = judge.predict([TEXT])
    assert reason.score == pytest.approx(logit(prediction.probability), abs=1e-5)
    empty = np.zeros((1, cells.LENGTH, cells.DIMENSIONS), np.float32)
    assert reason.baseline == pytest.approx(logit(float(judge.classifier(empty)[0, 0])), abs=1e-5)
    assert len(reason.contributions) == len(prediction.tokens) == 12


def test_of_three_classes_the_logit_of_the_called_one_is_explained(tmp_path: Path) -> None:
    judge = predictor(tmp_path, "birnn-3", classes=("bad", "fair", "good"))
    reason = Explainer(judge).explain(TEXT)
    assert sum(reason.contributions) == pytest.approx(reason.score - reason.baseline, abs=1e-3)
    (ids,) = judge.encode([TEXT])
    embedded = np.concatenate([np.zeros((1, cells.DIMENSIONS), np.float32), judge.vectors])[ids]
    chances = judge.classifier(embedded[None]).numpy()[0]
    *_, kernel, bias = judge.classifier.get_weights()
    states = judge.classifier.layers[0](embedded[None]).numpy().reshape(1, -1)
    logits = (states @ kernel + bias)[0]
    assert logits.argmax() == chances.argmax()
    assert reason.score == pytest.approx(logits.max(), abs=1e-4)


def test_a_word_that_is_nothing_but_zeros_contributes_nothing(tmp_path: Path) -> None:
    reason = Explainer(predictor(tmp_path, "birnn-3")).explain("great film")
    zero, film = reason.contributions
    assert zero == 0
    assert film != 0


def test_where_few_points_miss_the_sum_more_are_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steep = Explainer(predictor(tmp_path, "birnn-3", scale=3.0))
    reason = steep.explain(TEXT)
    assert sum(reason.contributions) == pytest.approx(reason.score - reason.baseline, abs=1e-3)
    monkeypatch.setattr(explanation, "MOST", explanation.FEWEST)
    with pytest.raises(UserError, match=r"^no explanation: .* even with 16 points"):
        steep.explain(TEXT)
