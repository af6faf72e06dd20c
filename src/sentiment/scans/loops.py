"""The loop over time of one direction of a layer, compiled around an architecture's equations.

The input comes projected, a row for each distinct word, and each step reads the rows of its words
(Appleyard, Kocisky and Blunsom 2016, section 3). On the way back a step adds its gradient to those
rows, and the recurrent kernel's gradient is one product for many steps.

The loops are written once. `scan` compiles them anew for each architecture, around its equations,
whose parts are `step`, `back` and `inner` below. Shapes and types stand in `scans.recurrent`.
"""

from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any, NamedTuple

import numpy as np

from sentiment.scans.compiling import compiled, kept
from sentiment.scans.pointwise import add
from sentiment.scans.product import multiply

# Steps whose gradients are kept, to be multiplied by their states while they are in the cache.
BLOCK = 16


class Scan(NamedTuple):
    """What tells one recurrent layer from another."""

    name: str  # of the equations: simple, lstm or gru
    gates: int  # width of the input's projection, in units
    states: int  # arrays carried from step to step, the output first
    saved: Mapping[str, int]  # by name the width, in units, of what the way back needs of each step
    forward: Callable[..., None]
    backward: Callable[..., None]
    biases: int = 1  # 2 if the recurrent product has one of its own
    directions: int = 1
    is_recurrent: bool = True  # otherwise each word is seen alone: the recurrent kernel is zero


def step(x, inner, time, before, after, states, saved):
    """Fill in the states `after` the step and what is saved of it, at `time`.

    From the input's projection `x` and the recurrent product `inner`, [B, G], both with their bias,
    and the states `before`.
    """
    raise NotImplementedError


def back(received, time, before, after, states, saved, dx, direct):
    """Take the gradients of the states after, `received` [states, B, U].

    Write the gradient of `x` to `dx`, and those of the states before: that of the output, what goes
    through `inner` left aside, to `direct`, those of the others in their place.
    """
    raise NotImplementedError


def inner_gradient(dx, time, saved):
    """Turn the gradient of `x` into that of `inner`, in place."""
    raise NotImplementedError


def scan(
    name: str,
    *,
    gates: int,
    states: int,
    saved: Mapping[str, int],
    step: Callable[..., None],
    back: Callable[..., None],
    inner_gradient: Callable[..., None],
    biases: int = 1,
) -> Scan:
    """The loops around these equations, which `compiled` has decorated."""
    names = {"step": step, "back": back, "inner_gradient": inner_gradient}
    run_forward, run_backward = (_around(loop, name, names) for loop in (_forward, _backward))
    return Scan(name, gates, states, saved, run_forward, run_backward, biases)


def _around(loop: Callable[..., None], name: str, names: dict[str, Any]) -> Callable[..., None]:
    """`loop` as if the functions that it calls by these `names` stood beside it.

    Numba keeps on disk what calls a function by its name, and nothing that has one as argument.
    """
    copy = FunctionType(loop.__code__, {**globals(), **names}, loop.__name__)
    # Numba tells by this name what it kept.
    copy.__qualname__ = f"{name}{loop.__name__}"
    return kept(copy)


def _forward(projected, positions, kernel, bias, backwards, states, saved):
    steps, batch = positions.shape
    x = np.empty((batch, kernel.shape[1]), np.float32)
    inner = np.empty_like(x)
    for turn in range(steps):
        time, before, after = _times(turn, steps, backwards)
        multiply(states[0][before], kernel, inner)
        for b in range(batch):
            row = projected[positions[time, b]]
            for gate in range(len(row)):
                x[b, gate] = row[gate]
            for gate in range(len(bias)):
                inner[b, gate] += bias[gate]
        step(x, inner, time, before, after, states, saved)


def _backward(
    d_outputs, positions, transposed, backwards, states, saved, d_projected, d_kernel, d_bias
):
    steps, batch, units = d_outputs.shape
    received = np.zeros((len(states), batch, units), np.float32)
    direct = np.zeros((batch, units), np.float32)
    kept = np.empty((BLOCK, batch, d_kernel.shape[1]), np.float32)
    product = np.empty_like(d_kernel)
    for end in range(steps, 0, -BLOCK):
        begin = max(end - BLOCK, 0)
        # Where the block begins in time, and where the states before its steps do.
        first = steps - end if backwards else begin
        first_before = first + 1 if backwards else first
        for turn in range(end - 1, begin - 1, -1):
            time, before, after = _times(turn, steps, backwards)
            add(received[0], d_outputs[time])
            dx = kept[time - first]
            back(received, time, before, after, states, saved, dx, direct)
            for b in range(batch):
                row = d_projected[positions[time, b]]
                for gate in range(len(row)):
                    row[gate] += dx[b, gate]
            inner_gradient(dx, time, saved)
            multiply(dx, transposed, received[0])
            add(received[0], direct)
        count = end - begin
        gradients = kept[:count].reshape(count * batch, -1)
        outputs = states[0][first_before : first_before + count].reshape(count * batch, units)
        multiply(outputs.T, gradients, product)
        add(d_kernel, product)
        for row in range(len(gradients) if len(d_bias) else 0):
            for gate in range(len(d_bias)):
                d_bias[gate] += gradients[row, gate]


@compiled
def _times(turn, steps, backwards):
    """Time of a step in the input, and where the states before and after it stand."""
    if backwards:
        time = steps - 1 - turn
        return time, time + 1, time
    return turn, turn, turn + 1
