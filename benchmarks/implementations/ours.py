"""This project's own training step and inference, through their public names."""

from types import SimpleNamespace
from typing import ClassVar

import numpy as np

from implementations import DROPOUT, LEARNING_RATE
from inputs import Inputs


class Solver:
    """Stock Keras weights, scans over words that are projected once."""

    requires = ("tensorflow", "keras")
    environment: ClassVar[dict[str, str]] = {"KERAS_BACKEND": "tensorflow"}

    def __init__(self, architecture: str, units: int, inputs: Inputs) -> None:
        """Batches are assembled within the step: ahead of it they would need a second core."""
        from sentiment import runtime

        runtime.configure(threads=1)
        from sentiment import architectures, training

        count, self.size, length = inputs.ids.shape
        dimensions = inputs.vectors.shape[1]
        classifier = architectures.build(architecture, units, length, dimensions, DROPOUT)
        recipe = SimpleNamespace(epochs=1, batch_size=self.size, learning_rate=LEARNING_RATE)
        self.trainer = training.Trainer(classifier, inputs.vectors[1:], recipe)
        ids = inputs.ids.reshape(count * self.size, length)
        reviews = SimpleNamespace(ids=ids, labels=inputs.labels.reshape(-1))
        self.batches, self.random = self.trainer.batches(reviews), np.random.default_rng(0)
        self.ids = inputs.ids

    def step(self, batch: int) -> float:
        """Distinct words and dropout bits in NumPy, the rest compiled."""
        rows = np.arange(batch * self.size, (batch + 1) * self.size)
        return self.trainer.network.step(self.batches.assemble(rows, self.size, self.random))[0]

    def forward(self, batch: int) -> np.ndarray:
        """With the words of one batch for a vocabulary, so that none is projected in vain."""
        words, positions = self.batches.distinct(self.ids[batch])
        network = self.trainer.network
        vectors, network.vectors = network.vectors, network.vectors[words]
        (found,) = network.probabilities(positions, self.size)
        network.vectors = vectors
        return found
