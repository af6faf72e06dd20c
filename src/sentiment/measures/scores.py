"""Probabilities become metrics, and a cell's metrics become its record."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn.metrics import accuracy_score, brier_score_loss, f1_score, log_loss, roc_auc_score

from sentiment.measures import classes
from sentiment.storage.files import atomic_path
from sentiment.storage.tokens import Reviews

# Bins of equal width between 0 and 1 for the calibration of probabilities.
BINS = 10


def metrics(labels: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
    """Accuracy, loss (nats), ROC AUC, F1 of the positive class, Brier score and calibration.

    `ece` is the expected calibration error, `positive` the share of reviews called positive.

    `labels` are int [reviews], `probabilities` of the positive class, the second of two, float
    [reviews]; only above one half counts as positive, as Keras' binary accuracy has it. Of more
    classes they are float [reviews, classes]; then no class is the positive one, and `classes` has
    what is measured beside the calibration of the class called.
    """
    if probabilities.ndim == 2:
        error = calibration_error(labels, probabilities)
        return {**classes.metrics(labels, probabilities), "ece": error}
    chosen = probabilities > 0.5
    probabilities = probabilities.astype(np.float64)
    # Keras keeps probabilities this far from 0 and 1 before it takes a logarithm.
    safe = np.clip(probabilities, 1e-7, 1 - 1e-7)
    values = {
        "acc": accuracy_score(labels, chosen),
        "loss": log_loss(labels, safe),
        "auc": roc_auc_score(labels, probabilities),
        "f1": f1_score(labels, chosen),
        "brier": brier_score_loss(labels, probabilities),
        "ece": calibration_error(labels, probabilities),
        "positive": chosen.mean(),
    }
    return {name: float(value) for name, value in values.items()}


def reliability(labels: np.ndarray, probabilities: np.ndarray) -> pd.DataFrame:
    """One row for each bin of probabilities that is not empty, in their order.

    Columns: `bin`, from 0; `reviews`; the mean `probability` of the positive class; and `positive`,
    the share of reviews whose label is positive. DeGroot and Fienberg 1983, section 2. Of more than
    two classes, `probabilities` [reviews, classes], it is the probability of the class called, and
    the share of reviews for which that is right (Guo et al. 2017, section 2).
    """
    if probabilities.ndim == 2:
        labels = (probabilities.argmax(1) == labels).astype(np.int8)
        probabilities = probabilities.max(1)
    bins = np.minimum((probabilities * BINS).astype(int), BINS - 1)
    frame = pd.DataFrame({"bin": bins, "probability": probabilities, "positive": labels})
    grouped = frame.astype({"probability": np.float64}).groupby("bin")
    counts = grouped.size().rename("reviews")
    return grouped[["probability", "positive"]].mean().join(counts).reset_index()


def calibration_error(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Mean distance of a bin's probability from its share of positives, weighted by reviews.

    Naeini, Cooper and Hauskrecht 2015, section 2, for the bins of `reliability`.
    """
    bins = reliability(labels, probabilities)
    distances = (bins.probability - bins.positive).abs()
    return float(np.average(distances, weights=bins.reviews))


def best_threshold(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """The probability above which calling a review positive is right most often.

    Half way between two neighbouring probabilities, or one half; of equally good ones the nearest
    to one half.
    """
    order = np.argsort(probabilities, kind="stable")
    chances, sorted_labels = probabilities[order].astype(np.float64), labels[order].astype(int)
    ends = np.flatnonzero(np.diff(chances)) + 1
    # Right with a threshold before each review: negatives below it, and positives from it on.
    negatives = np.concatenate([[0], np.cumsum(1 - sorted_labels)])
    positives = sorted_labels.sum() - np.concatenate([[0], np.cumsum(sorted_labels)])
    right = (negatives + positives)[ends]
    middles = (chances[ends - 1] + chances[ends]) / 2
    at_half = int(((chances > 0.5) == sorted_labels).sum())
    if not len(ends) or at_half >= right.max():
        return 0.5
    best = middles[right == right.max()]
    return float(best[np.argmin(np.abs(best - 0.5))])


def run_record(
    seed: int,
    weights: str,
    history: Sequence[Mapping[str, float]],
    parts: Mapping[str, Reviews],
    scored: Mapping[str, np.ndarray],
) -> dict[str, Any]:
    """One run in its cell's record: last epoch while training, then validation, then test.

    `history` has the seed's epochs, as in the cell's history.csv; `parts` and `scored` hold the
    reviews and their probabilities for "validation" and "test". `threshold` is chosen on
    validation, and `test_tuned_acc` the accuracy on test above it in place of one half; more than
    two classes have none.
    """
    shown = {"acc": history[-1]["acc"], "loss": history[-1]["loss"]}
    for prefix, part in (("val", "validation"), ("test", "test")):
        values = metrics(parts[part].labels, scored[part])
        shown |= {f"{prefix}_{name}": value for name, value in values.items()}
    if scored["test"].ndim == 1:
        threshold = best_threshold(parts["validation"].labels, scored["validation"])
        tuned = accuracy_score(parts["test"].labels, scored["test"] > threshold)
        shown |= {"threshold": threshold, "test_tuned_acc": float(tuned)}
    return {
        "seed": seed,
        **shown,
        "weights": weights,
        "history": [dict(epoch) for epoch in history],
    }


def save_probabilities(
    path: Path, parts: Mapping[str, Reviews], scored: Mapping[int, Mapping[str, np.ndarray]]
) -> None:
    """Write parquet: id, part, label, and seed_<n> float32, the probability each seed gives.

    Of more than two classes seed_<n>_<class>, one column for each.
    """
    columns = {
        "id": np.concatenate([reviews.names for reviews in parts.values()]),
        "part": np.concatenate([[part] * len(reviews.names) for part, reviews in parts.items()]),
        "label": np.concatenate([reviews.labels for reviews in parts.values()]),
    }
    for seed, by_part in scored.items():
        given = np.concatenate([by_part[part] for part in parts])
        if given.ndim == 1:
            columns[f"seed_{seed}"] = given
        else:
            columns |= {f"seed_{seed}_{number}": column for number, column in enumerate(given.T)}
    with atomic_path(path) as temporary:
        pq.write_table(pa.table(columns), temporary, compression="zstd")


def probabilities_of(frame: pd.DataFrame, seed: int) -> np.ndarray:
    """What `save_probabilities` wrote of `seed`, float32 [reviews] or [reviews, classes]."""
    if f"seed_{seed}" in frame:
        return frame[f"seed_{seed}"].to_numpy()
    names = [name for name in frame if str(name).startswith(f"seed_{seed}_")]
    return frame[names].to_numpy()
