"""The same classifier in stock Keras, as `network.Network` has it, for accelerators."""

from collections.abc import Iterator

import keras
import numpy as np
import tensorflow as tf

from sentiment import architectures
from sentiment.batches import Batch


class StockNetwork:
    """Keras' own layers and optimizer; TensorFlow places them."""

    def __init__(self, classifier: keras.Model, vectors: np.ndarray, learning_rate: float) -> None:
        """`classifier` from `architectures.build`; `vectors` float32, row 0 that of padding."""
        self.classifier, self.vectors = classifier, vectors
        self.learning_rate = learning_rate
        self.take()

    def take(self) -> None:
        """Begin RMSprop anew; the weights are the classifier's own."""
        self.optimizer = keras.optimizers.RMSprop(self.learning_rate)
        self.optimizer.build(self.classifier.trainable_variables)
        self._update = tf.function(self._updated, autograph=False)

    def give(self) -> None:
        """Nothing: the weights never left the classifier."""

    def step(self, batch: Batch) -> tuple[float, float]:
        """Move the weights; summed loss (nats) and count of right answers before they moved."""
        reviews = slice(int(batch.size))
        embedded = self.vectors[batch.words][batch.positions.T[reviews]]
        bits = batch.bits.transpose(1, 0, 2)[reviews]
        loss, right = self._update(embedded, bits, batch.labels[reviews])
        return float(loss), float(right)

    def probabilities(self, ids: np.ndarray, batch_size: int) -> Iterator[np.ndarray]:
        """Of a positive review, float32 [batch_size], for ids int32 [reviews, length]."""
        for start in range(0, len(ids), batch_size):
            embedded = self.vectors[ids[start : start + batch_size]]
            yield self.classifier.predict_on_batch(embedded)[:, 0]

    def _updated(
        self, embedded: tf.Tensor, bits: tf.Tensor, labels: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        classifier = self.classifier
        layer, dropout = classifier.get_layer("recurrent"), classifier.get_layer("dropout")
        keep = tf.cast(bits, tf.int32) >= round(dropout.rate * 2**16)
        kind = architectures.read_out(classifier)
        mask = {} if kind == "flatten" else {"mask": tf.reduce_any(embedded != 0, 2)}
        with tf.GradientTape() as tape:
            states = layer(embedded, **({} if isinstance(layer, keras.layers.Dense) else mask))
            keep = keep[:, 0] if kind == "last" else keep
            states = tf.where(keep, states / (1 - dropout.rate), 0.0)
            if kind != "last":
                states = classifier.layers[-2](states, **mask)
            chances = classifier.layers[-1](states)[:, 0]
            losses = keras.losses.binary_crossentropy(labels[:, None], chances[:, None])
            loss = tf.reduce_sum(losses)
            mean = tf.reduce_mean(losses)
        weights = self.classifier.trainable_variables
        self.optimizer.apply(tape.gradient(mean, [weight.value for weight in weights]), weights)
        return loss, tf.reduce_sum(tf.cast((chances > 0.5) == (labels > 0.5), tf.float32))
