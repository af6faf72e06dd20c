"""What a cell's training leaves, read without Keras: weights as Keras saved them, and histories."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import h5py
import numpy as np

from sentiment.errors import UserError
from sentiment.networks.finding import Model, find

if TYPE_CHECKING:
    import keras


def path(folder: Path, seed: int) -> Path:
    """Where a cell's output `folder` has the weights of `seed`."""
    return folder / f"seed-{seed}.weights.h5"


def history(folder: Path, seed: int) -> list[dict[str, float]]:
    """The epochs of `seed` in a cell's output: epoch, acc, loss, val_acc and val_loss."""
    with (folder / "history.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if int(row.pop("seed")) == seed]
    # Not pandas: Python reads back every digit that was written.
    return [
        {name: int(value) if name == "epoch" else float(value) for name, value in row.items()}
        for row in rows
    ]


def read(file: Path, model: Model, *, length: int, dimensions: int) -> list[np.ndarray]:
    """Weights in Keras' order: of each direction kernel, recurrent kernel and bias, then read-out.

    A dense layer has no recurrent kernel. float32 arrays. For an architecture with a `SCAN`;
    UserError for the weights of another network than `model` on reviews of `length` tokens.
    """
    with h5py.File(file) as archive:
        try:
            found = [np.asarray(values) for values in _arrays(archive["layers"])]
        except KeyError:  # layers of other names
            found = []
    if [values.shape for values in found] != _shapes(model, length, dimensions):
        raise _others(file, f"{model.architecture}-{model.units}", length)
    return found


def load(file: Path, classifier: keras.Model) -> None:
    """Put the weights into `classifier`, of whatever architecture; UserError for another's."""
    try:
        classifier.load_weights(file)
    except ValueError:
        raise _others(file, classifier.name, classifier.input_shape[1]) from None


def _others(file: Path, name: str, length: int) -> UserError:
    return UserError(
        f"{file}: not the weights of {name} on {length} tokens, as params.yaml has it: "
        "run `sentiment run` to bring it up to date"
    )


def _arrays(layers: h5py.Group) -> Iterator[h5py.Dataset]:
    """The recurrent layer's weights, forward before backward, then those of the read-out."""
    named = {group["vars"].attrs.get("name"): group for group in layers.values()}
    recurrent = named["recurrent"]
    ways = [f"{way}_layer" for way in ("forward", "backward") if f"{way}_layer" in recurrent]
    for layer in [recurrent[way] for way in ways] or [recurrent]:
        yield from _numbered(layer.get("cell", layer)["vars"])
    yield from _numbered(named["read_out"]["vars"])


def _numbered(group: h5py.Group) -> list[h5py.Dataset]:
    return [group[number] for number in sorted(group, key=int)]


def _shapes(model: Model, length: int, dimensions: int) -> list[tuple[int, ...]]:
    equations = find(model.architecture).SCAN
    units, width = model.units, equations.gates * model.units
    bias = (width,) if equations.biases == 1 else (equations.biases, width)
    recurrent = [(units, width)] if equations.is_recurrent else []
    steps = length if model.read_out == "flatten" else 1
    each: list[tuple[int, ...]] = [(dimensions, width), *recurrent, bias]
    seen = steps * equations.directions * units
    return [*each * equations.directions, (seen, model.outputs), (model.outputs,)]
