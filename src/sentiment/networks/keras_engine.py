"""A classifier computed by stock Keras' layers and optimizer, which TensorFlow compiles.

On a processor or an accelerator. Texts come as token ids, and a batch's vectors are looked up where
it is computed.
"""

import inspect
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from sentiment.networks.batches import Batch


class KerasEngine:
    """The arithmetic of one classifier from `classifiers.build`, which it changes."""

    def __init__(
        self, classifier: keras.Model, vectors: np.ndarray, *, learning_rate: float = 0.0
    ) -> None:
        """`vectors` float32 [words + 1, dimensions], row 0 that of padding."""
        self.classifier, self.vectors = classifier, tf.constant(vectors)
        names = [layer.name for layer in classifier.layers]
        dropout = names.index("dropout")
        self.is_masked = "masking" in names
        self.body = [layer for layer in classifier.layers[:dropout] if layer.name != "masking"]
        self.rate = classifier.layers[dropout].rate
        self.head = classifier.layers[dropout + 1 :]
        self.optimizer = keras.optimizers.RMSprop(learning_rate)
        self.optimizer.build(classifier.trainable_variables)
        self._update = tf.function(self._updated, autograph=False)
        self._read = tf.function(self._chances, autograph=False)

    @property
    def weights(self) -> list[np.ndarray]:
        """The classifier's weights, in Keras' order."""
        return self.classifier.get_weights()

    def step(self, batch: Batch) -> tuple[float, float]:
        """Move the weights; summed loss (nats) and count of right answers before they moved."""
        reviews = slice(int(batch.size))
        ids = batch.words[batch.positions.T[reviews]]
        bits = batch.bits.transpose(1, 0, 2)[reviews]
        loss, right = self._update(ids, bits, batch.labels[reviews])
        return float(loss), float(right)

    def probabilities(self, ids: np.ndarray, batch_size: int) -> Iterator[np.ndarray]:
        """Probabilities of each batch of ids, int32 [reviews, length], as `heads.chances` has them.

        The number of reviews must be a multiple of `batch_size`.
        """
        for start in range(0, len(ids), batch_size):
            yield self._read(tf.constant(ids[start : start + batch_size])).numpy()

    def _updated(
        self, ids: tf.Tensor, bits: tf.Tensor, labels: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            chances = self._chances(ids, bits)
            losses, right = _outcome(chances, labels)
            mean = tf.reduce_mean(losses)
        variables = self.classifier.trainable_variables
        gradients = tape.gradient(mean, [variable.value for variable in variables])
        self.optimizer.apply(gradients, variables)
        return tf.reduce_sum(losses), tf.reduce_sum(tf.cast(right, tf.float32))

    def _chances(self, ids: tf.Tensor, bits: tf.Tensor | None = None) -> tf.Tensor:
        """[batch] for one unit, otherwise [batch, classes]; with dropout by `bits` if training."""
        known = ids > 0
        is_empty = ~tf.reduce_any(known, 1, keepdims=True)
        # cuDNN takes no sequence that is masked throughout: of an empty review the first place
        # counts as a word, and what comes of it is put aside below.
        first = tf.range(tf.shape(ids)[1]) == 0
        mask = known | (is_empty & first) if self.is_masked else None
        states, training = tf.gather(self.vectors, ids), bits is not None
        for layer in self.body:
            states = layer(states, **_accepted(layer, states, mask, training))
        if bits is not None:
            keep = tf.cast(bits, tf.int32) >= round(self.rate * 2**16)
            keep = keep[:, 0] if states.shape.rank == 2 else keep
            states = tf.where(keep, states / (1 - self.rate), 0.0)
        *pool, unit = self.head
        for layer in pool:
            states = layer(states, **_accepted(layer, states, mask, training))
        if self.is_masked:
            states = tf.where(is_empty, 0.0, states)
        chances = unit(states)
        return chances[:, 0] if unit.units == 1 else chances


def _outcome(chances: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Cross-entropy (nats) and whether the answer is right, [batch] both."""
    if chances.shape.rank == 1:
        losses = keras.losses.binary_crossentropy(labels[:, None], chances[:, None])
        return losses, (chances > 0.5) == (labels > 0.5)
    losses = keras.losses.sparse_categorical_crossentropy(labels, chances)
    return losses, tf.argmax(chances, 1) == tf.cast(labels, tf.int64)


def _accepted(
    layer: keras.Layer, states: tf.Tensor, mask: tf.Tensor | None, training: bool
) -> dict[str, Any]:
    """The arguments that the layer knows, of the mask of its steps and of training."""
    known = inspect.signature(layer.call).parameters
    given = {"mask": mask if states.shape.rank == 3 else None, "training": training}
    return {name: value for name, value in given.items() if name in known and value is not None}
