"""A classifier in NumPy and Numba, on the processor.

Its layers, their weights and what they compute are stock Keras'; how it is computed is not. Word
vectors are frozen, so each distinct word of a batch is projected once, and only what changes from
step to step is inside the loop over time.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from sentiment.networks import heads
from sentiment.networks.batches import Batch
from sentiment.networks.finding import Model, find
from sentiment.scans import pooling, recurrent
from sentiment.scans.directions import Reading, each_direction
from sentiment.scans.optimizer import rmsprop
from sentiment.scans.product import fill_product
from sentiment.scans.scratch import Scratch


class NumbaEngine:
    """The arithmetic of one classifier, at weights of its own."""

    def __init__(
        self, model: Model, vectors: np.ndarray, *, dropout: float = 0.0, learning_rate: float = 0.0
    ) -> None:
        """`vectors` float32 [words + 1, dimensions], row 0 that of padding.

        `model` is of an architecture with a `SCAN`. Its weights say how many units read it out.
        """
        self.scan, self.read_out = find(model.architecture).SCAN, model.read_out
        self.vectors, self.learning_rate = vectors, np.float32(learning_rate)
        self.width = self.scan.directions * model.units
        self.threshold = np.uint16(round(dropout * 2**16))
        self.scale = np.float32(1 / (1 - dropout))
        self.scratch = [Scratch() for _ in range(self.scan.directions)]
        self.weights: list[np.ndarray] = []

    def begin(self, weights: Sequence[np.ndarray]) -> None:
        """Take a copy of `weights`, which stand in Keras' order, and begin RMSprop anew."""
        self.weights = [np.array(weight, np.float32, order="C") for weight in weights]
        self.velocities = [np.zeros_like(weight) for weight in self.weights]

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
        directions = self._directions(batch.positions, known)
        passes = self._run(self._project(words), directions)
        logits = self._logits(passes, directions, batch.bits, self.threshold, self.scale)
        found, size = heads.outcome(logits, batch.labels), batch.size
        d_logits = found.gradients / np.float32(size)
        d_logits[:, size:] = 0
        gradients = self._back(passes, directions, words, batch.bits, d_logits)
        return float(found.losses[:size].sum()), float(found.right[:size].sum()), gradients

    def probabilities(self, ids: np.ndarray, batch_size: int) -> Iterator[np.ndarray]:
        """Probabilities of each batch of ids, int32 [reviews, length], as `heads.chances` has them.

        The number of reviews must be a multiple of `batch_size`. Each word of the vocabulary is
        projected once.
        """
        projected = self._project(self.vectors)
        bits = np.zeros((ids.shape[1], batch_size, self.width), np.uint16)
        for start in range(0, len(ids), batch_size):
            positions = np.ascontiguousarray(ids[start : start + batch_size].T)
            directions = self._directions(positions, positions > 0)
            passes = self._run(projected, directions)
            logits = self._logits(passes, directions, bits, np.uint16(0), np.float32(1))
            yield heads.chances(logits)

    def _directions(self, positions: np.ndarray, known: np.ndarray) -> list[Reading]:
        return each_direction(positions, known, self.scan.directions, self.read_out)

    def _project(self, words: np.ndarray) -> list[np.ndarray]:
        found = []
        for scratch, (kernel, _, bias) in zip(self.scratch, self._layer_weights(), strict=True):
            projected = scratch("projected", len(words), kernel.shape[1])
            fill_product(words, kernel, projected)
            projected += bias if bias.ndim == 1 else bias[0]
            found.append(projected)
        return found

    def _run(self, projected: list[np.ndarray], directions: list[Reading]) -> list[recurrent.Pass]:
        return [
            recurrent.forward(
                self.scan,
                projected=projected[number],
                positions=directions[number].positions,
                kernel=kernel,
                bias=_inner(bias),
                backwards=directions[number].backwards,
                scratch=self.scratch[number],
            )
            for number, (_, kernel, bias) in enumerate(self._layer_weights())
        ]

    def _logits(
        self,
        passes: list[recurrent.Pass],
        directions: list[Reading],
        bits: np.ndarray,
        threshold: np.uint16,
        scale: np.float32,
    ) -> np.ndarray:
        """Logits of every unit of the read-out, float32 [units, batch]."""
        kernels = self._read_out(len(bits))
        found = np.repeat(self.weights[-1][:, None], bits.shape[1], 1)
        for number, (done, (_, words, backwards)) in enumerate(
            zip(passes, directions, strict=True)
        ):
            states = pooling.seen(self.read_out, done.outputs, words, backwards)
            share = scale * pooling.shares(self.read_out, len(states), words, backwards)
            offset = number * states.shape[2]
            for rows, logits in zip(kernels, found, strict=True):
                pooling.logits(states, rows, bits, offset, threshold, share, logits)
        return found

    def _back(
        self,
        passes: list[recurrent.Pass],
        directions: list[Reading],
        inputs: np.ndarray,
        bits: np.ndarray,
        d_logits: np.ndarray,
    ) -> list[np.ndarray]:
        """Gradients of all weights, in Keras' order."""
        kernels = self._read_out(len(bits))
        d_read_out, found = [np.zeros_like(rows) for rows in kernels], []
        for number, (_, kernel, bias) in enumerate(self._layer_weights()):
            done, (positions, words, backwards) = passes[number], directions[number]
            scratch, offset = self.scratch[number], number * len(kernel)
            states = pooling.seen(self.read_out, done.outputs, words, backwards)
            share = self.scale * pooling.shares(self.read_out, len(states), words, backwards)
            d_outputs = scratch("d_outputs", *done.outputs.shape)
            d_seen = d_outputs if self.read_out != "last" else np.empty_like(states)
            given = bits, offset, self.threshold, share
            pooling.gradients(states, kernels[0], *given, d_logits[0], d_seen, d_read_out[0])
            for unit in range(1, len(kernels)):
                more = np.empty_like(d_seen)
                pooling.gradients(
                    states, kernels[unit], *given, d_logits[unit], more, d_read_out[unit]
                )
                d_seen += more
            pooling.spread(self.read_out, d_seen, d_outputs, words, backwards)
            d_projected, d_kernel, d_inner = recurrent.backward(
                self.scan,
                d_outputs=d_outputs,
                words=len(inputs),
                positions=positions,
                kernel=kernel,
                bias=_inner(bias),
                done=done,
                scratch=scratch,
            )
            d_bias = d_projected.sum(0)
            d_bias = d_bias if bias.ndim == 1 else np.stack([d_bias, d_inner])
            d_kernels = [d_kernel] if self.scan.is_recurrent else []
            found += [inputs.T @ d_projected, *d_kernels, d_bias]
        columns = [rows.sum(0) if self.read_out == "mean" else rows for rows in d_read_out]
        d_weights = np.stack([column.reshape(-1) for column in columns], 1)
        return [*found, d_weights, d_logits.sum(1)]

    def _read_out(self, steps: int) -> list[np.ndarray]:
        """The kernel of each unit of the read-out, as `pooling.rows` gives it."""
        units = np.ascontiguousarray(self.weights[-2].T)
        return [pooling.rows(self.read_out, unit, steps, self.width) for unit in units]

    def _layer_weights(self) -> list[list[np.ndarray]]:
        """Kernel, recurrent kernel and bias of each direction."""
        if not self.scan.is_recurrent:
            # A recurrent kernel of zeros, which stays so, carries nothing from step to step.
            kernel, bias = self.weights[:2]
            return [[kernel, np.zeros((len(bias), len(bias)), np.float32), bias]]
        return [self.weights[3 * number : 3 * number + 3] for number in range(self.scan.directions)]


def _inner(bias: np.ndarray) -> np.ndarray:
    """The part of a layer's bias that is added to the recurrent product; only the GRU has one."""
    return bias[1] if bias.ndim == 2 else bias[:0]
