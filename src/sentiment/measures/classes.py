"""What is scored where there are more than two classes, and none of them is the positive one."""

from collections.abc import Iterator

import numpy as np
from sklearn.metrics import accuracy_score, f1_score, log_loss, roc_auc_score

# Keras keeps probabilities this far from 0 and 1 before it takes a logarithm.
EPSILON = 1e-7


def metrics(labels: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
    """Accuracy, loss (nats), AUC, F1 and Brier score of `probabilities` [reviews, classes].

    `labels` int [reviews], the numbers of the classes; the most probable class is called. AUC and
    F1 are means over classes, each against the rest, and the Brier score adds up the squared
    distances of all classes (Brier 1950), so that it lies between 0 and 2.
    """
    called, numbers = probabilities.argmax(1), np.arange(probabilities.shape[1])
    probabilities = probabilities.astype(np.float64)
    truth = labels[:, None] == numbers
    safe = np.clip(probabilities, EPSILON, 1)
    return {
        "acc": float(accuracy_score(labels, called)),
        "loss": float(log_loss(labels, safe / safe.sum(1, keepdims=True), labels=numbers)),
        "auc": one_against_rest(labels, probabilities),
        "f1": float(f1_score(labels, called, labels=numbers, average="macro", zero_division=0)),
        "brier": float(((probabilities - truth) ** 2).sum(1).mean()),
    }


def one_against_rest(labels: np.ndarray, scores: np.ndarray) -> float:
    """Mean over classes of the AUC of each against the rest, by its column of `scores`.

    Unweighted (Provost and Domingos 2000 weigh it by frequency), as scikit-learn's macro average
    has it. A class without a review, or with all of them, has no AUC and no part in the mean.
    """
    found = [float(roc_auc_score(is_own, column)) for is_own, column in _told_apart(labels, scores)]
    return float(np.mean(found))


def _told_apart(labels: np.ndarray, scores: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for number, column in enumerate(scores.T):
        is_own = labels == number
        if 0 < is_own.sum() < len(labels):
            yield is_own, column
