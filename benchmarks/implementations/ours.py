"""This project's own training step and inference, by the engine that is written here.

Compiled for every processor with AVX2, as `train.target: portable` has it.
"""

from types import SimpleNamespace
from typing import ClassVar

import numpy as np

from implementations import DROPOUT, LEARNING_RATE
from inputs import Inputs
from sentiment.networks import runtime
from sentiment.networks.runtime import Target


class Solver:
    """Weights that stock Keras draws, scans over words that are projected once."""

    target: ClassVar[Target] = "portable"
    requires = ("tensorflow", "keras")
    environment: ClassVar[dict[str, str]] = {
        "KERAS_BACKEND": "tensorflow",
        **runtime.environment("portable"),
    }

    def __init__(self, architecture: str, units: int, inputs: Inputs) -> None:
        """Batches are assembled within the step: ahead of it they would need a second core."""
        runtime.configure(threads=1)
        runtime.check(self.target)
        from sentiment.networks import classifiers
        from sentiment.networks.training import Trainer

        count, self.size, length = inputs.ids.shape
        described = {"architecture": architecture, "units": units, "read_out": "flatten"}
        model, vectors = SimpleNamespace(**described, outputs=1), inputs.vectors[1:]
        shape = {"length": length, "dimensions": vectors.shape[1]}
        classifier = classifiers.build(model, **shape, dropout=DROPOUT)
        recipe = SimpleNamespace(epochs=1, batch_size=self.size, learning_rate=LEARNING_RATE)
        trainer = Trainer(model, classifier, vectors, recipe, "numba")
        ids = inputs.ids.reshape(count * self.size, length)
        reviews = SimpleNamespace(ids=ids, labels=inputs.labels.reshape(-1))
        self.network = trainer.begin(0)
        self.batches, self.random = trainer.batches(reviews), np.random.default_rng(0)
        self.ids = inputs.ids

    def step(self, batch: int) -> float:
        """Distinct words and dropout bits in NumPy, the rest compiled."""
        rows = np.arange(batch * self.size, (batch + 1) * self.size)
        return self.network.step(self.batches.assemble(rows, self.size, self.random))[0]

    def forward(self, batch: int) -> np.ndarray:
        """With the words of one batch for a vocabulary, so that none is projected in vain."""
        words, positions = self.batches.distinct(self.ids[batch])
        network = self.network
        vectors, network.vectors = network.vectors, network.vectors[words]
        (found,) = network.probabilities(positions, self.size)
        network.vectors = vectors
        return found
