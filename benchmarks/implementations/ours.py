"""This project's own training step and inference, through their public names."""

from types import SimpleNamespace
from typing import ClassVar

import numpy as np
from inputs import Inputs

from implementations import DROPOUT, LEARNING_RATE


class Solver:
    """Stock Keras weights, compiled scans over words that are projected once."""

    requires = ("tensorflow", "keras")
    environment: ClassVar[dict[str, str]] = {"KERAS_BACKEND": "tensorflow"}

    def __init__(self, architecture: str, units: int, inputs: Inputs) -> None:
        """Batches are assembled within the step: ahead of it they would need a second core."""
        from sentiment import runtime

        runtime.configure(threads=1)
        import tensorflow as tf

        from sentiment import architectures, batches, training

        count, self.size, length = inputs.ids.shape
        dimensions = inputs.vectors.shape[1]
        classifier = architectures.build(architecture, units, length, dimensions, DROPOUT)
        recipe = SimpleNamespace(epochs=1, batch_size=self.size, learning_rate=LEARNING_RATE)
        self.trainer = training.Trainer(classifier, inputs.vectors[1:], recipe)
        ids = inputs.ids.reshape(count * self.size, length)
        reviews = SimpleNamespace(ids=ids, labels=inputs.labels.reshape(-1))
        self.batches, self.random = self.trainer.batches(reviews), np.random.default_rng(0)
        self.ids, self.bucket = inputs.ids, batches.BUCKET

        @tf.function(jit_compile=runtime.compiled(), autograph=False)
        def read(words: tf.Tensor, positions: tf.Tensor) -> tf.Tensor:
            rows = tf.gather(self.trainer.vectors, tf.maximum(words - 1, 0))
            rows = tf.where(words[:, None] > 0, rows, 0.0)
            projected = architectures.project(classifier, rows)
            return tf.sigmoid(architectures.logits(classifier, projected, positions))

        self.read = read

    def step(self, batch: int) -> float:
        """Distinct words and dropout bits in NumPy, the rest compiled."""
        rows = np.arange(batch * self.size, (batch + 1) * self.size)
        loss, _ = self.trainer.step(*self.batches.assemble(rows, self.size, self.random))
        return float(loss)

    def forward(self, batch: int) -> np.ndarray:
        """The parts `training.Probabilities` is made of, with the words of one batch."""
        words, positions = np.unique(self.ids[batch].T, return_inverse=True)
        words = np.pad(words, (0, -len(words) % self.bucket))
        return self.read(words, positions.astype(np.int32)).numpy()
