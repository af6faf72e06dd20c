"""The pointwise part of a recurrent step, forward and back, as stock Keras defines it.

Compiled by Numba, for a whole batch at one time. Products, loops and what a step reads and leaves
are the same for every cell and live in `recurrent`, which also says what the shapes mean.
"""

from collections.abc import Callable
from typing import NamedTuple

import keras
import numpy as np

from sentiment.pointwise import ONE, compiled, tanh


class RecurrentCell(NamedTuple):
    """What tells one recurrent architecture from another.

    `states` counts the arrays carried from step to step, the output first; `saved` has the width,
    in units, of each further array that the way back wants of every step. The functions find the
    step at `time` in what is saved, and the states at `before` and `after` it.
    `step(x, inner, time, before, after, states, saved)` fills in the states after the step and what
    is saved, from the input's projection and the recurrent product, [B, G], both with their bias.
    `back(received, time, before, after, states, saved, dx, direct)` takes the gradients of the
    states after, [states, B, U]. It writes the gradient of x, and those of the states before:
    the output's, `inner` left aside, to `direct`, the others' in their place.
    `inner(dx, time, saved)` turns the gradient of x into that of `inner`.
    """

    states: int
    saved: tuple[int, ...]
    step: Callable[..., None]
    back: Callable[..., None]
    inner: Callable[..., None]


@compiled
def _simple_step(x, inner, time, before, after, states, saved):
    h = states[0][after]
    flat, projected, product = h.reshape(-1), x.reshape(-1), inner.reshape(-1)
    for index in range(flat.size):
        flat[index] = projected[index] + product[index]
    tanh(h)


@compiled
def _simple_back(received, time, before, after, states, saved, dx, direct):
    flat, h, dh = dx.reshape(-1), states[0][after].reshape(-1), received[0].reshape(-1)
    for index in range(flat.size):
        flat[index] = dh[index] * (ONE - h[index] * h[index])
    direct[:] = 0


@compiled
def _same(dx, time, saved):
    pass


@compiled
def _lstm_step(x, inner, time, before, after, states, saved):
    h, c, c_before = states[0][after], states[1][after], states[1][before]
    gates, squashed, units = saved[0][time], np.empty_like(c), h.shape[1]
    # A sigmoid is a tanh at half scale, so one tanh serves all four gates.
    scale = np.full(4 * units, np.float32(0.5))
    scale[2 * units : 3 * units] = 1
    for b in range(len(h)):
        for gate in range(4 * units):
            gates[b, gate] = (x[b, gate] + inner[b, gate]) * scale[gate]
    tanh(gates)
    for b in range(len(h)):
        for gate in range(4 * units):
            gates[b, gate] = gates[b, gate] * scale[gate] + (ONE - scale[gate])
    for b in range(len(h)):
        i, f, g = gates[b, :units], gates[b, units : 2 * units], gates[b, 2 * units : 3 * units]
        for u in range(units):
            value = f[u] * c_before[b, u] + i[u] * g[u]
            c[b, u] = value
            squashed[b, u] = value
    tanh(squashed)
    for b in range(len(h)):
        o = gates[b, 3 * units :]
        for u in range(units):
            h[b, u] = o[u] * squashed[b, u]


@compiled
def _lstm_back(received, time, before, after, states, saved, dx, direct):
    dh, dc, c_before = received[0], received[1], states[1][before]
    gates, units = saved[0][time], dh.shape[1]
    # Computed again rather than saved: memory is slower.
    squashed = states[1][after].copy()
    tanh(squashed)
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
def _gru_step(x, inner, time, before, after, states, saved):
    h, h_before = states[0][after], states[0][before]
    zr, g, product, units = saved[0][time], saved[1][time], saved[2][time], h.shape[1]
    for b in range(len(h)):
        for gate in range(2 * units):
            zr[b, gate] = (x[b, gate] + inner[b, gate]) * np.float32(0.5)
    tanh(zr)
    for b in range(len(h)):
        for gate in range(2 * units):
            zr[b, gate] = zr[b, gate] * np.float32(0.5) + np.float32(0.5)
        for u in range(units):
            product[b, u] = inner[b, 2 * units + u]
            g[b, u] = x[b, 2 * units + u] + zr[b, units + u] * product[b, u]
    tanh(g)
    for b in range(len(h)):
        for u in range(units):
            h[b, u] = zr[b, u] * h_before[b, u] + (ONE - zr[b, u]) * g[b, u]


@compiled
def _gru_back(received, time, before, after, states, saved, dx, direct):
    dh, h_before = received[0], states[0][before]
    zr, g, product, units = saved[0][time], saved[1][time], saved[2][time], dh.shape[1]
    for b in range(len(dh)):
        z, r = zr[b, :units], zr[b, units:]
        dz, dr, dg = dx[b, :units], dx[b, units : 2 * units], dx[b, 2 * units :]
        for u in range(units):
            dz[u] = dh[b, u] * (h_before[b, u] - g[b, u]) * z[u] * (ONE - z[u])
            dg[u] = dh[b, u] * (ONE - z[u]) * (ONE - g[b, u] * g[b, u])
        for u in range(units):
            dr[u] = dg[u] * product[b, u] * r[u] * (ONE - r[u])
            direct[b, u] = dh[b, u] * z[u]


@compiled
def _gru_inner(dx, time, saved):
    # The reset gate stands between the product and the candidate.
    zr, units = saved[0][time], dx.shape[1] // 3
    for b in range(len(dx)):
        for u in range(units):
            dx[b, 2 * units + u] *= zr[b, units + u]


# Gates in Keras' order: LSTM i, f, g (candidate), o; GRU z, r, g, with reset_after=True. A dense
# layer is a simple one whose recurrent kernel is zero.
SIMPLE = RecurrentCell(1, (), _simple_step, _simple_back, _same)
RECURRENT_CELLS = {
    keras.layers.Dense: SIMPLE,
    keras.layers.SimpleRNN: SIMPLE,
    keras.layers.LSTM: RecurrentCell(2, (4,), _lstm_step, _lstm_back, _same),
    keras.layers.GRU: RecurrentCell(1, (2, 1, 1), _gru_step, _gru_back, _gru_inner),
}
