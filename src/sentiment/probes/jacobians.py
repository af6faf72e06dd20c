"""How far a word's vector moves later states: the Jacobian's norm, carried forward exactly.

Forward mode: the derivative of a step's states by the input of one earlier step, [rows, U] for
each review, goes through the step's own derivative. Only its norm is wanted, which an orthogonal
change of the rows leaves alone, so a QR decomposition keeps as many rows as there are states
instead of one for each of the word vector's dimensions. See Bengio, Simard and Frasconi (1994) and
Pascanu, Mikolov and Bengio (2013, section 2) for the product of Jacobians, and Verwimp et al.
(2018) for following it over a corpus.
"""

from collections.abc import Callable, Iterable

import numpy as np

from sentiment.probes.traces import Direction, Step

# Derivatives of state and cell state, [B, rows, U]; of the cell's only an LSTM has columns.
Tangent = tuple[np.ndarray, np.ndarray]


def norms(direction: Direction, steps: Iterable[Step]) -> np.ndarray:
    """Frobenius norm of d state(t+k) / d x(t), [steps, B], where x(t) is the first step's input.

    `steps` are those of `traces.walk` from time t on.
    """
    through = THROUGH[direction.cell]
    # The word vector's dimensions, turned so that no more are left than gates.
    inputs = np.asarray(np.linalg.qr(direction.kernel, "r"))[None]
    states = np.zeros((1, inputs.shape[1], len(direction.recurrent)), inputs.dtype)
    cells = states if direction.cell == "lstm" else states[..., :0]
    found: list[np.ndarray] = []
    for step in steps:
        tangent = through(step, inputs, states @ direction.recurrent, states, cells)
        # The first step's input alone is moved.
        states, cells = tangent if found else _compressed(*tangent)
        inputs = inputs[:, :1] * 0
        found.append(np.linalg.norm(states, axis=(1, 2)))
    return np.stack(found)


def _compressed(states: np.ndarray, cells: np.ndarray) -> Tangent:
    """Tangents with the same products of columns, in as few rows as possible."""
    both = np.concatenate([states, cells], 2)
    if both.shape[1] > both.shape[2]:
        both = np.asarray(np.linalg.qr(both, "r"))
    units = states.shape[2]
    return np.ascontiguousarray(both[..., :units]), np.ascontiguousarray(both[..., units:])


def _simple(
    step: Step, inputs: np.ndarray, inner: np.ndarray, _: np.ndarray, cells: np.ndarray
) -> Tangent:
    return (1 - step.state**2)[:, None] * (inputs + inner), _none(cells, len(step.state))


def _lstm(
    step: Step, inputs: np.ndarray, inner: np.ndarray, _: np.ndarray, cells: np.ndarray
) -> Tangent:
    names = ("input", "forget", "candidate", "output")
    i, f, g, o = (step.gates[name][:, None] for name in names)
    di, df, dg, do = np.split(inputs + inner, 4, axis=-1)
    squashed = np.tanh(step.cell)[:, None]
    moved = g * i * (1 - i) * di + i * (1 - g**2) * dg + f * cells
    moved += step.cell_before[:, None] * f * (1 - f) * df
    return squashed * o * (1 - o) * do + o * (1 - squashed**2) * moved, moved


def _gru(
    step: Step, inputs: np.ndarray, inner: np.ndarray, states: np.ndarray, cells: np.ndarray
) -> Tangent:
    z, r, g = (step.gates[name][:, None] for name in ("update", "reset", "candidate"))
    before, product = step.before[:, None], np.split(step.inner, 3, axis=-1)[2][:, None]
    (xz, xr, xg), (iz, ir, ig) = (np.split(part, 3, axis=-1) for part in (inputs, inner))
    dr = r * (1 - r) * (xr + ir)
    moved = (before - g) * z * (1 - z) * (xz + iz) + z * states
    moved += (1 - z) * (1 - g**2) * (xg + r * ig + dr * product)
    return moved, _none(cells, len(step.state))


def _none(cells: np.ndarray, reviews: int) -> np.ndarray:
    return np.broadcast_to(cells, (reviews, *cells.shape[1:]))


# From what the input and the recurrent product change to what the step's states change.
THROUGH: dict[str, Callable[..., Tangent]] = {"simple": _simple, "lstm": _lstm, "gru": _gru}
