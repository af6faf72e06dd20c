"""From the logits of the read-out to probabilities, losses and their gradients.

One sigmoid unit tells two classes apart, and softmax units, one for each class, tell more. Arrays
are float32; logits come as [units, batch], one row for each unit.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import expit, logsumexp, softmax


class Outcome(NamedTuple):
    """What the logits of a batch mean, held against its labels."""

    losses: np.ndarray  # [batch], cross-entropy in nats
    right: np.ndarray  # bool [batch]
    gradients: np.ndarray  # [units, batch], of each review's own loss


def chances(logits: np.ndarray) -> np.ndarray:
    """Probability of the second class, [batch], for one unit; of every class, [batch, classes]."""
    if len(logits) == 1:
        return expit(logits[0])
    return np.ascontiguousarray(softmax(logits, axis=0).T)


def outcome(logits: np.ndarray, labels: np.ndarray) -> Outcome:
    """Losses, right answers and gradients for `labels` [batch], the numbers of the classes."""
    if len(logits) == 1:
        return _of_sigmoid(logits[0], labels)
    return _of_softmax(logits, labels)


def called(probabilities: np.ndarray) -> np.ndarray:
    """The class that `chances` call most probable, int64 [batch].

    Of two classes the second is called above one half alone, as Keras' binary accuracy has it.
    """
    if probabilities.ndim == 1:
        return (probabilities > 0.5).astype(np.int64)
    return probabilities.argmax(1)


def of_label(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Probability that `chances` give to the label of each review, [batch]."""
    if probabilities.ndim == 1:
        return np.where(labels > 0, probabilities, 1 - probabilities)
    return probabilities[np.arange(len(labels)), labels]


def _of_sigmoid(logits: np.ndarray, labels: np.ndarray) -> Outcome:
    found = expit(logits)
    losses = np.logaddexp(0, logits) - labels * logits
    return Outcome(losses, (found > 0.5) == (labels > 0.5), (found - labels)[None])


def _of_softmax(logits: np.ndarray, labels: np.ndarray) -> Outcome:
    rows, columns = labels.astype(np.int64), np.arange(logits.shape[1])
    losses = logsumexp(logits, axis=0) - logits[rows, columns]
    gradients = softmax(logits, axis=0)
    gradients[rows, columns] -= 1
    return Outcome(losses, logits.argmax(0) == rows, gradients)
