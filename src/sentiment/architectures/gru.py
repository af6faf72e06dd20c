"""A gated recurrent unit in one direction (Cho et al. 2014), its reset gate after the product.

Gates stand in Keras' order: update, reset, candidate.
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

    return [keras.layers.GRU(units, return_sequences=return_sequences, name="recurrent")]


@compiled
def _step(x, inner, time, before, after, states, saved):
    h, h_before = states[0][after], states[0][before]
    zr, g, product, units = saved[0][time], saved[1][time], saved[2][time], h.shape[1]
    for b in range(len(h)):
        for gate in range(2 * units):
            # A sigmoid is a tanh at half scale.
            squeezed = tanh((x[b, gate] + inner[b, gate]) * np.float32(0.5))
            zr[b, gate] = squeezed * np.float32(0.5) + np.float32(0.5)
        for u in range(units):
            product[b, u] = inner[b, 2 * units + u]
            g[b, u] = tanh(x[b, 2 * units + u] + zr[b, units + u] * product[b, u])
    for b in range(len(h)):
        for u in range(units):
            h[b, u] = zr[b, u] * h_before[b, u] + (ONE - zr[b, u]) * g[b, u]


@compiled
def _back(received, time, before, after, states, saved, dx, direct):
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
def _through_reset(dx, time, saved):
    # The reset gate stands between the product and the candidate.
    zr, units = saved[0][time], dx.shape[1] // 3
    for b in range(len(dx)):
        for u in range(units):
            dx[b, 2 * units + u] *= zr[b, units + u]


SCAN = scan(
    "gru",
    gates=3,
    states=1,
    saved={"gates": 2, "candidate": 1, "product": 1},
    step=_step,
    back=_back,
    inner_gradient=_through_reset,
    biases=2,
)
