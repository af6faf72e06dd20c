"""A classifier of `architectures` in NumPy and Numba, on the processor.

Its layers, their weights and what they compute are stock Keras'; how it is computed is not. Word
vectors are frozen, so each distinct word of a batch is projected once, and only what changes from
step to step is inside the loop over time.
"""

from collections.abc import Iterator

import keras
import numpy as np
from scipy.special import expit

from sentiment import read_out, recurrent
from sentiment.batches import Batch
from sentiment.scratch import Scratch
from sentiment.steps import RECURRENT_CELLS, compiled

# Keras' defaults for RMSprop.
RHO, EPSILON = np.float32(0.9), np.float32(1e-7)


class Network:
    """The arithmetic of one classifier, at weights of its own until they are given back."""

    def __init__(self, classifier: keras.Model, vectors: np.ndarray, learning_rate: float) -> None:
        """`classifier` from `architectures.build`; `vectors` float32, row 0 that of padding."""
        self.classifier, self.vectors = classifier, vectors
        self.learning_rate = np.float32(learning_rate)
        layer, dropout = classifier.layers[:2]
        both = isinstance(layer, keras.layers.Bidirectional)
        self.cell = RECURRENT_CELLS[type(layer.forward_layer if both else layer)]
        self.directions = 1 + both
        self.threshold = np.uint16(round(dropout.rate * 2**16))
        self.scale = np.float32(1 / (1 - dropout.rate))
        self.scratch = [Scratch() for _ in range(self.directions)]
        self.take()

    def take(self) -> None:
        """Copy the classifier's weights, and begin RMSprop anew."""
        self.weights = [np.ascontiguousarray(weight) for weight in self.classifier.get_weights()]
        self.velocities = [np.zeros_like(weight) for weight in self.weights]

    def give(self) -> None:
        """Copy the weights back to the classifier."""
        self.classifier.set_weights(self.weights)

    def step(self, batch: Batch) -> tuple[float, float]:
        """Move the weights; summed loss (nats) and count of right answers before they moved."""
        loss, right, gradients = self.gradients(batch)
        for place, gradient in enumerate(gradients):
            weight, velocity = self.weights[place].reshape(-1), self.velocities[place].reshape(-1)
            _rmsprop(weight, velocity, gradient.reshape(-1), self.learning_rate)
        return loss, right

    def gradients(self, batch: Batch) -> tuple[float, float, list[np.ndarray]]:
        """Summed loss, count of right answers, and the mean loss's gradients in Keras' order."""
        words = self.scratch[0]("words", len(batch.words), self.vectors.shape[1])
        np.take(self.vectors, batch.words, 0, words, "clip")
        passes = self._run(self._project(words), batch.positions)
        logits = self._logits(passes, batch.bits, self.threshold, self.scale)
        chances, labels, size = expit(logits), batch.labels, batch.size
        losses = np.logaddexp(0, logits) - labels * logits
        right = (chances > 0.5) == (labels > 0.5)
        d_logits = (chances - labels) / np.float32(size)
        d_logits[size:] = 0
        found = self._back(passes, words, batch, d_logits)
        return float(losses[:size].sum()), float(right[:size].sum()), found

    def probabilities(self, ids: np.ndarray, batch_size: int) -> Iterator[np.ndarray]:
        """Of a positive review, float32 [batch_size], for ids int32 [reviews, length].

        The number of reviews must be a multiple of `batch_size`. Each word of the vocabulary is
        projected once.
        """
        projected, (steps, width) = self._project(self.vectors), self._read_out_shape()
        bits = np.zeros((steps, batch_size, width), np.uint16)
        for start in range(0, len(ids), batch_size):
            positions = np.ascontiguousarray(ids[start : start + batch_size].T)
            passes = self._run(projected, positions)
            yield expit(self._logits(passes, bits, np.uint16(0), np.float32(1)))

    def _project(self, words: np.ndarray) -> list[np.ndarray]:
        found = []
        for scratch, (kernel, _, bias) in zip(self.scratch, self._layer_weights(), strict=True):
            projected = scratch("projected", len(words), kernel.shape[1])
            np.matmul(words, kernel, projected)
            projected += bias if bias.ndim == 1 else bias[0]
            found.append(projected)
        return found

    def _run(self, projected: list[np.ndarray], positions: np.ndarray) -> list[recurrent.Pass]:
        found = []
        for number, (_, kernel, bias) in enumerate(self._layer_weights()):
            given = projected[number], positions, kernel, _inner(bias), number == 1
            found.append(recurrent.forward(self.cell, *given, self.scratch[number]))
        return found

    def _logits(
        self,
        passes: list[recurrent.Pass],
        bits: np.ndarray,
        threshold: np.uint16,
        scale: np.float32,
    ) -> np.ndarray:
        weights = self.weights[-2].reshape(self._read_out_shape())
        found = np.full(bits.shape[1], self.weights[-1][0])
        for number, done in enumerate(passes):
            offset = number * done.outputs.shape[2]
            read_out.logits(done.outputs, weights, bits, offset, threshold, scale, found)
        return found

    def _back(
        self,
        passes: list[recurrent.Pass],
        words: np.ndarray,
        batch: Batch,
        d_logits: np.ndarray,
    ) -> list[np.ndarray]:
        """Of all weights, in Keras' order."""
        weights = self.weights[-2].reshape(self._read_out_shape())
        d_weights, found = np.zeros_like(weights), []
        for number, (_, kernel, bias) in enumerate(self._layer_weights()):
            done, scratch, offset = passes[number], self.scratch[number], number * len(kernel)
            d_outputs = scratch("d_outputs", *done.outputs.shape)
            read_out.gradients(
                done.outputs,
                weights,
                batch.bits,
                offset,
                self.threshold,
                self.scale,
                d_logits,
                d_outputs,
                d_weights,
            )
            given = len(words), batch.positions, kernel, _inner(bias), done
            back = recurrent.backward(self.cell, d_outputs, *given, scratch)
            d_projected, d_kernel, d_inner = back
            d_bias = d_projected.sum(0)
            d_bias = d_bias if bias.ndim == 1 else np.stack([d_bias, d_inner])
            found += [words.T @ d_projected, d_kernel, d_bias]
        return [*found, d_weights.reshape(-1, 1), d_logits.sum(keepdims=True)]

    def _layer_weights(self) -> list[list[np.ndarray]]:
        """Kernel, recurrent kernel and bias of each direction."""
        return [self.weights[3 * number : 3 * number + 3] for number in range(self.directions)]

    def _read_out_shape(self) -> tuple[int, int]:
        width = self.directions * len(self.weights[1])
        return len(self.weights[-2]) // width, width


def _inner(bias: np.ndarray) -> np.ndarray:
    """The part of a layer's bias that is added to the recurrent product; only the GRU has one."""
    return bias[1] if bias.ndim == 2 else bias[:0]


@compiled
def _rmsprop(weight, velocity, gradient, learning_rate):
    """One step of RMSprop as Keras has it, in place."""
    one = np.float32(1)
    for index in range(weight.size):
        g = gradient[index]
        velocity[index] = RHO * velocity[index] + (one - RHO) * g * g
        weight[index] -= learning_rate * g / np.sqrt(velocity[index] + EPSILON)
