"""A simple recurrent layer in one direction (Elman 1990): tanh of input and last output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentiment.scans.compiling import compiled
from sentiment.scans.loops import scan
from sentiment.scans.pointwise import ONE, tanh

if TYPE_CHECKING:
    import keras


def layers(units: int, return_sequences: bool) -> list[keras.Layer]:
    """The layer."""
    import keras

    return [keras.layers.SimpleRNN(units, return_sequences=return_sequences, name="recurrent")]


@compiled
def _step(x, inner, time, before, after, states, saved):
    h = states[0][after]
    flat, projected, product = h.reshape(-1), x.reshape(-1), inner.reshape(-1)
    for index in range(flat.size):
        flat[index] = tanh(projected[index] + product[index])


@compiled
def _back(received, time, before, after, states, saved, dx, direct):
    flat, h, dh = dx.reshape(-1), states[0][after].reshape(-1), received[0].reshape(-1)
    for index in range(flat.size):
        flat[index] = dh[index] * (ONE - h[index] * h[index])
    direct[:] = 0


@compiled
def _same(dx, time, saved):
    pass


SCAN = scan("simple", gates=1, states=1, saved={}, step=_step, back=_back, inner_gradient=_same)
