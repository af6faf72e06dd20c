"""Models trained on inputs that are not the study's, each seed kept, and scored as in the study."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

import keras
import numpy as np

from sentiment.measures import scores
from sentiment.networks import classifiers, engines
from sentiment.networks.descriptions import Trained
from sentiment.networks.training import Trainer
from sentiment.settings.sections import Train
from sentiment.storage.tokens import Tokens

HELD_OUT = ("validation", "test")


class Kept(Protocol):
    """Trainings of one model on one set of inputs, by seed."""

    trained: Trained

    def __contains__(self, seed: int) -> bool:
        """Whether `seed` is trained."""

    def save(self, seed: int, classifier: keras.Model, record: Mapping[str, Any]) -> object:
        """Keep the weights of `classifier`."""

    def weights(self, seed: int) -> Path:
        """The file with the weights of a trained seed."""

    def history(self, seed: int) -> list[dict[str, float]]:
        """For each epoch of a trained seed: epoch, acc, loss, val_acc, val_loss."""

    def facts(self, seed: int) -> dict[str, Any]:
        """What is known of a trained seed beside that."""


def digest(tokens: Tokens, vectors: np.ndarray) -> str:
    """Hex sha256 of the tokens and vectors that decide a training."""
    total = hashlib.sha256()
    for values in (tokens.parts, tokens.ids, tokens.offsets, vectors):
        total.update(values.tobytes())
    return total.hexdigest()


def train(
    tokens: Tokens, vectors: np.ndarray, recipe: Train, seeds: Iterable[int], kept: Kept
) -> list[dict[str, Any]]:
    """The record of each seed, as in a cell's; what `kept` has is not trained again.

    `vectors` float32 [words, dimensions], those of `tokens`.
    """
    trained, parts = kept.trained, {part: tokens.select(part) for part in ("train", *HELD_OUT)}
    length, padded = tokens.length, engines.padded(vectors)
    shape = {"length": length, "dimensions": vectors.shape[1]}
    classifier = classifiers.build(trained, **shape, dropout=recipe.dropout)
    trainer = Trainer(trained, classifier, vectors, recipe, trained.engine)
    found = []
    for seed in seeds:
        if seed not in kept:
            fit = trainer.fit(seed, parts["train"], parts["validation"], lambda *_, **__: None)
            kept.save(seed, classifier, {"history": fit.history, "epoch_seconds": fit.seconds})
        file, known = kept.weights(seed), kept.facts(seed)
        network = engines.load(file, trained, trained.engine, padded, length=length)
        scored = {part: engines.probabilities(network, parts[part].ids) for part in HELD_OUT}
        history = kept.history(seed)
        found.append(scores.run_record(seed, known["weights"], history, parts, scored))
    return found
