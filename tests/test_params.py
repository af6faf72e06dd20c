from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from ruamel.yaml import YAML

from sentiment.errors import UserError
from sentiment.settings import params

ROOT = Path(__file__).parents[1]
Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def changed(tmp_path: Path) -> Callable[[Change], Path]:
    """A file of the committed parameters after a change."""

    def write(change: Change) -> Path:
        values = YAML(typ="safe", pure=True).load(ROOT / "params.yaml")
        change(values)
        path = tmp_path / "params.yaml"
        with path.open("w", encoding="utf-8") as file:
            YAML(typ="safe", pure=True).dump(values, file)
        return path

    return write


@pytest.fixture
def refusal(changed: Callable[[Change], Path]) -> Callable[[Change], str]:
    """The error that the committed parameters give after a change."""

    def refuse(change: Change) -> str:
        path = changed(change)
        with pytest.raises(UserError) as refused:
            params.load(path)
        message = str(refused.value)
        assert message.startswith(f"{path}: ")
        assert "\n" not in message
        return message

    return refuse


def test_two_cells_whose_stages_would_have_one_name_are_refused(
    refusal: Callable[[Change], str],
) -> None:
    def spoil(values: dict[str, Any]) -> None:
        values["protocols"]["lecture-rnn"] = values["protocols"]["lecture"]
        values["models"] |= {name: values["models"]["rnn-50"] for name in ("50", "rnn-50")}
        values["grid"]["protocols"].append("lecture-rnn")
        values["grid"]["models"].append("50")

    assert "protocol-model: 'lecture-rnn-50' is listed twice" in refusal(spoil)


@pytest.mark.parametrize("name", ["params.yaml", "params.demo.yaml"])
def test_the_committed_parameters_are_accepted(name: str) -> None:
    loaded = params.load(ROOT / name)
    assert loaded.train.learning_rate == 1e-3
    assert set(loaded.grid.models) <= set(loaded.models)


def test_without_questions_of_memory_the_grid_need_not_have_what_they_are_about(
    changed: Callable[[Change], Path], refusal: Callable[[Change], str]
) -> None:
    def shorten(values: dict[str, Any]) -> None:
        values["grid"]["models"] = ["birnn-5"]

    def leave_out(values: dict[str, Any]) -> None:
        shorten(values)
        values["memory"]["protocols"] = []
        values["explore"]["networks"] = {"one": {"protocol": "lecture", "model": "birnn-5"}}

    assert "memory.probed: 'rnn-50' is not in grid.models" in refusal(shorten)
    assert params.load(changed(leave_out)).grid.models == ("birnn-5",)


def test_every_model_of_the_lesson_is_in_the_grid() -> None:
    loaded = params.load(ROOT / "params.yaml")
    described = {(model.architecture, model.units) for model in loaded.models.values()}
    assert {("birnn", units) for units in (50, 40, 30, 20, 10, 5, 1)} <= described
    assert {("rnn", 50), ("lstm", 50)} <= described


def test_parameters_do_not_change_once_they_are_read() -> None:
    loaded = params.load(ROOT / "params.yaml")
    with pytest.raises(ValidationError, match="frozen"):
        loaded.train.epochs = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    ("change", "key", "allowed"),
    [
        (lambda p: p.update(extra=1), "extra", "dataset, download, protocols"),
        (lambda p: p["train"].update(epoch=3), "train.epoch", "epochs, batch_size"),
        (
            lambda p: p["models"]["birnn-1"].update(unit=1),
            "models.birnn-1.unit",
            "architecture, units",
        ),
        (
            lambda p: p["download"]["folders"]["test/neg"].update(size=1),
            "download.folders.test/neg.size",
            "files, bytes, digest",
        ),
        (
            lambda p: p["memory"]["sentences"][1].update(note="x"),
            "memory.sentences.1.note",
            "text, of, at",
        ),
        (lambda p: p.update({"\x1b[2J": 1}), "\\x1b[2J", "dataset"),
    ],
)
def test_an_unknown_key_is_named_with_the_keys_that_are_allowed_there(
    refusal: Callable[[Change], str], change: Change, key: str, allowed: str
) -> None:
    message = refusal(change)
    assert f": {key}: unknown key; allowed here: {allowed}" in message


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (lambda p: p.pop("seeds"), "seeds"),
        (lambda p: p["vectors"].pop("window"), "vectors.window"),
        (lambda p: p["models"]["lstm-50"].pop("units"), "models.lstm-50.units"),
        (
            lambda p: p["download"]["folders"]["train/pos"].pop("digest"),
            "download.folders.train/pos.digest",
        ),
    ],
)
def test_a_missing_key_is_named(refusal: Callable[[Change], str], change: Change, key: str) -> None:
    assert f": {key}: missing" in refusal(change)


@pytest.mark.parametrize(
    ("change", "key", "rule"),
    [
        (lambda p: p["dataset"].update(format="imbd"), "dataset.format", "'imdb', 'snippets' or"),
        (lambda p: p["dataset"].update(format="table"), "dataset", "a table needs them"),
        (lambda p: p["dataset"].update(classes=["a"]), "dataset.classes", "at least 2 items"),
        (lambda p: p["dataset"].update(classes=["a", "a"]), "dataset", "'a' is listed twice"),
        (lambda p: p["dataset"].update(bad=1.0), "dataset.bad", "less than 1"),
        (
            lambda p: p["dataset"].update(classes=["a", "b", "c"]),
            "leak.kinds",
            "asked of two classes alone, and dataset.classes has 3",
        ),
        (lambda p: p.update(train=3), "train", "object"),
        (lambda p: p["train"].update(epochs="2"), "train.epochs", "integer, not '2'"),
        (lambda p: p["train"].update(epochs=2.0), "train.epochs", "integer"),
        (lambda p: p["train"].update(batch_size=True), "train.batch_size", "integer"),
        (lambda p: p["train"].update(dropout=1.0), "train.dropout", "less than 1, not 1.0"),
        (
            lambda p: p["train"].update(learning_rate=0),
            "train.learning_rate",
            "greater than 0, not 0",
        ),
        (lambda p: p["train"].update(learning_rate=float("inf")), "train.learning_rate", "finite"),
        (
            lambda p: p["models"]["birnn-1"].update(architecture="bi rnn"),
            "models.birnn-1.architecture",
            "match pattern '^[a-z][a-z0-9_]*$', not 'bi rnn'",
        ),
        (
            lambda p: p["models"]["birnn-1"].update(units=0),
            "models.birnn-1.units",
            "greater than or equal to 1, not 0",
        ),
        (
            lambda p: p["protocols"]["lecture"].update(validation=1.0),
            "protocols.lecture.validation",
            "less than 1",
        ),
        (lambda p: p["vectors"].update(source="glove"), "vectors.source", "'googlenews-26k'"),
        (lambda p: p["grid"].update(models=[]), "grid.models", "at least 1"),
        (lambda p: p["grid"].update(protocols=[]), "grid.protocols", "at least 1"),
        (lambda p: p.update(seeds=[]), "seeds", "at least 1"),
        (lambda p: p.update(seeds=[0, -1]), "seeds.1", "greater than or equal to 0, not -1"),
        (lambda p: p["download"].update(sources=[]), "download.sources", "at least 1"),
        (lambda p: p["download"].update(sha256="0a"), "download.sha256", "[0-9a-f]{64}"),
        (lambda p: p["download"].update(file="../a.tar.gz"), "download.file", "pattern"),
        (lambda p: p["models"].update({"../x": {}}), "models.../x", "pattern"),
        (lambda p: p["protocols"].update({"By movie": {}}), "protocols.By movie", "pattern"),
        (
            lambda p: p["grid"]["models"].append("gru-7"),
            "grid.models",
            "'gru-7' is not in models; there: ",
        ),
        (
            lambda p: p["grid"]["protocols"].append("snippets"),
            "grid.protocols",
            "'snippets' is not in protocols; there: ",
        ),
        (lambda p: p["grid"]["models"].append("rnn-50"), "grid.models", "listed twice"),
        (lambda p: p["grid"]["protocols"].append("lecture"), "grid.protocols", "listed twice"),
        (lambda p: p["seeds"].append(0), "seeds", "listed twice"),
        (
            lambda p: p["inputs"]["variants"].update(glove=[1.0]),
            "inputs.variants.glove",
            "'googlenews-26k'",
        ),
        (lambda p: p["vectors"].update(norm=0.0), "vectors.norm", "greater than 0"),
        (
            lambda p: p["protocols"]["lecture"].update(unknown="(a"),
            "protocols.lecture.unknown",
            "not a regular expression: missing ), unterminated subpattern",
        ),
        (lambda p: p["questions"].update(margin=1.0), "questions.margin", "less than 1"),
        (
            lambda p: p["questions"]["contrasts"].update({"Is it?": [["rnn-50", "rnn-7"]]}),
            "questions.contrasts",
            "'rnn-7' is not in models or the baselines; there: ",
        ),
        (lambda p: p["explore"].update(networks={}), "explore.networks", "at least 1"),
        (lambda p: p["explore"]["hints"].pop(), "explore", "5 hints for 6 sentences"),
        (
            lambda p: p["explore"]["networks"]["champion"].update(model="rnn-50-mean"),
            "explore.networks.champion",
            "'rnn-50-mean' is not in grid.models; there: ",
        ),
        (
            lambda p: p["inputs"].update(protocol="snippets"),
            "inputs.protocol",
            "'snippets' is not in grid.protocols; there: lecture, bymovie",
        ),
        (
            lambda p: p["resplit"]["models"].append("gru-7"),
            "resplit.models",
            "'gru-7' is not in models; there: ",
        ),
        (
            lambda p: p["memory"]["planted"].update(epochs=1),
            "memory.planted.epochs",
            "at least train.epochs, 2, not 1",
        ),
        (
            lambda p: p["vectors"].update(source="googlenews-26k"),
            "inputs.variants.reviews",
            "vectors.source googlenews-26k has no norm of training: leave it empty",
        ),
        (
            lambda p: p["memory"].update(contrasts=[["lstm-50-mean", "majority-of-one"]]),
            "memory.contrasts.0.1",
            "Input should be 'majority', ",
        ),
        (
            lambda p: p["width"]["trainings"]["epochs"].update(models=["rnn-51"]),
            "width.models",
            "'rnn-51' is not in models",
        ),
        (lambda p: p["leak"].update(folds=1), "leak.folds", "greater than or equal to 2"),
        (
            lambda p: p["memory"]["models"].append("rnn-50"),
            "grid.models and memory.models",
            "'rnn-50' is listed twice",
        ),
        (
            lambda p: p["memory"]["models"].append("gru-7"),
            "memory.models",
            "'gru-7' is not in models; there: ",
        ),
        (
            lambda p: p["memory"]["probed"].append("dense-50"),
            "memory.probed",
            "'dense-50' is not in grid.models; there: rnn-50, ",
        ),
        (
            lambda p: p["memory"]["protocols"].append("snippets"),
            "memory.protocols",
            "'snippets' is not in grid.protocols; there: lecture, bymovie",
        ),
        (
            lambda p: p["memory"]["reordered"].append("lstm-7"),
            "memory.reordered",
            "'lstm-7' is not in grid.models or memory.models; there: ",
        ),
        (
            lambda p: p["models"]["rnn-50"].update(read_out="max"),
            "models.rnn-50.read_out",
            "'flatten', 'last' or 'mean'",
        ),
        (
            lambda p: p["download"].update(folders={}, files={}),
            "download",
            "give sha256, folders or files",
        ),
    ],
)
def test_a_wrong_value_is_refused_with_its_key_and_what_is_allowed(
    refusal: Callable[[Change], str], change: Change, key: str, rule: str
) -> None:
    message = refusal(change)
    assert f": {key}: " in message
    assert rule in message


def test_all_wrong_keys_are_named_at_once(refusal: Callable[[Change], str]) -> None:
    def spoil(values: dict[str, Any]) -> None:
        values["train"].update(epochs=0, threads="two")
        values["seed"] = 1

    message = refusal(spoil)
    assert all(key in message for key in ("train.epochs: ", "train.threads: ", "seed: unknown"))


def read_with(tmp_path: Path, old: str, new: str) -> params.Params:
    text = (ROOT / "params.yaml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "params.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return params.load(path)


def test_numbers_and_words_are_those_of_yaml_1_2(tmp_path: Path) -> None:
    rate = read_with(tmp_path, "learning_rate: 1e-3", "learning_rate: 2e-3").train.learning_rate
    assert rate == 0.002
    changed = read_with(tmp_path, "  path: inputs/none", "  path: on")
    assert changed.vectors.path == "on"
    octal = read_with(tmp_path, "  window: 5", "  window: 010")
    assert octal.vectors.window == 10


BOMB = "a: &a [x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in pairwise("abcdefghij")
)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (BOMB, "more than 100,000 values: aliases multiply them"),
        ("a: &a [*a]", "more than 100,000 values: aliases multiply them"),
        ("[" * 5000 + "]" * 5000, "not readable as YAML 1.2: maximum recursion depth exceeded"),
        ("a: !!python/object/apply:os.system [true]", "not readable as YAML 1.2: could not"),
    ],
    ids=["aliases of aliases", "an alias in itself", "deeply nested", "a tag"],
)
def test_yaml_that_would_take_all_memory_or_run_is_refused(
    tmp_path: Path, text: str, reason: str
) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(text)
    with pytest.raises(UserError) as refused:
        params.load(path)
    assert str(refused.value).startswith(f"{path}: {reason}")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "text", ["train: [1, 2", "a: 1\na: 2\n", "\tseeds: [0]", "day: 2024-01-01", b"a: \xc3\x28"]
)
def test_what_is_no_yaml_is_refused_with_the_file(tmp_path: Path, text: str | bytes) -> None:
    path = tmp_path / "params.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(UserError, match="not readable as YAML") as refused:
        params.load(path)
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_key_that_stands_twice_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match='duplicate key "window"'):
        read_with(tmp_path, "  window: 5", "  window: 5\n  window: 6")


@pytest.mark.parametrize("text", ["", "- 1\n", "word\n"])
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "params.yaml").write_text(text)
    with pytest.raises(UserError, match="object"):
        params.load(tmp_path / "params.yaml")


def test_a_missing_file_says_where_to_run(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="top folder") as refused:
        params.load(tmp_path / "params.yaml")
    assert str(tmp_path / "params.yaml") in str(refused.value)
