"""A word so far from the end that decides the label, and a read-out of the last state alone.

Whether memory over that distance can be learnt, which is another question than how small the
gradient is (Hochreiter and Schmidhuber 1997, section 5; Jozefowicz, Zaremba and Sutskever 2015 on
the forget gate's bias). Around the word stand others drawn from reviews, all of one length.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Protocol

import keras
import numpy as np

from sentiment.errors import UserError
from sentiment.networks import classifiers, finding
from sentiment.networks.descriptions import Description
from sentiment.networks.finding import Model
from sentiment.networks.training import Recipe, Trainer
from sentiment.storage.tokens import Reviews

# Sequences to test on, as a share of those to train on.
TESTED = 0.25


class Task(Protocol):
    """`memory.planted` of params.yaml."""

    words: tuple[str, str]
    distances: tuple[int, ...]
    sequences: int
    seeds: tuple[int, ...]


def find(words: tuple[str, str], vocabulary: Sequence[str]) -> tuple[int, int]:
    """Their ids; UserError for one without a vector."""
    for word in words:
        if word not in vocabulary:
            raise UserError(f"memory.planted.words: '{word}' has no vector: give another word")
    positive, negative = (vocabulary.index(word) + 1 for word in words)
    return positive, negative


def sequences(
    noise: np.ndarray,
    words: tuple[int, int],
    distance: int,
    length: int,
    count: int,
    random: np.random.Generator,
) -> Reviews:
    """`count` sequences of ids drawn from `noise`, with one of `words` before the last `distance`.

    `words` are the ids of the positive and the negative one, which `noise` must not hold.
    """
    ids = random.choice(noise, (count, length)).astype(np.int32)
    labels = random.integers(0, 2, count).astype(np.int8)
    positive, negative = words
    ids[:, length - 1 - distance] = np.where(labels, positive, negative)
    return Reviews(np.arange(count).astype(str), ids, labels)


def untrained(
    model: Model, length: int, dimensions: int
) -> Iterator[tuple[int | None, keras.Model]]:
    """The classifier of `model`; that of an LSTM with a forget gate's bias of 1, then of 0.

    Without dropout: whether it can be learnt is asked, not what generalises.
    """
    scan = finding.scan(model.architecture)
    for bias in biases(model):
        found = classifiers.build(model, length=length, dimensions=dimensions, dropout=0.0)
        layer = found.get_layer("recurrent")
        both = scan and scan.directions == 2
        for one in (layer.forward_layer, layer.backward_layer) if both else (layer,):
            if bias == 0:
                one.cell.unit_forget_bias = False
        yield bias, found


def biases(model: Model) -> tuple[int | None, ...]:
    """Of the forget gate, with which `model` is tried; None for one without."""
    scan = finding.scan(model.architecture)
    return (1, 0) if scan and scan.name == "lstm" else (None,)


def fits(
    described: Description,
    vectors: np.ndarray,
    ids: np.ndarray,
    vocabulary: Sequence[str],
    task: Task,
    recipe: Recipe,
) -> Iterator[dict[str, Any]]:
    """Train for every bias, distance and seed of `task`; yield what `learn` gives, with the bias.

    The read-out sees the last state alone: what it has forgotten, no other state can say. `vectors`
    float32 [words, dimensions] of `vocabulary`; around the word stand those of `ids`, int32.
    UserError for a word without a vector.
    """
    model = replace(described, read_out="last", outputs=1)
    words, length = find(task.words, vocabulary), max(task.distances) + 1
    noise = ids[(ids > 0) & ~np.isin(ids, words)]
    for bias, classifier in untrained(model, length, vectors.shape[1]):
        trainer = Trainer(model, classifier, vectors, recipe, model.engine)
        for distance in task.distances:
            for seed in task.seeds:
                found = learn(trainer, noise, words, distance, task.sequences, seed)
                yield {"forget_bias": bias, **found}


def count(model: Model, task: Task) -> int:
    """How many there are of `fits`."""
    return len(biases(model)) * len(task.distances) * len(task.seeds)


def learn(
    trainer: Trainer,
    noise: np.ndarray,
    words: tuple[int, int],
    distance: int,
    size: int,
    seed: int,
) -> dict[str, Any]:
    """Distance, seed, and `acc`, a list: accuracy on new sequences after each epoch.

    The seed decides the sequences, initial weights and their order.
    """
    length = trainer.classifier.input_shape[1]
    random = np.random.default_rng([seed, distance])
    sizes = (size, round(size * TESTED))
    parts = [sequences(noise, words, distance, length, some, random) for some in sizes]
    fit = trainer.fit(seed, parts[0], parts[1], lambda *_, **__: None)
    return {
        "distance": distance,
        "seed": seed,
        "acc": [epoch["val_acc"] for epoch in fit.history],
    }
