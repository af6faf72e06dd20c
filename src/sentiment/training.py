"""One seeded fit of a classifier, and the probabilities it then gives."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, Protocol

import keras
import numpy as np

from sentiment.batches import Batches
from sentiment.encoding import Reviews
from sentiment.network import Network
from sentiment.runtime import accelerated
from sentiment.stock import StockNetwork

# Seconds between two reports of a running epoch.
INTERVAL = 1.0

# Reviews read at a time where nothing is trained; one number, since bytes depend on it.
READ = 32


class Recipe(Protocol):
    """How every model is trained: `params.train`."""

    epochs: int
    batch_size: int
    learning_rate: float


class Fit(NamedTuple):
    """What a fit leaves beside the classifier's weights."""

    history: list[dict[str, Any]]  # an epoch each: epoch, acc, loss, val_acc, val_loss
    seconds: list[float]  # an epoch each, validation included


class Trainer:
    """Fits one classifier over frozen vectors again and again."""

    def __init__(self, classifier: keras.Model, vectors: np.ndarray, recipe: Recipe) -> None:
        """`classifier` from `architectures.build`; `vectors` float32 [vocabulary, dimensions]."""
        self.classifier, self.recipe = classifier, recipe
        self.network = network(classifier, vectors, recipe.learning_rate)

    def fit(
        self, seed: int, training: Reviews, validation: Reviews, report: Callable[..., None]
    ) -> Fit:
        """Train from fresh weights, as Keras' own `fit` with RMSprop and shuffling would.

        The seed decides initial weights, batch order and dropout, and nothing else; equal
        seeds give equal bytes for an equal number of threads. `acc` and `loss` are Keras'
        running means while training, with dropout; `val_acc` and `val_loss` come after the
        epoch. `report` is called as `report("step", seed=, epoch=, step=, steps=, acc=)` about
        once a second, and as `report("epoch", ...)` with the epoch's history and `seconds`.
        """
        self.reset(seed)
        random = np.random.Generator(np.random.SFC64(seed))
        batches = self.batches(training)
        fit = Fit([], [])
        for epoch in range(1, self.recipe.epochs + 1):
            started = time.perf_counter()
            say = partial(report, seed=seed, epoch=epoch)
            values = {"epoch": epoch, **self._epoch(batches, random, say)}
            values |= self.validate(validation)
            fit.history.append(values)
            fit.seconds.append(time.perf_counter() - started)
            report("epoch", seed=seed, epochs=self.recipe.epochs, seconds=fit.seconds[-1], **values)
        self.network.give()
        return fit

    def batches(self, reviews: Reviews) -> Batches:
        """Batches of `reviews`, with dropout for this classifier's states."""
        # The last state alone has no steps.
        *steps, width = self.classifier.get_layer("dropout").output.shape[1:]
        dropped = steps[0] if steps else 1, width
        return Batches(reviews.ids, reviews.labels, len(self.network.vectors), dropped)

    def reset(self, seed: int) -> None:
        """Fresh weights drawn from `seed` by the layers' initializers, optimizer at its start."""
        keras.utils.set_random_seed(seed)
        self.classifier.set_weights(keras.models.clone_model(self.classifier).get_weights())
        self.network.take()

    def validate(self, reviews: Reviews) -> dict[str, float]:
        """`val_acc` and `val_loss` (nats) on `reviews`, without dropout."""
        chances = probabilities(self.network, reviews.ids).astype(np.float64)
        right = (chances > 0.5) == (reviews.labels > 0)
        of_label = np.where(reviews.labels > 0, chances, 1 - chances)
        loss = -np.log(np.clip(of_label, keras.config.epsilon(), 1)).mean()
        return {"val_acc": float(right.mean()), "val_loss": float(loss)}

    def _epoch(
        self, batches: Batches, random: np.random.Generator, say: Callable[..., None]
    ) -> dict[str, float]:
        size = self.recipe.batch_size
        steps = -(-len(batches.ids) // size)
        loss = right = reviews = 0.0
        said = time.perf_counter()
        for step, batch in enumerate(batches.epoch(size, random), start=1):
            batch_loss, batch_right = self.network.step(batch)
            reviews += float(batch.size)
            loss += batch_loss
            right += batch_right
            if time.perf_counter() - said >= INTERVAL:
                said = time.perf_counter()
                say("step", step=step, steps=steps, acc=right / reviews)
        return {"acc": right / reviews, "loss": loss / reviews}


def network(
    classifier: keras.Model, vectors: np.ndarray, learning_rate: float = 0.0
) -> Network | StockNetwork:
    """The classifier's arithmetic on this machine, with the zeros of padding before `vectors`.

    `vectors` float32 [vocabulary, dimensions].
    """
    kind = StockNetwork if accelerated() else Network
    return kind(classifier, np.pad(vectors, ((1, 0), (0, 0))), learning_rate)


def probabilities(network: Network | StockNetwork, ids: np.ndarray) -> np.ndarray:
    """Probability of a positive review, float32 [reviews], at the network's weights.

    `ids` int32 [reviews, length], 0 for padding. The probability of a review does not depend on
    the reviews around it.
    """
    filled = np.pad(ids, ((0, -len(ids) % READ), (0, 0)))
    found = [np.zeros(0, np.float32), *network.probabilities(filled, READ)]
    return np.concatenate(found)[: len(ids)]
