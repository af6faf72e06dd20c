import json
import subprocess
import sys
from pathlib import Path

import cells
import numpy as np
import pyarrow.parquet as pq
import pytest
from conftest import ROOT, Workplace
from keras import losses
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score

from sentiment.data import encoding
from sentiment.measures import classes, scores
from sentiment.networks import weights
from sentiment.networks.descriptions import Trained
from sentiment.networks.engines import EngineName
from sentiment.storage.files import read_json, sha256
from sentiment.storage.tokens import Reviews

LABELS = np.array([1, 0, 1, 0, 1], np.int8)
CHANCES = np.array([0.9, 0.6, 0.5, 0.2, 0.7], np.float32)


def test_metrics_are_those_worked_out_by_hand() -> None:
    found = scores.metrics(LABELS, CHANCES)
    # Chosen 1 1 0 0 1: two of three positives found, one of three choices wrong.
    assert found["acc"] == pytest.approx(3 / 5)
    assert found["f1"] == pytest.approx(2 * 2 / (2 * 2 + 1 + 1))
    # Of the six pairs of a positive and a negative only (0.5, 0.6) is in the wrong order.
    assert found["auc"] == pytest.approx(5 / 6)
    squares = 0.1**2 + 0.6**2 + 0.5**2 + 0.2**2 + 0.3**2
    assert found["brier"] == pytest.approx(squares / 5, abs=1e-6)
    nats = -(np.log(0.9) + np.log(0.4) + np.log(0.5) + np.log(0.8) + np.log(0.7)) / 5
    assert found["loss"] == pytest.approx(nats, abs=1e-6)


def test_calibration_is_that_worked_out_by_hand() -> None:
    # In single precision 0.7 is a little less, and shares a bin with 0.6: 0.65 against one half.
    found = scores.metrics(LABELS, CHANCES)
    assert found["ece"] == pytest.approx((0.1 + 2 * 0.15 + 0.5 + 0.2) / 5, abs=1e-6)
    assert found["positive"] == pytest.approx(3 / 5)
    # In one bin: mean probability 0.52 and two of three positive.
    together = scores.reliability(np.array([1, 0, 1]), np.array([0.51, 0.52, 0.53]))
    assert together.probability.tolist() == pytest.approx([0.52])
    assert together.positive.tolist() == pytest.approx([2 / 3])
    assert together.reviews.tolist() == [3]


def test_a_probability_of_one_stands_in_the_last_bin() -> None:
    assert scores.reliability(np.array([1, 1]), np.array([0.95, 1.0])).bin.tolist() == [9]


@pytest.mark.parametrize(
    ("labels", "chances", "expected"),
    [
        ([0, 0, 1, 1], [0.1, 0.2, 0.3, 0.4], 0.25),
        # One half is as good as any.
        ([0, 1], [0.4, 0.6], 0.5),
        # Two thresholds are equally good: the one nearer to one half.
        ([0, 1, 0, 1], [0.1, 0.2, 0.3, 0.4], 0.35),
        ([1, 1], [0.3, 0.3], 0.5),
    ],
)
def test_the_best_threshold_is_right_most_often(
    labels: list[int], chances: list[float], expected: float
) -> None:
    found = scores.best_threshold(np.array(labels, np.int8), np.array(chances))
    assert found == pytest.approx(expected)


def test_no_threshold_is_better_than_the_best() -> None:
    chance = np.random.default_rng(0)
    for _ in range(50):
        labels, chances = chance.integers(0, 2, 30), chance.random(30).round(1)
        best = ((chances > scores.best_threshold(labels, chances)) == labels).sum()
        others = [((chances > at) == labels).sum() for at in np.arange(0, 1, 0.05)]
        # Calling every review one label is no threshold between two of them.
        inside = [
            right
            for right, at in zip(others, np.arange(0, 1, 0.05), strict=True)
            if (chances > at).any() and (chances <= at).any()
        ]
        assert best >= max(inside)


def test_one_half_itself_is_negative() -> None:
    labels, half = np.array([1, 0], np.int8), np.array([0.5, 0.5], np.float32)
    above = np.nextafter(half, np.float32(1))
    assert scores.metrics(labels, half)["f1"] == 0
    assert scores.metrics(labels, above)["f1"] == pytest.approx(2 / 3)


def test_equal_probabilities_tie() -> None:
    assert scores.metrics(LABELS, np.full(5, 0.7, np.float32))["auc"] == 0.5


def test_a_sure_mistake_costs_as_much_as_keras_says() -> None:
    found = scores.metrics(np.array([1, 0], np.int8), np.array([0.0, 0.0], np.float32))
    assert found["loss"] == pytest.approx(-np.log(1e-7) / 2, rel=1e-5)


def test_metrics_are_plain_numbers() -> None:
    found = scores.metrics(LABELS, CHANCES)
    assert {type(value) for value in found.values()} == {float}


def of_three(seed: int = 0, size: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """Labels int8 [size] of three classes, and float32 chances [size, 3] that know them a bit."""
    chance = np.random.default_rng(seed)
    labels = np.concatenate([[0, 1, 2], chance.integers(0, 3, size - 3)]).astype(np.int8)
    chances = chance.dirichlet([1, 1, 1], size) + 0.3 * np.eye(3)[labels]
    return labels, (chances / chances.sum(1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("seed", range(5))
def test_metrics_of_three_classes_are_those_of_scikit_learn_and_keras(seed: int) -> None:
    labels, chances = of_three(seed)
    found, called = scores.metrics(labels, chances), chances.argmax(1)
    assert list(found) == ["acc", "loss", "auc", "f1", "brier", "ece"]
    assert {type(value) for value in found.values()} == {float}
    assert found["acc"] == accuracy_score(labels, called)
    assert found["f1"] == pytest.approx(f1_score(labels, called, average="macro"))
    exact = chances.astype(np.float64)
    exact /= exact.sum(1, keepdims=True)
    auc = roc_auc_score(labels, exact, multi_class="ovr", average="macro")
    assert found["auc"] == pytest.approx(auc, abs=1e-6)
    nats = losses.sparse_categorical_crossentropy(labels, chances).numpy()
    assert found["loss"] == pytest.approx(nats.mean(), rel=1e-5)


def test_brier_and_calibration_of_three_classes_are_those_worked_out_by_hand() -> None:
    labels = np.array([0, 2], np.int8)
    chances = np.array([[0.75, 0.25, 0], [0.25, 0.5, 0.25]], np.float32)
    found = scores.metrics(labels, chances)
    squares = [0.25**2 + 0.25**2, 0.25**2 + 0.5**2 + 0.75**2]
    assert found["brier"] == pytest.approx(sum(squares) / 2)
    # Called at 0.75 and right, called at 0.5 and wrong.
    assert found["ece"] == pytest.approx((0.25 + 0.5) / 2)
    bins = scores.reliability(labels, chances)
    assert bins.probability.tolist() == [0.5, 0.75]
    assert bins.positive.tolist() == [0, 1]


def test_perfect_and_constant_chances_of_three_classes_score_as_they_should() -> None:
    labels, _ = of_three()
    perfect = scores.metrics(labels, np.eye(3, dtype=np.float32)[labels])
    assert [perfect[name] for name in ("acc", "auc", "f1", "brier", "ece")] == [1, 1, 1, 0, 0]
    assert perfect["loss"] == pytest.approx(0, abs=1e-6)
    constant = scores.metrics(labels, np.full((len(labels), 3), 1 / 3, np.float32))
    assert constant["auc"] == 0.5
    assert constant["acc"] == (labels == 0).mean()
    assert constant["loss"] == pytest.approx(np.log(3), rel=1e-6)
    assert constant["brier"] == pytest.approx(2 / 3, rel=1e-6)


def test_a_sure_mistake_among_three_classes_costs_as_much_as_keras_says() -> None:
    labels, sure = np.array([1, 0], np.int8), np.array([[1, 0, 0], [1, 0, 0]], np.float32)
    nats = losses.sparse_categorical_crossentropy(labels, sure).numpy().mean()
    assert scores.metrics(labels, sure)["loss"] == pytest.approx(nats, rel=1e-5)


def test_a_class_without_reviews_has_no_part_in_the_mean_auc() -> None:
    labels, chances = of_three()
    kept = labels != 2
    labels, chances = labels[kept], chances[kept]
    own = [roc_auc_score(labels == number, chances[:, number]) for number in (0, 1)]
    assert classes.one_against_rest(labels, chances) == pytest.approx(np.mean(own))
    assert scores.metrics(labels, chances)["auc"] == pytest.approx(np.mean(own))


@pytest.fixture
def parts() -> dict[str, Reviews]:
    def reviews(names: list[str], labels: list[int]) -> Reviews:
        ids = np.zeros((len(names), 4), np.int32)
        return Reviews(np.array(names), ids, np.array(labels, np.int8))

    return {
        "validation": reviews(["train/pos/0_9", "train/neg/3_1", "train/neg/4_2"], [1, 0, 0]),
        "test": reviews(["test/pos/0_9", "test/neg/12_1"], [1, 0]),
    }


SCORED = {
    "validation": np.array([0.75, 0.25, 0.75], np.float32),
    "test": np.array([0.75, 0.125], np.float32),
}


def test_a_run_has_its_own_last_epoch_then_validation_then_test(parts: dict[str, Reviews]) -> None:
    history = [
        {"epoch": 1, "acc": 0.5, "loss": 0.9, "val_acc": 0.1, "val_loss": 1.1},
        {"epoch": 2, "acc": 0.6, "loss": 0.8, "val_acc": 0.2, "val_loss": 1.2},
    ]
    record = scores.run_record(0, "ab12", history, parts, SCORED)
    assert (record["seed"], record["weights"]) == (0, "ab12")
    assert (record["acc"], record["loss"]) == (0.6, 0.8)
    assert record["val_acc"] == pytest.approx(2 / 3)
    assert record["val_loss"] == pytest.approx(-(2 * np.log(0.75) + np.log(0.25)) / 3)
    assert (record["test_acc"], record["test_auc"], record["test_f1"]) == (1, 1, 1)
    assert record["test_brier"] == pytest.approx((0.25**2 + 0.125**2) / 2)
    assert record["test_loss"] == pytest.approx(-(np.log(0.75) + np.log(0.875)) / 2)
    # On validation the highest probability is as often wrong as right, and one half does as well.
    assert (record["threshold"], record["test_tuned_acc"]) == (0.5, 1)
    assert record["history"] == history
    assert '"epoch": 1,' in json.dumps(record)


def test_probabilities_stand_beside_the_review_they_are_of(
    parts: dict[str, Reviews], tmp_path: Path
) -> None:
    other = {name: values / 2 for name, values in SCORED.items()}
    scores.save_probabilities(tmp_path / "p.parquet", parts, {0: SCORED, 7: other})
    table = pq.read_table(tmp_path / "p.parquet")
    assert [f"{field.name} {field.type}" for field in table.schema] == [
        "id string",
        "part string",
        "label int8",
        "seed_0 float",
        "seed_7 float",
    ]
    rows = {row["id"]: row for row in table.to_pylist()}
    assert len(rows) == table.num_rows == 5
    assert rows["train/neg/4_2"] == {
        "id": "train/neg/4_2",
        "part": "validation",
        "label": 0,
        "seed_0": 0.75,
        "seed_7": 0.375,
    }
    assert rows["test/neg/12_1"]["seed_0"] == 0.125
    assert rows["test/pos/0_9"]["part"] == "test"


def test_a_run_of_three_classes_has_no_threshold(parts: dict[str, Reviews]) -> None:
    labels = {"validation": [0, 1, 2], "test": [2, 1]}
    held = {part: parts[part]._replace(labels=np.array(labels[part], np.int8)) for part in parts}
    scored = {part: np.eye(3, dtype=np.float32)[labels[part]] for part in parts}
    history = [{"epoch": 1, "acc": 0.5, "loss": 0.9, "val_acc": 0.1, "val_loss": 1.1}]
    record = scores.run_record(0, "ab12", history, held, scored)
    names = ("acc", "loss", "auc", "f1", "brier", "ece")
    own = [f"{prefix}_{name}" for prefix in ("val", "test") for name in names]
    assert list(record) == ["seed", "acc", "loss", *own, "weights", "history"]
    assert (record["val_acc"], record["test_acc"], record["test_auc"]) == (1, 1, 1)


def test_probabilities_are_read_back_as_they_were_saved(
    parts: dict[str, Reviews], tmp_path: Path
) -> None:
    chance = np.random.default_rng(0)
    # More than ten classes: in the order of their numbers, 10 behind 9.
    more = {
        seed: {part: chance.random((len(r.names), 12), np.float32) for part, r in parts.items()}
        for seed in (1, 10)
    }
    scores.save_probabilities(tmp_path / "two.parquet", parts, {1: SCORED, 10: SCORED})
    scores.save_probabilities(tmp_path / "more.parquet", parts, more)
    frame = pq.read_table(tmp_path / "more.parquet").to_pandas()
    assert list(frame)[:5] == ["id", "part", "label", "seed_1_0", "seed_1_1"]
    for seed, by_part in more.items():
        found = scores.probabilities_of(frame, seed)
        assert found.dtype == np.float32
        assert np.array_equal(found, np.concatenate([by_part[part] for part in parts]))
    found = scores.probabilities_of(pq.read_table(tmp_path / "two.parquet").to_pandas(), 10)
    assert (found.dtype, found.ndim) == (np.float32, 1)
    assert np.array_equal(found, np.concatenate([SCORED[part] for part in parts]))


def test_equal_probabilities_give_equal_bytes(parts: dict[str, Reviews], tmp_path: Path) -> None:
    for name in ("one", "same"):
        scores.save_probabilities(tmp_path / name, parts, {0: SCORED})
    assert sha256(tmp_path / "one") == sha256(tmp_path / "same")


# Runs the stage in its first argument with the others, and says which of the two it imported.
IMPORTED = """
import runpy, sys
del sys.argv[0]
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
except SystemExit as end:
    assert not end.code, end.code
print(*sorted({"keras", "tensorflow"} & set(sys.modules)))
"""


@pytest.mark.parametrize(("engine", "imported"), [("numba", ""), ("keras", "keras tensorflow")])
def test_the_stage_imports_keras_and_tensorflow_only_where_they_compute(
    workplace: Workplace, engine: EngineName, imported: str
) -> None:
    # What suits this processor needs nothing of the environment that `sentiment run` gives.
    workplace.set(train={"target": "native"}, seeds=[0])
    parts = ["validation", "test"] * 3
    names, ids = [f"train/pos/{number}_9" for number in range(6)], [[1, 2], [3], [], [4], [5], [6]]
    packed = encoding.pack(names, parts, [1, 1, 0, 0, 1, 0], cells.encoded(ids), cells.LENGTH)
    packed.save(Path("data/tokens"))
    cells.write_words(Path("data"))
    cells.write_weights(weights.path(Path("cell"), 0), "bilstm-2")
    history = "seed,epoch,acc,loss,val_acc,val_loss\n0,1,0.5,0.7,0.5,0.7\n"
    Path("cell/history.csv").write_text(history)
    trained = Trained("bilstm", 2, "flatten", 1, engine, {"target": "native"}, "a" * 64, "c" * 64)
    trained.write(Path("cell/model.json"))
    command = [sys.executable, "-c", IMPORTED, str(ROOT / "stages" / "evaluate.py")]
    command += ["lecture", "bilstm-2", "reviews", "data", "cell", "p.parquet", "r.json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, imported), done.stderr
    assert [run["seed"] for run in read_json(Path("r.json"))["seeds"]] == [0]
    assert pq.read_table("p.parquet").num_rows == 6
