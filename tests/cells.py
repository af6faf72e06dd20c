"""Cells that look trained: random vectors and weights, and results to match."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from sentiment.data.encoding import Encoded
from sentiment.networks import classifiers
from sentiment.networks.weights import path as weights
from sentiment.prediction.predictor import Kind
from sentiment.scans.pooling import ReadOut
from sentiment.storage.files import sha256, write_json, write_text

WORDS = ["good", "bad", "film", "the", "a", "not", "dull", "great"]
LENGTH, DIMENSIONS, DROPOUT = 12, 8, 0.2
CLASSES = ("negative", "positive")
# What params.yaml says of a protocol.
PROTOCOL = {"split": "grouped", "seed": 1, "test": None, "validation": 0.2}
PROTOCOL |= {"tokens": "words", "length": LENGTH, "unknown": None}


@dataclass(frozen=True)
class Model:
    """What `networks` must know of a model."""

    architecture: str
    units: int = 3
    read_out: str = "flatten"
    outputs: int = 1


def encoded(reviews: Sequence[Sequence[int]]) -> Encoded:
    """What encoding gives for reviews of these ids."""
    ids = [number for review in reviews for number in review]
    return Encoded(np.array(ids, np.int32), np.array(list(map(len, reviews)), np.int64))


def kind(model: str, read_out: ReadOut = "flatten", classes: tuple[str, ...] = CLASSES) -> Kind:
    """What a predictor must know of `model`, as in lstm-3."""
    architecture, units = model.split("-")
    shape = LENGTH, classes, architecture, int(units), read_out
    return Kind("bymovie", "words", *shape, "numba")


def write_words(folder: Path, words: list[str] = WORDS) -> None:
    """Words and vectors; the last word's is zero."""
    write_text(folder / "vocabulary.txt", "".join(f"{word}\n" for word in words))
    vectors = np.random.default_rng(0).normal(size=(len(words), DIMENSIONS)).astype(np.float32)
    vectors[-1] = 0
    np.save(folder / "vectors.npy", vectors)


def write_weights(
    path: Path, model: str, seed: int = 0, scale: float = 1.0, outputs: int = 1
) -> keras.Model:
    """Weights that answer differently to each text, times `scale`."""
    architecture, units = model.split("-")
    described = Model(architecture, int(units), outputs=outputs)
    shape = {"length": LENGTH, "dimensions": DIMENSIONS}
    network = classifiers.build(described, **shape, dropout=DROPOUT)
    random = np.random.default_rng(seed)
    shapes = [weight.shape for weight in network.get_weights()]
    network.set_weights([scale * random.normal(size=shape) / 2 for shape in shapes])
    path.parent.mkdir(parents=True, exist_ok=True)
    network.save_weights(path)
    return network


def write_cell(root: Path, protocol: str, model: str, val_accs: list[float]) -> None:
    """A cell with a seed for each validation accuracy; the worse it is, the better on test."""
    runs = []
    for seed, val_acc in enumerate(val_accs):
        path = weights(root / "models" / protocol / model, seed)
        write_weights(path, model, seed)
        values = {"acc": val_acc, "val_acc": val_acc, "test_acc": 1 - val_acc}
        runs.append({"seed": seed, **values, "weights": sha256(path), "history": []})
    architecture, units = model.split("-")
    cell = {"protocol": protocol, "model": model, "architecture": architecture}
    cell |= {"units": int(units), "parameters": 1, "vectors": "reviews", "seeds": runs}
    write_json(root / f"reports/results/{protocol}/{model}.json", cell)
