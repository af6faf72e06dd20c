"""A long short-term memory in one direction (Hochreiter and Schmidhuber 1997).

With the forget gate of Gers, Schmidhuber and Cummins (2000), whose bias is 1 at the start. The
gates stand in Keras' order: input, forget, candidate, output.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sentiment.scans.compiling import compiled
from sentiment.scans.loops import scan
from sentiment.scans.pointwise import ONE, tanh

if TYPE_CHECKING:
    import keras


def layers(units: int, return_sequences: bool) -> list[keras.Layer]:
    """The layer."""
    import keras

    return [keras.layers.LSTM(units, return_sequences=return_sequences, name="recurrent")]


@compiled
def _step(x, inner, time, before, after, states, saved):
    h, c, c_before = states[0][after], states[1][after], states[1][before]
    gates, units = saved[0][time], h.shape[1]
    # A sigmoid is a tanh at half scale, so one tanh serves all four gates.
    scale = np.full(4 * units, np.float32(0.5))
    scale[2 * units : 3 * units] = 1
    for b in range(len(h)):
        for gate in range(4 * units):
            squeezed = tanh((x[b, gate] + inner[b, gate]) * scale[gate])
            gates[b, gate] = squeezed * scale[gate] + (ONE - scale[gate])
    for b in range(len(h)):
        i, f, g = gates[b, :units], gates[b, units : 2 * units], gates[b, 2 * units : 3 * units]
        for u in range(units):
            c[b, u] = f[u] * c_before[b, u] + i[u] * g[u]
    flat, cells = h.reshape(-1), c.reshape(-1)
    for index in range(cells.size):
        flat[index] = tanh(cells[index])
    for b in range(len(h)):
        o = gates[b, 3 * units :]
        for u in range(units):
            h[b, u] *= o[u]


@compiled
def _back(received, time, before, after, states, saved, dx, direct):
    dh, dc, c_before = received[0], received[1], states[1][before]
    gates, units = saved[0][time], dh.shape[1]
    squashed = np.empty_like(dh)
    flat, cells = squashed.reshape(-1), states[1][after].reshape(-1)
    # Computed again rather than saved: memory is slower.
    for index in range(cells.size):
        flat[index] = tanh(cells[index])
    for b in range(len(dh)):
        i, f, g = gates[b, :units], gates[b, units : 2 * units], gates[b, 2 * units : 3 * units]
        o = gates[b, 3 * units :]
        di, df, dg = dx[b, :units], dx[b, units : 2 * units], dx[b, 2 * units : 3 * units]
        do = dx[b, 3 * units :]
        for u in range(units):
            do[u] = dh[b, u] * squashed[b, u] * o[u] * (ONE - o[u])
            dc[b, u] += dh[b, u] * o[u] * (ONE - squashed[b, u] * squashed[b, u])
        for u in range(units):
            di[u] = dc[b, u] * g[u] * i[u] * (ONE - i[u])
            dg[u] = dc[b, u] * i[u] * (ONE - g[u] * g[u])
        for u in range(units):
            df[u] = dc[b, u] * c_before[b, u] * f[u] * (ONE - f[u])
            dc[b, u] *= f[u]
    direct[:] = 0


@compiled
def _same(dx, time, saved):
    pass


SCAN = scan(
    "lstm",
    gates=4,
    states=2,
    saved={"gates": 4},
    step=_step,
    back=_back,
    inner_gradient=_same,
)
