"""A recurrent layer run step by step in NumPy, with every gate kept, from its saved weights.

Written out as stock Keras defines the layers (Elman 1990; Hochreiter and Schmidhuber 1997 with the
forget gate of Gers, Schmidhuber and Cummins 2000; Cho et al. 2014 with the reset gate after the
product), to be read beside the lesson and to check what the compiled scans give.

Shapes: time T, batch B, units U, gates G (1, 4 or 3 times U). Numbers are of the dtype that the
weights have.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import expit

from sentiment.networks import finding
from sentiment.networks.finding import Model
from sentiment.scans.loops import Scan

# Names of a layer's two directions.
NAMES = ("forward", "backward")


class Direction(NamedTuple):
    """One direction of a recurrent layer and its weights, in Keras' order of gates."""

    scan: Scan
    backwards: bool
    kernel: np.ndarray  # [dimensions, G]
    recurrent: np.ndarray  # [U, G]
    bias: np.ndarray  # [G]; of a GRU [2, G], the second row inside the reset gate

    @property
    def cell(self) -> str:
        """`simple`, `lstm` or `gru`."""
        return self.scan.name

    @property
    def name(self) -> str:
        """`forward` or `backward`."""
        return NAMES[self.backwards]

    def project(self, embedded: np.ndarray) -> np.ndarray:
        """What the input brings to each gate, [..., G], of word vectors [..., dimensions]."""
        return embedded @ self.kernel + (self.bias if self.bias.ndim == 1 else self.bias[0])


class Step(NamedTuple):
    """One step: the states before and after it, and what is between them."""

    before: np.ndarray  # [B, U]
    state: np.ndarray  # [B, U]
    cell_before: np.ndarray  # [B, U] of an LSTM, else [B, 0]
    cell: np.ndarray  # the same after the step
    inner: np.ndarray  # [B, G], the recurrent product, with the GRU's second bias
    gates: dict[str, np.ndarray]  # by name [B, U]

    @property
    def taken_in(self) -> np.ndarray:
        """The tanh through which the input comes in, [B, U]: candidate, or plain layer's state."""
        return self.gates.get("candidate", self.state)


def of_network(
    model: Model, weights: Sequence[np.ndarray], dtype: type = np.float64
) -> list[Direction]:
    """The directions of a network's layer, forwards first, with weights of `dtype`.

    `weights` are all of the network's, in Keras' order. Empty for a layer without recurrence,
    and for an architecture without a `SCAN`.
    """
    scan = finding.scan(model.architecture)
    if scan is None or not scan.is_recurrent:
        return []
    own: list[np.ndarray] = [weight.astype(dtype) for weight in weights[: 3 * scan.directions]]
    return [
        Direction(scan, number == 1, *own[3 * number : 3 * number + 3])
        for number in range(scan.directions)
    ]


def walk(direction: Direction, projected: np.ndarray, start: Step | None = None) -> Iterator[Step]:
    """Run a direction over `projected` [T, B, G], in the order of its running; yield each `Step`.

    From zero states, or in the place of the step `start` with those before it.
    """
    advance = ADVANCE[direction.cell]
    state = np.zeros((projected.shape[1], len(direction.recurrent)), projected.dtype)
    cell = state if direction.cell == "lstm" else state[:, :0]
    if start is not None:
        state, cell = start.before, start.cell_before
    for x in projected:
        inner = state @ direction.recurrent
        if direction.bias.ndim == 2:
            inner += direction.bias[1]
        step = advance(x, inner, state, cell)
        yield step
        state, cell = step.state, step.cell


def _simple(x: np.ndarray, inner: np.ndarray, before: np.ndarray, none: np.ndarray) -> Step:
    return Step(before, np.tanh(x + inner), none, none, inner, {})


def _lstm(x: np.ndarray, inner: np.ndarray, before: np.ndarray, cell: np.ndarray) -> Step:
    i, f, g, o = np.split(x + inner, 4, axis=-1)
    i, f, g, o = expit(i), expit(f), np.tanh(g), expit(o)
    after = f * cell + i * g
    gates = {"input": i, "forget": f, "candidate": g, "output": o}
    return Step(before, o * np.tanh(after), cell, after, inner, gates)


def _gru(x: np.ndarray, inner: np.ndarray, before: np.ndarray, none: np.ndarray) -> Step:
    (xz, xr, xg), (iz, ir, ig) = np.split(x, 3, axis=-1), np.split(inner, 3, axis=-1)
    z, r = expit(xz + iz), expit(xr + ir)
    g = np.tanh(xg + r * ig)
    gates = {"update": z, "reset": r, "candidate": g}
    return Step(before, z * before + (1 - z) * g, none, none, inner, gates)


ADVANCE: dict[str, Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], Step]] = {
    "simple": _simple,
    "lstm": _lstm,
    "gru": _gru,
}
