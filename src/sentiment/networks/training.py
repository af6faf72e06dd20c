"""One seeded fit of a classifier."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, Protocol

import keras
import numpy as np

from sentiment.networks import heads
from sentiment.networks.batches import Batches
from sentiment.networks.engines import Engine, EngineName, padded, probabilities
from sentiment.networks.finding import Model
from sentiment.networks.keras_engine import KerasEngine
from sentiment.networks.numba_engine import NumbaEngine
from sentiment.storage.tokens import Reviews

# Seconds between two reports of a running epoch.
INTERVAL = 1.0


class Recipe(Protocol):
    """How every model is trained: `train` in params.yaml."""

    epochs: int
    batch_size: int
    learning_rate: float


class Fit(NamedTuple):
    """What a fit leaves beside the classifier's weights."""

    history: list[dict[str, Any]]  # for each epoch: epoch, acc, loss, val_acc, val_loss
    seconds: list[float]  # for each epoch, validation included


class Trainer:
    """Fits one classifier over frozen vectors again and again."""

    def __init__(
        self,
        model: Model,
        classifier: keras.Model,
        vectors: np.ndarray,
        recipe: Recipe,
        engine: EngineName,
    ) -> None:
        """`classifier` is that of `model`, from `classifiers.build`.

        `vectors` float32 [words, dimensions].
        """
        self.model, self.classifier, self.vectors = model, classifier, padded(vectors)
        self.recipe, self.engine = recipe, engine

    def fit(
        self, seed: int, training: Reviews, validation: Reviews, report: Callable[..., None]
    ) -> Fit:
        """Train from fresh weights, as Keras' own `fit` with RMSprop and shuffling would.

        The seed decides initial weights, batch order and dropout, and nothing else; equal
        seeds give equal bytes for an equal number of threads. `acc` and `loss` are Keras'
        running means while training, with dropout; `val_acc` and `val_loss` come after the
        epoch. `report` is called as `report("step", seed=, epoch=, step=, steps=, acc=)` about
        once a second, and as `report("epoch", ...)` with the epoch's history and `seconds`.
        The trained weights are then those of `classifier`.
        """
        network = self.begin(seed)
        random = np.random.Generator(np.random.SFC64(seed))
        batches = self.batches(training)
        fit = Fit([], [])
        for epoch in range(1, self.recipe.epochs + 1):
            started = time.perf_counter()
            say = partial(report, seed=seed, epoch=epoch)
            values = {"epoch": epoch, **self._epoch(network, batches, random, say)}
            values |= validate(network, validation)
            fit.history.append(values)
            fit.seconds.append(time.perf_counter() - started)
            report("epoch", seed=seed, epochs=self.recipe.epochs, seconds=fit.seconds[-1], **values)
        self.classifier.set_weights(network.weights)
        return fit

    def batches(self, reviews: Reviews) -> Batches:
        """Batches of `reviews`, with dropout for this classifier's states."""
        # The last state alone has no steps.
        *steps, width = self.classifier.get_layer("dropout").output.shape[1:]
        dropped = steps[0] if steps else 1, width
        return Batches(reviews.ids, reviews.labels, len(self.vectors), dropped)

    def begin(self, seed: int) -> Engine:
        """The network at fresh weights, drawn from `seed` by the layers' initializers."""
        keras.utils.set_random_seed(seed)
        fresh = keras.models.clone_model(self.classifier)
        rate, dropout = self.recipe.learning_rate, fresh.get_layer("dropout").rate
        if self.engine == "keras":
            return KerasEngine(fresh, self.vectors, learning_rate=rate)
        network = NumbaEngine(self.model, self.vectors, dropout=dropout, learning_rate=rate)
        network.begin(fresh.get_weights())
        return network

    def _epoch(
        self,
        network: Engine,
        batches: Batches,
        random: np.random.Generator,
        say: Callable[..., None],
    ) -> dict[str, float]:
        size = self.recipe.batch_size
        steps = -(-len(batches.ids) // size)
        loss = right = reviews = 0.0
        said = time.perf_counter()
        for step, batch in enumerate(batches.epoch(size, random), start=1):
            batch_loss, batch_right = network.step(batch)
            reviews += float(batch.size)
            loss += batch_loss
            right += batch_right
            if time.perf_counter() - said >= INTERVAL:
                said = time.perf_counter()
                say("step", step=step, steps=steps, acc=right / reviews)
        return {"acc": right / reviews, "loss": loss / reviews}


def validate(network: Engine, reviews: Reviews) -> dict[str, float]:
    """`val_acc` and `val_loss` (nats) on `reviews`, without dropout."""
    chances = probabilities(network, reviews.ids).astype(np.float64)
    right = heads.called(chances) == reviews.labels
    of_label = heads.of_label(chances, reviews.labels)
    loss = -np.log(np.clip(of_label, keras.config.epsilon(), 1)).mean()
    return {"val_acc": float(right.mean()), "val_loss": float(loss)}
