"""The recurrent loop of one direction of a layer, forward and back through time.

Numba compiles it anew for each cell of `steps`. The input comes projected, a row a distinct word,
and each step reads the rows of its words (Appleyard, Kocisky and Blunsom 2016, section 3). On the
way back a step adds its gradient to those rows, and the recurrent kernel's gradient is one product
for many steps.

Shapes: words W, time T, batch B, units U, gates G (1, 4 or 3 times U); arrays are float32 and C
contiguous, `positions` is int32. A scan runs forwards in time or backwards, and its states
[T + 1, B, U] stand in the order of time: the zeros it starts from come first, or last if backwards.
"""

from typing import NamedTuple

import numpy as np

from sentiment.pointwise import add, compiled
from sentiment.scratch import Scratch
from sentiment.steps import RecurrentCell

# Steps whose gradients are kept, to be multiplied by their states while they are in the cache.
BLOCK = 16


class Pass(NamedTuple):
    """What a scan leaves behind for the way back."""

    states: tuple[np.ndarray, ...]
    saved: tuple[np.ndarray, ...]
    backwards: bool

    @property
    def outputs(self) -> np.ndarray:
        """The output of every step, [T, B, U]."""
        return self.states[0][:-1] if self.backwards else self.states[0][1:]


def forward(
    cell: RecurrentCell,
    projected: np.ndarray,
    positions: np.ndarray,
    kernel: np.ndarray,
    bias: np.ndarray,
    backwards: bool,
    scratch: Scratch,
) -> Pass:
    """Run `cell` through all steps from zero states.

    `projected` [W, G]; `positions` [T, B], rows of it; `kernel` [U, G]; `bias` [G] is added to the
    recurrent product, [0] stands for none. What it gives lies in `scratch`.
    """
    (steps, batch), units = positions.shape, len(kernel)
    states = tuple(
        scratch(f"state {number}", steps + 1, batch, units) for number in range(cell.states)
    )
    for state in states:
        state[-1 if backwards else 0] = 0
    saved = tuple(
        scratch(f"saved {number}", steps, batch, width * units)
        for number, width in enumerate(cell.saved)
    )
    _forward(cell.step, projected, positions, kernel, bias, backwards, states, saved)
    return Pass(states, saved, backwards)


def backward(
    cell: RecurrentCell,
    d_outputs: np.ndarray,
    words: int,
    positions: np.ndarray,
    kernel: np.ndarray,
    bias: np.ndarray,
    done: Pass,
    scratch: Scratch,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gradients of `projected` [words, G], `kernel` and `bias`, from that of the outputs [T, B, U].

    The first lies in `scratch`.
    """
    d_projected = scratch("d_projected", words, kernel.shape[1])
    d_projected[:] = 0
    d_kernel, d_bias = np.zeros_like(kernel), np.zeros_like(bias)
    _backward(
        cell.back,
        cell.inner,
        d_outputs,
        positions,
        np.ascontiguousarray(kernel.T),
        done.backwards,
        done.states,
        done.saved,
        d_projected,
        d_kernel,
        d_bias,
    )
    return d_projected, d_kernel, d_bias


@compiled
def _forward(step, projected, positions, kernel, bias, backwards, states, saved):
    steps, batch = positions.shape
    x = np.empty((batch, kernel.shape[1]), np.float32)
    inner = np.empty_like(x)
    for turn in range(steps):
        time, before, after = _times(turn, steps, backwards)
        np.dot(states[0][before], kernel, inner)
        for b in range(batch):
            row = projected[positions[time, b]]
            for gate in range(len(row)):
                x[b, gate] = row[gate]
            for gate in range(len(bias)):
                inner[b, gate] += bias[gate]
        step(x, inner, time, before, after, states, saved)


@compiled
def _backward(
    back,
    inner,
    d_outputs,
    positions,
    transposed,
    backwards,
    states,
    saved,
    d_projected,
    d_kernel,
    d_bias,
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
            inner(dx, time, saved)
            np.dot(dx, transposed, received[0])
            add(received[0], direct)
        count = end - begin
        gradients = kept[:count].reshape(count * batch, -1)
        outputs = states[0][first_before : first_before + count].reshape(count * batch, units)
        np.dot(outputs.T, gradients, product)
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
