"""The page that runs networks in a browser says what the pipeline says of the same words."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import browser
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment.data import tokenizers
from sentiment.errors import UserError
from sentiment.networks import classifiers
from sentiment.prediction.predictor import Kind, Predictor
from sentiment.probes import traces
from sentiment.reporting.explorer import assembled, exported
from sentiment.storage.tokens import Tokens

WORDS = [
    "the",
    "film",
    "is",
    "not",
    "good",
    "bad",
    "dull",
    "wonderful",
    "a",
    "don't",
    "é",
    "猫",
    "😀",
]
SENTENCES = [
    "The film is not good.",
    "the film is bad",
    "A wonderful film",
    "dull",
    "the the the the",
    "good good bad",
    "don't, film",
    "É is a 猫 😀",
    "not not not good",
    "is is is is is is is is is is is is is is is is is is is is",
]
KINDS = [
    *((name, "flatten", 2) for name in ("rnn", "birnn", "lstm", "gru")),
    *(("bilstm", read_out, 2) for read_out in ("flatten", "last", "mean")),
    *(("bigru", "flatten", 3), ("lstm", "mean", 3)),
]
LENGTH, DIMENSIONS, UNITS = 12, 7, 4


def predictor(folder: Path, architecture: str, read_out: Any, classes: int) -> Predictor:
    """A network with drawn weights, and its files in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(len(architecture) + classes)
    (folder / "vocabulary.txt").write_text("".join(f"{word}\n" for word in WORDS), encoding="utf-8")
    vectors = random.normal(size=(len(WORDS), DIMENSIONS)).astype(np.float32)
    np.save(folder / "vectors.npy", vectors)
    names = ("negative", "positive", "neither")[:classes]
    kind = Kind("lecture", "words", LENGTH, names, architecture, UNITS, read_out, "numba")
    shape = {"length": LENGTH, "dimensions": DIMENSIONS}
    classifier = classifiers.build(kind, **shape, dropout=0.0)
    classifier.set_weights([random.normal(scale=0.5, size=w.shape) for w in classifier.weights])
    file = folder / "seed-0.weights.h5"
    classifier.save_weights(file)
    return Predictor(
        kind, vocabulary=folder / "vocabulary.txt", vectors=folder / "vectors.npy", weights=file
    )


def held(made: Predictor, words: int = len(WORDS)) -> dict[str, Any]:
    """What stage `export` writes of it."""
    about = {"model": f"{made.kind.architecture}-4", "seed": 0, "val_acc": 0.5, "coverage": 0.9}
    return {**about, **exported.network(made, np.arange(1, words + 1))}


@pytest.fixture(scope="module")
def networks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Predictor]:
    folder = tmp_path_factory.mktemp("networks")
    return {"-".join(map(str, kind)): predictor(folder / str(kind), *kind) for kind in KINDS}


@pytest.fixture(scope="module")
def page(networks: dict[str, Predictor], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "explore.html"
    offered = [{"text": SENTENCES[0], "look": "Look at “not”.", "measured": "3 % is left."}]
    written = {name: held(made) for name, made in networks.items()}
    path.write_text(assembled.page(written, offered), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def window() -> Iterator[browser.Browser]:
    if not (browser.CHROMIUM and browser.DRIVER):
        pytest.skip("needs Chromium and ChromeDriver")
    with browser.chromium() as opened:
        yield opened


def opened(window: browser.Browser, page: Path, text: str = "", name: str = "") -> None:
    """Show `text` on the page, by the network `name`, to the end of all its work."""
    window.open("about:blank")
    window.open(page.as_uri())
    if name:
        window.run("choice.network = arguments[0]; put(); changed()", name)
    if text:
        window.run("choice.text = arguments[0]; put(); changed()", text)
    window.wait_for("return document.getElementById('shown').dataset.state === 'done'")


def run(window: browser.Browser, name: str, text: str) -> dict[str, Any]:
    """What the page's arithmetic finds of `text`: tokens, probabilities, states and gates."""
    script = """
      const net = network(arguments[0]), cut = tokens(net, arguments[1]);
      const rows = cut.map(({ row }) => row).filter((row) => row !== undefined);
      const found = answer(net, rows);
      return { tokens: cut.map(({ word }) => word), probabilities: found.probabilities,
        runs: found.runs.map((run) => ({ state: [...run.state], cell: [...run.cell],
          gates: Object.fromEntries(Object.entries(run.gates).map(([k, v]) => [k, [...v]])) })) };
    """
    return dict(window.run(script, name, text))


@pytest.mark.parametrize("name", ["-".join(map(str, kind)) for kind in KINDS])
def test_probabilities_states_and_gates_are_those_of_the_pipeline(
    name: str, networks: dict[str, Predictor], page: Path, window: browser.Browser
) -> None:
    opened(window, page)
    made = networks[name]
    for text in SENTENCES:
        found, (said,) = run(window, name, text), made.predict([text])
        ids = made.encode([text])[0]
        number = 1 if len(made.kind.classes) == 2 else made.kind.classes.index(said.label)
        assert found["probabilities"][number] == pytest.approx(said.probability, abs=0.01)
        words = np.count_nonzero(ids)
        places = ids if made.kind.read_out == "flatten" else ids[:words]
        embedded = np.where(places[:, None] > 0, made.vectors[places - 1], 0).astype(float)
        for way, shown in zip(
            traces.of_network(made.kind, made.weights), found["runs"], strict=True
        ):
            projected = way.project(embedded)[:: -1 if way.backwards else 1, None]
            steps = list(traces.walk(way, projected))[:: -1 if way.backwards else 1]
            states = np.concatenate([step.state[0] for step in steps])
            np.testing.assert_allclose(shown["state"], states, atol=0.02)
            for gate, values in shown["gates"].items():
                expected = np.concatenate([step.gates[gate][0] for step in steps])
                np.testing.assert_allclose(values, expected, atol=0.02)


def test_a_prediction_differs_from_the_pipelines_where_the_arithmetic_does(
    page: Path, window: browser.Browser
) -> None:
    opened(window, page)
    right = run(window, "lstm-flatten-2", SENTENCES[0])["probabilities"][1]
    window.run("network('lstm-flatten-2').ways[0].scales.fill(0.5)")
    assert abs(run(window, "lstm-flatten-2", SENTENCES[0])["probabilities"][1] - right) > 0.01


LETTERS = st.text(alphabet="abcNIT nt'’\".,:;!?-()[]<>&$%#@/0123éß猫\n", max_size=60)


def test_texts_are_cut_as_the_protocols_cut_them(page: Path, window: browser.Browser) -> None:
    opened(window, page)

    @settings(max_examples=150)
    @given(LETTERS)
    def equal(text: str) -> None:
        for name in ("treebank", "words"):
            expected = tokenizers.find(name)(text)  # type: ignore[arg-type]
            assert window.run(f"return TOKENIZERS.{name}(arguments[0])", text) == expected

    equal()
    said = (
        "Don't you cannot \"say\" it's (really) gonna be... fine -- I'll wait, won't I? 'tis 3.50$."
    )
    assert window.run("return TOKENIZERS.treebank(arguments[0])", said) == tokenizers.find(
        "treebank"
    )(said)
    said = "Straße, 3 films – ¡qué bien! Don't. 👍"
    assert window.run("return TOKENIZERS.unicode(arguments[0])", said) == tokenizers.find(
        "unicode"
    )(said)


@pytest.mark.parametrize(
    "text",
    [
        "   ",
        "qwertz asdfgh",
        "good " * 2000,
        "😀 😀 good 😀",
        "שלום good עולם",
        "<script>document.title = 'x'</script> good <img src=x onerror=\"document.title = 'x'\">",
    ],
)
@pytest.mark.parametrize("name", ["lstm-flatten-2", "bilstm-mean-2"])
def test_any_text_is_shown_and_none_is_run(
    text: str, name: str, page: Path, window: browser.Browser
) -> None:
    window.console()
    opened(window, page, text, name)
    assert window.run("return document.title") == "Look into the trained networks"
    assert window.run("return document.querySelectorAll('#shown img, #shown script').length") == 0
    assert window.console() == []
    columns = window.run("return document.querySelectorAll('thead th').length")
    assert columns <= 1 + LENGTH + 20


def test_what_a_reader_does_shows_what_it_should(page: Path, window: browser.Browser) -> None:
    window.console()
    opened(window, page, "the film is not good", "birnn-flatten-2")
    window.run("document.querySelectorAll('thead button')[2].click()")
    assert "Effect of “is”" in window.run("return document.querySelector('output').textContent")
    # What one direction has read already it has none of.
    left = window.run(
        "return [...document.querySelectorAll('tbody tr')].filter((row) => !row.hidden && "
        "row.cells[0].textContent.startsWith('effect')).map((row) => "
        "[...row.cells].slice(1).map((cell) => cell.textContent))"
    )
    assert left[0][:2] == ["", ""]
    assert left[0][2] == left[1][2] == "100 %"
    assert left[1][3:] == ["", ""]
    window.run("choice.beside = 'lstm-flatten-2'; put(); changed()")
    window.wait_for("return document.getElementById('shown').dataset.state === 'done'")
    assert window.run("return document.querySelectorAll('.network').length") == 2
    # A link carries all of it.
    target = window.run("return document.getElementById('link').href")
    window.open("about:blank")
    window.open(target)
    window.wait_for("return document.getElementById('shown').dataset.state === 'done'")
    assert window.run("return [choice.text, choice.network, choice.beside]") == [
        "the film is not good",
        "birnn-flatten-2",
        "lstm-flatten-2",
    ]
    window.run("document.querySelector('#sentences button').click()")
    assert "3 % is left." in window.run("return document.getElementById('look').textContent")
    assert window.console() == []


@pytest.mark.parametrize("width", [360, 1400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_overflows(width: int, scheme: str, page: Path, window: browser.Browser) -> None:
    window.emulate(width, scheme)
    opened(window, page, "the film is not good " * 3, "lstm-flatten-2")
    assert window.run("return document.documentElement.scrollWidth") <= width


def test_equal_networks_give_equal_bytes(networks: dict[str, Predictor]) -> None:
    made = {name: held(each) for name, each in networks.items()}
    again = json.loads(json.dumps(made))
    assert assembled.page(made, []) == assembled.page(again, [])


def test_a_word_cannot_end_the_element_that_holds_the_data(tmp_path: Path) -> None:
    network = held(predictor(tmp_path, "rnn", "flatten", 2))
    network["words"] = ["</script><script>alert(1)</script>"]
    text = assembled.page({"rnn": network}, [])
    assert "</script><script>alert" not in text


def test_vectors_are_not_in_it_but_what_words_bring_is_to_a_step(tmp_path: Path) -> None:
    made = predictor(tmp_path, "lstm", "flatten", 2)
    (way,) = exported.network(made, np.array([2, 1]))["ways"]

    def unpacked(name: str, kind: str) -> np.ndarray:
        return np.frombuffer(base64.b64decode(way[name]), kind).astype(float)

    (direction,) = traces.of_network(made.kind, made.weights)
    expected = direction.project(made.vectors[[1, 0]].astype(float))
    scales = unpacked("scales", "<f4")[:, None]
    inputs = unpacked("inputs", "<i1").reshape(expected.shape)
    assert np.abs(inputs * scales + unpacked("blank", "<f4") - expected).max() <= scales.max()
    assert np.abs(inputs).max(1).tolist() == [127, 127]


def test_frequent_words_come_first_and_wanted_ones_are_there() -> None:
    def tokens(*reviews: tuple[str, list[int]]) -> Tokens:
        parts, ids = zip(*reviews, strict=True)
        offsets = np.cumsum([0, *map(len, ids)])
        flat = np.concatenate([np.array(one, np.int32) for one in ids])
        blank = np.array([""] * len(parts))
        return Tokens(blank, np.array(parts), np.zeros(len(parts), np.int8), flat, offsets, 9)

    found = tokens(("train", [3, 3, 2, 1, 2, 4]), ("test", [4, 4, 4, 5, 3]), ("validation", [5]))
    assert exported.frequent(found, 2, np.array([0, 5, 3])).tolist() == [2, 3, 5]
    assert exported.frequent(found, 9, np.array([], int)).tolist() == [2, 3, 1, 4]
    assert exported.coverage(found, np.array([2, 3, 5])) == pytest.approx(2 / 5)


def test_a_network_without_recurrence_is_refused(tmp_path: Path) -> None:
    made = predictor(tmp_path, "lstm", "flatten", 2)
    made.kind.__dict__["architecture"] = "dense"
    with pytest.raises(UserError, match="'dense' has no recurrent equations"):
        exported.network(made, np.array([1]))
