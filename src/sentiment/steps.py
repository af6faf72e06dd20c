"""The pointwise part of a recurrent step, forward and backward, as stock Keras defines it.

A step takes x, the input's projection with its bias, and `inner`, the product of the previous
output and the recurrent kernel; tensors are [..., units or gates]. Products, loops and kernel
gradients are the same for every cell and live in `recurrent`.
"""

from collections.abc import Callable
from typing import NamedTuple

import keras
import tensorflow as tf

Tensors = tuple[tf.Tensor, ...]


class RecurrentCell(NamedTuple):
    """What tells one recurrent architecture from another.

    `step(x, inner, states)` gives the new states, the output first, and what to save, shaped as
    x first. `back(gradients, before, after, saved)` takes the gradients of the new states and
    gives what replaces the saved, the gradient of x first, and the gradients of the states
    before, `inner` left aside; `inner` gives that of `inner` from what replaced the saved.
    """

    states: int
    step: Callable[[tf.Tensor, tf.Tensor, Tensors], tuple[Tensors, Tensors]]
    back: Callable[[Tensors, Tensors, Tensors, Tensors], tuple[Tensors, Tensors]]
    inner: Callable[..., tf.Tensor] = lambda dx: dx


def _simple_step(x: tf.Tensor, inner: tf.Tensor, _states: Tensors) -> tuple[Tensors, Tensors]:
    h = tf.tanh(x + inner)
    return (h,), (1 - h**2,)


def _simple_back(
    gradients: Tensors, _before: Tensors, _after: Tensors, saved: Tensors
) -> tuple[Tensors, Tensors]:
    return (gradients[0] * saved[0],), (tf.zeros_like(saved[0]),)


def _lstm_step(x: tf.Tensor, inner: tf.Tensor, states: Tensors) -> tuple[Tensors, Tensors]:
    # A sigmoid is a tanh at half scale, so one tanh serves all four gates.
    ones = tf.ones(states[0].shape[-1])
    scale = tf.concat([ones / 2, ones / 2, ones, ones / 2], 0)
    gates = tf.tanh((x + inner) * scale) * scale + (1 - scale)
    i, f, g, o = tf.split(gates, 4, -1)
    c = f * states[1] + i * g
    return (o * tf.tanh(c), c), (gates,)


def _lstm_back(
    gradients: Tensors, before: Tensors, after: Tensors, saved: Tensors
) -> tuple[Tensors, Tensors]:
    dh, dc = gradients
    i, f, g, o = tf.split(saved[0], 4, -1)
    squashed = tf.tanh(after[1])
    dc += dh * o * (1 - squashed**2)
    dx = [dc * g * i * (1 - i), dc * before[1] * f * (1 - f)]
    dx += [dc * i * (1 - g**2), dh * squashed * o * (1 - o)]
    return (tf.concat(dx, -1),), (tf.zeros_like(dh), dc * f)


def _gru_step(x: tf.Tensor, inner: tf.Tensor, states: Tensors) -> tuple[Tensors, Tensors]:
    xz, xr, xg = tf.split(x, 3, -1)
    iz, ir, ig = tf.split(inner, 3, -1)
    z, r = tf.sigmoid(xz + iz), tf.sigmoid(xr + ir)
    g = tf.tanh(xg + r * ig)
    return (z * states[0] + (1 - z) * g,), (tf.concat([z, r, g], -1), ig)


def _gru_back(
    gradients: Tensors, before: Tensors, _after: Tensors, saved: Tensors
) -> tuple[Tensors, Tensors]:
    (dh,) = gradients
    z, r, g = tf.split(saved[0], 3, -1)
    dg = dh * (1 - z) * (1 - g**2)
    dx = [dh * (before[0] - g) * z * (1 - z), dg * saved[1] * r * (1 - r), dg]
    return (tf.concat(dx, -1), dg * r), (dh * z,)


def _gru_inner(dx: tf.Tensor, d_candidate: tf.Tensor) -> tf.Tensor:
    dz, dr, _ = tf.split(dx, 3, -1)
    return tf.concat([dz, dr, d_candidate], -1)


# Gates in Keras' order: LSTM i, f, g (candidate), o; GRU z, r, g, with reset_after=True.
RECURRENT_CELLS = {
    keras.layers.SimpleRNN: RecurrentCell(1, _simple_step, _simple_back),
    keras.layers.LSTM: RecurrentCell(2, _lstm_step, _lstm_back),
    keras.layers.GRU: RecurrentCell(1, _gru_step, _gru_back, _gru_inner),
}
