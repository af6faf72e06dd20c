"""A classifier of `architectures` in NumPy and Numba, on the processor.

Its layers, their weights and what they compute are stock Keras'; how it is computed is not. Word
vectors are frozen, so each distinct word of a batch is projected once, and only what changes from
step to step is inside the loop over time.
"""

from collections.abc import Iterator

import keras
import numpy as np
from scipy.special import expit

from sentiment import architectures, read_out, recurrent
from sentiment.batches import Batch
from sentiment.optimizer import rmsprop
from sentiment.scans import Scan, each_direction
from sentiment.scratch import Scratch
from sentiment.steps import RECURRENT_CELLS


class Network:
    """The arithmetic of one classifier, at weights of its own until they are given back."""

    def __init__(self, classifier: keras.Model, vectors: np.ndarray, learning_rate: float) -> None:
        """`classifier` from `architectures.build`; `vectors` float32, row 0 that of padding."""
        self.classifier, self.vectors = classifier, vectors
        self.learning_rate = np.float32(learning_rate)
        layer, dropout = classifier.get_layer("recurrent"), classifier.get_layer("dropout")
        both = isinstance(layer, keras.layers.Bidirectional)
        self.cell = RECURRENT_CELLS[type(layer.forward_layer if both else layer)]
        self.recurrent, self.directions = not isinstance(layer, keras.layers.Dense), 1 + both
        self.read_out = architectures.read_out(classifier)
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
            rmsprop(weight, velocity, gradient.reshape(-1), self.learning_rate)
        return loss, right

    def gradients(self, batch: Batch) -> tuple[float, float, list[np.ndarray]]:
        """Summed loss, count of right answers, and the mean loss's gradients in Keras' order."""
        words = self.scratch[0]("words", len(batch.words), self.vectors.shape[1])
        np.take(self.vectors, batch.words, 0, words, "clip")
        known = batch.words[batch.positions] > 0
        scans = each_direction(batch.positions, known, self.directions, self.read_out)
        passes = self._run(self._project(words), scans)
        logits = self._logits(passes, scans, batch.bits, self.threshold, self.scale)
        chances, labels, size = expit(logits), batch.labels, batch.size
        losses = np.logaddexp(0, logits) - labels * logits
        right = (chances > 0.5) == (labels > 0.5)
        d_logits = (chances - labels) / np.float32(size)
        d_logits[size:] = 0
        found = self._back(passes, scans, words, batch.bits, d_logits)
        return float(losses[:size].sum()), float(right[:size].sum()), found

    def probabilities(self, ids: np.ndarray, batch_size: int) -> Iterator[np.ndarray]:
        """Of a positive review, float32 [batch_size], for ids int32 [reviews, length].

        The number of reviews must be a multiple of `batch_size`. Each word of the vocabulary is
        projected once.
        """
        projected = self._project(self.vectors)
        bits = np.zeros((ids.shape[1], batch_size, self._width()), np.uint16)
        for start in range(0, len(ids), batch_size):
            positions = np.ascontiguousarray(ids[start : start + batch_size].T)
            scans = each_direction(positions, positions > 0, self.directions, self.read_out)
            passes = self._run(projected, scans)
            yield expit(self._logits(passes, scans, bits, np.uint16(0), np.float32(1)))

    def _project(self, words: np.ndarray) -> list[np.ndarray]:
        found = []
        for scratch, (kernel, _, bias) in zip(self.scratch, self._layer_weights(), strict=True):
            projected = scratch("projected", len(words), kernel.shape[1])
            np.matmul(words, kernel, projected)
            projected += bias if bias.ndim == 1 else bias[0]
            found.append(projected)
        return found

    def _run(self, projected: list[np.ndarray], scans: list[Scan]) -> list[recurrent.Pass]:
        found = []
        for number, (_, kernel, bias) in enumerate(self._layer_weights()):
            positions, _, backwards = scans[number]
            given = projected[number], positions, kernel, _inner(bias), backwards
            found.append(recurrent.forward(self.cell, *given, self.scratch[number]))
        return found

    def _logits(
        self,
        passes: list[recurrent.Pass],
        scans: list[Scan],
        bits: np.ndarray,
        threshold: np.uint16,
        scale: np.float32,
    ) -> np.ndarray:
        rows = read_out.rows(self.read_out, self.weights[-2], len(bits), self._width())
        found = np.full(bits.shape[1], self.weights[-1][0])
        for number, (done, (_, words, backwards)) in enumerate(zip(passes, scans, strict=True)):
            states = read_out.seen(self.read_out, done.outputs, words, backwards)
            share = scale * read_out.shares(self.read_out, len(states), words, backwards)
            offset = number * states.shape[2]
            read_out.logits(states, rows, bits, offset, threshold, share, found)
        return found

    def _back(
        self,
        passes: list[recurrent.Pass],
        scans: list[Scan],
        inputs: np.ndarray,
        bits: np.ndarray,
        d_logits: np.ndarray,
    ) -> list[np.ndarray]:
        """Of all weights, in Keras' order."""
        rows = read_out.rows(self.read_out, self.weights[-2], len(bits), self._width())
        d_rows, found = np.zeros_like(rows), []
        for number, (_, kernel, bias) in enumerate(self._layer_weights()):
            done, (positions, words, backwards) = passes[number], scans[number]
            scratch, offset = self.scratch[number], number * len(kernel)
            states = read_out.seen(self.read_out, done.outputs, words, backwards)
            share = self.scale * read_out.shares(self.read_out, len(states), words, backwards)
            d_outputs = scratch("d_outputs", *done.outputs.shape)
            d_seen = d_outputs if self.read_out != "last" else np.empty_like(states)
            given = states, rows, bits, offset, self.threshold, share
            read_out.gradients(*given, d_logits, d_seen, d_rows)
            read_out.spread(self.read_out, d_seen, d_outputs, words, backwards)
            of = len(inputs), positions, kernel, _inner(bias), done
            d_projected, d_kernel, d_inner = recurrent.backward(self.cell, d_outputs, *of, scratch)
            d_bias = d_projected.sum(0)
            d_bias = d_bias if bias.ndim == 1 else np.stack([d_bias, d_inner])
            d_kernels = [d_kernel] if self.recurrent else []
            found += [inputs.T @ d_projected, *d_kernels, d_bias]
        d_weights = d_rows.sum(0) if self.read_out == "mean" else d_rows
        return [*found, d_weights.reshape(-1, 1), d_logits.sum(keepdims=True)]

    def _layer_weights(self) -> list[list[np.ndarray]]:
        """Kernel, recurrent kernel and bias of each direction."""
        if not self.recurrent:
            # A recurrent kernel of zeros, which stays so, carries nothing from step to step.
            kernel, bias = self.weights[:2]
            return [[kernel, np.zeros((len(bias), len(bias)), np.float32), bias]]
        return [self.weights[3 * number : 3 * number + 3] for number in range(self.directions)]

    def _width(self) -> int:
        """Of the states of all directions."""
        return self.directions * len(self._layer_weights()[0][1])


def _inner(bias: np.ndarray) -> np.ndarray:
    """The part of a layer's bias that is added to the recurrent product; only the GRU has one."""
    return bias[1] if bias.ndim == 2 else bias[:0]
