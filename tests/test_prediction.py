"""Raw text gets the answer that stock Keras gives, and no answer where there is none."""

from dataclasses import replace
from pathlib import Path

import cells
import numpy as np
import pytest

from sentiment.errors import UserError
from sentiment.prediction.predictor import Predictor

KIND = cells.kind("birnn-3")
UNKNOWN = "none of its words is known to the model, which learned 8 words"


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    cells.write_words(tmp_path)
    cells.write_weights(tmp_path / "seed.weights.h5", "birnn-3")
    return {
        "vocabulary": tmp_path / "vocabulary.txt",
        "vectors": tmp_path / "vectors.npy",
        "weights": tmp_path / "seed.weights.h5",
    }


@pytest.fixture
def predictor(files: dict[str, Path]) -> Predictor:
    return Predictor(KIND, **files)


@pytest.fixture(params=["numba", "keras"])
def either(files: dict[str, Path], request: pytest.FixtureRequest) -> Predictor:
    """The same network, computed by each engine."""
    return Predictor(replace(KIND, engine=request.param), **files)


def stock(predictor: Predictor, tokens: list[str]) -> float:
    """The probability that stock Keras gives these tokens."""
    embedded = np.zeros((1, cells.LENGTH, cells.DIMENSIONS), np.float32)
    embedded[0, : len(tokens)] = predictor.vectors[[cells.WORDS.index(token) for token in tokens]]
    return float(predictor.classifier(embedded, training=False)[0, 0])


def test_answers_are_stock_kerass_for_the_words_that_are_known(either: Predictor) -> None:
    texts = ["A <b>good</b> film, really!", "Dull; the BAD film. " * 9, "not good"]
    used = [["a", "good", "film"], ["dull", "the", "bad", "film"] * 3, ["not", "good"]]
    found = either.predict(texts)
    assert [prediction.tokens for prediction in found] == used
    expected = [stock(either, tokens) for tokens in used]
    np.testing.assert_allclose([p.probability for p in found], expected, atol=1e-6)
    labels = ["positive" if chance > 0.5 else "negative" for chance in expected]
    assert [prediction.label for prediction in found] == labels
    assert len(set(labels)) == 2


def test_of_three_classes_the_most_probable_is_called_with_its_probability(
    files: dict[str, Path],
) -> None:
    cells.write_weights(files["weights"], "birnn-3", outputs=3)
    judge = Predictor(cells.kind("birnn-3", classes=("bad", "fair", "good")), **files)
    texts = ["A good film", "dull bad film", "not the great film", "dull"]
    for found, text in zip(judge.predict(texts), texts, strict=True):
        (ids,) = judge.encode([text])
        embedded = np.concatenate([np.zeros((1, cells.DIMENSIONS), np.float32), judge.vectors])
        chances = judge.classifier(embedded[ids][None]).numpy()[0]
        assert found.label == ("bad", "fair", "good")[chances.argmax()]
        assert found.probability == pytest.approx(chances.max(), abs=1e-6)


def test_an_answer_does_not_depend_on_the_texts_beside_it(predictor: Predictor) -> None:
    alone = predictor.predict(["not good"])[0]
    beside = predictor.predict([*["the dull film"] * 40, "not good"])[-1]
    assert beside.probability == pytest.approx(alone.probability, abs=1e-6)


def test_no_texts_have_no_answers(predictor: Predictor) -> None:
    assert predictor.predict([]) == []


def test_a_megabyte_is_read_up_to_the_protocols_length(predictor: Predictor) -> None:
    (found,) = predictor.predict(["qqqq " * 200_000 + "good film " * 100_000])
    assert found.tokens == ["good", "film"] * 6


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty, or not a text"),
        (" \n", "empty, or not a text"),
        (None, "empty, or not a text"),
        (3, "empty, or not a text"),
        ("qqqq zzzz", UNKNOWN),
        ("<br />", UNKNOWN),
    ],
)
def test_a_text_without_an_answer_is_refused_by_its_number(
    predictor: Predictor, text: str, said: str
) -> None:
    with pytest.raises(UserError, match=f"^text 2: {said}"):
        predictor.predict(["good", text])


@pytest.mark.parametrize("engine", ["numba", "keras"])
def test_weights_of_another_network_are_refused(files: dict[str, Path], engine: str) -> None:
    with pytest.raises(UserError, match="not the weights of lstm-3 on 12 tokens"):
        Predictor(replace(KIND, architecture="lstm", engine=engine), **files)
