"""Which engine computes a network: the scans written here, or stock Keras."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, Protocol

import numpy as np

from sentiment.networks import finding, weights
from sentiment.networks.batches import Batch
from sentiment.networks.finding import Model

EngineName = Literal["numba", "keras"]

# Reviews read at a time where nothing is trained; one number, since bytes depend on it.
READ = 32


class Engine(Protocol):
    """The arithmetic of one classifier at its weights."""

    @property
    def weights(self) -> list[np.ndarray]:
        """In Keras' order."""

    def step(self, batch: Batch) -> tuple[float, float]:
        """Move the weights; summed loss (nats) and count of right answers before they moved."""

    def probabilities(self, ids: np.ndarray, batch_size: int) -> Iterator[np.ndarray]:
        """Probabilities of each batch of ids, int32 [reviews, length]: `heads.chances`."""


def able(architecture: str, engine: EngineName) -> EngineName:
    """The engine asked for, or Keras where the architecture has no scan."""
    return engine if finding.scan(architecture) else "keras"


def padded(vectors: np.ndarray) -> np.ndarray:
    """`vectors` float32 [words, dimensions] behind the zeros of padding."""
    return np.pad(vectors, ((1, 0), (0, 0)))


def load(
    file: Path, model: Model, engine: EngineName, vectors: np.ndarray, *, length: int
) -> Engine:
    """A trained network, from the weights in `file`, ready to read reviews of `length` tokens.

    `vectors` float32 [words + 1, dimensions], row 0 that of padding. TensorFlow is imported for the
    Keras engine alone. UserError for the weights of another network.
    """
    if engine == "numba":
        from sentiment.networks.numba_engine import NumbaEngine

        network = NumbaEngine(model, vectors)
        network.begin(weights.read(file, model, length=length, dimensions=vectors.shape[1]))
        return network
    from sentiment.networks import classifiers
    from sentiment.networks.keras_engine import KerasEngine

    classifier = classifiers.build(model, length=length, dimensions=vectors.shape[1], dropout=0.0)
    weights.load(file, classifier)
    return KerasEngine(classifier, vectors)


def probabilities(network: Engine, ids: np.ndarray) -> np.ndarray:
    """What the network gives at its weights, float32 [reviews] or [reviews, classes].

    Of two classes the probability of the second, of more that of each. `ids` int32 [reviews,
    length], 0 for padding. The probability of a review does not depend on the reviews around it.
    """
    # At least one batch, so that no reviews have as many columns as some.
    filled = np.pad(ids, ((0, max(READ, -(-len(ids) // READ) * READ) - len(ids)), (0, 0)))
    return np.concatenate(list(network.probabilities(filled, READ)))[: len(ids)]
