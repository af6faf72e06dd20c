"""One seeded fit of a classifier, and the probabilities it then gives."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, Protocol

import keras
import numpy as np
import tensorflow as tf

from sentiment import architectures
from sentiment.batches import Batches
from sentiment.encoding import Reviews
from sentiment.runtime import compiled

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
    """Fits one classifier over frozen vectors again and again, compiled once for all seeds."""

    def __init__(self, classifier: keras.Model, vectors: np.ndarray, recipe: Recipe) -> None:
        """`classifier` from `architectures.build`; `vectors` float32 [vocabulary, dimensions]."""
        self.classifier, self.recipe = classifier, recipe
        self.vectors = tf.constant(vectors)
        self.optimizer = keras.optimizers.RMSprop(recipe.learning_rate)
        self.optimizer.build(classifier.trainable_variables)
        self._start = [variable.numpy() for variable in self.optimizer.variables]
        # Summed loss and count of right answers of a `Batch`, before the weights move.
        self.step = tf.function(self._update, jit_compile=compiled(), autograph=False)
        self._probabilities = Probabilities(classifier)

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
        return fit

    def batches(self, reviews: Reviews) -> Batches:
        """Batches of `reviews`, with dropout for this classifier's states."""
        width = self.classifier.layers[0].output.shape[-1]
        return Batches(reviews.ids, reviews.labels, len(self.vectors) + 1, width)

    def reset(self, seed: int) -> None:
        """Fresh weights drawn from `seed` by the layers' initializers, optimizer at its start."""
        keras.utils.set_random_seed(seed)
        self.classifier.set_weights(keras.models.clone_model(self.classifier).get_weights())
        for variable, value in zip(self.optimizer.variables, self._start, strict=True):
            variable.assign(value)

    def validate(self, reviews: Reviews) -> dict[str, float]:
        """`val_acc` and `val_loss` (nats) on `reviews`, without dropout."""
        chances = self._probabilities(self.vectors, reviews.ids).astype(np.float64)
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
            batch_loss, batch_right = self.step(*batch)
            reviews += float(batch.size)
            loss += float(batch_loss)
            right += float(batch_right)
            if time.perf_counter() - said >= INTERVAL:
                said = time.perf_counter()
                say("step", step=step, steps=steps, acc=right / reviews)
        return {"acc": right / reviews, "loss": loss / reviews}

    def _update(
        self,
        words: tf.Tensor,
        positions: tf.Tensor,
        bits: tf.Tensor,
        labels: tf.Tensor,
        size: tf.Tensor,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        rate = self.classifier.layers[1].rate
        keep = tf.cast(bits, tf.int32) >= round(rate * 2**16)
        rows = tf.gather(self.vectors, tf.maximum(words - 1, 0))
        rows = tf.where(words[:, None] > 0, rows, 0.0)
        counts = tf.cast(tf.range(labels.shape[0]) < size, tf.float32)
        with tf.GradientTape() as tape:
            projected = architectures.project(self.classifier, rows)
            logits = architectures.logits(self.classifier, projected, positions, keep)
            losses = tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits)
            loss = tf.reduce_sum(losses * counts)
            mean = loss / tf.cast(size, tf.float32)
        weights = self.classifier.trainable_variables
        gradients = tape.gradient(mean, [weight.value for weight in weights])
        self.optimizer.apply(gradients, weights)
        right = tf.cast((tf.sigmoid(logits) > 0.5) == (labels > 0.5), tf.float32)
        return loss, tf.reduce_sum(right * counts)


class Probabilities:
    """What a classifier gives for reviews, at the weights it has when called."""

    def __init__(self, classifier: keras.Model) -> None:
        """`classifier` from `architectures.build`; compiled at the first call."""
        self.classifier = classifier
        self._project = tf.function(self._projected, jit_compile=compiled(), autograph=False)
        self._read = tf.function(self._sigmoid, jit_compile=compiled(), autograph=False)

    def __call__(self, vectors: tf.Tensor, ids: np.ndarray) -> np.ndarray:
        """Probability of a positive review, float32 [reviews].

        `vectors` float32 [vocabulary, dimensions]; `ids` int32 [reviews, length], 0 for padding.
        Each word of the vocabulary is projected once. The probability of a review does not
        depend on the reviews around it.
        """
        projected = self._project(vectors)
        filled = np.pad(ids, ((0, -len(ids) % READ), (0, 0)))
        found = [
            self._read(projected, filled[start : start + READ]).numpy()
            for start in range(0, len(filled), READ)
        ]
        return np.concatenate([np.zeros(0, np.float32), *found])[: len(ids)]

    def _projected(self, vectors: tf.Tensor) -> tf.Tensor:
        return architectures.project(self.classifier, tf.pad(vectors, [[1, 0], [0, 0]]))

    def _sigmoid(self, projected: tf.Tensor, ids: tf.Tensor) -> tf.Tensor:
        return tf.sigmoid(architectures.logits(self.classifier, projected, tf.transpose(ids)))


def probabilities(classifier: keras.Model, vectors: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """Probability of a positive review: see `Probabilities`, which serves several calls."""
    return Probabilities(classifier)(tf.constant(vectors), ids)
