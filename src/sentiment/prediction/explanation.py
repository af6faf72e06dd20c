"""How much each word of a text moved a network's answer: integrated gradients.

Sundararajan, Taly and Yan (2017). The score is the log odds of the second of two classes, or the
logit of the class that is called of more, since those add up where probabilities saturate. The
baseline is the zero vector in every place, which is what padding has: the empty review. Gradients
are TensorFlow's, through the stock Keras layers.
"""

from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from sentiment.errors import UserError
from sentiment.prediction.predictor import Predictor

# How far the contributions' sum may be from the change in score.
TOLERANCE = 1e-3
# Points between baseline and text: this many, then twice as many, until the sum is right.
FEWEST, MOST = 16, 1024


class Explanation(NamedTuple):
    """Contributions add up to `score` less `baseline`, all in log odds or logits (nats)."""

    baseline: float  # of the empty review
    score: float
    contributions: list[float]  # of each token used, in their order


class Explainer:
    """Explains what one predictor says."""

    def __init__(self, predictor: Predictor) -> None:
        """The gradients are compiled once, at the first text."""
        self.predictor = predictor
        shape = tf.TensorSpec([None, *predictor.classifier.input_shape[1:]], tf.float32)
        unit = tf.TensorSpec([], tf.int32)
        # What the read-out sees.
        self._seen = keras.Model(predictor.classifier.inputs, predictor.classifier.layers[-1].input)
        self._gradients = tf.function(self._traced, input_signature=[shape, unit], autograph=False)

    def explain(self, text: str) -> Explanation:
        """Raise UserError as `Predictor.encode` does, and when no number of points suffices."""
        (ids,) = self.predictor.encode([text])
        words = np.count_nonzero(ids)
        embedded = np.zeros(self.predictor.classifier.input_shape[1:], np.float32)
        embedded[:words] = self.predictor.vectors[ids[:words] - 1]
        both, _ = self._gradients(np.stack([0 * embedded, embedded]), tf.constant(0))
        called = int(both[1].numpy().argmax())
        baseline, score = both[:, called].numpy().tolist()
        points = FEWEST
        while points <= MOST:
            contributions = (embedded * self._mean_gradient(embedded, points, called)).sum(1)[
                :words
            ]
            if abs(contributions.sum() - (score - baseline)) <= TOLERANCE:
                return Explanation(baseline, score, contributions.tolist())
            points *= 2
        raise UserError(
            f"no explanation: the words' contributions miss the change in score by more than "
            f"{TOLERANCE} even with {MOST} points: try another model"
        )

    def _mean_gradient(self, embedded: np.ndarray, points: int, unit: int) -> np.ndarray:
        """Mean on the straight way from zero, float64 [length, dimensions], by Gauss-Legendre.

        Of the score of the read-out's `unit`.
        """
        places, weights = np.polynomial.legendre.leggauss(points)
        total = np.zeros(embedded.shape)
        for start in range(0, points, FEWEST):
            chosen = slice(start, start + FEWEST)
            shares = ((1 + places[chosen]) / 2).astype(np.float32)
            _, gradients = self._gradients(shares[:, None, None] * embedded, tf.constant(unit))
            total += np.tensordot(weights[chosen] / 2, gradients.numpy().astype(np.float64), 1)
        return total

    def _traced(self, embedded: tf.Tensor, unit: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Scores [batch, units] and gradients of one unit's, for [batch, length, dimensions]."""
        layer = self.predictor.classifier.layers[-1]
        with tf.GradientTape() as tape:
            tape.watch(embedded)
            scores = self._seen(embedded) @ layer.kernel + layer.bias
            asked = tf.gather(scores, unit, axis=1)
        return scores, tape.gradient(asked, embedded)
