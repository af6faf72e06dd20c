"""The recurrent loop of one direction of a layer, run forward and back through time.

Shapes: words W, time T, batch B, units U, gates G (1, 4 or 3 times U); arrays are float32 and C
contiguous, `positions` is int32. A scan runs forwards in time or backwards, and its states
[T + 1, B, U] stand in the order of time: the zeros it starts from come first, or last if backwards.
"""

from typing import NamedTuple

import numpy as np

from sentiment.scans.loops import Scan
from sentiment.scans.scratch import Scratch


class Pass(NamedTuple):
    """What a scan leaves behind for the way back."""

    states: tuple[np.ndarray, ...]
    saved: dict[str, np.ndarray]
    backwards: bool

    @property
    def outputs(self) -> np.ndarray:
        """The output of every step, [T, B, U]."""
        return self.states[0][:-1] if self.backwards else self.states[0][1:]


def forward(
    scan: Scan,
    *,
    projected: np.ndarray,
    positions: np.ndarray,
    kernel: np.ndarray,
    bias: np.ndarray,
    backwards: bool,
    scratch: Scratch,
) -> Pass:
    """Run `scan` through all steps from zero states.

    `projected` [W, G]; `positions` [T, B], rows of it; `kernel` [U, G]; `bias` [G] is added to the
    recurrent product, [0] stands for none. The result lies in `scratch`.
    """
    (steps, batch), units = positions.shape, len(kernel)
    states = tuple(
        scratch(f"state {number}", steps + 1, batch, units) for number in range(scan.states)
    )
    for state in states:
        state[-1 if backwards else 0] = 0
    saved = {
        name: scratch(f"saved {name}", steps, batch, width * units)
        for name, width in scan.saved.items()
    }
    scan.forward(projected, positions, kernel, bias, backwards, states, tuple(saved.values()))
    return Pass(states, saved, backwards)


def backward(
    scan: Scan,
    *,
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
    scan.backward(
        d_outputs,
        positions,
        np.ascontiguousarray(kernel.T),
        done.backwards,
        done.states,
        tuple(done.saved.values()),
        d_projected,
        d_kernel,
        d_bias,
    )
    return d_projected, d_kernel, d_bias
