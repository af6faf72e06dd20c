"""The sequence of states of a stock recurrent layer, over words that are projected once.

The layers stay Keras' own: their weights are read here and their arithmetic is done faster. The
input projection leaves the loop (Appleyard, Kocisky and Blunsom 2016, section 3), the loop back
through time holds the step products alone, and a kernel's gradient is one product after it.

Shapes: words W, time T, batch B, directions D, units U, gates G (1, 4 or 3 times U).
"""

from collections.abc import Callable

import keras
import tensorflow as tf

from sentiment.runtime import compiled
from sentiment.steps import RECURRENT_CELLS, RecurrentCell, Tensors


def project(layer: keras.Layer, words: tf.Tensor) -> tf.Tensor:
    """The part of each step that depends on the word alone.

    `words` float32 [W, dimensions] gives float32 [W * D, G]: x W + b, a row for each direction.
    Where nothing compiles (`runtime.compiled`) it gives `words`.
    """
    if not compiled():
        return words
    directions = _directions(layer)
    kernel = tf.concat([each.cell.kernel.value for each in directions], 1)
    bias = tf.concat([_biases(each)[0] for each in directions], 0)
    return tf.reshape(words @ kernel + bias, [-1, kernel.shape[1] // len(directions)])


def states(layer: keras.Layer, projected: tf.Tensor, positions: tf.Tensor) -> tf.Tensor:
    """Outputs of `layer` at all steps, time first: float32 [T, B, D * U].

    `layer` is a stock SimpleRNN, LSTM or GRU with Keras' defaults, or a Bidirectional of one;
    `projected` comes from `project`; `positions` int32 [T, B] are rows of its `words`. Like the
    stock layer's own, but for the order of the axes and rounding, in value and gradients.
    """
    if not compiled():
        embedded = tf.gather(projected, tf.transpose(positions))
        return tf.transpose(layer(embedded), [1, 0, 2])
    directions = _directions(layer)
    rows = tf.stack([positions, positions[::-1]][: len(directions)], 1) * len(directions)
    rows += tf.range(len(directions))[:, None]
    outputs = scan(
        RECURRENT_CELLS[type(directions[0])],
        tf.gather(projected, rows),
        tf.stack([each.cell.recurrent_kernel.value for each in directions]),
        tf.stack([_biases(each)[1] for each in directions]),
    )
    ordered = [outputs[:, 0]] + [outputs[::-1, 1] for _ in directions[1:]]
    return tf.concat(ordered, -1)


def scan(cell: RecurrentCell, inputs: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor) -> tf.Tensor:
    """Run `cell` from zero states: inputs [T, D, B, G], kernel [D, U, G] give [T, D, B, U].

    `bias` [D, G] is added to the recurrent product; [D, 0] stands for none.
    """

    @tf.custom_gradient
    def run(inputs: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor) -> tuple[tf.Tensor, Callable]:
        visited, saved = _forward(cell, inputs, kernel, bias)

        def gradient(d_outputs: tf.Tensor) -> Tensors:
            gradients = _backward(cell, d_outputs, kernel, visited, saved)
            d_inner = cell.inner(*gradients)
            d_bias = tf.reduce_sum(d_inner, [0, 2]) if bias.shape[1] else bias
            d_kernel = tf.einsum("tdbu,tdbg->dug", visited[0][:-1], d_inner)
            return gradients[0], d_kernel, d_bias

        return visited[0][1:], gradient

    return run(inputs, kernel, bias)


def _forward(
    cell: RecurrentCell, inputs: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor
) -> tuple[Tensors, Tensors]:
    """All states [T + 1, D, B, U], the zero ones first, and what the cell saved at each step."""
    steps, directions, batch, _ = inputs.shape
    start = (tf.zeros([directions, batch, kernel.shape[1]]),) * cell.states
    offset = bias[:, None] if bias.shape[1] else 0.0

    def step(x: tf.Tensor, before: Tensors) -> tuple[Tensors, Tensors]:
        return cell.step(x, before[0] @ kernel + offset, before)

    def body(t: tf.Tensor, before: Tensors, visited: list, saved: list) -> tuple:
        after, extra = step(saved[0].read(t), before)
        return t + 1, after, _write(visited, t + 1, after), _write(saved, t, extra)

    visited = _write([_array(steps + 1, zero.shape) for zero in start], 0, start)
    # What is saved of a step takes the place of its input, and its gradient takes it again.
    first, *others = step(inputs[0], start)[1]
    saved = [_array(steps, first.shape).unstack(inputs)]
    saved += [_array(steps, other.shape) for other in others]
    _, _, visited, saved = _loop(steps, body, (0, start, visited, saved))
    return tuple(a.stack() for a in visited), tuple(a.stack() for a in saved)


def _backward(
    cell: RecurrentCell, d_outputs: tf.Tensor, kernel: tf.Tensor, visited: Tensors, saved: Tensors
) -> Tensors:
    """What replaces the saved: first the gradient of the inputs, [T, D, B, G]."""
    steps, transposed = d_outputs.shape[0], tf.transpose(kernel, [0, 2, 1])

    def body(
        k: tf.Tensor, gradients: Tensors, arrays: list, extra: Tensors, after: Tensors
    ) -> tuple:
        t = steps - 1 - k
        before = tuple(a[t] for a in visited)
        received = (gradients[0] + d_outputs[t], *gradients[1:])
        found, direct = cell.back(received, before, after, extra)
        arrays = _write(arrays, t, found)
        # Read a step ahead, from what was just written: only so XLA writes in place.
        extra = tuple(array.read(tf.maximum(t - 1, 0)) for array in arrays)
        through = cell.inner(*found) @ transposed
        return k + 1, (direct[0] + through, *direct[1:]), arrays, extra, before

    zero = (tf.zeros_like(d_outputs[0]),) * cell.states
    arrays = [_array(steps, array.shape[1:]).unstack(array) for array in saved]
    last = tuple(a[-1] for a in saved), tuple(a[-1] for a in visited)
    return tuple(a.stack() for a in _loop(steps, body, (0, zero, arrays, *last))[2])


def _write(arrays: list, index: tf.Tensor, values: Tensors) -> list:
    return [array.write(index, value) for array, value in zip(arrays, values, strict=True)]


def _array(size: int, shape: list[int]) -> tf.TensorArray:
    return tf.TensorArray(tf.float32, size, element_shape=shape, clear_after_read=False)


def _loop(steps: int, body: Callable[..., tuple], start: tuple) -> tuple:
    return tf.while_loop(lambda t, *_: t < steps, body, start, maximum_iterations=steps)


def _directions(layer: keras.Layer) -> list[keras.layers.RNN]:
    if isinstance(layer, keras.layers.Bidirectional):
        return [layer.forward_layer, layer.backward_layer]
    return [layer]


def _biases(layer: keras.layers.RNN) -> tuple[tf.Tensor, tf.Tensor]:
    """The bias added to the input's projection, and the one added to the recurrent product."""
    bias = layer.cell.bias.value
    return (bias[0], bias[1]) if len(bias.shape) == 2 else (bias, bias[:0])
