"""Finished seeds of a cell are found again by equal inputs, and by nothing else."""

from dataclasses import replace
from pathlib import Path

import keras
import pandas as pd
import pytest

from sentiment.networks.descriptions import Trained
from sentiment.networks.weights import history as read_history
from sentiment.networks.weights import path
from sentiment.running import host
from sentiment.running.seeds import Store
from sentiment.storage.files import read_json, sha256

TRAINED = Trained("rnn", 2, "flatten", 1, "numba", {}, "a" * 64, "c" * 64)


@pytest.fixture
def classifier() -> keras.Model:
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("tokens").write_text("a")


def open_store(epochs: int = 2, **changes: object) -> Store:
    trained = replace(TRAINED, **changes)
    return Store("lecture-rnn-2", [Path("tokens")], {"epochs": epochs}, trained)


def history(acc: float) -> dict:
    return {"history": [{"epoch": 1, "acc": acc, "loss": 1, "val_acc": 0.5, "val_loss": 0.7}]}


@pytest.mark.parametrize(
    "changes",
    [
        {"epochs": 3},
        {"units": 3},
        {"engine": "keras"},
        {"recipe": {"target": "native"}},
        {"code": "d" * 64},
        {"architecture_code": "b" * 64},
    ],
)
def test_a_kept_seed_is_found_by_equal_settings_and_code_alone(
    classifier: keras.Model, changes: dict[str, object]
) -> None:
    open_store().save(4, classifier, history(0.5))
    assert 4 in open_store()
    assert 5 not in open_store()
    assert 4 not in open_store(**changes)


def test_a_kept_seed_is_found_by_equal_inputs_alone(classifier: keras.Model) -> None:
    open_store().save(4, classifier, history(0.5))
    Path("tokens").write_text("b")
    assert 4 not in open_store()


def test_a_seed_that_other_versions_trained_is_not_found(
    classifier: keras.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_store().save(4, classifier, history(0.5))
    described = host.describe()
    described["versions"]["numba"] = "0.1"
    monkeypatch.setattr(host, "describe", lambda: described)
    assert 4 not in open_store()


def test_a_seed_carries_the_machine_and_the_code_that_trained_it(classifier: keras.Model) -> None:
    store = open_store()
    store.save(4, classifier, history(0.5))
    facts = store.facts(4)
    assert facts["code"] == TRAINED.code
    assert {name: facts[name] for name in ("host", "versions")} == host.describe()


@pytest.mark.parametrize("name", ["seed.weights.h5", "record.json", "record.sha256"])
def test_a_seed_of_which_a_bit_changed_on_disk_is_not_found(
    classifier: keras.Model, name: str
) -> None:
    store = open_store()
    store.save(4, classifier, history(0.5))
    assert 4 in store
    (file,) = Path(".sentiment").rglob(name)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    assert 4 not in store
    store.save(4, classifier, history(0.5))
    assert 4 in store


def test_a_whole_cell_keeps_its_seeds_and_nothing_of_what_came_before(
    classifier: keras.Model,
) -> None:
    open_store(units=1).save(0, classifier, history(0.5))
    another = Store("lecture-rnn-3", [], {}, TRAINED)
    another.save(0, classifier, history(0.5))
    store = open_store()
    store.save(0, classifier, history(0.5))
    store.assemble([0], Path("cell"))
    assert 0 in open_store()
    assert 0 in another
    assert 0 not in open_store(units=1)


def test_a_whole_cell_has_every_seed_in_the_order_asked_for(classifier: keras.Model) -> None:
    store = open_store()
    digests = [store.save(seed, classifier, history(seed / 10)) for seed in (3, 1)]
    store.assemble([3, 1], Path("cell"))
    assert [sha256(path(Path("cell"), seed)) for seed in (3, 1)] == digests
    rows = pd.read_csv("cell/history.csv")
    assert list(rows) == ["seed", "epoch", "acc", "loss", "val_acc", "val_loss"]
    assert rows.seed.tolist() == [3, 1]
    assert read_history(Path("cell"), 1) == history(0.1)["history"]
    assert read_json(Path("cell/model.json")) == vars(TRAINED)
