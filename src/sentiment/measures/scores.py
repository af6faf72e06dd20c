"""Probabilities become metrics, and a cell's metrics become its record."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn.metrics import accuracy_score, brier_score_loss, f1_score, log_loss, roc_auc_score

from sentiment.files import atomic_path
from sentiment.tokens import Reviews


def metrics(labels: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
    """Accuracy, loss (nats), ROC AUC, F1 of the positive class and Brier score.

    `labels` are int [reviews], `probabilities` of the positive class float [reviews]; only above
    one half counts as positive, as Keras' binary accuracy has it.
    """
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
    }
    return {name: float(value) for name, value in values.items()}


def run_record(
    seed: int,
    weights: str,
    history: Sequence[Mapping[str, float]],
    parts: Mapping[str, Reviews],
    scored: Mapping[str, np.ndarray],
) -> dict[str, Any]:
    """One run in its cell's record: last epoch while training, then validation, then test.

    `history` has the seed's epochs, as in the cell's history.csv; `parts` and `scored` hold the
    reviews and their probabilities for "validation" and "test".
    """
    validation, test = (metrics(parts[p].labels, scored[p]) for p in ("validation", "test"))
    return {
        "seed": seed,
        "acc": history[-1]["acc"],
        "loss": history[-1]["loss"],
        "val_acc": validation["acc"],
        "val_loss": validation["loss"],
        **{f"test_{name}": value for name, value in test.items()},
        "weights": weights,
        "history": [dict(epoch) for epoch in history],
    }


def save_probabilities(
    path: Path, parts: Mapping[str, Reviews], scored: Mapping[int, Mapping[str, np.ndarray]]
) -> None:
    """Write parquet: id, part, label, and seed_<n> float32, the probability each seed gives."""
    columns = {
        "id": np.concatenate([reviews.names for reviews in parts.values()]),
        "part": np.concatenate([[part] * len(reviews.names) for part, reviews in parts.items()]),
        "label": np.concatenate([reviews.labels for reviews in parts.values()]),
    }
    for seed, by_part in scored.items():
        columns[f"seed_{seed}"] = np.concatenate([by_part[part] for part in parts])
    with atomic_path(path) as temporary:
        pq.write_table(pa.table(columns), temporary, compression="zstd")
